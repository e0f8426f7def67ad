//! Single objects: put, get, head, copy, delete.
//!
//! Owns their rules. Never authorises: the gate did, save what needs the store or the body.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::StatusCode;
use s3s::dto::*;
use s3s::{S3Error, S3ErrorCode, S3Request, S3Response, S3Result, TrailingHeaders, s3_error};

use super::checksum::{self, Algorithm, Given, Mismatch, Sum, given, show};
use super::chunks::Chunks;
use super::conditions::{ReadIf, check_write, stamp};
use super::gate::CallerOf;
use super::store::{Meta, Object};
use crate::world::World;

/// The largest object one request may carry.
const PUT_MOST: u64 = 5 * 1024 * 1024 * 1024;

pub(super) fn no_such_bucket() -> S3Error {
    s3_error!(NoSuchBucket, "The specified bucket does not exist")
}

/// The caller the gate admitted.
pub(super) fn caller<T>(request: &S3Request<T>) -> S3Result<CallerOf> {
    request
        .extensions
        .get::<CallerOf>()
        .cloned()
        .ok_or_else(|| s3_error!(AccessDenied, "Access Denied"))
}

/// An object, or the error its absence gives: 404 to those who may list it, else 403.
fn find(world: &World, caller: &CallerOf, bucket: &str, key: &str) -> S3Result<Arc<Object>> {
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

pub(super) fn mismatch((code, message): Mismatch) -> S3Error {
    let mut error =
        S3Error::with_message(code.parse().unwrap_or(S3ErrorCode::InvalidRequest), message);
    error.set_status_code(StatusCode::BAD_REQUEST);
    error
}

/// Reads a body to its end and checks what was promised about it.
pub(super) async fn receive(
    body: Option<StreamingBlob>,
    length: Option<i64>,
    trailers: Option<TrailingHeaders>,
    announced: Option<&http::HeaderValue>,
    mut given: Given,
    usual: Algorithm,
) -> S3Result<(Vec<Bytes>, u64, [u8; 16], Sum)> {
    let mut chunks = Vec::new();
    let mut size = 0;
    if let Some(mut body) = body {
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| broken_body(&error.to_string()))?;
            size += chunk.len() as u64;
            if size > PUT_MOST {
                return Err(s3_error!(EntityTooLarge));
            }
            chunks.push(chunk);
        }
    }
    if length.is_some_and(|length| u64::try_from(length) != Ok(size)) {
        return Err(s3_error!(IncompleteBody));
    }
    if let Some(trailers) = trailers {
        trailers.read(|headers| given.add_trailers(headers));
    }
    let announced = announced
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !announced
        .split(',')
        .all(|name| given.has_announced(name.trim()))
    {
        let mut error = S3Error::with_message(
            S3ErrorCode::Custom("MalformedTrailerError".into()),
            "The request contained trailing data that was not well-formed or did not conform to our published schema.",
        );
        error.set_status_code(StatusCode::BAD_REQUEST);
        return Err(error);
    }
    let md5 = checksum::md5(&chunks);
    let sum = given.check(&chunks, &md5, usual).map_err(mismatch)?;
    Ok((chunks, size, md5, sum))
}

/// The error for a body that ended early or was not what its signature said.
fn broken_body(why: &str) -> S3Error {
    if why.contains("Sha256Mismatch") {
        let mut error = S3Error::with_message(
            S3ErrorCode::Custom("XAmzContentSHA256Mismatch".into()),
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        );
        error.set_status_code(StatusCode::BAD_REQUEST);
        error
    } else if why.contains("SignatureMismatch") {
        s3_error!(SignatureDoesNotMatch, "A chunk's signature does not match.")
    } else {
        s3_error!(
            IncompleteBody,
            "You did not provide the number of bytes specified by the Content-Length HTTP header"
        )
    }
}

/// Builds [`Meta`] from an input that has S3's fields for it.
macro_rules! meta {
    ($input:expr) => {
        Meta {
            content_type: $input.content_type.clone(),
            cache_control: $input.cache_control.clone(),
            content_disposition: $input.content_disposition.clone(),
            content_encoding: $crate::s3::object::without_chunked($input.content_encoding.clone()),
            content_language: $input.content_language.clone(),
            user: $crate::s3::object::user_metadata($input.metadata.clone()),
            encryption: $crate::s3::object::encryption($input.server_side_encryption.as_ref())?,
            kms_key: $input.ssekms_key_id.clone(),
            storage_class: $input
                .storage_class
                .as_ref()
                .map(|it| it.as_str().to_owned()),
        }
    };
}
pub(super) use meta;

