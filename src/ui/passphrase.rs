//! A passphrase read from an open file descriptor.

use std::io::Read as _;

use zeroize::Zeroizing;

use crate::secret::Secret;

/// A passphrase longer than this is a mistake.
const MAX_BYTES: u64 = 4096;

/// Reads the first line of an open file descriptor. `None` when it isn't one, or nothing is in it.
pub fn read_descriptor(number: &str) -> Option<Secret> {
    let number: u32 = number.parse().ok()?;
    let path = if cfg!(unix) { format!("/dev/fd/{number}") } else { return None };
    let mut text = Zeroizing::new(String::new());
    std::fs::File::open(path).ok()?.take(MAX_BYTES).read_to_string(&mut text).ok()?;
    let line = text.lines().next()?;
    (!line.is_empty()).then(|| Secret::new(line))
}
