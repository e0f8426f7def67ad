//! Secret stores behind one trait, and the lock between processes.
//!
//! This room keeps bytes under names, in whatever the machine offers: the desktop's keychain, the kernel's
//! keyring, files encrypted with a passphrase, or memory. It makes large items fit into small stores, bounds
//! the time a store may take, and says in its own words what went wrong.
//!
//! It never knows what the bytes mean, never writes a secret to a file unencrypted, never prompts, and never
//! uses the network. Everything here blocks: there is no async runtime.

mod bounded;
mod chunks;
mod entries;
mod envelope;
mod error;
mod file;
mod gate;
mod handle;
mod index;
#[cfg(target_os = "linux")]
mod keyutils;
mod leftovers;
mod lock;
#[cfg(target_os = "macos")]
mod macos;
mod memory;
mod native;
mod private;
#[cfg(target_os = "linux")]
mod secret_service;
mod store;
mod turns;
#[cfg(windows)]
mod windows;

pub use error::KeychainError;
pub use file::FileStore;
pub use handle::Keychain;
pub use lock::{Guard, Lock, LockError};
pub use memory::MemoryStore;
pub use store::Store;
