//! The folder room against the sandbox, with the per-user policy in force for every request.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests are tests too")]

#[path = "folder/download.rs"]
mod download;
#[path = "folder/equal.rs"]
mod equal;
#[path = "folder/faults.rs"]
mod faults;
#[path = "folder/liar.rs"]
mod liar;
#[path = "folder/list.rs"]
mod list;
#[path = "folder/remove.rs"]
mod remove;
#[path = "folder/stage.rs"]
mod stage;
#[path = "folder/sync.rs"]
mod sync;
#[path = "folder/upload.rs"]
mod upload;
#[path = "folder/wire.rs"]
mod wire;
