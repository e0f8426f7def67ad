//! Credentials that are there already: in the environment, at a container's endpoint, at EC2's instance metadata, in a
//! profile of other AWS tools.
//!
//! The AWS SDK's own providers read them, so that what works for other tools works here; they also read the variables
//! that belong to these sources. Nothing is kept, and nothing is made before a profile asks for it.

mod error;

use std::time::Duration;

use aws_config::Region as SdkRegion;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::{self, credentials::ImdsCredentialsProvider};
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;

use crate::config::names::Region;
use crate::config::profile::CredentialSource;
use crate::http::{Http, small_request_retries, small_request_timeouts};

pub use error::AmbientError;

/// How long all of it may take: other programs may be asked, and AWS's Rust SDK gives a `credential_process` 22 s.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long instance metadata may take to answer: where there is none, nobody does.
const METADATA_PATIENCE: Duration = Duration::from_secs(1);

/// Asks a source for its credentials. Those with a session token are temporary; others are an IAM user's own.
///
/// # Errors
/// [`AmbientError`].
pub async fn fetch_credentials(
    source: &CredentialSource,
    region: &Region,
    http: &Http,
) -> Result<Credentials, AmbientError> {
    let asked = async {
        match source {
            CredentialSource::Environment => environment().provide_credentials().await,
            CredentialSource::Container => container(http).provide_credentials().await,
            CredentialSource::Instance => instance(http).provide_credentials().await,
            CredentialSource::Profile(name) => profile(Some(name), region, http).provide_credentials().await,
            // The order of the AWS SDKs, without Identity Center and web identities: they have methods of their own.
            CredentialSource::Any => {
                CredentialsProviderChain::first_try("environment", environment())
                    .or_else("profile", profile(None, region, http))
                    .or_else("container", container(http))
                    .or_else("instance", instance(http))
                    .provide_credentials()
                    .await
            }
        }
    };
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(asked) => asked.map_err(|error| AmbientError::of(source, &error)),
        Err(_) => Err(AmbientError::TimedOut { source_name: error::name(source) }),
    }
}

/// What a source is called in messages: "the environment".
pub fn source_name(source: &CredentialSource) -> String {
    error::name(source)
}

fn environment() -> EnvironmentVariableCredentialsProvider {
    EnvironmentVariableCredentialsProvider::new()
}

/// Other programs are trusted as the person's other AWS tools trust them: `credential_process` is run by the shell.
fn profile(name: Option<&str>, region: &Region, http: &Http) -> ProfileFileCredentialsProvider {
    let config = ProviderConfig::without_region()
        .with_region(Some(SdkRegion::new(region.as_str().to_owned())))
        .with_http_client(http.client(None))
        .with_retry_config(small_request_retries())
        .with_timeout_config(small_request_timeouts());
    let provider = ProfileFileCredentialsProvider::builder().configure(&config);
    match name {
        Some(name) => provider.profile_name(name).build(),
        None => provider.build(),
    }
}

/// These are on this machine or beside it: no proxy gets to see their tokens.
fn beside(http: &Http) -> ProviderConfig {
    ProviderConfig::without_region().with_http_client(http.direct_client()).with_retry_config(small_request_retries())
}

fn container(http: &Http) -> EcsCredentialsProvider {
    EcsCredentialsProvider::builder().configure(&beside(http)).build()
}

/// Version 2 of the protocol, whose tokens a proxy or a forged request can't get.
fn instance(http: &Http) -> ImdsCredentialsProvider {
    let client = imds::Client::builder()
        .configure(&beside(http))
        .connect_timeout(METADATA_PATIENCE)
        .read_timeout(METADATA_PATIENCE)
        .max_attempts(2)
        .build();
    ImdsCredentialsProvider::builder().configure(&beside(http)).imds_client(client).build()
}
