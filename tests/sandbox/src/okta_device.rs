//! Okta's device grant with web SSO tokens: for a native application that the administrator made.
//!
//! Owns device codes, tokens and web SSO tokens, each good once. Whoever `auto_approve` names approves at the second look,
//! but refuses the client `0oadenied`, and for `0oaexpires` the code runs out. A look before its time is told to slow down.
//!
//! Source: RFC 8628; RFC 8693; Okta's OAuth 2.0 reference.

use std::collections::HashMap;

use http::{HeaderValue, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::front::{WholeRequest, by, not_found};
use crate::http_reply::{Reply, json as reply_json, page};
use crate::idp::post_response;
use crate::random;
use crate::world::World;

/// The native application, and the AWS application's id.
pub(crate) const CLIENT: &str = "0oasandboxnative";
pub(crate) const APPLICATION: &str = "0oasandboxaws";
const DENIED: &str = "0oadenied";
const EXPIRES: &str = "0oaexpires";
const TYPE: &str = "urn:ietf:params:oauth:token-type";
/// A look may come this much early: timers are not exact.
const TOLERANCE: SignedDuration = SignedDuration::from_millis(50);

/// Codes and tokens under way.
#[derive(Debug, Default)]
pub(crate) struct OktaDevice {
    codes: HashMap<String, Device>,
    /// Access token, identity token, person.
    tokens: Vec<(String, String, String)>,
    web: HashMap<String, String>,
}

#[derive(Debug, Clone)]
struct Device {
    looks: u32,
    interval: SignedDuration,
    last: Timestamp,
}

/// Answers one request.
pub(crate) fn answer(world: &World, request: &WholeRequest) -> Reply {
    let now = world.clock.now();
    let fields: HashMap<String, String> = form_urlencoded::parse(request.body()).into_owned().collect();
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let path = request.uri().path();
    if path == "/login/token/sso" {
        let Some(person) = world.okta_device().web.remove(field("token")) else {
            return page(StatusCode::FORBIDDEN, "Error", "<p class=\"error-content\">The token is invalid.</p>");
        };
        let mut reply = by(post_response(world, &person, now), &person);
        let id = world.okta().session(person, now + SignedDuration::from_secs(world.options.session_secs.into()));
        if let Ok(cookie) = HeaderValue::from_str(&format!("idx={id}; Path=/; HttpOnly; SameSite=None")) {
            reply.headers_mut().insert(header::SET_COOKIE, cookie);
        }
        return reply;
    }
    let client = field("client_id").to_owned();
    if ![CLIENT, DENIED, EXPIRES].contains(&client.as_str()) {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client", "The client is not known.");
    }
    match (path, field("grant_type")) {
        ("/oauth2/v1/device/authorize", _) => authorize(world, field("scope"), now),
        ("/oauth2/v1/token", "urn:ietf:params:oauth:grant-type:device_code") => {
            look(world, &client, field("device_code"), now)
        }
        ("/oauth2/v1/token", "urn:ietf:params:oauth:grant-type:token-exchange") => exchange(world, &field),
        _ => not_found(),
    }
}

fn authorize(world: &World, scope: &str, now: Timestamp) -> Reply {
    if !["openid", "okta.apps.sso"].iter().all(|wanted| scope.split(' ').any(|it| it == *wanted)) {
        return refused(StatusCode::BAD_REQUEST, "invalid_scope", "A scope is missing.");
    }
    let (code, interval) = (random::hex_id(), world.options.interval_secs);
    let device = Device { looks: 0, interval: SignedDuration::from_secs(interval.into()), last: now };
    world.okta_device().codes.insert(code.clone(), device);
    let url = format!("{}/activate", world.url());
    let reply = json!({ "device_code": code, "user_code": "ABCDWXYZ", "verification_uri": url,
        "verification_uri_complete": format!("{url}?user_code=ABCDWXYZ"), "expires_in": 600, "interval": interval });
    reply_json(StatusCode::OK, &reply)
}

fn look(world: &World, client: &str, code: &str, now: Timestamp) -> Reply {
    let mut okta = world.okta_device();
    let Some(device) = okta.codes.get_mut(code) else {
        return refused(StatusCode::BAD_REQUEST, "invalid_grant", "The device code is invalid or has expired.");
    };
    let early = now.duration_since(device.last) + TOLERANCE < device.interval;
    (device.last, device.looks) = (now, device.looks + 1);
    if early {
        device.interval += SignedDuration::from_secs(5);
        return refused(StatusCode::BAD_REQUEST, "slow_down", "");
    }
    let person = world.options.auto_approve.clone().filter(|_| device.looks > 1);
    let Some(person) = person else {
        return refused(StatusCode::BAD_REQUEST, "authorization_pending", "The device authorization is pending.");
    };
    okta.codes.remove(code);
    match client {
        DENIED => return refused(StatusCode::BAD_REQUEST, "access_denied", "The resource owner denied the request."),
        EXPIRES => return refused(StatusCode::BAD_REQUEST, "expired_token", "The device code has expired."),
        _ => {}
    }
    let (access, identity) = (random::hex_id(), random::hex_id());
    okta.tokens.push((access.clone(), identity.clone(), person));
    let scope = "openid okta.apps.sso";
    reply_json(
        StatusCode::OK,
        &json!({ "token_type": "Bearer", "expires_in": 3600, "access_token": access, "id_token": identity, "scope": scope }),
    )
}

fn exchange<'f>(world: &World, field: &impl Fn(&str) -> &'f str) -> Reply {
    let types = [
        ("actor_token_type", format!("{TYPE}:access_token")),
        ("subject_token_type", format!("{TYPE}:id_token")),
        ("requested_token_type", "urn:okta:oauth:token-type:web_sso_token".to_owned()),
    ];
    if types.iter().any(|(name, wanted)| field(name) != wanted) {
        return refused(StatusCode::BAD_REQUEST, "invalid_request", "The token types are wrong.");
    }
    if field("audience") != format!("urn:okta:apps:{APPLICATION}") {
        return refused(StatusCode::BAD_REQUEST, "invalid_target", "There is no such application.");
    }
    let mut okta = world.okta_device();
    let known = okta
        .tokens
        .iter()
        .position(|(access, identity, _)| access == field("actor_token") && identity == field("subject_token"));
    let Some((_, _, person)) = known.map(|at| okta.tokens.remove(at)) else {
        return refused(StatusCode::BAD_REQUEST, "invalid_grant", "The tokens are invalid.");
    };
    let token = random::hex_id();
    okta.web.insert(token.clone(), person);
    reply_json(
        StatusCode::OK,
        &json!({ "token_type": "N_A", "access_token": token, "issued_token_type": "urn:okta:oauth:token-type:web_sso_token", "expires_in": 300 }),
    )
}

fn refused(status: StatusCode, code: &str, says: &str) -> Reply {
    let value: Value = json!({ "error": code, "error_description": says });
    reply_json(status, &value)
}
