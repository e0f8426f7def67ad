//! Listing the versions of objects, a page at a time, as `listing` lists objects.
//!
//! Source: API reference of `ListObjectVersions`. It needs `s3:ListBucketVersions`, with the same `s3:prefix`.

use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::types::EncodingType;
use jiff::Timestamp;

use super::client::Folder;
use super::error::FolderError;
use super::key::FolderKey;
use super::listing::{Depth, Entry, Marker, Page, Pages, What, decode, modified};
use super::reply::{Op, size};

/// One version of an object, as a listing shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its key.
    pub key: FolderKey,
    /// `null` for what was stored before the bucket had versioning.
    pub version_id: String,
    /// It is what the key names now.
    pub is_latest: bool,
    /// It has no content: it says that the object was removed.
    pub delete_marker: bool,
    /// Bytes; 0 for a delete marker.
    pub size: u64,
    /// When it was stored.
    pub modified: Option<Timestamp>,
    /// Its entity tag with the quotes that belong to it.
    pub etag: Option<String>,
    /// S3's storage class, such as `STANDARD`.
    pub storage_class: Option<String>,
}

impl Folder {
    /// Lists the versions and delete markers of the keys that begin with a key's text: by key, the newest first.
    pub fn list_versions(&self, prefix: &FolderKey, depth: Depth) -> Pages {
        Pages::begin(self, prefix, depth, What::Versions)
    }

    pub(super) async fn page_of_versions(
        &self,
        prefix: &FolderKey,
        depth: Depth,
        after: Option<Marker>,
    ) -> Result<Page, FolderError> {
        let op = Op::new("ListObjectVersions", prefix).needing("s3:ListBucketVersions");
        let (key_marker, id_marker) = after.map_or((None, None), |after| (Some(after.token), after.version_id));
        let reply = self
            .call(&op, |client| {
                client
                    .list_object_versions()
                    .bucket(self.bucket())
                    .prefix(prefix.as_str())
                    .encoding_type(EncodingType::Url)
                    .set_delimiter((depth == Depth::Level).then(|| "/".to_owned()))
                    .set_key_marker(key_marker.clone())
                    .set_version_id_marker(id_marker.clone())
                    .send()
            })
            .await?;
        self.read_versions(&reply, &op)
    }

    fn read_versions(&self, reply: &ListObjectVersionsOutput, op: &Op) -> Result<Page, FolderError> {
        let encoded = reply.encoding_type() == Some(&EncodingType::Url);
        let mut versions = Vec::with_capacity(reply.versions().len());
        for version in reply.versions() {
            versions.push(Version {
                key: self.listed_key(version.key(), encoded, op)?,
                version_id: version.version_id().unwrap_or("null").to_owned(),
                is_latest: version.is_latest() == Some(true),
                delete_marker: false,
                size: size(version.size()).unwrap_or(0),
                modified: modified(version.last_modified()),
                etag: version.e_tag().map(str::to_owned),
                storage_class: version.storage_class().map(|class| class.as_str().to_owned()),
            });
        }
        let mut markers = Vec::with_capacity(reply.delete_markers().len());
        for marker in reply.delete_markers() {
            markers.push(Version {
                key: self.listed_key(marker.key(), encoded, op)?,
                version_id: marker.version_id().unwrap_or("null").to_owned(),
                is_latest: marker.is_latest() == Some(true),
                delete_marker: true,
                size: 0,
                modified: modified(marker.last_modified()),
                etag: None,
                storage_class: None,
            });
        }
        let mut entries: Vec<Entry> = merge(versions, markers).into_iter().map(Entry::Version).collect();
        for folder in reply.common_prefixes() {
            entries.push(Entry::Folder(self.listed_key(folder.prefix(), encoded, op)?));
        }
        // It keeps the order of one key's versions.
        entries.sort_by(|a, b| a.key().as_str().cmp(b.key().as_str()));
        let next = if reply.is_truncated() == Some(true) {
            let token = reply.next_key_marker().and_then(|text| if encoded { decode(text) } else { Some(text.into()) });
            let token = token.ok_or_else(|| op.odd("a page without its end"))?.into_owned();
            Some(Marker { token, version_id: reply.next_version_id_marker().map(str::to_owned) })
        } else {
            None
        };
        Ok(Page { entries, next })
    }
}

/// S3 tells versions and delete markers apart from each other, each in order. Of one key, the latest comes first, and
/// then what is newer; a delete marker before a version of the same second, which it is more likely to have removed.
fn merge(versions: Vec<Version>, markers: Vec<Version>) -> Vec<Version> {
    let mut merged = Vec::with_capacity(versions.len() + markers.len());
    let mut markers = markers.into_iter().peekable();
    for version in versions {
        while let Some(marker) = markers.next_if(|marker| match marker.key.as_str().cmp(version.key.as_str()) {
            std::cmp::Ordering::Equal => {
                marker.is_latest || (!version.is_latest && marker.modified >= version.modified)
            }
            order => order.is_lt(),
        }) {
            merged.push(marker);
        }
        merged.push(version);
    }
    merged.extend(markers);
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FolderTemplate;
    use crate::folder::{Facts, FolderPrefix};

    fn version(key: &str, id: &str, second: i64, is_latest: bool, delete_marker: bool) -> Version {
        let facts = Facts { user_id: "AROA1:me".into(), ..Facts::default() };
        let prefix = FolderPrefix::resolve(&FolderTemplate::default(), &facts).unwrap();
        Version {
            key: prefix.key(key, true).unwrap(),
            version_id: id.into(),
            is_latest,
            delete_marker,
            size: 0,
            modified: Timestamp::from_second(second).ok(),
            etag: None,
            storage_class: None,
        }
    }

    #[test]
    fn versions_and_delete_markers_come_in_the_order_in_which_they_were_made() {
        let versions = vec![
            version("b", "b5", 5, true, false),
            version("b", "b3", 3, false, false),
            // In parts: S3 tells when such an upload began, so an older version may look newer.
            version("b", "b2", 4, false, false),
            version("d", "d1", 7, false, false),
        ];
        let markers = vec![
            version("a", "a9", 9, true, true),
            version("b", "b4", 5, false, true),
            version("d", "d2", 7, true, true),
            version("e", "e1", 1, true, true),
        ];
        let order: Vec<String> = merge(versions, markers).into_iter().map(|version| version.version_id).collect();
        assert_eq!(order, ["a9", "b5", "b4", "b3", "b2", "d2", "d1", "e1"]);
    }
}
