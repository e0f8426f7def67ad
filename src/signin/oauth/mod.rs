//! What every OAuth sign-in of a person shares, whoever's it is: the authorization code grant with PKCE in a browser,
//! and the device grant's pace. Who is asked for tokens, and how, is the business of [`super::sso`] and
//! [`super::oidc`].
//!
//! Sources: RFC 6749, 7636, 8252, 8628.

mod browser;
mod callback;
mod device;
mod error;
mod pkce;

pub(super) use browser::{Authorized, authorize};
pub(super) use device::{Poll, Reply, instructions};
pub use error::OAuthError;
pub(super) use pkce::REGISTERED_REDIRECT;

/// The grant of devices that can't open a browser. RFC 8628, section 3.4.
pub(super) const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// How a person signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignIn {
    /// Authorization code with PKCE.
    AuthorizationCode {
        /// The loopback port for the answer; 0 for any.
        port: u16,
        /// Open the browser, rather than only print the address.
        open: bool,
    },
    /// Device authorization.
    DeviceCode,
}
