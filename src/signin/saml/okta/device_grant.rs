//! Okta by device grant: a code for any browser, then a token exchange for the application's own sign-on.
//!
//! It needs an OIDC native application that the administrator made. Every factor works, because a browser does it.
//!
//! Source: RFC 8628; RFC 8693; Okta's "Native SSO" and "web SSO token" guides.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep};
use url::Url;

use crate::error::Result;
use crate::secret::Secret;
use crate::signin::oauth::instructions;
use crate::signin::saml::dialogue::Dialogue;
use crate::signin::saml::error::SamlError;
use crate::signin::saml::form::Request;
use crate::signin::saml::visit::host;

use crate::signin::saml::shown::shown;

const TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type";
/// Source: RFC 8628, section 3.2: the default of `interval`; section 3.5: what `slow_down` adds.
const INTERVAL: u64 = 5;
const LONGEST: u64 = 1800;

/// What the administrator made for it.
#[derive(Debug, Clone)]
pub(super) struct Client {
    /// The native application.
    pub(super) client_id: String,
    /// The AWS application's own id.
    pub(super) app_id: String,
}

/// Signs in, and gives what leads to the provider's response.
///
/// # Errors
/// [`SamlError`], in its general form.
pub(super) async fn sign_in(client: &Client, base: &Url, dialogue: &mut Dialogue<'_, '_>) -> Result<Request> {
    let place = host(base);
    let person = dialogue.person(&place)?;
    let url = |path: &str| base.join(path).map_err(|_| SamlError::NotHttps { host: place.clone() });
    let client_id = ("client_id", client.client_id.as_str());
    let scope = ("scope", "openid okta.apps.sso");
    let device = call(dialogue, url("/oauth2/v1/device/authorize")?, &[client_id, scope]).await?;
    if let Some(error) = device.error() {
        return Err(refused(&place, &error).into());
    }
    let lacks = || SamlError::Refused { host: place.clone(), status: "its answer is incomplete".to_owned() };
    let page = device.text("verification_uri").ok_or_else(lacks)?;
    let user_code = device.text("user_code").ok_or_else(lacks)?;
    let device_code = Secret::new(device.text("device_code").ok_or_else(lacks)?);
    person.say(&instructions(&shown(page), &shown(user_code)));

    let mut interval = device.number("interval").unwrap_or(INTERVAL).clamp(1, 60);
    let deadline = Instant::now() + Duration::from_secs(device.number("expires_in").unwrap_or(600).min(LONGEST));
    let grant = ("grant_type", "urn:ietf:params:oauth:grant-type:device_code");
    let tokens = loop {
        sleep(Duration::from_secs(interval)).await;
        if Instant::now() > deadline {
            return Err(SamlError::Unanswered { host: place }.into());
        }
        let fields = [client_id, grant, ("device_code", device_code.expose())];
        let reply = call(dialogue, url("/oauth2/v1/token")?, &fields).await?;
        match reply.error().as_ref().map(|(code, _)| code.as_str()) {
            None => break reply,
            Some("authorization_pending") => {}
            Some("slow_down") => interval += INTERVAL,
            Some("expired_token") => return Err(SamlError::Unanswered { host: place }.into()),
            Some(_) => return Err(refused(&place, &reply.error().unwrap_or_default()).into()),
        }
    };
    let audience = format!("urn:okta:apps:{}", client.app_id);
    let fields = [
        client_id,
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"),
        ("actor_token", tokens.text("access_token").ok_or_else(lacks)?),
        ("actor_token_type", &format!("{TOKEN_TYPE}:access_token")),
        ("subject_token", tokens.text("id_token").ok_or_else(lacks)?),
        ("subject_token_type", &format!("{TOKEN_TYPE}:id_token")),
        ("requested_token_type", "urn:okta:oauth:token-type:web_sso_token"),
        ("audience", &audience),
    ];
    let exchanged = call(dialogue, url("/oauth2/v1/token")?, &fields).await?;
    if let Some(error) = exchanged.error() {
        return Err(refused(&place, &error).into());
    }
    let token = exchanged.text("access_token").ok_or_else(lacks)?;
    Ok(Request::post_fields(url("/login/token/sso")?, &[("token", token)]))
}

/// An answer of the token endpoint; tokens are in it.
struct Reply(Value);

impl Reply {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.0.get(name)?.as_u64()
    }

    /// Source: RFC 6749, section 5.2.
    fn error(&self) -> Option<(String, String)> {
        let code = self.text("error").or_else(|| self.text("errorCode"))?;
        let says = self.text("error_description").or_else(|| self.text("errorSummary")).unwrap_or_default();
        Some((code.to_owned(), shown(says)))
    }
}

async fn call(dialogue: &mut Dialogue<'_, '_>, url: Url, fields: &[(&str, &str)]) -> Result<Reply> {
    let host = host(&url);
    let fetched = dialogue.visit.fetch(&Request::post_fields(url, fields), true).await?;
    let unreadable = || SamlError::Status { host, status: fetched.status, says: None };
    let value: Value = serde_json::from_str(&fetched.text).ok().filter(Value::is_object).ok_or_else(unreadable)?;
    Ok(Reply(value))
}

fn refused(place: &str, (code, says): &(String, String)) -> SamlError {
    let host = place.to_owned();
    let says = if says.is_empty() { shown(code) } else { says.clone() };
    match code.as_str() {
        "invalid_client" | "unauthorized_client" | "invalid_scope" => SamlError::Client { host, says },
        "access_denied" => SamlError::AccessDenied { host, says: Some(says) },
        _ => SamlError::Refused { host, status: says },
    }
}
