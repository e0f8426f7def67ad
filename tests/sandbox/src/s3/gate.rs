//! Who asks, and whether they may.
//!
//! Owns authentication and authorisation of S3 requests: nothing reaches the store past it. The
//! payload's own hashes and chunk signatures are checked by `s3s` while it is read.
//!
//! Source: *Amazon S3 API Reference*, "Authenticating Requests" and "Error responses".

use std::sync::Arc;

use http::StatusCode;
use http::request::Parts;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use s3s::access::{S3Access, S3AccessContext};
use s3s::auth::{S3Auth, SecretKey};
use s3s::{S3Result, s3_error};

use super::{Asked, error_with};
use crate::http_reply::Reply;
use crate::keys::KeyError;
use crate::policy::Context;
use crate::principal::Principal;
use crate::sigv4::{Claim, ClaimError, Head, fits};
use crate::world::World;

/// An admitted caller, with the condition keys of the request.
#[derive(Debug, Clone)]
pub(super) struct CallerOf {
    pub principal: Arc<Principal>,
    pub context: Context,
}

impl CallerOf {
    /// Whether the caller may learn that a key doesn't exist: only with `s3:ListBucket` for it.
    pub(super) fn may_list(&self, bucket: &str, key: &str) -> bool {
        let mut context = self.context.clone();
        context.set("s3:prefix", key);
        self.principal.may("s3:ListBucket", &bucket_arn(bucket), &context)
    }

    /// Whether the caller may delete a key, for `DeleteObjects`.
    pub(super) fn may_delete(&self, bucket: &str, key: &str, a_version: bool) -> bool {
        let action = if a_version { "s3:DeleteObjectVersion" } else { "s3:DeleteObject" };
        self.principal.may(action, &object_arn(bucket, key), &self.context)
    }
}

/// Why a request goes no further.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    more: Vec<(&'static str, String)>,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), more: Vec::new() }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.more.push((name, value.into()));
        self
    }

    pub(super) fn reply(&self) -> Reply {
        let more: Vec<(&str, &str)> = self.more.iter().map(|(name, value)| (*name, value.as_str())).collect();
        error_with(self.status, self.code, &self.message, &more)
    }
}

pub(super) fn admit(world: &World, parts: &Parts, asked: &Asked) -> Result<CallerOf, Refusal> {
    if asked.bad_path {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "InvalidURI", "Couldn't parse the specified URI."));
    }
    let head = Head {
        method: parts.method.as_str(),
        path: parts.uri.path(),
        query: parts.uri.query().unwrap_or_default(),
        headers: &parts.headers,
    };
    let claim = match Claim::read(head) {
        Ok(claim) => claim,
        Err(ClaimError::Missing) => return Err(anonymous(world, asked)),
        Err(other) => return Err(unreadable(other)),
    };
    let principal = authenticate(world, head, &claim)?;
    if asked.operation == "NotImplemented" {
        let message = "A header or query you provided implies functionality that is not implemented.";
        return Err(Refusal::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message));
    }
    let context = context(&principal, &claim, parts, asked, world.clock.wall());
    authorize(&principal, parts, asked, &context)?;
    Ok(CallerOf { principal, context })
}

