//! Conditional requests.
//!
//! Owns `If-Match` and its kin. Source: RFC 9110 section 13; *Amazon S3 User Guide*, "Conditional
//! requests".

use std::time::SystemTime;

use jiff::Timestamp;
use s3s::dto::{ETagCondition, Timestamp as Stamp};
use s3s::{S3Error, S3ErrorCode, S3Result, s3_error};

use super::store::Object;

/// What a read depends on.
#[derive(Debug, Default)]
pub(super) struct ReadIf {
    pub matches: Option<ETagCondition>,
    pub matches_not: Option<ETagCondition>,
    pub modified_since: Option<Stamp>,
    pub unmodified_since: Option<Stamp>,
}

impl ReadIf {
    /// Whether the object may be read, in the order of RFC 9110 section 13.2.2.
    pub(super) fn check(&self, object: &Object) -> S3Result<()> {
        match (&self.matches, &self.unmodified_since) {
            (Some(condition), _) if !names(condition, object) => return Err(failed()),
            (None, Some(since)) if stamp_secs(object.modified) > *since => return Err(failed()),
            _ => {}
        }
        match (&self.matches_not, &self.modified_since) {
            (Some(condition), _) if names(condition, object) => {
                Err(S3Error::new(S3ErrorCode::NotModified))
            }
            (None, Some(since)) if stamp_secs(object.modified) <= *since => {
                Err(S3Error::new(S3ErrorCode::NotModified))
            }
            _ => Ok(()),
        }
    }
}

/// Whether an object may be written where this one is.
pub(super) fn check_write(
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
    there: Option<&Object>,
) -> S3Result<()> {
    match if_none_match {
        None => {}
        Some(ETagCondition::Any) if there.is_some() => return Err(failed()),
        Some(ETagCondition::Any) => {}
        Some(ETagCondition::ETag(_)) => {
            return Err(s3_error!(
                NotImplemented,
                "If-None-Match takes only * when writing"
            ));
        }
    }
    match (if_match, there) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(s3_error!(NoSuchKey, "The specified key does not exist.")),
        (Some(condition), Some(object)) if names(condition, object) => Ok(()),
        (Some(_), Some(_)) => Err(failed()),
    }
}

fn names(condition: &ETagCondition, object: &Object) -> bool {
    match condition {
        ETagCondition::Any => true,
        ETagCondition::ETag(etag) => etag.value() == object.etag,
    }
}

fn failed() -> S3Error {
    s3_error!(
        PreconditionFailed,
        "At least one of the pre-conditions you specified did not hold"
    )
}

/// A time as S3 shows it.
pub(super) fn stamp(at: Timestamp) -> Stamp {
    Stamp::from(SystemTime::from(at))
}

/// The same in whole seconds, as HTTP dates are.
fn stamp_secs(at: Timestamp) -> Stamp {
    stamp(Timestamp::from_second(at.as_second()).unwrap_or(at))
}
