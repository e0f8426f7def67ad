//! OneLogin: its sign-in page is a program, and its API asks for the same and gives the response.
//!
//! API client → access token; name and password → the response, or a factor's devices → the response. Nothing of a session is
//! left, so that nothing renews silently.
//!
//! Source: OneLogin's API reference, "Generate Tokens v2", "Generate SAML Assertion v2", "Verify Factor (SAML Assertion) v2".

mod reply;

use std::time::Duration;

use base64::Engine as _;
use serde_json::{Value, json};
use url::Url;

use super::assertion::SamlResponse;
use super::dialogue::{Dialogue, Factor};
use super::error::SamlError;
use super::form::Request;
use super::provider::{Opened, Provider, Taken, Taking};
use super::visit::host;
use crate::config::profile::{ProviderChoice, SamlSettings};
use crate::error::Result;
use crate::secret::Secret;
use reply::{Device, Kind, Mfa, Reply};

/// A push is asked for as often; the API names no interval.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// OneLogin.
pub(super) struct OneLogin {
    certain: bool,
    client: Option<(String, String)>,
}

/// Whether a URL is one of OneLogin's.
pub(super) fn is_its(url: &Url) -> bool {
    url.host_str().is_some_and(|host| host.ends_with(".onelogin.com"))
}

/// Whether the API client's secret is needed.
pub fn wants_secret(settings: &SamlSettings) -> bool {
    let it_is = match settings.provider {
        ProviderChoice::OneLogin => true,
        ProviderChoice::Auto => is_its(settings.url.as_url()),
        _ => false,
    };
    it_is && settings.client_id.is_some()
}

impl OneLogin {
    /// Of a profile.
    pub(super) fn new(settings: &SamlSettings) -> Self {
        let client = settings.client_id.clone().zip(settings.app_id.clone());
        Self {
            certain: settings.provider == ProviderChoice::OneLogin,
            client: client.filter(|_| wants_secret(settings)),
        }
    }
}

impl Provider for OneLogin {
    fn begin<'t>(&'t mut self, start: &'t Url, dialogue: &'t mut Dialogue<'_, '_>) -> Option<Taking<'t>> {
        // Without a person there are only cookies, which a browser may have left.
        let (client_id, app_id) = self.client.clone().filter(|_| dialogue.answers.person.is_some())?;
        Some(Box::pin(async move { Talk { dialogue, base: start, place: host(start), client_id, app_id }.run().await }))
    }

    fn recognises(&self, opened: &Opened) -> bool {
        self.certain || is_its(&opened.url)
    }

    fn take<'t>(&'t mut self, opened: &'t Opened, dialogue: &'t mut Dialogue<'_, '_>) -> Taking<'t> {
        let host = host(&opened.url);
        let error = dialogue.stop(&host, SamlError::ApiNeeded { host: host.clone() });
        Box::pin(async move { Err(error) })
    }
}

struct Talk<'t, 'v, 'a> {
    dialogue: &'t mut Dialogue<'v, 'a>,
    base: &'t Url,
    place: String,
    client_id: String,
    app_id: String,
}

