//! Arguments of the commands that hand credentials to other programs.

use std::ffi::OsString;

use clap::Args;

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
