//! Talking with the Identity Engine until it names the address of the response.

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use super::reply::{Asked, Complaint, Factor, Next, Reply, Stop};
use crate::error::Result;
use crate::secret::Secret;
use crate::signin::saml::dialogue::{self, Dialogue};
use crate::signin::saml::error::SamlError;
use crate::signin::saml::form::Request;
use crate::signin::saml::visit::host;

const ION: &str = "application/ion+json; okta-version=1.0.0";
const MAX_STEPS: usize = 20;

/// One sign-in with the Identity Engine.
pub(super) struct Walk<'w, 'v, 'a> {
    dialogue: &'w mut Dialogue<'v, 'a>,
    place: String,
    base: Url,
    remember: bool,
    password_sent: bool,
    /// The wanted factor was taken in place of the one that the engine chose.
    switched: bool,
    codes: usize,
}

impl<'w, 'v, 'a> Walk<'w, 'v, 'a> {
    /// On the page at `base`; `remember` is whether to stay signed in.
    pub(super) fn new(dialogue: &'w mut Dialogue<'v, 'a>, base: Url, remember: bool) -> Self {
        let place = host(&base);
        Self { dialogue, place, base, remember, password_sent: false, switched: false, codes: 0 }
    }

    /// From the page's state token to the request that gets the response.
    ///
    /// # Errors
    /// [`SamlError`], in its general form; what the person says.
    pub(super) async fn run(mut self, state_token: &str) -> Result<Request> {
        let mut reply = self.post("/idp/idx/introspect", json!({ "stateToken": state_token })).await?;
        for _ in 0..MAX_STEPS {
            if let Some(complaint) = reply.complaint() {
                self.complain(&reply, complaint)?;
            }
            let handle = reply.state_handle().unwrap_or_default().to_owned();
            if let Some((href, choice)) = self.switch(&reply) {
                reply = self.send(&href, json!({ "authenticator": choice }), &handle).await?;
                continue;
            }
            reply = match reply.next() {
                Next::Success(href) => return Ok(Request::get(self.url(&href)?)),
                Next::Identify { href, with_password, remember } => {
                    let mut body = json!({ "identifier": self.dialogue.username(&self.place, "")? });
                    if with_password {
                        body["credentials"] = json!({ "passcode": self.password()?.expose() });
                    }
                    if remember {
                        body["rememberMe"] = self.remember.into();
                    }
                    self.send(&href, body, &handle).await?
                }
                Next::Answer { href, what, resend } => match (self.answer(&what, resend.is_some())?, resend) {
                    (Some(credentials), _) => self.send(&href, json!({ "credentials": credentials }), &handle).await?,
                    (None, Some(resend)) => self.send(&resend, json!({}), &handle).await?,
                    (None, None) => return Err(self.stopped(Stop::Unknown).into()),
                },
                Next::KeepSignedIn { href } => {
                    self.send(&href, json!({ "keepMeSignedIn": self.remember }), &handle).await?
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

    /// The engine begins with the factor that was used last; the one that is wished for wins, once.
    fn switch(&mut self, reply: &Reply) -> Option<(String, Value)> {
        let under_way = match reply.next() {
            Next::Answer { what: Asked::Password, .. } => false,
            Next::Answer { .. } | Next::Poll { .. } => true,
            _ => false,
        };
        if self.switched || !under_way || reply.complaint().is_some() {
            return None;
        }
        let (href, others) = reply.others()?;
        let others: Vec<Factor> = others.into_iter().filter(Factor::is_possible).collect();
        let wanted = self.dialogue.wanted(&named(&others.iter().collect::<Vec<_>>()))?;
        self.switched = true;
        Some((href, others.get(wanted)?.choice.clone()))
    }

    fn url(&self, href: &str) -> Result<Url> {
        Ok(self.base.join(href).map_err(|_| SamlError::NotHttps { host: self.place.clone() })?)
    }

    async fn send(&mut self, href: &str, mut body: Value, handle: &str) -> Result<Reply> {
        body["stateHandle"] = handle.into();
        self.post(href, body).await
    }

    async fn post(&mut self, href: &str, body: Value) -> Result<Reply> {
        let request = Request::post(self.url(href)?, ION, Secret::new(body.to_string()));
        let fetched = self.dialogue.visit.fetch(&request, true).await?;
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
            _ if self.codes >= dialogue::MAX_CODES => Some(SamlError::WrongCode { host, says }),
            _ => None,
        };
        match end {
            Some(error) => Err(error.into()),
            None => {
                self.dialogue.pass_on(&self.place, Some(&complaint.text));
                Ok(())
            }
        }
    }

    /// Once: a second question about it is a refusal.
    fn password(&mut self) -> Result<Secret> {
        if self.password_sent {
            return Err(SamlError::Rejected { host: self.place.clone(), says: None }.into());
        }
        self.password_sent = true;
        self.dialogue.password(&self.place)
    }

    /// `None` is the wish for another code.
    fn answer(&mut self, what: &Asked, can_resend: bool) -> Result<Option<Value>> {
        Ok(match what {
            Asked::Password => Some(json!({ "passcode": self.password()?.expose() })),
            Asked::Code(from) => {
                let code = self.dialogue.code(&self.place, &format!("Code from {from}"), can_resend)?;
                self.codes += usize::from(code.is_some());
                code.map(|code| json!({ "passcode": code }))
            }
            Asked::Question { question, key } => {
                self.codes += 1;
                let answer = self.dialogue.person(&self.place)?.ask_secret(question)?;
                let mut credentials = json!({ "answer": answer.expose() });
                if let Some(key) = key {
                    credentials["questionKey"] = key.as_str().into();
                }
                Some(credentials)
            }
        })
    }

    /// The wanted one, else the only one, else the password while it is open, else what the person chooses.
    fn choose(&self, factors: &[Factor]) -> Result<Value> {
        let possible: Vec<&Factor> = factors.iter().filter(|factor| factor.is_possible()).collect();
        let named = named(&possible);
        let password = possible.iter().position(|factor| factor.method == "password").filter(|_| !self.password_sent);
        let chosen = match (self.dialogue.wanted(&named), password) {
            _ if possible.is_empty() => return Err(self.impossible(factors).into()),
            (Some(wanted), _) => wanted,
            (None, Some(password)) => password,
            (None, None) => self.dialogue.choose(&self.place, "Which second factor?", &named)?,
        };
        Ok(possible.get(chosen).map(|factor| factor.choice.clone()).unwrap_or_default())
    }

    /// Names what there is, where no terminal can do any of it.
    fn impossible(&self, factors: &[Factor]) -> SamlError {
        let labels: Vec<&str> = factors.iter().map(|factor| factor.label.as_str()).collect();
        SamlError::Unsupported { host: self.place.clone(), factor: labels.join(" or ") }
    }

    /// Looks until the engine no longer asks to look.
    async fn poll(&mut self, href: &str, every: Duration, number: Option<String>, handle: &str) -> Result<Reply> {
        let (mut href, mut every, mut handle) = (href.to_owned(), every, handle.to_owned());
        self.announce(number.as_deref());
        let mut announced = number;
        loop {
            self.dialogue.pause(every, &self.place, "").await?;
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
                _ => {
                    self.dialogue.waited();
                    return Ok(reply);
                }
            }
        }
    }

    fn announce(&self, number: Option<&str>) {
        match number {
            Some(number) => self.dialogue.show_number(number, "Okta Verify"),
            None => self.dialogue.say("Approve the sign-in in Okta Verify on your other device…"),
        }
    }

    fn stopped(&self, stop: Stop) -> SamlError {
        let host = self.place.clone();
        match stop {
            Stop::PasswordExpired => SamlError::PasswordExpired { host },
            Stop::Enrolment => SamlError::EnrolmentRequired { host },
            Stop::FastPass => SamlError::Unsupported { host, factor: "Okta FastPass".to_owned() },
            Stop::SecurityKey => SamlError::Unsupported { host, factor: "a security key or passkey".to_owned() },
            Stop::Duo => SamlError::Unsupported { host, factor: "Duo".to_owned() },
            Stop::Unknown => SamlError::UnknownPage { host, title: "Okta".to_owned(), says: None },
        }
    }
}

fn named(factors: &[&Factor]) -> Vec<dialogue::Factor> {
    factors.iter().map(|it| dialogue::Factor { name: it.method.clone(), label: it.label.clone() }).collect()
}
