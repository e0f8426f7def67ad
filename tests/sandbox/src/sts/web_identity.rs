//! `AssumeRoleWithWebIdentity`.
//!
//! Owns which tokens are believed, and who may have which role for one. The request is not signed: the token is the
//! proof. The providers are those that IAM was told of in the role's account; their keys are the sandbox's own, and a
//! provider elsewhere is one whose keys can't be had.
//!
//! Source: *AWS STS API Reference*, "AssumeRoleWithWebIdentity"; *IAM User Guide*, "Create a role for OpenID Connect
//! federation", "Available keys for AWS OIDC federation", "Pass session tags using AssumeRoleWithWebIdentity".

use std::collections::BTreeMap;
use std::sync::Arc;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use super::{Parameters, Refusal, credentials_xml, duration, is_name, session_policy};
use crate::http_reply::escape;
use crate::issuer::jwt::Token;
use crate::issuer::{TrustedProvider, bare};
use crate::policy::{Context, Decision, Question};
use crate::principal::Principal;
use crate::world::World;

const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

/// The claims that count, each as it must be.
struct Claims {
    issuer: String,
    subject: String,
    /// `azp` where there is one, else `aud`.
    audience: String,
    audiences: Vec<String>,
    methods: Vec<String>,
    tags: BTreeMap<String, String>,
    source_identity: Option<String>,
}

