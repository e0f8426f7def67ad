//! Ctrl-C while something asynchronous runs.

use std::future::Future;

use crate::error::{Error, Kind, Result};
pub(super) use crate::runtime::{run_transfers, small_runtime};

/// Does it, unless the person presses Ctrl-C first.
pub(super) async fn unless_interrupted<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::select! {
        done = work => done,
        _ = tokio::signal::ctrl_c() => Err(Error::new(Kind::Interrupted, "interrupted")),
    }
}
