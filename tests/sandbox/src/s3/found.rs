//! What the rules of every operation begin with: the caller, the bucket, the object.
//!
//! Owns the error that absence gives.

use std::sync::Arc;

use s3s::{S3Error, S3Request, S3Result, s3_error};

use super::gate::CallerOf;
use super::store::Object;
use crate::world::World;

pub(super) fn no_such_bucket() -> S3Error {
    s3_error!(NoSuchBucket, "The specified bucket does not exist")
}

/// The caller the gate admitted.
pub(super) fn caller<T>(request: &S3Request<T>) -> S3Result<CallerOf> {
    request.extensions.get::<CallerOf>().cloned().ok_or_else(|| s3_error!(AccessDenied, "Access Denied"))
}

/// An object, or the error its absence gives: 404 to those who may list it, else 403.
pub(super) fn find(world: &World, caller: &CallerOf, bucket: &str, key: &str) -> S3Result<Arc<Object>> {
    let store = world.store();
    if !store.has_bucket(bucket) {
        return Err(no_such_bucket());
    }
    let found = store.object(bucket, key);
    drop(store);
    found.ok_or_else(|| {
        if caller.may_list(bucket, key) {
            s3_error!(NoSuchKey, "The specified key does not exist.")
        } else {
            s3_error!(AccessDenied, "Access Denied")
        }
    })
}
