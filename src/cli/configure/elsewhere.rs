//! What can be typed of credentials that come from elsewhere, and of the roles assumed with them.

use clap::{Args, ValueEnum};

use crate::config::names::ProfileName;
use crate::config::session::{
    ExternalId, MfaSerial, PolicyArn, RoleSessionName, SessionPolicy, SessionTag, SourceIdentity,
};

/// What is for signing in somewhere, by the names of the fields.
const SIGN_IN: [&str; 14] = [
    "start_url",
    "sso_region",
    "import",
    "url",
    "provider",
    "client_id",
    "app_id",
    "username",
    "mfa",
    "issuer",
    "token_file",
    "token_env",
    "account_id",
    "role_name",
];

/// Credentials from another profile, or from what the machine has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct Elsewhere {
    /// Assume the role of `--role-arn` with the credentials of this other profile
    #[arg(long, value_name = "PROFILE", conflicts_with_all = SIGN_IN,
        help_heading = "Credentials from elsewhere")]
    pub source: Option<ProfileName>,

    /// The external id that the role's owner agreed on with you
    #[arg(long, value_name = "ID", help_heading = "Credentials from elsewhere")]
    pub external_id: Option<ExternalId>,

    /// The name of the role's session, which is half of your folder's name [default: the source's own]
    #[arg(long, value_name = "NAME", help_heading = "Credentials from elsewhere")]
    pub role_session_name: Option<RoleSessionName>,

    /// Take the credentials of a profile in ~/.aws: the key `aws_profile`
    #[arg(long, value_name = "NAME", conflicts_with_all = SIGN_IN, conflicts_with_all = ["source", "credential_source"],
        help_heading = "Credentials from elsewhere")]
    pub from_aws_profile: Option<String>,

    /// Take the credentials that this machine or job has
    #[arg(long, value_enum, value_name = "SOURCE", conflicts_with_all = SIGN_IN, conflicts_with = "source",
        help_heading = "Credentials from elsewhere")]
    pub credential_source: Option<CredentialSourceChoice>,

    /// The MFA device of the IAM user, whose code `login` asks for
    #[arg(long, value_name = "ARN", help_heading = "Credentials from elsewhere")]
    pub mfa_serial: Option<MfaSerial>,

    /// The program that prints the device's code, with its arguments: everything behind it, so give it last
    #[arg(long, value_name = "COMMAND", num_args = 1.., allow_hyphen_values = true,
        help_heading = "Credentials from elsewhere")]
    pub mfa_command: Vec<String>,
}

/// What the session of an assumed role is asked for with, as its owner wants it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args)]
pub struct RoleSession {
    /// Who is behind the session, which every role of a chain keeps
    #[arg(long, value_name = "NAME", help_heading = "Credentials from elsewhere")]
    pub source_identity: Option<SourceIdentity>,

    /// A session tag; again for each, and together they replace those that the profile has
    #[arg(long, value_name = "KEY=VALUE", help_heading = "Credentials from elsewhere")]
    pub session_tag: Vec<SessionTag>,

    /// The key of a session tag that later roles of a chain keep; again for each, likewise
    #[arg(long, value_name = "KEY", help_heading = "Credentials from elsewhere")]
    pub transitive_tag: Vec<String>,

    /// A managed policy that limits the session; again for each, likewise
    #[arg(long, value_name = "ARN", help_heading = "Credentials from elsewhere")]
    pub policy_arn: Vec<PolicyArn>,

    /// A policy that limits the session, as in `--policy "$(cat policy.json)"`
    #[arg(long, value_name = "JSON", help_heading = "Credentials from elsewhere")]
    pub policy: Option<SessionPolicy>,
}

/// What AWS's tools call the places where a machine has credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CredentialSourceChoice {
    /// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY
    #[value(name = "Environment")]
    Environment,
    /// ECS, EKS and whatever else has a container endpoint
    #[value(name = "EcsContainer")]
    EcsContainer,
    /// An EC2 instance's role
    #[value(name = "Ec2InstanceMetadata")]
    Ec2InstanceMetadata,
}
