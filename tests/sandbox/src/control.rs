//! The control API under `/_sandbox/`: for tests and scripts, not part of AWS.
//!
//! Owns its paths and JSON. Everything it does, [`crate::Sandbox`] does too.

use http::{Method, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::front::WholeRequest;
use crate::http_reply::{self, Reply};
use crate::issuer::{self, IdTokenSpec, OidcProviderSpec};
use crate::options::BUCKET;
use crate::org::RoleSpec;
use crate::saml::SamlProviderSpec;
use crate::sandbox::SandboxError;
use crate::world::World;

#[derive(Deserialize)]
struct Approve {
    user_code: String,
    person: String,
}

#[derive(Deserialize)]
struct Deny {
    user_code: String,
}

#[derive(Deserialize)]
struct ClockChange {
    #[serde(default)]
    advance_secs: i64,
    skew_secs: Option<i64>,
}

#[derive(Deserialize)]
struct Revoke {
    #[serde(default)]
    access_tokens: bool,
    #[serde(default)]
    refresh_tokens: bool,
    #[serde(default)]
    role_credentials: bool,
    #[serde(default)]
    clients: bool,
}

#[derive(Deserialize)]
struct Objects {
    bucket: Option<String>,
    /// One object under exactly this key.
    key: Option<String>,
    #[serde(default)]
    body: String,
    /// Or many under this prefix.
    prefix: Option<String>,
    #[serde(default)]
    count: u32,
    #[serde(default)]
    size: usize,
}

#[derive(Deserialize)]
struct Credentials {
    person: String,
    account: String,
    role: String,
}

#[derive(Deserialize)]
struct Job {
    subject: String,
}

/// Answers one request.
pub(crate) fn answer(world: &World, request: &WholeRequest) -> Reply {
    // A web page that a browser shows may reach this port too, and has no business here.
    if request.headers().contains_key(header::ORIGIN) {
        return http_reply::json(StatusCode::FORBIDDEN, &json!({ "error": "not for web pages" }));
    }
    let path = request.uri().path().trim_start_matches("/_sandbox/");
    let get = *request.method() == Method::GET;
    let post = *request.method() == Method::POST;
    let outcome = match path {
        "state" if get => {
            return serde_json::to_value(world.state())
                .map_or_else(|why| refuse(&why.to_string()), |value| http_reply::json(StatusCode::OK, &value));
        }
        "info" if get => Ok(info(world)),
        "object" if get => return object(world, request),
        "mfa" if get => mfa(world, request),
        "approve" if post => read(request).and_then(|it: Approve| done(world.approve(&it.user_code, &it.person))),
        "deny" if post => read(request).and_then(|it: Deny| done(world.deny(&it.user_code))),
        "faults" if post => read(request).map(|it: Fault| {
            world.add_fault(it);
            json!({})
        }),
        "faults" if *request.method() == Method::DELETE => {
            world.clear_faults();
            Ok(json!({}))
        }
        "clock" if post => read(request).map(|it: ClockChange| {
            world.clock.advance(it.advance_secs);
            if let Some(secs) = it.skew_secs {
                world.clock.set_skew(secs);
            }
            json!({ "now": world.clock.now().to_string(), "wall": world.clock.wall().to_string() })
        }),
        "revoke" if post => read(request).map(|it: Revoke| {
            revoke(world, &it);
            json!({})
        }),
        "reset-counters" if post => {
            world.reset_counters();
            Ok(json!({}))
        }
        "objects" if post => read(request).and_then(|it: Objects| seed(world, it)),
        "roles" if post => read(request).and_then(|it: RoleSpec| done(world.add_role(it))),
        "saml-providers" if post => read(request).and_then(|it: SamlProviderSpec| done(world.add_saml_provider(it))),
        "oidc-providers" if post => read(request).map(|it: OidcProviderSpec| {
            world.add_oidc_provider(it);
            json!({})
        }),
        "id-token" if post => read(request).map(|it: IdTokenSpec| json!({ "token": issuer::mint(world, &it) })),
        "jobs" if post => read(request).map(|it: Job| {
            let job = world.add_job(&it.subject);
            json!({ "request_url": job.request_url, "request_token": job.request_token })
        }),
        "credentials" if post => read(request).and_then(|it: Credentials| credentials(world, &it)),
        _ => {
            return http_reply::json(StatusCode::NOT_FOUND, &json!({ "error": "no such control" }));
        }
    };
    match outcome {
        Ok(value) => http_reply::json(StatusCode::OK, &value),
        Err(why) => refuse(&why),
    }
}

fn refuse(why: &str) -> Reply {
    http_reply::json(StatusCode::BAD_REQUEST, &json!({ "error": why }))
}

fn read<T: DeserializeOwned>(request: &WholeRequest) -> Result<T, String> {
    serde_json::from_slice(request.body()).map_err(|why| why.to_string())
}

fn done(outcome: Result<(), SandboxError>) -> Result<Value, String> {
    outcome.map(|()| json!({})).map_err(|why| why.to_string())
}

fn info(world: &World) -> Value {
    json!({
        "url": world.url(),
        "start_url": world.start_url(),
        "issuer": issuer::url_of(world, "company"),
        "region": world.options.region,
        "bucket": BUCKET,
        "people": world.org().people.iter().map(|it| &it.name).collect::<Vec<_>>(),
        "accounts": world.org().accounts.iter().map(|it| json!({ "id": it.id, "name": it.name })).collect::<Vec<_>>(),
    })
}

/// `GET /_sandbox/object?bucket=…&key=…`: an object's bytes, past every policy.
fn object(world: &World, request: &WholeRequest) -> Reply {
    let query = request.uri().query().unwrap_or_default();
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let field = |name: &str| pairs.iter().find(|it| it.0 == name).map(|it| it.1.as_str());
    match field("key").and_then(|key| world.object(field("bucket").unwrap_or(BUCKET), key)) {
        Some(bytes) => http_reply::with_body(StatusCode::OK, "application/octet-stream", bytes),
        None => http_reply::json(StatusCode::NOT_FOUND, &json!({ "error": "no such object" })),
    }
}

/// `GET /_sandbox/mfa?user=…`: what an IAM user's MFA device shows.
fn mfa(world: &World, request: &WholeRequest) -> Result<Value, String> {
    let query = request.uri().query().unwrap_or_default();
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let shown = pairs.find(|it| it.0 == "user").and_then(|(_, user)| world.mfa(&user));
    let (serial, code) = shown.ok_or("no such user, or no device")?;
    Ok(json!({ "serial": serial, "code": code }))
}

fn revoke(world: &World, what: &Revoke) {
    if what.access_tokens {
        world.revoke_access_tokens();
    }
    if what.refresh_tokens {
        world.revoke_refresh_tokens();
    }
    if what.role_credentials {
        world.expire_role_credentials();
    }
    if what.clients {
        world.forget_clients();
    }
}

fn seed(world: &World, what: Objects) -> Result<Value, String> {
    let bucket = what.bucket.as_deref().unwrap_or(BUCKET);
    match (&what.key, &what.prefix) {
        (Some(key), None) => done(world.put_object(bucket, key, what.body.into_bytes())),
        (None, Some(prefix)) => done(world.generate_objects(bucket, prefix, what.count, what.size)),
        _ => Err("either key or prefix is required".into()),
    }
}

fn credentials(world: &World, asked: &Credentials) -> Result<Value, String> {
    let keys =
        world.issue_role_credentials(&asked.person, &asked.account, &asked.role).map_err(|why| why.to_string())?;
    // The shape of a `credential_process` reply, so that scripts can use it as one.
    Ok(json!({
        "Version": 1,
        "AccessKeyId": keys.access_key_id,
        "SecretAccessKey": keys.secret_access_key,
        "SessionToken": keys.session_token,
        "Expiration": keys.expiration.map(|it| it.to_string()),
        "UserId": world.org().user_id(&asked.person, &asked.account, &asked.role),
    }))
}
