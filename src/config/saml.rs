//! A profile's table → how to sign in with a SAML provider. Pure.

use super::document::{Located, Section};
use super::error::{ConfigError, shown};
use super::profile::{ProviderChoice, SamlSettings};
use super::settings::{line, missing};

pub(super) fn saml(section: &Section<'_>) -> Result<SamlSettings, ConfigError> {
    let (client_id, app_id) = (line(section, "client_id")?, line(section, "app_id")?);
    let provider = section.text("provider")?.map(provider).transpose()?.unwrap_or_default();
    Ok(SamlSettings {
        url: section.parsed("url")?.ok_or_else(|| missing(section, "url"))?,
        username: line(section, "username")?,
        mfa: line(section, "mfa")?,
        home_realm: line(section, "home_realm")?,
        role_arn: section.parsed("role_arn")?,
        provider_arn: section.parsed("provider_arn")?,
        session_duration: section.parsed("session_duration")?,
        in_browser: false,
        browser_path: line(section, "browser_path")?.map(Into::into),
        provider,
        client_id,
        app_id,
        remember_device: section.flag("remember_device")?.unwrap_or(true),
        allowed_hosts: section.texts("allowed_hosts")?.into_iter().map(allowed_host).collect::<Result<_, _>>()?,
    })
}

fn provider(named: Located<&str>) -> Result<ProviderChoice, ConfigError> {
    <ProviderChoice as clap::ValueEnum>::from_str(named.value, false).map_err(|_| ConfigError::BadValue {
        at: named.at,
        problem: format!(
            "there is no provider `{}`; it is auto, okta, adfs, onelogin, keycloak or form",
            shown(named.value)
        ),
    })
}

/// A host name, or `*.` and a domain that somebody owns: not a whole suffix.
fn allowed_host(named: Located<&str>) -> Result<String, ConfigError> {
    let name = named.value.strip_prefix("*.").unwrap_or(named.value);
    let legal = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'));
    if legal && psl::domain_str(name).is_some() {
        return Ok(named.value.to_ascii_lowercase());
    }
    let problem =
        format!("`{}` is not a host name, such as `login.example.com` or `*.example.com`", shown(named.value));
    Err(ConfigError::BadValue { at: named.at, problem })
}
