//! Keeping role credentials and sign-in state, renewing them once however many ask, and the form AWS tools read.
//!
//! Nothing here prints or reads a key press: a person is reached through [`crate::signin::Interaction`], and only by
//! [`SignInMethod::login`].

mod ambient;
mod caller;
mod container;
mod login;
mod oidc;
mod process_output;
mod provider;
mod records;
mod renewal;
mod role;
mod saml;
mod sso_cache;
mod variables;

pub use ambient::AwsRenewal;
pub use caller::{Caller, usual_session_name};
pub use container::{Container, Source};
pub use login::{AssignmentsFuture, CallerFuture, LoginFuture, LoginRequest, SignInMethod};
pub use oidc::OidcRenewal;
pub use process_output::process_output;
pub use provider::{Provider, Renewal};
pub use records::{Records, SignedIn, browser_profile, browser_profiles};
pub use renewal::SsoRenewal;
pub use role::{RoleRenewal, Source as RoleSource};
pub use saml::SamlRenewal;
pub use sso_cache::{cache_file_name, sso_cache};
pub use variables::{SET, Variable, credential_variables, is_cleared, setting_variables};
