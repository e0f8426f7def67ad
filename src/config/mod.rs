//! Settings: `config.toml` → [`Profile`], flags over environment over file; and the `~/.aws/config` editor.
//!
//! It never talks to the network or the keychain, and keeps no secret but the passphrase that the environment
//! may hold.

mod ambient;
pub mod arn;
pub mod aws_config;
pub mod directories;
pub mod document;
mod encryption;
mod endpoints;
pub mod environment;
pub mod error;
pub mod file;
pub mod folder_template;
pub mod load;
pub mod name_template;
pub mod names;
pub mod oidc;
pub mod profile;
pub mod profile_table;
pub mod resolve;
mod saml;
pub mod session;
pub mod settings;
pub mod variable;
pub mod write;

pub use directories::Directories;
pub use encryption::EncryptionChoice;
pub use environment::Environment;
pub use error::ConfigError;
pub use file::Warning;
pub use folder_template::FolderTemplate;
pub use load::{ChosenBy, Listed, Loaded, all_profiles, load};
pub use profile::Profile;
pub use settings::Overrides;
