//! One profile's table, the environment and the flags, laid over each other into a [`Profile`]. Pure.

use super::ambient;
use super::document::{Located, Section, parse};
use super::encryption::{EncryptionChoice, encryption};
use super::endpoints::{endpoints, needs_paths};
use super::environment::Environment;
use super::error::{ConfigError, Where, shown};
use super::folder_template::FolderTemplate;
use super::names::{AccountId, BucketName, ProfileName, Region, RoleName, SafeUrl};
use super::oidc::oidc;
use super::profile::{
    Method, Origin, Profile, ProviderChoice, RequestChecksums, SamlSettings, SsoSettings, StoreChoice,
};
use super::saml::saml;
use super::variable;

/// Marks a profile that `configure --all` wrote, with the name of the profile it was made from.
pub const GENERATED_FROM: &str = "generated_from";

/// The keys of a profile.
pub(super) const KEYS: &[&str] = &[
    "method",
    "start_url",
    "sso_region",
    "url",
    "provider",
    "client_id",
    "app_id",
    "remember_device",
    "username",
    "mfa",
    "home_realm",
    "role_arn",
    "source",
    "external_id",
    "role_session_name",
    "source_identity",
    "tags",
    "transitive_tags",
    "policy",
    "policy_arns",
    "mfa_serial",
    "mfa_command",
    "aws_profile",
    "credential_source",
    "provider_arn",
    "token_file",
    "token_env",
    "token_command",
    "audience",
    "issuer",
    "scopes",
    "prompt",
    "session_duration",
    "allowed_hosts",
    "browser_path",
    "account_id",
    "role_name",
    "region",
    "bucket",
    "bucket_region",
    "folder",
    "keychain",
    "auto_login",
    "callback_port",
    "encryption",
    "kms_key_id",
    "request_checksum_calculation",
    "path_style",
    "endpoint_url",
    "endpoint_url_s3",
    "endpoint_url_sts",
    "endpoint_url_sso",
    "endpoint_url_sso_oidc",
    "endpoint_url_signin",
    GENERATED_FROM,
];

/// What the command line says, over everything else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--profile`.
    pub profile: Option<ProfileName>,
    /// `--region`.
    pub region: Option<Region>,
    /// `--keychain`.
    pub keychain: Option<StoreChoice>,
    /// `--account-id`.
    pub account_id: Option<AccountId>,
    /// `--role-name`.
    pub role_name: Option<RoleName>,
    /// `--bucket`.
    pub bucket: Option<BucketName>,
    /// `--encryption`.
    pub encryption: Option<EncryptionChoice>,
    /// `--kms-key-id`.
    pub kms_key_id: Option<String>,
    /// `--endpoint-url`: every service, even when configured endpoints are ignored.
    pub endpoint_url: Option<SafeUrl>,
}

/// Lays flags over the environment over the file.
///
/// `AWS_REGION` counts only where the profile names no region: it tells where a person's other tools work, not
/// where the shared bucket is. Endpoints follow the AWS SDKs ("Service-specific endpoints" in their reference):
/// the service's variable, the variable for all, the profile's key for the service, the profile's key for all.
///
/// `source` is the profile that the section's key of this name tells.
///
/// # Errors
/// The first [`ConfigError`] in the profile, the variables or the flags.
pub fn resolve(
    section: &Section<'_>,
    source: Option<Profile>,
    environment: &Environment,
    flags: &Overrides,
) -> Result<Profile, ConfigError> {
    let name = ProfileName::from_str_at(&section.name, section.at())?;
    section.check_keys(KEYS, true)?;
    let method = method(section, source, environment)?;
    let region = match (region(section, environment, flags)?, &method) {
        (Some(region), _) => region,
        (None, Method::Sso(sso)) => sso.sso_region.clone(),
        (None, Method::Role(role)) => role.source.region.clone(),
        (None, Method::Saml(_) | Method::Oidc(_) | Method::Aws(_)) => return Err(missing(section, "region")),
    };
    let endpoints = endpoints(section, environment, flags)?;
    let path_style = section.flag("path_style")?.unwrap_or_else(|| endpoints.s3.as_ref().is_some_and(needs_paths));
    Ok(Profile {
        name,
        origin: if section.is_environment() { Origin::Environment } else { Origin::File },
        account_id: either(flags.account_id.as_ref(), || account_id(section))?,
        role_name: either(flags.role_name.as_ref(), || section.parsed("role_name"))?,
        region,
        bucket: either(flags.bucket.as_ref(), || {
            let named = from_variable(variable::BUCKET, environment.bucket.as_deref())?;
            either(named.as_ref(), || section.parsed("bucket"))
        })?,
        bucket_region: section.parsed("bucket_region")?,
        folder: folder(section)?,
        keychain: keychain(section, environment, flags)?.unwrap_or_else(|| usual_keychain(&method)),
        auto_login: section.flag("auto_login")?.unwrap_or(false),
        callback_port: section.port("callback_port")?.unwrap_or(0),
        encryption: encryption(section, flags)?,
        request_checksums: request_checksums(section, environment)?,
        path_style,
        endpoints,
        method,
    })
}

