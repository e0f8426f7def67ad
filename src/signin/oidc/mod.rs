//! ID tokens of OpenID Connect providers: where they come from, and what is read of them.
//!
//! A token is a bearer secret and hostile input at once: it is sent to STS and nowhere else, never shown, and decoded,
//! within limits, only for what names the session. That it is genuine is for STS to find out.

mod discovery;
mod error;
mod issuer;
mod session_name;
mod source;
mod token;

pub use error::OidcError;
pub use issuer::{Issuer, OidcSession};
pub use session_name::session_name;
pub use source::{Variables, fetch_token, same_holder};
pub use token::IdToken;
