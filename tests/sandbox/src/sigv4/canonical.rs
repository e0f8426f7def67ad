//! The canonical request.
//!
//! Owns its byte-exact form. Source: *IAM User Guide*, "Create a canonical request"; S3 signs the
//! path encoded once and never normalised.

use percent_encoding::percent_decode_str;

use super::{Claim, Head};

pub(super) fn request(head: Head<'_>, claim: &Claim, payload_hash: &str) -> String {
    let headers: String = claim
        .signed_headers
        .iter()
        .map(|name| header_line(head, name))
        .collect();
    format!(
        "{}\n{}\n{}\n{headers}\n{}\n{payload_hash}",
        head.method,
        uri(head.path),
        query(head.query),
        claim.signed_headers.join(";"),
    )
}

/// One `name:value` line: values trimmed, inner runs of spaces made one, several joined by commas.
fn header_line(head: Head<'_>, name: &str) -> String {
    let values: Vec<String> = head
        .headers
        .get_all(name)
        .iter()
        .map(|value| {
            String::from_utf8_lossy(value.as_bytes())
                .split_ascii_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
        })
        .collect();
    format!("{name}:{}\n", values.join(","))
}

fn uri(path: &str) -> String {
    if path.is_empty() {
        "/".into()
    } else {
        encode(&decode(path), true)
    }
}

fn query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (encode(&decode(key), false), encode(&decode(value), false)))
        .filter(|(key, _)| key != "X-Amz-Signature")
        .collect();
    pairs.sort_unstable();
    pairs
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect::<Vec<_>>()
        .join("&")
}

fn decode(text: &str) -> Vec<u8> {
    percent_decode_str(text).collect()
}

/// AWS's `UriEncode`: everything but letters, digits and `-._~`, and `/` where it is a path.
fn encode(bytes: &[u8], keep_slash: bool) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || (keep_slash && byte == b'/') {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}
