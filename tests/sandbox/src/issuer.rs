//! OpenID Connect providers: a company's own, where people sign in, and that of a CI service, which asks nobody.
//!
//! Owns discovery, the keys, and who waits where. Whether STS takes a token is decided in [`crate::sts`], from what
//! IAM was told of the provider, not from anything here.
//!
//! | issuer | people | tokens from |
//! |---|---|---|
//! | `URL/company` | sign in | the authorization code grant with PKCE, the device grant, refresh tokens |
//! | `URL/actions` | none | a job's own endpoint with its own bearer token, as GitHub Actions has it |
//!
//! Source: OpenID Connect Core 1.0 and Discovery 1.0; RFC 7636, RFC 8252, RFC 8628; "OpenID Connect reference" of
//! GitHub Actions.

mod company;
mod device;
mod job;
pub(crate) mod jwt;
mod register;

use http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

pub(crate) use register::{Register, TrustedProvider, bare};

use crate::front::{Asking, WholeRequest, not_found};
use crate::http_reply::{self, Reply};
use crate::org::{PRODUCTION, RoleSpec};
use crate::world::World;

/// The only client of the company's provider: public, as a program on a laptop is.
pub const CLIENT_ID: &str = "securecart";
/// The audience that AWS asks CI services for.
pub const CI_AUDIENCE: &str = "sts.amazonaws.com";

/// A provider that IAM is told of.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct OidcProviderSpec {
    /// The account whose roles may trust it.
    pub account: String,
    /// Its issuer URL.
    pub issuer: String,
    /// The audiences that are taken.
    pub client_ids: Vec<String>,
}

/// What a CI job is given to ask for tokens with.
#[derive(Debug, Clone)]
pub struct Job {
    /// `ACTIONS_ID_TOKEN_REQUEST_URL`.
    pub request_url: String,
    /// `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
    pub request_token: String,
}

/// A token that a test wants signed; times are the sandbox's.
#[derive(Debug, Clone, serde::Deserialize)]
pub struct IdTokenSpec {
    /// `actions` or `company`, or another issuer's whole URL.
    pub issuer: String,
    /// `sub`.
    pub subject: String,
    /// `aud`.
    pub audience: String,
    /// Seconds until it expires; less than nothing for one that has.
    #[serde(default = "five_minutes")]
    pub lifetime_secs: i64,
    /// `RS256` or `ES256`.
    #[serde(default)]
    pub algorithm: jwt::Algorithm,
    /// Further claims, laid over the usual ones.
    #[serde(default)]
    pub claims: Map<String, Value>,
}

fn five_minutes() -> i64 {
    300
}

impl IdTokenSpec {
    /// A token as it should be.
    #[must_use]
    pub fn new(issuer: &str, subject: &str, audience: &str) -> Self {
        Self {
            issuer: issuer.into(),
            subject: subject.into(),
            audience: audience.into(),
            lifetime_secs: five_minutes(),
            algorithm: jwt::Algorithm::default(),
            claims: Map::new(),
        }
    }
}

