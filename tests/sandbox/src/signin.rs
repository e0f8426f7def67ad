//! The console's federation endpoint, and the page on which a role is chosen: session credentials in, sign-in token out, and the page it opens.
//!
//! Owns the tokens. AWS also takes credentials in the query of a GET; this endpoint doesn't, since they would end up in
//! logs. In place of the console it shows who arrived, and where.
//!
//! Source: *IAM User Guide*, "Enable custom identity broker access to the AWS console".

use std::collections::HashMap;

use base64::Engine as _;
use http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use url::form_urlencoded;

use crate::front::{Asking, WholeRequest, by};
use crate::http_reply::{self, Reply, escape};
use crate::principal::Kind;
use crate::random;
use crate::saml::Provider;
use crate::saml::response::believe;
use crate::world::World;

/// Tokens given out: whose they are, and until when they open a session.
#[derive(Debug, Default)]
pub(crate) struct SigninTokens(HashMap<String, (String, Timestamp)>);

const TOKEN_LIFE: SignedDuration = SignedDuration::from_mins(15);

/// The name of a request for counters and fault rules.
pub(crate) fn asked(request: &WholeRequest) -> Asking {
    let operation = match parameters(request)("Action").as_deref() {
        _ if request.uri().path() == "/saml" => "Saml",
        Some("getSigninToken") => "GetSigninToken",
        Some("login") => "Login",
        _ => "Unknown",
    };
    Asking { operation: operation.into(), subject: parameters(request)("SessionDuration"), ..Asking::default() }
}

/// Answers one request.
pub(crate) fn answer(world: &World, request: &WholeRequest) -> Reply {
    let parameter = parameters(request);
    match (request.method(), parameter("Action").as_deref()) {
        (&Method::POST, _) if request.uri().path() == "/saml" => accounts(world, &parameter),
        (&Method::POST, Some("getSigninToken")) => token(world, &parameter),
        (&Method::GET, Some("login")) => login(world, &parameter),
        (&Method::GET, Some("getSigninToken")) => error(StatusCode::METHOD_NOT_ALLOWED),
        _ => error(StatusCode::BAD_REQUEST),
    }
}

/// An error of this service: a page, as AWS has it.
pub(crate) fn error(status: StatusCode) -> Reply {
    http_reply::page(status, "Amazon Web Services Sign-In", "<p>The request was refused.</p>")
}

/// The page on which a role is chosen: for a response that is believed, the accounts by name and their roles.
///
/// Source: the page's own data, as it is since 2024; it redeems nothing.
fn accounts(world: &World, parameter: &impl Fn(&str) -> Option<String>) -> Reply {
    let encoded = parameter("SAMLResponse").unwrap_or_default();
    let providers: Vec<Provider> = world.federation().providers.values().cloned().collect();
    let now = world.clock.now();
    let Some(claims) = providers.iter().find_map(|provider| believe(&encoded, provider, now).ok()) else {
        return error(StatusCode::BAD_REQUEST);
    };
    let mut accounts = serde_json::Map::new();
    for account in &world.org().accounts {
        let role = claims
            .roles
            .iter()
            .flat_map(|pair| pair.split(','))
            .find(|arn| arn.contains(&format!("::{}:role/", account.id)));
        if let Some(role) = role {
            accounts.insert(format!("{} ({})", account.name.to_lowercase(), account.id), json!([role]));
        }
    }
    let data = base64::engine::general_purpose::STANDARD.encode(json!({ "roles_accounts": accounts }).to_string());
    let body = format!("<meta name=\"data\" content=\"{data}\"><div id=\"root\"></div>");
    http_reply::page(StatusCode::OK, "Amazon Web Services Sign-In", &body)
}

fn token(world: &World, parameter: &impl Fn(&str) -> Option<String>) -> Reply {
    let session: Option<serde_json::Value> =
        parameter("Session").and_then(|session| serde_json::from_str(&session).ok());
    let text = |name: &str| session.as_ref()?.get(name)?.as_str().map(ToOwned::to_owned);
    let (Some(id), Some(key), Some(token)) = (text("sessionId"), text("sessionKey"), text("sessionToken")) else {
        return error(StatusCode::BAD_REQUEST);
    };
    let now = world.clock.now();
    let held = match world.keys().find(&id, Some(&token), now) {
        Ok(held) if held.keys.secret_access_key == key => held,
        _ => return error(StatusCode::BAD_REQUEST),
    };
    if let Some(duration) = parameter("SessionDuration") {
        let legal = duration.parse::<u32>().is_ok_and(|secs| (900..=43_200).contains(&secs));
        // Only the credentials of an assumed role may be prolonged, and of those not the ones that another role asked for.
        if !legal || !matches!(held.principal.kind, Kind::AssumedRole { .. }) || held.principal.chained {
            return by(error(StatusCode::BAD_REQUEST), &held.principal.user_id);
        }
    }
    let token = random::token("");
    let until = now.saturating_add(TOKEN_LIFE).unwrap_or(Timestamp::MAX);
    let mut tokens = world.signin_tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    tokens.0.insert(token.clone(), (held.principal.user_id.clone(), until));
    by(http_reply::json(StatusCode::OK, &json!({ "SigninToken": token })), &held.principal.user_id)
}

fn login(world: &World, parameter: &impl Fn(&str) -> Option<String>) -> Reply {
    let (Some(token), Some(destination)) = (parameter("SigninToken"), parameter("Destination")) else {
        return error(StatusCode::BAD_REQUEST);
    };
    let tokens = world.signin_tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let Some((user_id, _)) = tokens.0.get(&token).filter(|(_, until)| world.clock.now() < *until) else {
        return error(StatusCode::BAD_REQUEST);
    };
    let body = format!(
        "<p>Signed in as <code>{}</code>; AWS would go on to <code>{}</code>.</p>",
        escape(user_id),
        escape(&destination)
    );
    by(http_reply::page(StatusCode::OK, "AWS Management Console", &body), user_id)
}

fn parameters(request: &WholeRequest) -> impl Fn(&str) -> Option<String> + use<> {
    let query = request.uri().query().unwrap_or_default();
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
        .chain(form_urlencoded::parse(request.body()))
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    move |name| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}
