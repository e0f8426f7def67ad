//! securecart signs a person in, keeps temporary AWS credentials in the operating system's keychain, serves
//! them to every AWS tool, and moves files in and out of the caller's own folder of a shared S3 bucket.
//!
//! The rooms, lowest first; a lower one never calls a higher one. `ARCHITECTURE.md` tells why.
//!
//! - [`error`], [`secret`], [`identity`]: what every failure becomes; secrets in memory; who the caller is to AWS.
//! - [`runtime`]: the asynchronous runtimes; [`program`]: other programs that are asked for a secret.
//! - [`config`][]: settings.
//! - [`http`]: the one place that builds HTTP clients.
//! - [`keychain`]: secret stores behind one trait, and the lock between processes.
//! - [`signin`]: how a person proves who they are.
//! - [`ambient`]: credentials that are there already.
//! - [`sts`]: a proof or credentials → other credentials; the caller's identity.
//! - [`credentials`]: role credentials, their freshness, and the single-flight provider.
//! - [`console`]: credentials → a sign-in to the AWS console.
//! - [`folder`]: the caller's own folder: keys, listing, download, upload, removal.
//! - [`ui`]: streams, prompts, progress, tables.
//! - [`cli`], [`commands`]: what is typed, and what happens then.

pub mod ambient;
pub mod cli;
pub mod commands;
pub mod config;
pub mod console;
pub mod credentials;
pub mod error;
pub mod folder;
pub mod http;
pub mod identity;
pub mod keychain;
pub mod logging;
pub mod process;
pub mod program;
pub mod runtime;
pub mod secret;
pub mod signin;
pub mod sts;
pub mod ui;
