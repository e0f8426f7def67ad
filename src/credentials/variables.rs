//! The environment variables through which AWS SDKs and tools take credentials and settings. Pure.
//!
//! Source: AWS SDKs and Tools reference, "Environment variables support".

use crate::config::names::{AccountId, Region, SafeUrl};
use crate::config::profile::Endpoints;
use crate::config::variable;
use crate::identity::RoleCredentials;
use crate::secret::Secret;

/// One variable for another program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Its value, secret or not.
    pub value: Secret,
    /// Nobody may see the value.
    pub is_secret: bool,
}

impl Variable {
    /// One that anybody may see.
    pub fn plain(name: &'static str, value: impl Into<String>) -> Self {
        Self { name, value: Secret::new(value), is_secret: false }
    }

    /// One that nobody may see.
    pub fn secret(name: &'static str, value: Secret) -> Self {
        Self { name, value, is_secret: true }
    }
}

/// Every name that is ever set.
pub const SET: &[&str] = &[
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ACCOUNT_ID",
    variable::AWS_REGION,
    variable::AWS_DEFAULT_REGION,
    variable::AWS_ENDPOINT_URL,
    variable::AWS_ENDPOINT_URL_S3,
    variable::AWS_ENDPOINT_URL_STS,
    variable::AWS_ENDPOINT_URL_SSO,
    variable::AWS_ENDPOINT_URL_SSO_OIDC,
    variable::AWS_ENDPOINT_URL_SIGNIN,
];

/// The credentials themselves. `AWS_CREDENTIAL_EXPIRATION` is RFC 3339 in UTC, with whole seconds.
pub fn credential_variables(credentials: &RoleCredentials, account_id: &AccountId) -> Vec<Variable> {
    let expiration = credentials.expiration.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    vec![
        Variable::plain("AWS_ACCESS_KEY_ID", credentials.access_key_id.as_str()),
        Variable::secret("AWS_SECRET_ACCESS_KEY", credentials.secret_access_key.clone()),
        Variable::secret("AWS_SESSION_TOKEN", credentials.session_token.clone()),
        Variable::plain("AWS_CREDENTIAL_EXPIRATION", expiration),
        Variable::plain("AWS_ACCOUNT_ID", account_id.as_str()),
    ]
}

/// Where they are to be used.
pub fn setting_variables(region: &Region, endpoints: &Endpoints) -> Vec<Variable> {
    let mut variables = vec![
        Variable::plain(variable::AWS_REGION, region.as_str()),
        Variable::plain(variable::AWS_DEFAULT_REGION, region.as_str()),
    ];
    let named = [
        (variable::AWS_ENDPOINT_URL, &endpoints.every),
        (variable::AWS_ENDPOINT_URL_S3, &endpoints.s3),
        (variable::AWS_ENDPOINT_URL_STS, &endpoints.sts),
        (variable::AWS_ENDPOINT_URL_SSO, &endpoints.sso),
        (variable::AWS_ENDPOINT_URL_SSO_OIDC, &endpoints.sso_oidc),
        (variable::AWS_ENDPOINT_URL_SIGNIN, &endpoints.signin),
    ];
    let every = endpoints.every.as_ref();
    for (name, url) in named {
        // What is the same for every service is said once.
        if let Some(url) = url.as_ref().filter(|url| name == variable::AWS_ENDPOINT_URL || Some(*url) != every) {
            variables.push(Variable::plain(name, SafeUrl::as_str(url)));
        }
    }
    variables
}

/// Whether a variable must not reach a program that is given credentials: it would choose others, or send them
/// elsewhere.
pub fn is_cleared(name: &str) -> bool {
    // Windows has one variable for all spellings of its name.
    let name = if cfg!(windows) { name.to_ascii_uppercase() } else { name.to_owned() };
    variable::SELECTING.contains(&name.as_str())
        || variable::SELECTING_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        // What opens the file store opens more than these credentials.
        || [variable::PASSPHRASE, variable::PASSPHRASE_FD].contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_selects_credentials_is_cleared_and_what_tunes_a_tool_stays() {
        for name in [
            "AWS_ACCESS_KEY_ID",
            "AWS_SESSION_TOKEN",
            "AWS_PROFILE",
            "AWS_DEFAULT_PROFILE",
            "AWS_ROLE_ARN",
            "AWS_ROLE_SESSION_NAME",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
            "AWS_ENDPOINT_URL",
            "AWS_ENDPOINT_URL_DYNAMODB",
            "AWS_SSO_ACCOUNT_ID",
            "AWS_BEARER_TOKEN_BEDROCK",
            "SECURECART_PASSPHRASE",
        ] {
            assert!(is_cleared(name), "{name}");
        }
        for name in [
            "AWS_CA_BUNDLE",
            "AWS_PAGER",
            "AWS_MAX_ATTEMPTS",
            "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
            "AWS_CONFIG_FILE",
            "AWS_EC2_METADATA_DISABLED",
            "SECURECART_PROFILE",
            "PATH",
        ] {
            assert!(!is_cleared(name), "{name}");
        }
    }

    #[test]
    fn an_endpoint_for_every_service_is_said_once() {
        let url = |text: &str| Some(text.parse::<SafeUrl>().unwrap());
        let endpoints = Endpoints {
            every: url("https://all.example"),
            s3: url("https://s3.example"),
            sts: url("https://all.example"),
            ..Endpoints::default()
        };
        let names: Vec<_> = setting_variables(&"eu-central-1".parse().unwrap(), &endpoints)
            .into_iter()
            .map(|variable| format!("{}={}", variable.name, variable.value.expose()))
            .collect();
        assert_eq!(
            names,
            [
                "AWS_REGION=eu-central-1",
                "AWS_DEFAULT_REGION=eu-central-1",
                "AWS_ENDPOINT_URL=https://all.example",
                "AWS_ENDPOINT_URL_S3=https://s3.example"
            ]
        );
    }
}