/// `aws-chunked` is how the body travelled, not what it is.
pub(super) fn without_chunked(encoding: Option<String>) -> Option<String> {
    let text = encoding?;
    let rest: Vec<&str> = text
        .split(',')
        .map(str::trim)
        .filter(|it| *it != "aws-chunked" && !it.is_empty())
        .collect();
    (!rest.is_empty()).then(|| rest.join(","))
}

pub(super) fn user_metadata(metadata: Option<Metadata>) -> BTreeMap<String, String> {
    metadata.into_iter().flatten().collect()
}

/// S3 encrypts every object; `AES256` where the request names nothing.
pub(super) fn encryption(asked: Option<&ServerSideEncryption>) -> S3Result<Option<String>> {
    match asked.map(ServerSideEncryption::as_str) {
        None => Ok(Some("AES256".into())),
        Some(known @ ("AES256" | "aws:kms" | "aws:kms:dsse")) => Ok(Some(known.into())),
        Some(_) => Err(s3_error!(
            InvalidArgument,
            "The encryption method specified is not supported"
        )),
    }
}

pub(super) fn encryption_of(meta: &Meta) -> Option<ServerSideEncryption> {
    meta.encryption.clone().map(ServerSideEncryption::from)
}

pub(super) async fn put(
    world: &World,
    request: S3Request<PutObjectInput>,
) -> S3Result<S3Response<PutObjectOutput>> {
    let input = request.input;
    let given = Given {
        md5: input.content_md5.clone(),
        sums: given!(input),
        wanted: input
            .checksum_algorithm
            .as_ref()
            .and_then(|it| Algorithm::parse(it.as_str())),
    };
    let meta = meta!(input);
    let announced = request.headers.get("x-amz-trailer");
    let received = receive(
        input.body,
        input.content_length,
        request.trailing_headers,
        announced,
        given,
        Algorithm::Crc64Nvme,
    );
    let (chunks, size, md5, sum) = received.await?;
    let object = Object {
        chunks,
        size,
        etag: hex::encode(md5),
        modified: world.clock.wall(),
        meta,
        sum: Some(sum.clone()),
        parts: Vec::new(),
    };
    let mut output = PutObjectOutput {
        e_tag: Some(ETag::Strong(object.etag.clone())),
        server_side_encryption: encryption_of(&object.meta),
        ssekms_key_id: object.meta.kms_key.clone(),
        checksum_type: Some(ChecksumType::from_static(sum.type_name())),
        ..Default::default()
    };
    show!(output, sum);
    let mut store = world.store();
    let bucket = store.bucket(&input.bucket).ok_or_else(no_such_bucket)?;
    let there = bucket.objects.get(&input.key).map(Arc::as_ref);
    check_write(input.if_match.as_ref(), input.if_none_match.as_ref(), there)?;
    bucket.objects.insert(input.key, Arc::new(object));
    Ok(S3Response::new(output))
}

/// The bytes a read asks for.
struct Wanted {
    range: std::ops::Range<u64>,
    /// Set when not the whole object was asked for.
    content_range: Option<String>,
    parts_count: Option<i32>,
}

