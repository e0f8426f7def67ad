//! Active Directory Federation Services: the sign-in page, the choice of a second step, and the second steps of its adapters.
//!
//! A second step is a form with `AuthMethod` and `Context`; which adapter it belongs to is `AuthMethod`'s value. Every field
//! is sent once: ADFS 2019 refuses repeated ones.
//!
//! Source: the pages of AD FS 2012 R2 to 2022 and of the adapters named below, as they are documented and published.

mod home_realm;
mod relying_party;
mod stage;

use std::time::Duration;

use url::Url;

use super::dialogue::{Dialogue, Factor};
use super::error::SamlError;
use super::form::{Field, Form, Kind, Request};
use super::form_engine::ask;
use super::page::Page;
use super::provider::{Opened, Provider, Taken, Taking};
use super::visit::host;
use crate::config::profile::{ProviderChoice, SamlSettings};
use crate::error::Result;
use home_realm::HomeRealm;
use relying_party::{AWS, RelyingParties};
use stage::{Stage, Way, stage, way};

/// A page that waits for a phone is posted again after this long.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// The number to choose in the authenticator.
const NUMBER: &str = "validEntropyNumber";
/// Names the application in an address.
const RELYING_PARTY: &str = "loginToRp";
/// How often the page that asks for the application may come: before the sign-in, and after it.
const MAX_LISTS: usize = 2;

/// Whether a URL is one of ADFS's, which has one path wherever it runs.
pub(super) fn is_its(url: &Url) -> bool {
    url.path_segments().and_then(|mut segments| segments.next()).is_some_and(|first| first.eq_ignore_ascii_case("adfs"))
}

/// The address that starts the AWS application at the ADFS of a URL, which may name no more than the host's `/adfs`.
///
/// Source: AWS security blog, "AWS Federated Authentication with Active Directory Federation Services".
pub fn application(url: &Url, govcloud: bool) -> Url {
    let path = url.path().to_ascii_lowercase();
    let names_nothing = url.query().is_none()
        && matches!(
            path.trim_end_matches('/'),
            "/adfs" | "/adfs/ls" | "/adfs/ls/idpinitiatedsignon.aspx" | "/adfs/ls/idpinitiatedsignon"
        );
    if !names_nothing {
        return url.clone();
    }
    let mut application = url.clone();
    application.set_path("/adfs/ls/IdpInitiatedSignOn.aspx");
    let part = if govcloud { ":govcloud" } else { "" };
    application.set_query(Some(&format!("{RELYING_PARTY}={AWS}{part}")));
    application
}

/// Source: WS-Federation 1.2, section 13.2.4, "Sign-Out Request".
pub(super) fn sign_out_address(url: &Url) -> Option<Url> {
    url.join("/adfs/ls/?wa=wsignout1.0").ok()
}

/// ADFS.
pub(super) struct Adfs {
    /// The profile says that it is.
    certain: bool,
    remember: bool,
    /// The number that is on the screen.
    shown: Option<String>,
    /// A step that is posted empty first was.
    begun: bool,
    /// An e-mail address was sent, to tell the organisation.
    sent_email: bool,
    /// How often the application was asked for.
    lists: usize,
}

impl Adfs {
    /// Of a profile.
    pub(super) fn new(settings: &SamlSettings) -> Self {
        let certain = settings.provider == ProviderChoice::Adfs;
        Self { certain, remember: settings.remember_device, shown: None, begun: false, sent_email: false, lists: 0 }
    }

    async fn step(&mut self, opened: &Opened, dialogue: &mut Dialogue<'_, '_>) -> Result<Taken> {
        let (page, place) = (&opened.page, host(&opened.url));
        match stage(page) {
            Some(Stage::Password(form)) => self.password(page, &form, dialogue),
            Some(Stage::RelyingParty(parties)) => self.relying_party(page, &parties, dialogue),
            Some(Stage::HomeRealm(realm)) => self.home_realm(page, &realm, dialogue),
            Some(Stage::Choose(form, methods)) => {
                dialogue.pass_on(&place, opened.page.complaint.as_deref());
                choose(&place, &form, &methods, dialogue)
            }
            Some(Stage::Second(method, form)) => self.second(page, &method, &form, dialogue).await,
            Some(Stage::Error) => {
                let says = page.text("errorMessage").map(ToOwned::to_owned).or_else(|| page.complaint.clone());
                Err(dialogue.stop(&place, SamlError::AccessDenied { host: place.clone(), says }))
            }
            None => Err(dialogue.unknown_page(page)),
        }
    }

