//! OneLogin's API: tokens for an API client, SAML assertions, factors.
//!
//! Owns access tokens and state tokens. A state token is good for one sign-in of one device's choice, until it succeeds; a
//! phone that wasn't asked doesn't approve, and asking it twice is counted. Three wrong passwords, or wrong ids of
//! applications, lock an account.
//!
//! Everybody's password is the name and `pw`. What follows it:
//!
//! | name | then |
//! |---|---|
//! | `alice` | nothing: two roles |
//! | `bob` | a choice: Protect, Authenticator, SMS, e-mail, Duo |
//! | `frank` | Protect alone, which he approves |
//! | `gina` | Protect, which she rejects |
//! | `lena` | only Duo and a security key |
//! | `ivy` | no access to the application |
//! | `jack` | the account is locked |
//! | `erin` | the password has expired |

use std::collections::HashMap;

use base64::Engine as _;
use http::{Method, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::front::{WholeRequest, by, not_found};
use crate::http_reply::{Reply, json as reply_json};
use crate::idp::{one_time_code, response_text};
use crate::random;
use crate::world::World;

/// The API client.
pub(crate) const CLIENT: &str = "sandbox-client";
/// Its secret.
pub(crate) const SECRET: &str = "onelogin-secret";
/// The application's id.
pub(crate) const APPLICATION: &str = "123456";
/// How often a phone is looked at before its owner has answered.
const LOOKS: u32 = 2;
const TRIES: u32 = 3;

/// Tokens, factors under way, wrong attempts.
#[derive(Debug, Default)]
pub(crate) struct OneLogin {
    tokens: Vec<String>,
    states: HashMap<String, State>,
    wrong: HashMap<String, u32>,
}

#[derive(Debug, Clone)]
struct State {
    person: String,
    ends: Timestamp,
    /// The device that was asked, and how often it was looked at since.
    asked: Option<(String, u32)>,
}

/// Answers one request.
pub(crate) fn answer(world: &World, request: &WholeRequest) -> Reply {
    let now = world.clock.now();
    let header = |name| request.headers().get(name).and_then(|it| it.to_str().ok()).unwrap_or_default();
    let authorization = header(header::AUTHORIZATION);
    let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
    let host = header(header::HOST).split('.').next().unwrap_or_default().to_owned();
    match (request.method(), request.uri().path()) {
        (&Method::POST, "/auth/oauth2/v2/token") => token(world, authorization, &body),
        (&Method::POST, path) if path.starts_with("/api/2/saml_assertion") => {
            let bearer = authorization.strip_prefix("Bearer ").unwrap_or_default();
            if !world.onelogin().tokens.iter().any(|token| token == bearer) {
                return refused(StatusCode::UNAUTHORIZED, "Unauthorized");
            }
            match path {
                "/api/2/saml_assertion" => assertion(world, &body, &host, now),
                "/api/2/saml_assertion/verify_factor" => verify(world, &body, now),
                _ => not_found(),
            }
        }
        _ => not_found(),
    }
}

fn token(world: &World, authorization: &str, body: &Value) -> Reply {
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{CLIENT}:{SECRET}"));
    if authorization != format!("Basic {pair}") {
        return refused(StatusCode::UNAUTHORIZED, "Authentication Failure");
    }
    if body.get("grant_type").and_then(Value::as_str) != Some("client_credentials") {
        return refused(StatusCode::BAD_REQUEST, "grant_type is incorrect/absent");
    }
    let token = random::hex_id();
    world.onelogin().tokens.push(token.clone());
    reply_json(
        StatusCode::OK,
        &json!({ "access_token": token, "token_type": "bearer", "expires_in": 36000, "account_id": 1 }),
    )
}

fn assertion(world: &World, body: &Value, subdomain: &str, now: Timestamp) -> Reply {
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let person = text("username_or_email").to_lowercase();
    let name = person.split('@').next().unwrap_or_default().to_owned();
    let wrong = |says: &str, status| {
        *world.onelogin().wrong.entry(person.clone()).or_default() += 1;
        refused(status, says)
    };
    if name == "jack" || world.onelogin().wrong.get(&person).is_some_and(|wrong| *wrong >= TRIES) {
        return refused(StatusCode::UNAUTHORIZED, "User is locked");
    }
    if text("subdomain") != subdomain || text("app_id") != APPLICATION {
        return wrong("Invalid app id", StatusCode::BAD_REQUEST);
    }
    if !person.ends_with("@example.com") || text("password") != format!("{name}pw") {
        return wrong("Authentication Failed: Invalid user credentials", StatusCode::UNAUTHORIZED);
    }
    let device = |id: u64, kind: &str| json!({ "device_id": id, "device_type": kind });
    let devices = match name.as_str() {
        "alice" => return success(world, &person, now),
        "ivy" => return refused(StatusCode::UNAUTHORIZED, "User does not have access to this app"),
        "erin" => return refused(StatusCode::UNAUTHORIZED, "Authentication Failed: Password expired"),
        "frank" | "gina" => vec![device(1, "OneLogin Protect")],
        "lena" => vec![device(5, "Duo Duo Security"), device(6, "WebAuthn")],
        _ => vec![
            device(1, "OneLogin Protect"),
            device(2, "Google Authenticator"),
            device(3, "OneLogin SMS"),
            device(4, "OneLogin Email"),
            device(5, "Duo Duo Security"),
        ],
    };
    let state = random::hex_id();
    let ends = now + SignedDuration::from_mins(2);
    world.onelogin().states.insert(state.clone(), State { person, ends, asked: None });
    // Where else a client might be led: an answer there is nobody's.
    let callback = "https://elsewhere.example/api/2/saml_assertion/verify_factor";
    reply_json(
        StatusCode::OK,
        &json!({ "message": "MFA is required for this user", "state_token": state, "devices": devices,
        "callback_url": callback, "user": { "id": 1, "username": name } }),
    )
}

fn verify(world: &World, body: &Value, now: Timestamp) -> Reply {
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (token, device, code) = (text("state_token"), text("device_id"), text("otp_token"));
    let known = world.onelogin().states.remove(&token);
    let Some(mut state) = known.filter(|it| it.ends > now && text("app_id") == APPLICATION) else {
        return refused(StatusCode::UNAUTHORIZED, "The state token is invalid or has expired");
    };
    let quiet = body.get("do_not_notify").and_then(Value::as_bool).unwrap_or(false);
    let person = state.person.clone();
    let again = |state: State, reply: Reply| {
        world.onelogin().states.insert(token.clone(), state);
        reply
    };
    let sends = matches!(device.as_str(), "1" | "3" | "4");
    if !code.is_empty() {
        let good = [now, now - SignedDuration::from_secs(30)].map(|at| one_time_code(&person, at)).contains(&code);
        // A code that nobody sent is no code.
        let was_sent =
            !matches!(device.as_str(), "3" | "4") || state.asked.as_ref().is_some_and(|(asked, _)| *asked == device);
        return match good && was_sent && device != "5" {
            true => success(world, &person, now),
            false => {
                let wrong = *world.onelogin().wrong.entry(person).and_modify(|wrong| *wrong += 1).or_insert(1);
                match wrong >= TRIES {
                    true => refused(StatusCode::UNAUTHORIZED, "User is locked"),
                    false => again(state, refused(StatusCode::UNAUTHORIZED, "Failed authentication with this factor")),
                }
            }
        };
    }
    let pending = || reply_json(StatusCode::OK, &json!({ "message": "Authentication pending on OL Protect" }));
    match (&state.asked, device.as_str(), quiet) {
        (_, _, false) if sends => {
            state.asked = Some((device.clone(), 0));
            match device.as_str() {
                "1" => again(state, pending()),
                _ => again(state, reply_json(StatusCode::OK, &json!({ "message": "The code was sent" }))),
            }
        }
        (Some((asked, looks)), "1", true) if asked == "1" && *looks < LOOKS => {
            state.asked = Some((device, looks + 1));
            again(state, pending())
        }
        (Some((asked, _)), "1", true) if asked == "1" && person.starts_with("gina@") => {
            refused(StatusCode::UNAUTHORIZED, "Authentication rejected by the user")
        }
        (Some((asked, _)), "1", true) if asked == "1" => success(world, &person, now),
        _ => again(state, refused(StatusCode::UNAUTHORIZED, "Failed authentication with this factor")),
    }
}

fn success(world: &World, person: &str, now: Timestamp) -> Reply {
    by(reply_json(StatusCode::OK, &json!({ "message": "Success", "data": response_text(world, person, now) })), person)
}

fn refused(status: StatusCode, says: &str) -> Reply {
    reply_json(status, &json!({ "statusCode": status.as_u16(), "name": status.canonical_reason(), "message": says }))
}
