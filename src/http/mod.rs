//! The one place that builds HTTP clients: trust roots, proxies, timeouts.
//!
//! There is no way to switch certificate checks off. Proxies come from the usual variables and are never used for
//! this machine's loopback. Nothing here knows a service or sees a credential.

mod clock;
mod failure;
mod form;
mod pages;
mod roots;
mod telling;
mod visit;

use std::path::{Path, PathBuf};
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

pub use clock::{ServerClock, complaint};
pub use failure::{HttpError, transport_failure};
pub use form::FormReply;
pub use pages::{PageReply, PageRequest, Pages};
pub use visit::Visit;

use crate::config::names::SafeUrl;

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(4);
/// How long one attempt of a small request may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(6);
/// How long a small request may take with all its attempts. A renewal makes two, one after the other, and AWS's Rust
/// SDK gives a `credential_process` 22 s.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(9);
/// The same where a person waits and the service may ask to slow down.
const PATIENT_TIMEOUT: Duration = Duration::from_secs(60);

/// Builds HTTP clients that trust what this machine's owner trusts.
#[derive(Debug, Clone)]
pub struct Http {
    tls: TlsContext,
    ca_bundle: Option<PathBuf>,
}

impl Http {
    /// Reads the trust roots: the bundle (`AWS_CA_BUNDLE`) when there is one, else the operating system's.
    ///
    /// # Errors
    /// [`HttpError::CaBundle`] when the bundle can't be read or holds no certificate.
    pub fn new(ca_bundle: Option<&Path>) -> Result<Self, HttpError> {
        let tls = TlsContext::builder()
            .with_trust_store(roots::trust_store(ca_bundle)?)
            .build()
            .map_err(|error| HttpError::Other { host: "TLS".to_owned(), reason: error.to_string() })?;
        Ok(Self { tls, ca_bundle: ca_bundle.map(Path::to_owned) })
    }

    /// A client for an endpoint (`None`: AWS's own).
    pub fn client(&self, endpoint: Option<&SafeUrl>) -> SharedHttpClient {
        self.client_through(!endpoint.is_some_and(SafeUrl::is_loopback))
    }

    /// A client for what is on this machine or beside it, which no proxy is asked about.
    pub fn direct_client(&self) -> SharedHttpClient {
        self.client_through(false)
    }

    fn client_through(&self, proxied: bool) -> SharedHttpClient {
        let tls = self.tls.clone();
        let client = Builder::new().build_with_connector_fn(move |settings, components| {
            let mut connector = Connector::builder().pool_max_idle_per_host(256);
            connector.set_connector_settings(settings.cloned());
            connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
            connector
                .proxy_config(if proxied { ProxyConfig::from_env() } else { ProxyConfig::disabled() })
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .tls_context(tls.clone())
                .build()
        });
        telling::telling(client)
    }
}

/// Time limits of small requests: signing in and exchanging tokens.
pub fn small_request_timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build()
}

/// Time limits of listings that a person waits for.
pub fn patient_timeouts() -> TimeoutConfig {
    small_request_timeouts().to_builder().operation_timeout(PATIENT_TIMEOUT).build()
}

/// Retries of small requests, with AWS's standard backoff.
pub fn small_request_retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(3)
}
