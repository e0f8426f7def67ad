//! Fetching a provider's pages: one exchange at a time, within limits. Redirects are the caller's to follow.
//!
//! The same trust roots and proxies as everything else; loopback never goes through a proxy. Plain http is for
//! loopback alone.

use std::sync::OnceLock;
use std::time::Duration;

use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use reqwest::Client;
use reqwest::redirect::Policy;
use rustls::ClientConfig;
use url::Url;

use super::failure::{HttpError, classify};
use super::{CONNECT_TIMEOUT, Http};
use crate::config::names::is_loopback;
use crate::secret::Secret;

/// Larger bodies are cut off with an error.
const MAX_BYTES: usize = 2 * 1024 * 1024;
/// How long one exchange may take. Some providers answer only when a person has approved on another device.
const EXCHANGE_TIMEOUT: Duration = Duration::from_secs(90);

/// A browser of few words.
#[derive(Debug)]
pub struct Pages {
    http: Http,
    outside: OnceLock<Client>,
    loopback: OnceLock<Client>,
}

/// What is sent.
pub struct PageRequest<'a> {
    /// GET or POST.
    pub method: Method,
    /// https, or plain http to loopback.
    pub url: &'a Url,
    /// Cookies and the like.
    pub headers: HeaderMap,
    /// What was typed may be in it.
    pub body: Option<&'a Secret>,
}

/// What came back.
pub struct PageReply {
    /// The status.
    pub status: StatusCode,
    /// The headers; cookies are in them.
    pub headers: HeaderMap,
    /// The body as text, decoded as its content type says.
    pub text: String,
}

impl Http {
    /// A client for pages.
    pub fn pages(&self) -> Pages {
        Pages { http: self.clone(), outside: OnceLock::new(), loopback: OnceLock::new() }
    }
}

impl Pages {
    /// One exchange.
    ///
    /// # Errors
    /// [`HttpError`] when there is no answer, or one that is too large.
    pub async fn fetch(&self, request: PageRequest<'_>) -> Result<PageReply, HttpError> {
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let failed = |error: reqwest::Error| match error.is_timeout() {
            true => HttpError::Timeout { host: host.clone() },
            // The URL may hold a token.
            false => classify(Some(&error.without_url()), host.clone()),
        };
        let other = |reason: &str| HttpError::Other { host: host.clone(), reason: reason.to_owned() };
        if request.url.scheme() != "https" && !is_loopback(request.url) {
            return Err(other("it is not https"));
        }
        let client = self.client(request.url)?;
        let mut exchange = client.request(request.method, request.url.clone()).headers(request.headers);
        if let Some(body) = request.body {
            exchange = exchange.body(body.expose().to_owned());
        }
        let mut reply = exchange.send().await.map_err(failed)?;
        let (status, headers) = (reply.status(), reply.headers().clone());
        let mut bytes = Vec::new();
        while let Some(chunk) = reply.chunk().await.map_err(failed)? {
            if bytes.len() + chunk.len() > MAX_BYTES {
                return Err(other("the answer is larger than 2 MiB"));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(PageReply { status, text: decoded(&headers, bytes).await, headers })
    }

    fn client(&self, url: &Url) -> Result<&Client, HttpError> {
        let loopback = is_loopback(url);
        let kept = if loopback { &self.loopback } else { &self.outside };
        if let Some(client) = kept.get() {
            return Ok(client);
        }
        let client = self.build(loopback)?;
        Ok(kept.get_or_init(|| client))
    }

    fn build(&self, loopback: bool) -> Result<Client, HttpError> {
        let unusable = |reason: String| HttpError::Other { host: "TLS".to_owned(), reason };
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(error.to_string()))?
            .with_root_certificates(super::roots::root_store(self.http.ca_bundle.as_deref())?)
            .with_no_client_auth();
        let builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(EXCHANGE_TIMEOUT)
            .default_headers(browser_headers());
        let builder = if loopback { builder.no_proxy() } else { builder };
        builder.build().map_err(|error| unusable(error.to_string()))
    }
}

/// What providers expect of a browser that shows forms and runs no scripts.
fn browser_headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    let agent = concat!("Mozilla/5.0 (compatible; securecart/", env!("CARGO_PKG_VERSION"), ")");
    headers.insert(header::USER_AGENT, HeaderValue::from_static(agent));
    headers.insert(header::ACCEPT, HeaderValue::from_static("text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"));
    headers
}

/// Text as the content type says, else UTF-8.
async fn decoded(headers: &HeaderMap, bytes: Vec<u8>) -> String {
    let mut whole = http::Response::new(bytes);
    if let Some(kind) = headers.get(header::CONTENT_TYPE) {
        whole.headers_mut().insert(header::CONTENT_TYPE, kind.clone());
    }
    reqwest::Response::from(whole).text().await.unwrap_or_default()
}