impl ProfileName {
    pub(super) fn from_str_at(text: &str, at: Where) -> Result<Self, ConfigError> {
        parse(Located { value: text, at })
    }
}

fn either<T: Clone>(
    flag: Option<&T>,
    below: impl FnOnce() -> Result<Option<T>, ConfigError>,
) -> Result<Option<T>, ConfigError> {
    // The file's value is checked even when a flag wins, so that a mistake shows itself early.
    let below = below()?;
    Ok(flag.cloned().or(below))
}

fn method(section: &Section<'_>, source: Option<Profile>, environment: &Environment) -> Result<Method, ConfigError> {
    let named = section.text("method")?;
    if let Some(source) = source {
        return match named {
            Some(named) if named.value != "role" => Err(ConfigError::BadValue {
                problem: format!(
                    "a profile with a `source` assumes a role: `method` is role, not {}",
                    shown(named.value)
                ),
                at: named.at,
            }),
            _ => ambient::role(section, source).map(|role| Method::Role(Box::new(role))),
        };
    }
    let by_token = || oidc(section, environment).map(|oidc| Method::Oidc(Box::new(oidc)));
    match named {
        None if section.is_environment() => return by_token(),
        None => {}
        Some(named) if named.value == "role" => return Err(missing(section, "source")),
        Some(named) if named.value == "aws" => {
            return ambient::aws(section, environment).map(|aws| Method::Aws(Box::new(aws)));
        }
        Some(named) if named.value == "oidc" => return by_token(),
        Some(named) if named.value == "sso" => {}
        Some(named) if matches!(named.value, "saml" | "browser") => {
            let in_browser = named.value == "browser";
            let saml = SamlSettings { in_browser, ..saml(section)? };
            // Without a browser, OneLogin has no other way in than its API.
            let api = saml.provider == ProviderChoice::OneLogin && !in_browser;
            for (key, value) in [("client_id", &saml.client_id), ("app_id", &saml.app_id)] {
                if api && value.is_none() {
                    return Err(missing(section, key));
                }
            }
            return Ok(Method::Saml(Box::new(saml)));
        }
        Some(named) => return Err(ConfigError::UnknownMethod { at: named.at, method: shown(named.value) }),
    }
    Ok(Method::Sso(SsoSettings {
        start_url: section.parsed("start_url")?.ok_or_else(|| missing(section, "start_url"))?,
        sso_region: section.parsed("sso_region")?.ok_or_else(|| missing(section, "sso_region"))?,
    }))
}

pub(super) fn missing(section: &Section<'_>, key: &'static str) -> ConfigError {
    if section.is_environment() {
        return ConfigError::MissingVariable { key };
    }
    ConfigError::MissingKey { at: section.at(), profile: section.name.clone(), key }
}

