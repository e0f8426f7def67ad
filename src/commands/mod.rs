//! One file per command, each a story: resolve settings, get credentials, act, report.

pub mod accounts;
pub mod broker_token;
pub mod completions;
pub mod configure;
pub mod console;
pub mod credential_process;
pub mod doctor;
pub mod env;
pub mod exec;
pub mod get;
mod interrupt;
pub mod login;
pub mod logout;
pub mod ls;
mod own_folder;
pub mod put;
mod random;
pub mod rm;
pub mod roles;
mod setup;
pub mod status;
mod transfer;
pub mod whoami;

pub use setup::Context;

use crate::cli::{Command, ConfigureArgs};
use crate::config::Overrides;
use crate::error::Result;
use crate::runtime::run_transfers;

/// Runs one command; the exit code, which is 0 for all but `exec`.
///
/// # Errors
/// Whatever the command says; its kind is the exit code.
pub fn run(command: &Command, context: &Context) -> Result<u8> {
    let done = match command {
        Command::Exec(args) => exec::run(args, context),
        command => run_own(command, context).map(|()| 0),
    };
    done.map_err(|error| context.naming_profile(error))
}

fn run_own(command: &Command, context: &Context) -> Result<()> {
    let ui = &context.ui;
    match command {
        Command::Exec(_) => Ok(()),
        Command::Doctor(args) => doctor::run(args, context),
        Command::Accounts(args) => accounts::run(args, context),
        Command::Roles(args) => roles::run(args, context),
        Command::Env(args) => env::run(args, context),
        Command::Console(args) => console::run(args, context),
        Command::BrokerToken(args) => broker_token::run(args, context),
        Command::Configure(args) => {
            // Options of every command, which here mean what to write rather than what to use.
            let Overrides { profile, region, keychain, .. } = context.overrides.clone();
            let args = ConfigureArgs { profile, region, keychain, ..args.as_ref().clone() };
            match args.all {
                true => configure::all::run(&args, context),
                false => configure::run(&args, &context.environment, ui),
            }
        }
        Command::Login(args) => login::run(args, context),
        Command::Status(args) => status::run(args, context),
        Command::Whoami(args) => whoami::run(args, context),
        Command::CredentialProcess => credential_process::run(context),
        Command::Ls(args) => {
            own_folder::with(
                context,
                &args.paths,
                args.literal,
                |folder| async move { ls::run(args, &folder, ui).await },
            )
        }
        Command::Get(args) => {
            let sources = args.split().0;
            let (setup, folder) = own_folder::open_for(context, sources, args.transfer.literal)?;
            run_transfers(get::run(args, &folder, setup.state.as_deref(), ui))
        }
        Command::Put(args) => {
            // What is asked for on the command line is laid over the profile, as everything else is.
            let (encryption, kms_key_id) = (args.encryption, args.kms_key_id.clone());
            let context = context.with_overrides(|overrides| Overrides { encryption, kms_key_id, ..overrides });
            let target: Vec<&str> = args.split().1.into_iter().collect();
            let (setup, folder) = own_folder::open_for(&context, &target, args.transfer.literal)?;
            run_transfers(put::run(args, &folder, setup.state.as_deref(), ui))
        }
        Command::Rm(args) => {
            own_folder::with(
                context,
                &args.paths,
                args.literal,
                |folder| async move { rm::run(args, &folder, ui).await },
            )
        }
        Command::Logout(args) => logout::run(args, context),
        Command::Completions(args) => completions::run(args, ui),
    }
}
