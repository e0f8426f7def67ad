//! Arguments of the commands about signing in.

use clap::Args;

use crate::config::names::{AccountId, RoleName};

/// Arguments of `login`.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "\
Examples:
  securecart login                          in your browser, or with a code where none can open
  securecart login --device-code            with a code, in a browser on any device
  securecart login --choose                 another account or role than last time
  securecart login --account-id 111122223333 --role-name DocsUser")]
pub struct LoginArgs {
    /// Sign in with a code that is entered in a browser anywhere
    #[arg(long, conflicts_with = "no_browser")]
    pub device_code: bool,
    /// Print the address instead of opening the browser
    #[arg(long)]
    pub no_browser: bool,
    /// Sign in anew, even if the session still lives
    #[arg(long)]
    pub force: bool,
    /// Choose the account and role again
    #[arg(long)]
    pub choose: bool,
    /// The account, where the profile names none
    #[arg(long, value_name = "ID", conflicts_with = "choose")]
    pub account_id: Option<AccountId>,
    /// The permission set, where the profile names none
    #[arg(long, value_name = "NAME", conflicts_with = "choose")]
    pub role_name: Option<RoleName>,
    /// The name to sign in with, where the profile names none
    #[arg(long, value_name = "NAME", help_heading = "With a SAML provider")]
    pub username: Option<String>,
    /// Read the password from the first line of a file descriptor
    #[arg(long, value_name = "N", help_heading = "With a SAML provider")]
    pub password_fd: Option<u32>,
    /// The second factor to take where there are several: part of what the provider calls it
    #[arg(long, value_name = "FACTOR", help_heading = "With a SAML provider")]
    pub mfa: Option<String>,
}

/// Arguments of `status`.
#[derive(Debug, Clone, Default, Args)]
pub struct StatusArgs {
    /// One JSON object a line, one line a profile
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `whoami`.
#[derive(Debug, Clone, Default, Args)]
pub struct WhoamiArgs {
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `logout`.
#[derive(Debug, Clone, Default, Args)]
pub struct LogoutArgs {
    /// Sign out of everything that is kept, of every profile
    #[arg(long)]
    pub all: bool,
}

/// Arguments of `completions`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  securecart completions bash > ~/.local/share/bash-completion/completions/securecart
  securecart completions zsh > ~/.zfunc/_securecart
  securecart completions fish > ~/.config/fish/completions/securecart.fish")]
pub struct CompletionsArgs {
    /// Which shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}
