//! IAM Identity Center's OIDC service and its sign-in pages.
//!
//! Owns the wire form of that service; what has been registered and approved lives in
//! [`Registry`]. Never knows a role.
//!
//! Source: *IAM Identity Center OIDC API Reference*; RFC 8628 (device authorization), RFC 7636
//! (PKCE), RFC 6749 (tokens), RFC 8252 section 7.3 (loopback redirects).

mod authorize;
mod client;
mod device;
mod pages;
mod registry;
mod token;

pub(crate) use registry::Registry;

use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::front::{Asking, WholeRequest, not_found};
use crate::http_reply::{Reply, json_error};
use crate::world::World;

/// A refusal, by the name of its AWS exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    exception: &'static str,
    description: String,
}

impl Refusal {
    pub(crate) fn new(exception: &'static str, description: impl Into<String>) -> Self {
        Self { exception, description: description.into() }
    }

    fn reply(&self) -> Reply {
        let status = match self.exception {
            "InvalidClientException" => StatusCode::UNAUTHORIZED,
            _ => StatusCode::BAD_REQUEST,
        };
        error(status, self.exception, &self.description)
    }
}

/// The name of a request for counters and fault rules.
pub(crate) fn asked(request: &WholeRequest) -> Asking {
    let operation = match request.uri().path() {
        "/client/register" => "RegisterClient",
        "/device_authorization" => "StartDeviceAuthorization",
        "/token" => "CreateToken",
        "/authorize" => "Authorize",
        "/device" => "DevicePage",
        _ => "StartPage",
    };
    let subject = (operation == "CreateToken")
        .then(|| serde_json::from_slice::<Value>(request.body()).ok())
        .flatten()
        .and_then(|body| body.get("grantType")?.as_str().map(Into::into));
    Asking { operation: operation.into(), subject, ..Asking::default() }
}

/// Answers one request.
pub(crate) fn answer(world: &World, request: &WholeRequest) -> Reply {
    let outcome = match request.uri().path() {
        "/client/register" => body(request).and_then(|it| client::register(world, it)),
        "/device_authorization" => body(request).and_then(|it| device::start(world, &it)),
        "/token" => body(request).and_then(|it| token::create(world, &it)),
        "/authorize" => return authorize::answer(world, request),
        "/device" => return device::page(world, request),
        "/start" | "/start/" => return pages::start(world),
        _ => return not_found(),
    };
    match outcome {
        Ok(value) => {
            let mut reply = crate::http_reply::json(StatusCode::OK, &value);
            // RFC 6749, section 5.1: replies with tokens are not for caches.
            reply.headers_mut().insert("cache-control", http::HeaderValue::from_static("no-store"));
            reply
        }
        Err(refusal) => refusal.reply(),
    }
}

/// An error of this service: the exception in the header that AWS's clients read, and RFC 6749's
/// `error` and `error_description` in the body.
pub(crate) fn error(status: StatusCode, exception: &str, description: &str) -> Reply {
    let error = match exception {
        "AuthorizationPendingException" => "authorization_pending",
        "SlowDownException" => "slow_down",
        "ExpiredTokenException" => "expired_token",
        "AccessDeniedException" => "access_denied",
        "InvalidClientException" => "invalid_client",
        "InvalidGrantException" => "invalid_grant",
        "InvalidScopeException" => "invalid_scope",
        "InvalidClientMetadataException" => "invalid_client_metadata",
        "InvalidRedirectUriException" => "invalid_redirect_uri",
        "UnauthorizedClientException" => "unauthorized_client",
        "UnsupportedGrantTypeException" => "unsupported_grant_type",
        "InternalServerException" => "server_error",
        _ => "invalid_request",
    };
    json_error(status, exception, &json!({ "error": error, "error_description": description }))
}

fn body<T: DeserializeOwned>(request: &WholeRequest) -> Result<T, Refusal> {
    serde_json::from_slice(request.body())
        .map_err(|why| Refusal::new("InvalidRequestException", format!("Invalid request body: {why}")))
}

/// The fields of a form or of a query.
fn fields(encoded: &[u8]) -> impl Fn(&str) -> Option<String> {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(encoded).into_owned().collect();
    move |name| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}
