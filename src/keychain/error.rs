//! What can go wrong with a secret store, in words a person can act on.
//!
//! No variant carries an item's bytes, and no foreign error is kept: some of them print the secret.

use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Explain, Kind};

/// Why a secret store could not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeychainError {
    /// Nothing on this machine can keep a secret.
    #[error("there is no keychain here: {reason}")]
    NoStore {
        /// What was tried, and why it isn't there.
        reason: String,
    },
    /// The store is there, but its owner has to unlock it first.
    #[error("{store} is locked")]
    Locked {
        /// The store's name.
        store: &'static str,
    },
    /// The Secret Service runs, but has nowhere to put an item.
    #[error("the Secret Service has no default collection to keep anything in")]
    NoCollection,
    /// The store accepted the call and never answered.
    #[error("{store} did not answer within {} s", after.as_secs_f32())]
    TimedOut {
        /// Who did not answer.
        store: &'static str,
        /// How long we waited.
        after: Duration,
    },
    /// The kernel's keyring has no session keyring that this process may write to.
    #[error("the kernel keyring is not usable here: this process has no session keyring of its own")]
    NoSession,
    /// The passphrase does not open what is stored.
    #[error("the passphrase does not open the encrypted files")]
    WrongPassphrase,
    /// No passphrase was given, and there is nobody to ask for it.
    #[error("the encrypted files need a passphrase, and none was given")]
    NoPassphrase,
    /// A new passphrase that would seal nothing.
    #[error("the passphrase is empty")]
    EmptyPassphrase,
    /// A new passphrase was typed twice, once with a slip.
    #[error("the two passphrases are not the same")]
    PassphrasesDiffer,
    /// The person pressed Ctrl-C when asked for the passphrase.
    #[error("interrupted")]
    Interrupted,
    /// The store has no room left for the item.
    #[error("{store} has no room for `{item}`")]
    Full {
        /// The store's name.
        store: &'static str,
        /// The item's name.
        item: String,
    },
    /// What is stored under the name is not what was once saved.
    #[error("`{item}` in {store} is damaged")]
    Damaged {
        /// The store's name.
        store: &'static str,
        /// The item's name.
        item: String,
    },
    /// Another process has been changing the item for too long.
    #[error("another process is still changing `{item}` in {store}")]
    Busy {
        /// The store's name.
        store: &'static str,
        /// The item's name.
        item: String,
    },
    /// The operating system, or the person it asked, refused access.
    #[error("{store} refused access: {reason}")]
    Refused {
        /// The store's name.
        store: &'static str,
        /// What it said.
        reason: String,
    },
    /// A file of ours could not be read or written.
    #[error("can't {action} `{}`: {reason}", path.display())]
    Io {
        /// "read", "write", "create", …
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the operating system said.
        reason: String,
    },
    /// The store failed in a way that is none of the others.
    #[error("{store} failed: {reason}")]
    Failed {
        /// The store's name.
        store: &'static str,
        /// What it said; never contains an item's bytes.
        reason: String,
    },
}

impl KeychainError {
    /// A file operation that failed.
    pub(super) fn io(action: &'static str, path: impl Into<PathBuf>, error: &std::io::Error) -> Self {
        Self::Io { action, path: path.into(), reason: error.to_string() }
    }
}

impl Explain for KeychainError {
    fn kind(&self) -> Kind {
        match self {
            Self::Interrupted => Kind::Interrupted,
            _ => Kind::Keychain,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(
            match self {
                Self::NoStore { .. } => {
                    "keep credentials in memory until reboot with `--keychain keyutils` (inside `keyctl session` \
                     if need be), or in files encrypted with a passphrase with `--keychain file`"
                }
                Self::Locked { .. } => {
                    "unlock it in your desktop's password manager and try again, or keep credentials elsewhere \
                     with `--keychain keyutils` or `--keychain file`"
                }
                Self::NoCollection => {
                    "create a keyring in your desktop's password manager and make it the default, or keep \
                     credentials elsewhere with `--keychain keyutils` or `--keychain file`"
                }
                Self::TimedOut { .. } => {
                    "see whether it hangs or waits for an answer in a window of its own; until then use \
                     `--keychain keyutils` or `--keychain file`"
                }
                Self::NoSession => {
                    "start a shell with a session keyring with `keyctl session - bash`, or use `--keychain file`"
                }
                Self::WrongPassphrase => {
                    "try again; if it is forgotten, remove what is stored with `securecart logout --all \
                     --keychain file` and sign in again with `securecart login`"
                }
                Self::NoPassphrase => {
                    "set `SECURECART_PASSPHRASE`, or `SECURECART_PASSPHRASE_FD` to the number of a file descriptor it can \
                     be read from, or run a command in a terminal, which asks; `--keychain keychain` and `--keychain \
                     keyutils` need none"
                }
                Self::EmptyPassphrase | Self::PassphrasesDiffer => {
                    "run the command again and type the same passphrase twice, or use a store that needs none with \
                     `--keychain keychain` or `--keychain keyutils`"
                }
                Self::Interrupted => return None,
                Self::Full { .. } => {
                    "remove old sessions with `securecart logout --all`, or use another store with \
                     `--keychain file`"
                }
                Self::Damaged { .. } => "remove it with `securecart logout` and sign in again with `securecart login`",
                Self::Busy { .. } => "try again; if it stays so, end the other `securecart` process",
                Self::Refused { .. } => {
                    "allow `securecart` to use it when the system asks, or use another store with \
                     `--keychain file`"
                }
                Self::Io { .. } => "make sure that the directory exists, has room, and belongs to you",
                Self::Failed { .. } => "try again, or use another store with `--keychain file`",
            }
            .to_owned(),
        )
    }
}
