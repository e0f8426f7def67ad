//! Listings of objects and buckets.
//!
//! Owns paging, rolling up and URL encoding of names. Source: *Amazon S3 API Reference*,
//! "ListObjectsV2".

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use s3s::dto::*;
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::conditions::stamp;
use super::found::no_such_bucket;
use super::store::Entry;
use crate::org::PRODUCTION;
use crate::world::World;

/// S3 never gives more keys in one page.
pub(super) const PAGE_MOST: i32 = 1000;

/// How names are written.
pub(super) struct Names {
    encoded: bool,
}

impl Names {
    pub(super) fn asked(encoding: Option<&EncodingType>) -> S3Result<Self> {
        match encoding.map(EncodingType::as_str) {
            None => Ok(Self { encoded: false }),
            Some("url") => Ok(Self { encoded: true }),
            Some(_) => Err(s3_error!(InvalidArgument, "Invalid Encoding Method specified in Request")),
        }
    }

    pub(super) fn write(&self, name: &str) -> String {
        if !self.encoded {
            return name.to_owned();
        }
        let mut text = String::with_capacity(name.len());
        for byte in name.bytes() {
            match byte {
                b' ' => text.push('+'),
                _ if byte.is_ascii_alphanumeric() || b"-._*/".contains(&byte) => text.push(char::from(byte)),
                _ => text.push_str(&format!("%{byte:02X}")),
            }
        }
        text
    }
}

/// One page of entries, ready for either version's output.
struct Page {
    contents: Vec<Object>,
    prefixes: Vec<CommonPrefix>,
    /// The last entry, when there are more.
    last: Option<String>,
}

struct Asked<'a> {
    bucket: &'a str,
    prefix: &'a str,
    delimiter: Option<&'a str>,
    after: Option<&'a str>,
    most: i32,
    owner: bool,
}

fn page(world: &World, asked: &Asked<'_>, names: &Names) -> S3Result<Page> {
    let most = usize::try_from(asked.most.min(PAGE_MOST))
        .map_err(|_| s3_error!(InvalidArgument, "Argument maxKeys must be an integer between 0 and 2147483647"))?;
    let mut store = world.store();
    let bucket = store.bucket(asked.bucket).ok_or_else(no_such_bucket)?;
    let (entries, more) =
        if most == 0 { (Vec::new(), false) } else { bucket.list(asked.prefix, asked.delimiter, asked.after, most) };
    let last = more.then(|| entries.last().map(|it| it.name().to_owned())).flatten();
    let mut page = Page { contents: Vec::new(), prefixes: Vec::new(), last };
    for entry in entries {
        match entry {
            Entry::Prefix(name) => page.prefixes.push(CommonPrefix { prefix: Some(names.write(&name)) }),
            Entry::Object(key, object) => page.contents.push(Object {
                key: Some(names.write(&key)),
                size: i64::try_from(object.size).ok(),
                e_tag: Some(ETag::Strong(object.etag.clone())),
                last_modified: Some(stamp(object.modified)),
                storage_class: Some(ObjectStorageClass::from(
                    object.meta.storage_class.clone().unwrap_or_else(|| "STANDARD".into()),
                )),
                checksum_algorithm: object
                    .sum
                    .as_ref()
                    .map(|it| vec![ChecksumAlgorithm::from_static(it.algorithm.name())]),
                checksum_type: object.sum.as_ref().map(|it| ChecksumType::from_static(it.type_name())),
                owner: asked.owner.then(owner),
                ..Default::default()
            }),
        }
    }
    Ok(page)
}

pub(super) fn owner() -> Owner {
    Owner { display_name: None, id: Some(format!("sandbox{PRODUCTION}")) }
}

pub(super) fn version_2(
    world: &World,
    request: S3Request<ListObjectsV2Input>,
) -> S3Result<S3Response<ListObjectsV2Output>> {
    let input = request.input;
    let names = Names::asked(input.encoding_type.as_ref())?;
    let continued = input.continuation_token.as_deref().map(read_token).transpose()?;
    let most = input.max_keys.unwrap_or(PAGE_MOST);
    let prefix = input.prefix.clone().unwrap_or_default();
    let asked = Asked {
        bucket: &input.bucket,
        prefix: &prefix,
        delimiter: input.delimiter.as_deref(),
        after: continued.as_deref().or(input.start_after.as_deref()),
        most,
        owner: input.fetch_owner.unwrap_or(false),
    };
    let page = page(world, &asked, &names)?;
    let count = page.contents.len() + page.prefixes.len();
    Ok(S3Response::new(ListObjectsV2Output {
        name: Some(input.bucket.clone()),
        prefix: Some(names.write(&prefix)),
        delimiter: input.delimiter.as_deref().filter(|it| !it.is_empty()).map(|it| names.write(it)),
        max_keys: Some(most.min(PAGE_MOST)),
        key_count: i32::try_from(count).ok(),
        is_truncated: Some(page.last.is_some()),
        next_continuation_token: page.last.map(|last| URL_SAFE_NO_PAD.encode(format!("after:{last}"))),
        continuation_token: input.continuation_token,
        start_after: input.start_after.map(|it| names.write(&it)),
        encoding_type: input.encoding_type,
        contents: Some(page.contents),
        common_prefixes: Some(page.prefixes),
        request_charged: None,
    }))
}

fn read_token(token: &str) -> S3Result<String> {
    URL_SAFE_NO_PAD
        .decode(token)
        .ok()
        .and_then(|bytes| Some(String::from_utf8(bytes).ok()?.strip_prefix("after:")?.to_owned()))
        .ok_or_else(|| s3_error!(InvalidArgument, "The continuation token provided is incorrect"))
}

pub(super) fn version_1(
    world: &World,
    request: S3Request<ListObjectsInput>,
) -> S3Result<S3Response<ListObjectsOutput>> {
    let input = request.input;
    let names = Names::asked(input.encoding_type.as_ref())?;
    let most = input.max_keys.unwrap_or(PAGE_MOST);
    let prefix = input.prefix.clone().unwrap_or_default();
    let asked = Asked {
        bucket: &input.bucket,
        prefix: &prefix,
        delimiter: input.delimiter.as_deref(),
        after: input.marker.as_deref(),
        most,
        owner: true,
    };
    let page = page(world, &asked, &names)?;
    Ok(S3Response::new(ListObjectsOutput {
        name: Some(input.bucket.clone()),
        prefix: Some(names.write(&prefix)),
        marker: Some(names.write(input.marker.as_deref().unwrap_or_default())),
        delimiter: input.delimiter.as_deref().map(|it| names.write(it)),
        max_keys: Some(most.min(PAGE_MOST)),
        is_truncated: Some(page.last.is_some()),
        // Given only with a delimiter; without, the last key is the marker.
        next_marker: page.last.filter(|_| input.delimiter.is_some()).map(|it| names.write(&it)),
        encoding_type: input.encoding_type,
        contents: Some(page.contents),
        common_prefixes: Some(page.prefixes),
        request_charged: None,
    }))
}

pub(super) fn buckets(world: &World) -> ListBucketsOutput {
    let store = world.store();
    let buckets = store
        .buckets()
        .map(|(name, bucket)| Bucket {
            name: Some(name.clone()),
            creation_date: Some(stamp(bucket.created)),
            bucket_region: Some(world.options.region.clone()),
        })
        .collect();
    ListBucketsOutput { buckets: Some(buckets), owner: Some(owner()), ..Default::default() }
}
