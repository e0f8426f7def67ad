//! A passphrase, typed without echo or read from an open file.

use std::io::Read as _;

use zeroize::Zeroizing;

use crate::secret::Secret;

/// A passphrase longer than this is a mistake.
const MAX_BYTES: u64 = 4096;

/// Asks on the terminal. `None` when the person gave up.
pub fn ask(question: &str) -> Option<Secret> {
    let typed = dialoguer::Password::new().with_prompt(question).interact_on(&dialoguer::console::Term::stderr());
    typed.ok().map(Secret::new)
}

/// Reads the first line of an open file descriptor. `None` when it isn't one, or nothing is in it.
pub fn read_descriptor(number: &str) -> Option<Secret> {
    let number: u32 = number.parse().ok()?;
    let path = if cfg!(unix) { format!("/dev/fd/{number}") } else { return None };
    let mut text = Zeroizing::new(String::new());
    std::fs::File::open(path).ok()?.take(MAX_BYTES).read_to_string(&mut text).ok()?;
    let line = text.lines().next()?;
    (!line.is_empty()).then(|| Secret::new(line))
}
