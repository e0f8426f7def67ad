//! Signature Version 4 verification.
//!
//! Owns what a signature covers and whether it fits. Pure: the secret, the payload's hash and the
//! time are passed in; whether a key exists or has expired is for the caller to say.
//!
//! Source: *IAM User Guide*, "Create a signed AWS API request"; *Amazon S3 API Reference*,
//! "Authenticating Requests: Using the Authorization Header" and "Using Query Parameters".

mod canonical;
mod claim;

pub use claim::{Claim, ClaimError};

use hmac::{Hmac, Mac};
use http::HeaderMap;
use sha2::{Digest, Sha256};

/// The parts of a request a signature covers, as they were sent.
#[derive(Debug, Clone, Copy)]
pub struct Head<'a> {
    /// The method.
    pub method: &'a str,
    /// The path, still percent-encoded.
    pub path: &'a str,
    /// The query without its question mark, still percent-encoded; empty when absent.
    pub query: &'a str,
    /// The headers.
    pub headers: &'a HeaderMap,
}

/// Hexadecimal SHA-256, as `x-amz-content-sha256` carries it.
#[must_use]
pub fn payload_hash(body: &[u8]) -> String {
    hex::encode(Sha256::digest(body))
}

/// The signature AWS would compute for this request.
#[must_use]
pub fn signature(head: Head<'_>, claim: &Claim, payload_hash: &str, secret: &str) -> String {
    let request = canonical::request(head, claim, payload_hash);
    let scope = format!(
        "{}/{}/{}/aws4_request",
        claim.scope_date, claim.region, claim.service
    );
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{}\n{scope}\n{}",
        claim.timestamp_text,
        hex::encode(Sha256::digest(request.as_bytes()))
    );
    let mut key = hmac(
        format!("AWS4{secret}").as_bytes(),
        claim.scope_date.as_bytes(),
    );
    for part in [
        claim.region.as_str(),
        claim.service.as_str(),
        "aws4_request",
    ] {
        key = hmac(&key, part.as_bytes());
    }
    hex::encode(hmac(&key, to_sign.as_bytes()))
}

/// Whether the request carries the signature AWS would compute.
#[must_use]
pub fn fits(head: Head<'_>, claim: &Claim, payload_hash: &str, secret: &str) -> bool {
    let expected = signature(head, claim, payload_hash, secret);
    // Comparing MACs of both leaks nothing about where they differ.
    hmac(secret.as_bytes(), expected.as_bytes())
        == hmac(secret.as_bytes(), claim.signature.as_bytes())
}

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests;
