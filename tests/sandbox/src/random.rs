//! Identifiers and secrets from the operating system's randomness.
//!
//! Owns their alphabets. Never remembers what it gave out.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    bytes
}

/// 32 hexadecimal digits.
pub(crate) fn hex_id() -> String {
    hex::encode(bytes::<16>())
}

/// An opaque token with this in front, 256 bits after it.
pub(crate) fn token(prefix: &str) -> String {
    format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes::<32>()))
}

/// A session token: long, as those of STS are, and with the characters that need escaping.
pub(crate) fn session_token() -> String {
    format!("IQoJ{}+/==", STANDARD_NO_PAD.encode(bytes::<256>()))
}

/// A temporary access key id: `ASIA` and 16 more.
pub(crate) fn access_key_id() -> String {
    format!("ASIA{}", text::<16>(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
}

/// A secret access key of 40 characters.
pub(crate) fn secret_access_key() -> String {
    text::<40>(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
}

/// An id of a version of an object, of 32 characters.
pub(crate) fn version_id() -> String {
    text::<32>(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._")
}

/// A user code as people type it: `ABCD-EFGH`, no vowels, no look-alikes (RFC 8628, section 6.1).
pub(crate) fn user_code() -> String {
    let letters = b"BCDFGHJKLMNPQRSTVWXZ";
    format!("{}-{}", text::<4>(letters), text::<4>(letters))
}

fn text<const N: usize>(alphabet: &[u8]) -> String {
    bytes::<N>().iter().map(|byte| char::from(alphabet[usize::from(*byte) % alphabet.len()])).collect()
}
