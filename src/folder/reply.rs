//! What S3's refusals and broken connections mean.
//!
//! It reads error code, message, status and three headers of a reply, and never shows a reply whole.

use std::error::Error as StdError;

use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::date_time::{DateTime, Format};

use super::error::FolderError;
use super::version::{VersionId, Wanted};
use crate::http::{HttpError, transport_failure};

/// What is being done, for messages.
#[derive(Debug, Clone)]
pub(super) struct Op {
    /// S3's name of the operation.
    pub(super) name: &'static str,
    /// The path it is about.
    pub(super) what: String,
    /// The version it is about, where one is named.
    version: Option<VersionId>,
    /// What it needs that not every policy allows.
    permission: Option<&'static str>,
}

impl Op {
    pub(super) fn new(name: &'static str, what: impl std::fmt::Display) -> Self {
        Self { name, what: what.to_string(), version: None, permission: None }
    }

    /// A request that reads an object. A version that is named needs another permission than the newest.
    pub(super) fn reading(name: &'static str, wanted: &Wanted) -> Self {
        let permission = wanted.version.is_some().then_some("s3:GetObjectVersion");
        Self { version: wanted.version.clone(), permission, ..Self::new(name, &wanted.key) }
    }

    /// A request that needs what not every policy allows.
    pub(super) fn needing(self, permission: &'static str) -> Self {
        Self { permission: Some(permission), ..self }
    }

    /// An answer that no S3 gives.
    pub(super) fn odd(&self, code: impl Into<String>) -> FolderError {
        self.service(code, String::new())
    }

    /// A failure that S3 describes.
    pub(super) fn service(&self, code: impl Into<String>, message: impl Into<String>) -> FolderError {
        self.answered(200, code.into(), message.into())
    }

    /// The same with the status of the answer.
    fn answered(&self, status: u16, code: String, message: String) -> FolderError {
        // A completion's failure may come with status 200. Of what nobody implements (501) the same comes again.
        let passes = (status >= 500 && status != 501) || matches!(code.as_str(), "InternalError" | "RequestTimeout");
        FolderError::Service { operation: self.name, what: self.what.clone(), code, message, passes }
    }

    /// The permission that a refusal is about, as far as that is known.
    fn lacking(&self, message: &str) -> Option<&'static str> {
        let named = message.split_once("perform: ").and_then(|(_, rest)| rest.split_whitespace().next());
        self.permission.filter(|permission| named.is_none_or(|named| named == *permission))
    }
}

/// A size in bytes as S3 gives it; none is negative.
pub(super) fn size(bytes: Option<i64>) -> Option<u64> {
    bytes.and_then(|bytes| u64::try_from(bytes).ok())
}

/// What a failed request says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The credentials have expired.
    Expired,
    /// The bucket is in another region, which S3 may name.
    OtherRegion(Option<String>),
    /// The signature's time is off; seconds by which S3's clock shows more than ours.
    Skewed(i64),
    /// Fewer requests, please.
    Busy,
    /// Another request on the same key is under way: the same one may be sent again.
    Conflict,
    /// A failure as it will be told.
    Final(FolderError),
}

/// Reads a failed request. `host` was called; `now` is this machine's time in seconds since 1970.
pub(super) fn read<E>(op: &Op, bucket: &str, host: &str, error: &SdkError<E, HttpResponse>, now: i64) -> Refusal
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    match error {
        SdkError::ServiceError(service) => {
            let meta = service.err().meta();
            return answer(op, bucket, meta.code().unwrap_or(""), meta.message().unwrap_or(""), service.raw(), now);
        }
        // Some servers refuse with a page that isn't S3's XML.
        SdkError::ResponseError(response) if response.raw().status().as_u16() >= 300 => {
            return answer(op, bucket, "", "", response.raw(), now);
        }
        _ => {}
    }
    let error = transport_failure(error, host)
        .unwrap_or_else(|| HttpError::Other { host: host.to_owned(), reason: "no reason given".to_owned() });
    Refusal::Final(FolderError::Network { operation: op.name, what: op.what.clone(), error })
}

fn answer(op: &Op, bucket: &str, code: &str, message: &str, raw: &HttpResponse, now: i64) -> Refusal {
    let status = raw.status().as_u16();
    let what = || op.what.clone();
    if let Some(error) = about_version(op, code, status) {
        return Refusal::Final(error);
    }
    Refusal::Final(match (code, status) {
        ("ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" | "RequestExpired", _) => {
            return Refusal::Expired;
        }
        (
            "PermanentRedirect"
            | "TemporaryRedirect"
            | "AuthorizationHeaderMalformed"
            | "IllegalLocationConstraintException",
            _,
        )
        | (_, 301 | 307) => return Refusal::OtherRegion(region(raw)),
        ("RequestTimeTooSkewed", _) => return Refusal::Skewed(skew(raw, now)),
        ("SlowDown" | "TooManyRequests" | "ThrottlingException" | "RequestLimitExceeded" | "ServiceUnavailable", _)
        | (_, 429 | 503) => return Refusal::Busy,
        ("ConditionalRequestConflict" | "OperationAborted", _) => return Refusal::Conflict,
        ("NoSuchBucket", _) => FolderError::NoSuchBucket { bucket: bucket.to_owned() },
        ("InvalidAccessKeyId" | "InvalidToken" | "InvalidClientTokenId" | "UnrecognizedClientException", _) => {
            FolderError::BadCredentials { message: message.to_owned() }
        }
        ("PreconditionFailed", _) | (_, 412) => {
            if op.name == "GetObject" {
                FolderError::ChangedRemotely { what: what() }
            } else {
                FolderError::Exists { what: what() }
            }
        }
        (code, 403) if message.contains("kms:") || code.starts_with("KMS.") => {
            FolderError::KmsDenied { operation: op.name, what: what(), message: message.to_owned() }
        }
        ("AccessDenied" | "", 403) if let Some(permission) = op.lacking(message) => {
            FolderError::Lacking { permission, what: what(), message: message.to_owned() }
        }
        ("NoSuchKey" | "NotFound", _) | ("", 404) => FolderError::NotFound { what: what() },
        ("AccessDenied" | "", 403) if op.name == "GetObject" => FolderError::NotFoundOrNotYours { what: what() },
        ("AccessDenied" | "AllAccessDisabled" | "AccountProblem" | "", 403) | ("", 401) => {
            FolderError::Denied { operation: op.name, what: what(), message: message.to_owned() }
        }
        ("", _) => op.answered(status, format!("HTTP {status}"), message.to_owned()),
        (code, _) => op.answered(status, code.to_owned(), message.to_owned()),
    })
}

