//! Yes or no.

use crate::error::{Error, Kind, Result};

/// Asks on the terminal; no is the default.
///
/// # Errors
/// [`Kind::Interrupted`] when the person gives no answer.
pub fn ask(question: &str) -> Result<bool> {
    let terminal = dialoguer::console::Term::stderr();
    let answer = dialoguer::Confirm::new().with_prompt(question).default(false).interact_on_opt(&terminal);
    answer.ok().flatten().ok_or_else(|| Error::new(Kind::Interrupted, "nothing was answered"))
}
