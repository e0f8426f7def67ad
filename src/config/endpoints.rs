//! A profile's table, the environment and the flags → endpoints other than AWS's own. Pure.

use super::document::Section;
use super::environment::Environment;
use super::error::ConfigError;
use super::names::SafeUrl;
use super::profile::Endpoints;
use super::settings::{Overrides, from_variable};
use super::variable;

pub(super) fn endpoints(
    section: &Section<'_>,
    environment: &Environment,
    flags: &Overrides,
) -> Result<Endpoints, ConfigError> {
    if let Some(url) = &flags.endpoint_url {
        let all = || Some(url.clone());
        return Ok(Endpoints { every: all(), s3: all(), sts: all(), sso: all(), sso_oidc: all(), signin: all() });
    }
    let aws = &environment.aws;
    if aws.ignore_endpoints {
        return Ok(Endpoints::default());
    }
    let variable_for_all = from_variable::<SafeUrl>(variable::AWS_ENDPOINT_URL, aws.endpoint_url.as_deref())?;
    let key_for_all = section.parsed::<SafeUrl>("endpoint_url")?;
    let endpoint = |name: &'static str, value: &Option<String>, key: &'static str| {
        let own_key = section.parsed::<SafeUrl>(key)?;
        let own_variable = from_variable::<SafeUrl>(name, value.as_deref())?;
        let below = || own_key.or_else(|| key_for_all.clone());
        Ok::<_, ConfigError>(own_variable.or_else(|| variable_for_all.clone()).or_else(below))
    };
    Ok(Endpoints {
        s3: endpoint(variable::AWS_ENDPOINT_URL_S3, &aws.endpoint_url_s3, "endpoint_url_s3")?,
        sts: endpoint(variable::AWS_ENDPOINT_URL_STS, &aws.endpoint_url_sts, "endpoint_url_sts")?,
        sso: endpoint(variable::AWS_ENDPOINT_URL_SSO, &aws.endpoint_url_sso, "endpoint_url_sso")?,
        sso_oidc: endpoint(variable::AWS_ENDPOINT_URL_SSO_OIDC, &aws.endpoint_url_sso_oidc, "endpoint_url_sso_oidc")?,
        signin: endpoint(variable::AWS_ENDPOINT_URL_SIGNIN, &aws.endpoint_url_signin, "endpoint_url_signin")?,
        every: variable_for_all.or(key_for_all),
    })
}

/// A bucket's name can't be put before an IP address, and seldom resolves before `localhost`.
pub(super) fn needs_paths(endpoint: &SafeUrl) -> bool {
    match endpoint.as_url().host() {
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(_) | url::Host::Ipv6(_)) => true,
        None => false,
    }
}