/// The result's XML, and `aws:userid` of the new session.
pub(super) fn role(world: &World, parameters: &Parameters) -> Result<(String, String), Refusal> {
    let field = |name: &str| parameters.get(name).map(String::as_str).unwrap_or_default();
    let (role_arn, text, name) = (field("RoleArn"), field("WebIdentityToken"), field("RoleSessionName"));
    if role_arn.len() < 20 || !(4..=20_000).contains(&text.len()) {
        return Err(Refusal::invalid("RoleArn and WebIdentityToken are required"));
    }
    if !is_name(name, 2..=64) {
        return Err(Refusal::invalid(
            "1 validation error detected: Value at 'roleSessionName' failed to satisfy constraint: Member must satisfy \
             regular expression pattern: [\\w+=,.@-]*",
        ));
    }
    if parameters.contains_key("ProviderId") {
        return Err(Refusal::invalid("ProviderId is for OAuth 2.0 access tokens, not for ID tokens"));
    }
    let policy = session_policy(parameters)?;
    let secs = duration(parameters, 3600, 43_200)?;
    let account = role_arn.split(':').nth(4).unwrap_or_default();
    let (provider_arn, claims) = believe(world, account, text)?;
    let denied = || Refusal::new(StatusCode::FORBIDDEN, "AccessDenied", format!("Not authorized to perform {ACTION}"));
    let role = world.role(role_arn).ok_or_else(denied)?;
    let context = context(&claims, name);
    let mut actions = vec![ACTION];
    if !claims.tags.is_empty() {
        actions.push("sts:TagSession");
    }
    if claims.source_identity.is_some() {
        actions.push("sts:SetSourceIdentity");
    }
    for action in actions {
        let question = Question { action, resource: &role.arn, context: &context };
        if role.trust.decide_for(question, |it| it.names_provider(&provider_arn)) != Decision::Allow {
            return Err(denied());
        }
    }
    if secs > role.max_session_secs {
        return Err(Refusal::invalid(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
    let principal = Principal {
        tags: claims.tags,
        session: policy.map(|document| Arc::from([document])),
        source_identity: claims.source_identity,
        ..Principal::in_role(&role, name)
    };
    let (arn, user_id) = (principal.arn.clone(), principal.user_id.clone());
    let keys = world.keys().issue(principal, world.clock.now(), secs);
    let result = format!(
        "{}<AssumedRoleUser><AssumedRoleId>{user_id}</AssumedRoleId><Arn>{}</Arn></AssumedRoleUser>\
         <SubjectFromWebIdentityToken>{}</SubjectFromWebIdentityToken><Provider>{}</Provider><Audience>{}</Audience>",
        credentials_xml(&keys),
        escape(&arn),
        escape(&claims.subject),
        escape(&provider_arn),
        escape(&claims.audience),
    );
    Ok((result, user_id))
}

/// What a token says, once its issuer is one that the account trusts, its signature is the issuer's, and its time is
/// now. Also the provider's ARN.
fn believe(world: &World, account: &str, text: &str) -> Result<(String, Claims), Refusal> {
    let bad = |message: &str| Refusal::new(StatusCode::BAD_REQUEST, "InvalidIdentityToken", message);
    let not_a_jwt =
        || bad("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)");
    let token = Token::parse(text).ok_or_else(not_a_jwt)?;
    let claims = read(&token.claims).ok_or_else(not_a_jwt)?;
    let now = world.clock.now();
    let register = world.issuer();
    let trusted = register.trusted(account, &claims.issuer);
    let (arn, provider) = trusted
        .ok_or_else(|| bad(&format!("No OpenIDConnect provider found in your account for {}", claims.issuer)))?;
    if !provider.issuer.starts_with(&format!("{}/", world.url())) {
        return Err(bad("Couldn't retrieve verification key from your identity provider, please reference \
             AssumeRoleWithWebIdentity documentation for requirements"));
    }
    if !register.keys.verify(&token) {
        return Err(bad("The ID Token's signature is not the identity provider's"));
    }
    if !takes(&provider, &claims) {
        return Err(bad("Incorrect token audience"));
    }
    let time =
        |name: &str| token.claims.get(name).and_then(Value::as_i64).and_then(|at| Timestamp::from_second(at).ok());
    let (Some(expires), Some(issued)) = (time("exp"), time("iat")) else { return Err(not_a_jwt()) };
    if expires <= now {
        let message = format!(
            "Token expired: current date/time {} must be before the expiration date/time{}",
            now.as_second(),
            expires.as_second()
        );
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "ExpiredTokenException", message));
    }
    // Providers' clocks are a little off.
    let soon = now + jiff::SignedDuration::from_mins(5);
    if issued > soon || time("nbf").is_some_and(|from| from > soon) {
        return Err(bad("The ID Token is not valid yet"));
    }
    Ok((arn, claims))
}

fn takes(provider: &TrustedProvider, claims: &Claims) -> bool {
    claims.audiences.iter().any(|it| provider.client_ids.contains(it)) && provider.client_ids.contains(&claims.audience)
}

fn read(claims: &Value) -> Option<Claims> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
    let texts = |value: Option<&Value>| match value {
        None => Some(Vec::new()),
        Some(Value::String(one)) => Some(vec![one.clone()]),
        Some(Value::Array(all)) => all.iter().map(|it| it.as_str().map(ToOwned::to_owned)).collect(),
        Some(_) => None,
    };
    let audiences: Vec<String> = texts(claims.get("aud"))?;
    let tags = match claims.get("https://aws.amazon.com/tags") {
        None => BTreeMap::new(),
        Some(all) => {
            let tags = all.get("principal_tags")?.as_object()?.iter();
            tags.map(|(key, values)| Some((key.clone(), values.as_array()?.first()?.as_str()?.to_owned())))
                .collect::<Option<_>>()?
        }
    };
    Some(Claims {
        issuer: text("iss")?,
        // OpenID Connect Core, section 2: at most 255 ASCII characters. GitHub's may be longer, and AWS takes those.
        subject: text("sub").filter(|it| !it.is_empty())?,
        audience: text("azp").or_else(|| audiences.first().cloned())?,
        audiences,
        methods: texts(claims.get("amr"))?,
        tags,
        source_identity: text("https://aws.amazon.com/source_identity"),
    })
}

fn context(claims: &Claims, session_name: &str) -> Context {
    let mut context = Context::new();
    let issuer = bare(&claims.issuer);
    context.set(&format!("{issuer}:aud"), &claims.audience);
    context.set(&format!("{issuer}:oaud"), claims.audiences.first().map_or("", String::as_str));
    context.set(&format!("{issuer}:sub"), &claims.subject);
    if !claims.methods.is_empty() {
        context.set_all(&format!("{issuer}:amr"), claims.methods.clone());
    }
    context.set("sts:RoleSessionName", session_name);
    if let Some(source) = &claims.source_identity {
        context.set("sts:SourceIdentity", source);
    }
    if !claims.tags.is_empty() {
        context.set_all("aws:TagKeys", claims.tags.keys().cloned().collect());
    }
    for (key, value) in &claims.tags {
        context.set(&format!("aws:RequestTag/{key}"), value);
    }
    context
}
