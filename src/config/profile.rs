//! A profile: every setting one sign-in and one folder need, validated. Pure.

use super::arn::{RoleArn, SamlProviderArn};
use super::folder_template::FolderTemplate;
use super::names::{AccountId, BucketName, ProfileName, Region, RoleName, SafeUrl, SessionDuration, StartUrl};
use super::oidc::{IssuerSettings, OidcSettings, TokenSource};
use super::session::{
    ExternalId, MfaSerial, PolicyArn, RoleSessionName, SessionPolicy, SessionTag, SourceIdentity, UserSessionDuration,
};

/// Validated settings of one profile, after flags, environment and file were laid over each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// What `--profile` names.
    pub name: ProfileName,
    /// Where it is written.
    pub origin: Origin,
    /// How a person proves who they are.
    pub method: Method,
    /// The account whose role is assumed; asked for at `login` when absent.
    pub account_id: Option<AccountId>,
    /// The permission set or role; asked for at `login` when absent.
    pub role_name: Option<RoleName>,
    /// Where STS and S3 are called. For Identity Center it defaults to `sso_region`; a SAML profile names it.
    pub region: Region,
    /// The shared bucket; folder commands need it, credentials don't.
    pub bucket: Option<BucketName>,
    /// The bucket's region, when it is not `region`.
    pub bucket_region: Option<Region>,
    /// The template of the caller's folder, `${aws:userid}/` unless the profile says otherwise.
    pub folder: FolderTemplate,
    /// Which secret store keeps what is kept.
    pub keychain: StoreChoice,
    /// `credential-process` may open a browser (one, whatever the number of callers).
    pub auto_login: bool,
    /// A fixed port for the PKCE redirect, for hosts where a random one can't be reached. 0 is any.
    pub callback_port: u16,
    /// Server-side encryption asked for on upload.
    pub encryption: Option<Encryption>,
    /// Whether uploads carry a checksum when S3 doesn't require one.
    pub request_checksums: RequestChecksums,
    /// Address buckets as a path rather than a host name.
    pub path_style: bool,
    /// Endpoints other than AWS's own.
    pub endpoints: Endpoints,
}

/// Where a profile is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In `config.toml`.
    File,
    /// Nowhere: variables alone make it.
    Environment,
}

impl Profile {
    /// How to set one of its settings: the key's variable, or `configure`.
    pub fn how_to_set(&self, option: &str, variable: &str) -> String {
        match self.origin {
            Origin::File => format!("add it with `securecart configure --profile {} {option}`", self.name),
            Origin::Environment => format!("set `{variable}`"),
        }
    }
}

/// How a person, or a job, proves who they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Method {
    /// IAM Identity Center.
    Sso(SsoSettings),
    /// A SAML provider that federates straight to IAM roles.
    Saml(Box<SamlSettings>),
    /// An ID token of an OpenID Connect provider.
    Oidc(Box<OidcSettings>),
    /// What the machine or other AWS tools have: the environment, a container, an instance, a profile of theirs.
    Aws(Box<AwsSettings>),
    /// A role, assumed with the credentials of another profile.
    Role(Box<RoleSettings>),
}

impl Profile {
    /// Whether its role is assumed, over however many hops, with the credentials of the profile of that name.
    pub fn is_built_on(&self, name: &ProfileName) -> bool {
        match &self.method {
            Method::Role(role) => role.source.name == *name || role.source.is_built_on(name),
            _ => false,
        }
    }

    /// The profile at the root of a chain of roles: itself, when it is none.
    pub fn root(&self) -> &Profile {
        match &self.method {
            Method::Role(role) => role.source.root(),
            _ => self,
        }
    }
}

/// Where ambient credentials come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialSource {
    /// The first that has some, in the order of the AWS SDKs: environment, profile, container, instance.
    Any,
    /// `credential_source = "Environment"`.
    Environment,
    /// `credential_source = "EcsContainer"`: ECS, EKS pod identity, and whatever serves the same endpoint.
    Container,
    /// `credential_source = "Ec2InstanceMetadata"`.
    Instance,
    /// `aws_profile`: a profile of `~/.aws/config` or `~/.aws/credentials`.
    Profile(String),
}

/// What using ambient credentials needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsSettings {
    /// Where they come from.
    pub source: CredentialSource,
    /// What of the environment decides whose they are: `AWS_ACCESS_KEY_ID` and `AWS_PROFILE`, where they count.
    pub told: Option<String>,
    /// A device to prove with who the IAM user is.
    pub mfa: Option<MfaSettings>,
    /// How long the session of an IAM user should last; AWS's default is 12 hours.
    pub session_duration: Option<UserSessionDuration>,
}

/// An MFA device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MfaSettings {
    /// Its serial number or ARN.
    pub serial: MfaSerial,
    /// A program and its arguments that print the code; empty: the person is asked.
    pub command: Vec<String>,
}

/// What assuming a role with another profile's credentials needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSettings {
    /// The profile whose credentials assume it.
    pub source: Box<Profile>,
    /// The role.
    pub role_arn: RoleArn,
    /// What the role's owner asks for.
    pub external_id: Option<ExternalId>,
    /// The session's name; the source's own when absent.
    pub session_name: Option<RoleSessionName>,
    /// Who is behind it.
    pub source_identity: Option<SourceIdentity>,
    /// Session tags, by key.
    pub tags: Vec<SessionTag>,
    /// An inline session policy.
    pub policy: Option<SessionPolicy>,
    /// Managed session policies.
    pub policy_arns: Vec<PolicyArn>,
    /// How long the credentials should last; AWS's default is an hour.
    pub session_duration: Option<SessionDuration>,
    /// A device to prove with who the IAM user is.
    pub mfa: Option<MfaSettings>,
}

