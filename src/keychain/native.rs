//! Which store each operating system has: the only file that knows more than one.

use std::sync::Arc;

use super::{KeychainError, Store};

/// The desktop's keychain, opened; every call is bounded in time.
#[cfg(target_os = "linux")]
pub(super) fn keychain() -> Result<Arc<dyn Store>, KeychainError> {
    use super::secret_service::{NAME, SecretService};
    bounded(NAME, 2, SecretService::connect)
}

/// The desktop's keychain, opened; every call is bounded in time, with time for the window in which macOS asks.
#[cfg(target_os = "macos")]
pub(super) fn keychain() -> Result<Arc<dyn Store>, KeychainError> {
    use super::macos::{MacKeychain, NAME};
    bounded(NAME, 30, MacKeychain::open)
}

/// The desktop's keychain, opened; every call is bounded in time.
#[cfg(windows)]
pub(super) fn keychain() -> Result<Arc<dyn Store>, KeychainError> {
    use super::windows::{CredentialManager, NAME};
    bounded(NAME, 2, CredentialManager::open)
}

/// There is none that we know.
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
pub(super) fn keychain() -> Result<Arc<dyn Store>, KeychainError> {
    Err(KeychainError::NoStore { reason: "this operating system has none that securecart knows".to_owned() })
}

/// The kernel's keyring, if this process may use one.
#[cfg(target_os = "linux")]
pub(super) fn keyutils() -> Result<Arc<dyn Store>, KeychainError> {
    Ok(Arc::new(super::keyutils::Keyutils::open()?))
}

/// Only Linux has it.
#[cfg(not(target_os = "linux"))]
pub(super) fn keyutils() -> Result<Arc<dyn Store>, KeychainError> {
    Err(KeychainError::NoStore { reason: "only Linux has a kernel keyring".to_owned() })
}

#[cfg(any(target_os = "linux", target_os = "macos", windows))]
fn bounded<S: Store + 'static>(
    name: &'static str,
    seconds: u64,
    open: fn() -> Result<S, KeychainError>,
) -> Result<Arc<dyn Store>, KeychainError> {
    let patience = std::time::Duration::from_secs(seconds);
    Ok(Arc::new(super::bounded::Bounded::open(name, patience, open)?))
}
