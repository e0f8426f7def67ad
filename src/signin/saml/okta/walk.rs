//! Talking with the Identity Engine until it names the address of the response.

use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use super::factor::Factor;
use super::message;
use super::next::{Asked, Elsewhere, Next, Stop};
use super::reply::Reply;
use crate::error::Result;
use crate::secret::Secret;
use crate::signin::saml::dialogue::{self, Dialogue};
use crate::signin::saml::error::SamlError;
use crate::signin::saml::form::Request;
use crate::signin::saml::visit::host;

const ION: &str = "application/ion+json; okta-version=1.0.0";
const MAX_STEPS: usize = 20;
/// Okta Verify is looked for, then opened.
const MAX_DECLINED: usize = 2;

/// One sign-in with the Identity Engine.
pub(super) struct Walk<'w, 'v, 'a> {
    dialogue: &'w mut Dialogue<'v, 'a>,
    place: String,
    base: Url,
    remember: bool,
    identified: bool,
    password_sent: bool,
    /// The wanted factor was taken in place of the one that the engine chose.
    switched: bool,
    codes: usize,
    declined: usize,
    /// What the engine said last.
    said: Option<String>,
}

impl<'w, 'v, 'a> Walk<'w, 'v, 'a> {
    /// On the page at `base`; `remember` is whether to stay signed in.
    pub(super) fn new(dialogue: &'w mut Dialogue<'v, 'a>, base: Url, remember: bool) -> Self {
        let place = host(&base);
        Self {
            dialogue,
            place,
            base,
            remember,
            identified: false,
            password_sent: false,
            switched: false,
            codes: 0,
            declined: 0,
            said: None,
        }
    }

