//! JSON Web Tokens: signing, and the verification that STS does.
//!
//! Owns the keys and which algorithms are taken: a token says with which it was signed, and its key must be one for
//! exactly that. Source: RFC 7515 (JWS), RFC 7517 (JWK), RFC 7518 sections 3.3 and 3.4.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use serde_json::{Value, json};

/// The key that signs with RSA; it opens nothing else.
const RSA_KEY: &[u8] = include_bytes!("../../idp/signing-key.der");
const RSA_ID: &str = "sandbox-rsa";
const EC_ID: &str = "sandbox-ec";

/// The algorithms that are signed with, and taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
pub enum Algorithm {
    /// RSA with SHA-256.
    #[default]
    #[serde(rename = "RS256")]
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
}

/// One key of each kind.
pub(crate) struct Keys {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys")
    }
}

impl Default for Keys {
    fn default() -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("the system has randomness");
        Self {
            rsa: RsaKeyPair::from_pkcs8(RSA_KEY).expect("the sandbox's own key is well-formed"),
            ec: EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("it was just made"),
        }
    }
}

impl Keys {
    /// The public halves, as discovery's `jwks_uri` shows them.
    pub(crate) fn published(&self) -> Value {
        let rsa: PublicKeyComponents<Vec<u8>> = self.rsa.public().into();
        // SEC 1, section 2.3.3: 4, then both coordinates.
        let (x, y) = self.ec.public_key().as_ref()[1..].split_at(32);
        let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({ "keys": [
            { "kty": "RSA", "use": "sig", "alg": "RS256", "kid": RSA_ID, "n": encoded(&rsa.n), "e": encoded(&rsa.e) },
            { "kty": "EC", "use": "sig", "alg": "ES256", "kid": EC_ID, "crv": "P-256", "x": encoded(x), "y": encoded(y) },
        ] })
    }

    /// A signed token.
    pub(crate) fn sign(&self, algorithm: Algorithm, claims: &Value) -> String {
        let (alg, kid) = match algorithm {
            Algorithm::Rs256 => ("RS256", RSA_ID),
            Algorithm::Es256 => ("ES256", EC_ID),
        };
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({ "typ": "JWT", "alg": alg, "kid": kid })), part(claims));
        let random = SystemRandom::new();
        let signature = match algorithm {
            Algorithm::Rs256 => {
                let mut signature = vec![0; self.rsa.public().modulus_len()];
                let done = self.rsa.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature);
                done.expect("the system has randomness");
                signature
            }
            Algorithm::Es256 => {
                let signature = self.ec.sign(&random, signed.as_bytes());
                signature.expect("the system has randomness").as_ref().to_vec()
            }
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// Whether one of these keys signed the token.
    pub(crate) fn verify(&self, token: &Token<'_>) -> bool {
        match (token.algorithm.as_str(), token.key_id.as_deref()) {
            ("RS256", Some(RSA_ID)) => {
                let public: PublicKeyComponents<Vec<u8>> = self.rsa.public().into();
                public.verify(&RSA_PKCS1_2048_8192_SHA256, token.signed.as_bytes(), &token.signature).is_ok()
            }
            ("ES256", Some(EC_ID)) => {
                let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.ec.public_key());
                public.verify(token.signed.as_bytes(), &token.signature).is_ok()
            }
            _ => false,
        }
    }
}

/// A token taken apart; nothing in it is believed yet.
#[derive(Debug)]
pub(crate) struct Token<'t> {
    algorithm: String,
    key_id: Option<String>,
    signed: &'t str,
    signature: Vec<u8>,
    /// What it says.
    pub claims: Value,
}

impl<'t> Token<'t> {
    /// `None` when it is no signed JWT.
    pub(crate) fn parse(text: &'t str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
        let object = |part: &str| serde_json::from_slice::<Value>(&decoded(part)?).ok().filter(Value::is_object);
        let header = object(header)?;
        Some(Self {
            algorithm: header.get("alg")?.as_str()?.to_owned(),
            key_id: header.get("kid").and_then(Value::as_str).map(Into::into),
            signed,
            signature: decoded(signature)?,
            claims: object(claims)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_signed_verifies_and_only_as_it_was_signed() {
        let keys = Keys::default();
        for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
            let token = keys.sign(algorithm, &json!({ "sub": "alice" }));
            assert!(keys.verify(&Token::parse(&token).unwrap()));
            assert_eq!(Token::parse(&token).unwrap().claims["sub"], "alice");
            let (head, rest) = token.split_once('.').unwrap();
            let (_, signature) = rest.split_once('.').unwrap();
            let other = URL_SAFE_NO_PAD.encode("{\"sub\":\"bob\"}");
            assert!(!keys.verify(&Token::parse(&format!("{head}.{other}.{signature}")).unwrap()));
            let none = URL_SAFE_NO_PAD.encode("{\"alg\":\"none\",\"kid\":\"sandbox-rsa\"}");
            assert!(!keys.verify(&Token::parse(&format!("{none}.{other}.")).unwrap()));
            assert!(!Keys::default().verify(&Token::parse(&keys.sign(Algorithm::Es256, &json!({}))).unwrap()));
        }
        for text in ["", ".", "..", "a.b.c", "opaque-access-token"] {
            assert!(Token::parse(text).is_none(), "{text}");
        }
    }
}
