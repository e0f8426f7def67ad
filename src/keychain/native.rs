//! Which store each operating system has: the only file that knows more than one.

use std::path::Path;
use std::sync::Arc;
#[cfg(any(target_os = "linux", target_os = "macos", windows))]
use std::time::Duration;

#[cfg(any(target_os = "linux", target_os = "macos", windows))]
use super::bounded::Bounded;
use super::{KeychainError, Store};

/// The desktop's keychain. Nothing is opened before a call, and every call is bounded in time.
#[cfg(target_os = "linux")]
pub(super) fn keychain(state: &Path) -> Result<Arc<dyn Store>, KeychainError> {
    use super::secret_service::{NAME, SecretService};
    let gate = super::gate::Gate { state: state.to_owned(), name: NAME };
    Ok(Arc::new(Bounded::new(SecretService, Duration::from_secs(2), Some(gate))))
}

/// The desktop's keychain. Every call is bounded in time, with time for the window in which macOS asks.
#[cfg(target_os = "macos")]
pub(super) fn keychain(_state: &Path) -> Result<Arc<dyn Store>, KeychainError> {
    let keychain = super::macos::MacKeychain::open()?;
    Ok(Arc::new(Bounded::new(keychain, Duration::from_secs(30), None)))
}

/// The desktop's keychain. Every call is bounded in time.
#[cfg(windows)]
pub(super) fn keychain(_state: &Path) -> Result<Arc<dyn Store>, KeychainError> {
    let manager = super::windows::CredentialManager::open()?;
    Ok(Arc::new(Bounded::new(manager, Duration::from_secs(2), None)))
}

/// There is none that we know.
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
pub(super) fn keychain(_state: &Path) -> Result<Arc<dyn Store>, KeychainError> {
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
