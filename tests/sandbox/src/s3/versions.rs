//! Versions of objects, and their listing.
//!
//! Owns what a bucket with versioning remembers of each key. Source: *Amazon S3 User Guide*, "How S3 Versioning works";
//! *Amazon S3 API Reference*, "ListObjectVersions".

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use jiff::Timestamp;

use super::store::{Bucket, Object, past, rolled_up};
use crate::random;

/// The id of what a bucket without versioning holds.
pub(crate) const NULL: &str = "null";

/// One version of a key.
#[derive(Debug, Clone)]
pub(crate) struct Version {
    pub id: String,
    pub modified: Timestamp,
    /// Nothing for a delete marker.
    pub object: Option<Arc<Object>>,
}

/// Every version of every key, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct History(BTreeMap<String, Vec<Version>>);

impl History {
    /// Adds the newest version of a key, and gives its id.
    fn add(&mut self, key: &str, modified: Timestamp, object: Option<Arc<Object>>) -> String {
        let id = random::version_id();
        self.0.entry(key.into()).or_default().push(Version { id: id.clone(), modified, object });
        id
    }
}

/// Whether S3 could have given this id.
pub(crate) fn is_version_id(text: &str) -> bool {
    text == NULL || (text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte)))
}

/// What a delete did.
#[derive(Debug, Default)]
pub(crate) struct Deleted {
    /// The version that was made or removed.
    pub version_id: Option<String>,
    /// It is a delete marker.
    pub marker: bool,
}

/// One entry of a listing of versions.
#[derive(Debug, Clone)]
pub(crate) enum Entry {
    Version {
        key: String,
        version: Version,
        latest: bool,
    },
    /// All keys up to and with the delimiter, rolled into one.
    Prefix(String),
}

impl Bucket {
    /// Stores an object, and gives the id of its version where the bucket has versioning.
    pub(crate) fn put(&mut self, key: String, object: Arc<Object>) -> Option<String> {
        let history = self.history.as_mut();
        let id = history.map(|history| history.add(&key, object.modified, Some(Arc::clone(&object))));
        self.objects.insert(key, object);
        id
    }

    /// Removes a key; with versioning, a delete marker becomes its newest version.
    pub(crate) fn delete(&mut self, key: &str, now: Timestamp) -> Deleted {
        self.objects.remove(key);
        let Some(history) = &mut self.history else { return Deleted::default() };
        Deleted { version_id: Some(history.add(key, now, None)), marker: true }
    }

    /// Removes one version for good.
    pub(crate) fn delete_version(&mut self, key: &str, id: &str) -> Deleted {
        let Some(history) = &mut self.history else { return self.delete(key, Timestamp::UNIX_EPOCH) };
        let versions = history.0.entry(key.into()).or_default();
        let removed = versions.iter().position(|version| version.id == id).map(|at| versions.remove(at));
        match versions.last().map(|version| version.object.clone()) {
            Some(Some(object)) => self.objects.insert(key.into(), object),
            _ => self.objects.remove(key),
        };
        if versions.is_empty() {
            history.0.remove(key);
        }
        Deleted { version_id: Some(id.into()), marker: removed.is_some_and(|version| version.object.is_none()) }
    }

    /// A version of a key: the newest without an id.
    pub(crate) fn version(&self, key: &str, id: Option<&str>) -> Option<Version> {
        let versions = self.versions(key);
        match id {
            None => versions.last().cloned(),
            Some(id) => versions.iter().find(|version| version.id == id).cloned(),
        }
    }

    fn versions(&self, key: &str) -> Vec<Version> {
        match &self.history {
            Some(history) => history.0.get(key).cloned().unwrap_or_default(),
            None => self.objects.get(key).map(only).into_iter().collect(),
        }
    }

    fn keys_from<'a>(&'a self, from: Bound<String>) -> Box<dyn Iterator<Item = &'a String> + 'a> {
        let range = (from, Bound::Unbounded);
        match &self.history {
            Some(history) => Box::new(history.0.range::<String, _>(range).map(|(key, _)| key)),
            None => Box::new(self.objects.range::<String, _>(range).map(|(key, _)| key)),
        }
    }

    /// Versions in the order of keys, the newest of each first, at most `most`, and whether there are more. They begin
    /// after the version of a key that `after` names, or after all of that key's.
    pub(crate) fn list_versions(
        &self,
        prefix: &str,
        delimiter: Option<&str>,
        after: Option<(&str, Option<&str>)>,
        most: usize,
    ) -> (Vec<Entry>, bool) {
        let delimiter = delimiter.filter(|it| !it.is_empty());
        let roll = |key: &str| delimiter.and_then(|delimiter| rolled_up(key, prefix, delimiter).map(str::to_owned));
        let mut entries = Vec::new();
        let mut from = match after {
            Some((key, _)) if key >= prefix => match roll(key) {
                Some(rolled) if rolled == key => past(key),
                _ => Some(Bound::Included(key.to_owned())),
            },
            _ => Some(Bound::Included(prefix.to_owned())),
        };
        while let Some(bound) = from.take() {
            for key in self.keys_from(bound) {
                if !key.starts_with(prefix) {
                    return (entries, false);
                }
                if let Some(rolled) = roll(key) {
                    if entries.len() == most {
                        return (entries, true);
                    }
                    from = past(&rolled);
                    entries.push(Entry::Prefix(rolled));
                    break;
                }
                let versions = self.versions(key);
                let count = versions.len();
                let seen = match after {
                    Some((marker, None)) if marker == key => count,
                    Some((marker, Some(id))) if marker == key => {
                        versions.iter().rev().position(|version| version.id == id).map_or(count, |at| at + 1)
                    }
                    _ => 0,
                };
                for (index, version) in versions.into_iter().rev().enumerate().skip(seen) {
                    if entries.len() == most {
                        return (entries, true);
                    }
                    entries.push(Entry::Version { key: key.clone(), version, latest: index == 0 });
                }
            }
        }
        (entries, false)
    }
}

fn only(object: &Arc<Object>) -> Version {
    Version { id: NULL.into(), modified: object.modified, object: Some(Arc::clone(object)) }
}
