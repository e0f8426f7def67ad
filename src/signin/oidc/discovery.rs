//! What a provider says of itself. Pure.
//!
//! Source: OpenID Connect Discovery 1.0, sections 3 and 4.3; RFC 8414 for the device grant's and revocation's endpoints.

use serde::Deserialize;

use super::error::OidcError;
use crate::config::names::SafeUrl;

/// The endpoints in use; each is as safe to send a secret to as the issuer itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Discovery {
    pub(super) authorization_endpoint: Option<SafeUrl>,
    pub(super) token_endpoint: SafeUrl,
    pub(super) device_authorization_endpoint: Option<SafeUrl>,
    pub(super) revocation_endpoint: Option<SafeUrl>,
    /// It gives refresh tokens when asked.
    pub(super) has_offline_access: bool,
}

#[derive(Deserialize)]
struct Form {
    issuer: String,
    authorization_endpoint: Option<String>,
    token_endpoint: String,
    device_authorization_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    #[serde(default)]
    scopes_supported: Vec<String>,
}

impl Discovery {
    /// Reads the document of an issuer, which must be its own: one that names another issuer is refused, and so is an
    /// endpoint over plain http, save on this machine for an issuer on this machine.
    ///
    /// # Errors
    /// [`OidcError::Discovery`].
    pub(super) fn parse(text: &str, issuer: &SafeUrl) -> Result<Self, OidcError> {
        let refuse = |problem: &'static str| OidcError::Discovery { issuer: issuer.to_string(), problem };
        let form: Form = serde_json::from_str(text).map_err(|_| refuse("can't be read"))?;
        let same = form.issuer.parse::<SafeUrl>().is_ok_and(|named| named.as_str() == issuer.as_str());
        if !same {
            return Err(refuse("is another issuer's"));
        }
        let endpoint = |text: String| {
            let url: SafeUrl = text.parse().map_err(|_| refuse("names an endpoint that is not https"))?;
            match url.as_url().scheme() == "https" || issuer.is_loopback() {
                true => Ok(url),
                false => Err(refuse("names an endpoint on this machine")),
            }
        };
        Ok(Self {
            authorization_endpoint: form.authorization_endpoint.map(endpoint).transpose()?,
            token_endpoint: endpoint(form.token_endpoint)?,
            device_authorization_endpoint: form.device_authorization_endpoint.map(endpoint).transpose()?,
            revocation_endpoint: form.revocation_endpoint.map(endpoint).transpose()?,
            has_offline_access: form.scopes_supported.iter().any(|scope| scope == "offline_access"),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parse(issuer: &str, text: &str) -> Result<Discovery, OidcError> {
        Discovery::parse(text, &issuer.parse().unwrap())
    }

    fn document(issuer: &str, token: &str) -> String {
        format!(r#"{{"issuer":"{issuer}","token_endpoint":"{token}","scopes_supported":["openid"],"x":[1]}}"#)
    }

    #[test]
    fn the_document_must_be_the_issuers_own() {
        let https = "https://login.example.com/t";
        assert!(parse(https, &document(https, "https://login.example.com/token")).is_ok());
        assert!(parse(https, &document("https://login.example.com/t/", "https://x.example/token")).is_ok());
        for issuer in ["https://login.example.com", "https://evil.example/t", "http://login.example.com/t", ""] {
            assert!(parse(https, &document(issuer, "https://login.example.com/token")).is_err(), "{issuer}");
        }
    }

    #[test]
    fn no_endpoint_is_less_safe_than_the_issuer() {
        let https = "https://login.example.com";
        for token in ["http://login.example.com/token", "http://127.0.0.1:9/token", "file:///etc/passwd", "token"] {
            assert!(parse(https, &document(https, token)).is_err(), "{token}");
        }
        let local = "http://127.0.0.1:9/company";
        assert!(parse(local, &document(local, "http://127.0.0.1:9/company/token")).is_ok());
        assert!(parse(local, &document(local, "http://login.example.com/token")).is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,80}|\\{(\"(issuer|token_endpoint)\":(1|null|\"https://x.example\"),?){0,3}\\}") {
            let _ = parse("https://x.example", &text);
        }
    }
}
