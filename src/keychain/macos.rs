//! The macOS keychain: the user's login keychain.
//!
//! macOS ties an item to the signature of the program that made it. After an upgrade of a program without a
//! stable signature it asks the person, in a window of its own; hence the longer patience.

use apple_native_keyring_store::keychain::Store as AppleStore;

use super::entries::Entries;
use super::{KeychainError, Store};
use crate::secret::SecretBytes;

pub(super) const NAME: &str = "macOS Keychain";

// Source: Security framework result codes, `SecBase.h`.
const USER_CANCELED: i32 = -128;
const AUTH_FAILED: i32 = -25293;
const INTERACTION_NOT_ALLOWED: i32 = -25308;

/// The login keychain.
pub(super) struct MacKeychain(Entries);

impl MacKeychain {
    /// Nothing is opened before the first call.
    pub(super) fn open() -> Result<Self, KeychainError> {
        let store = AppleStore::new()
            .map_err(|_| KeychainError::NoStore { reason: "the login keychain can't be opened".to_owned() })?;
        Ok(Self(Entries { store, name: NAME, modifiers: &[], translate }))
    }
}

impl Store for MacKeychain {
    fn name(&self) -> &'static str {
        NAME
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

fn translate(cause: &(dyn std::error::Error + 'static), _item: &str) -> Option<KeychainError> {
    let error = cause.downcast_ref::<security_framework::base::Error>()?;
    Some(match error.code() {
        // Over SSH the login keychain is locked, and nobody can be asked.
        INTERACTION_NOT_ALLOWED => KeychainError::Locked { store: NAME },
        USER_CANCELED | AUTH_FAILED => KeychainError::Refused { store: NAME, reason: error.to_string() },
        _ => return None,
    })
}