/// The roles that trust these providers: `CiDocs` the jobs of one project, `CompanyDocs` everybody in the company.
pub(crate) fn roles(url: &str) -> Vec<RoleSpec> {
    let role = |name: &str, issuer: &str, condition: &str| RoleSpec {
        account: PRODUCTION.into(),
        name: name.into(),
        trust: format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",
               "Principal":{{"Federated":"arn:aws:iam::{PRODUCTION}:oidc-provider/{issuer}"}},
               "Action":"sts:AssumeRoleWithWebIdentity","Condition":{{{condition}}}}}]}}"#
        ),
        policy: include_str!("../policies/folder.json").into(),
        max_session_secs: 7200,
    };
    let (ci, company) = (format!("{}/actions", bare(url)), format!("{}/company", bare(url)));
    vec![
        role(
            "CiDocs",
            &ci,
            &format!(
                r#""StringEquals":{{"{ci}:aud":"{CI_AUDIENCE}"}},
                   "StringLike":{{"{ci}:sub":["repo:example/docs:*","project_path:example/docs:*"]}}"#
            ),
        ),
        role("CompanyDocs", &company, &format!(r#""StringEquals":{{"{company}:aud":"{CLIENT_ID}"}}"#)),
    ]
}

/// The issuer URL of one of the sandbox's own providers.
pub(crate) fn url_of(world: &World, name: &str) -> String {
    format!("{}/{name}", world.url())
}

/// Signs what a test asks for.
pub(crate) fn mint(world: &World, spec: &IdTokenSpec) -> String {
    let now = world.clock.now().as_second();
    let issuer = if spec.issuer.contains("://") { spec.issuer.clone() } else { url_of(world, &spec.issuer) };
    let mut claims = json!({
        "iss": issuer, "sub": spec.subject, "aud": spec.audience, "iat": now, "nbf": now - 60,
        "exp": now + spec.lifetime_secs, "jti": crate::random::hex_id(),
    });
    if let Some(all) = claims.as_object_mut() {
        all.extend(spec.claims.clone());
    }
    world.issuer().keys.sign(spec.algorithm, &claims)
}

/// The name of a request for counters and fault rules.
pub(crate) fn asked(request: &WholeRequest) -> Asking {
    let path = request.uri().path();
    let operation = match path.rsplit('/').next().unwrap_or_default() {
        "openid-configuration" => "Discovery",
        "jwks" => "Keys",
        "authorize" => "Authorize",
        "token" => "Token",
        "revoke" => "Revoke",
        "device_authorization" => "DeviceAuthorization",
        "device" => "DevicePage",
        "idtoken" => "JobToken",
        _ => "Unknown",
    };
    let encoded =
        if operation == "JobToken" { request.uri().query().unwrap_or_default().as_bytes() } else { request.body() };
    let subject = fields(encoded)(if operation == "JobToken" { "audience" } else { "grant_type" });
    Asking { operation: operation.into(), subject, ..Asking::default() }
}

/// Answers one request.
pub(crate) fn answer(world: &World, request: &WholeRequest) -> Reply {
    let get = *request.method() == Method::GET;
    let post = *request.method() == Method::POST;
    match request.uri().path() {
        "/company/.well-known/openid-configuration" if get => {
            http_reply::json(StatusCode::OK, &company::discovery(&url_of(world, "company")))
        }
        "/actions/.well-known/openid-configuration" if get => {
            http_reply::json(StatusCode::OK, &job::discovery(&url_of(world, "actions")))
        }
        "/company/jwks" | "/actions/jwks" if get => http_reply::json(StatusCode::OK, &world.issuer().keys.published()),
        "/company/authorize" if get || post => company::authorize(world, request),
        "/company/token" if post => company::token(world, request),
        "/company/revoke" if post => company::revoke(world, request),
        "/company/device_authorization" if post => device::start(world, request),
        "/company/device" if get || post => device::page(world, request),
        path if get && path.starts_with("/actions/jobs/") => job::token(world, request),
        _ => not_found(),
    }
}

/// An error as RFC 6749, section 5.2, has it.
pub(crate) fn error(status: StatusCode, error: &str, description: &str) -> Reply {
    http_reply::json(status, &json!({ "error": error, "error_description": description }))
}

fn bad(code: &str, description: &str) -> Reply {
    error(StatusCode::BAD_REQUEST, code, description)
}

/// The fields of a form or of a query.
fn fields(encoded: &[u8]) -> impl Fn(&str) -> Option<String> + use<> {
    let pairs: Vec<(String, String)> = form_urlencoded::parse(encoded).into_owned().collect();
    move |name| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}

/// Who signed in to what, to be told to the client.
#[derive(Debug, Clone)]
struct Grant {
    person: String,
    nonce: Option<String>,
    offline: bool,
    at: Timestamp,
}
