//! Arguments of the commands that hand credentials to other programs.

use std::ffi::OsString;

use clap::Args;

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

The credentials in the environment end when they end. With --serve the environment has none: AWS SDKs and tools ask an
endpoint on 127.0.0.1 for them, as in a container, and it renews them as long as the command runs and your session
lives. Where the default profile in ~/.aws names credentials, which SDKs would prefer, that file is hidden from the
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
