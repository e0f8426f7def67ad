//! Small exchanges where no AWS client exists: posting a form, getting a document, through the same trust roots and proxies as everything else.
//!
//! No redirect is followed: what is posted is a secret, meant for one host.

use std::sync::Arc;

use reqwest::header::ACCEPT;
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder};
use rustls::ClientConfig;
use url::Url;
use zeroize::Zeroizing;

use super::failure::{HttpError, classify};
use super::{CONNECT_TIMEOUT, Http, OPERATION_TIMEOUT};
use crate::config::names::{SafeUrl, is_loopback};
use crate::secret::Secret;

/// Larger answers are no answers.
const MAX_BYTES: usize = 256 * 1024;

/// What came back.
pub struct FormReply {
    /// The HTTP status.
    pub status: u16,
    /// The body; it may be a secret.
    pub body: Secret,
}

impl Http {
    /// Posts fields as `application/x-www-form-urlencoded`.
    ///
    /// # Errors
    /// [`HttpError`] when there is no answer, or one that is too large.
    pub async fn post_form(&self, url: &SafeUrl, fields: &[(&str, &str)]) -> Result<FormReply, HttpError> {
        let host = url.as_url().host_str().unwrap_or_default().to_owned();
        let client = self.form_client(url.is_loopback())?;
        self.exchange(client.post(url.as_url().clone()).form(fields), host).await
    }

    /// Gets a JSON document, for which a bearer token may have to be shown.
    ///
    /// # Errors
    /// As [`Http::post_form`]; what is neither https nor loopback is not asked.
    pub async fn get_json(&self, url: &Url, bearer: Option<&Secret>) -> Result<FormReply, HttpError> {
        let host = url.host_str().unwrap_or_default().to_owned();
        let loopback = is_loopback(url);
        if url.scheme() != "https" && !loopback {
            return Err(HttpError::Other { host, reason: "it is not https".to_owned() });
        }
        let request = self.form_client(loopback)?.get(url.clone()).header(ACCEPT, "application/json");
        let request = match bearer {
            Some(bearer) => request.bearer_auth(bearer.expose()),
            None => request,
        };
        self.exchange(request, host).await
    }

    async fn exchange(&self, request: RequestBuilder, host: String) -> Result<FormReply, HttpError> {
        let failed = |error: reqwest::Error| match error.is_timeout() {
            true => HttpError::Timeout { host: host.clone() },
            false => classify(Some(&error.without_url()), host.clone()),
        };
        let too_large = || HttpError::Other { host: host.clone(), reason: "the answer is too large".to_owned() };
        let mut reply = request.send().await.map_err(failed)?;
        tracing::info!(host, status = reply.status().as_u16(), "asked a service");
        let mut body = Zeroizing::new(Vec::new());
        while let Some(chunk) = reply.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > MAX_BYTES {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(FormReply { status: reply.status().as_u16(), body: Secret::new(body) })
    }

    pub(super) fn form_client(&self, loopback: bool) -> Result<Client, HttpError> {
        let unusable = |reason: String| HttpError::Other { host: "TLS".to_owned(), reason };
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(error.to_string()))?
            .with_root_certificates(super::roots::root_store(self.ca_bundle.as_deref())?)
            .with_no_client_auth();
        let builder = Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(OPERATION_TIMEOUT)
            .user_agent(concat!("securecart/", env!("CARGO_PKG_VERSION")));
        let builder = if loopback { builder.no_proxy() } else { builder };
        builder.build().map_err(|error| unusable(error.to_string()))
    }
}