/// What S3 says of a version that can't be read. A HEAD has no words, only a status.
fn about_version(op: &Op, code: &str, status: u16) -> Option<FolderError> {
    let (what, version) = (op.what.clone(), op.version.as_ref()?.to_string());
    match (code, status) {
        (_, 405) => Some(FolderError::DeleteMarker { what, version }),
        // 400 for what S3 could not have given to anybody.
        ("NoSuchVersion" | "NotFound", _) | ("InvalidArgument" | "", 400) | ("", 404) => {
            Some(FolderError::NoSuchVersion { what, version })
        }
        _ => None,
    }
}

/// The region that the bucket is in, which S3 says in a header or, on `AuthorizationHeaderMalformed`, in the body.
fn region(raw: &HttpResponse) -> Option<String> {
    if let Some(region) = raw.headers().get("x-amz-bucket-region") {
        return Some(region.to_owned());
    }
    let body = std::str::from_utf8(raw.body().bytes()?).ok()?;
    let (_, rest) = body.split_once("<Region>")?;
    let (region, _) = rest.split_once("</Region>")?;
    Some(region.to_owned())
}

fn skew(raw: &HttpResponse, now: i64) -> i64 {
    let date = raw.headers().get("date").and_then(|text| DateTime::from_str(text, Format::HttpDate).ok());
    date.map_or(0, |theirs| theirs.secs() - now)
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn response(status: u16, body: &'static str) -> HttpResponse {
        HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body))
    }

    fn read_answer(operation: &'static str, code: &str, message: &str, raw: &HttpResponse) -> Refusal {
        answer(&Op::new(operation, "a.txt"), "docs", code, message, raw, 1_000_000_000)
    }

    #[test]
    fn a_missing_object_and_a_hidden_one_are_told_apart() {
        let missing = read_answer("GetObject", "NoSuchKey", "", &response(404, ""));
        assert_eq!(missing, Refusal::Final(FolderError::NotFound { what: "a.txt".into() }));
        let hidden = read_answer("GetObject", "AccessDenied", "Access Denied", &response(403, ""));
        assert_eq!(hidden, Refusal::Final(FolderError::NotFoundOrNotYours { what: "a.txt".into() }));
    }

    #[test]
    fn the_region_is_read_from_the_header_or_the_body() {
        let mut raw = response(301, "");
        raw.headers_mut().insert("x-amz-bucket-region", "eu-west-1");
        assert_eq!(
            read_answer("PutObject", "PermanentRedirect", "", &raw),
            Refusal::OtherRegion(Some("eu-west-1".into()))
        );
        let raw = response(400, "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-north-1</Region></Error>");
        let refusal = read_answer("PutObject", "AuthorizationHeaderMalformed", "", &raw);
        assert_eq!(refusal, Refusal::OtherRegion(Some("eu-north-1".into())));
    }

    #[test]
    fn a_denied_key_is_not_a_denied_object() {
        let message = "User: … is not authorized to perform: kms:GenerateDataKey on this resource";
        let refusal = read_answer("PutObject", "AccessDenied", message, &response(403, ""));
        assert!(matches!(refusal, Refusal::Final(FolderError::KmsDenied { .. })));
    }

    #[test]
    fn a_failure_of_s3s_own_passes_and_one_of_the_request_does_not() {
        let passes = |status, code| match read_answer("UploadPart", code, "", &response(status, "")) {
            Refusal::Final(error) => error.passes(),
            other => panic!("{other:?}"),
        };
        for (status, code) in
            [(500, "InternalError"), (502, ""), (504, ""), (400, "RequestTimeout"), (200, "InternalError")]
        {
            assert!(passes(status, code), "{status} {code}");
        }
        for (status, code) in [(400, "InvalidPart"), (404, "NoSuchUpload"), (501, "NotImplemented"), (405, "")] {
            assert!(!passes(status, code), "{status} {code}");
        }
    }

    #[test]
    fn the_clock_is_compared_with_the_date_of_the_answer() {
        let mut raw = response(403, "");
        raw.headers_mut().insert("date", "Sun, 09 Sep 2001 02:16:40 GMT");
        assert_eq!(read_answer("PutObject", "RequestTimeTooSkewed", "", &raw), Refusal::Skewed(1800));
    }

    #[test]
    fn a_precondition_means_replaced_when_reading_and_existing_when_writing() {
        let raw = response(412, "");
        let reading = read_answer("GetObject", "PreconditionFailed", "", &raw);
        assert!(matches!(reading, Refusal::Final(FolderError::ChangedRemotely { .. })));
        let writing = read_answer("PutObject", "PreconditionFailed", "", &raw);
        assert!(matches!(writing, Refusal::Final(FolderError::Exists { .. })));
    }
}
