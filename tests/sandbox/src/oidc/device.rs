//! Device authorization: the codes and the page where a person enters one.
//!
//! Owns RFC 8628 sections 3.1 to 3.3. Never gives out a token.

use http::{Method, StatusCode};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};

use super::client::{DEVICE_CODE, authenticate, is_start_url};
use super::registry::{Device, DeviceStatus};
use super::{Refusal, fields, pages};
use crate::counters::Event;
use crate::front::WholeRequest;
use crate::http_reply::{Reply, redirect};
use crate::random;
use crate::world::World;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Start {
    client_id: String,
    client_secret: String,
    start_url: String,
}

pub(super) fn start(world: &World, asked: &Start) -> Result<Value, Refusal> {
    let client = authenticate(world, &asked.client_id, &asked.client_secret)?;
    if !client.grant_types.iter().any(|it| it == DEVICE_CODE) {
        return Err(Refusal::new("UnauthorizedClientException", "The client is not registered for this grant"));
    }
    if !is_start_url(world, &asked.start_url) {
        return Err(Refusal::new("InvalidRequestException", "The start URL is not this organisation's"));
    }
    let options = &world.options;
    let status = match options.auto_approve.as_deref().and_then(|name| world.org().person(name)) {
        Some(person) => {
            world.count(Event::Approval);
            DeviceStatus::Approved { person: person.name.clone() }
        }
        None => DeviceStatus::Pending,
    };
    let user_code = random::user_code();
    let device_code = world.registry().add_device(Device {
        client_id: asked.client_id.clone(),
        user_code: user_code.clone(),
        expires: world.clock.now() + SignedDuration::from_secs(options.device_code_secs.into()),
        interval: SignedDuration::from_secs(options.interval_secs.into()),
        last_poll: None,
        status,
    });
    let verification_uri = format!("{}/device", world.url());
    Ok(json!({
        "deviceCode": device_code,
        "userCode": user_code,
        "verificationUri": verification_uri,
        "verificationUriComplete": format!("{verification_uri}?user_code={user_code}"),
        "expiresIn": options.device_code_secs,
        "interval": options.interval_secs,
    }))
}

/// `GET /device` asks for the code, `GET /device?user_code=…` for the person and the decision,
/// `POST /device` decides.
pub(super) fn page(world: &World, request: &WholeRequest) -> Reply {
    if *request.method() == Method::POST {
        return decide(world, request);
    }
    let field = fields(request.uri().query().unwrap_or_default().as_bytes());
    let Some(user_code) = field("user_code").filter(|code| !code.trim().is_empty()) else {
        return pages::ask_user_code(StatusCode::OK, None);
    };
    if world.registry().pending_device(&user_code, world.clock.now()).is_none() {
        return pages::ask_user_code(StatusCode::BAD_REQUEST, Some("That code is wrong, used or has expired."));
    }
    if let Some(person) = world.options.auto_approve.clone() {
        return match world.approve(&user_code, &person) {
            Ok(()) => redirect("/start?approved=1"),
            Err(_) => pages::failed("The sandbox cannot approve as that person."),
        };
    }
    pages::decide("/device", &[("user_code", &user_code)], world, None)
}

fn decide(world: &World, request: &WholeRequest) -> Reply {
    let field = fields(request.body());
    let user_code = field("user_code").unwrap_or_default();
    match field("decision").as_deref() {
        Some("allow") => {
            let name = field("person").unwrap_or_default();
            if world.org().person(&name).is_none() {
                let why = "Nobody here is called that.";
                return pages::decide("/device", &[("user_code", &user_code)], world, Some(why));
            }
            match world.approve(&user_code, &name) {
                Ok(()) => pages::done("Request approved", "You can close this window and go back to your terminal."),
                Err(_) => {
                    pages::ask_user_code(StatusCode::BAD_REQUEST, Some("That code is wrong, used or has expired."))
                }
            }
        }
        Some("deny") => match world.deny(&user_code) {
            Ok(()) => pages::done("Request denied", "Nothing was given access."),
            Err(_) => pages::ask_user_code(StatusCode::BAD_REQUEST, Some("That code is wrong, used or has expired.")),
        },
        _ => pages::failed("Neither allow nor deny was chosen."),
    }
}
