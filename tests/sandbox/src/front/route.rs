//! Which service a request is for.
//!
//! Owns the paths. S3 gets whatever is nobody else's, for any path can be a bucket and a key.

use http::{Method, Request, header};

use crate::fault::Service;

/// Where a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Route {
    /// The control API and its pages.
    Control,
    /// Identity Center, STS or the SAML provider: the body is read first.
    Json(Service),
    /// Instance metadata, or a container's credentials.
    Metadata,
    /// S3: the body is streamed.
    S3,
}

/// Where the SAML providers' paths begin.
const IDP: &[&str] = &[
    "/idp/",
    "/api/v1/authn",
    "/oauth2/v1/",
    "/login/token/sso",
    "/adfs/",
    "/realms/",
    "/auth/oauth2/",
    "/api/2/saml_assertion",
];

pub(super) fn of<B>(request: &Request<B>) -> Route {
    let path = request.uri().path();
    let get = *request.method() == Method::GET;
    let post = *request.method() == Method::POST;
    match path {
        _ if path.starts_with("/_sandbox/") => Route::Control,
        _ if path.starts_with("/latest/") || path.starts_with("/v2/credentials/") => Route::Metadata,
        "/.well-known/okta-organization" | "/okta/app" | "/login/token/redirect" | "/login/signout" if get => {
            Route::Json(Service::Idp)
        }
        _ if IDP.iter().any(|it| path.starts_with(it)) => Route::Json(Service::Idp),
        "/client/register" | "/device_authorization" | "/token" if post => Route::Json(Service::Oidc),
        "/device" | "/authorize" if get || post => Route::Json(Service::Oidc),
        "/start" | "/start/" if get => Route::Json(Service::Oidc),
        "/assignment/accounts" | "/assignment/roles" | "/federation/credentials" if get => Route::Json(Service::Portal),
        _ if path.starts_with("/company/") || path.starts_with("/actions/") => Route::Json(Service::Issuer),
        "/saml" if post => Route::Json(Service::Signin),
        "/federation" if get || post => Route::Json(Service::Signin),
        "/logout" if post => Route::Json(Service::Portal),
        "/" if post && is_form(request) => Route::Json(Service::Sts),
        // `GET /?Action=…` is the Query protocol too.
        "/" if get && request.uri().query().is_some_and(|query| query.contains("Action=")) => Route::Json(Service::Sts),
        _ => Route::S3,
    }
}

fn is_form<B>(request: &Request<B>) -> bool {
    request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/x-www-form-urlencoded"))
}
