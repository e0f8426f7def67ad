//! What can be typed after `securecart configure`.

mod elsewhere;

use clap::{Args, ValueEnum};
pub use elsewhere::{CredentialSourceChoice, Elsewhere, RoleSession};

use crate::config::EncryptionChoice;
use crate::config::FolderTemplate;
use crate::config::arn::RoleArn;
use crate::config::name_template::NameTemplate;
use crate::config::names::{AccountId, BucketName, ProfileName, Region, RoleName, SafeUrl, SessionDuration, StartUrl};
use crate::config::profile::{ProviderChoice, StoreChoice};

/// Set up a profile: where to sign in, and which bucket your folder is in
///
/// Writes config.toml, and adds a profile to ~/.aws/config through which the AWS CLI and every SDK get their
/// credentials. Nothing else in either file changes. On a terminal it asks for what no option tells, and shows
/// what it will write before it does. No secret is asked for or written.
#[derive(Debug, Clone, Default, Args)]
#[command(after_long_help = EXAMPLES)]
pub struct ConfigureArgs {
    /// The profile to add or change: the global `--profile`.
    #[arg(skip)]
    pub profile: Option<ProfileName>,

    /// How you sign in; told by the URL that is given
    #[arg(long, value_enum, value_name = "METHOD", help_heading = "Signing in")]
    pub method: Option<MethodChoice>,

    /// Your organisation's access portal, such as `https://example.awsapps.com/start`
    #[arg(long, value_name = "URL", help_heading = "Signing in")]
    pub start_url: Option<StartUrl>,

    /// The region of IAM Identity Center, when the portal's URL doesn't name it
    #[arg(long, value_name = "REGION", help_heading = "Signing in")]
    pub sso_region: Option<Region>,

    /// The account to use; otherwise `login` lets you choose
    #[arg(long, value_name = "ID", help_heading = "Signing in")]
    pub account_id: Option<AccountId>,

    /// The permission set to use; otherwise `login` lets you choose
    #[arg(long, value_name = "NAME", help_heading = "Signing in")]
    pub role_name: Option<RoleName>,

    /// The address that starts the AWS application at your SAML provider
    #[arg(long, value_name = "URL", conflicts_with_all = ["start_url", "sso_region", "import"], help_heading = "Signing in")]
    pub url: Option<SafeUrl>,

    /// Which product the SAML provider is; told by the URL of Okta, ADFS, OneLogin and Keycloak
    #[arg(long, value_enum, value_name = "PRODUCT", help_heading = "Signing in")]
    pub provider: Option<ProviderChoice>,

    /// The client at the OpenID Connect provider, of OneLogin's API, or of Okta's device grant
    #[arg(long, value_name = "ID", help_heading = "Signing in")]
    pub client_id: Option<String>,

    /// The AWS application's id at OneLogin, or at Okta for its device grant
    #[arg(long, value_name = "ID", help_heading = "Signing in")]
    pub app_id: Option<String>,

    /// The name to sign in with at the SAML provider; otherwise `login` asks
    #[arg(long, value_name = "NAME", help_heading = "Signing in")]
    pub username: Option<String>,

    /// The second factor to take at the SAML provider: part of what it calls it
    #[arg(long, value_name = "FACTOR", help_heading = "Signing in")]
    pub mfa: Option<String>,

