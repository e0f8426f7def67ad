//! The caller's own folder of a shared bucket: what a key in it is, and how keys are listed, fetched, stored and removed.
//!
//! It owns the rule that nothing outside the folder can be named: [`FolderPrefix::key`] is the only way from text to
//! a key, and every request takes a [`FolderKey`]. It never asks about the bucket itself, never prints, and knows no
//! command line.
//!
//! - Pure: [`template`], [`key`], [`local_path`], checksums, modification times, [`filter`], [`attributes`].
//! - [`journal`]: transfers that another run can go on with.
//! - [`equal`]: what need not be transferred, because it is there already.
//! - [`client`]: the S3 client, retries that the SDK doesn't make, [`session`]: credentials renewed once for all workers.

pub mod attributes;
mod checksum;
pub mod client;
mod clock;
mod content;
mod disguise;
pub mod download;
pub mod equal;
pub mod error;
pub mod filter;
pub mod journal;
pub mod key;
pub mod listing;
pub mod local_path;
mod mtime;
mod open_uploads;
pub mod outcome;
mod pace;
mod policy;
pub mod pool;
pub mod probe;
pub mod progress;
pub mod rate;
mod read_at;
pub mod removal;
mod reply;
pub mod session;
pub mod stop;
pub mod template;
pub mod transfer;
pub mod upload;
pub mod version;
pub mod versions;
mod window;

pub use client::{Folder, FolderSettings};
pub use error::FolderError;
pub use key::{FolderKey, KeyError};
pub use policy::own_folder_policy;
pub use session::{FixedSession, Session};
pub use template::{Facts, FolderPrefix, TemplateError};
pub use transfer::TransferOptions;
