//! A store that forgets everything when the process ends.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{KeychainError, Store};
use crate::secret::SecretBytes;

/// Keeps items in this process only: nothing is written anywhere.
#[derive(Default)]
pub struct MemoryStore {
    items: Mutex<HashMap<String, SecretBytes>>,
    limit: Option<usize>,
}

impl MemoryStore {
    /// An empty store whose items may have any size.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store that refuses items larger than `limit` bytes, as the real ones do.
    pub fn with_limit(limit: usize) -> Self {
        Self { limit: Some(limit), ..Self::default() }
    }

    /// The names of all items, parts of large ones included.
    pub fn names(&self) -> Vec<String> {
        self.items().keys().cloned().collect()
    }

    // A panic while the map was held can't leave it half changed: each call does one operation on it.
    fn items(&self) -> MutexGuard<'_, HashMap<String, SecretBytes>> {
        self.items.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for MemoryStore {
    fn name(&self) -> &'static str {
        "memory"
    }

    fn limit(&self) -> Option<usize> {
        self.limit
    }

    fn persistence(&self) -> &'static str {
        "until this command ends"
    }

    fn get(&self, item: &str) -> Result<Option<SecretBytes>, KeychainError> {
        Ok(self.items().get(item).cloned())
    }

    fn set(&self, item: &str, bytes: &[u8]) -> Result<(), KeychainError> {
        if self.limit.is_some_and(|limit| bytes.len() > limit) {
            return Err(KeychainError::Full { store: self.name(), item: item.to_owned() });
        }
        self.items().insert(item.to_owned(), SecretBytes::new(bytes.to_vec()));
        Ok(())
    }

    fn delete(&self, item: &str) -> Result<bool, KeychainError> {
        Ok(self.items().remove(item).is_some())
    }
}
