//! What a provider asks of a person, in one voice whatever the product: name, password, code, which factor, patience.
//!
//! A password is sent once for each time it was typed, and never again by itself.

use std::cell::RefCell;
use std::collections::HashSet;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use url::Url;

use super::error::SamlError;
use super::page::Page;
use super::step::Progress;
use super::visit::{Visit, host};
use crate::error::{Error, Kind, Result};
use crate::secret::Secret;
use crate::signin::Interaction;

/// How often a code may be typed before it is enough.
pub(super) const MAX_CODES: usize = 3;
/// How long somebody may take to approve on another device: what Okta gives, the most patient.
const APPROVAL: Duration = Duration::from_secs(300);
/// Nobody is asked more often whether somebody approved.
const SHORTEST_WAIT: Duration = Duration::from_millis(500);

/// Who and what answers the provider's questions.
#[derive(Default)]
pub struct Answers<'a> {
    /// The person; `None` when nobody is to be asked.
    pub person: Option<&'a dyn Interaction>,
    /// The name to sign in with.
    pub username: Option<String>,
    /// A password that was handed in, used for the first question about one.
    pub password: Option<Secret>,
    /// Which factor to take from a menu: part of its name or value.
    pub mfa: Option<String>,
    /// Which organisation to pick where the provider asks: part of its name or identifier.
    pub home_realm: Option<String>,
    /// The secret of the provider's API client, where it has one.
    pub client_secret: Option<Secret>,
}

/// A way of proving more than the password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Factor {
    /// The provider's own word for it, such as `push`; may be empty.
    pub(super) name: String,
    /// What a person reads.
    pub(super) label: String,
}

impl Factor {
    /// Where a page calls it nothing, a person reads the provider's own word.
    pub(super) fn new(name: impl Into<String>, label: &str) -> Self {
        let name = name.into();
        let label = if label.is_empty() { name.clone() } else { label.to_owned() };
        Self { name, label }
    }
}

/// A sign-in's conversation, and the visit that it is about.
pub(super) struct Dialogue<'v, 'a> {
    /// The walk through the provider's pages.
    pub(super) visit: &'v mut Visit<'a>,
    /// Who and what answers.
    pub(super) answers: Answers<'v>,
    /// What has been sent so far.
    pub(super) progress: Progress,
    /// The request before this page held a code.
    pub(super) code_sent: bool,
    codes: usize,
    waited_since: Option<Instant>,
    pauses: u64,
    /// The factors that were chosen without the person.
    unasked: RefCell<HashSet<String>>,
}

impl<'v, 'a> Dialogue<'v, 'a> {
    /// Nothing asked yet.
    pub(super) fn new(visit: &'v mut Visit<'a>, answers: Answers<'v>) -> Self {
        Self {
            visit,
            answers,
            progress: Progress::default(),
            code_sent: false,
            codes: 0,
            waited_since: None,
            pauses: 0,
            unasked: RefCell::default(),
        }
    }

