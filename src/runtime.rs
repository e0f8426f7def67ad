//! The asynchronous runtimes: made where something must be awaited, and nowhere on the fast path.

use std::future::Future;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};

use crate::error::{Error, Kind, Result};

/// A runtime for a handful of small requests.
///
/// # Errors
/// [`Kind::Failed`] when the system gives no resources for it.
pub fn small_runtime() -> Result<Runtime> {
    Builder::new_current_thread().enable_all().build().map_err(|error| no_runtime(&error))
}

/// How long the end waits for calls that block.
const PATIENCE: Duration = Duration::from_secs(2);

/// Does it on a runtime for transfers. A call that still blocks when it is over (behind a lock, in a keychain, on a pipe
/// that nobody reads) ends with the process.
///
/// # Errors
/// The work's own; [`Kind::Failed`] when the system gives no resources for it.
pub fn run_transfers<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let runtime = Builder::new_multi_thread().enable_all().build().map_err(|error| no_runtime(&error))?;
    let result = runtime.block_on(work);
    runtime.shutdown_timeout(PATIENCE);
    result
}

fn no_runtime(error: &std::io::Error) -> Error {
    Error::new(Kind::Failed, format!("could not start the asynchronous runtime: {error}"))
}
