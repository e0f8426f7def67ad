//! What the rules of every operation begin with: the caller, the bucket, the object.
//!
//! Owns the error that absence gives.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use s3s::{S3Error, S3Request, S3Result, s3_error};

use super::gate::CallerOf;
use super::store::Object;
use super::versions::{Version, is_version_id};
use crate::world::World;

pub(super) fn no_such_bucket() -> S3Error {
    s3_error!(NoSuchBucket, "The specified bucket does not exist")
}

/// The caller the gate admitted.
pub(super) fn caller<T>(request: &S3Request<T>) -> S3Result<CallerOf> {
    request.extensions.get::<CallerOf>().cloned().ok_or_else(|| s3_error!(AccessDenied, "Access Denied"))
}

/// An object, and the id of its version where the bucket has versioning.
pub(super) struct Found {
    pub object: Arc<Object>,
    pub version_id: Option<String>,
}

/// An object, the newest or the version that is named, or the error its absence gives: 404 to those who may list it,
/// else 403; 405 for a delete marker that was asked for by its id.
pub(super) fn find(
    world: &World,
    caller: &CallerOf,
    bucket: &str,
    key: &str,
    version_id: Option<&str>,
) -> S3Result<Found> {
    if version_id.is_some_and(|id| !is_version_id(id)) {
        return Err(s3_error!(InvalidArgument, "Invalid version id specified"));
    }
    let store = world.store();
    if !store.has_bucket(bucket) {
        return Err(no_such_bucket());
    }
    let versioned = store.has_versioning(bucket);
    let found = store.version(bucket, key, version_id);
    drop(store);
    match found {
        Some(Version { object: Some(object), id, .. }) => Ok(Found { object, version_id: versioned.then_some(id) }),
        Some(marker) => {
            let error = match version_id {
                Some(_) => s3_error!(MethodNotAllowed, "The specified method is not allowed against this resource."),
                None => absent(caller, bucket, key, None),
            };
            Err(with_marker(error, &marker))
        }
        None => Err(absent(caller, bucket, key, version_id)),
    }
}

fn absent(caller: &CallerOf, bucket: &str, key: &str, version_id: Option<&str>) -> S3Error {
    match version_id {
        _ if !caller.may_list(bucket, key) => s3_error!(AccessDenied, "Access Denied"),
        Some(_) => s3_error!(NoSuchVersion, "The specified version does not exist."),
        None => s3_error!(NoSuchKey, "The specified key does not exist."),
    }
}

fn with_marker(mut error: S3Error, marker: &Version) -> S3Error {
    let mut headers = HeaderMap::new();
    headers.insert(HeaderName::from_static("x-amz-delete-marker"), HeaderValue::from_static("true"));
    if let Ok(id) = HeaderValue::from_str(&marker.id) {
        headers.insert(HeaderName::from_static("x-amz-version-id"), id);
    }
    error.set_headers(headers);
    error
}
