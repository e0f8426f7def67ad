//! Talking with the Authentication API until it gives a session.

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use super::reply::{Factor, Next, Reply, Stop};
use crate::error::Result;
use crate::secret::Secret;
use crate::signin::saml::dialogue::{self, Dialogue};
use crate::signin::saml::error::SamlError;
use crate::signin::saml::form::Request;
use crate::signin::saml::visit::host;

const MAX_STEPS: usize = 20;
/// Source: the API's "Poll for verify transaction completion" names no interval; the widget takes four seconds, and a
/// person waits for every one.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// A code was sent a moment ago, and is good. Source: the API's "Okta error codes".
const SENT_ALREADY: &str = "E0000109";

/// One sign-in with the classic pipeline.
pub(in super::super) struct Walk<'w, 'v, 'a> {
    dialogue: &'w mut Dialogue<'v, 'a>,
    place: String,
    base: Url,
    remember: bool,
    state_token: Option<String>,
    /// What the person calls the factor under way.
    factor: String,
}

impl<'w, 'v, 'a> Walk<'w, 'v, 'a> {
    /// On the page at `base`; `remember` is whether this device shall be.
    pub(in super::super) fn new(dialogue: &'w mut Dialogue<'v, 'a>, base: Url, remember: bool) -> Self {
        let place = host(&base);
        Self { dialogue, place, base, remember, state_token: None, factor: "your device".to_owned() }
    }

    /// From the page's state token, where it has one, to the request that goes on to the application.
    ///
    /// # Errors
    /// [`SamlError`], in its general form; what the person says.
    pub(in super::super) async fn run(mut self, state_token: Option<String>, application: &Url) -> Result<Request> {
        self.state_token = state_token;
        let mut reply = match &self.state_token {
            Some(_) => self.send("/api/v1/authn", json!({})).await?,
            None => self.primary().await?,
        };
        for _ in 0..MAX_STEPS {
            reply = match reply.next() {
                Next::Session(token) => return Ok(Request::get(with_pair(application, "sessionToken", &token))),
                Next::Redirect(href) => return Ok(Request::get(self.url(&href)?)),
                Next::Primary => self.primary().await?,
                Next::Skip { href, password_ends_in } => {
                    if let Some(days) = password_ends_in {
                        self.dialogue.say(&format!("warning: your password at {} ends in {days} days", self.place));
                    }
                    self.send(&href, json!({})).await?
                }
                Next::Choose(factors) => {
                    let factor = self.choose(&factors)?;
                    self.remember &= reply.may_remember();
                    self.begin(&factor).await?
                }
                Next::Code { verify, resend } => self.code(&verify, resend.as_deref()).await?,
                Next::Poll { href, number } => self.poll(&href, number).await?,
                Next::Stop(stop) => return Err(self.stopped(stop).into()),
            };
        }
        Err(SamlError::TooManySteps { host: self.place }.into())
    }

    async fn primary(&mut self) -> Result<Reply> {
        let username = self.dialogue.username(&self.place, "")?;
        let password = self.dialogue.password(&self.place)?;
        let options = json!({ "warnBeforePasswordExpired": true, "multiOptionalFactorEnroll": false });
        let body = json!({ "username": username, "password": password.expose(), "options": options });
        self.send("/api/v1/authn", body).await
    }

    fn choose(&mut self, factors: &[Factor]) -> Result<Factor> {
        let possible: Vec<&Factor> = factors.iter().filter(|factor| factor.is_possible()).collect();
        if possible.is_empty() {
            let labels: Vec<&str> = factors.iter().map(|factor| factor.label.as_str()).collect();
            return Err(SamlError::Unsupported { host: self.place.clone(), factor: labels.join(" or ") }.into());
        }
        let named: Vec<dialogue::Factor> = possible
            .iter()
            .map(|factor| dialogue::Factor { name: factor.name().to_owned(), label: factor.label.clone() })
            .collect();
        let chosen = self.dialogue.choose(&self.place, "Which second factor?", &named)?;
        let factor = possible[chosen.min(possible.len() - 1)].clone();
        self.factor.clone_from(&factor.label);
        Ok(factor)
    }

    /// Answers the factor, or has it sent or shown.
    async fn begin(&mut self, factor: &Factor) -> Result<Reply> {
        let verify = self.remembering(&factor.verify)?;
        if factor.is_code() {
            return self.code(verify.as_str(), None).await;
        }
        if factor.kind != "question" {
            let reply = self.post(verify.as_str(), json!({})).await?;
            if let Some((SENT_ALREADY, says)) = reply.error() {
                self.dialogue.pass_on(&self.place, Some(&says));
                return self.code(verify.as_str(), None).await;
            }
            return self.checked(reply);
        }
        let question = factor.question.as_deref().unwrap_or("Security question").to_owned();
        loop {
            let answer = self.dialogue.person(&self.place)?.ask_secret(&question)?;
            if let Some(reply) = self.try_code(verify.as_str(), json!({ "answer": answer.expose() })).await? {
                return Ok(reply);
            }
        }
    }

