//! Uploads in parts.
//!
//! Owns their rules: sizes, order, ETags and checksums of the whole.
//! Source: *Amazon S3 User Guide*, "Uploading and copying objects using multipart upload".

use std::collections::BTreeMap;
use std::sync::Arc;

use http::StatusCode;
use md5::{Digest, Md5};
use s3s::dto::*;
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::checksum::{Algorithm, Given, Sum, given, show};
use super::conditions::{check_write, stamp};
use super::found::{caller, no_such_bucket};
use super::meta::{encryption_of, meta};
use super::receive::{mismatch, receive};
use super::store::{Bucket, Object, Part as StoredPart, Upload};
use crate::random;
use crate::world::World;

/// Every part but the last has at least this many bytes.
const PART_LEAST: u64 = 5 * 1024 * 1024;

pub(super) fn create(
    world: &World,
    request: S3Request<CreateMultipartUploadInput>,
) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
    let initiator = caller(&request)?.principal.arn.clone();
    let input = request.input;
    let declared = match &input.checksum_algorithm {
        None => None,
        Some(name) => Some(
            Algorithm::parse(name.as_str())
                .ok_or_else(|| s3_error!(InvalidRequest, "Checksum algorithm provided is unsupported."))?,
        ),
    };
    let algorithm = declared.unwrap_or(Algorithm::Crc64Nvme);
    let is_crc = !matches!(algorithm, Algorithm::Sha1 | Algorithm::Sha256);
    let full_object = match input.checksum_type.as_ref().map(ChecksumType::as_str) {
        None => algorithm == Algorithm::Crc64Nvme,
        Some(ChecksumType::FULL_OBJECT) if is_crc => true,
        Some(ChecksumType::COMPOSITE) if algorithm != Algorithm::Crc64Nvme => false,
        Some(other) => {
            let name = algorithm.name().to_ascii_lowercase();
            return Err(s3_error!(
                InvalidRequest,
                "The {other} checksum type cannot be used with the {name} checksum algorithm."
            ));
        }
    };
    let upload = Upload {
        key: input.key.clone(),
        meta: meta!(input),
        algorithm,
        declared: declared.is_some(),
        full_object,
        initiated: world.clock.wall(),
        initiator,
        parts: BTreeMap::new(),
    };
    let id = random::token("");
    let output = CreateMultipartUploadOutput {
        bucket: Some(input.bucket.clone()),
        key: Some(input.key),
        upload_id: Some(id.clone()),
        checksum_algorithm: declared.map(|it| ChecksumAlgorithm::from_static(it.name())),
        checksum_type: declared.map(|_| ChecksumType::from_static(type_name(full_object))),
        server_side_encryption: encryption_of(&upload.meta),
        ssekms_key_id: upload.meta.kms_key.clone(),
        ..Default::default()
    };
    let mut store = world.store();
    let bucket = store.bucket(&input.bucket).ok_or_else(no_such_bucket)?;
    bucket.uploads.insert(id, upload);
    Ok(S3Response::new(output))
}

fn type_name(full_object: bool) -> &'static str {
    if full_object { ChecksumType::FULL_OBJECT } else { ChecksumType::COMPOSITE }
}

fn find<'a>(bucket: &'a mut Bucket, id: &str, key: &str) -> S3Result<&'a mut Upload> {
    bucket.uploads.get_mut(id).filter(|upload| upload.key == key).ok_or_else(|| {
        s3_error!(
            NoSuchUpload,
            "The specified upload does not exist. The upload ID may be invalid, or the upload may have been \
             aborted or completed."
        )
    })
}

pub(super) async fn upload_part(
    world: &World,
    request: S3Request<UploadPartInput>,
) -> S3Result<S3Response<UploadPartOutput>> {
    let input = request.input;
    if !(1..=10_000).contains(&input.part_number) {
        return Err(s3_error!(InvalidArgument, "Part number must be an integer between 1 and 10000, inclusive"));
    }
    let (algorithm, declared) = {
        let mut store = world.store();
        let bucket = store.bucket(&input.bucket).ok_or_else(no_such_bucket)?;
        let upload = find(bucket, &input.upload_id, &input.key)?;
        (upload.algorithm, upload.declared)
    };
    let given = Given { md5: input.content_md5.clone(), sums: given!(input), wanted: None };
    let announced = request.headers.get("x-amz-trailer");
    let received = receive(input.body, input.content_length, request.trailing_headers, announced, given, algorithm);
    let (chunks, size, md5, sent) = received.await?;
    if declared && sent.algorithm != algorithm {
        return Err(s3_error!(
            InvalidRequest,
            "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
            algorithm.name().to_ascii_lowercase(),
            sent.algorithm.name().to_ascii_lowercase()
        ));
    }
    // What the whole's checksum is made of, whichever the part was sent with.
    let sum = if sent.algorithm == algorithm {
        sent.clone()
    } else {
        Sum::of(algorithm, chunks.iter().map(|chunk| &chunk[..]))
    };
    let part = StoredPart { chunks, size, md5, modified: world.clock.wall(), sum };
    let mut store = world.store();
    let bucket = store.bucket(&input.bucket).ok_or_else(no_such_bucket)?;
    let upload = find(bucket, &input.upload_id, &input.key)?;
    let mut output = UploadPartOutput {
        e_tag: Some(ETag::Strong(hex::encode(md5))),
        server_side_encryption: encryption_of(&upload.meta),
        ssekms_key_id: upload.meta.kms_key.clone(),
        ..Default::default()
    };
    show!(output, sent);
    upload.parts.insert(input.part_number, part);
    Ok(S3Response::new(output))
}

