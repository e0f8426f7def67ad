//! Writing one object: put, copy, delete, and many deletes at once.
//!
//! Owns their rules. Never authorises: the gate did, save what needs the body.

use std::sync::Arc;

use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::checksum::{self, Algorithm, Given, Sum, given, show};
use super::conditions::{ReadIf, check_write, stamp};
use super::found::{caller, find, no_such_bucket};
use super::meta::{encryption_of, meta};
use super::receive::receive;
use super::store::Object;
use crate::world::World;

pub(super) async fn put(world: &World, request: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
    let input = request.input;
    let given = Given {
        md5: input.content_md5.clone(),
        sums: given!(input),
        wanted: input.checksum_algorithm.as_ref().and_then(|it| Algorithm::parse(it.as_str())),
    };
    let meta = meta!(input);
    let announced = request.headers.get("x-amz-trailer");
    let received =
        receive(input.body, input.content_length, request.trailing_headers, announced, given, Algorithm::Crc64Nvme);
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
    output.version_id = bucket.put(input.key, Arc::new(object));
    Ok(S3Response::new(output))
}

pub(super) fn copy(world: &World, request: S3Request<CopyObjectInput>) -> S3Result<S3Response<CopyObjectOutput>> {
    let caller = caller(&request)?;
    let input = request.input;
    let CopySource::Bucket { bucket, key, version_id: None } = &input.copy_source else {
        return Err(s3_error!(InvalidArgument, "Only bucket and key can be copied from"));
    };
    let source = find(world, &caller, bucket, key, None)?.object;
    let condition = ReadIf {
        matches: input.copy_source_if_match.clone(),
        matches_not: input.copy_source_if_none_match.clone(),
        modified_since: input.copy_source_if_modified_since.clone(),
        unmodified_since: input.copy_source_if_unmodified_since.clone(),
    };
    if condition.check(&source).is_err() {
        return Err(s3_error!(PreconditionFailed, "At least one of the pre-conditions you specified did not hold"));
    }
    let replaces = input.metadata_directive.as_ref().is_some_and(|it| it.as_str() == MetadataDirective::REPLACE);
    let changed = replaces || input.storage_class.is_some() || input.server_side_encryption.is_some();
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
    let mut output = CopyObjectOutput {
        copy_object_result: Some(result),
        server_side_encryption: encryption_of(&object.meta),
        ssekms_key_id: object.meta.kms_key.clone(),
        ..Default::default()
    };
    let mut store = world.store();
    let bucket = store.bucket(&input.bucket).ok_or_else(no_such_bucket)?;
    output.version_id = bucket.put(input.key, Arc::new(object));
    Ok(S3Response::new(output))
}

pub(super) fn delete(world: &World, request: S3Request<DeleteObjectInput>) -> S3Result<S3Response<DeleteObjectOutput>> {
    let input = request.input;
    let mut store = world.store();
    let bucket = store.bucket(&input.bucket).ok_or_else(no_such_bucket)?;
    if let Some(condition) = &input.if_match {
        check_write(Some(condition), None, bucket.objects.get(&input.key).map(Arc::as_ref))?;
    }
    let deleted = match &input.version_id {
        Some(id) => bucket.delete_version(&input.key, id),
        None => bucket.delete(&input.key, world.clock.wall()),
    };
    Ok(S3Response::new(DeleteObjectOutput {
        delete_marker: deleted.marker.then_some(true),
        version_id: deleted.version_id,
        ..Default::default()
    }))
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
        if caller.may_delete(&input.bucket, &object.key, object.version_id.is_some()) {
            let done = match &object.version_id {
                Some(id) => bucket.delete_version(&object.key, id),
                None => bucket.delete(&object.key, world.clock.wall()),
            };
            if !quiet {
                deleted.push(DeletedObject {
                    key: Some(object.key),
                    delete_marker: done.marker.then_some(true),
                    delete_marker_version_id: done.version_id.filter(|_| done.marker),
                    version_id: object.version_id,
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
    let output = DeleteObjectsOutput { deleted: Some(deleted), errors: Some(errors), request_charged: None };
    Ok(S3Response::new(output))
}
