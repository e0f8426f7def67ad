//! IAM Identity Center's portal: which accounts, which roles, which credentials.
//!
//! Owns the wire form of that service. Never checks a password or a signature: the bearer token is
//! all it asks for. Source: *IAM Identity Center Portal API Reference*.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::counters::Event;
use crate::front::{Asking, WholeRequest, by, not_found};
use crate::http_reply::{self, Reply, json_error};
use crate::world::World;

/// Requests seen in the current second.
#[derive(Debug, Default)]
pub(crate) struct RateLimit {
    second: i64,
    seen: u32,
}

impl RateLimit {
    fn admits(&mut self, now: Timestamp, most: u32) -> bool {
        if self.second != now.as_second() {
            *self = Self { second: now.as_second(), seen: 0 };
        }
        self.seen += 1;
        self.seen <= most
    }
}

/// Why the portal refuses.
struct Refusal {
    status: StatusCode,
    exception: &'static str,
    message: &'static str,
}

const UNAUTHORIZED: Refusal = Refusal {
    status: StatusCode::UNAUTHORIZED,
    exception: "UnauthorizedException",
    message: "Session token not found or invalid",
};
const TOO_MANY: Refusal = Refusal {
    status: StatusCode::TOO_MANY_REQUESTS,
    exception: "TooManyRequestsException",
    message: "Too many requests",
};
const FORBIDDEN: Refusal =
    Refusal { status: StatusCode::FORBIDDEN, exception: "ForbiddenException", message: "No access" };
const NO_ACCOUNT: Refusal = Refusal {
    status: StatusCode::NOT_FOUND,
    exception: "ResourceNotFoundException",
    message: "The account is not found",
};

const fn invalid(message: &'static str) -> Refusal {
    Refusal { status: StatusCode::BAD_REQUEST, exception: "InvalidRequestException", message }
}

/// The name of a request for counters and fault rules.
pub(crate) fn asked(request: &WholeRequest) -> Asking {
    let operation = match request.uri().path() {
        "/assignment/accounts" => "ListAccounts",
        "/assignment/roles" => "ListAccountRoles",
        "/federation/credentials" => "GetRoleCredentials",
        _ => "Logout",
    };
    Asking { operation: operation.into(), subject: parameters(request)("account_id"), ..Asking::default() }
}

/// Answers one request.
pub(crate) fn answer(world: &World, request: &WholeRequest) -> Reply {
    let now = world.clock.now();
    if let Some(most) = world.options.portal_requests_per_second {
        let mut rate = world.portal_rate.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !rate.admits(now, most) {
            return TOO_MANY.reply();
        }
    }
    let token = request.headers().get("x-amz-sso_bearer_token").and_then(|value| value.to_str().ok());
    let holder = token
        .and_then(|token| world.registry().holder(token, now).map(|(session, person)| (session, person.to_owned())));
    let Some((session, person)) = holder else {
        return UNAUTHORIZED.reply();
    };
    let outcome = match request.uri().path() {
        "/assignment/accounts" => accounts(world, &person, &parameters(request)),
        "/assignment/roles" => roles(world, &person, &parameters(request)),
        "/federation/credentials" => credentials(world, &person, &parameters(request)),
        "/logout" => {
            world.registry().revoke_session(session);
            Ok(Value::Null)
        }
        _ => return not_found(),
    };
    let reply = match outcome {
        Ok(Value::Null) => http_reply::with_body(StatusCode::OK, "application/json", ""),
        Ok(value) => http_reply::json(StatusCode::OK, &value),
        Err(refusal) => refusal.reply(),
    };
    by(reply, &person)
}

/// An error of this service.
pub(crate) fn error(status: StatusCode, exception: &str, message: &str) -> Reply {
    let kind = format!("com.amazonaws.switchboard.portal#{exception}");
    json_error(status, exception, &json!({ "message": message, "__type": kind }))
}

impl Refusal {
    fn reply(&self) -> Reply {
        error(self.status, self.exception, self.message)
    }
}

fn accounts(world: &World, person: &str, parameter: &impl Fn(&str) -> Option<String>) -> Result<Value, Refusal> {
    let all = world.org().accounts_of(person);
    let (range, next) = page(all.len(), parameter)?;
    let list: Vec<Value> = all[range]
        .iter()
        .map(|it| json!({ "accountId": it.id, "accountName": it.name, "emailAddress": it.email }))
        .collect();
    Ok(json!({ "accountList": list, "nextToken": next }))
}

fn roles(world: &World, person: &str, parameter: &impl Fn(&str) -> Option<String>) -> Result<Value, Refusal> {
    let account = account_id(parameter)?;
    if !world.org().accounts.iter().any(|it| it.id == account) {
        return Err(NO_ACCOUNT);
    }
    let all = world.org().roles_of(person, &account);
    if all.is_empty() {
        return Err(FORBIDDEN);
    }
    let (range, next) = page(all.len(), parameter)?;
    let list: Vec<Value> = all[range].iter().map(|it| json!({ "roleName": it, "accountId": account })).collect();
    Ok(json!({ "roleList": list, "nextToken": next }))
}

fn credentials(world: &World, person: &str, parameter: &impl Fn(&str) -> Option<String>) -> Result<Value, Refusal> {
    let account = account_id(parameter)?;
    let role = parameter("role_name").ok_or(invalid("role_name is required"))?;
    let keys = world.issue_role_credentials(person, &account, &role).map_err(|_| FORBIDDEN)?;
    world.count(Event::RoleCredentials);
    Ok(json!({
        "roleCredentials": {
            "accessKeyId": keys.access_key_id,
            "secretAccessKey": keys.secret_access_key,
            "sessionToken": keys.session_token,
            "expiration": keys.expiration.map(Timestamp::as_millisecond),
        }
    }))
}

fn account_id(parameter: &impl Fn(&str) -> Option<String>) -> Result<String, Refusal> {
    parameter("account_id")
        .filter(|id| id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit()))
        .ok_or(invalid("account_id must be 12 digits"))
}

/// The page asked for, and the token of the one after it.
fn page(
    total: usize,
    parameter: &impl Fn(&str) -> Option<String>,
) -> Result<(std::ops::Range<usize>, Option<String>), Refusal> {
    let size = match parameter("max_result") {
        None => 100,
        Some(text) => text
            .parse()
            .ok()
            .filter(|size| (1..=100).contains(size))
            .ok_or(invalid("max_result must be from 1 to 100"))?,
    };
    let from = match parameter("next_token") {
        None => 0,
        Some(token) => URL_SAFE_NO_PAD
            .decode(token)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok()?.strip_prefix("from:")?.parse::<usize>().ok())
            .filter(|from| *from < total)
            .ok_or(invalid("next_token is not one of ours"))?,
    };
    let to = total.min(from + size);
    let next = (to < total).then(|| URL_SAFE_NO_PAD.encode(format!("from:{to}")));
    Ok((from..to, next))
}

fn parameters(request: &WholeRequest) -> impl Fn(&str) -> Option<String> + use<> {
    let query = request.uri().query().unwrap_or_default();
    let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    move |name| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
}