/// A text of one line that is not empty.
pub(super) fn line(section: &Section<'_>, key: &'static str) -> Result<Option<String>, ConfigError> {
    match section.text(key)? {
        Some(text) if text.value.trim().is_empty() || text.value.chars().any(char::is_control) => {
            Err(ConfigError::BadValue { at: text.at, problem: format!("`{key}` is empty, or not one line") })
        }
        text => Ok(text.map(|text| text.value.to_owned())),
    }
}

fn account_id(section: &Section<'_>) -> Result<Option<AccountId>, ConfigError> {
    match section.is_integer("account_id") {
        Some(at) => Err(ConfigError::AccountIdNotQuoted { at }),
        None => section.parsed("account_id"),
    }
}

fn region(section: &Section<'_>, environment: &Environment, flags: &Overrides) -> Result<Option<Region>, ConfigError> {
    if let Some(region) = &flags.region {
        return Ok(Some(region.clone()));
    }
    if let Some(region) = from_variable(variable::REGION, environment.region.as_deref())? {
        return Ok(Some(region));
    }
    if let Some(region) = section.parsed("region")? {
        return Ok(Some(region));
    }
    match from_variable(variable::AWS_REGION, environment.aws.region.as_deref())? {
        Some(region) => Ok(Some(region)),
        None => from_variable(variable::AWS_DEFAULT_REGION, environment.aws.default_region.as_deref()),
    }
}

pub(super) fn from_variable<T>(name: &'static str, value: Option<&str>) -> Result<Option<T>, ConfigError>
where
    T: std::str::FromStr,
    T::Err: std::fmt::Display,
{
    value.map(|value| parse(Located { value, at: Where::Variable(name) })).transpose()
}

fn folder(section: &Section<'_>) -> Result<FolderTemplate, ConfigError> {
    let Some(template) = section.text("folder")? else { return Ok(FolderTemplate::default()) };
    template.value.parse().map_err(|problem| ConfigError::Folder { at: template.at, problem })
}

/// What needs no person is not kept beyond the command, unless asked: whoever may use it has it already, or can have
/// it again at any time.
fn usual_keychain(method: &Method) -> StoreChoice {
    match method {
        Method::Aws(aws) if aws.mfa.is_none() => StoreChoice::Memory,
        Method::Oidc(oidc) if !oidc.source.needs_person() => StoreChoice::Memory,
        Method::Role(role) if role.mfa.is_none() => usual_keychain(&role.source.method),
        _ => StoreChoice::Auto,
    }
}

fn keychain(
    section: &Section<'_>,
    environment: &Environment,
    flags: &Overrides,
) -> Result<Option<StoreChoice>, ConfigError> {
    let variable = environment.keychain.as_deref().map(|value| (value, Where::Variable(variable::KEYCHAIN)));
    let named = match variable {
        Some((value, at)) => Some(Located { value, at }),
        None => section.text("keychain")?,
    };
    let named = named.map(store).transpose()?;
    Ok(flags.keychain.or(named))
}

fn store(named: Located<&str>) -> Result<StoreChoice, ConfigError> {
    <StoreChoice as clap::ValueEnum>::from_str(named.value, false).map_err(|_| ConfigError::BadValue {
        at: named.at,
        problem: format!(
            "there is no secret store `{}`; the stores are auto, keychain, keyutils, file and memory",
            shown(named.value)
        ),
    })
}

fn request_checksums(section: &Section<'_>, environment: &Environment) -> Result<RequestChecksums, ConfigError> {
    let named = match environment.aws.request_checksum_calculation.as_deref() {
        Some(value) => Some(Located { value, at: Where::Variable(variable::AWS_REQUEST_CHECKSUM_CALCULATION) }),
        None => section.text("request_checksum_calculation")?,
    };
    match named {
        None => Ok(RequestChecksums::default()),
        // The SDKs take any case.
        Some(named) => match named.value.to_ascii_lowercase().as_str() {
            "when_supported" => Ok(RequestChecksums::WhenSupported),
            "when_required" => Ok(RequestChecksums::WhenRequired),
            _ => Err(ConfigError::BadValue {
                at: named.at,
                problem: format!("`{}` is neither when_supported nor when_required", shown(named.value)),
            }),
        },
    }
}