impl Method {
    /// The OpenID Connect provider where a person signs in.
    pub fn issuer(&self) -> Option<&IssuerSettings> {
        match self {
            Method::Oidc(oidc) => match &oidc.source {
                TokenSource::Issuer(issuer) => Some(issuer),
                _ => None,
            },
            Method::Role(role) => role.source.method.issuer(),
            Method::Sso(_) | Method::Saml(_) | Method::Aws(_) => None,
        }
    }
}

/// What signing in with a SAML provider needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SamlSettings {
    /// The address that starts the AWS application at the provider.
    pub url: SafeUrl,
    /// The name to sign in with; asked for when absent.
    pub username: Option<String>,
    /// Which factor to take where there are several: part of what the provider calls it.
    pub mfa: Option<String>,
    /// Which organisation to pick where the provider asks: part of what it calls it, or its identifier.
    pub home_realm: Option<String>,
    /// The role, where its name and account don't tell it.
    pub role_arn: Option<RoleArn>,
    /// The provider in IAM: only needed where the assertion is encrypted.
    pub provider_arn: Option<SamlProviderArn>,
    /// How long credentials should last.
    pub session_duration: Option<SessionDuration>,
    /// `method = "browser"`: the provider's pages are for the person's own browser.
    pub in_browser: bool,
    /// The browser, where it isn't the first that is found.
    pub browser_path: Option<std::path::PathBuf>,
    /// Which product it is, where its pages or its URL don't tell.
    pub provider: ProviderChoice,
    /// The client that the provider's API or device grant knows us as.
    pub client_id: Option<String>,
    /// The application's own id at the provider, for its API or device grant.
    pub app_id: Option<String>,
    /// The provider is asked to remember this device and to keep the person signed in, where it offers to.
    pub remember_device: bool,
    /// Hosts beside the URL's that may be sent the password: names, or `*.` and a domain.
    pub allowed_hosts: Vec<String>,
}

impl SamlSettings {
    /// Whose session at which provider: its origin, and the name to sign in with, empty where it is asked for.
    ///
    /// One session serves all applications of a provider.
    pub fn session(&self) -> (String, &str) {
        (self.url.as_url().origin().ascii_serialization(), self.username.as_deref().unwrap_or_default())
    }
}

/// The products that have a way of signing in of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
#[value(rename_all = "lower")]
pub enum ProviderChoice {
    /// Told by the provider's pages.
    #[default]
    Auto,
    /// Okta, either pipeline.
    Okta,
    /// Active Directory Federation Services.
    Adfs,
    /// OneLogin, through its API.
    OneLogin,
    /// Keycloak.
    Keycloak,
    /// Forms, whatever the product.
    Form,
}

impl ProviderChoice {
    /// Its name in the file and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            ProviderChoice::Auto => "auto",
            ProviderChoice::Okta => "okta",
            ProviderChoice::Adfs => "adfs",
            ProviderChoice::OneLogin => "onelogin",
            ProviderChoice::Keycloak => "keycloak",
            ProviderChoice::Form => "form",
        }
    }
}

/// What signing in with IAM Identity Center needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoSettings {
    /// The access portal.
    pub start_url: StartUrl,
    /// The region of the Identity Center instance.
    pub sso_region: Region,
}

/// Which secret store keeps credentials and tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum StoreChoice {
    /// The desktop's keychain, else the kernel's; never a plain file.
    #[default]
    Auto,
    /// macOS Keychain, Windows Credential Manager or a Secret Service.
    Keychain,
    /// The Linux kernel's keyring: in memory, gone at reboot.
    Keyutils,
    /// Files encrypted with a passphrase (age).
    File,
    /// Nothing is kept beyond this command.
    Memory,
}

/// Server-side encryption of uploads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Encryption {
    /// SSE-S3 (`AES256`).
    S3,
    /// SSE-KMS, with the bucket's default key or a named one.
    Kms {
        /// Key id, alias or ARN.
        key_id: Option<String>,
    },
}

/// Source: the AWS SDK setting `request_checksum_calculation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestChecksums {
    /// Send one on every upload.
    #[default]
    WhenSupported,
    /// Only where S3 insists: for S3-compatible servers that refuse trailing checksums.
    WhenRequired,
}

/// Endpoints other than AWS's own, most specific first.
///
/// Source: AWS SDKs and Tools reference, "Service-specific endpoints".
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Endpoints {
    /// `AWS_ENDPOINT_URL`, or `endpoint_url`: what services without one of their own use.
    pub every: Option<SafeUrl>,
    /// `AWS_ENDPOINT_URL_S3`, or `endpoint_url_s3`.
    pub s3: Option<SafeUrl>,
    /// `AWS_ENDPOINT_URL_STS`, or `endpoint_url_sts`.
    pub sts: Option<SafeUrl>,
    /// `AWS_ENDPOINT_URL_SSO`, or `endpoint_url_sso`.
    pub sso: Option<SafeUrl>,
    /// `AWS_ENDPOINT_URL_SSO_OIDC`, or `endpoint_url_sso_oidc`.
    pub sso_oidc: Option<SafeUrl>,
    /// `AWS_ENDPOINT_URL_SIGNIN`, or `endpoint_url_signin`: the console's federation endpoint.
    pub signin: Option<SafeUrl>,
}