fn authenticate(world: &World, head: Head<'_>, claim: &Claim) -> Result<Arc<Principal>, Refusal> {
    let malformed = |message: String| Refusal::new(StatusCode::BAD_REQUEST, "AuthorizationHeaderMalformed", message);
    if claim.service != "s3" {
        return Err(malformed(format!(
            "The authorization header is malformed; incorrect service \"{}\". This endpoint belongs to \"s3\".",
            claim.service
        )));
    }
    let region = &world.options.region;
    if claim.region != *region {
        let message = format!(
            "The authorization header is malformed; the region '{}' is wrong; expecting '{region}'",
            claim.region
        );
        return Err(malformed(message).with("Region", region));
    }
    let token = claim.security_token.as_deref();
    let found = world.keys().find(&claim.access_key_id, token, world.clock.now());
    let held = found.map_err(|why| match why {
        KeyError::Unknown => Refusal::new(
            StatusCode::FORBIDDEN,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.",
        )
        .with("AWSAccessKeyId", &claim.access_key_id),
        KeyError::WrongToken => Refusal::new(
            StatusCode::BAD_REQUEST,
            "InvalidToken",
            "The provided token is malformed or otherwise invalid.",
        ),
        KeyError::Expired => Refusal::new(StatusCode::BAD_REQUEST, "ExpiredToken", "The provided token has expired."),
    })?;
    let wall = world.clock.wall();
    if !claim.is_timely(wall) {
        let message = "The difference between the request time and the current time is too large.";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "RequestTimeTooSkewed", message)
            .with("RequestTime", &claim.timestamp_text)
            .with("ServerTime", wall.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
            .with("MaxAllowedSkewMilliseconds", "900000"));
    }
    if claim.has_lapsed(wall) {
        return Err(Refusal::new(StatusCode::FORBIDDEN, "AccessDenied", "Request has expired"));
    }
    let hash = match (claim.presigned_secs, head.headers.get("x-amz-content-sha256")) {
        (Some(_), None) => "UNSIGNED-PAYLOAD",
        (_, Some(value)) => value.to_str().unwrap_or_default(),
        (None, None) => {
            let message = "Missing required header for this request: x-amz-content-sha256";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "InvalidRequest", message));
        }
    };
    if !fits(head, claim, hash, &held.keys.secret_access_key) {
        let message = "The request signature we calculated does not match the signature you provided. \
                       Check your key and signing method.";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", message));
    }
    Ok(held.principal)
}

fn anonymous(world: &World, asked: &Asked) -> Refusal {
    match &asked.bucket {
        Some(bucket) if !world.store().has_bucket(bucket) => {
            Refusal::new(StatusCode::NOT_FOUND, "NoSuchBucket", "The specified bucket does not exist")
                .with("BucketName", bucket)
        }
        _ => Refusal::new(StatusCode::FORBIDDEN, "AccessDenied", "Access Denied"),
    }
}

fn unreadable(error: ClaimError) -> Refusal {
    match error {
        ClaimError::Missing => Refusal::new(StatusCode::FORBIDDEN, "AccessDenied", "Access Denied"),
        ClaimError::Unsupported => Refusal::new(
            StatusCode::BAD_REQUEST,
            "InvalidRequest",
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        ),
        ClaimError::Malformed(why) => Refusal::new(StatusCode::BAD_REQUEST, "AuthorizationHeaderMalformed", why),
        ClaimError::NotSigned(names) => Refusal::new(
            StatusCode::FORBIDDEN,
            "AccessDenied",
            "There were headers present in the request which were not signed",
        )
        .with("HeadersNotSigned", names.join(", ")),
    }
}

fn context(principal: &Principal, claim: &Claim, parts: &Parts, asked: &Asked, now: Timestamp) -> Context {
    let mut context = principal.context(now);
    context.set("aws:RequestedRegion", &claim.region);
    context.set("s3:signatureversion", "AWS4-HMAC-SHA256");
    context.set("s3:authType", if claim.presigned_secs.is_some() { "REST-QUERY-STRING" } else { "REST-HEADER" });
    let mut header = |key: &str, name: &str| {
        if let Some(value) = parts.headers.get(name).and_then(|value| value.to_str().ok()) {
            context.set(key, value);
        }
    };
    header("aws:UserAgent", "user-agent");
    for name in [
        "x-amz-acl",
        "x-amz-content-sha256",
        "x-amz-copy-source",
        "x-amz-metadata-directive",
        "x-amz-server-side-encryption",
        "x-amz-server-side-encryption-aws-kms-key-id",
        "x-amz-storage-class",
    ] {
        header(&format!("s3:{name}"), name);
    }
    // The service authorization reference gives these keys to listings only.
    if matches!(asked.operation, "ListObjects" | "ListObjectsV2" | "ListObjectVersions" | "ListMultipartUploads") {
        for name in ["prefix", "delimiter", "max-keys"] {
            if let Some(value) = asked.parameter(name) {
                context.set(&format!("s3:{name}"), value);
            }
        }
    }
    context
}

