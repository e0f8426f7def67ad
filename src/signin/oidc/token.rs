//! An ID token: what is read of it, within limits. Pure.
//!
//! Source: OpenID Connect Core 1.0, section 2; RFC 7519, section 7.2; STS API reference, `WebIdentityToken` (4 to
//! 20,000 characters).

use base64::Engine as _;
use base64::engine::GeneralPurpose;
use base64::engine::general_purpose::GeneralPurposeConfig;
use jiff::Timestamp;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::error::OidcError;
use crate::secret::Secret;

/// The longest token that STS takes, in bytes.
pub(super) const LONGEST: usize = 20_000;

/// Takes base64url with or without padding: some issuers pad.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
);

/// A token as it is sent to STS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdToken(Secret);

/// What is read of a token. None of it is proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// `sub`: whom the token is of.
    pub subject: String,
    /// `iss`.
    pub issuer: Option<String>,
    /// `aud`, one or several.
    pub audiences: Vec<String>,
    /// `nonce`.
    pub nonce: Option<String>,
    /// `exp`.
    pub expires: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Form {
    sub: Option<String>,
    iss: Option<String>,
    aud: Option<Audience>,
    nonce: Option<String>,
    exp: Option<f64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl IdToken {
    /// Takes a text that could be a token: of visible ASCII, neither empty nor longer than STS takes.
    ///
    /// # Errors
    /// [`OidcError::NotAToken`].
    pub fn new(text: &str, from: &str) -> Result<Self, OidcError> {
        let text = text.trim_ascii();
        let refuse = |problem| Err(OidcError::NotAToken { from: from.to_owned(), problem });
        match text.len() {
            0 => refuse("it is empty"),
            length if length > LONGEST => refuse("it is longer than STS takes"),
            _ if !text.bytes().all(|byte| byte.is_ascii_graphic()) => refuse("it holds what no token does"),
            _ => Ok(Self(Secret::new(text))),
        }
    }

    /// The token: for STS only.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// What it says, unproven.
    ///
    /// # Errors
    /// [`OidcError::NotAToken`] when it is no JSON Web Token, [`OidcError::NoSubject`] when it is nobody's.
    pub fn claims(&self, from: &str) -> Result<Claims, OidcError> {
        let refuse = |problem| OidcError::NotAToken { from: from.to_owned(), problem };
        let mut parts = self.expose().split('.');
        let (Some(_), Some(payload), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
            return Err(refuse("it is not a JSON Web Token of three parts"));
        };
        let decoded = LENIENT.decode(payload).map(Zeroizing::new);
        let decoded = decoded.map_err(|_| refuse("its second part is not base64url"))?;
        let form: Form = serde_json::from_slice(&decoded).map_err(|_| refuse("its claims can't be read"))?;
        let subject = form.sub.filter(|subject| !subject.is_empty());
        Ok(Claims {
            subject: subject.ok_or_else(|| OidcError::NoSubject { from: from.to_owned() })?,
            issuer: form.iss,
            audiences: match form.aud {
                None => Vec::new(),
                Some(Audience::One(one)) => vec![one],
                Some(Audience::Several(several)) => several,
            },
            nonce: form.nonce,
            expires: form.exp.and_then(timestamp),
        })
    }
}

/// Whole seconds; what no clock shows is no time. RFC 7519, section 2, lets them have a fraction.
fn timestamp(seconds: f64) -> Option<Timestamp> {
    #[expect(clippy::cast_possible_truncation, reason = "its range is checked")]
    (0.0..=1e11).contains(&seconds).then(|| Timestamp::from_second(seconds as i64).ok())?
}

/// A token with these claims and no signature worth the name, for tests.
#[cfg(test)]
pub(super) fn unsigned(claims: &str) -> String {
    let part = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    format!("{}.{}.{}", part("{\"alg\":\"RS256\"}"), part(claims), part("x"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn claims(text: &str) -> Result<Claims, OidcError> {
        IdToken::new(&unsigned(text), "x")?.claims("x")
    }

    #[test]
    fn the_subject_is_read_and_nothing_else_is_needed() {
        let read =
            claims(r#"{"sub":"alice","aud":["a","b"],"exp":1800000000.5,"nonce":"n","iss":"i","x":{}}"#).unwrap();
        assert_eq!((read.subject.as_str(), read.audiences.len()), ("alice", 2));
        assert_eq!(read.expires.unwrap().as_second(), 1_800_000_000);
        assert_eq!(claims(r#"{"sub":"alice"}"#).unwrap().expires, None);
        assert_eq!(claims(r#"{"sub":"alice","exp":1e300}"#).unwrap().expires, None);
    }

    #[test]
    fn what_is_no_token_is_refused_without_being_shown() {
        for text in ["", " \n", "a b", "opaque", "a.b", "a.b.c.d", "a.%%.c", "\u{e9}", "eyJ9.e30.x"] {
            let refused = IdToken::new(text, "the file x").and_then(|token| token.claims("the file x"));
            let error = refused.unwrap_err().to_string();
            assert!(error.contains("the file x") && (text.len() < 4 || !error.contains(text)), "{error}");
        }
        assert!(IdToken::new(&"a".repeat(LONGEST), "x").is_ok());
        assert!(IdToken::new(&"a".repeat(LONGEST + 1), "x").is_err());
        for text in ["[]", "null", r#"{"sub":7}"#, r#"{"sub":"a","sub":"b"}"#, r#"{"sub":""}"#, "{}", "{"] {
            assert!(claims(text).is_err(), "{text}");
        }
        assert!(!format!("{:?}", IdToken::new("hunter2.hunter2.hunter2", "x").unwrap()).contains("hunter2"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,80}", payload in "\\PC{0,80}") {
            let _ = IdToken::new(&text, "x").and_then(|token| token.claims("x"));
            let _ = claims(&payload);
        }
    }
}