    fn password(&self, page: &Page, form: &Form, dialogue: &mut Dialogue<'_, '_>) -> Result<Taken> {
        let kmsi = form.positions(|field| field.name == "Kmsi").first().copied();
        let also: Vec<(usize, &str)> =
            kmsi.filter(|_| self.remember).map(|position| (position, "true")).into_iter().collect();
        ask(dialogue, page, form, &also)
    }

    /// Which application: the only one that is AWS, else what a person chooses; AWS's address where there is no list.
    fn relying_party(
        &mut self,
        page: &Page,
        offered: &RelyingParties,
        dialogue: &mut Dialogue<'_, '_>,
    ) -> Result<Taken> {
        let place = host(&page.url);
        self.lists += 1;
        let names_one = page.url.query_pairs().any(|(name, _)| name.eq_ignore_ascii_case(RELYING_PARTY));
        if self.lists > MAX_LISTS || (offered.parties.is_empty() && names_one) {
            return Err(dialogue.unknown_page(page));
        }
        if offered.parties.is_empty() {
            let mut bare = page.url.clone();
            bare.set_query(None);
            return Ok(Taken::Next(Request::get(application(&bare, false))));
        }
        let chosen = match offered.aws() {
            Some(aws) => aws,
            None => dialogue.application(&place, &offered.parties)?,
        };
        Ok(Taken::Next(offered.chosen(&offered.parties[chosen])))
    }

    /// Which organisation: the profile's wish, the only one, what an e-mail address tells, or what a person chooses.
    fn home_realm(&mut self, page: &Page, realm: &HomeRealm, dialogue: &mut Dialogue<'_, '_>) -> Result<Taken> {
        let place = host(&page.url);
        let mut choices = realm.realms.clone();
        if realm.takes_email() && !self.sent_email {
            choices.push(Factor { name: String::new(), label: "Another one, by e-mail address".to_owned() });
        }
        if choices.is_empty() {
            let says = page.complaint.clone();
            return Err(dialogue.stop(&place, SamlError::UnknownName { host: place.clone(), says }));
        }
        dialogue.pass_on(&place, page.complaint.as_deref());
        let chosen = &choices[dialogue.organisation(&place, &choices)?];
        if !chosen.name.is_empty() {
            return Ok(Taken::Next(realm.selected(&chosen.name)));
        }
        self.sent_email = true;
        let address = dialogue.username(&place, "")?;
        Ok(Taken::Next(realm.by_email(&address)))
    }

    async fn second(
        &mut self,
        page: &Page,
        method: &str,
        form: &Form,
        dialogue: &mut Dialogue<'_, '_>,
    ) -> Result<Taken> {
        let place = host(&page.url);
        dialogue.person(&place)?;
        match way(method) {
            Way::Impossible(factor) => Err(SamlError::Unsupported { host: place, factor: factor.to_owned() }.into()),
            Way::Approval if form.typed().is_empty() => self.approval(page, form, dialogue).await,
            Way::Approval => code(page, form, "VerificationCode", dialogue),
            Way::EmptyFirst(_) if !self.begun => {
                self.begun = true;
                Ok(Taken::Next(form.submitted(&[])))
            }
            Way::EmptyFirst(field) | Way::Code(field) => code(page, form, field, dialogue),
        }
    }

