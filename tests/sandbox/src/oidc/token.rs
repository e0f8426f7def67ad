//! `CreateToken`: proofs in, tokens out.
//!
//! Owns the three grants. Source: *IAM Identity Center OIDC API Reference*, "CreateToken";
//! RFC 8628 section 3.5, RFC 7636 section 4.6, RFC 6749 section 6.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Refusal;
use super::client::{AUTHORIZATION_CODE, DEVICE_CODE, REFRESH_TOKEN, authenticate};
use super::registry::{Client, DeviceStatus, Presented};
use crate::counters::Event;
use crate::world::World;

/// A poll may come this much early: timers and networks are not exact.
const TOLERANCE: SignedDuration = SignedDuration::from_millis(50);
/// RFC 8628, section 3.5: "the interval MUST be increased by 5 seconds".
const SLOWER: SignedDuration = SignedDuration::from_secs(5);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Create {
    client_id: String,
    client_secret: String,
    grant_type: String,
    device_code: Option<String>,
    code: Option<String>,
    code_verifier: Option<String>,
    redirect_uri: Option<String>,
    refresh_token: Option<String>,
}

pub(super) fn create(world: &World, asked: &Create) -> Result<Value, Refusal> {
    let client = authenticate(world, &asked.client_id, &asked.client_secret)?;
    let grant = asked.grant_type.as_str();
    if ![DEVICE_CODE, AUTHORIZATION_CODE, REFRESH_TOKEN].contains(&grant) {
        return Err(Refusal::new("UnsupportedGrantTypeException", "Unsupported grant type"));
    }
    if !client.grant_types.iter().any(|it| it == grant) {
        return Err(Refusal::new("UnauthorizedClientException", "The client is not registered for this grant"));
    }
    match grant {
        DEVICE_CODE => by_device_code(world, asked, &client),
        AUTHORIZATION_CODE => by_authorization_code(world, asked, &client),
        _ => by_refresh_token(world, asked, &client),
    }
}

fn by_device_code(world: &World, asked: &Create, client: &Client) -> Result<Value, Refusal> {
    let device_code = required(asked.device_code.as_deref(), "deviceCode")?;
    let now = world.clock.now();
    let mut registry = world.registry();
    let device = registry.device(device_code).filter(|it| it.client_id == asked.client_id);
    let device = device.ok_or_else(|| invalid_grant("Invalid device code"))?;
    let early = device.last_poll.is_some_and(|last| now.duration_since(last) + TOLERANCE < device.interval);
    device.last_poll = Some(now);
    if device.status == DeviceStatus::Used {
        return Err(invalid_grant("The device code has been used"));
    }
    if device.expires <= now {
        return Err(Refusal::new("ExpiredTokenException", "The device code has expired"));
    }
    if early {
        device.interval += SLOWER;
        return Err(Refusal::new("SlowDownException", "Polling faster than the interval allows"));
    }
    match device.status.clone() {
        DeviceStatus::Pending => Err(Refusal::new("AuthorizationPendingException", "The person has not decided yet")),
        DeviceStatus::Denied => Err(Refusal::new("AccessDeniedException", "The person refused")),
        DeviceStatus::Used => Err(invalid_grant("The device code has been used")),
        DeviceStatus::Approved { person } => {
            device.status = DeviceStatus::Used;
            let session = registry.open_session(&person, session_end(world, now));
            drop(registry);
            world.count(Event::SignIn);
            Ok(tokens(world, asked, client, session, now))
        }
    }
}

fn by_authorization_code(world: &World, asked: &Create, client: &Client) -> Result<Value, Refusal> {
    let text = required(asked.code.as_deref(), "code")?;
    let redirect_uri = required(asked.redirect_uri.as_deref(), "redirectUri")?;
    let verifier = required(asked.code_verifier.as_deref(), "codeVerifier")?;
    let now = world.clock.now();
    let mut registry = world.registry();
    let code = registry.code(text).filter(|it| it.client_id == asked.client_id).cloned();
    let code = code.ok_or_else(|| invalid_grant("Invalid authorization code"))?;
    if let Some(session) = code.session {
        // RFC 6749, section 4.1.2: a code that comes twice may be stolen; what it gave is revoked.
        registry.revoke_session(session);
        return Err(invalid_grant("The authorization code has been used"));
    }
    if code.expires <= now {
        return Err(invalid_grant("The authorization code has expired"));
    }
    let fits = code.redirect_uri == redirect_uri
        && is_verifier(verifier)
        && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == code.challenge;
    let session = registry.open_session(&code.person, session_end(world, now));
    if let Some(code) = registry.code(text) {
        // A wrong verifier uses the code up too: there is no second guess.
        code.session = Some(session);
    }
    if !fits {
        registry.revoke_session(session);
        return Err(invalid_grant("The code verifier or the redirect URI does not match"));
    }
    drop(registry);
    world.count(Event::SignIn);
    Ok(tokens(world, asked, client, session, now))
}

fn by_refresh_token(world: &World, asked: &Create, client: &Client) -> Result<Value, Refusal> {
    let text = required(asked.refresh_token.as_deref(), "refreshToken")?;
    let now = world.clock.now();
    let presented = world.registry().present_refresh(text, &asked.client_id, now);
    match presented {
        Presented::Fresh { session } => {
            world.count(Event::Refresh);
            Ok(tokens(world, asked, client, session, now))
        }
        Presented::Reused { session } => {
            world.count(Event::RefreshReuse);
            if world.options.revoke_on_refresh_reuse {
                world.registry().revoke_session(session);
            }
            Err(invalid_grant("Invalid refresh token"))
        }
        Presented::Invalid => Err(invalid_grant("Invalid refresh token")),
    }
}

/// Gives the tokens of a session. A client registered without scopes is of the old kind, which
/// gets no refresh token.
fn tokens(world: &World, asked: &Create, client: &Client, session: u64, now: Timestamp) -> Value {
    let mut registry = world.registry();
    let session_ends = registry.session(session, now).map_or(now, |it| it.expires);
    let expires = (now + SignedDuration::from_secs(world.options.access_token_secs.into())).min(session_ends);
    let access_token = registry.issue_access(session, &asked.client_id, expires);
    let mut reply = json!({
        "accessToken": access_token,
        "tokenType": "Bearer",
        "expiresIn": expires.duration_since(now).as_secs(),
    });
    if !client.scopes.is_empty() && client.grant_types.iter().any(|it| it == REFRESH_TOKEN) {
        reply["refreshToken"] = registry.issue_refresh(session, &asked.client_id, session_ends).into();
    }
    reply
}

fn session_end(world: &World, now: Timestamp) -> Timestamp {
    now + SignedDuration::from_secs(world.options.session_secs.into())
}

/// RFC 7636, section 4.1: 43 to 128 unreserved characters.
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}

fn required<'a>(value: Option<&'a str>, name: &str) -> Result<&'a str, Refusal> {
    value
        .filter(|it| !it.is_empty())
        .ok_or_else(|| Refusal::new("InvalidRequestException", format!("{name} is required")))
}

fn invalid_grant(why: &str) -> Refusal {
    Refusal::new("InvalidGrantException", why)
}
