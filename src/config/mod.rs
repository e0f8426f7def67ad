//! Settings: `config.toml` → [`Profile`], flags over environment over file; and the `~/.aws/config` editor.
//!
//! It never talks to the network or the keychain, and never keeps a secret.

pub mod names;
pub mod profile;

pub use profile::Profile;