    /// From the page's state token to the request that gets the response.
    ///
    /// # Errors
    /// [`SamlError`], in its general form; what the person says.
    pub(super) async fn run(mut self, state_token: &str) -> Result<Request> {
        let mut reply = self.post("/idp/idx/introspect", json!({ "stateToken": state_token })).await?;
        for _ in 0..MAX_STEPS {
            self.listen(&reply)?;
            let handle = reply.state_handle().unwrap_or_default().to_owned();
            if let Some((href, choice)) = self.switch(&reply) {
                reply = self.send(&href, json!({ "authenticator": choice }), &handle).await?;
                continue;
            }
            reply = match reply.next() {
                Next::Success(href) => return Ok(Request::get(self.url(&href)?)),
                Next::Identify { elsewhere, .. } if self.is_from(&elsewhere).is_some() => {
                    return self.federate(&elsewhere);
                }
                // It came back from there: it would do so again.
                Next::Elsewhere(_) if reply.complaint().is_some() => {
                    return Err(SamlError::Ended { host: self.place, says: self.said }.into());
                }
                Next::Elsewhere(elsewhere) => return self.federate(&elsewhere),
                Next::Identify { href, with_password, remember, .. } => {
                    if self.identified && (!with_password || self.password_sent) {
                        return Err(self.not_identified().into());
                    }
                    self.identified = true;
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
                    (None, None) => return Err(SamlError::WrongCode { host: self.place, says: self.said }.into()),
                },
                Next::KeepSignedIn { href } => {
                    self.send(&href, json!({ "keepMeSignedIn": self.remember }), &handle).await?
                }
                Next::Choose { href, factors } => {
                    let choice = self.choose(&factors)?;
                    self.send(&href, json!({ "authenticator": choice }), &handle).await?
                }
                Next::Decline { factor, .. } if self.declined >= MAX_DECLINED => {
                    return Err(self.stopped(Stop::Unsupported(factor)).into());
                }
                Next::Decline { href, silent, .. } => {
                    self.declined += 1;
                    // Source: what the widget says of a device where nothing answers, and of a person who won't.
                    let reason = if silent { "OV_UNREACHABLE_BY_LOOPBACK" } else { "USER_CANCELED" };
                    self.send(&href, json!({ "reason": reason, "statusCode": null }), &handle).await?
                }
                Next::Poll { href, every, number, app } => self.poll(&href, every, number, app, &handle).await?,
                Next::Skip { href, password_ends_in } => {
                    if let Some(days) = password_ends_in {
                        self.dialogue.say(&format!("warning: your password at {} ends in {days} days", self.place));
                    }
                    self.send(&href, json!({}), &handle).await?
                }
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

    /// What is wrong ends it, or is told before it is asked again; what is good to know is told.
    fn listen(&mut self, reply: &Reply) -> Result<()> {
        let complaint = reply.complaint();
        if let Some(complaint) = &complaint
            && let Some(end) = message::end(&self.place, complaint, reply.goes_on())
        {
            // These say nothing themselves.
            if matches!(
                end,
                SamlError::PageExpired { .. } | SamlError::TooManyRequests { .. } | SamlError::Refused { .. }
            ) {
                self.tell(&complaint.text);
            }
            return Err(end.into());
        }
        if let Some(complaint) = &complaint
            && self.codes >= dialogue::MAX_CODES
        {
            let says = Some(complaint.text.clone());
            return Err(SamlError::WrongCode { host: self.place.clone(), says }.into());
        }
        // A name that is asked for again was refused, and the refusal says why.
        let is_refusal = self.identified && matches!(reply.next(), Next::Identify { .. });
        for (said, again) in [(reply.note(), false), (complaint, true)] {
            let Some(said) = said.map(|it| it.text).filter(|text| !text.is_empty()) else { continue };
            // A kind note is told once.
            if !is_refusal && (again || self.said.as_ref() != Some(&said)) {
                self.tell(&said);
            }
            self.said = Some(said);
        }
        Ok(())
    }

    fn tell(&self, text: &str) {
        self.dialogue.pass_on(&self.place, Some(text).filter(|text| !text.is_empty()));
    }

    /// The name, or the password that went with it, was not accepted.
    fn not_identified(&self) -> SamlError {
        let (host, says) = (self.place.clone(), self.said.clone());
        match self.password_sent {
            true => SamlError::Rejected { host, says },
            false => SamlError::UnknownName { host, says },
        }
    }

    /// The other provider that the profile names, where it is among these; its position.
    fn is_from(&self, elsewhere: &[Elsewhere]) -> Option<usize> {
        self.dialogue.wished_organisation(&named_elsewhere(elsewhere))
    }

    /// Leads to another provider, whose page is the next.
    fn federate(&self, elsewhere: &[Elsewhere]) -> Result<Request> {
        let chosen = self.dialogue.organisation(&self.place, &named_elsewhere(elsewhere))?;
        let href = elsewhere.get(chosen).map(|it| it.href.as_str()).unwrap_or_default();
        Ok(Request::get(self.url(href)?))
    }

    /// Once: a second question about it is a refusal.
    fn password(&mut self) -> Result<Secret> {
        if self.password_sent {
            return Err(SamlError::Rejected { host: self.place.clone(), says: self.said.clone() }.into());
        }
        self.password_sent = true;
        self.dialogue.password(&self.place)
    }

    /// `None` is the wish for another code.
    fn answer(&mut self, what: &Asked, can_resend: bool) -> Result<Option<Value>> {
        Ok(match what {
            Asked::Password => Some(json!({ "passcode": self.password()?.expose() })),
            Asked::Code { from, field, secret } => {
                let question = format!("Code from {from}");
                let code = match secret {
                    false => self.dialogue.code(&self.place, &question, can_resend)?,
                    true => self.dialogue.secret_code(&self.place, &question, can_resend)?,
                };
                self.codes += usize::from(code.is_some());
                code.map(|code| json!({ field.as_str(): code }))
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
        let is_open = |factor: &&Factor| factor.method != "password" || !self.password_sent;
        let open: Vec<&Factor> = factors.iter().filter(is_open).collect();
        let possible: Vec<&Factor> = open.iter().copied().filter(|factor| factor.is_possible()).collect();
        let named = named(&possible);
        let password = possible.iter().position(|factor| factor.method == "password");
        let chosen = match (self.dialogue.wanted(&named), password) {
            _ if possible.is_empty() => return Err(self.impossible(&open).into()),
            (Some(wanted), _) => wanted,
            (None, Some(password)) => password,
            (None, None) => self.dialogue.choose(&self.place, "Which second factor?", &named)?,
        };
        Ok(possible.get(chosen).map(|factor| factor.choice.clone()).unwrap_or_default())
    }

    /// Names what there is, where no terminal can do any of it.
    fn impossible(&self, factors: &[&Factor]) -> SamlError {
        let mut labels: Vec<&str> = Vec::new();
        for factor in factors {
            let label = match factor.method.as_str() {
                "webauthn" => "a security key or passkey",
                "signed_nonce" => "Okta FastPass",
                _ => factor.label.as_str(),
            };
            if !labels.contains(&label) {
                labels.push(label);
            }
        }
        SamlError::Unsupported { host: self.place.clone(), factor: labels.join(" or ") }
    }

    /// Looks until the engine no longer asks to look.
    async fn poll(
        &mut self,
        href: &str,
        every: Duration,
        number: Option<String>,
        app: Option<String>,
        handle: &str,
    ) -> Result<Reply> {
        let (mut href, mut every, mut handle) = (href.to_owned(), every, handle.to_owned());
        self.announce(number.as_deref(), app.as_deref());
        let mut announced = number;
        loop {
            self.dialogue.pause(every, &self.place, "").await?;
            let reply = self.send(&href, json!({}), &handle).await?;
            match reply.next() {
                Next::Poll { href: next, every: wish, number, app } if reply.complaint().is_none() => {
                    if number.is_some() && number != announced {
                        self.announce(number.as_deref(), app.as_deref());
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

    fn announce(&self, number: Option<&str>, app: Option<&str>) {
        match (number, app) {
            (Some(number), app) => self.dialogue.show_number(number, app.unwrap_or("Okta Verify")),
            (None, Some(app)) => self.dialogue.say(&format!("Approve the sign-in in {app} on your other device…")),
            (None, None) => {}
        }
    }

    fn stopped(&self, stop: Stop) -> SamlError {
        let host = self.place.clone();
        match stop {
            Stop::PasswordExpired => SamlError::PasswordExpired { host },
            Stop::Enrolment => SamlError::EnrolmentRequired { host },
            Stop::Action(action) => SamlError::ActionRequired { host, action },
            Stop::Unsupported(factor) => SamlError::Unsupported { host, factor },
            Stop::Unknown(step) if step.is_empty() => SamlError::Ended { host, says: self.said.clone() },
            Stop::Unknown(step) => SamlError::Program { host, product: "Okta", title: step },
        }
    }
}

fn named(factors: &[&Factor]) -> Vec<dialogue::Factor> {
    factors.iter().map(|it| dialogue::Factor { name: it.method.clone(), label: it.label.clone() }).collect()
}

fn named_elsewhere(elsewhere: &[Elsewhere]) -> Vec<dialogue::Factor> {
    elsewhere.iter().map(|it| dialogue::Factor::new(it.id.as_str(), &it.label)).collect()
}
