//! Listing the folder, a page at a time, the next pages under way while this one is used.
//!
//! Every list names the folder's prefix with its `/`, which is all that the per-user policy allows.

mod pages;
mod range;
mod spread;

use std::borrow::Cow;

use aws_sdk_s3::operation::list_objects_v2::ListObjectsV2Output;
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::EncodingType;
use jiff::Timestamp;

pub use self::pages::Pages;
use super::client::Folder;
use super::error::FolderError;
use super::key::FolderKey;
use super::reply::{Op, size};
use super::versions::Version;

/// Whether to see what is below the next level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Objects and folders of this level.
    Level,
    /// All objects below, and no folders.
    Everything,
}

/// An object as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its key.
    pub key: FolderKey,
    /// Bytes.
    pub size: u64,
    /// When it was stored.
    pub modified: Option<Timestamp>,
    /// Its entity tag with the quotes that belong to it.
    pub etag: Option<String>,
    /// S3's storage class, such as `STANDARD`.
    pub storage_class: Option<String>,
}

/// A line of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// An object.
    Object(Object),
    /// A version of an object, where versions were asked for.
    Version(Version),
    /// Where deeper keys begin; it ends with `/`.
    Folder(FolderKey),
}

impl Entry {
    /// Its key.
    pub fn key(&self) -> &FolderKey {
        match self {
            Self::Object(object) => &object.key,
            Self::Version(version) => &version.key,
            Self::Folder(key) => key,
        }
    }
}

/// What is listed.
#[derive(Debug, Clone, Copy)]
pub(super) enum What {
    Objects,
    Versions,
}

/// A page, and where the next one begins.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) entries: Vec<Entry>,
    pub(super) next: Option<Marker>,
}

/// What S3 wants to be told to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marker {
    /// A continuation token, or the last key.
    pub(super) token: String,
    /// The last version of that key.
    pub(super) version_id: Option<String>,
}

impl Folder {
    /// Lists the keys that begin with a key's text.
    pub fn list(&self, prefix: &FolderKey, depth: Depth) -> Pages {
        Pages::begin(self, prefix, depth, What::Objects)
    }

    /// The object with exactly this key, found with a list, which says of a missing one that it is missing.
    ///
    /// # Errors
    /// Any of S3's.
    pub async fn find(&self, key: &FolderKey) -> Result<Option<Object>, FolderError> {
        // Of all keys that begin with this text, the text itself comes first.
        let page = self.page(key, Depth::Everything, None, None, Some(1)).await?;
        Ok(page.entries.into_iter().find_map(|entry| match entry {
            Entry::Object(object) if object.key == *key => Some(object),
            _ => None,
        }))
    }

    /// Why there is no object of this name: it is a folder's, for which `hint` says what to type, or nothing's.
    pub(super) async fn missing(&self, key: &FolderKey, hint: &'static str) -> FolderError {
        // A name too long to have a `/` behind it has nothing below it.
        let Ok(below) = key.as_folder() else { return FolderError::not_found(key) };
        match self.page(&below, Depth::Everything, None, None, Some(1)).await {
            Ok(page) if !page.entries.is_empty() => FolderError::is_folder(key, hint),
            _ => FolderError::not_found(key),
        }
    }

    /// One page: the first one, of keys after `start_after`, or the one that `next` leads to.
    async fn page(
        &self,
        prefix: &FolderKey,
        depth: Depth,
        start_after: Option<&str>,
        next: Option<Marker>,
        limit: Option<i32>,
    ) -> Result<Page, FolderError> {
        let op = Op::new("ListObjectsV2", prefix);
        let token = next.map(|next| next.token);
        let start_after = start_after.filter(|_| token.is_none());
        let reply = self
            .call(&op, |client| {
                client
                    .list_objects_v2()
                    .bucket(self.bucket())
                    .prefix(prefix.as_str())
                    // XML can't hold most control characters; percent-encoding can.
                    .encoding_type(EncodingType::Url)
                    .set_delimiter((depth == Depth::Level).then(|| "/".to_owned()))
                    .set_start_after(start_after.map(str::to_owned))
                    .set_continuation_token(token.clone())
                    .set_max_keys(limit)
                    .send()
            })
            .await?;
        self.read_page(&reply, &op)
    }

    fn read_page(&self, reply: &ListObjectsV2Output, op: &Op) -> Result<Page, FolderError> {
        let encoded = reply.encoding_type() == Some(&EncodingType::Url);
        let mut entries = Vec::with_capacity(reply.contents().len() + reply.common_prefixes().len());
        for object in reply.contents() {
            entries.push(Entry::Object(Object {
                key: self.listed_key(object.key(), encoded, op)?,
                size: size(object.size()).unwrap_or(0),
                modified: modified(object.last_modified()),
                etag: object.e_tag().map(str::to_owned),
                storage_class: object.storage_class().map(|class| class.as_str().to_owned()),
            }));
        }
        let objects = entries.len();
        for folder in reply.common_prefixes() {
            entries.push(Entry::Folder(self.listed_key(folder.prefix(), encoded, op)?));
        }
        if entries.len() > objects {
            entries.sort_by(|a, b| a.key().as_str().cmp(b.key().as_str()));
        }
        let next = if reply.is_truncated() == Some(true) {
            let token = reply.next_continuation_token().ok_or_else(|| op.odd("a page without its end"))?;
            Some(Marker { token: token.to_owned(), version_id: None })
        } else {
            None
        };
        Ok(Page { entries, next })
    }

    /// A key that a listing names. No honest server names one outside the folder.
    pub(super) fn listed_key(&self, text: Option<&str>, encoded: bool, op: &Op) -> Result<FolderKey, FolderError> {
        let text = text.unwrap_or_default();
        let key = if encoded { decode(text) } else { Some(Cow::Borrowed(text)) };
        key.and_then(|key| self.prefix().key_from_s3(&key)).ok_or_else(|| op.odd("a key outside your folder"))
    }
}

/// When something was stored, to the second.
pub(super) fn modified(time: Option<&DateTime>) -> Option<Timestamp> {
    Timestamp::new(time?.secs(), 0).ok()
}

/// Undoes `encoding-type=url`, which is a form's encoding: `+` is a space. Source: API reference of `ListObjectsV2`.
pub(super) fn decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains(['%', '+']) {
        return Some(Cow::Borrowed(text));
    }
    let spaced = text.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(Cow::Owned(decoded.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_a_listing_are_decoded_as_a_form() {
        for (sent, key) in [
            ("a/b.txt", "a/b.txt"),
            ("a+b%2Bc", "a b+c"),
            ("%01%0A%25", "\u{1}\n%"),
            ("M%C3%BCller", "Müller"),
            ("%2520", "%20"),
        ] {
            assert_eq!(decode(sent).as_deref(), Some(key));
        }
        assert_eq!(decode("%ff"), None);
    }
}
