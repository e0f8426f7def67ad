//! A person's sign-in at the company's own provider: in a browser, or with a code; and its silent renewal.
//!
//! The client is a public one: it has no secret. Whether an ID token is genuine is for STS to find out, which knows the
//! provider's keys; that it is the answer to this sign-in is checked here.
//!
//! Source: OpenID Connect Core 1.0, sections 3.1.3 and 12; RFC 6749, RFC 8628, RFC 7009.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::discovery::Discovery;
use super::error::OidcError;
use super::token::IdToken;
use crate::config::names::SafeUrl;
use crate::config::oidc::IssuerSettings;
use crate::http::Http;
use crate::secret::Secret;
use crate::signin::Interaction;
use crate::signin::oauth::{Authorized, DEVICE_GRANT, OAuthError, Poll, Reply, SignIn, authorize, instructions};

/// A token that ends sooner is not worth sending.
const MARGIN: SignedDuration = SignedDuration::from_secs(60);

/// What a sign-in left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcSession {
    /// The proof for STS, until it expires.
    pub id_token: IdToken,
    /// What renews it, where the provider gave one. It may be good for one use.
    pub refresh_token: Option<Secret>,
}

impl OidcSession {
    /// Whether its ID token can still be sent.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        let expires = self.id_token.claims("").ok().and_then(|claims| claims.expires);
        expires.is_some_and(|expires| expires.duration_since(now) > MARGIN)
    }
}

/// A provider, as its client sees it.
#[derive(Debug)]
pub struct Issuer<'a> {
    settings: &'a IssuerSettings,
    http: &'a Http,
}

#[derive(Deserialize)]
struct TokenForm {
    id_token: Option<String>,
    refresh_token: Option<String>,
}

#[derive(Deserialize)]
struct ErrorForm {
    error: Option<String>,
}

#[derive(Deserialize)]
struct DeviceForm {
    device_code: String,
    user_code: String,
    verification_uri: String,
    #[serde(default)]
    expires_in: i32,
    #[serde(default)]
    interval: i32,
}

impl<'a> Issuer<'a> {
    /// The provider of these settings.
    pub fn new(settings: &'a IssuerSettings, http: &'a Http) -> Self {
        Self { settings, http }
    }

    /// Signs a person in.
    ///
    /// # Errors
    /// [`OidcError`].
    pub async fn sign_in(&self, how: SignIn, person: &dyn Interaction) -> Result<OidcSession, OidcError> {
        let discovery = self.discover().await?;
        match how {
            SignIn::AuthorizationCode { port, open } => self.with_browser(&discovery, (port, open), person).await,
            SignIn::DeviceCode => self.with_device_code(&discovery, person).await,
        }
    }

