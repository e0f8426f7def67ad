//! Buckets, objects and uploads, in memory.
//!
//! Owns the bytes. Keys are exactly what was sent: `a//b`, `../x`, `a/` and `a` beside `a/b` are
//! all different objects. Never asks who wants them.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use md5::{Digest, Md5};

use super::checksum::{Algorithm, Sum};
use super::versions::{History, Version};
use crate::state::{ObjectSummary, OpenUpload};

/// What is kept with an object besides its bytes.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Meta {
    pub content_type: Option<String>,
    pub cache_control: Option<String>,
    pub content_disposition: Option<String>,
    pub content_encoding: Option<String>,
    pub content_language: Option<String>,
    pub user: BTreeMap<String, String>,
    /// `AES256` or `aws:kms`.
    pub encryption: Option<String>,
    pub kms_key: Option<String>,
    pub storage_class: Option<String>,
    pub tags: BTreeMap<String, String>,
}

/// One object. Its bytes are shared, so that clones are cheap.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    pub chunks: Vec<Bytes>,
    pub size: u64,
    /// Without quotes.
    pub etag: String,
    pub modified: Timestamp,
    pub meta: Meta,
    pub sum: Option<Sum>,
    /// Sizes of its parts, for an object uploaded in parts.
    pub parts: Vec<u64>,
}

impl Object {
    /// All its bytes in one piece.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.chunks.concat()
    }

    /// Some of its bytes, without copying them.
    pub(crate) fn slice(&self, range: std::ops::Range<u64>) -> Vec<Bytes> {
        let mut at = 0;
        let mut slices = Vec::new();
        for chunk in &self.chunks {
            let end = at + chunk.len() as u64;
            let (from, to) = (range.start.max(at), range.end.min(end));
            if from < to {
                let index = |offset: u64| usize::try_from(offset - at).expect("within a chunk in memory");
                slices.push(chunk.slice(index(from)..index(to)));
            }
            at = end;
        }
        slices
    }
}

/// A part of an upload.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub chunks: Vec<Bytes>,
    pub size: u64,
    pub md5: [u8; 16],
    pub modified: Timestamp,
    pub sum: Sum,
}

/// An upload that is neither completed nor aborted.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub key: String,
    pub meta: Meta,
    pub algorithm: Algorithm,
    /// Whether the client chose the algorithm, and so must keep to it.
    pub declared: bool,
    /// `FULL_OBJECT`, or `COMPOSITE`: of the parts' sums.
    pub full_object: bool,
    pub initiated: Timestamp,
    pub initiator: String,
    pub parts: BTreeMap<i32, Part>,
}

/// A bucket.
#[derive(Debug)]
pub(crate) struct Bucket {
    pub created: Timestamp,
    pub objects: BTreeMap<String, Arc<Object>>,
    pub uploads: BTreeMap<String, Upload>,
    /// What there was before, where the bucket has versioning.
    pub history: Option<History>,
}

/// Every bucket.
#[derive(Debug, Default)]
pub(crate) struct Store(BTreeMap<String, Bucket>);

impl Store {
    /// Makes a bucket; false when it exists.
    pub(crate) fn create_bucket(&mut self, name: &str, now: Timestamp, versioned: bool) -> bool {
        let new = !self.0.contains_key(name);
        if new {
            let history = versioned.then(History::default);
            let bucket = Bucket { created: now, objects: BTreeMap::new(), uploads: BTreeMap::new(), history };
            self.0.insert(name.into(), bucket);
        }
        new
    }

    pub(crate) fn has_bucket(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn bucket(&mut self, name: &str) -> Option<&mut Bucket> {
        self.0.get_mut(name)
    }

    pub(crate) fn buckets(&self) -> impl Iterator<Item = (&String, &Bucket)> {
        self.0.iter()
    }

    pub(crate) fn object(&self, bucket: &str, key: &str) -> Option<Arc<Object>> {
        self.0.get(bucket)?.objects.get(key).cloned()
    }

    /// A version of a key: the newest without an id. It may be a delete marker.
    pub(crate) fn version(&self, bucket: &str, key: &str, id: Option<&str>) -> Option<Version> {
        self.0.get(bucket)?.version(key, id)
    }

    /// Whether a bucket remembers what there was before.
    pub(crate) fn has_versioning(&self, bucket: &str) -> bool {
        self.0.get(bucket).is_some_and(|it| it.history.is_some())
    }

    /// Stores an object past every check; false when there is no such bucket.
    pub(crate) fn seed(&mut self, bucket: &str, key: &str, body: Bytes, now: Timestamp) -> bool {
        let Some(bucket) = self.0.get_mut(bucket) else {
            return false;
        };
        bucket.put(key.into(), Arc::new(plain_object(body, now)));
        true
    }

    /// Stores many objects of the same content, which is kept once.
    pub(crate) fn generate(&mut self, bucket: &str, prefix: &str, count: u32, size: usize, now: Timestamp) -> bool {
        let Some(bucket) = self.0.get_mut(bucket) else {
            return false;
        };
        let body: Vec<u8> = (0..size).map(|index| b'a' + u8::try_from(index % 26).unwrap_or(0)).collect();
        let object = Arc::new(plain_object(Bytes::from(body), now));
        for number in 0..count {
            bucket.put(format!("{prefix}{number:06}"), Arc::clone(&object));
        }
        true
    }

    pub(crate) fn keys_of(&self, bucket: &str) -> Vec<String> {
        self.0.get(bucket).map(|it| it.objects.keys().cloned().collect()).unwrap_or_default()
    }

    pub(crate) fn summaries(&self) -> Vec<ObjectSummary> {
        let of_bucket = |(name, bucket): (&String, &Bucket)| {
            let name = name.clone();
            let summary = |(key, object): (&String, &Arc<Object>)| ObjectSummary {
                bucket: name.clone(),
                key: key.clone(),
                size: object.size,
                tags: object.meta.tags.clone(),
            };
            bucket.objects.iter().map(summary).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(of_bucket).collect()
    }

    pub(crate) fn open_uploads(&self) -> Vec<OpenUpload> {
        let of_bucket = |(name, bucket): (&String, &Bucket)| {
            let name = name.clone();
            let open = |(id, upload): (&String, &Upload)| OpenUpload {
                bucket: name.clone(),
                key: upload.key.clone(),
                upload_id: id.clone(),
                parts: upload.parts.len() as u64,
            };
            bucket.uploads.iter().map(open).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(of_bucket).collect()
    }
}

fn plain_object(body: Bytes, now: Timestamp) -> Object {
    Object {
        size: body.len() as u64,
        etag: hex::encode(Md5::digest(&body)),
        // S3 adds this checksum to every object that comes without one.
        sum: Some(Sum::of(Algorithm::Crc64Nvme, [&body[..]])),
        chunks: vec![body],
        modified: now,
        meta: Meta::default(),
        parts: Vec::new(),
    }
}

/// One entry of a listing.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    Object(String, Arc<Object>),
    /// All keys up to and with the delimiter, rolled into one.
    Prefix(String),
}

impl Entry {
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Object(name, _) | Self::Prefix(name) => name,
        }
    }
}

