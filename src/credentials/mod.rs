//! Keeping role credentials and sign-in state, renewing them once however many ask, and the form AWS tools read.
//!
//! It prompts nobody and opens no browser; `login` does that and hands the result here to keep.

mod process_output;
mod provider;
mod records;
mod renewal;

pub use process_output::process_output;
pub use provider::{Provider, Renewal};
pub use records::{Records, SignedIn};
pub use renewal::SsoRenewal;
