//! Looking whether a server answers at all, and what time it has: without a credential.

use jiff::Timestamp;

use super::Http;
use super::failure::{HttpError, classify};
use crate::config::names::SafeUrl;

/// A server that answered something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    /// Seconds by which it is ahead of this machine, where it said what time it is.
    pub ahead_seconds: Option<i64>,
}

impl Http {
    /// Asks for a URL; whatever is answered, the server was reached.
    ///
    /// # Errors
    /// [`HttpError`]: a name that doesn't resolve, a connection, proxy or certificate that fails.
    pub async fn visit(&self, url: &SafeUrl, now: Timestamp) -> Result<Visit, HttpError> {
        let host = url.as_url().host_str().unwrap_or_default().to_owned();
        let client = self.form_client(url.is_loopback())?;
        let reply = client.get(url.as_url().clone()).send().await.map_err(|error| match error.is_timeout() {
            true => HttpError::Timeout { host: host.clone() },
            false => classify(Some(&error.without_url()), host.clone()),
        })?;
        let date = reply.headers().get("date").and_then(|date| date.to_str().ok());
        // RFC 9110, section 5.6.7: the date of a reply has the form of RFC 5322.
        let date = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
        Ok(Visit { ahead_seconds: date.map(|date| date.timestamp().as_second() - now.as_second()) })
    }
}