    /// The person. Without one, whatever a page wants means that the session has ended.
    pub(super) fn person(&self, place: &str) -> Result<&'v dyn Interaction> {
        self.answers.person.ok_or_else(|| SamlError::PersonNeeded { host: place.to_owned() }.into())
    }

    /// What stops a sign-in; without a person, that the session has ended.
    pub(super) fn stop(&self, place: &str, error: SamlError) -> crate::error::Error {
        match self.answers.person {
            Some(_) => error.into(),
            None => SamlError::PersonNeeded { host: place.to_owned() }.into(),
        }
    }

    /// A page that nobody knows what to do with.
    pub(super) fn unknown_page(&self, page: &Page) -> crate::error::Error {
        let host = host(&page.url);
        let unknown =
            SamlError::UnknownPage { host: host.clone(), title: page.title.clone(), says: page.complaint.clone() };
        self.stop(&host, unknown)
    }

    /// Tells the person something, where there is one.
    pub(super) fn say(&self, line: &str) {
        if let Some(person) = self.answers.person {
            person.say(line);
        }
    }

    /// Tells the person what the provider says, where it says something.
    pub(super) fn pass_on(&self, place: &str, says: Option<&str>) {
        if let Some(says) = says {
            self.say(&format!("{place} says: {says}"));
        }
    }

    /// The person may be asked for a password there.
    pub(super) fn check_own(&self, url: &Url) -> Result<()> {
        match self.visit.hosts.is_own(url) {
            true => Ok(()),
            false => {
                let own = self.visit.hosts.configured().to_owned();
                Err(SamlError::ForeignHost { host: host(url), own }.into())
            }
        }
    }

    /// The name to sign in with.
    pub(super) fn username(&mut self, place: &str, filled_in: &str) -> Result<String> {
        let name = match &self.answers.username {
            Some(name) => name.clone(),
            None => {
                let default = Some(filled_in).filter(|name| !name.is_empty());
                let asked = self.person(place)?.ask(&format!("User name for {place}"), default);
                asked.map_err(or_handed_in)?
            }
        };
        self.answers.username = Some(name.clone());
        Ok(name)
    }

    /// A password: the one that was handed in, once, else what is typed.
    pub(super) fn password(&mut self, place: &str) -> Result<Secret> {
        match self.answers.password.take() {
            Some(password) => Ok(password),
            None => self.person(place)?.ask_secret(&format!("Password for {place}")).map_err(or_handed_in),
        }
    }

    /// Counts another code that is about to be typed.
    pub(super) fn next_code(&mut self, place: &str, says: Option<&str>) -> Result<()> {
        self.codes += 1;
        if self.codes > MAX_CODES {
            return Err(SamlError::WrongCode { host: place.to_owned(), says: says.map(ToOwned::to_owned) }.into());
        }
        Ok(())
    }

    /// Tells of a code that was wrong; the end after too many.
    pub(super) fn wrong_code(&mut self, place: &str, says: &str) -> Result<()> {
        self.codes += 1;
        if self.codes >= MAX_CODES {
            return Err(SamlError::WrongCode { host: place.to_owned(), says: Some(says.to_owned()) }.into());
        }
        self.pass_on(place, Some(says));
        Ok(())
    }

    /// A code that is good once. `None`, where another one can be sent, is the wish for that.
    pub(super) fn code(&mut self, place: &str, question: &str, can_resend: bool) -> Result<Option<String>> {
        let typed = self.person(place)?.ask(&with_hint(question, can_resend), None)?;
        Ok(wish_or_code(&typed, can_resend))
    }

    /// As [`Self::code`], of one that is good more than once: it is not shown.
    pub(super) fn secret_code(&mut self, place: &str, question: &str, can_resend: bool) -> Result<Option<String>> {
        let typed = self.person(place)?.ask_secret(&with_hint(question, can_resend))?;
        Ok(wish_or_code(typed.expose(), can_resend))
    }

    /// The factor that the profile or a flag asks for.
    pub(super) fn wanted(&self, factors: &[Factor]) -> Option<usize> {
        wanted(self.answers.mfa.as_deref(), factors)
    }

    /// The wanted factor, else the only one, else what the person chooses; its position.
    pub(super) fn choose(&self, place: &str, question: &str, factors: &[Factor]) -> Result<usize> {
        let is_word =
            |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        self.chosen(place, question, ("mfa", self.answers.mfa.as_deref()), factors, |factor| {
            Some(factor.name.clone()).filter(|name| is_word(name))
        })
    }

    /// The organisation that the profile names, else the only one, else what the person chooses; its position.
    pub(super) fn organisation(&self, place: &str, realms: &[Factor]) -> Result<usize> {
        let is_plain = |text: &str| text.chars().all(|c| c.is_alphanumeric() || " .-_:/".contains(c));
        let wish = ("home_realm", self.answers.home_realm.as_deref());
        self.chosen(place, "Which organisation are you from?", wish, realms, |realm| {
            let known =
                |text: &&String| is_plain(text) && wanted(Some(text), realms).is_some_and(|at| realms[at] == *realm);
            [&realm.label, &realm.name].into_iter().find(known).cloned()
        })
    }

    /// The organisation that the profile names, where it is among these; its position.
    pub(super) fn wished_organisation(&self, realms: &[Factor]) -> Option<usize> {
        wanted(self.answers.home_realm.as_deref(), realms)
    }

    /// The application that the person chooses; its position. An address that names it is not asked.
    pub(super) fn application(&self, place: &str, applications: &[Factor]) -> Result<usize> {
        let person = self.person(place)?;
        let labels: Vec<String> = applications.iter().map(|application| application.label.clone()).collect();
        let chosen = person.choose("Which application is AWS?", &labels)?.min(labels.len().saturating_sub(1));
        person.say("Not to be asked again: the application's identifier in `url` of the profile, as `loginToRp`");
        Ok(chosen)
    }

    fn chosen(
        &self,
        place: &str,
        question: &str,
        (key, wish): (&str, Option<&str>),
        choices: &[Factor],
        to_keep: impl Fn(&Factor) -> Option<String>,
    ) -> Result<usize> {
        let unasked = wanted(wish, choices).or((choices.len() == 1).then_some(0));
        if let Some(unasked) = unasked {
            // Where a factor is asked for again, it did not lead on: a push that was turned down isn't sent once more.
            let answer = format!("{place}\n{question}\n{}", choices[unasked].name);
            if key != "mfa" || self.unasked.borrow_mut().insert(answer) {
                return Ok(unasked);
            }
        }
        let person = self.person(place)?;
        let labels: Vec<String> = choices.iter().map(|choice| choice.label.clone()).collect();
        let chosen = person.choose(question, &labels)?.min(choices.len().saturating_sub(1));
        if let Some(choice) = choices.get(chosen)
            && let Some(value) = to_keep(choice)
            && choices.iter().filter(|other| other.name == choice.name).count() == 1
        {
            person.say(&format!("Not to be asked again: `{key} = \"{value}\"` in the profile"));
        }
        Ok(chosen)
    }

    /// The provider lets the sign-in begin again: what was sent before doesn't count.
    pub(super) fn begin_again(&mut self) {
        self.progress = Progress::default();
        self.code_sent = false;
        self.unasked.borrow_mut().clear();
    }

    /// Shows a number that is to be chosen on the other device, so that nobody overlooks it.
    pub(super) fn show_number(&self, number: &str, place: &str) {
        let wide = number.chars().map(|digit| digit.to_string()).collect::<Vec<_>>().join("   ");
        let line = "-".repeat(wide.len() + 10);
        self.say(&format!("\n    +{line}+\n    |     {wide}     |\n    +{line}+\n"));
        self.say(&format!("Choose {number} in {place} on your other device…"));
    }

    /// Whether somebody is being waited for.
    pub(super) fn is_waiting(&self) -> bool {
        self.waited_since.is_some()
    }

    /// How often a while was waited so far.
    pub(super) fn pauses(&self) -> u64 {
        self.pauses
    }

    /// Nobody is being waited for any more.
    pub(super) fn waited(&mut self) {
        self.waited_since = None;
    }

    /// Waits a while for somebody to approve; says so once, and gives up when it takes too long.
    pub(super) async fn pause(&mut self, after: Duration, place: &str, what: &str) -> Result<()> {
        self.pause_within(APPROVAL, after, place, what).await
    }

    /// As [`Dialogue::pause`], with a patience of whole minutes.
    pub(super) async fn pause_within(
        &mut self,
        patience: Duration,
        after: Duration,
        place: &str,
        what: &str,
    ) -> Result<()> {
        let person = self.person(place)?;
        let since = *self.waited_since.get_or_insert_with(|| {
            if !what.is_empty() {
                person.say(what);
            }
            Instant::now()
        });
        if since.elapsed() > patience {
            return Err(SamlError::NotApproved { host: place.to_owned(), minutes: patience.as_secs() / 60 }.into());
        }
        self.pauses += 1;
        sleep(after.clamp(SHORTEST_WAIT, Duration::from_secs(30))).await;
        Ok(())
    }
}

