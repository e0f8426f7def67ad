//! Proof Key for Code Exchange, and the URL a browser is sent to. Pure but for the randomness passed in.
//!
//! Source: RFC 7636 (§4.1 verifier, §4.2 challenge), RFC 6749 §4.1.1 and §10.12 (`state`), RFC 8252 §7.3 (loopback).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::secret::Secret;

/// The path of the redirect URI. The port is chosen when listening.
pub(super) const CALLBACK_PATH: &str = "/oauth/callback";
/// What is registered: RFC 8252 §7.3 lets the port vary.
pub(in crate::signin) const REGISTERED_REDIRECT: &str = "http://127.0.0.1/oauth/callback";

/// One attempt's secrets.
pub(super) struct Attempt {
    /// Proves to the token endpoint that who exchanges the code also asked for it.
    pub(super) verifier: Secret,
    /// Proves that the browser's answer belongs to this attempt.
    pub(super) state: Secret,
    /// Proves that an ID token belongs to this attempt. OpenID Connect Core, section 3.1.2.1.
    pub(super) nonce: Secret,
}

impl Attempt {
    /// From 96 random bytes.
    pub(super) fn new(random: &[u8; 96]) -> Self {
        let secret = |from: usize| Secret::new(URL_SAFE_NO_PAD.encode(&random[from..from + 32]));
        Self { verifier: secret(0), state: secret(32), nonce: secret(64) }
    }

    /// The S256 challenge: unpadded, as AWS insists.
    pub(super) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.expose().as_bytes()))
    }

    /// Where the browser is sent. An endpoint may have a query of its own: RFC 6749, section 3.1.
    pub(super) fn authorize_url(
        &self,
        endpoint: &str,
        client_id: &str,
        redirect_uri: &str,
        more: &[(&str, String)],
    ) -> String {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("response_type", "code")
            .append_pair("client_id", client_id)
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("state", self.state.expose())
            .append_pair("code_challenge", &self.challenge())
            .append_pair("code_challenge_method", "S256")
            .extend_pairs(more)
            .finish();
        let mark = if endpoint.contains('?') { '&' } else { '?' };
        format!("{endpoint}{mark}{query}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_rfc_7636_appendix_b() {
        let attempt = Attempt {
            verifier: Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            state: Secret::new("s"),
            nonce: Secret::new("n"),
        };
        assert_eq!(attempt.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn the_url_holds_the_challenge_and_never_the_verifier() {
        let random: [u8; 96] = std::array::from_fn(|i| u8::try_from(i).unwrap());
        let attempt = Attempt::new(&random);
        let more = [("scopes", "a b".to_owned())];
        let url = |endpoint| attempt.authorize_url(endpoint, "c&d", "http://127.0.0.1:9/x", &more);
        let plain = url("https://oidc.eu-central-1.amazonaws.com/authorize");
        assert!(
            plain.starts_with("https://oidc.eu-central-1.amazonaws.com/authorize?response_type=code&client_id=c%26d&")
        );
        assert!(plain.contains("redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fx") && plain.ends_with("&scopes=a+b"));
        assert!(
            url("https://login.example.com/a?tenant=1")
                .starts_with("https://login.example.com/a?tenant=1&response_type")
        );
        assert!(!plain.contains(attempt.verifier.expose()));
        assert_eq!(attempt.verifier.expose().len(), 43);
        assert!(attempt.verifier != attempt.state && attempt.state != attempt.nonce);
    }
}
