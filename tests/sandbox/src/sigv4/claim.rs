//! What a request says about its own signature, before anything is believed.
//!
//! Owns reading the `Authorization` header or the presigned query. Never computes a signature.

use http::HeaderMap;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use url::form_urlencoded;

use super::Head;

/// AWS's tolerance between its clock and the request's.
const WINDOW: SignedDuration = SignedDuration::from_mins(15);

/// A parsed signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The access key id.
    pub access_key_id: String,
    /// Date of the credential scope, `20260102`.
    pub scope_date: String,
    /// Region of the credential scope.
    pub region: String,
    /// Service of the credential scope.
    pub service: String,
    /// Lower-case names of the signed headers, sorted.
    pub signed_headers: Vec<String>,
    /// The signature, hexadecimal.
    pub signature: String,
    /// When the request was signed.
    pub timestamp: Timestamp,
    /// The same, as it was written.
    pub timestamp_text: String,
    /// The session token sent along.
    pub security_token: Option<String>,
    /// For a presigned URL, how long it lasts.
    pub presigned_secs: Option<i64>,
}

/// Why the signature cannot even be read, or cannot be meant for this request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimError {
    /// Not signed at all.
    Missing,
    /// Signed with something other than `AWS4-HMAC-SHA256`.
    Unsupported,
    /// Incomplete or unreadable.
    Malformed(&'static str),
    /// These headers had to be signed and weren't.
    NotSigned(Vec<String>),
}

impl Claim {
    /// Reads the signature of a request.
    ///
    /// # Errors
    /// When there is none, or it is not one of Signature Version 4 over at least `host` and every
    /// `x-amz-*` header.
    pub fn read(head: Head<'_>) -> Result<Self, ClaimError> {
        let query: Vec<(String, String)> = form_urlencoded::parse(head.query.as_bytes()).into_owned().collect();
        let parameter = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        let claim = match (head.headers.get(http::header::AUTHORIZATION), parameter("X-Amz-Algorithm")) {
            (Some(_), Some(_)) => {
                return Err(ClaimError::Malformed("only one auth mechanism is allowed"));
            }
            (Some(value), None) => {
                let value =
                    value.to_str().map_err(|_| ClaimError::Malformed("the Authorization header is not ASCII"))?;
                Self::from_header(value, head.headers)?
            }
            (None, Some(algorithm)) => Self::from_query(algorithm, parameter)?,
            (None, None) if parameter("Signature").is_some() || parameter("AWSAccessKeyId").is_some() => {
                return Err(ClaimError::Unsupported);
            }
            (None, None) => return Err(ClaimError::Missing),
        };
        if !claim.timestamp_text.starts_with(&claim.scope_date) {
            return Err(ClaimError::Malformed("the date in the credential scope does not match X-Amz-Date"));
        }
        let unsigned: Vec<String> = head
            .headers
            .keys()
            .map(http::HeaderName::as_str)
            .filter(|name| *name == "host" || name.starts_with("x-amz-"))
            .filter(|name| !claim.signed_headers.iter().any(|signed| signed == name))
            .map(Into::into)
            .collect();
        if !unsigned.is_empty() {
            return Err(ClaimError::NotSigned(unsigned));
        }
        Ok(claim)
    }

    fn from_header(value: &str, headers: &HeaderMap) -> Result<Self, ClaimError> {
        let Some(fields) = value.strip_prefix("AWS4-HMAC-SHA256") else {
            return Err(ClaimError::Unsupported);
        };
        let field = |name: &str| {
            fields.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('=')).map(str::trim)
        };
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let timestamp = header("x-amz-date").ok_or(ClaimError::Malformed("X-Amz-Date is missing"))?;
        Self::from_parts(
            field("Credential"),
            field("SignedHeaders"),
            field("Signature"),
            timestamp,
            header("x-amz-security-token"),
            None,
        )
    }

    fn from_query<'a>(algorithm: &str, parameter: impl Fn(&str) -> Option<&'a str>) -> Result<Self, ClaimError> {
        if algorithm != "AWS4-HMAC-SHA256" {
            return Err(ClaimError::Unsupported);
        }
        let secs = parameter("X-Amz-Expires").and_then(|text| text.parse().ok());
        let secs: i64 = secs.ok_or(ClaimError::Malformed("X-Amz-Expires is missing or not a number"))?;
        if !(1..=604_800).contains(&secs) {
            return Err(ClaimError::Malformed("X-Amz-Expires must be from 1 second to a week"));
        }
        let timestamp = parameter("X-Amz-Date").ok_or(ClaimError::Malformed("X-Amz-Date is missing"))?;
        Self::from_parts(
            parameter("X-Amz-Credential"),
            parameter("X-Amz-SignedHeaders"),
            parameter("X-Amz-Signature"),
            timestamp,
            parameter("X-Amz-Security-Token"),
            Some(secs),
        )
    }

    fn from_parts(
        credential: Option<&str>,
        signed_headers: Option<&str>,
        signature: Option<&str>,
        timestamp: &str,
        security_token: Option<&str>,
        presigned_secs: Option<i64>,
    ) -> Result<Self, ClaimError> {
        let credential = credential.ok_or(ClaimError::Malformed("the Credential is missing"))?;
        let mut scope = credential.rsplitn(5, '/');
        let (Some("aws4_request"), Some(service), Some(region), Some(date), Some(key)) =
            (scope.next(), scope.next(), scope.next(), scope.next(), scope.next())
        else {
            return Err(ClaimError::Malformed("the Credential is mal-formed"));
        };
        let mut signed: Vec<String> = signed_headers
            .ok_or(ClaimError::Malformed("SignedHeaders is missing"))?
            .split(';')
            .map(str::to_ascii_lowercase)
            .collect();
        signed.sort_unstable();
        Ok(Self {
            access_key_id: key.into(),
            scope_date: date.into(),
            region: region.into(),
            service: service.into(),
            signed_headers: signed,
            signature: signature.ok_or(ClaimError::Malformed("the Signature is missing"))?.into(),
            timestamp: parse_timestamp(timestamp).ok_or(ClaimError::Malformed("X-Amz-Date is mal-formed"))?,
            timestamp_text: timestamp.into(),
            security_token: security_token.map(Into::into),
            presigned_secs,
        })
    }

    /// Whether the request was signed within AWS's window around `now`; for a presigned URL,
    /// whether it isn't from the future.
    #[must_use]
    pub fn is_timely(&self, now: Timestamp) -> bool {
        let age = now.duration_since(self.timestamp);
        age >= -WINDOW && (self.presigned_secs.is_some() || age <= WINDOW)
    }

    /// Whether this is a presigned URL past its end.
    #[must_use]
    pub fn has_lapsed(&self, now: Timestamp) -> bool {
        self.presigned_secs.is_some_and(|secs| now.duration_since(self.timestamp) > SignedDuration::from_secs(secs))
    }
}

/// `20260102T030405Z`.
fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let civil = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}
