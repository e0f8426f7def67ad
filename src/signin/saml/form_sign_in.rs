//! Signing in on any provider's forms: page → what to do → request → page, until the provider posts its response.
//!
//! It keeps nothing. A password is sent once for each time it was typed, and never again by itself.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use url::Url;

use super::assertion::SamlResponse;
use super::error::SamlError;
use super::form::{Form, Request};
use super::okta::{Walk, state_token};
use super::page::Page;
use super::step::{Item, Obstacle, Progress, Question, Step, What, next};
use super::visit::{Fetched, Visit, host};
use crate::error::Result;
use crate::secret::Secret;
use crate::signin::Interaction;

/// More pages than any sign-in has.
const MAX_STEPS: usize = 20;
/// How often a code may be typed before it is enough.
const MAX_CODES: usize = 3;
/// How long somebody may take to approve on another device.
const APPROVAL: Duration = Duration::from_secs(180);
/// Providers want no less between two looks.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// Who and what answers the provider's questions.
pub struct Answers<'a> {
    /// The person; `None` when nobody is to be asked.
    pub person: Option<&'a dyn Interaction>,
    /// The name to sign in with.
    pub username: Option<String>,
    /// A password that was handed in, used for the first question about one.
    pub password: Option<Secret>,
    /// Which factor to take from a menu: part of its name or value.
    pub mfa: Option<String>,
    /// Only forms are looked at, whatever the page's script would do.
    pub forms_only: bool,
}

/// A sign-in under way.
pub struct FormSignIn<'v, 'a> {
    visit: &'v mut Visit<'a>,
    answers: Answers<'v>,
    progress: Progress,
    codes: usize,
    waited_since: Option<Instant>,
}

impl<'v, 'a> FormSignIn<'v, 'a> {
    /// Nothing asked yet.
    pub fn new(visit: &'v mut Visit<'a>, answers: Answers<'v>) -> Self {
        Self { visit, answers, progress: Progress::default(), codes: 0, waited_since: None }
    }

    /// Walks from the application's URL to the provider's response.
    ///
    /// # Errors
    /// [`SamlError`], in its general form; what the person says.
    pub async fn run(mut self, start: &Url) -> Result<SamlResponse> {
        let mut request = Request::get(start.clone());
        let mut secret = false;
        let mut steps = 0;
        while steps < MAX_STEPS {
            let fetched = self.visit.fetch(&request, secret).await?;
            let place = host(&fetched.url);
            if let Some(token) = self.script(&fetched) {
                (request, secret) = (self.okta(fetched.url, &token).await?, false);
                steps += 1;
                continue;
            }
            let page = self.read(fetched)?;
            let was_waiting = self.waited_since.is_some();
            (request, secret) = match next(&page, &self.progress).map_err(SamlError::from)? {
                Step::Done(response) => return Ok(*response),
                Step::Submit(request) => (request, false),
                Step::Ask { form, questions } => self.ask(&page, &form, &questions)?,
                Step::Choose { form, menu } => (self.choose(&form, &menu, &place)?, false),
                Step::Wait { after, then } => (self.wait(after, then, &place).await?, false),
                Step::Poll { status, then } => (self.poll(&status, then, &place).await?, false),
                Step::Rejected => {
                    return Err(
                        self.needs_person(&place, SamlError::Rejected { host: place.clone(), says: page.complaint })
                    );
                }
                Step::Stop(obstacle) => return Err(self.needs_person(&place, stopped(obstacle, &page))),
            };
            // Looking again whether somebody approved is no step further.
            steps += usize::from(!(was_waiting && self.waited_since.is_some()));
        }
        Err(SamlError::TooManySteps { host: self.visit.hosts.configured().to_owned() }.into())
    }

    /// The state token of a page of Okta's that is a program rather than a form.
    fn script(&self, fetched: &Fetched) -> Option<String> {
        let has_response = fetched.text.contains("SAMLResponse");
        if self.answers.forms_only || has_response { None } else { state_token(&fetched.text) }
    }

    async fn okta(&mut self, url: Url, token: &str) -> Result<Request> {
        let place = host(&url);
        let person = self.person(&place)?;
        let mut walk = Walk::new(self.visit, &mut self.answers, person, url);
        if !walk.is_identity_engine().await? {
            return Err(SamlError::OktaClassic { host: place }.into());
        }
        walk.run(token).await
    }

    fn read(&self, fetched: Fetched) -> Result<Page> {
        let place = host(&fetched.url);
        let page = Page::parse(&fetched.text, &fetched.url)
            .map_err(|problem| SamlError::Page { host: place.clone(), problem })?;
        // Providers answer 4xx with the form again; one without a form is an error page.
        if fetched.status >= 400 && page.forms.is_empty() {
            let says = page.complaint.or(Some(page.title).filter(|title| !title.is_empty()));
            return Err(SamlError::Status { host: place, status: fetched.status, says }.into());
        }
        Ok(page)
    }

    /// Without a person, whatever the page wants means that the session has ended.
    fn needs_person(&self, place: &str, error: SamlError) -> crate::error::Error {
        match self.answers.person {
            Some(_) => error.into(),
            None => SamlError::PersonNeeded { host: place.to_owned() }.into(),
        }
    }

