//! Clients for the tests: the AWS SDK pointed at a sandbox, and a plain HTTP one for pages.

#![allow(dead_code, unreachable_pub)]
#![allow(clippy::unwrap_used)]

pub mod signin;

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::error::ProvideErrorMetadata;
use securecart_sandbox::{Keys, Options, Sandbox};

pub const PRODUCTION: &str = "333333333333";
pub const ALICE: &str = "alice@example.com";
pub const BOB: &str = "bob@example.com";

pub fn start() -> Sandbox {
    start_with(Options::default())
}

pub fn start_with(options: Options) -> Sandbox {
    // Only to satisfy the HTTP client: the sandbox itself speaks no TLS.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Sandbox::start(options).unwrap()
}

fn credentials(keys: &Keys) -> Credentials {
    Credentials::new(
        keys.access_key_id.clone(),
        keys.secret_access_key.clone(),
        keys.session_token.clone(),
        keys.expiration.map(std::time::SystemTime::from),
        "test",
    )
}

pub fn s3(sandbox: &Sandbox, keys: &Keys) -> aws_sdk_s3::Client {
    s3_in(sandbox, keys, sandbox.region())
}

pub fn s3_in(sandbox: &Sandbox, keys: &Keys, region: &str) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .endpoint_url(sandbox.url())
        .http_client(http())
        .force_path_style(true)
        .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled())
        .credentials_provider(credentials(keys));
    aws_sdk_s3::Client::from_conf(config.build())
}

pub fn sts(sandbox: &Sandbox, keys: &Keys) -> aws_sdk_sts::Client {
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(aws_sdk_sts::config::BehaviorVersion::latest())
        .region(Region::new(sandbox.region().to_owned()))
        .endpoint_url(sandbox.url())
        .http_client(http())
        .retry_config(aws_sdk_sts::config::retry::RetryConfig::disabled())
        .credentials_provider(credentials(keys));
    aws_sdk_sts::Client::from_conf(config.build())
}

pub fn oidc(sandbox: &Sandbox) -> aws_sdk_ssooidc::Client {
    let config = aws_sdk_ssooidc::Config::builder()
        .behavior_version(aws_sdk_ssooidc::config::BehaviorVersion::latest())
        .region(Region::new(sandbox.region().to_owned()))
        .endpoint_url(sandbox.url())
        .http_client(http())
        .retry_config(aws_sdk_ssooidc::config::retry::RetryConfig::disabled());
    aws_sdk_ssooidc::Client::from_conf(config.build())
}

pub fn portal(sandbox: &Sandbox) -> aws_sdk_sso::Client {
    let config = aws_sdk_sso::Config::builder()
        .behavior_version(aws_sdk_sso::config::BehaviorVersion::latest())
        .region(Region::new(sandbox.region().to_owned()))
        .endpoint_url(sandbox.url())
        .http_client(http())
        .retry_config(aws_sdk_sso::config::retry::RetryConfig::disabled());
    aws_sdk_sso::Client::from_conf(config.build())
}

/// A browser that shows redirects rather than following them.
pub fn browser() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap()
}

/// The AWS error code of a failed call.
pub fn code<T: std::fmt::Debug, E: ProvideErrorMetadata + std::fmt::Debug>(outcome: Result<T, E>) -> String {
    let error = outcome.expect_err("the call must fail");
    error.code().map_or_else(|| format!("no code: {error:?}"), str::to_owned)
}

/// One client for every service: plain http, no proxy.
fn http() -> aws_sdk_s3::config::SharedHttpClient {
    aws_smithy_http_client::Builder::new().build_http()
}