impl Bucket {
    /// Entries in key order after `after`, at most `most`, and whether there are more. When
    /// `after` ends a rolled-up prefix, all of that prefix is skipped.
    pub(crate) fn list(
        &self,
        prefix: &str,
        delimiter: Option<&str>,
        after: Option<&str>,
        most: usize,
    ) -> (Vec<Entry>, bool) {
        let delimiter = delimiter.filter(|it| !it.is_empty());
        let mut entries: Vec<Entry> = Vec::new();
        let mut from = match after {
            Some(after) if after >= prefix => match delimiter {
                Some(delimiter) if rolled_up(after, prefix, delimiter).is_some_and(|it| it == after) => past(after),
                _ => Some(Bound::Excluded(after.to_owned())),
            },
            _ => Some(Bound::Included(prefix.to_owned())),
        };
        while let Some(bound) = from.take() {
            for (key, object) in self.objects.range::<String, _>((bound, Bound::Unbounded)) {
                if !key.starts_with(prefix) {
                    return (entries, false);
                }
                if entries.len() == most {
                    return (entries, true);
                }
                match delimiter.and_then(|delimiter| rolled_up(key, prefix, delimiter)) {
                    Some(rolled) => {
                        from = past(rolled);
                        entries.push(Entry::Prefix(rolled.into()));
                        break;
                    }
                    None => entries.push(Entry::Object(key.clone(), Arc::clone(object))),
                }
            }
        }
        (entries, false)
    }
}

pub(super) fn rolled_up<'a>(key: &'a str, prefix: &str, delimiter: &str) -> Option<&'a str> {
    let rest = key.strip_prefix(prefix)?;
    let at = rest.find(delimiter)?;
    Some(&key[..prefix.len() + at + delimiter.len()])
}

/// The first key after all that start with this.
pub(super) fn past(prefix: &str) -> Option<Bound<String>> {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        if let Some(next) = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32) {
            text.push(next);
            return Some(Bound::Included(text));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(keys: &[&str]) -> Bucket {
        let mut store = Store::default();
        store.create_bucket("b", Timestamp::UNIX_EPOCH, false);
        for key in keys {
            store.seed("b", key, Bytes::from_static(b"x"), Timestamp::UNIX_EPOCH);
        }
        store.0.remove("b").unwrap()
    }

    fn names(listed: &(Vec<Entry>, bool)) -> Vec<&str> {
        listed.0.iter().map(Entry::name).collect()
    }

    #[test]
    fn a_delimiter_rolls_keys_up_and_pages_go_on_after_them() {
        let bucket = bucket(&["a", "a/b", "a/c", "a//d", "b", "c/", "../x"]);
        let all = bucket.list("", Some("/"), None, 10);
        assert_eq!(names(&all), ["../", "a", "a/", "b", "c/"]);
        let mut paged = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = bucket.list("", Some("/"), after.as_deref(), 1);
            paged.extend(names(&page).iter().map(|it| (*it).to_owned()));
            after = page.0.last().map(|it| it.name().to_owned());
            if !page.1 {
                break;
            }
        }
        assert_eq!(paged, names(&all));
    }

    #[test]
    fn a_prefix_is_text_not_a_folder() {
        let bucket = bucket(&["a", "a/b", "ab", "b"]);
        assert_eq!(names(&bucket.list("a", None, None, 10)), ["a", "a/b", "ab"]);
        assert_eq!(names(&bucket.list("a/", None, None, 10)), ["a/b"]);
        assert_eq!(names(&bucket.list("", None, Some("a/b"), 10)), ["ab", "b"]);
    }

    #[test]
    fn slices_cross_chunks() {
        let mut object = plain_object(Bytes::from_static(b"abc"), Timestamp::UNIX_EPOCH);
        object.chunks.push(Bytes::from_static(b"defg"));
        assert_eq!(object.slice(2..5).concat(), b"cde");
        assert!(object.slice(7..9).is_empty());
    }
}
