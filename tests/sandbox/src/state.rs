//! What the sandbox reports about itself: the one document of `GET /_sandbox/state`.
//!
//! Owns the shape of the report. Never holds a secret: no token, no key, no object body.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A snapshot of everything a black-box test may want to assert on.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// Requests received, refused ones too, keyed `service:Operation` (`s3:GetObject`,
    /// `oidc:CreateToken`).
    pub requests: BTreeMap<String, u64>,
    /// Access tokens handed out for a refresh token.
    pub refreshes: u64,
    /// Times an already used refresh token came back.
    pub refresh_reuses: u64,
    /// Access tokens handed out for a device code or an authorization code.
    pub sign_ins: u64,
    /// Role credentials handed out by the portal.
    pub role_credentials: u64,
    /// Sign-ins a person (or auto-approval) allowed.
    pub approvals: u64,
    /// Sign-ins a person refused.
    pub denials: u64,
    /// User codes that wait for a person.
    pub pending_user_codes: Vec<String>,
    /// Multipart uploads neither completed nor aborted.
    pub open_uploads: Vec<OpenUpload>,
    /// Every object, ordered by bucket and key.
    pub objects: Vec<ObjectSummary>,
    /// The newest requests, oldest first, at most 10,000.
    pub calls: Vec<Call>,
}

impl State {
    /// How often an operation was asked for, whatever the answer; 0 when never.
    #[must_use]
    pub fn requests_of(&self, service: &str, operation: &str) -> u64 {
        self.requests.get(&format!("{service}:{operation}")).copied().unwrap_or(0)
    }
}

/// One stored object, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectSummary {
    /// Its bucket.
    pub bucket: String,
    /// Its key, literally.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its tags.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

/// A multipart upload that still costs money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenUpload {
    /// Its bucket.
    pub bucket: String,
    /// The key it would become.
    pub key: String,
    /// Its identifier.
    pub upload_id: String,
    /// Parts received so far.
    pub parts: u64,
}

/// One request as the sandbox saw it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// `oidc`, `portal`, `sts` or `s3`.
    pub service: String,
    /// The AWS API's name of the operation.
    pub operation: String,
    /// The bucket, for S3.
    pub bucket: Option<String>,
    /// The key, or the prefix of a listing, for S3; the account for the portal; the grant type for
    /// tokens.
    pub subject: Option<String>,
    /// The `Range` of a request to S3.
    #[serde(default)]
    pub range: Option<String>,
    /// `aws:userid` of the caller, or the person, where one was authenticated.
    pub principal: Option<String>,
    /// HTTP status of the answer; 0 when the connection was cut instead.
    pub status: u16,
}
