//! A local stand-in for the AWS side: IAM Identity Center, STS and S3 in one process.
//!
//! It exists so that anybody can try `securecart` without an AWS account, and so that its tests
//! run offline against a server that refuses what AWS refuses: signatures, session tokens and
//! their expiry, the device flow's states, PKCE, one-time codes, refresh-token rotation, role
//! trust, signed SAML assertions, signed ID tokens, and the per-user folder policy evaluated from its JSON document.
//!
//! | module | owns |
//! |---|---|
//! | [`sandbox`] | the API for tests: start, drive, observe, stop |
//! | [`options`] | what a sandbox is started with |
//! | [`fault`] | how it can be told to misbehave |
//! | [`state`] | what it reports about itself |
//! | [`org`] | people, accounts, permission sets, roles, users |
//! | [`policy`] | IAM policy documents and their evaluation (pure) |
//! | [`sigv4`] | Signature Version 4 verification (pure) |
//!
//! It listens on 127.0.0.1 only, keeps everything in memory, and never reads the machine's AWS
//! configuration.

// A test that cannot go on is meant to panic.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod adfs;
mod clock;
mod control;
mod counters;
mod front;
mod http_reply;
mod idp;
mod issuer;
mod keycloak;
mod keys;
mod metadata;
mod mfa;
mod oidc;
mod okta;
mod okta_classic;
mod okta_device;
mod onelogin;
mod portal;
mod principal;
mod random;
mod s3;
mod saml;
mod signin;
mod sts;
mod world;

pub mod fault;
pub mod options;
pub mod org;
pub mod policy;
pub mod sandbox;
pub mod sigv4;
pub mod state;

pub use fault::{Effect, Fault, Service};
pub use issuer::{CI_AUDIENCE, CLIENT_ID, IdTokenSpec, Job, OidcProviderSpec, jwt::Algorithm};
pub use keys::Keys;
pub use options::Options;
pub use org::RoleSpec;
pub use saml::SamlProviderSpec;
pub use sandbox::{Sandbox, SandboxError};
pub use state::{Call, ObjectSummary, OpenUpload, State};
