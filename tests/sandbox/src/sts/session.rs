//! `GetCallerIdentity`, `GetSessionToken`, `GetFederationToken`.
//!
//! Owns which kind of caller may ask for which session. Source: *IAM User Guide*, "Compare AWS STS
//! credentials".

use std::collections::BTreeSet;
use std::sync::Arc;

use http::StatusCode;

use super::auth::Signer;
use super::{Parameters, Refusal, credentials_xml, duration, is_name, mfa, session_policies};
use crate::http_reply::escape;
use crate::principal::{Kind, Principal};
use crate::world::World;

/// 36 hours, and the default of 12.
const MOST: u32 = 129_600;
const USUAL: u32 = 43_200;

/// Needs no permission: even a denied caller may ask who it is.
pub(super) fn identity(caller: &Signer) -> String {
    let principal = &caller.principal;
    format!(
        "<Arn>{}</Arn><UserId>{}</UserId><Account>{}</Account>",
        escape(&principal.arn),
        escape(&principal.user_id),
        principal.account
    )
}

pub(super) fn session_token(world: &World, caller: &Signer, parameters: &Parameters) -> Result<String, Refusal> {
    require_user(caller, "GetSessionToken")?;
    let secs = duration(parameters, USUAL, MOST)?;
    let mfa = mfa::proven(world, caller, parameters)?;
    let principal = Principal { mfa, ..Principal::clone(&caller.principal) };
    let keys = world.keys().issue(principal, world.clock.now(), secs);
    Ok(credentials_xml(&keys))
}

pub(super) fn federation_token(world: &World, caller: &Signer, parameters: &Parameters) -> Result<String, Refusal> {
    require_user(caller, "GetFederationToken")?;
    let name = parameters.get("Name").filter(|name| is_name(name, 2..=32));
    let name = name.ok_or_else(|| Refusal::invalid("Name must be 2 to 32 characters of [\\w+=,.@-]"))?;
    let secs = duration(parameters, USUAL, MOST)?;
    let account = &caller.principal.account;
    let session = session_policies(world, account, parameters)?;
    let arn = format!("arn:aws:sts::{account}:federated-user/{name}");
    let context = caller.principal.context(world.clock.wall());
    if !caller.principal.may("sts:GetFederationToken", &arn, &context) {
        return Err(Refusal::denied(&caller.principal.arn, "sts:GetFederationToken", &arn));
    }
    let principal = Principal {
        account: account.clone(),
        arn: arn.clone(),
        user_id: format!("{account}:{name}"),
        kind: Kind::Federated,
        tags: caller.principal.tags.clone(),
        identity: Arc::clone(&caller.principal.identity),
        // Without a policy the session may do nothing.
        session: Some(session.unwrap_or_default()),
        transitive: BTreeSet::new(),
        issued: None,
        source_identity: None,
        mfa: None,
        chained: false,
    };
    let keys = world.keys().issue(principal, world.clock.now(), secs);
    Ok(format!(
        "{}<FederatedUser><FederatedUserId>{account}:{}</FederatedUserId><Arn>{}</Arn></FederatedUser>\
         <PackedPolicySize>1</PackedPolicySize>",
        credentials_xml(&keys),
        escape(name),
        escape(&arn)
    ))
}

fn require_user(caller: &Signer, action: &str) -> Result<(), Refusal> {
    if caller.long_lived && matches!(caller.principal.kind, Kind::User { .. }) {
        return Ok(());
    }
    let message = format!("Cannot call {action} with session credentials");
    Err(Refusal::new(StatusCode::FORBIDDEN, "AccessDenied", message))
}