    fn person(&self, place: &str) -> Result<&'v dyn Interaction> {
        self.answers.person.ok_or_else(|| SamlError::PersonNeeded { host: place.to_owned() }.into())
    }

    fn ask(&mut self, page: &Page, form: &Form, questions: &[Question]) -> Result<(Request, bool)> {
        let place = host(&page.url);
        let person = self.person(&place)?;
        let asks_password = questions.iter().any(|question| question.what == What::Password);
        for url in [&page.url, &form.action] {
            if asks_password && !self.visit.hosts.is_own(url) {
                let own = self.visit.hosts.configured().to_owned();
                return Err(SamlError::ForeignHost { host: host(url), own }.into());
            }
        }
        if !asks_password && questions.iter().any(|question| question.what == What::Code) {
            self.codes += 1;
            if self.codes > MAX_CODES {
                return Err(SamlError::WrongCode { host: place, says: page.complaint.clone() }.into());
            }
        }
        if let Some(complaint) = &page.complaint {
            person.say(&format!("{place} says: {complaint}"));
        }
        let mut answers: Vec<(usize, Secret)> = Vec::new();
        for question in questions {
            let field = &form.fields[question.position];
            let answer = match question.what {
                What::Username => self.username(person, &field.value, &place)?,
                What::Password => {
                    let name = (form.action.host_str().unwrap_or_default().to_owned(), field.name.clone());
                    self.progress.password_sent = Some(name);
                    match self.answers.password.take() {
                        Some(password) => password,
                        None => person.ask_secret(&format!("Password for {place}"))?,
                    }
                }
                What::Code => Secret::new(person.ask(&labelled(&question.label, "One-time code"), None)?),
                What::Other => Secret::new(person.ask(&labelled(&question.label, "Answer"), None)?),
            };
            answers.push((question.position, answer));
        }
        let answers: Vec<(usize, &str)> =
            answers.iter().map(|(position, answer)| (*position, answer.expose())).collect();
        self.waited_since = None;
        Ok((form.submitted(&answers), asks_password))
    }

    fn username(&mut self, person: &dyn Interaction, filled_in: &str, place: &str) -> Result<Secret> {
        let name = match &self.answers.username {
            Some(name) => name.clone(),
            None => person.ask(&format!("User name for {place}"), Some(filled_in).filter(|name| !name.is_empty()))?,
        };
        self.answers.username = Some(name.clone());
        Ok(Secret::new(name))
    }

    fn choose(&mut self, form: &Form, menu: &[Item], place: &str) -> Result<Request> {
        let person = self.person(place)?;
        let wanted = self.answers.mfa.as_deref().map(str::to_lowercase);
        let is_wanted = |item: &&Item| {
            wanted.as_ref().is_some_and(|wanted| {
                item.label.to_lowercase().contains(wanted) || item.value.to_lowercase().contains(wanted)
            })
        };
        let item = match (menu, menu.iter().find(is_wanted)) {
            (_, Some(item)) => item,
            ([only], None) => only,
            (menu, None) => {
                let labels: Vec<String> = menu.iter().map(|item| item.label.clone()).collect();
                let chosen = person.choose(&format!("{place} asks"), &labels)?;
                &menu[chosen.min(menu.len() - 1)]
            }
        };
        self.waited_since = None;
        Ok(form.submitted(&[(item.position, &item.value)]))
    }

    /// Says so once, and gives up when it takes too long.
    async fn pause(&mut self, after: Duration, place: &str) -> Result<()> {
        let person = self.person(place)?;
        let since = *self.waited_since.get_or_insert_with(|| {
            person.say(&format!("Waiting for you to approve the sign-in at {place} on your other device…"));
            Instant::now()
        });
        if since.elapsed() > APPROVAL {
            return Err(SamlError::NotApproved { host: place.to_owned(), minutes: APPROVAL.as_secs() / 60 }.into());
        }
        sleep(after.clamp(SHORTEST_WAIT, Duration::from_secs(30))).await;
        Ok(())
    }

    async fn wait(&mut self, after: Duration, then: Request, place: &str) -> Result<Request> {
        self.pause(after, place).await?;
        Ok(then)
    }

    async fn poll(&mut self, status: &Request, then: Request, place: &str) -> Result<Request> {
        loop {
            self.pause(Duration::from_secs(2), place).await?;
            let fetched = self.visit.fetch(status, false).await?;
            let document: serde_json::Value = serde_json::from_str(&fetched.text).unwrap_or_default();
            let word = document.get("status").and_then(|status| status.as_str()).unwrap_or_default();
            // Source: PingID's script: anything but a wait is over, and the other form tells how it ended.
            if !word.ends_with("WAIT") {
                return Ok(then);
            }
        }
    }
}

fn stopped(obstacle: Obstacle, page: &Page) -> SamlError {
    let host = host(&page.url);
    match obstacle {
        Obstacle::SecurityKey => SamlError::Unsupported { host, factor: "a security key or passkey" },
        Obstacle::Duo => SamlError::Unsupported { host, factor: "Duo" },
        Obstacle::PasswordExpired => SamlError::PasswordExpired { host },
        Obstacle::EnrolmentRequired => SamlError::EnrolmentRequired { host },
        Obstacle::TermsRequired => SamlError::TermsRequired { host },
        Obstacle::PageExpired => SamlError::PageExpired { host },
        Obstacle::Unknown => SamlError::UnknownPage { host, title: page.title.clone(), says: page.complaint.clone() },
    }
}

fn labelled(label: &str, otherwise: &str) -> String {
    if label.is_empty() { otherwise.to_owned() } else { label.to_owned() }
}
