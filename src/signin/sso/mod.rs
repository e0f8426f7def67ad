//! Signing in with IAM Identity Center: authorization code with PKCE, device authorization, token renewal, and
//! the portal that turns an access token into role credentials.
//!
//! Sources: RFC 6749, 7636, 8252, 8628; the IAM Identity Center OIDC and portal API references.

mod client;
mod error;
mod portal;
mod session;

pub use client::SsoClient;
pub use error::SsoError;
pub use portal::{Account, Assignment, Portal};
pub use session::{AccessToken, Flow, Registration, SsoSession};
