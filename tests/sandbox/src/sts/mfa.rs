//! The MFA device and code of `GetSessionToken` and `AssumeRole`.
//!
//! Source: *AWS STS API Reference*, `SerialNumber` and `TokenCode`; *IAM User Guide*, "Secure API access with MFA".

use http::StatusCode;
use jiff::Timestamp;

use super::auth::Signer;
use super::{Parameters, Refusal};
use crate::principal::Kind;
use crate::world::World;

/// When the caller proved who they are: with this request, or when its session began. A code is used up.
pub(super) fn proven(world: &World, caller: &Signer, parameters: &Parameters) -> Result<Option<Timestamp>, Refusal> {
    let given = |name: &str| parameters.get(name).map(String::as_str);
    let (serial, code) = match (given("SerialNumber"), given("TokenCode")) {
        // What a role's session was proven with doesn't pass on to the next role's.
        (None, None) => return Ok(caller.principal.mfa.filter(|_| is_user(caller))),
        (Some(serial), Some(code)) => (serial, code),
        _ => return Err(failed("must provide both MFA serial number and one time pass code.")),
    };
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=/:,.@-".contains(&byte);
    if !(9..=256).contains(&serial.len()) || !serial.bytes().all(legal) {
        return Err(invalid("serialNumber", "[\\w+=/:,.@-]*"));
    }
    if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid("tokenCode", "[\\d]*"));
    }
    if !is_user(caller) || !world.devices().is_of(&caller.principal.arn, serial) {
        return Err(failed(
            "unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.",
        ));
    }
    let now = world.clock.now();
    if !world.devices().redeem(&caller.principal.arn, code, now) {
        return Err(failed("with invalid MFA one time pass code. "));
    }
    Ok(Some(now))
}

fn is_user(caller: &Signer) -> bool {
    matches!(caller.principal.kind, Kind::User { .. })
}

fn failed(why: &str) -> Refusal {
    let comma = if why.starts_with("with") { "" } else { "," };
    Refusal::new(StatusCode::FORBIDDEN, "AccessDenied", format!("MultiFactorAuthentication failed{comma} {why}"))
}

fn invalid(field: &str, pattern: &str) -> Refusal {
    Refusal::invalid(format!(
        "1 validation error detected: Value at '{field}' failed to satisfy constraint: Member must satisfy regular \
         expression pattern: {pattern}"
    ))
}
