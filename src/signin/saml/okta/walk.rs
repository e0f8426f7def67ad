//! Talking with the Identity Engine until it names the address of the response.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use url::Url;

use super::reply::{Asked, Complaint, Factor, Next, Reply, Stop};
use crate::error::Result;
use crate::secret::Secret;
use crate::signin::Interaction;
use crate::signin::saml::error::SamlError;
use crate::signin::saml::form::{Method, Request};
use crate::signin::saml::form_sign_in::Answers;
use crate::signin::saml::visit::{Visit, host};

const ION: &str = "application/ion+json; okta-version=1.0.0";
const MAX_STEPS: usize = 20;
const MAX_CODES: usize = 3;
/// Okta gives a push five minutes.
const APPROVAL: Duration = Duration::from_secs(300);

/// One sign-in with Okta.
pub(in crate::signin::saml) struct Walk<'w, 'v, 'a> {
    visit: &'w mut Visit<'a>,
    answers: &'w mut Answers<'v>,
    person: &'v dyn Interaction,
    place: String,
    base: Url,
    password_sent: bool,
    codes: usize,
}

impl<'w, 'v, 'a> Walk<'w, 'v, 'a> {
    /// On the page at `base`.
    pub(in crate::signin::saml) fn new(
        visit: &'w mut Visit<'a>,
        answers: &'w mut Answers<'v>,
        person: &'v dyn Interaction,
        base: Url,
    ) -> Self {
        let place = host(&base);
        Self { visit, answers, person, place, base, password_sent: false, codes: 0 }
    }

    /// Whether the organisation is on the Identity Engine; the classic pipeline is another protocol.
    ///
    /// # Errors
    /// When it doesn't answer.
    pub(in crate::signin::saml) async fn is_identity_engine(&mut self) -> Result<bool> {
        let asked = self.url("/.well-known/okta-organization")?;
        let fetched = self.visit.fetch(&Request::get(asked), false).await?;
        let organisation: Value = serde_json::from_str(&fetched.text).unwrap_or_default();
        Ok(organisation.get("pipeline").and_then(Value::as_str) == Some("idx"))
    }

    /// From the page's state token to the request that gets the response.
    ///
    /// # Errors
    /// [`SamlError`], in its general form; what the person says.
    pub(in crate::signin::saml) async fn run(mut self, state_token: &str) -> Result<Request> {
        let mut reply = self.post("/idp/idx/introspect", json!({ "stateToken": state_token })).await?;
        for _ in 0..MAX_STEPS {
            if let Some(complaint) = reply.complaint() {
                self.complain(&reply, complaint)?;
            }
            let handle = reply.state_handle().unwrap_or_default().to_owned();
            reply = match reply.next() {
                Next::Success(href) => return Ok(Request::get(self.url(&href)?)),
                Next::Identify { href, with_password } => {
                    let mut body = json!({ "identifier": self.username()? });
                    if with_password {
                        body["credentials"] = json!({ "passcode": self.password()?.expose() });
                    }
                    self.send(&href, body, &handle).await?
                }
                Next::Answer { href, what } => {
                    let credentials = self.answer(&what)?;
                    self.send(&href, json!({ "credentials": credentials }), &handle).await?
                }
                Next::Choose { href, factors } => {
                    let choice = self.choose(&factors)?;
                    self.send(&href, json!({ "authenticator": choice }), &handle).await?
                }
                Next::Poll { href, every, number } => self.poll(&href, every, number, &handle).await?,
                Next::Skip { href } => self.send(&href, json!({}), &handle).await?,
                Next::Stop(stop) => return Err(self.stopped(stop).into()),
            };
        }
        Err(SamlError::TooManySteps { host: self.place }.into())
    }

    fn url(&self, href: &str) -> Result<Url> {
        Ok(self.base.join(href).map_err(|_| SamlError::NotHttps { host: self.place.clone() })?)
    }

    async fn send(&mut self, href: &str, mut body: Value, handle: &str) -> Result<Reply> {
        body["stateHandle"] = handle.into();
        self.post(href, body).await
    }

    async fn post(&mut self, href: &str, body: Value) -> Result<Reply> {
        let body = Some((ION.to_owned(), Secret::new(body.to_string())));
        let request = Request { method: Method::Post, url: self.url(href)?, body };
        let fetched = self.visit.fetch(&request, true).await?;
        Reply::parse(&fetched.text)
            .ok_or_else(|| SamlError::Status { host: self.place.clone(), status: fetched.status, says: None }.into())
    }

    /// What is wrong ends it, or is told before it is asked again.
    fn complain(&self, reply: &Reply, complaint: Complaint) -> Result<()> {
        let host = self.place.clone();
        let says = Some(complaint.text.clone()).filter(|text| !text.is_empty());
        let key = complaint.key.as_str();
        // Source: the widget's translations, whose keys these are.
        let end = match key {
            "incorrectPassword" | "errors.E0000004" => Some(SamlError::Rejected { host, says }),
            "api.authn.poll.error.push_rejected" | "oktaverify.rejected" => {
                Some(SamlError::Refused { host, status: "it was rejected on the other device".to_owned() })
            }
            "core.system.transaction_resource_not_found" | "idx.session.expired" => {
                Some(SamlError::PageExpired { host })
            }
            "security.access_denied" => Some(SamlError::AccessDenied { host, says }),
            "authfactor.challenge.suspended_factor" => Some(SamlError::FactorSuspended { host, says }),
            "tooManyRequests" | "errors.E0000047" => Some(SamlError::TooManyRequests { host }),
            "errors.E0000119" | "errors.E0000069" => Some(SamlError::AccountLocked { host, says }),
            _ if !reply.has_remediation() => Some(SamlError::Refused { host, status: complaint.text.clone() }),
            _ if self.codes >= MAX_CODES => Some(SamlError::WrongCode { host, says }),
            _ => None,
        };
        match end {
            Some(error) => Err(error.into()),
            None => {
                self.person.say(&format!("{} says: {}", self.place, complaint.text));
                Ok(())
            }
        }
    }