    /// Posts the page again until it is another one.
    async fn approval(&mut self, page: &Page, form: &Form, dialogue: &mut Dialogue<'_, '_>) -> Result<Taken> {
        let place = host(&page.url);
        if let Some(says) = &page.complaint {
            return Err(SamlError::Refused { host: place, status: says.clone() }.into());
        }
        let number =
            page.text(NUMBER).filter(|it| (1..=6).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit()));
        if let Some(number) = number.filter(|number| self.shown.as_deref() != Some(*number)) {
            dialogue.show_number(number, "Microsoft Authenticator");
            self.shown = Some(number.to_owned());
        }
        // The first post is what sends the question to the phone, with some adapters.
        let what = if self.shown.is_some() { "" } else { "Approve the sign-in on your other device…" };
        dialogue.pause(LOOK_EVERY, &place, what).await?;
        Ok(Taken::Next(form.submitted(&[])))
    }
}

impl Provider for Adfs {
    fn recognises(&self, opened: &Opened) -> bool {
        let is_adfs = self.certain || opened.url.path().to_ascii_lowercase().contains("/adfs/");
        match stage(&opened.page) {
            // No other product has these fields.
            Some(Stage::Second(..) | Stage::HomeRealm(_)) => true,
            Some(_) => is_adfs,
            None => false,
        }
    }

    fn take<'t>(&'t mut self, opened: &'t Opened, dialogue: &'t mut Dialogue<'_, '_>) -> Taking<'t> {
        Box::pin(self.step(opened, dialogue))
    }
}

fn choose(place: &str, form: &Form, methods: &[Factor], dialogue: &mut Dialogue<'_, '_>) -> Result<Taken> {
    dialogue.person(place)?;
    let (possible, not): (Vec<Factor>, Vec<Factor>) =
        methods.iter().cloned().partition(|it| !matches!(way(&it.name), Way::Impossible(_)));
    if possible.is_empty() {
        let labels: Vec<String> = not.into_iter().map(|factor| factor.label).collect();
        return Err(SamlError::Unsupported { host: place.to_owned(), factor: labels.join(" or ") }.into());
    }
    let chosen = dialogue.choose(place, "Which second factor?", &possible)?;
    let field = form.positions(|field| field.name == "AuthMethod");
    let answers: Vec<(usize, &str)> =
        field.first().map(|at| (*at, possible[chosen].name.as_str())).into_iter().collect();
    Ok(Taken::Next(form.submitted(&answers)))
}

/// Asks for a code; SecurID's page takes it under either of two names.
fn code(page: &Page, form: &Form, field: &'static str, dialogue: &mut Dialogue<'_, '_>) -> Result<Taken> {
    let mut form = form.clone();
    let mut asked = form.typed();
    if asked.is_empty() {
        form.fields.push(Field { kind: Kind::Text, ..Field::hidden(field, "") });
        asked.push(form.fields.len() - 1);
    }
    // Asked for once: the others are other names for the same thing.
    let next = asked.iter().copied().find(|at| form.fields[*at].name == "NextCode");
    let position = next.unwrap_or(asked[0]);
    let label = Some(form.fields[position].label.clone()).filter(|label| !label.is_empty());
    let label = label.unwrap_or_else(|| if next.is_some() { "Next code" } else { "One-time code" }.to_owned());
    let place = host(&page.url);
    dialogue.next_code(&place, page.complaint.as_deref())?;
    dialogue.pass_on(&place, page.complaint.as_deref());
    let is_secret = form.fields[position].kind.is_secret();
    let typed = if is_secret {
        dialogue.check_own(&page.url)?;
        dialogue.check_own(&form.action)?;
        Some(dialogue.person(&place)?.ask_secret(&label)?.expose().trim().to_owned())
    } else {
        dialogue.code(&place, &label, false)?
    };
    let Some(code) = typed else { return Err(dialogue.unknown_page(page)) };
    let same = ["Passcode", "ChallengeQuestionAnswer"];
    let answers: Vec<(usize, &str)> = (0..form.fields.len())
        .filter(|at| {
            *at == position
                || (same.contains(&form.fields[position].name.as_str())
                    && same.contains(&form.fields[*at].name.as_str()))
        })
        .map(|at| (at, code.as_str()))
        .collect();
    dialogue.waited();
    let request = form.submitted(&answers);
    Ok(if is_secret { Taken::NextWithSecret(request) } else { Taken::Next(request) })
}

#[cfg(test)]
mod tests;