    /// A fresh ID token for the same person, without them.
    ///
    /// # Errors
    /// [`OidcError::SessionEnded`] when the provider gives none.
    pub async fn renew(&self, old: &OidcSession) -> Result<OidcSession, OidcError> {
        let refresh_token = old.refresh_token.as_ref().ok_or_else(|| self.ended())?;
        let discovery = self.discover().await?;
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose())];
        let session = match self.token(&discovery, &fields).await {
            Ok(form) => self.session(form, None)?,
            Err(Reply::Unreachable(error)) => return Err(error),
            // Whatever it says: this token renews nothing any more.
            Err(Reply::Failed(OidcError::Provider { code, .. })) if code == "invalid_grant" => return Err(self.ended()),
            Err(Reply::Failed(error)) => return Err(error),
            Err(_) => return Err(self.ended()),
        };
        // OpenID Connect Core, section 12.2: the same person, or it is nobody's renewal.
        if session.id_token.claims("")?.subject != old.id_token.claims("")?.subject {
            return Err(self.ended());
        }
        Ok(OidcSession { refresh_token: session.refresh_token.or_else(|| old.refresh_token.clone()), ..session })
    }

    /// Tells the provider that what renews the session is not needed any more, where it wants to know.
    ///
    /// # Errors
    /// [`OidcError`] when it can't be told.
    pub async fn sign_out(&self, session: &OidcSession) -> Result<(), OidcError> {
        let Some(refresh_token) = &session.refresh_token else { return Ok(()) };
        let Some(endpoint) = self.discover().await?.revocation_endpoint else { return Ok(()) };
        let fields = [("token", refresh_token.expose()), ("token_type_hint", "refresh_token"), self.client_id()];
        let reply = self.http.post_form(&endpoint, &fields).await?;
        match reply.status {
            200 => Ok(()),
            status => Err(self.provider_error(format!("status {status}"))),
        }
    }

    async fn discover(&self) -> Result<Discovery, OidcError> {
        let issuer = &self.settings.issuer;
        let refuse = |problem| OidcError::Discovery { issuer: issuer.to_string(), problem };
        let url = format!("{}/.well-known/openid-configuration", issuer.as_str());
        let url = url::Url::parse(&url).map_err(|_| refuse("has no address"))?;
        let reply = self.http.get_json(&url, None).await?;
        match reply.status {
            200 => Discovery::parse(reply.body.expose(), issuer),
            _ => Err(refuse("is not there")),
        }
    }

    fn scope(&self, discovery: &Discovery) -> String {
        let mut scopes = vec!["openid"];
        if discovery.has_offline_access {
            scopes.push("offline_access");
        }
        let further = self.settings.scopes.iter().map(String::as_str);
        scopes.extend(further.filter(|scope| !["openid", "offline_access"].contains(scope)));
        scopes.join(" ")
    }

    async fn with_browser(
        &self,
        discovery: &Discovery,
        browser: (u16, bool),
        person: &dyn Interaction,
    ) -> Result<OidcSession, OidcError> {
        let lacks = || OidcError::NoGrant { issuer: self.settings.issuer.to_string(), grant: "sign-in page" };
        let endpoint = discovery.authorization_endpoint.as_ref().ok_or_else(lacks)?;
        let more = |nonce: &Secret| vec![("scope", self.scope(discovery)), ("nonce", nonce.expose().to_owned())];
        let client_id = &self.settings.client_id;
        let authorized = authorize(endpoint.as_url().as_str(), client_id, more, browser, person).await?;
        let Authorized { code, redirect_uri, verifier, nonce } = authorized;
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code.expose()),
            ("redirect_uri", redirect_uri.as_str()),
            ("code_verifier", verifier.expose()),
        ];
        match self.token(discovery, &fields).await {
            Ok(form) => self.session(form, Some(&nonce)),
            Err(Reply::Failed(error) | Reply::Unreachable(error)) => Err(error),
            Err(_) => Err(OAuthError::Denied.into()),
        }
    }

    async fn with_device_code(
        &self,
        discovery: &Discovery,
        person: &dyn Interaction,
    ) -> Result<OidcSession, OidcError> {
        let lacks = || OidcError::NoGrant { issuer: self.settings.issuer.to_string(), grant: "device grant" };
        let endpoint = discovery.device_authorization_endpoint.as_ref().ok_or_else(lacks)?;
        let scope = self.scope(discovery);
        let reply = self.http.post_form(endpoint, &[self.client_id(), ("scope", &scope)]).await?;
        if reply.status != 200 {
            return Err(self.refusal(reply.status, reply.body.expose()));
        }
        let incomplete = || self.provider_error("an incomplete device authorization".to_owned());
        let device: DeviceForm = serde_json::from_str(reply.body.expose()).map_err(|_| incomplete())?;
        let device_code = Secret::new(device.device_code);
        // Both go to the terminal: an address that is one, and a code that somebody can type.
        let page: SafeUrl = device.verification_uri.parse().map_err(|_| incomplete())?;
        let typable = |code: &str| (1..=64).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_graphic());
        if !typable(&device.user_code) {
            return Err(incomplete());
        }
        person.say(&instructions(page.as_str(), &device.user_code));
        let mut poll = Poll::new(device.interval, device.expires_in);
        loop {
            tokio::time::sleep(poll.interval()).await;
            let fields = [("grant_type", DEVICE_GRANT), ("device_code", device_code.expose())];
            match self.token(discovery, &fields).await {
                Ok(form) => return self.session(form, None),
                Err(reply) => poll.after(reply)?,
            }
        }
    }

    async fn token(&self, discovery: &Discovery, fields: &[(&str, &str)]) -> Result<TokenForm, Reply<OidcError>> {
        let fields: Vec<(&str, &str)> = fields.iter().copied().chain([self.client_id()]).collect();
        let asked = self.http.post_form(&discovery.token_endpoint, &fields).await;
        let reply = asked.map_err(|error| Reply::Unreachable(error.into()))?;
        let text = reply.body.expose();
        if reply.status == 200 {
            let incomplete = || Reply::Failed(self.provider_error("a reply that can't be read".to_owned()));
            return serde_json::from_str(text).map_err(|_| incomplete());
        }
        let error = serde_json::from_str::<ErrorForm>(text).ok().and_then(|form| form.error);
        Err(match error.as_deref() {
            Some("authorization_pending") => Reply::Pending,
            Some("slow_down") => Reply::SlowDown,
            Some("expired_token") => Reply::Expired,
            Some("access_denied") => Reply::Denied,
            _ if reply.status >= 500 => Reply::Unreachable(self.refusal(reply.status, text)),
            _ => Reply::Failed(self.refusal(reply.status, text)),
        })
    }

    /// The session of a token reply, once its ID token is known to be meant for us, now.
    fn session(&self, form: TokenForm, nonce: Option<&Secret>) -> Result<OidcSession, OidcError> {
        let IssuerSettings { issuer, client_id, .. } = self.settings;
        let from = issuer.to_string();
        let refresh_token = form.refresh_token.filter(|token| !token.is_empty()).map(Secret::new);
        let text = Secret::new(form.id_token.unwrap_or_default());
        let id_token = IdToken::new(text.expose(), &from)?;
        let claims = id_token.claims(&from)?;
        let refuse = |problem| Err(OidcError::NotAToken { from: from.clone(), problem });
        let named = claims.issuer.as_deref().and_then(|named| named.parse::<SafeUrl>().ok());
        if named.is_none_or(|named| named.as_str() != issuer.as_str()) {
            return refuse("it is another issuer's");
        }
        if !claims.audiences.contains(client_id) {
            return refuse("it is for another client");
        }
        if nonce.is_some_and(|nonce| claims.nonce.as_deref() != Some(nonce.expose())) {
            return refuse("it is not the answer to this sign-in");
        }
        Ok(OidcSession { id_token, refresh_token })
    }

    fn client_id(&self) -> (&'static str, &str) {
        ("client_id", &self.settings.client_id)
    }

    fn ended(&self) -> OidcError {
        OidcError::SessionEnded { issuer: self.settings.issuer.to_string() }
    }

    fn refusal(&self, status: u16, text: &str) -> OidcError {
        let error = serde_json::from_str::<ErrorForm>(text).ok().and_then(|form| form.error);
        match error.as_deref() {
            Some("invalid_client" | "unauthorized_client") => OidcError::UnknownClient {
                issuer: self.settings.issuer.to_string(),
                client_id: self.settings.client_id.clone(),
            },
            Some(code) => self.provider_error(code.to_owned()),
            None => self.provider_error(format!("status {status}")),
        }
    }

    fn provider_error(&self, code: String) -> OidcError {
        let plain = |c: &char| c.is_ascii_alphanumeric() || "._- ".contains(*c);
        OidcError::Provider {
            issuer: self.settings.issuer.to_string(),
            code: code.chars().filter(plain).take(80).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::token::unsigned;
    use super::*;

    #[test]
    fn only_the_answer_to_this_sign_in_is_taken() {
        let settings = IssuerSettings {
            issuer: "https://login.example.com".parse().unwrap(),
            client_id: "us".to_owned(),
            scopes: Vec::new(),
        };
        let http = Http::new(None).unwrap();
        let issuer = Issuer::new(&settings, &http);
        let nonce = Secret::new("n");
        let session = |claims: &str, nonce: Option<&Secret>| {
            issuer.session(TokenForm { id_token: Some(unsigned(claims)), refresh_token: None }, nonce)
        };
        let good = r#"{"iss":"https://login.example.com","sub":"alice","aud":"us","nonce":"n"}"#;
        assert!(session(good, Some(&nonce)).is_ok());
        assert!(session(good, None).is_ok());
        for (from, to) in [
            ("\"n\"}", "\"m\"}"),
            (",\"nonce\":\"n\"", ""),
            ("\"us\"", "\"them\""),
            ("\"us\"", "[]"),
            ("login.example.com", "evil.example"),
            ("\"sub\":\"alice\",", ""),
        ] {
            assert!(session(&good.replace(from, to), Some(&nonce)).is_err(), "{from} {to}");
        }
        assert!(session(&good.replace("\"us\"", "[\"x\",\"us\"]"), Some(&nonce)).is_ok());
        assert!(issuer.session(TokenForm { id_token: None, refresh_token: None }, None).is_err());
    }

    #[test]
    fn a_token_that_is_about_to_end_is_renewed_first() {
        let session = |exp: i64| OidcSession {
            id_token: IdToken::new(&unsigned(&format!("{{\"sub\":\"a\",\"exp\":{exp}}}")), "").unwrap(),
            refresh_token: None,
        };
        let now = Timestamp::from_second(1000).unwrap();
        assert!(session(1061).is_valid(now) && !session(1060).is_valid(now) && !session(10).is_valid(now));
    }
}
