//! How a person proves who they are.
//!
//! It never prints or reads a key press itself: what a person must see or choose goes through [`Interaction`].
//! It never stores anything: callers keep what it returns.

mod mfa;
pub mod oauth;
pub mod oidc;
pub mod saml;
pub mod sso;

pub use mfa::mfa_code;

use crate::error::Result;
use crate::secret::Secret;

/// The question about the account and role: what flags and the profile can answer too.
pub const WHICH_ROLE: &str = "Which account and role?";

/// What signing in needs from a person. The terminal implements it; so do tests.
pub trait Interaction: Send + Sync {
    /// Tells the person something worth knowing.
    fn say(&self, line: &str);

    /// Opens a URL in the person's browser. `false` when no browser could be started.
    fn open_browser(&self, url: &str) -> bool;

    /// Lets the person choose one of several things; the position chosen.
    ///
    /// # Errors
    /// When there is nobody to ask, or the person gave up.
    fn choose(&self, question: &str, choices: &[String]) -> Result<usize>;

    /// A line of text; Enter alone gives the default.
    ///
    /// # Errors
    /// As [`Interaction::choose`].
    fn ask(&self, question: &str, default: Option<&str>) -> Result<String>;

    /// A secret, typed without being shown.
    ///
    /// # Errors
    /// As [`Interaction::choose`].
    fn ask_secret(&self, question: &str) -> Result<Secret>;
}