fn wanted(object: &Object, range: Option<&Range>, part_number: Option<i32>) -> S3Result<Wanted> {
    let whole = Wanted {
        range: 0..object.size,
        content_range: None,
        parts_count: None,
    };
    let shown = |range: &std::ops::Range<u64>| {
        let last = range.end.saturating_sub(1);
        Some(format!("bytes {}-{last}/{}", range.start, object.size))
    };
    match (range, part_number) {
        (Some(_), Some(_)) => Err(s3_error!(
            InvalidRequest,
            "Cannot specify both Range header and partNumber query parameter"
        )),
        (None, None) => Ok(whole),
        (Some(range), None) => {
            let range = range
                .check(object.size)
                .map_err(|_| s3_error!(InvalidRange, "The requested range is not satisfiable"))?;
            Ok(Wanted {
                content_range: shown(&range),
                range,
                parts_count: None,
            })
        }
        (None, Some(number)) => {
            let index = usize::try_from(number - 1).ok();
            let sizes: &[u64] = if object.parts.is_empty() {
                &[object.size]
            } else {
                &object.parts
            };
            let Some((index, size)) = index.and_then(|index| Some((index, *sizes.get(index)?)))
            else {
                let mut error = S3Error::with_message(
                    S3ErrorCode::Custom("InvalidPartNumber".into()),
                    "The requested partnumber is not satisfiable",
                );
                error.set_status_code(StatusCode::RANGE_NOT_SATISFIABLE);
                return Err(error);
            };
            let start: u64 = sizes[..index].iter().sum();
            let range = start..start + size;
            let count = i32::try_from(object.parts.len())
                .ok()
                .filter(|count| *count > 0);
            let content_range = if size == 0 { None } else { shown(&range) };
            Ok(Wanted {
                content_range,
                range,
                parts_count: count,
            })
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
        output.content_type = Some(
            object
                .meta
                .content_type
                .clone()
                .unwrap_or_else(|| "binary/octet-stream".into()),
        );
        output.cache_control.clone_from(&object.meta.cache_control);
        output
            .content_disposition
            .clone_from(&object.meta.content_disposition);
        output
            .content_encoding
            .clone_from(&object.meta.content_encoding);
        output
            .content_language
            .clone_from(&object.meta.content_language);
        output.metadata = Some(object.meta.user.clone().into_iter().collect());
        output.server_side_encryption = encryption_of(&object.meta);
        output.ssekms_key_id.clone_from(&object.meta.kms_key);
        output.storage_class = object
            .meta
            .storage_class
            .clone()
            .filter(|it| it != "STANDARD")
            .map(StorageClass::from);
        // A part of an object has no checksum of its own to show.
        let whole = wanted.range == (0..object.size);
        if let (true, true, Some(sum)) = ($with_sum, whole, &object.sum) {
            show!(output, sum);
            output.checksum_type = Some(ChecksumType::from_static(sum.type_name()));
        }
        output
    }};
}

pub(super) fn get(
    world: &World,
    request: S3Request<GetObjectInput>,
) -> S3Result<S3Response<GetObjectOutput>> {
    let caller = caller(&request)?;
    let input = request.input;
    let object = find(world, &caller, &input.bucket, &input.key)?;
    let condition = ReadIf {
        matches: input.if_match,
        matches_not: input.if_none_match,
        modified_since: input.if_modified_since,
        unmodified_since: input.if_unmodified_since,
    };
    condition.check(&object)?;
    let wanted = wanted(&object, input.range.as_ref(), input.part_number)?;
    let with_sum = input
        .checksum_mode
        .is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED);
    let mut output = describe!(GetObjectOutput, object, wanted, with_sum);
    output.body = Some(StreamingBlob::new(Chunks::of(object.slice(wanted.range))));
    Ok(S3Response::new(output))
}

pub(super) fn head(
    world: &World,
    request: S3Request<HeadObjectInput>,
) -> S3Result<S3Response<HeadObjectOutput>> {
    let caller = caller(&request)?;
    let input = request.input;
    let object = find(world, &caller, &input.bucket, &input.key)?;
    let condition = ReadIf {
        matches: input.if_match,
        matches_not: input.if_none_match,
        modified_since: input.if_modified_since,
        unmodified_since: input.if_unmodified_since,
    };
    condition.check(&object)?;
    let wanted = wanted(&object, input.range.as_ref(), input.part_number)?;
    let with_sum = input
        .checksum_mode
        .is_some_and(|mode| mode.as_str() == ChecksumMode::ENABLED);
    let partial = wanted.content_range.is_some();
    let output = describe!(HeadObjectOutput, object, wanted, with_sum);
    let mut reply = S3Response::new(output);
    if partial {
        reply.status = Some(StatusCode::PARTIAL_CONTENT);
    }
    Ok(reply)
}

