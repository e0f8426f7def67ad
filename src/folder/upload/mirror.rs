//! What is in the folder but not in the trees that were uploaded to it: what a one-way sync removes.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};

use super::super::client::Folder;
use super::super::error::FolderError;
use super::super::filter::Filter;
use super::super::key::FolderKey;
use super::super::listing::{Depth, Entry, Object};

/// Notes what an upload saw of its trees, whether it took part or not.
///
/// It keeps eight bytes a name. Two names that clash by chance leave an object where it is.
#[derive(Debug, Default)]
pub struct Mirror {
    hasher: RandomState,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    trees: Vec<FolderKey>,
    names: HashSet<u64>,
    /// What is below these isn't known, and so stays.
    closed: HashSet<u64>,
    complete: bool,
}

impl Mirror {
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A tree is uploaded to this folder.
    pub(super) fn tree(&self, base: &FolderKey) {
        self.seen().trees.push(base.clone());
    }

    /// A file of a tree has this key.
    pub(super) fn saw(&self, key: &FolderKey) {
        let name = self.hasher.hash_one(key.as_str());
        self.seen().names.insert(name);
    }

    /// Something of a tree would have this key, but it wasn't looked into.
    pub(super) fn saw_closed(&self, key: &FolderKey) {
        let name = self.hasher.hash_one(key.as_str());
        let mut seen = self.seen();
        seen.names.insert(name);
        seen.closed.insert(name);
    }

    /// All of all trees was seen, and nothing failed.
    pub(super) fn complete(&self) {
        self.seen().complete = true;
    }

    /// The objects below the trees' folders that have no counterpart here, and take part. Markers of folders (empty
    /// objects whose key ends with `/`) stay.
    ///
    /// # Errors
    /// [`FolderError::NotMirrored`] when the upload didn't wholly succeed; any of a listing's.
    pub async fn surplus(&self, folder: &Folder, filter: &Filter) -> Result<Vec<Object>, FolderError> {
        let trees = {
            let seen = self.seen();
            if !seen.complete {
                return Err(FolderError::NotMirrored);
            }
            seen.trees.clone()
        };
        let mut surplus: Vec<Object> = Vec::new();
        let mut known = HashSet::new();
        for tree in &trees {
            let mut pages = folder.list(tree, Depth::Everything);
            while let Some(page) = pages.next().await {
                for entry in page? {
                    let Entry::Object(object) = entry else { continue };
                    let key = object.key.as_str();
                    let marker = key == tree.as_str() || (key.ends_with('/') && object.size == 0);
                    // Where one tree lies in another, what either excludes stays.
                    let mut below = trees.iter().filter_map(|tree| key.strip_prefix(tree.as_str()));
                    let new = !marker && below.all(|below| filter.takes(below)) && !self.has(key);
                    if new && known.insert(object.key.clone()) {
                        surplus.push(object);
                    }
                }
            }
        }
        Ok(surplus)
    }

    fn has(&self, key: &str) -> bool {
        let seen = self.seen();
        let mut ancestors = key.match_indices('/').map(|(at, _)| &key[..at]);
        seen.names.contains(&self.hasher.hash_one(key))
            || ancestors.any(|ancestor| seen.closed.contains(&self.hasher.hash_one(ancestor)))
    }
}