pub(super) fn complete(
    world: &World,
    request: S3Request<CompleteMultipartUploadInput>,
) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
    let input = request.input;
    let mut store = world.store();
    let bucket = store.bucket(&input.bucket).ok_or_else(no_such_bucket)?;
    let upload = find(bucket, &input.upload_id, &input.key)?;
    let asked = input.multipart_upload.as_ref().and_then(|it| it.parts.as_ref()).filter(|it| !it.is_empty());
    let asked = asked.ok_or_else(|| {
        s3_error!(
            MalformedXML,
            "The XML you provided was not well-formed or did not validate against our published schema"
        )
    })?;
    let parts = chosen(upload, asked)?;
    let object = whole(upload, &parts, world)?;
    let size = i64::try_from(object.size).unwrap_or(i64::MAX);
    if input.mpu_object_size.is_some_and(|promised| promised != size) {
        return Err(s3_error!(
            InvalidRequest,
            "The provided 'x-amz-mp-object-size' header value does not match what was computed."
        ));
    }
    let sum = object.sum.clone().expect("an upload in parts always has a checksum");
    for (algorithm, value) in given!(input) {
        if algorithm != sum.algorithm {
            return Err(s3_error!(InvalidRequest, "The checksum is of another algorithm than the upload's"));
        }
        if value != sum.value && sum.value.strip_suffix(&format!("-{}", parts.len())) != Some(&value) {
            return Err(mismatch((
                "BadDigest",
                "The checksum you specified did not match the calculated checksum of the whole object.",
            )));
        }
    }
    let mut output = CompleteMultipartUploadOutput {
        bucket: Some(input.bucket.clone()),
        key: Some(input.key.clone()),
        location: Some(format!("{}/{}/{}", world.url(), input.bucket, input.key)),
        e_tag: Some(ETag::Strong(object.etag.clone())),
        checksum_type: Some(ChecksumType::from_static(sum.type_name())),
        server_side_encryption: encryption_of(&object.meta),
        ssekms_key_id: object.meta.kms_key.clone(),
        ..Default::default()
    };
    show!(output, sum);
    let there = bucket.objects.get(&input.key).map(Arc::as_ref);
    check_write(input.if_match.as_ref(), input.if_none_match.as_ref(), there)?;
    bucket.uploads.remove(&input.upload_id);
    output.version_id = bucket.put(input.key, Arc::new(object));
    Ok(S3Response::new(output))
}

/// The parts a client lists, in ascending order, each with the ETag it was given.
fn chosen<'a>(upload: &'a Upload, asked: &[CompletedPart]) -> S3Result<Vec<&'a StoredPart>> {
    let mut parts = Vec::with_capacity(asked.len());
    let mut last = 0;
    for one in asked {
        let number = one.part_number.unwrap_or(0);
        if number <= last {
            return Err(s3_error!(
                InvalidPartOrder,
                "The list of parts was not in ascending order. Parts must be ordered by part number."
            ));
        }
        last = number;
        let part = upload
            .parts
            .get(&number)
            .filter(|part| one.e_tag.as_ref().is_some_and(|etag| etag.value() == hex::encode(part.md5)));
        let part = part.ok_or_else(|| {
            s3_error!(
                InvalidPart,
                "One or more of the specified parts could not be found. The part may not have been uploaded, or \
                 the specified entity tag may not match the part's entity tag."
            )
        })?;
        let sums: Vec<(Algorithm, String)> = given!(one);
        if let Some((_, value)) = sums.iter().find(|(it, _)| *it == upload.algorithm)
            && *value != part.sum.value
        {
            return Err(s3_error!(InvalidPart, "A part's checksum does not match"));
        }
        if upload.declared && !upload.full_object && sums.is_empty() {
            return Err(s3_error!(
                InvalidRequest,
                "The upload was created using a {} checksum. The complete request must include the checksum for \
                 each part. It was missing for part {number} in the request.",
                upload.algorithm.name().to_ascii_lowercase()
            ));
        }
        parts.push(part);
    }
    if parts.iter().rev().skip(1).any(|part| part.size < PART_LEAST) {
        return Err(too_small());
    }
    Ok(parts)
}

