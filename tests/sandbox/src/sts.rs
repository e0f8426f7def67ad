//! Security Token Service, Query protocol.
//!
//! Owns the wire form: form parameters in, XML out, errors as `<ErrorResponse>`. Who may become
//! whom is decided in [`assume`] and [`session`].
//!
//! Source: *AWS Security Token Service API Reference*.

mod assume;
mod auth;
mod mfa;
mod saml;
mod session;
mod tags;
mod web_identity;

use std::collections::BTreeMap;
use std::sync::Arc;

use http::StatusCode;
use url::form_urlencoded;

use crate::front::{Asking, WholeRequest, by};
use crate::http_reply::{self, Reply, escape};
use crate::keys::Keys;
use crate::policy::Document;
use crate::random;
use crate::world::World;

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// The parameters of a request.
type Parameters = BTreeMap<String, String>;

/// Why STS refuses.
#[derive(Debug)]
struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    fn denied(arn: &str, action: &str, resource: &str) -> Self {
        let message = format!("User: {arn} is not authorized to perform: {action} on resource: {resource}");
        Self::new(StatusCode::FORBIDDEN, "AccessDenied", message)
    }

    fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "ValidationError", message)
    }
}

/// The name of a request for counters and fault rules.
pub(crate) fn asked(request: &WholeRequest) -> Asking {
    let operation = parameters(request).remove("Action").unwrap_or_else(|| "Unknown".into());
    Asking { operation, ..Asking::default() }
}

/// Answers one request.
pub(crate) fn answer(world: &World, request: &WholeRequest) -> Reply {
    let parameters = parameters(request);
    let action = parameters.get("Action").map_or("", String::as_str);
    if parameters.get("Version").map(String::as_str) != Some("2011-06-15") {
        return reply_to(Refusal::new(
            StatusCode::BAD_REQUEST,
            "InvalidAction",
            "Could not find operation for version",
        ));
    }
    // These two carry their own proof and are not signed.
    if action == "AssumeRoleWithSAML" {
        return match saml::role(world, &parameters) {
            Ok((result, who)) => by(success(action, &result), &who),
            Err(refusal) => reply_to(refusal),
        };
    }
    if action == "AssumeRoleWithWebIdentity" {
        return match web_identity::role(world, &parameters) {
            Ok((result, who)) => by(success(action, &result), &who),
            Err(refusal) => reply_to(refusal),
        };
    }
    let caller = match auth::authenticate(world, request) {
        Ok(caller) => caller,
        Err(refusal) => return reply_to(refusal),
    };
    let outcome = match action {
        "GetCallerIdentity" => Ok(session::identity(&caller)),
        "GetSessionToken" => session::session_token(world, &caller, &parameters),
        "GetFederationToken" => session::federation_token(world, &caller, &parameters),
        "AssumeRole" => assume::role(world, &caller, &parameters),
        _ => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            "InvalidAction",
            format!("Could not find operation {action} for version 2011-06-15"),
        )),
    };
    let reply = match outcome {
        Ok(result) => success(action, &result),
        Err(refusal) => reply_to(refusal),
    };
    by(reply, &caller.principal.user_id)
}

fn success(action: &str, result: &str) -> Reply {
    let body = format!(
        "<{action}Response xmlns=\"{NAMESPACE}\">\n<{action}Result>{result}</{action}Result>\n\
         <ResponseMetadata><RequestId>{}</RequestId></ResponseMetadata>\n</{action}Response>\n",
        random::hex_id()
    );
    http_reply::xml(StatusCode::OK, "text/xml", body)
}

/// An error of this service.
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Reply {
    let kind = if status.is_server_error() { "Receiver" } else { "Sender" };
    let body = format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\">\n<Error><Type>{kind}</Type><Code>{}</Code><Message>{}</Message></Error>\n\
         <RequestId>{}</RequestId>\n</ErrorResponse>\n",
        escape(code),
        escape(message),
        random::hex_id()
    );
    http_reply::xml(status, "text/xml", body)
}

fn reply_to(refusal: Refusal) -> Reply {
    error(refusal.status, refusal.code, &refusal.message)
}

fn parameters(request: &WholeRequest) -> Parameters {
    let query = request.uri().query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .chain(form_urlencoded::parse(request.body()).into_owned())
        .collect()
}

fn credentials_xml(keys: &Keys) -> String {
    format!(
        "<Credentials><AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey>\
         <SessionToken>{}</SessionToken><Expiration>{}</Expiration></Credentials>",
        keys.access_key_id,
        keys.secret_access_key,
        keys.session_token.as_deref().unwrap_or_default(),
        keys.expiration.map(|it| it.to_string()).unwrap_or_default()
    )
}

/// A duration parameter within bounds, or its default.
fn duration(parameters: &Parameters, default: u32, most: u32) -> Result<u32, Refusal> {
    let Some(text) = parameters.get("DurationSeconds") else {
        return Ok(default);
    };
    let secs: u32 = text.parse().map_err(|_| Refusal::invalid("DurationSeconds must be a number"))?;
    if secs < 900 {
        return Err(Refusal::invalid(format!(
            "1 validation error detected: Value '{secs}' at 'durationSeconds' failed to satisfy constraint: \
             Member must have value greater than or equal to 900"
        )));
    }
    if secs > most {
        return Err(Refusal::invalid(format!(
            "1 validation error detected: Value '{secs}' at 'durationSeconds' failed to satisfy constraint: \
             Member must have value less than or equal to {most}"
        )));
    }
    Ok(secs)
}

/// `[\w+=,.@-]` of this length, which session names, federated names and external ids share.
fn is_name(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
}

/// The session policies, inline and managed by the account; `None` when the request names none.
fn session_policies(world: &World, account: &str, parameters: &Parameters) -> Result<Option<Arc<[Document]>>, Refusal> {
    let arns = tags::members(parameters, "PolicyArns.member", ".arn");
    if arns.len() > 10 {
        return Err(Refusal::invalid("Member must have length less than or equal to 10"));
    }
    let mut documents: Vec<Document> = inline_policy(parameters)?.into_iter().collect();
    for arn in arns {
        let missing = || Refusal::invalid(format!("Policy {arn} does not exist in account {account}"));
        documents.push(world.org().managed_policy(account, arn).cloned().ok_or_else(missing)?);
    }
    Ok((!documents.is_empty()).then(|| documents.into()))
}

/// The same for those who can name no managed policy here.
fn session_policy(parameters: &Parameters) -> Result<Option<Document>, Refusal> {
    if parameters.keys().any(|key| key.starts_with("PolicyArns.")) {
        return Err(Refusal::invalid("PolicyArns are not supported by this sandbox"));
    }
    inline_policy(parameters)
}

/// The inline session policy, parsed; AWS takes at most 2,048 characters.
fn inline_policy(parameters: &Parameters) -> Result<Option<Document>, Refusal> {
    let Some(json) = parameters.get("Policy") else {
        return Ok(None);
    };
    if json.len() > 2048 {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "PackedPolicyTooLarge", "The policy is too large"));
    }
    Document::parse(json)
        .map(Some)
        .map_err(|why| Refusal::new(StatusCode::BAD_REQUEST, "MalformedPolicyDocument", why.to_string()))
}