    fn username(&mut self) -> Result<String> {
        let name = match &self.answers.username {
            Some(name) => name.clone(),
            None => self.person.ask(&format!("User name for {}", self.place), None)?,
        };
        self.answers.username = Some(name.clone());
        Ok(name)
    }

    /// Once: a second question about it is a refusal.
    fn password(&mut self) -> Result<Secret> {
        if self.password_sent {
            return Err(SamlError::Rejected { host: self.place.clone(), says: None }.into());
        }
        self.password_sent = true;
        match self.answers.password.take() {
            Some(password) => Ok(password),
            None => self.person.ask_secret(&format!("Password for {}", self.place)),
        }
    }

    fn answer(&mut self, what: &Asked) -> Result<Value> {
        Ok(match what {
            Asked::Password => json!({ "passcode": self.password()?.expose() }),
            Asked::Code(from) => {
                self.codes += 1;
                json!({ "passcode": self.person.ask(&format!("Code from {from}"), None)?.trim() })
            }
            Asked::Question { question, key } => {
                self.codes += 1;
                let mut credentials = json!({ "answer": self.person.ask_secret(question)?.expose() });
                if let Some(key) = key {
                    credentials["questionKey"] = key.as_str().into();
                }
                credentials
            }
        })
    }

    /// The wanted one, else the only one, else the password while it is open, else what the person chooses.
    fn choose(&self, factors: &[Factor]) -> Result<Value> {
        let possible: Vec<&Factor> = factors.iter().filter(|factor| factor.is_possible()).collect();
        let wanted = self.answers.mfa.as_deref().map(str::to_lowercase);
        let is_wanted = |factor: &&&Factor| {
            let wanted = wanted.as_deref().unwrap_or_default();
            !wanted.is_empty() && (factor.method == wanted || factor.label.to_lowercase().contains(wanted))
        };
        let password = || possible.iter().find(|factor| factor.method == "password").filter(|_| !self.password_sent);
        let factor = match (possible.as_slice(), possible.iter().find(is_wanted)) {
            (_, Some(wanted)) => wanted,
            ([], None) => return Err(self.stopped(Stop::SecurityKey).into()),
            ([only], None) => only,
            (possible, None) => match password() {
                Some(password) => password,
                None => {
                    let labels: Vec<String> = possible.iter().map(|factor| factor.label.clone()).collect();
                    let chosen = self.person.choose("Which second factor?", &labels)?;
                    &possible[chosen.min(possible.len() - 1)]
                }
            },
        };
        Ok(factor.choice.clone())
    }

    /// Looks until the engine no longer asks to look.
    async fn poll(&mut self, href: &str, every: Duration, number: Option<String>, handle: &str) -> Result<Reply> {
        let since = Instant::now();
        let (mut href, mut every, mut handle) = (href.to_owned(), every, handle.to_owned());
        self.announce(number.as_deref());
        let mut announced = number;
        loop {
            if since.elapsed() > APPROVAL {
                return Err(
                    SamlError::NotApproved { host: self.place.clone(), minutes: APPROVAL.as_secs() / 60 }.into()
                );
            }
            sleep(every.clamp(Duration::from_millis(500), Duration::from_secs(30))).await;
            let reply = self.send(&href, json!({}), &handle).await?;
            match reply.next() {
                Next::Poll { href: next, every: wish, number } if reply.complaint().is_none() => {
                    if number.is_some() && number != announced {
                        self.announce(number.as_deref());
                        announced = number;
                    }
                    handle = reply.state_handle().unwrap_or_default().to_owned();
                    (href, every) = (next, wish);
                }
                _ => return Ok(reply),
            }
        }
    }

    fn announce(&self, number: Option<&str>) {
        let Some(number) = number else {
            return self.person.say("Approve the sign-in in Okta Verify on your other device…");
        };
        let wide = number.chars().map(|digit| digit.to_string()).collect::<Vec<_>>().join("   ");
        let line = "-".repeat(wide.len() + 10);
        self.person.say(&format!("\n    +{line}+\n    |     {wide}     |\n    +{line}+\n"));
        self.person.say(&format!("Choose {number} in Okta Verify on your other device…"));
    }

    fn stopped(&self, stop: Stop) -> SamlError {
        let host = self.place.clone();
        match stop {
            Stop::PasswordExpired => SamlError::PasswordExpired { host },
            Stop::Enrolment => SamlError::EnrolmentRequired { host },
            Stop::FastPass => SamlError::Unsupported { host, factor: "Okta FastPass" },
            Stop::SecurityKey => SamlError::Unsupported { host, factor: "a security key or passkey" },
            Stop::Unknown => SamlError::UnknownPage { host, title: "Okta".to_owned(), says: None },
        }
    }
}
