//! What every secret store can do.

use super::KeychainError;
use crate::secret::SecretBytes;

/// A place that keeps bytes under names, one call at a time.
///
/// Stores are used through [`Keychain`](super::Keychain), which splits what is larger than [`Store::limit`].
pub trait Store: Send + Sync {
    /// What people call it, for messages and `status`.
    fn name(&self) -> &'static str;

    /// The most bytes one item can hold; `None` when there is no limit worth minding.
    fn limit(&self) -> Option<usize> {
        None
    }

    /// How long an item lasts, as a phrase that follows "kept": "until reboot".
    fn persistence(&self) -> &'static str;

    /// The item's bytes, or `None` when there is no such item.
    fn get(&self, item: &str) -> Result<Option<SecretBytes>, KeychainError>;

    /// Creates the item or replaces its bytes; a reader sees the old bytes or the new ones.
    fn set(&self, item: &str, bytes: &[u8]) -> Result<(), KeychainError>;

    /// Removes the item; false when there was none.
    fn delete(&self, item: &str) -> Result<bool, KeychainError>;
}
