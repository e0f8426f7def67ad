//! What can be typed: clap types only. Their doc comments are the help text, the completions and the man pages.

pub mod configure;
pub mod export;
pub mod folder;
pub mod session;

use clap::{Parser, Subcommand};

pub use configure::ConfigureArgs;
pub use export::{BrokerTokenArgs, ConsoleArgs, EnvArgs, ExecArgs};
pub use folder::{GetArgs, LsArgs, PutArgs, RmArgs};
pub use session::{
    AccountsArgs, CompletionsArgs, DoctorArgs, LoginArgs, LogoutArgs, RolesArgs, StatusArgs, WhoamiArgs,
};

use crate::config::names::{ProfileName, Region};
use crate::config::profile::StoreChoice;

/// Sign in once; every AWS tool and your own S3 folder just work
///
/// securecart signs you in with IAM Identity Center, keeps the temporary credentials in your keychain, renews them
/// silently, hands them to every AWS tool as a `credential_process`, and moves files in and out of your own folder of a
/// shared S3 bucket.
#[derive(Debug, Parser)]
#[command(name = "securecart", version, max_term_width = 100, after_long_help = AFTER_HELP)]
pub struct Cli {
    /// What holds for every command.
    #[command(flatten)]
    pub global: GlobalArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const AFTER_HELP: &str = "\
Examples:
  securecart configure                     set up a profile, once
  securecart login                         sign in
  aws s3 ls --profile docs                 any AWS tool, with the profile that configure wrote
  securecart put report.pdf 2026/          store a file in your own folder
  securecart ls -r 2026/                   list what is there

Exit codes:
  0 done · 1 failed · 2 usage or configuration · 4 not signed in or expired
  5 denied or outside your folder · 6 network · 7 keychain · 130 interrupted
  exec: the command's own; 126 when it can't be started, 127 when it isn't there";

/// Options of every command.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct GlobalArgs {
    /// The profile to use, instead of the default one
    #[arg(long, short, global = true, value_name = "NAME", help_heading = "Global options")]
    pub profile: Option<ProfileName>,
    /// Where to keep what is kept, instead of what the profile says
    #[arg(long, global = true, value_enum, value_name = "STORE", help_heading = "Global options")]
    pub keychain: Option<StoreChoice>,
    /// The region of STS and the bucket, instead of the profile's
    #[arg(long, global = true, value_name = "REGION", help_heading = "Global options")]
    pub region: Option<Region>,
    /// Say nothing but data, warnings and errors
    #[arg(long, short, global = true, conflicts_with = "verbose", help_heading = "Global options")]
    pub quiet: bool,
    /// Tell which services are asked and what is done again; -vv each request for your folder; never a secret
    #[arg(long, short, global = true, action = clap::ArgAction::Count, help_heading = "Global options")]
    pub verbose: u8,
}

/// The commands, in the order a person meets them.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set up a profile: sign-in, bucket, and the entry in ~/.aws/config
    Configure(Box<ConfigureArgs>),
    /// Sign in
    Login(LoginArgs),
    /// Show every profile: who is signed in, which role, until when, which folder
    Status(StatusArgs),
    /// Ask AWS who you are
    Whoami(WhoamiArgs),
    /// List the accounts you may use
    Accounts(AccountsArgs),
    /// List the roles you may assume, in every account
    Roles(RolesArgs),
    /// Print credentials for an AWS tool: what ~/.aws/config calls
    ///
    /// Prints one JSON document of version 1 to standard output, or nothing. Never asks anything. Fresh credentials come
    /// from the keychain; those with less than 15 minutes left are renewed silently while the session lives.
    #[command(after_help = "\
Example, in ~/.aws/config (`securecart configure` writes it):
  [profile docs]
  credential_process = /usr/local/bin/securecart credential-process --profile docs
  region = eu-central-1")]
    CredentialProcess,
    /// Run a command with your credentials
    Exec(ExecArgs),
    /// Print your credentials as environment variables
    Env(EnvArgs),
    /// Open the AWS console, signed in with your credentials
    Console(ConsoleArgs),
    /// Make a session for somebody else, limited to their own folder
    BrokerToken(BrokerTokenArgs),
    /// List your folder
    Ls(LsArgs),
    /// Download from your folder
    Get(GetArgs),
    /// Upload to your folder
    Put(PutArgs),
    /// Remove from your folder
    Rm(RmArgs),
    /// Check everything this program needs, and say what is wrong and who can fix it
    Doctor(DoctorArgs),
    /// Sign out: forget what is kept, and end the session at the portal
    Logout(LogoutArgs),
    /// Print a completion script for a shell
    Completions(CompletionsArgs),
}
