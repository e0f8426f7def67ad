//! Which S3 operation a request is, by its method, path and query.
//!
//! Owns that table for the operations the sandbox has; anything else has no name here and is
//! refused as not implemented. Never looks at a body.

use http::{Method, Request};
use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use crate::front::Asking;

/// A request, named.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asked {
    /// The API's name, or `NotImplemented`.
    pub operation: &'static str,
    pub bucket: Option<String>,
    pub key: Option<String>,
    /// The decoded query.
    pub query: Vec<(String, String)>,
    /// The path isn't UTF-8.
    pub bad_path: bool,
}

/// Sub-resources the sandbox has none of.
const UNKNOWN: &[&str] = &[
    "accelerate",
    "acl",
    "analytics",
    "attributes",
    "cors",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "restore",
    "retention",
    "select",
    "session",
    "tagging",
    "torrent",
    "versioning",
    "website",
    "append",
    "renameObject",
    "metadataTable",
];

impl Asked {
    pub(crate) fn of<B>(request: &Request<B>) -> Self {
        let uri = request.uri();
        let query: Vec<(String, String)> =
            form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).into_owned().collect();
        let Ok(path) = percent_decode_str(uri.path()).decode_utf8() else {
            return Self { operation: "NotImplemented", query, bad_path: true, ..Self::default() };
        };
        let path = path.strip_prefix('/').unwrap_or(&path);
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let owned = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mut asked = Self { operation: "", bucket: owned(bucket), key: owned(key), query, bad_path: false };
        asked.operation = asked.name(request.method(), request.headers().contains_key("x-amz-copy-source"));
        asked
    }

    fn name(&self, method: &Method, copies: bool) -> &'static str {
        if UNKNOWN.iter().any(|name| self.has(name)) {
            return "NotImplemented";
        }
        match (method.as_str(), &self.bucket, &self.key) {
            ("GET", None, _) => "ListBuckets",
            ("GET", Some(_), None) if self.has("location") => "GetBucketLocation",
            ("GET", Some(_), None) if self.has("versions") => "ListObjectVersions",
            _ if self.has("versions") => "NotImplemented",
            ("GET", Some(_), None) if self.has("uploads") => "ListMultipartUploads",
            ("GET", Some(_), None) if self.parameter("list-type") == Some("2") => "ListObjectsV2",
            ("GET", Some(_), None) => "ListObjects",
            ("HEAD", Some(_), None) => "HeadBucket",
            ("PUT", Some(_), None) => "CreateBucket",
            ("POST", Some(_), None) if self.has("delete") => "DeleteObjects",
            ("GET", Some(_), Some(_)) if self.has("uploadId") => "ListParts",
            ("GET", Some(_), Some(_)) => "GetObject",
            ("HEAD", Some(_), Some(_)) => "HeadObject",
            ("PUT", Some(_), Some(_)) if self.has("uploadId") && !copies => "UploadPart",
            ("PUT", Some(_), Some(_)) if self.has("uploadId") => "NotImplemented",
            ("PUT", Some(_), Some(_)) if copies => "CopyObject",
            ("PUT", Some(_), Some(_)) => "PutObject",
            ("POST", Some(_), Some(_)) if self.has("uploads") => "CreateMultipartUpload",
            ("POST", Some(_), Some(_)) if self.has("uploadId") => "CompleteMultipartUpload",
            ("DELETE", Some(_), Some(_)) if self.has("uploadId") => "AbortMultipartUpload",
            ("DELETE", Some(_), Some(_)) => "DeleteObject",
            _ => "NotImplemented",
        }
    }

    /// Whether the query names this, with or without a value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.parameter(name).is_some()
    }

    /// A query parameter.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

impl From<Asked> for Asking {
    fn from(asked: Asked) -> Self {
        let prefix = asked.parameter("prefix").map(Into::into);
        Self { operation: asked.operation.into(), subject: asked.key.or(prefix), bucket: asked.bucket, range: None }
    }
}
