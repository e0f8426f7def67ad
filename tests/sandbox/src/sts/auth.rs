//! Who signed an STS request.
//!
//! Owns the order of checks and their error codes. Never looks at what is asked.

use std::sync::Arc;

use http::StatusCode;

use super::Refusal;
use crate::front::WholeRequest;
use crate::keys::KeyError;
use crate::principal::Principal;
use crate::sigv4::{Claim, ClaimError, Head, fits, payload_hash};
use crate::world::World;

/// An authenticated caller of STS.
pub(super) struct Signer {
    pub principal: Arc<Principal>,
    /// Whether the keys are a user's own, not a session's.
    pub long_lived: bool,
}

pub(super) fn authenticate(world: &World, request: &WholeRequest) -> Result<Signer, Refusal> {
    let head = Head {
        method: request.method().as_str(),
        path: request.uri().path(),
        query: request.uri().query().unwrap_or_default(),
        headers: request.headers(),
    };
    let claim = Claim::read(head).map_err(refusal)?;
    if claim.service != "sts" {
        return Err(mismatch("Credential should be scoped to correct service: 'sts'."));
    }
    // A regional endpoint takes its own region; us-east-1 is what the global endpoint is signed for.
    if claim.region != world.options.region && claim.region != "us-east-1" {
        return Err(mismatch("Credential should be scoped to a valid region."));
    }
    let wall = world.clock.wall();
    let found = world.keys().find(&claim.access_key_id, claim.security_token.as_deref(), world.clock.now());
    let held = match found {
        Ok(held) => held,
        Err(KeyError::Expired) => {
            let message = "The security token included in the request is expired";
            return Err(Refusal::new(StatusCode::FORBIDDEN, "ExpiredToken", message));
        }
        Err(KeyError::Unknown | KeyError::WrongToken) => {
            let message = "The security token included in the request is invalid.";
            return Err(Refusal::new(StatusCode::FORBIDDEN, "InvalidClientTokenId", message));
        }
    };
    if claim.has_lapsed(wall) || (!claim.is_timely(wall) && claim.timestamp < wall) {
        return Err(mismatch(&format!(
            "Signature expired: {} is now earlier than {} ({} - 15 min.)",
            claim.timestamp_text,
            compact(wall - jiff::SignedDuration::from_mins(15)),
            compact(wall)
        )));
    }
    if !claim.is_timely(wall) {
        return Err(mismatch(&format!(
            "Signature not yet current: {} is still later than {} ({} + 15 min.)",
            claim.timestamp_text,
            compact(wall + jiff::SignedDuration::from_mins(15)),
            compact(wall)
        )));
    }
    if !fits(head, &claim, &payload_hash(request.body()), &held.keys.secret_access_key) {
        return Err(mismatch(
            "The request signature we calculated does not match the signature you provided. \
             Check your AWS Secret Access Key and signing method.",
        ));
    }
    Ok(Signer { long_lived: held.keys.session_token.is_none(), principal: held.principal })
}

fn compact(at: jiff::Timestamp) -> String {
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn mismatch(message: &str) -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, "SignatureDoesNotMatch", message)
}

fn refusal(error: ClaimError) -> Refusal {
    match error {
        ClaimError::Missing => {
            Refusal::new(StatusCode::FORBIDDEN, "MissingAuthenticationToken", "Request is missing Authentication Token")
        }
        ClaimError::Unsupported => Refusal::new(
            StatusCode::BAD_REQUEST,
            "IncompleteSignature",
            "Authorization header requires AWS4-HMAC-SHA256",
        ),
        ClaimError::Malformed(why) => Refusal::new(StatusCode::BAD_REQUEST, "IncompleteSignature", why),
        ClaimError::NotSigned(names) => {
            mismatch(&format!("'{}' must be a 'SignedHeader' in the AWS Authorization.", names.join("', '")))
        }
    }
}