impl Talk<'_, '_, '_> {
    async fn run(mut self) -> Result<Taken> {
        self.dialogue.person(&self.place)?;
        let bearer = self.token().await?;
        let username = self.dialogue.username(&self.place, "")?;
        let password = self.dialogue.password(&self.place)?;
        let subdomain = self.base.host_str().and_then(|host| host.split('.').next()).unwrap_or_default().to_owned();
        let body = json!({ "username_or_email": username, "password": password.expose(), "app_id": self.app_id, "subdomain": subdomain });
        let reply = self.call("/api/2/saml_assertion", &body, &bearer).await?;
        if let Some(error) = reply.refusal() {
            return Err(self.refused(&error).into());
        }
        let encoded = match (reply.response(), reply.mfa()) {
            (Some(encoded), _) => encoded.to_owned(),
            (None, Some(mfa)) => self.factor(&mfa, &bearer).await?,
            (None, None) => return Err(self.unexpected(&reply).into()),
        };
        Ok(Taken::Response(Box::new(SamlResponse::parse(&encoded).map_err(SamlError::from)?)))
    }

    async fn token(&mut self) -> Result<Secret> {
        let missing = || SamlError::Client { host: self.place.clone(), says: "its secret is missing".to_owned() };
        let secret = self.dialogue.answers.client_secret.clone().ok_or_else(missing)?;
        let pair = base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", self.client_id, secret.expose()));
        let basic = Secret::new(format!("Basic {pair}"));
        let reply = self.call("/auth/oauth2/v2/token", &json!({ "grant_type": "client_credentials" }), &basic).await?;
        match reply.access_token() {
            Some(token) => Ok(Secret::new(format!("Bearer {token}"))),
            None => Err(SamlError::Client { host: self.place.clone(), says: reply.message() }.into()),
        }
    }

    /// Has a device asked, or asks for its code, until the response is there.
    async fn factor(&mut self, mfa: &Mfa, bearer: &Secret) -> Result<String> {
        let (possible, not): (Vec<&Device>, Vec<&Device>) =
            mfa.devices.iter().partition(|device| device.kind != Kind::Impossible);
        if possible.is_empty() {
            let labels: Vec<&str> = not.iter().map(|device| device.label.as_str()).collect();
            return Err(SamlError::Unsupported { host: self.place.clone(), factor: labels.join(" or ") }.into());
        }
        let named: Vec<Factor> = possible
            .iter()
            .map(|device| Factor { name: device.name().to_owned(), label: device.label.clone() })
            .collect();
        let device = possible[self.dialogue.choose(&self.place, "Which second factor?", &named)?];
        match device.kind {
            Kind::Push => self.push(mfa, device, bearer).await,
            Kind::Sent(_) => {
                self.verify(mfa, device, None, false, bearer).await?;
                self.code(mfa, device, bearer, true).await
            }
            Kind::Code | Kind::Impossible => self.code(mfa, device, bearer, false).await,
        }
    }

    /// The phone is asked once, then only looked at.
    async fn push(&mut self, mfa: &Mfa, device: &Device, bearer: &Secret) -> Result<String> {
        self.dialogue.say(&format!("Approve the sign-in with {} on your other device…", device.label));
        let mut reply = self.verify(mfa, device, None, false, bearer).await?;
        loop {
            if let Some(encoded) = reply.response() {
                self.dialogue.waited();
                return Ok(encoded.to_owned());
            }
            if !reply.is_pending() {
                return Err(SamlError::Refused { host: self.place.clone(), status: reply.message() }.into());
            }
            self.dialogue.pause(LOOK_EVERY, &self.place, "").await?;
            reply = self.verify(mfa, device, None, true, bearer).await?;
        }
    }

    async fn code(&mut self, mfa: &Mfa, device: &Device, bearer: &Secret, can_resend: bool) -> Result<String> {
        loop {
            let question = format!("Code from {}", device.label);
            let Some(code) = self.dialogue.code(&self.place, &question, can_resend)? else {
                self.verify(mfa, device, None, false, bearer).await?;
                continue;
            };
            let reply = self.verify(mfa, device, Some(&code), true, bearer).await?;
            match (reply.response(), reply.refusal()) {
                (Some(encoded), _) => return Ok(encoded.to_owned()),
                // Another code would be no better.
                (None, Some(end)) if end.is_final() => return Err(self.refused(&end).into()),
                (None, _) => self.dialogue.wrong_code(&self.place, &reply.message())?,
            }
        }
    }

    async fn verify(
        &mut self,
        mfa: &Mfa,
        device: &Device,
        code: Option<&str>,
        quiet: bool,
        bearer: &Secret,
    ) -> Result<Reply> {
        let mut body = json!({ "app_id": self.app_id, "device_id": device.id, "state_token": mfa.state_token, "do_not_notify": quiet });
        if let Some(code) = code {
            body["otp_token"] = code.into();
        }
        // Not where `callback_url` says: a password's next step stays where the password went.
        self.call("/api/2/saml_assertion/verify_factor", &body, bearer).await
    }

    async fn call(&mut self, path: &str, body: &Value, authorization: &Secret) -> Result<Reply> {
        let url = self.base.join(path).map_err(|_| SamlError::NotHttps { host: self.place.clone() })?;
        let mut request = Request::post(url, "application/json", Secret::new(body.to_string()));
        request.authorization = Some(authorization.clone());
        let fetched = self.dialogue.visit.fetch(&request, true).await?;
        let unreadable = || SamlError::Status { host: self.place.clone(), status: fetched.status, says: None };
        Ok(Reply::parse(&fetched.text, fetched.status).ok_or_else(unreadable)?)
    }

    fn refused(&self, refusal: &reply::Refusal) -> SamlError {
        let host = self.place.clone();
        match refusal {
            reply::Refusal::Password(says) => SamlError::Rejected { host, says: Some(says.clone()) },
            reply::Refusal::Expired => SamlError::PasswordExpired { host },
            reply::Refusal::Locked(says) => SamlError::AccountLocked { host, says: Some(says.clone()) },
            reply::Refusal::State => SamlError::PageExpired { host },
            reply::Refusal::Application(says) => SamlError::AccessDenied { host, says: Some(says.clone()) },
            reply::Refusal::TooMany => SamlError::TooManyRequests { host },
            reply::Refusal::Request(says) => SamlError::Client { host, says: says.clone() },
        }
    }

    fn unexpected(&self, reply: &Reply) -> SamlError {
        SamlError::Refused { host: self.place.clone(), status: reply.message() }
    }
}
