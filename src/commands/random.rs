//! Words and numbers that nobody can guess.

use crate::error::{Error, Kind, Result};

/// Random bytes.
///
/// # Errors
/// [`Kind::Failed`] when the system gives none.
pub(super) fn bytes<const N: usize>() -> Result<[u8; N]> {
    let mut random = [0; N];
    getrandom::fill(&mut random)
        .map_err(|error| Error::new(Kind::Failed, format!("the system gives no random numbers: {error}")))?;
    Ok(random)
}

/// `N` random bytes in hexadecimal.
///
/// # Errors
/// As [`bytes`].
pub(super) fn word<const N: usize>() -> Result<String> {
    Ok(bytes::<N>()?.iter().map(|byte| format!("{byte:02x}")).collect())
}
