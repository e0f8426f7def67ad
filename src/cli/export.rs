//! Arguments of the commands that hand credentials to other programs.

use std::ffi::OsString;

use clap::Args;

use crate::config::session::{FederatedName, UserSessionDuration};
use crate::console::{Destination, SessionDuration};
use crate::ui::shell::Shell;

/// Run a command with your credentials
///
/// The command gets them in its environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,
/// AWS_CREDENTIAL_EXPIRATION, AWS_ACCOUNT_ID, and the profile's AWS_REGION, AWS_DEFAULT_REGION and endpoints. What the
/// environment said before about credentials, profiles, roles, regions and endpoints is taken out, and so is the
/// passphrase of the file store. Signals and the exit code are the command's own.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  securecart exec -- terraform plan
  securecart exec --profile docs -- aws s3 ls
  securecart exec --serve -- ./long-job.sh      for longer than the credentials last

The credentials in the environment end when they end. With --serve the environment has none: AWS SDKs and tools ask an \
endpoint on 127.0.0.1 for them, as in a container, and it renews them as long as the command runs and your session \
lives. Where the default profile in ~/.aws names credentials, which SDKs would prefer, that file is hidden from the \
command.")]
pub struct ExecArgs {
    /// Serve the credentials on 127.0.0.1, renewed as long as the command runs
    #[arg(long)]
    pub serve: bool,
    /// The command and its arguments
    #[arg(value_name = "COMMAND", required = true, trailing_var_arg = true, value_hint = clap::ValueHint::CommandWithArguments)]
    pub command: Vec<OsString>,
}

/// Print your credentials as environment variables
///
/// Variables of the shell that would choose other credentials are unset. Outside of these lines nothing changes: the
/// credentials end when they end, and `exec --serve` is for what runs longer.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "\
Examples:
  eval \"$(securecart env)\"                                            bash, zsh
  securecart env --shell fish | source
  securecart env --shell powershell | Out-String | Invoke-Expression
  for /f \"delims=\" %i in ('securecart env --shell cmd') do @%i
  securecart env --shell nushell | from json | load-env
  securecart env --shell dotenv > .env                                docker run --env-file .env …
  securecart env --shell github-actions                               for the steps that follow
  eval \"$(securecart env --unset)\"                                    takes them out again

For Nushell, --unset prints a list: hide-env -i ...(securecart env --shell nushell --unset | from json)")]
pub struct EnvArgs {
    /// What the lines are for [default: what $SHELL names]
    #[arg(long, short, value_enum, value_name = "SHELL")]
    pub shell: Option<Shell>,
    /// Print the lines that take the variables out again
    #[arg(long)]
    pub unset: bool,
}

/// Make a session for somebody else, limited to their own folder
///
/// For a broker: a service that knows who its users are and holds the keys of an IAM user who may do what they may
/// (GetFederationToken). The session's policy is made of the profile's folder template, in which `${aws:userid}` is
/// ACCOUNT:NAME: whoever gets the same name gets the same folder. Its holder can list, read, write and remove there,
/// and nothing else.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  securecart broker-token --name dora --json                    as a credential_process prints it
  eval \"$(securecart broker-token --name dora --duration 1h)\"
  securecart broker-token --name dora --shell dotenv > dora.env

The profile says where the broker's keys are, and which bucket:
  [profile.broker]
  method = \"aws\"
  aws_profile = \"broker\"
  region = \"eu-central-1\"
  bucket = \"securecart-user-docs\"")]
pub struct BrokerTokenArgs {
    /// Whose session: 2 to 32 letters, digits and `_+=,.@-`
    #[arg(long, value_name = "NAME")]
    pub name: FederatedName,
    /// How long it lasts: 15m to 36h [default: 12h]
    #[arg(long, value_name = "TIME")]
    pub duration: Option<UserSessionDuration>,
    /// What the lines are for [default: what $SHELL names]
    #[arg(long, short, value_enum, value_name = "SHELL")]
    pub shell: Option<Shell>,
    /// One JSON document of version 1, as a `credential_process` prints it
    #[arg(long, conflicts_with = "shell")]
    pub json: bool,
}

/// Open the AWS console, signed in with your credentials
///
/// The browser is given a one-time address on 127.0.0.1, which leads it to the console: the sign-in token is on no
/// command line. The console's session lasts as long as the credentials, unless --duration says otherwise.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "\
Examples:
  securecart console
  securecart console --destination s3
  securecart console --duration 8h
  securecart console --print                    the address, good for 15 minutes, for whoever has it")]
pub struct ConsoleArgs {
    /// Open the browser, even where none seems to be
    #[arg(long, conflicts_with = "print")]
    pub open: bool,
    /// Print the address instead of opening it
    #[arg(long)]
    pub print: bool,
    /// Where to arrive: a service such as `s3`, or a URL of the console
    #[arg(long, short, value_name = "SERVICE|URL")]
    pub destination: Option<Destination>,
    /// How long the console's session lasts: 15m to 12h
    #[arg(long, value_name = "TIME")]
    pub duration: Option<SessionDuration>,
}
