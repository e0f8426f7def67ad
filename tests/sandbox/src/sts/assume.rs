//! `AssumeRole`.
//!
//! Owns trust: the role's document names the caller, and where it only names the caller's account
//! (or another account's), the caller's own policies must allow it too.
//!
//! Source: *AWS STS API Reference*, "AssumeRole"; *IAM User Guide*, "Cross-account policy
//! evaluation logic" and "Role chaining".

use jiff::Timestamp;

use super::auth::Signer;
use super::tags::Tags;
use super::{Parameters, Refusal, credentials_xml, duration, is_name, mfa, session_policies};
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
    let secs = duration(parameters, 3600, 43_200)?;
    let source_identity = parameters.get("SourceIdentity").or(caller.principal.source_identity.as_ref());
    if source_identity.is_some_and(|it| !is_name(it, 2..=64)) {
        return Err(Refusal::invalid("SourceIdentity must be 2 to 64 characters of [\\w+=,.@-]"));
    }
    if parameters.get("ExternalId").is_some_and(|it| !is_external_id(it)) {
        return Err(Refusal::invalid("ExternalId must be 2 to 1224 characters of [\\w+=,.@:\\/-]"));
    }
    let tags = Tags::read(parameters, &caller.principal)?;
    let denied = |action: &str| Refusal::denied(&caller.principal.arn, action, arn);
    // Only users and role sessions may; a federated user's keys do not work here.
    if caller.principal.kind == Kind::Federated {
        return Err(denied("sts:AssumeRole"));
    }
    // Once set, it stays through every role.
    if caller.principal.source_identity.is_some() && caller.principal.source_identity.as_ref() != source_identity {
        return Err(denied("sts:SetSourceIdentity"));
    }
    let mfa = mfa::proven(world, caller, parameters)?;
    let role = world.role(arn).ok_or_else(|| denied("sts:AssumeRole"))?;
    let session = session_policies(world, &role.account, parameters)?;
    let context = context(world, caller, parameters, name, source_identity, &tags, mfa);
    let mut actions = vec!["sts:AssumeRole"];
    if !tags.all.is_empty() {
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
    let chained = matches!(caller.principal.kind, Kind::AssumedRole { .. });
    if chained && secs > CHAINED_MOST {
        return Err(Refusal::invalid(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        ));
    }
    if secs > role.max_session_secs {
        return Err(Refusal::invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    let principal = Principal {
        tags: tags.all,
        transitive: tags.transitive,
        session,
        source_identity: source_identity.cloned(),
        mfa: mfa.filter(|_| !chained),
        chained,
        ..Principal::in_role(&role, name)
    };
    let session_arn = principal.arn.clone();
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
    tags: &Tags,
    mfa: Option<Timestamp>,
) -> Context {
    // What proved a role's session to be somebody's is not told of it here.
    let asking = Principal { mfa, ..Principal::clone(&caller.principal) };
    let mut context = asking.context(world.clock.wall());
    context.set("sts:RoleSessionName", session_name);
    if let Some(id) = parameters.get("ExternalId") {
        context.set("sts:ExternalId", id);
    }
    if let Some(source) = source_identity {
        context.set("sts:SourceIdentity", source);
    }
    if let Some(at) = mfa {
        context.set("aws:MultiFactorAuthPresent", "true");
        context.set("aws:MultiFactorAuthAge", world.clock.now().duration_since(at).as_secs().max(0).to_string());
    }
    if !tags.asked.is_empty() {
        context.set_all("aws:TagKeys", tags.asked.keys().cloned().collect());
    }
    if !tags.transitive.is_empty() {
        context.set_all("sts:TransitiveTagKeys", tags.transitive.iter().cloned().collect());
    }
    for (key, value) in &tags.asked {
        context.set(&format!("aws:RequestTag/{key}"), value);
    }
    context
}

/// Source: the API reference's pattern for `ExternalId`.
fn is_external_id(text: &str) -> bool {
    (2..=1224).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@:/-".contains(&byte))
}
