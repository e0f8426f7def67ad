//! Arguments of the commands about signing in.

use clap::Args;

use crate::config::names::{AccountId, RoleName};

/// Arguments of `login`.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "\
Examples:
  securecart login                          in your browser, or with a code where none can open
  securecart login --device-code            with a code, in a browser on any device
  securecart login --export-sso-token       for tools that read ~/.aws/sso/cache
  securecart login --browser                at a SAML provider, in your own browser
  securecart login --choose                 another account or role than last time
  securecart login --account-id 111122223333 --role-name DocsUser")]
pub struct LoginArgs {
    /// Sign in with a code that is entered in a browser anywhere
    #[arg(long, conflicts_with = "no_browser")]
    pub device_code: bool,
    /// Print the address instead of opening the browser
    #[arg(long)]
    pub no_browser: bool,
    /// Sign in to a SAML provider in your own Chrome, Edge or Chromium: for security keys, passkeys, and what else no
    /// terminal can do
    #[arg(long, conflicts_with_all = ["device_code", "no_browser"])]
    pub browser: bool,
    /// Sign in anew, even if the session still lives
    #[arg(long)]
    pub force: bool,
    /// Choose the account and role again
    #[arg(long)]
    pub choose: bool,
    /// Also put the access token where the AWS CLI and SDKs look for their own, in ~/.aws/sso/cache, unencrypted
    ///
    /// For tools that only know Identity Center's profiles. It lasts an hour: what renews it stays in the keychain,
    /// because it is good for one use, so that two holders would end each other's session.
    #[arg(long)]
    pub export_sso_token: bool,
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
    /// Read the secret of the provider's API client from the first line of a file descriptor; it is kept in the keychain
    #[arg(long, value_name = "N", help_heading = "With a SAML provider")]
    pub client_secret_fd: Option<u32>,
}

/// Arguments of `status`.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "\
Examples:
  securecart status
  securecart status --json | jq -r 'select(.signed_in) | .profile'")]
pub struct StatusArgs {
    /// One JSON object a line, one line a profile
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `whoami`.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "\
Examples:
  securecart whoami
  securecart whoami --json | jq -r .folder")]
pub struct WhoamiArgs {
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `accounts`.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "\
Examples:
  securecart accounts
  securecart accounts --json | jq -r .account_id

With --json, one object a line:
  {\"account_id\":\"111122223333\",\"account_name\":\"Production\",\"roles\":[\"DocsUser\"]}")]
pub struct AccountsArgs {
    /// One JSON object a line, one line an account
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `roles`.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "\
Examples:
  securecart roles
  securecart roles --account-id 111122223333
  securecart configure --all --dry-run           a profile for each

With --json, one object a line:
  {\"account_id\":\"111122223333\",\"account_name\":\"Production\",\"role_name\":\"DocsUser\"}")]
pub struct RolesArgs {
    /// Only those in this account
    #[arg(long, value_name = "ID")]
    pub account_id: Option<AccountId>,
    /// One JSON object a line, one line a role
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `doctor`.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "\
Examples:
  securecart doctor
  securecart doctor --json | jq -r 'select(.state == \"fail\") | .message'

It needs no more than the usual policy of one's own folder. There it stores an object named .securecart-doctor-… and \
starts an upload of that name, and removes both; where the policy would not let it remove them, it doesn't store them. On a versioned bucket S3 keeps an \
old version, as of everything.
It exits 1 when a check failed. With --json, one object a line:
  {\"check\":\"keychain\",\"state\":\"ok\",\"message\":\"…\"}
  {\"check\":\"folder: put\",\"state\":\"fail\",\"message\":\"…\",\"hint\":\"…\",\"who\":\"your AWS administrator\"}")]
pub struct DoctorArgs {
    /// One JSON object a line, one line a check
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `logout`.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "\
Examples:
  securecart logout                         of the profile's organisation
  securecart logout --all                   of everything, before giving the machine away")]
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
