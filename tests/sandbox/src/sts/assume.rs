//! `AssumeRole`.
//!
//! Owns trust: the role's document names the caller, and where it only names the caller's account
//! (or another account's), the caller's own policies must allow it too.
//!
//! Source: *AWS STS API Reference*, "AssumeRole"; *IAM User Guide*, "Cross-account policy
//! evaluation logic" and "Role chaining".

use std::collections::BTreeMap;
use std::sync::Arc;

use super::auth::Signer;
use super::{Parameters, Refusal, credentials_xml, duration, is_name, session_policy};
use crate::http_reply::escape;
use crate::org::Role;
use crate::policy::{Context, Decision, Naming, Question, evaluate};
use crate::principal::{Kind, Principal};
use crate::world::World;

/// A chained session lasts an hour at most; asking for more fails.
const CHAINED_MOST: u32 = 3600;

pub(super) fn role(world: &World, caller: &Signer, parameters: &Parameters) -> Result<String, Refusal> {
    let arn = parameters.get("RoleArn").filter(|arn| arn.len() >= 20);
    let arn = arn.ok_or_else(|| Refusal::invalid("RoleArn is missing or invalid"))?;
    let name = parameters.get("RoleSessionName").filter(|name| is_name(name, 2..=64)).ok_or_else(|| {
        Refusal::invalid("1 validation error detected: Value at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*")
    })?;
    let policy = session_policy(parameters)?;
    let secs = duration(parameters, 3600, 43_200)?;
    let source_identity = parameters.get("SourceIdentity").or(caller.principal.source_identity.as_ref());
    if source_identity.is_some_and(|it| !is_name(it, 2..=64)) {
        return Err(Refusal::invalid("SourceIdentity must be 2 to 64 characters of [\\w+=,.@-]"));
    }
    let tags = tags(parameters)?;
    let denied = |action: &str| Refusal::denied(&caller.principal.arn, action, arn);
    // Only users and role sessions may; a federated user's keys do not work here.
    if caller.principal.kind == Kind::Federated {
        return Err(denied("sts:AssumeRole"));
    }
    if parameters.contains_key("TokenCode") || parameters.contains_key("SerialNumber") {
        return Err(denied("sts:AssumeRole"));
    }
    let role = world.role(arn).ok_or_else(|| denied("sts:AssumeRole"))?;
    let context = context(world, caller, parameters, name, source_identity, &tags);
    let mut actions = vec!["sts:AssumeRole"];
    if !tags.is_empty() {
        actions.push("sts:TagSession");
    }
    if source_identity.is_some() {
        actions.push("sts:SetSourceIdentity");
    }
    for action in actions {
        if !trusted(&role, &caller.principal, action, &context) {
            return Err(denied(action));
        }
    }
    if matches!(caller.principal.kind, Kind::AssumedRole { .. }) && secs > CHAINED_MOST {
        return Err(Refusal::invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        ));
    }
    if secs > role.max_session_secs {
        return Err(Refusal::invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    let session_arn = format!("arn:aws:sts::{}:assumed-role/{}/{name}", role.account, role.name);
    let principal = Principal {
        account: role.account.clone(),
        arn: session_arn.clone(),
        user_id: format!("{}:{name}", role.id),
        kind: Kind::AssumedRole { role_arn: role.arn.clone() },
        tags,
        identity: Arc::clone(&role.policy),
        session: policy.map(|document| Arc::from([document])),
        issued: None,
        source_identity: source_identity.cloned(),
    };
    let narrowed = principal.session.is_some();
    let keys = world.keys().issue(principal, world.clock.now(), secs);
    let source = source_identity.map(|it| format!("<SourceIdentity>{}</SourceIdentity>", escape(it)));
    Ok(format!(
        "{}<AssumedRoleUser><AssumedRoleId>{}:{}</AssumedRoleId><Arn>{}</Arn></AssumedRoleUser>{}{}",
        credentials_xml(&keys),
        role.id,
        escape(name),
        escape(&session_arn),
        source.unwrap_or_default(),
        if narrowed { "<PackedPolicySize>1</PackedPolicySize>" } else { "" },
    ))
}

fn trusted(role: &Role, principal: &Principal, action: &str, context: &Context) -> bool {
    let question = Question { action, resource: &role.arn, context };
    let caller = principal.caller();
    if role.trust.decide_for(question, |it| it.names(caller) != Naming::No) != Decision::Allow {
        return false;
    }
    let named_itself = role.trust.decide_for(question, |it| it.names(caller) == Naming::ByItself) == Decision::Allow;
    if role.account == principal.account && named_itself {
        // The trust policy alone suffices, unless the caller's own side denies it or the session
        // was narrowed below it.
        return evaluate(principal.identity.iter(), question) != Decision::ExplicitDeny
            && principal.session.as_deref().is_none_or(|documents| evaluate(documents, question) == Decision::Allow);
    }
    principal.may(action, &role.arn, context)
}

fn context(
    world: &World,
    caller: &Signer,
    parameters: &Parameters,
    session_name: &str,
    source_identity: Option<&String>,
    tags: &BTreeMap<String, String>,
) -> Context {
    let mut context = caller.principal.context(world.clock.wall());
    context.set("sts:RoleSessionName", session_name);
    if let Some(id) = parameters.get("ExternalId") {
        context.set("sts:ExternalId", id);
    }
    if let Some(source) = source_identity {
        context.set("sts:SourceIdentity", source);
    }
    if !tags.is_empty() {
        context.set_all("aws:TagKeys", tags.keys().cloned().collect());
    }
    for (key, value) in tags {
        context.set(&format!("aws:RequestTag/{key}"), value);
    }
    context
}

fn tags(parameters: &Parameters) -> Result<BTreeMap<String, String>, Refusal> {
    let mut tags = BTreeMap::new();
    for number in 1..=50 {
        let Some(key) = parameters.get(&format!("Tags.member.{number}.Key")) else {
            break;
        };
        let value = parameters.get(&format!("Tags.member.{number}.Value")).cloned().unwrap_or_default();
        if tags.insert(key.clone(), value).is_some() {
            return Err(Refusal::invalid("Tag keys must be unique"));
        }
    }
    Ok(tags)
}
