//! Items of a keyring-family store, and its errors in our words.

use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::api::CredentialStore;
use keyring_core::{Entry, Error};

use super::KeychainError;
use crate::secret::SecretBytes;

/// What all our items are filed under.
pub(super) const SERVICE: &str = "securecart";

/// Says what the platform's own error means for an item of that name; `None` when it is nothing special.
type Translate = fn(&(dyn std::error::Error + 'static), &str) -> Option<KeychainError>;

/// The items under [`SERVICE`] in one keyring-family store.
pub(super) struct Entries {
    /// The keyring-family store.
    pub store: Arc<CredentialStore>,
    /// What people call it.
    pub name: &'static str,
    /// What every entry is made with, such as how long it persists.
    pub modifiers: &'static [(&'static str, &'static str)],
    /// Recognizes the platform's errors.
    pub translate: Translate,
}

impl Entries {
    /// The item's bytes, or `None`.
    pub(super) fn get(&self, item: &str) -> Result<Option<SecretBytes>, KeychainError> {
        match self.entry(item)?.get_secret() {
            Ok(bytes) => Ok(Some(SecretBytes::new(bytes))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(self.explain(item, error)),
        }
    }

    /// Creates the item or replaces its bytes; several of the same name become one.
    pub(super) fn set(&self, item: &str, bytes: &[u8]) -> Result<(), KeychainError> {
        let entry = self.entry(item)?;
        match entry.set_secret(bytes) {
            Err(Error::Ambiguous(entries)) => {
                self.delete_all(item, entries)?;
                entry.set_secret(bytes)
            }
            other => other,
        }
        .map_err(|error| self.explain(item, error))
    }

    /// Removes the item, or all of that name; false when there was none.
    pub(super) fn delete(&self, item: &str) -> Result<bool, KeychainError> {
        match self.entry(item)?.delete_credential() {
            Ok(()) => Ok(true),
            Err(Error::NoEntry) => Ok(false),
            Err(Error::Ambiguous(entries)) => self.delete_all(item, entries).map(|()| true),
            Err(error) => Err(self.explain(item, error)),
        }
    }

    fn delete_all(&self, item: &str, entries: Vec<Entry>) -> Result<(), KeychainError> {
        entries.iter().try_for_each(|entry| match entry.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(self.explain(item, error)),
        })
    }

    fn entry(&self, item: &str) -> Result<Entry, KeychainError> {
        let modifiers: HashMap<_, _> = self.modifiers.iter().copied().collect();
        let modifiers = (!modifiers.is_empty()).then_some(&modifiers);
        self.store.build(SERVICE, item, modifiers).map_err(|error| self.explain(item, error))
    }

    // Takes the error and keeps only words from it: `BadEncoding` and `BadDataFormat` hold the secret, and
    // `Debug` would print it.
    fn explain(&self, item: &str, error: Error) -> KeychainError {
        let store = self.name;
        match error {
            Error::PlatformFailure(cause) => (self.translate)(cause.as_ref(), item)
                .unwrap_or_else(|| KeychainError::Failed { store, reason: cause.to_string() }),
            Error::NoStorageAccess(cause) => (self.translate)(cause.as_ref(), item)
                .unwrap_or_else(|| KeychainError::Refused { store, reason: cause.to_string() }),
            Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::BadStoreFormat(_) | Error::Ambiguous(_) => {
                KeychainError::Damaged { store, item: item.to_owned() }
            }
            Error::TooLong(what, most) => {
                KeychainError::Failed { store, reason: format!("{what} is longer than {most}") }
            }
            Error::Invalid(what, why) => KeychainError::Failed { store, reason: format!("{what} {why}") },
            Error::NotSupportedByStore(why) => KeychainError::Failed { store, reason: why },
            _ => KeychainError::Failed { store, reason: "for a reason it does not tell".to_owned() },
        }
    }
}

#[cfg(test)]
mod tests {
    use keyring_core::mock;

    use super::*;

    fn entries() -> Entries {
        Entries { store: mock::Store::new().unwrap(), name: "mock", modifiers: &[], translate: |_, _| None }
    }

    #[test]
    fn items_come_and_go() {
        let entries = entries();
        assert!(entries.get("a").unwrap().is_none());
        entries.set("a", b"\xff\x00").unwrap();
        assert_eq!(entries.get("a").unwrap().unwrap().as_slice(), b"\xff\x00");
        assert_eq!((entries.delete("a"), entries.delete("a")), (Ok(true), Ok(false)));
    }

    #[test]
    fn errors_that_carry_the_secret_do_not_pass_it_on() {
        let entries = entries();
        let secret = || b"hunter2-hunter2".to_vec();
        for error in [Error::BadEncoding(secret()), Error::BadDataFormat(secret(), "hunter2".into())] {
            let told = entries.explain("a", error);
            let shown = format!("{told} {told:?}");
            assert!(!shown.contains("hunter2") && !shown.contains("104, 117"), "{shown}");
        }
    }
}