    /// Asks for the code until it is right, or has been wrong too often.
    async fn code(&mut self, verify: &str, resend: Option<&str>) -> Result<Reply> {
        let verify = self.remembering(verify)?;
        let question = format!("Code from {}", self.factor);
        loop {
            match (self.dialogue.code(&self.place, &question, resend.is_some())?, resend) {
                (Some(code), _) => {
                    if let Some(reply) = self.try_code(verify.as_str(), json!({ "passCode": code })).await? {
                        return Ok(reply);
                    }
                }
                (None, Some(resend)) => {
                    let reply = self.post(resend, json!({})).await?;
                    match reply.error() {
                        Some((SENT_ALREADY, says)) => self.dialogue.pass_on(&self.place, Some(&says)),
                        _ => return self.checked(reply),
                    }
                }
                (None, None) => {}
            }
        }
    }

    /// `None` when it was wrong, and may be typed again.
    async fn try_code(&mut self, verify: &str, body: Value) -> Result<Option<Reply>> {
        let reply = self.post(verify, body).await?;
        match reply.error() {
            Some(("E0000068", says)) => {
                self.dialogue.wrong_code(&self.place, &says)?;
                Ok(None)
            }
            _ => Ok(Some(self.checked(reply)?)),
        }
    }

    async fn poll(&mut self, href: &str, number: Option<String>) -> Result<Reply> {
        let href = self.remembering(href)?;
        let mut announced = None;
        let mut number = number;
        loop {
            if announced.is_none() || number.is_some() && announced.as_ref() != Some(&number) {
                match &number {
                    Some(number) => self.dialogue.show_number(number, "Okta Verify"),
                    None if announced.is_none() => {
                        self.dialogue.say(&format!("Approve the sign-in with {} on your other device…", self.factor));
                    }
                    None => {}
                }
                announced = Some(number.clone());
            }
            self.dialogue.pause(LOOK_EVERY, &self.place, "").await?;
            let reply = self.send(href.as_str(), json!({})).await?;
            match reply.next() {
                Next::Poll { number: now, .. } => number = now,
                _ => {
                    self.dialogue.waited();
                    return Ok(reply);
                }
            }
        }
    }

    fn url(&self, href: &str) -> Result<Url> {
        Ok(self.base.join(href).map_err(|_| SamlError::NotHttps { host: self.place.clone() })?)
    }

    fn remembering(&self, href: &str) -> Result<Url> {
        let url = self.url(href)?;
        let has = url.query_pairs().any(|(name, _)| name == "rememberDevice");
        Ok(if self.remember && !has { with_pair(&url, "rememberDevice", "true") } else { url })
    }

    /// Sends, with the state token, and takes an error for the end.
    async fn send(&mut self, href: &str, body: Value) -> Result<Reply> {
        let reply = self.post(href, body).await?;
        self.checked(reply)
    }

    async fn post(&mut self, href: &str, mut body: Value) -> Result<Reply> {
        if let Some(token) = &self.state_token {
            body["stateToken"] = token.as_str().into();
        }
        let request = Request::post(self.url(href)?, "application/json", Secret::new(body.to_string()));
        let fetched = self.dialogue.visit.fetch(&request, true).await?;
        let unreadable = || SamlError::Status { host: self.place.clone(), status: fetched.status, says: None };
        let reply = Reply::parse(&fetched.text).ok_or_else(unreadable)?;
        if let Some(token) = reply.state_token() {
            self.state_token = Some(token.to_owned());
        }
        Ok(reply)
    }

    /// Source: the API's "Okta error codes".
    fn checked(&self, reply: Reply) -> Result<Reply> {
        let Some((code, says)) = reply.error() else { return Ok(reply) };
        let host = self.place.clone();
        let says = Some(says).filter(|text| !text.is_empty());
        Err(match code {
            "E0000004" => SamlError::Rejected { host, says },
            "E0000047" => SamlError::TooManyRequests { host },
            "E0000011" | "E0000079" => SamlError::PageExpired { host },
            "E0000006" => SamlError::AccessDenied { host, says },
            "E0000069" | "E0000119" => SamlError::AccountLocked { host, says },
            _ => SamlError::Ended { host, says },
        }
        .into())
    }

    fn stopped(&self, stop: Stop) -> SamlError {
        let host = self.place.clone();
        match stop {
            Stop::PasswordExpired => SamlError::PasswordExpired { host },
            Stop::LockedOut => SamlError::AccountLocked { host, says: None },
            Stop::Enrolment => SamlError::EnrolmentRequired { host },
            Stop::Terms => SamlError::TermsRequired { host },
            Stop::Rejected => SamlError::Refused { host, status: "it was rejected on the other device".to_owned() },
            Stop::TimedOut => SamlError::Unanswered { host },
            Stop::Failed(status) => SamlError::Refused { host, status },
            Stop::Unsupported(factor) => SamlError::Unsupported { host, factor },
            Stop::Unknown(state) => SamlError::Program { host, product: "Okta", title: state },
        }
    }
}

/// The address with another pair in its query.
fn with_pair(url: &Url, name: &str, value: &str) -> Url {
    let mut url = url.clone();
    url.query_pairs_mut().append_pair(name, value);
    url
}
