//! What is kept with an object besides its bytes, read from a request.
//!
//! Owns the way from S3's fields to [`Meta`](super::store::Meta).

use std::collections::BTreeMap;

use s3s::dto::{Metadata, ServerSideEncryption};
use s3s::{S3Result, s3_error};
use url::form_urlencoded;

use super::store::Meta;

/// Builds [`Meta`] from an input that has S3's fields for it.
macro_rules! meta {
    ($input:expr) => {
        $crate::s3::store::Meta {
            content_type: $input.content_type.clone(),
            cache_control: $input.cache_control.clone(),
            content_disposition: $input.content_disposition.clone(),
            content_encoding: $crate::s3::meta::without_chunked($input.content_encoding.clone()),
            content_language: $input.content_language.clone(),
            user: $crate::s3::meta::user_metadata($input.metadata.clone()),
            encryption: $crate::s3::meta::encryption($input.server_side_encryption.as_ref())?,
            kms_key: $input.ssekms_key_id.clone(),
            storage_class: $input.storage_class.as_ref().map(|it| it.as_str().to_owned()),
            tags: $crate::s3::meta::tags($input.tagging.as_deref())?,
        }
    };
}
pub(super) use meta;

/// `aws-chunked` is how the body travelled, not what it is.
pub(super) fn without_chunked(encoding: Option<String>) -> Option<String> {
    let text = encoding?;
    let rest: Vec<&str> = text.split(',').map(str::trim).filter(|it| *it != "aws-chunked" && !it.is_empty()).collect();
    (!rest.is_empty()).then(|| rest.join(","))
}

pub(super) fn user_metadata(metadata: Option<Metadata>) -> BTreeMap<String, String> {
    metadata.into_iter().flatten().collect()
}

/// Tags as a header says them. Source: *Amazon S3 User Guide*, "Categorizing your objects using tags".
pub(super) fn tags(header: Option<&str>) -> S3Result<BTreeMap<String, String>> {
    let mut tags = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(header.unwrap_or_default().as_bytes()).into_owned() {
        if name.is_empty() || name.chars().count() > 128 || value.chars().count() > 256 {
            return Err(s3_error!(InvalidTag, "The TagKey or TagValue you have provided is invalid"));
        }
        if tags.insert(name, value).is_some() || tags.len() > 10 {
            return Err(s3_error!(
                InvalidArgument,
                "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag \
                 name duplicates."
            ));
        }
    }
    Ok(tags)
}

/// S3 encrypts every object; `AES256` where the request names nothing.
pub(super) fn encryption(asked: Option<&ServerSideEncryption>) -> S3Result<Option<String>> {
    match asked.map(ServerSideEncryption::as_str) {
        None => Ok(Some("AES256".into())),
        Some(known @ ("AES256" | "aws:kms" | "aws:kms:dsse")) => Ok(Some(known.into())),
        Some(_) => Err(s3_error!(InvalidArgument, "The encryption method specified is not supported")),
    }
}

pub(super) fn encryption_of(meta: &Meta) -> Option<ServerSideEncryption> {
    meta.encryption.clone().map(ServerSideEncryption::from)
}
