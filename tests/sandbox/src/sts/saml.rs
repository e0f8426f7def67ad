//! `AssumeRoleWithSAML`.
//!
//! Owns who may have which role for a response that is believed. The request is not signed: the response is the proof.
//!
//! Source: *AWS STS API Reference*, "AssumeRoleWithSAML"; *IAM User Guide*, "Troubleshoot SAML federation with IAM".

use std::sync::Arc;

use http::StatusCode;

use super::{Parameters, Refusal, credentials_xml, duration, session_policy};
use crate::http_reply::escape;
use crate::policy::{Context, Decision, Question};
use crate::principal::Principal;
use crate::saml::response::{Unbelievable, believe};
use crate::world::World;

const ACTION: &str = "sts:AssumeRoleWithSAML";

/// The result's XML, and `aws:userid` of the new session.
pub(super) fn role(world: &World, parameters: &Parameters) -> Result<(String, String), Refusal> {
    let field = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
    let (role_arn, provider_arn, encoded) = (field("RoleArn"), field("PrincipalArn"), field("SAMLAssertion"));
    if role_arn.len() < 20 || provider_arn.len() < 20 || encoded.len() < 4 {
        return Err(Refusal::invalid("RoleArn, PrincipalArn and SAMLAssertion are required"));
    }
    let policy = session_policy(parameters)?;
    let secs = duration(parameters, 3600, 43_200)?;
    let bad = |code: &'static str, message: &str| Refusal::new(StatusCode::BAD_REQUEST, code, message);
    let now = world.clock.now();
    let provider = world.federation().providers.get(provider_arn).cloned();
    let provider = provider.ok_or_else(|| bad("InvalidIdentityToken", "Specified provider doesn't exist"))?;
    let claims = believe(encoded, &provider, now).map_err(|why| match why {
        Unbelievable::Invalid(message) => bad("InvalidIdentityToken", message),
        Unbelievable::Expired => bad("ExpiredTokenException", "Token must be redeemed within 5 minutes of issuance"),
    })?;
    let denied = || Refusal::new(StatusCode::FORBIDDEN, "AccessDenied", format!("Not authorized to perform {ACTION}"));
    let names_pair = |value: &String| {
        let mut parts: Vec<&str> = value.split(',').map(str::trim).collect();
        parts.sort_unstable();
        let mut wanted = [role_arn, provider_arn];
        wanted.sort_unstable();
        parts == wanted
    };
    if !claims.roles.iter().any(names_pair) {
        return Err(denied());
    }
    let role = world.role(role_arn).ok_or_else(denied)?;
    let mut context = Context::new();
    context.set("SAML:aud", &claims.recipient);
    context.set("SAML:iss", &claims.issuer);
    context.set("SAML:sub", &claims.subject);
    context.set("SAML:sub_type", &claims.subject_type);
    context.set("sts:RoleSessionName", &claims.session_name);
    let question = Question { action: ACTION, resource: &role.arn, context: &context };
    if role.trust.decide_for(question, |it| it.names_provider(provider_arn)) != Decision::Allow {
        return Err(denied());
    }
    if secs > role.max_session_secs {
        return Err(Refusal::invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    // What was refused may be tried again; what was given is given once.
    if !world.federation().redeemed.insert(claims.id.clone()) {
        return Err(bad("IDPRejectedClaim", "The assertion was redeemed already"));
    }
    let until_session_ends = claims.session_ends.map(|ends| ends.duration_since(now).as_secs().max(0));
    let secs = until_session_ends.and_then(|left| u32::try_from(left).ok()).map_or(secs, |left| secs.min(left));
    let name = &claims.session_name;
    let session = policy.map(|document| Arc::from([document]));
    let principal = Principal { session, ..Principal::in_role(&role, name) };
    let (arn, user_id) = (principal.arn.clone(), principal.user_id.clone());
    let keys = world.keys().issue(principal, now, secs);
    let result = format!(
        "{}<AssumedRoleUser><AssumedRoleId>{user_id}</AssumedRoleId><Arn>{}</Arn></AssumedRoleUser><Subject>{}</Subject>\
         <SubjectType>{}</SubjectType><Issuer>{}</Issuer><Audience>{}</Audience>",
        credentials_xml(&keys),
        escape(&arn),
        escape(&claims.subject),
        escape(&claims.subject_type),
        escape(&claims.issuer),
        escape(&claims.recipient),
    );
    Ok((result, user_id))
}
