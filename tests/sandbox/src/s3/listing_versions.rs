//! Listings of versions.
//!
//! Owns their two markers. Source: *Amazon S3 API Reference*, "ListObjectVersions".

use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::conditions::stamp;
use super::found::no_such_bucket;
use super::listing::{Names, PAGE_MOST, owner};
use super::versions::{Entry, is_version_id};
use crate::world::World;

pub(super) fn answer(
    world: &World,
    request: S3Request<ListObjectVersionsInput>,
) -> S3Result<S3Response<ListObjectVersionsOutput>> {
    let input = request.input;
    let names = Names::asked(input.encoding_type.as_ref())?;
    let most = input.max_keys.unwrap_or(PAGE_MOST).min(PAGE_MOST);
    let limit = usize::try_from(most)
        .map_err(|_| s3_error!(InvalidArgument, "Argument maxKeys must be an integer between 0 and 2147483647"))?;
    let prefix = input.prefix.clone().unwrap_or_default();
    let (key_marker, id_marker) = (input.key_marker.as_deref(), input.version_id_marker.as_deref());
    let after = match (key_marker.filter(|it| !it.is_empty()), id_marker.filter(|it| !it.is_empty())) {
        (None, Some(_)) => {
            return Err(s3_error!(InvalidArgument, "A version-id marker cannot be specified without a key marker."));
        }
        (_, Some(id)) if !is_version_id(id) => {
            return Err(s3_error!(InvalidArgument, "Invalid version id specified"));
        }
        (key, id) => key.map(|key| (key, id)),
    };
    let mut store = world.store();
    let bucket = store.bucket(&input.bucket).ok_or_else(no_such_bucket)?;
    let delimiter = input.delimiter.as_deref();
    let (entries, more) =
        if limit == 0 { (Vec::new(), false) } else { bucket.list_versions(&prefix, delimiter, after, limit) };
    drop(store);
    let (next_key, next_id) = match entries.last().filter(|_| more) {
        Some(Entry::Version { key, version, .. }) => (Some(names.write(key)), Some(version.id.clone())),
        Some(Entry::Prefix(name)) => (Some(names.write(name)), None),
        None => (None, None),
    };
    let (mut versions, mut markers, mut prefixes) = (Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        match entry {
            Entry::Prefix(name) => prefixes.push(CommonPrefix { prefix: Some(names.write(&name)) }),
            Entry::Version { key, version, latest } => match version.object {
                None => markers.push(DeleteMarkerEntry {
                    key: Some(names.write(&key)),
                    version_id: Some(version.id),
                    is_latest: Some(latest),
                    last_modified: Some(stamp(version.modified)),
                    owner: Some(owner()),
                }),
                Some(object) => versions.push(ObjectVersion {
                    key: Some(names.write(&key)),
                    version_id: Some(version.id),
                    is_latest: Some(latest),
                    last_modified: Some(stamp(version.modified)),
                    size: i64::try_from(object.size).ok(),
                    e_tag: Some(ETag::Strong(object.etag.clone())),
                    storage_class: Some(ObjectVersionStorageClass::from(
                        object.meta.storage_class.clone().unwrap_or_else(|| "STANDARD".into()),
                    )),
                    owner: Some(owner()),
                    ..Default::default()
                }),
            },
        }
    }
    Ok(S3Response::new(ListObjectVersionsOutput {
        name: Some(input.bucket.clone()),
        prefix: Some(names.write(&prefix)),
        delimiter: input.delimiter.as_deref().filter(|it| !it.is_empty()).map(|it| names.write(it)),
        key_marker: Some(names.write(input.key_marker.as_deref().unwrap_or_default())),
        version_id_marker: Some(input.version_id_marker.unwrap_or_default()),
        next_key_marker: next_key,
        next_version_id_marker: next_id,
        max_keys: Some(most),
        is_truncated: Some(more),
        encoding_type: input.encoding_type,
        versions: Some(versions),
        delete_markers: Some(markers),
        common_prefixes: Some(prefixes),
        request_charged: None,
    }))
}
