//! `-v`: which hosts the AWS clients talk to. Of a request only its host is told: addresses and bodies may hold secrets.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::shared::IntoShared as _;
use url::Url;

/// The client itself, or, where somebody listens, one that tells each host the first time it is asked something, and what
/// makes the SDK ask again.
pub(super) fn telling(client: SharedHttpClient) -> SharedHttpClient {
    match tracing::enabled!(tracing::Level::INFO) {
        true => Telling { client, told: Arc::default() }.into_shared(),
        false => client,
    }
}

type Hosts = Arc<Mutex<BTreeSet<String>>>;

#[derive(Debug)]
struct Telling {
    client: SharedHttpClient,
    told: Hosts,
}

impl HttpClient for Telling {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let connector = self.client.http_connector(settings, components);
        SharedHttpConnector::new(TellingConnector { connector, told: Arc::clone(&self.told) })
    }
}

#[derive(Debug)]
struct TellingConnector {
    connector: SharedHttpConnector,
    told: Hosts,
}

impl HttpConnector for TellingConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let host = Url::parse(request.uri()).ok().and_then(|url| url.host_str().map(ToOwned::to_owned));
        let host = host.unwrap_or_default();
        if self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(host.clone()) {
            tracing::info!(host, "asks a service");
        }
        let asked = self.connector.call(request);
        HttpConnectorFuture::new(async move {
            let answer = asked.await;
            match &answer {
                Ok(answer) if answer.status().is_server_error() || answer.status().as_u16() == 429 => {
                    tracing::info!(host, status = answer.status().as_u16(), "a service can't answer now");
                }
                Ok(_) => {}
                Err(_) => tracing::info!(host, "no answer"),
            }
            answer
        })
    }
}