    /// The OpenID Connect provider where you sign in: its address up to `/.well-known/openid-configuration`
    #[arg(long, value_name = "URL", conflicts_with_all = ["url", "start_url", "sso_region", "import", "token_file", "token_env"],
        help_heading = "Signing in")]
    pub issuer: Option<SafeUrl>,

    /// For a job: the file that holds its ID token
    #[arg(long, value_name = "FILE", conflicts_with_all = ["url", "start_url", "sso_region", "import", "token_env"],
        help_heading = "Signing in")]
    pub token_file: Option<String>,

    /// For a job: the environment variable that holds its ID token
    #[arg(long, value_name = "NAME", conflicts_with_all = ["url", "start_url", "sso_region", "import"],
        help_heading = "Signing in")]
    pub token_env: Option<String>,

    /// The role to use, where its account and name don't tell it
    #[arg(long, value_name = "ARN", help_heading = "Signing in")]
    pub role_arn: Option<RoleArn>,

    /// How long credentials for an assertion or ID token should last, as `8h` or `90m`
    #[arg(long, value_name = "TIME", help_heading = "Signing in")]
    pub session_duration: Option<SessionDuration>,

    /// Where the credentials come from instead, and what AWS wants to know with them
    #[command(flatten)]
    pub elsewhere: Elsewhere,

    /// What the session of an assumed role is asked for with
    #[command(flatten)]
    pub session: RoleSession,

    /// Let the first of any parallel AWS commands open the browser when the session has ended
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        help_heading = "Signing in"
    )]
    pub auto_login: Option<bool>,

    /// Where sessions and credentials are kept: the global `--keychain`.
    #[arg(skip)]
    pub keychain: Option<StoreChoice>,

    /// Take settings from a profile or sso-session in ~/.aws/config
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "", help_heading = "Signing in")]
    pub import: Option<String>,

    /// The bucket your folder is in
    #[arg(long, value_name = "BUCKET", help_heading = "Your folder")]
    pub bucket: Option<BucketName>,

    /// The region of the bucket and of STS: the global `--region`.
    #[arg(skip)]
    pub region: Option<Region>,

    /// Your folder's name, with variables in quotes [default: '${aws:userid}/']
    #[arg(long, value_name = "TEMPLATE", help_heading = "Your folder")]
    pub folder: Option<FolderTemplate>,

    /// How uploads are encrypted
    #[arg(long, value_name = "KIND", value_enum, help_heading = "Your folder")]
    pub encryption: Option<EncryptionChoice>,

    /// The KMS key that uploads are encrypted with: its id, alias or ARN
    #[arg(long, value_name = "KEY", help_heading = "Your folder")]
    pub kms_key_id: Option<String>,

    /// One endpoint for every service, for a test environment
    #[arg(long, value_name = "URL", help_heading = "Your folder")]
    pub endpoint_url: Option<SafeUrl>,

    /// The profile's name in ~/.aws/config [default: the same]
    #[arg(long, value_name = "NAME", help_heading = "Files")]
    pub aws_profile: Option<ProfileName>,

    /// Leave ~/.aws/config alone
    #[arg(long, conflicts_with = "aws_profile", help_heading = "Files")]
    pub no_aws_config: bool,

    /// Use this profile when none is named
    #[arg(long, help_heading = "Files")]
    pub set_default: bool,

    /// Turn settings in ~/.aws/config that would win over securecart into comments
    #[arg(long, help_heading = "Files")]
    pub force: bool,

    /// Print what was written as one JSON document
    #[arg(long, help_heading = "Files")]
    pub json: bool,

    /// Write a profile for every role you may assume, with the settings of the profile you are signed in to
    ///
    /// Options for the folder, the keychain, the region and `--auto-login` hold for all of them, over what that
    /// profile says; its bucket, folder and encryption are theirs otherwise.
    #[arg(long, conflicts_with_all = ["method", "start_url", "sso_region", "account_id", "role_name", "import", "url",
        "provider", "client_id", "app_id", "username", "mfa", "issuer", "token_file", "token_env", "role_arn",
        "session_duration", "Elsewhere", "RoleSession", "aws_profile", "set_default", "force"], help_heading = "A profile for each role")]
    pub all: bool,

    /// How to name them, of {account_name}, {account_id} and {role_name} [default: '{account_name}-{role_name}']
    #[arg(long, value_name = "TEMPLATE", help_heading = "A profile for each role")]
    pub name_template: Option<NameTemplate>,

    /// Remove profiles that an earlier --all wrote and that are stale: not yours any more, or named otherwise now
    #[arg(long, help_heading = "A profile for each role")]
    pub prune: bool,

    /// Say what would be written and removed, and do nothing
    #[arg(long, help_heading = "A profile for each role")]
    pub dry_run: bool,
}

/// The ways of signing in, as they are written in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MethodChoice {
    /// IAM Identity Center
    Sso,
    /// A SAML provider: Okta, and others whose sign-in is made of forms
    Saml,
    /// Any SAML provider, in your own Chrome, Edge or Chromium
    Browser,
    /// An OpenID Connect provider, for people or for CI jobs
    Oidc,
    /// A role, assumed with another profile's credentials
    Role,
    /// What the machine, or a profile in ~/.aws, has
    Aws,
}

const EXAMPLES: &str = "\
Examples:
  Answer a few questions:
    securecart configure

  Without questions, as in a setup script:
    securecart configure --profile docs --bucket securecart-user-docs --region eu-central-1 \\
        --start-url https://example.awsapps.com/start --sso-region eu-west-1

  With a SAML provider instead:
    securecart configure --profile docs --region eu-central-1 --url https://sso.example.com/app/aws
    securecart configure --profile docs --region eu-central-1 --url https://sts.example.com/adfs
    securecart configure --profile docs --region eu-central-1 --url https://example.onelogin.com \
        --client-id 3e1f… --app-id 123456

  With an OpenID Connect provider:
    securecart configure --profile docs --region eu-central-1 --issuer https://login.example.com --client-id securecart \\
        --role-arn arn:aws:iam::111122223333:role/DocsUser

  For GitHub Actions jobs, which otherwise need no more than variables:
    securecart configure --profile ci --region eu-central-1 --method oidc \\
        --role-arn arn:aws:iam::111122223333:role/CiDocs

  A role that another profile's credentials assume:
    securecart configure --profile reports --source docs --role-arn arn:aws:iam::444455556666:role/Reports \\
        --external-id agreed-on --session-tag team=docs --source-identity alice

  An IAM user's keys in ~/.aws, with MFA:
    securecart configure --profile dana --region eu-central-1 --from-aws-profile old \\
        --mfa-serial arn:aws:iam::111122223333:mfa/dana --mfa-command ykman oath accounts code --single AWS

  Take over an Identity Center profile of the AWS CLI, under a new name:
    securecart configure --import dev --profile docs --bucket securecart-user-docs

  A profile for every role, and those that are gone removed:
    securecart configure --all --prune --dry-run
    securecart configure --all --prune --name-template '{account_name}-{role_name}'

  The same, where each of them has a folder in one bucket:
    securecart configure --all --bucket securecart-user-docs --region eu-central-1

  Change one setting:
    securecart configure --profile docs --keychain keyutils

With --all --json, one object a line; `change` is added, updated, unchanged, skipped (with `problem`), stale
or removed (with `reason`), and with --dry-run what would be:
  {\"profile\":\"production-docsuser\",\"change\":\"added\",\"account_id\":\"111122223333\",\"role_name\":\"DocsUser\"}";
