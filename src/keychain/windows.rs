//! The Windows Credential Manager.
//!
//! Source: wincred.h. Entries are kept on this machine (`CRED_PERSIST_LOCAL_MACHINE`): temporary credentials
//! have no business in a roaming profile.

use windows_native_keyring_store::Store as WindowsStore;

use super::entries::Entries;
use super::{KeychainError, Store};
use crate::secret::SecretBytes;

pub(super) const NAME: &str = "Windows Credential Manager";

/// `CRED_MAX_CREDENTIAL_BLOB_SIZE`, in bytes.
const LIMIT: usize = 5 * 512;

/// The user's generic credentials.
pub(super) struct CredentialManager(Entries);

impl CredentialManager {
    /// Nothing is opened before the first call.
    pub(super) fn open() -> Result<Self, KeychainError> {
        let store = WindowsStore::new()
            .map_err(|_| KeychainError::NoStore { reason: "Credential Manager can't be opened".to_owned() })?;
        Ok(Self(Entries { store, name: NAME, modifiers: &[("persistence", "Local")], translate }))
    }
}

impl Store for CredentialManager {
    fn name(&self) -> &'static str {
        NAME
    }

    fn limit(&self) -> Option<usize> {
        Some(LIMIT)
    }

    fn persistence(&self) -> &'static str {
        "until `securecart logout`"
    }

    fn get(&self, item: &str) -> Result<Option<SecretBytes>, KeychainError> {
        self.0.get(item)
    }

    fn set(&self, item: &str, bytes: &[u8]) -> Result<(), KeychainError> {
        self.0.set(item, bytes)
    }

    fn delete(&self, item: &str) -> Result<bool, KeychainError> {
        self.0.delete(item)
    }
}

/// A service or a network logon has no credential set of its own.
fn translate(cause: &(dyn std::error::Error + 'static), _item: &str) -> Option<KeychainError> {
    cause
        .to_string()
        .contains("ERROR_NO_SUCH_LOGON_SESSION")
        .then(|| KeychainError::NoStore { reason: "this logon session has no credentials of its own".to_owned() })
}
