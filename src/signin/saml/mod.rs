//! Signing in with a SAML provider: its pages → an assertion → the roles that the assertion offers.
//!
//! [`assertion`], [`destination`], [`page`], [`form`] and [`step`] are pure functions over text and URLs. A product with a
//! way of its own is a `provider::Provider`; the form engine takes what none of them recognises. Nothing here stores
//! anything, and an assertion leaves only for STS and, for the names of accounts, AWS's pinned sign-in page.
//!
//! Sources: OASIS SAML 2.0 core and bindings; IAM user guide, "Configure SAML assertions for the authentication
//! response"; WHATWG HTML, "Form submission".

mod adfs;
mod aliases;
pub mod assertion;
pub mod browser;
pub mod destination;
mod dialogue;
mod error;
pub mod form;
mod form_engine;
mod hosts;
mod jar;
mod keycloak;
mod okta;
mod onelogin;
pub mod page;
mod polled;
mod provider;
mod script;
mod shown;
mod sign_in;
mod sign_out;
pub mod step;
mod visit;
mod xml;

pub use adfs::application as adfs_application;
pub use aliases::{Aliases, fetch_aliases, parse_aliases};
pub use dialogue::Answers;
pub use error::SamlError;
pub use hosts::Hosts;
pub use jar::Jar;
pub use onelogin::wants_secret;
pub use provider::{DEVICE_COOKIES, product_of};
pub use sign_in::SignIn;
pub use sign_out::sign_out;
pub use visit::Visit;

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    /// Real pages and responses, where they are: never a part of this repository.
    pub(super) fn fixtures() -> Option<PathBuf> {
        let told = std::env::var_os("SECURECART_FIXTURES").map(PathBuf::from);
        let beside = || Some(PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent()?.join("shared/fixtures"));
        let folder = told.or_else(beside).filter(|folder| folder.is_dir());
        if folder.is_none() {
            eprintln!("skipped: no real pages here; point SECURECART_FIXTURES at them");
        }
        folder
    }
}
