//! The asynchronous runtimes: made where something must be awaited, and nowhere on the fast path.

use tokio::runtime::{Builder, Runtime};

use crate::error::{Error, Kind, Result};

/// A runtime for a handful of small requests.
///
/// # Errors
/// [`Kind::Failed`] when the system gives no resources for it.
pub fn small_runtime() -> Result<Runtime> {
    Builder::new_current_thread().enable_all().build().map_err(|error| no_runtime(&error))
}

/// A runtime for transfers.
///
/// # Errors
/// As [`small_runtime`].
pub fn transfer_runtime() -> Result<Runtime> {
    Builder::new_multi_thread().enable_all().build().map_err(|error| no_runtime(&error))
}

fn no_runtime(error: &std::io::Error) -> Error {
    Error::new(Kind::Failed, format!("could not start the asynchronous runtime: {error}"))
}
