//! The Linux kernel's keyring: in memory, for hosts without a desktop.
//!
//! Source: keyrings(7), persistent-keyring(7), session-keyring(7). Keys are held by this session's keyring and
//! by the user's persistent keyring, through which later sessions find them; the kernel drops the latter after
//! three days without use. Calls are system calls that don't wait, so they need no time limit.

use linux_keyutils::KeyError;
use linux_keyutils_keyring_store::Store as KernelStore;

use super::entries::Entries;
use super::{KeychainError, Store};
use crate::secret::SecretBytes;

pub(super) const NAME: &str = "kernel keyring";

/// The default quota of a user is 20,000 bytes over all keys (`/proc/sys/kernel/keys/maxbytes`), names included;
/// a key holds at most 32,767. What is larger than the quota only fits for users with a raised one.
const LIMIT: usize = 20_000;

/// A name that is never saved, to see whether keys can be searched.
const PROBE: &str = "probe";

/// The kernel keyring of this session and user.
pub(super) struct Keyutils(Entries);

impl Keyutils {
    /// Makes sure that this process has a keyring that it may use.
    pub(super) fn open() -> Result<Self, KeychainError> {
        let store = KernelStore::new()
            .map_err(|_| KeychainError::Failed { store: NAME, reason: "it can't be set up".to_owned() })?;
        let keyutils = Self(Entries { store, name: NAME, modifiers: &[], translate });
        keyutils.0.get(PROBE)?;
        Ok(keyutils)
    }
}

impl Store for Keyutils {
    fn name(&self) -> &'static str {
        NAME
    }

    fn limit(&self) -> Option<usize> {
        Some(LIMIT)
    }

    fn persistence(&self) -> &'static str {
        "until reboot, or three days without use"
    }

    fn get(&self, item: &str) -> Result<Option<SecretBytes>, KeychainError> {
        self.0.get(item)
    }

    fn set(&self, item: &str, bytes: &[u8]) -> Result<(), KeychainError> {
        // Reading links a key that another session has made into this one, so that it is changed in place.
        // Otherwise a second key of the same name would come to be, and the other session would keep the old one.
        self.0.get(item)?;
        self.0.set(item, bytes)
    }

    fn delete(&self, item: &str) -> Result<bool, KeychainError> {
        self.0.delete(item)
    }
}

fn translate(cause: &(dyn std::error::Error + 'static), item: &str) -> Option<KeychainError> {
    Some(match cause.downcast_ref::<KeyError>()? {
        // Of an item, "revoked" and "expired" mean that there is none, and the store says so. Here they are said of
        // the session's keyring.
        KeyError::AccessDenied
        | KeyError::PermissionDenied
        | KeyError::KeyringDoesNotExist
        | KeyError::KeyRevoked
        | KeyError::KeyExpired => KeychainError::NoSession,
        KeyError::QuotaExceeded => KeychainError::Full { store: NAME, item: item.to_owned() },
        KeyError::OperationNotSupported => KeychainError::NoStore { reason: "the kernel has no keyrings".to_owned() },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_errors_become_the_fact_they_stand_for() {
        let full = KeychainError::Full { store: NAME, item: "a".to_owned() };
        assert_eq!(translate(&KeyError::QuotaExceeded, "a"), Some(full));
        for error in [KeyError::AccessDenied, KeyError::KeyRevoked, KeyError::KeyringDoesNotExist] {
            assert_eq!(translate(&error, "a"), Some(KeychainError::NoSession), "{error}");
        }
        assert!(matches!(translate(&KeyError::OperationNotSupported, "a"), Some(KeychainError::NoStore { .. })));
        assert_eq!(translate(&KeyError::BadAddress, "a"), None);
    }
}
