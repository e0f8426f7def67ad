//! Ctrl-C while something asynchronous runs.

use std::future::Future;

use tokio::runtime::{Builder, Runtime};

use crate::error::{Error, Kind, Result};

/// A runtime for a handful of small requests.
pub(super) fn small_runtime() -> Result<Runtime> {
    Builder::new_current_thread().enable_all().build().map_err(|error| no_runtime(&error))
}

/// A runtime for transfers.
pub(super) fn transfer_runtime() -> Result<Runtime> {
    Builder::new_multi_thread().enable_all().build().map_err(|error| no_runtime(&error))
}

fn no_runtime(error: &std::io::Error) -> Error {
    Error::new(Kind::Failed, format!("could not start the asynchronous runtime: {error}"))
}

/// Does it, unless the person presses Ctrl-C first.
pub(super) async fn unless_interrupted<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::select! {
        done = work => done,
        _ = tokio::signal::ctrl_c() => Err(Error::new(Kind::Interrupted, "interrupted")),
    }
}