fn too_small() -> S3Error {
    let mut error = s3_error!(EntityTooSmall, "Your proposed upload is smaller than the minimum allowed size");
    error.set_status_code(StatusCode::BAD_REQUEST);
    error
}

fn whole(upload: &Upload, parts: &[&StoredPart], world: &World) -> S3Result<Object> {
    let mut digests = Md5::new();
    parts.iter().for_each(|part| digests.update(part.md5));
    let chunks: Vec<bytes::Bytes> = parts.iter().flat_map(|part| part.chunks.iter().cloned()).collect();
    let sum = if upload.full_object {
        Sum::of(upload.algorithm, chunks.iter().map(|chunk| &chunk[..]))
    } else {
        Sum::composite(upload.algorithm, parts.iter().map(|part| &part.sum))
    };
    Ok(Object {
        size: parts.iter().map(|part| part.size).sum(),
        etag: format!("{}-{}", hex::encode(digests.finalize()), parts.len()),
        parts: parts.iter().map(|part| part.size).collect(),
        chunks,
        modified: world.clock.wall(),
        meta: upload.meta.clone(),
        sum: Some(sum),
    })
}

pub(super) fn abort(
    world: &World,
    request: S3Request<AbortMultipartUploadInput>,
) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
    let input = request.input;
    let mut store = world.store();
    let bucket = store.bucket(&input.bucket).ok_or_else(no_such_bucket)?;
    find(bucket, &input.upload_id, &input.key)?;
    bucket.uploads.remove(&input.upload_id);
    Ok(S3Response::new(AbortMultipartUploadOutput::default()))
}

pub(super) fn list_parts(world: &World, request: S3Request<ListPartsInput>) -> S3Result<S3Response<ListPartsOutput>> {
    let input = request.input;
    let most = input.max_parts.unwrap_or(1000).clamp(0, 1000);
    let after = input.part_number_marker.unwrap_or(0);
    let mut store = world.store();
    let bucket = store.bucket(&input.bucket).ok_or_else(no_such_bucket)?;
    let upload = find(bucket, &input.upload_id, &input.key)?;
    let mut rest = upload.parts.range(after + 1..).peekable();
    let mut parts = Vec::new();
    let limit = usize::try_from(most).unwrap_or(0);
    while parts.len() < limit
        && let Some((number, part)) = rest.next()
    {
        let mut shown = Part {
            part_number: Some(*number),
            size: i64::try_from(part.size).ok(),
            e_tag: Some(ETag::Strong(hex::encode(part.md5))),
            last_modified: Some(stamp(part.modified)),
            ..Default::default()
        };
        show!(shown, part.sum);
        parts.push(shown);
    }
    let initiator = Initiator { id: Some(upload.initiator.clone()), display_name: None };
    Ok(S3Response::new(ListPartsOutput {
        bucket: Some(input.bucket.clone()),
        key: Some(input.key.clone()),
        upload_id: Some(input.upload_id.clone()),
        part_number_marker: Some(after),
        next_part_number_marker: parts.last().and_then(|it| it.part_number),
        max_parts: Some(most),
        is_truncated: Some(rest.peek().is_some()),
        parts: Some(parts),
        initiator: Some(initiator),
        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
        checksum_algorithm: upload.declared.then(|| ChecksumAlgorithm::from_static(upload.algorithm.name())),
        checksum_type: upload.declared.then(|| ChecksumType::from_static(type_name(upload.full_object))),
        ..Default::default()
    }))
}

pub(super) fn list_uploads(
    world: &World,
    request: S3Request<ListMultipartUploadsInput>,
) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
    let input = request.input;
    let prefix = input.prefix.clone().unwrap_or_default();
    let mut store = world.store();
    let bucket = store.bucket(&input.bucket).ok_or_else(no_such_bucket)?;
    let mut uploads: Vec<(&String, &Upload)> =
        bucket.uploads.iter().filter(|(_, upload)| upload.key.starts_with(&prefix)).collect();
    uploads.sort_by(|a, b| (&a.1.key, a.1.initiated).cmp(&(&b.1.key, b.1.initiated)));
    let shown = uploads
        .into_iter()
        .map(|(id, upload)| MultipartUpload {
            key: Some(upload.key.clone()),
            upload_id: Some(id.clone()),
            initiated: Some(stamp(upload.initiated)),
            initiator: Some(Initiator { id: Some(upload.initiator.clone()), display_name: None }),
            storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
            ..Default::default()
        })
        .collect();
    Ok(S3Response::new(ListMultipartUploadsOutput {
        bucket: Some(input.bucket.clone()),
        prefix: input.prefix,
        max_uploads: Some(1000),
        is_truncated: Some(false),
        uploads: Some(shown),
        ..Default::default()
    }))
}