pub(super) fn copy(
    world: &World,
    request: S3Request<CopyObjectInput>,
) -> S3Result<S3Response<CopyObjectOutput>> {
    let caller = caller(&request)?;
    let input = request.input;
    let CopySource::Bucket {
        bucket,
        key,
        version_id: None,
    } = &input.copy_source
    else {
        return Err(s3_error!(
            InvalidArgument,
            "Only bucket and key can be copied from"
        ));
    };
    let source = find(world, &caller, bucket, key)?;
    let condition = ReadIf {
        matches: input.copy_source_if_match.clone(),
        matches_not: input.copy_source_if_none_match.clone(),
        modified_since: input.copy_source_if_modified_since.clone(),
        unmodified_since: input.copy_source_if_unmodified_since.clone(),
    };
    if condition.check(&source).is_err() {
        return Err(s3_error!(
            PreconditionFailed,
            "At least one of the pre-conditions you specified did not hold"
        ));
    }
    let replaces = input
        .metadata_directive
        .as_ref()
        .is_some_and(|it| it.as_str() == MetadataDirective::REPLACE);
    let changed =
        replaces || input.storage_class.is_some() || input.server_side_encryption.is_some();
    if !changed && **bucket == *input.bucket && **key == *input.key {
        return Err(s3_error!(
            InvalidRequest,
            "This copy request is illegal because it is trying to copy an object to itself without changing \
             the object's metadata, storage class, website redirect location or encryption attributes."
        ));
    }
    let mut object = Object::clone(&source);
    let asked = meta!(input);
    if replaces {
        object.meta = asked;
    } else {
        object.meta.encryption = asked.encryption;
        object.meta.kms_key = asked.kms_key;
        object.meta.storage_class = asked.storage_class;
    }
    object.modified = world.clock.wall();
    object.etag = hex::encode(checksum::md5(&object.chunks));
    object.parts.clear();
    let algorithm = input
        .checksum_algorithm
        .as_ref()
        .and_then(|it| Algorithm::parse(it.as_str()))
        .or(source.sum.as_ref().map(|it| it.algorithm))
        .unwrap_or(Algorithm::Crc64Nvme);
    let sum = Sum::of(algorithm, object.chunks.iter().map(|chunk| &chunk[..]));
    let mut result = CopyObjectResult {
        e_tag: Some(ETag::Strong(object.etag.clone())),
        last_modified: Some(stamp(object.modified)),
        checksum_type: Some(ChecksumType::from_static(sum.type_name())),
        ..Default::default()
    };
    show!(result, sum);
    object.sum = Some(sum);
    let output = CopyObjectOutput {
        copy_object_result: Some(result),
        server_side_encryption: encryption_of(&object.meta),
        ssekms_key_id: object.meta.kms_key.clone(),
        ..Default::default()
    };
    let mut store = world.store();
    let bucket = store.bucket(&input.bucket).ok_or_else(no_such_bucket)?;
    bucket.objects.insert(input.key, Arc::new(object));
    Ok(S3Response::new(output))
}

pub(super) fn delete(
    world: &World,
    request: S3Request<DeleteObjectInput>,
) -> S3Result<S3Response<DeleteObjectOutput>> {
    let input = request.input;
    let mut store = world.store();
    let bucket = store.bucket(&input.bucket).ok_or_else(no_such_bucket)?;
    if let Some(condition) = &input.if_match {
        check_write(
            Some(condition),
            None,
            bucket.objects.get(&input.key).map(Arc::as_ref),
        )?;
    }
    bucket.objects.remove(&input.key);
    Ok(S3Response::new(DeleteObjectOutput::default()))
}

pub(super) fn delete_many(
    world: &World,
    request: S3Request<DeleteObjectsInput>,
) -> S3Result<S3Response<DeleteObjectsOutput>> {
    let caller = caller(&request)?;
    let input = request.input;
    let asked = input.delete.objects;
    if asked.is_empty() || asked.len() > 1000 {
        let message = "The XML you provided was not well-formed or did not validate against our published schema";
        return Err(s3_error!(MalformedXML, "{message}"));
    }
    let quiet = input.delete.quiet.unwrap_or(false);
    let (mut deleted, mut errors) = (Vec::new(), Vec::new());
    let mut store = world.store();
    let bucket = store.bucket(&input.bucket).ok_or_else(no_such_bucket)?;
    for object in asked {
        if caller.may_delete(&input.bucket, &object.key) {
            bucket.objects.remove(&object.key);
            if !quiet {
                deleted.push(DeletedObject {
                    key: Some(object.key),
                    ..Default::default()
                });
            }
        } else {
            errors.push(Error {
                code: Some("AccessDenied".into()),
                key: Some(object.key),
                message: Some("Access Denied".into()),
                version_id: None,
            });
        }
    }
    let output = DeleteObjectsOutput {
        deleted: Some(deleted),
        errors: Some(errors),
        request_charged: None,
    };
    Ok(S3Response::new(output))
}