fn with_hint(question: &str, can_resend: bool) -> String {
    let hint = if can_resend { " (Enter alone sends another)" } else { "" };
    format!("{question}{hint}")
}

/// What to do when nobody can type a name or a password.
fn or_handed_in(error: Error) -> Error {
    match error.kind {
        Kind::NotSignedIn => {
            error.with_hint("run `securecart login` in a terminal, or give `--username NAME` and `--password-fd N`")
        }
        _ => error,
    }
}

fn wish_or_code(typed: &str, can_resend: bool) -> Option<String> {
    let typed = typed.trim();
    (!typed.is_empty() || !can_resend).then(|| typed.to_owned())
}

/// Which factor a wish names: by the provider's own word, else by a part of what a person reads.
fn wanted(wish: Option<&str>, factors: &[Factor]) -> Option<usize> {
    let wish = wish?.trim().to_lowercase();
    if wish.is_empty() {
        return None;
    }
    let by = |is: &dyn Fn(&Factor) -> bool| factors.iter().position(is);
    by(&|factor| factor.name.to_lowercase() == wish)
        .or_else(|| by(&|factor| factor.label.to_lowercase().contains(&wish)))
        .or_else(|| by(&|factor| factor.name.to_lowercase().contains(&wish)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_the_providers_word_or_part_of_what_a_person_reads() {
        let factor = |name: &str, label: &str| Factor::new(name, label);
        let factors = [
            factor("token:software:totp", "Google Authenticator"),
            factor("push", "Okta Verify: push"),
            factor("sms", "Text to push-phone"),
        ];
        assert_eq!(wanted(Some("push"), &factors), Some(1));
        assert_eq!(wanted(Some("SMS"), &factors), Some(2));
        assert_eq!(wanted(Some("google"), &factors), Some(0));
        assert_eq!(wanted(Some("totp"), &factors), Some(0));
        assert_eq!(wanted(Some("yubikey"), &factors), None);
        assert_eq!(wanted(Some(" "), &factors), None);
        assert_eq!(wanted(None, &factors), None);
    }
}
