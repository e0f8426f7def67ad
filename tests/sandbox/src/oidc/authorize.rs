//! `/authorize`: the authorization code flow with PKCE.
//!
//! Owns the authorization request and its decision. Source: RFC 6749 section 4.1, RFC 7636.

use http::{Method, StatusCode};
use jiff::SignedDuration;
use url::Url;

use super::client::{AUTHORIZATION_CODE, may_redirect_to};
use super::registry::Code;
use super::{fields, pages};
use crate::counters::Event;
use crate::front::WholeRequest;
use crate::http_reply::{Reply, redirect};
use crate::world::World;

/// RFC 6749, section 4.1.2, recommends ten minutes at most.
const CODE_LIFE: SignedDuration = SignedDuration::from_mins(10);

/// An authorization request whose client and redirect URI can be trusted.
struct Asked {
    client_id: String,
    redirect_uri: String,
    state: Option<String>,
    challenge: String,
}

pub(super) fn answer(world: &World, request: &WholeRequest) -> Reply {
    let deciding = *request.method() == Method::POST;
    let encoded = if deciding { &request.body()[..] } else { request.uri().query().unwrap_or_default().as_bytes() };
    let field = fields(encoded);
    let asked = match read(world, &field) {
        Ok(asked) => asked,
        Err(reply) => return *reply,
    };
    if deciding {
        return decide(world, &asked, &field);
    }
    match world.options.auto_approve.as_deref().and_then(|name| world.org().person(name)) {
        Some(person) => allow(world, &asked, &person.name),
        None => form(world, &asked, None),
    }
}

fn read(world: &World, field: &impl Fn(&str) -> Option<String>) -> Result<Asked, Box<Reply>> {
    let refuse = |why: &str| Box::new(pages::failed(why));
    // Until the client and the redirect URI are known good, errors stay on this page (RFC 6749,
    // section 4.1.2.1): redirecting would make this an open redirector.
    let client_id = field("client_id").ok_or_else(|| refuse("client_id is missing."))?;
    let client = world.registry().client(&client_id, world.clock.now()).cloned();
    let client = client.ok_or_else(|| refuse("The client is unknown or its registration has lapsed."))?;
    let redirect_uri = field("redirect_uri").ok_or_else(|| refuse("redirect_uri is missing."))?;
    if !may_redirect_to(&client, &redirect_uri) {
        return Err(refuse("redirect_uri is not one the client registered."));
    }
    let state = field("state");
    let back = |error: &str, why: &str| {
        Box::new(send_back(&redirect_uri, state.as_deref(), &[("error", error), ("error_description", why)]))
    };
    if field("response_type").as_deref() != Some("code") {
        return Err(back("unsupported_response_type", "response_type must be code"));
    }
    if !client.grant_types.iter().any(|it| it == AUTHORIZATION_CODE) {
        return Err(back("unauthorized_client", "the client is not registered for this grant"));
    }
    if field("code_challenge_method").as_deref() != Some("S256") {
        return Err(back("invalid_request", "code_challenge_method must be S256"));
    }
    let challenge = field("code_challenge").unwrap_or_default();
    // Base64url of a SHA-256 without padding is 43 characters (RFC 7636, section 4.2).
    if challenge.len() != 43 || !challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') {
        return Err(back("invalid_request", "code_challenge is not a base64url SHA-256"));
    }
    let scopes = field("scopes").or_else(|| field("scope")).unwrap_or_default();
    if scopes.split([' ', ',']).filter(|it| !it.is_empty()).any(|it| !client.scopes.iter().any(|known| known == it)) {
        return Err(back("invalid_scope", "the client did not register that scope"));
    }
    Ok(Asked { client_id, redirect_uri, state, challenge })
}

fn form(world: &World, asked: &Asked, problem: Option<&str>) -> Reply {
    let mut hidden = vec![
        ("response_type", "code"),
        ("client_id", &asked.client_id),
        ("redirect_uri", &asked.redirect_uri),
        ("code_challenge", &asked.challenge),
        ("code_challenge_method", "S256"),
    ];
    if let Some(state) = &asked.state {
        hidden.push(("state", state));
    }
    pages::decide("/authorize", &hidden, world, problem)
}

fn decide(world: &World, asked: &Asked, field: &impl Fn(&str) -> Option<String>) -> Reply {
    match field("decision").as_deref() {
        Some("allow") => match world.org().person(&field("person").unwrap_or_default()) {
            Some(person) => allow(world, asked, &person.name),
            None => form(world, asked, Some("Nobody here is called that.")),
        },
        Some("deny") => {
            world.count(Event::Denial);
            let error = [("error", "access_denied"), ("error_description", "the person refused")];
            send_back(&asked.redirect_uri, asked.state.as_deref(), &error)
        }
        _ => pages::failed("Neither allow nor deny was chosen."),
    }
}

fn allow(world: &World, asked: &Asked, person: &str) -> Reply {
    world.count(Event::Approval);
    let code = world.registry().add_code(Code {
        client_id: asked.client_id.clone(),
        redirect_uri: asked.redirect_uri.clone(),
        challenge: asked.challenge.clone(),
        person: person.into(),
        expires: world.clock.now() + CODE_LIFE,
        session: None,
    });
    send_back(&asked.redirect_uri, asked.state.as_deref(), &[("code", &code)])
}

fn send_back(redirect_uri: &str, state: Option<&str>, parameters: &[(&str, &str)]) -> Reply {
    let Ok(mut url) = Url::parse(redirect_uri) else {
        return pages::failed_with(StatusCode::BAD_REQUEST, "redirect_uri cannot be read.");
    };
    url.query_pairs_mut().extend_pairs(parameters).extend_pairs(state.map(|it| ("state", it)));
    redirect(url.as_str())
}
