//! The device grant of the company's provider.
//!
//! Owns its codes and how often one may ask. Source: RFC 8628.

use http::{Method, StatusCode};
use jiff::SignedDuration;
use serde_json::json;

use super::company::is_offline;
use super::register::{Decision, Device};
use super::{CLIENT_ID, Grant, bad, error, fields, url_of};
use crate::counters::Event;
use crate::front::WholeRequest;
use crate::http_reply::{self, Reply};
use crate::random;
use crate::world::World;

/// RFC 8628, section 3.5.
const SLOWER: SignedDuration = SignedDuration::from_secs(5);
/// Timers and networks are not exact.
const TOLERANCE: SignedDuration = SignedDuration::from_millis(50);

pub(super) fn start(world: &World, request: &WholeRequest) -> Reply {
    let field = fields(request.body());
    if field("client_id").as_deref() != Some(CLIENT_ID) {
        return error(StatusCode::UNAUTHORIZED, "invalid_client", "The client is unknown");
    }
    let scope = field("scope").unwrap_or_default();
    if !scope.split(' ').any(|it| it == "openid") {
        return bad("invalid_scope", "openid is missing");
    }
    let (options, now) = (&world.options, world.clock.now());
    let decision = match &options.auto_approve {
        Some(person) => {
            world.count(Event::Approval);
            Decision::Allowed(person.clone())
        }
        None => Decision::None,
    };
    let device = Device {
        user_code: random::user_code(),
        offline: is_offline(&scope),
        expires: now + SignedDuration::from_secs(options.device_code_secs.into()),
        interval: SignedDuration::from_secs(options.interval_secs.into()),
        last_poll: None,
        decision,
    };
    let (device_code, page) = (random::token(""), format!("{}/device", url_of(world, "company")));
    let reply = json!({
        "device_code": device_code, "user_code": device.user_code, "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code={}", device.user_code),
        "expires_in": options.device_code_secs, "interval": options.interval_secs,
    });
    world.issuer().devices.insert(device_code, device);
    http_reply::json(StatusCode::OK, &reply)
}

/// What a device is given for its code.
pub(super) fn redeem(world: &World, device_code: &str) -> Result<Grant, Box<Reply>> {
    let refuse = |code: &str, why: &str| Err(Box::new(bad(code, why)));
    let now = world.clock.now();
    let mut register = world.issuer();
    let Some(device) = register.devices.get_mut(device_code) else {
        return refuse("invalid_grant", "The device code is wrong or used");
    };
    let early = device.last_poll.is_some_and(|last| now.duration_since(last) + TOLERANCE < device.interval);
    device.last_poll = Some(now);
    if device.expires <= now {
        return refuse("expired_token", "The device code has expired");
    }
    if early {
        device.interval += SLOWER;
        return refuse("slow_down", "Polling faster than the interval allows");
    }
    match device.decision.clone() {
        Decision::None => refuse("authorization_pending", "The person has not decided yet"),
        Decision::Denied => refuse("access_denied", "The person refused"),
        Decision::Allowed(person) => {
            let offline = device.offline;
            register.devices.remove(device_code);
            Ok(Grant { person, nonce: None, offline, at: now })
        }
    }
}

/// `GET` shows the form, `POST` decides.
pub(super) fn page(world: &World, request: &WholeRequest) -> Reply {
    if *request.method() == Method::GET {
        let form = "<form method=\"post\" action=\"/company/device\"><label>Code <input name=\"user_code\"></label> \
                    <label>Sign in as <input name=\"person\"></label> \
                    <button name=\"decision\" value=\"allow\">Allow</button> \
                    <button name=\"decision\" value=\"deny\">Deny</button></form>";
        return show(StatusCode::OK, form);
    }
    let field = fields(request.body());
    let person = field("person").and_then(|name| Some(world.org().person(&name)?.name.clone()));
    let allowed = field("decision").as_deref() == Some("allow");
    if allowed && person.is_none() {
        return show(StatusCode::BAD_REQUEST, "<p>Nobody here is called that.</p>");
    }
    let person = person.filter(|_| allowed);
    let code = field("user_code").unwrap_or_default();
    if !world.issuer().decide(&code, person.as_deref(), world.clock.now()) {
        return show(StatusCode::BAD_REQUEST, "<p>That code is wrong, used or has expired.</p>");
    }
    world.count(if allowed { Event::Approval } else { Event::Denial });
    show(StatusCode::OK, "<p>You can close this window.</p>")
}

fn show(status: StatusCode, body: &str) -> Reply {
    http_reply::page(status, "Example Company", body)
}