fn authorize(principal: &Principal, parts: &Parts, asked: &Asked, context: &Context) -> Result<(), Refusal> {
    let bucket = asked.bucket.as_deref().unwrap_or_default();
    let on_bucket = bucket_arn(bucket);
    let on_object = object_arn(bucket, asked.key.as_deref().unwrap_or_default());
    let a_version = asked.has("versionId");
    let mut needed: Vec<(&str, String)> = match asked.operation {
        "ListBuckets" => vec![("s3:ListAllMyBuckets", "arn:aws:s3:::*".into())],
        "HeadBucket" | "ListObjects" | "ListObjectsV2" => vec![("s3:ListBucket", on_bucket)],
        "ListObjectVersions" => vec![("s3:ListBucketVersions", on_bucket)],
        "GetBucketLocation" => vec![("s3:GetBucketLocation", on_bucket)],
        "CreateBucket" => vec![("s3:CreateBucket", on_bucket)],
        "ListMultipartUploads" => vec![("s3:ListBucketMultipartUploads", on_bucket)],
        // A version is another permission, and the only one it needs.
        "GetObject" | "HeadObject" if a_version => vec![("s3:GetObjectVersion", on_object)],
        "GetObject" | "HeadObject" => vec![("s3:GetObject", on_object)],
        "PutObject" | "CreateMultipartUpload" | "UploadPart" | "CompleteMultipartUpload" => {
            vec![("s3:PutObject", on_object)]
        }
        "CopyObject" => vec![("s3:GetObject", copy_source(parts)?), ("s3:PutObject", on_object)],
        "DeleteObject" if a_version => vec![("s3:DeleteObjectVersion", on_object)],
        "DeleteObject" => vec![("s3:DeleteObject", on_object)],
        // Each key is asked about on its own, when the body is known.
        "DeleteObjects" => Vec::new(),
        "AbortMultipartUpload" => vec![("s3:AbortMultipartUpload", on_object)],
        "ListParts" => vec![("s3:ListMultipartUploadParts", on_object)],
        _ => vec![("s3:*", on_bucket)],
    };
    let writes = needed.iter().any(|(action, _)| *action == "s3:PutObject");
    let target = object_arn(bucket, asked.key.as_deref().unwrap_or_default());
    if writes && parts.headers.contains_key("x-amz-acl") {
        needed.push(("s3:PutObjectAcl", target.clone()));
    }
    if writes && parts.headers.contains_key("x-amz-tagging") {
        needed.push(("s3:PutObjectTagging", target));
    }
    for (action, resource) in needed {
        if !principal.may(action, &resource, context) {
            let message = format!(
                "User: {} is not authorized to perform: {action} on resource: \"{resource}\" \
                 because no identity-based policy allows the {action} action",
                principal.arn
            );
            return Err(Refusal::new(StatusCode::FORBIDDEN, "AccessDenied", message));
        }
    }
    Ok(())
}

fn copy_source(parts: &Parts) -> Result<String, Refusal> {
    let source = parts.headers.get("x-amz-copy-source").and_then(|value| value.to_str().ok());
    source
        .map(|text| text.split_once("?versionId=").map_or(text, |(path, _)| path))
        .and_then(|text| percent_decode_str(text).decode_utf8().ok())
        .and_then(|path| {
            let (bucket, key) = path.strip_prefix('/').unwrap_or(&path).split_once('/')?;
            Some(object_arn(bucket, key))
        })
        .ok_or_else(|| Refusal::new(StatusCode::BAD_REQUEST, "InvalidArgument", "Invalid copy source"))
}

fn bucket_arn(bucket: &str) -> String {
    format!("arn:aws:s3:::{bucket}")
}

fn object_arn(bucket: &str, key: &str) -> String {
    format!("arn:aws:s3:::{bucket}/{key}")
}

/// Gives `s3s` the secrets it needs to check chunk signatures.
pub(super) struct Secrets(pub Arc<World>);

#[async_trait::async_trait]
impl S3Auth for Secrets {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        let secret = self.0.keys().secret(access_key);
        secret.map(SecretKey::from).ok_or_else(|| s3_error!(InvalidAccessKeyId))
    }
}

/// Stops a request that `s3s` takes for another operation than the gate did.
pub(super) struct OnlyWhatWasAdmitted;

#[async_trait::async_trait]
impl S3Access for OnlyWhatWasAdmitted {
    async fn check(&self, cx: &mut S3AccessContext<'_>) -> S3Result<()> {
        let operation = cx.s3_op().name().to_owned();
        let admitted = cx.extensions_mut().get::<Asked>().is_some_and(|asked| asked.operation == operation);
        if admitted { Ok(()) } else { Err(s3_error!(AccessDenied, "Access Denied")) }
    }
}
