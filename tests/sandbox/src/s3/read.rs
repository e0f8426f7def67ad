//! Reading one object: GetObject and HeadObject.
//!
//! Owns ranges, parts and what is shown of an object.

use http::StatusCode;
use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};

use super::checksum::show;
use super::chunks::Chunks;
use super::conditions::{ReadIf, stamp};
use super::found::{Found, caller, find};
use super::meta::encryption_of;
use super::store::Object;
use crate::world::World;

/// The bytes a read asks for.
struct Wanted {
    range: std::ops::Range<u64>,
    /// Set when not the whole object was asked for.
    content_range: Option<String>,
    parts_count: Option<i32>,
}

fn wanted(object: &Object, range: Option<&Range>, part_number: Option<i32>) -> S3Result<Wanted> {
    let whole = Wanted { range: 0..object.size, content_range: None, parts_count: None };
    let shown = |range: &std::ops::Range<u64>| {
        let last = range.end.saturating_sub(1);
        Some(format!("bytes {}-{last}/{}", range.start, object.size))
    };
    match (range, part_number) {
        (Some(_), Some(_)) => {
            Err(s3_error!(InvalidRequest, "Cannot specify both Range header and partNumber query parameter"))
        }
        (None, None) => Ok(whole),
        (Some(range), None) => {
            let range = range
                .check(object.size)
                .map_err(|_| s3_error!(InvalidRange, "The requested range is not satisfiable"))?;
            Ok(Wanted { content_range: shown(&range), range, parts_count: None })
        }
        (None, Some(number)) => {
            let index = usize::try_from(number - 1).ok();
            let sizes: &[u64] = if object.parts.is_empty() { &[object.size] } else { &object.parts };
            let Some((index, size)) = index.and_then(|index| Some((index, *sizes.get(index)?))) else {
                let mut error = S3Error::with_message(
                    S3ErrorCode::Custom("InvalidPartNumber".into()),
                    "The requested partnumber is not satisfiable",
                );
                error.set_status_code(StatusCode::RANGE_NOT_SATISFIABLE);
                return Err(error);
            };
            let start: u64 = sizes[..index].iter().sum();
            let range = start..start + size;
            let count = i32::try_from(object.parts.len()).ok().filter(|count| *count > 0);
            let content_range = if size == 0 { None } else { shown(&range) };
            Ok(Wanted { content_range, range, parts_count: count })
        }
    }
}

/// Fills the fields that GetObject and HeadObject share.
macro_rules! describe {
    ($output:ident, $object:expr, $wanted:expr, $with_sum:expr) => {{
        let object: &Object = &$object;
        let wanted: &Wanted = &$wanted;
        let mut output = $output::default();
        output.accept_ranges = Some("bytes".into());
        output.content_length = i64::try_from(wanted.range.end - wanted.range.start).ok();
        output.content_range.clone_from(&wanted.content_range);
        output.parts_count = wanted.parts_count;
        output.e_tag = Some(ETag::Strong(object.etag.clone()));
        output.last_modified = Some(stamp(object.modified));
        output.content_type = Some(object.meta.content_type.clone().unwrap_or_else(|| "binary/octet-stream".into()));
        output.cache_control.clone_from(&object.meta.cache_control);
        output.content_disposition.clone_from(&object.meta.content_disposition);
        output.content_encoding.clone_from(&object.meta.content_encoding);
        output.content_language.clone_from(&object.meta.content_language);
        output.metadata = Some(object.meta.user.clone().into_iter().collect());
        output.server_side_encryption = encryption_of(&object.meta);
        output.ssekms_key_id.clone_from(&object.meta.kms_key);
        output.storage_class = object.meta.storage_class.clone().filter(|it| it != "STANDARD").map(StorageClass::from);
        // A part of an object has no checksum of its own to show.
        let whole = wanted.range == (0..object.size);
        if let (true, true, Some(sum)) = ($with_sum, whole, &object.sum) {
            show!(output, sum);
            output.checksum_type = Some(ChecksumType::from_static(sum.type_name()));
        }
        output
    }};
}

pub(super) fn get(world: &World, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
    let caller = caller(&request)?;
    let input = request.input;
    let Found { object, version_id } = find(world, &caller, &input.bucket, &input.key, input.version_id.as_deref())?;
    let condition = ReadIf {
        matches: input.if_match,
        matches_not: input.if_none_match,
        modified_since: input.if_modified_since,
        unmodified_since: input.if_unmodified_since,
    };
    condition.check(&object)?;
    let wanted = wanted(&object, input.range.as_ref(), input.part_number)?;
    let with_sum = input.checksum_mode.is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED);
    let mut output = describe!(GetObjectOutput, object, wanted, with_sum);
    output.version_id = version_id;
    output.body = Some(StreamingBlob::new(Chunks::of(object.slice(wanted.range))));
    Ok(S3Response::new(output))
}

pub(super) fn head(world: &World, request: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
    let caller = caller(&request)?;
    let input = request.input;
    let Found { object, version_id } = find(world, &caller, &input.bucket, &input.key, input.version_id.as_deref())?;
    let condition = ReadIf {
        matches: input.if_match,
        matches_not: input.if_none_match,
        modified_since: input.if_modified_since,
        unmodified_since: input.if_unmodified_since,
    };
    condition.check(&object)?;
    let wanted = wanted(&object, input.range.as_ref(), input.part_number)?;
    let with_sum = input.checksum_mode.is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED);
    let partial = wanted.content_range.is_some();
    let mut output = describe!(HeadObjectOutput, object, wanted, with_sum);
    output.version_id = version_id;
    let mut reply = S3Response::new(output);
    if partial {
        reply.status = Some(StatusCode::PARTIAL_CONTENT);
    }
    Ok(reply)
}
