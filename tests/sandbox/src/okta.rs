//! Okta's Identity Engine, as far as a sign-in to AWS goes: a page with a state token, then JSON until the response.
//!
//! Owns where each sign-in stands. A state token is good for one `introspect`, a state handle for one request; a request
//! that doesn't fit the step is refused. Addresses and field names are those of Okta's public sign-in widget.
//!
//! Everybody's password is the name and `pw`. What follows it:
//!
//! | name | then |
//! |---|---|
//! | `alice` | nothing: two roles |
//! | `bob` | a choice: push, code, text message, security question, key |
//! | `frank` | a push with a number to match |
//! | `gina` | a push that she rejects |
//! | `hank` | a push that nobody answers |
//! | `ivy` | no access to the application |
//! | `jack` | the account is locked |
//! | `karl` | the password expires soon |
//! | `erin` | the password has expired |
//! | `lena` | only a security key |
//! | `mona` | FastPass first, a code instead |
//! | `nora` | a factor must be set up |
//! | `quin` | the factor is suspended |
//! | `rosa` | a push, because she used it last; a code or a text message instead |
//! | `dave` | only Duo, and the password again |
//! | `dora` | her device doesn't meet the requirements |
//! | `tess` | a temporary code, which is secret |
//!
//! "Keep me signed in" makes a session last three times as long.
//! What a policy of the application wants is in the query of `/okta/app`: `identifier-first` asks for the name first, and
//! for the password on a page of its own; `probed` looks for Okta Verify first; `captcha` wants a captcha; `federated` has
//! people sign in at another provider, `either` lets them, and `returned` is where such a sign-in was refused.

use std::collections::HashMap;

use http::{HeaderValue, Method, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::front::{WholeRequest, by, not_found};
use crate::http_reply::{Reply, json as reply_json, page, redirect};
use crate::idp::{one_time_code, post_response};
use crate::random;
use crate::world::World;

/// How often a phone is looked at before its owner has answered.
const LOOKS: u32 = 2;
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

/// Sign-ins under way and sessions.
#[derive(Debug, Default)]
pub(crate) struct Okta {
    /// With where the sign-in begins.
    tokens: HashMap<String, (At, Timestamp)>,
    handles: HashMap<String, (At, Timestamp)>,
    done: HashMap<String, String>,
    sessions: HashMap<String, (String, Timestamp)>,
    /// Who wished to stay signed in.
    kept: Vec<String>,
}

impl Okta {
    /// A session that somebody got by other means; its cookie.
    pub(crate) fn session(&mut self, person: String, ends: Timestamp) -> String {
        let id = random::hex_id();
        self.sessions.insert(id.clone(), (person, ends));
        id
    }
}

/// Where a sign-in stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum At {
    /// Okta Verify is looked for.
    Probed,
    /// Another provider: the only way, or one.
    Federated(bool),
    /// The same after that provider refused.
    Returned,
    Captcha,
    /// Whether the password goes along.
    Identify(bool),
    Password(String),
    Select(String),
    Answer(String, &'static str),
    Push(String, u32),
    Expiring(String),
    Renew,
    Enrol,
}

/// Answers one request.
pub(crate) fn answer(world: &World, request: &WholeRequest) -> Reply {
    let now = world.clock.now();
    let path = request.uri().path();
    match (request.method(), path) {
        (&Method::GET, "/.well-known/okta-organization") => {
            let pipeline = if world.options.okta_classic { "v1" } else { "idx" };
            reply_json(StatusCode::OK, &json!({ "pipeline": pipeline }))
        }
        (&Method::GET, "/login/signout") => {
            let sid = |it: &str| it.strip_prefix("idx=").or(it.strip_prefix("sid=")).map(ToOwned::to_owned);
            let cookies = request.headers().get(header::COOKIE).and_then(|it| it.to_str().ok()).unwrap_or_default();
            for id in cookies.split("; ").filter_map(sid) {
                world.okta().sessions.remove(&id);
                world.okta_classic().end(&id);
            }
            page(StatusCode::OK, "Example - Signed out", "")
        }
        _ if world.options.okta_classic => crate::okta_classic::answer(world, request),
        (&Method::GET, "/okta/app") => match session(world, request, now) {
            Some(person) => post_response(world, &person, now),
            None => sign_in_page(world, beginning(request.uri().query()), now),
        },
        (&Method::GET, "/idp/idx/elsewhere") => redirect("/idp/app"),
        (&Method::GET, "/login/token/redirect") => finish(world, request, now),
        (&Method::POST, path) if path.starts_with("/idp/idx/") => {
            exchange(world, request, &path["/idp/idx/".len()..], now)
        }
        _ => not_found(),
    }
}

fn session(world: &World, request: &WholeRequest, now: Timestamp) -> Option<String> {
    let cookies = request.headers().get(header::COOKIE)?.to_str().ok()?;
    let id = cookies.split("; ").find_map(|it| it.strip_prefix("idx="))?;
    let okta = world.okta();
    let (person, ends) = okta.sessions.get(id)?;
    (*ends > now).then(|| person.clone())
}

fn beginning(query: Option<&str>) -> At {
    match query {
        Some("identifier-first") => At::Identify(false),
        Some("probed") => At::Probed,
        Some("captcha") => At::Captcha,
        Some("federated") => At::Federated(true),
        Some("either") => At::Federated(false),
        Some("returned") => At::Returned,
        _ => At::Identify(true),
    }
}

fn sign_in_page(world: &World, beginning: At, now: Timestamp) -> Reply {
    let token = format!("02.id.{}-x", random::hex_id());
    world.okta().tokens.insert(token.clone(), (beginning, now + PATIENCE));
    let written = token.replace('-', "\\x2D");
    let body = format!(
        "<div id=\"okta-login-container\"></div><noscript>Javascript is required</noscript>\
         <script>var stateToken = '{written}'; runLoginPage();</script>"
    );
    page(StatusCode::OK, "Example - Sign In", &body)
}

/// Where the engine sends the browser in the end: good once.
fn finish(world: &World, request: &WholeRequest, now: Timestamp) -> Reply {
    let token = request.uri().query().and_then(|it| it.strip_prefix("stateToken=")).unwrap_or_default();
    let Some(person) = world.okta().done.remove(token) else {
        return page(
            StatusCode::FORBIDDEN,
            "Not allowed",
            "<p class=\"error-content\">This token was used already.</p>",
        );
    };
    let id = random::hex_id();
    let times = if world.okta().kept.contains(&person) { 3 } else { 1 };
    let ends = now + SignedDuration::from_secs(i64::from(world.options.session_secs) * times);
    world.okta().sessions.insert(id.clone(), (person, ends));
    let mut reply = redirect("/okta/app");
    if let Ok(cookie) = HeaderValue::from_str(&format!("idx={id}; Path=/; HttpOnly")) {
        reply.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    reply
}

fn exchange(world: &World, request: &WholeRequest, operation: &str, now: Timestamp) -> Reply {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|it| it.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("application/ion+json") && !kind.starts_with("application/json") {
        return refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, "errors.E0000022", "The content type is not supported.");
    }
    let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    if operation == "introspect" {
        let known = world.okta().tokens.remove(text("/stateToken")).filter(|(_, ends)| *ends > now);
        return known.map_or_else(ended, |(beginning, _)| {
            let refused = Some(("idx.provider.refused", "The Other One does not know you."));
            let problem = refused.filter(|_| beginning == At::Returned);
            at(world, beginning, problem, now)
        });
    }
    let Some((stage, _)) = world.okta().handles.remove(text("/stateHandle")).filter(|(_, ends)| *ends > now) else {
        return ended();
    };
    match (operation, stage) {
        ("authenticators/poll/cancel", At::Probed) if text("/reason") == "OV_UNREACHABLE_BY_LOOPBACK" => {
            at(world, At::Identify(true), None, now)
        }
        ("identify", At::Identify(false)) if !text("/identifier").ends_with("@example.com") => {
            let mut reply =
                at(world, At::Identify(false), Some(("idx.unknown.user", "There is no such account.")), now);
            *reply.status_mut() = StatusCode::OK;
            reply
        }
        ("identify", At::Identify(false)) => at(world, At::Password(text("/identifier").to_lowercase()), None, now),
        ("identify", At::Identify(true)) => {
            let person = text("/identifier").to_lowercase();
            if body.get("rememberMe").and_then(Value::as_bool) == Some(true) {
                world.okta().kept.push(person.clone());
            }
            check_password(world, person, text("/credentials/passcode"), At::Identify(true), now)
        }
        ("challenge/answer", At::Password(person)) => {
            let again = At::Password(person.clone());
            check_password(world, person, text("/credentials/passcode"), again, now)
        }
        ("challenge/resend", At::Answer(person, "sms")) => at(world, At::Answer(person, "sms"), None, now),
        ("challenge", At::Push(person, _)) if person.starts_with("rosa@") => {
            selected(world, person, text("/authenticator/id"), text("/authenticator/methodType"), now)
        }
        ("challenge", At::Select(person)) => {
            selected(world, person, text("/authenticator/id"), text("/authenticator/methodType"), now)
        }
        ("challenge/answer", At::Answer(person, "question")) => match text("/credentials/answer") == "blue" {
            true => success(world, &person),
            false => at(
                world,
                At::Answer(person, "question"),
                Some(("api.authn.error.PASSCODE_INVALID", "That is not the answer.")),
                now,
            ),
        },
        ("challenge/answer", At::Answer(person, method)) => {
            let good = [now, now - SignedDuration::from_secs(30)].map(|at| one_time_code(&person, at));
            let field = if method == "totp" { "/credentials/totp" } else { "/credentials/passcode" };
            match good.iter().any(|it| it == text(field)) {
                true => success(world, &person),
                false => at(
                    world,
                    At::Answer(person, method),
                    Some(("api.authn.error.PASSCODE_INVALID", "Invalid code. Try again.")),
                    now,
                ),
            }
        }
        ("challenge/poll", At::Push(person, looks)) if looks < LOOKS => {
            at(world, At::Push(person, looks + 1), None, now)
        }
        ("challenge/poll", At::Push(person, _)) => match person.split('@').next() {
            Some("gina") => at(
                world,
                At::Select(person),
                Some(("api.authn.poll.error.push_rejected", "You have chosen to reject this login.")),
                now,
            ),
            Some("hank") => refused(
                StatusCode::UNAUTHORIZED,
                "core.system.transaction_resource_not_found",
                "The session has timed out.",
            ),
            _ => success(world, &person),
        },
        ("skip", At::Expiring(person)) => success(world, &person),
        _ => refused(StatusCode::FORBIDDEN, "errors.E0000006", "That is not the next step."),
    }
}

fn check_password(world: &World, person: String, password: &str, again: At, now: Timestamp) -> Reply {
    let name = person.split('@').next().unwrap_or_default().to_owned();
    if name == "jack" {
        return refused(StatusCode::UNAUTHORIZED, "errors.E0000119", "Your account is locked.");
    }
    if !person.ends_with("@example.com") || password != format!("{name}pw") {
        return at(world, again, Some(("errors.E0000004", "Unable to sign in")), now);
    }
    match name.as_str() {
        "alice" => success(world, &person),
        "frank" | "gina" | "hank" | "rosa" => at(world, At::Push(person, 0), None, now),
        "ivy" => refused(
            StatusCode::FORBIDDEN,
            "security.access_denied",
            "You do not have permission to perform the requested action.",
        ),
        "quin" => refused(StatusCode::FORBIDDEN, "authfactor.challenge.suspended_factor", "The factor is suspended."),
        "dora" => {
            let part = "idx.error.code.access_denied.device_assurance.remediation";
            let said = json!([{ "i18n": { "key": format!("{part}.title") } },
                { "i18n": { "key": format!("{part}.macos.upgrade_os_version"), "params": ["15"] }, "links": [{ "url": "https://help.example.com/" }] }]);
            reply_json(StatusCode::FORBIDDEN, &json!({ "version": "1.0.0", "messages": { "value": said } }))
        }
        "tess" => at(world, At::Answer(person, "temporary"), None, now),
        "karl" => at(world, At::Expiring(person), None, now),
        "erin" => at(world, At::Renew, None, now),
        "nora" => at(world, At::Enrol, None, now),
        _ => at(world, At::Select(person), None, now),
    }
}

fn selected(world: &World, person: String, id: &str, method: &str, now: Timestamp) -> Reply {
    match (id, method) {
        ("aut-verify", "push") => at(world, At::Push(person, 0), None, now),
        ("aut-verify", "totp") => at(world, At::Answer(person, "totp"), None, now),
        ("aut-phone", "sms") => at(world, At::Answer(person, "sms"), None, now),
        ("aut-question", "security_question") => at(world, At::Answer(person, "question"), None, now),
        _ => refused(StatusCode::BAD_REQUEST, "errors.E0000001", "There is no such authenticator."),
    }
}

fn success(world: &World, person: &str) -> Reply {
    let token = random::hex_id();
    world.okta().done.insert(token.clone(), person.to_owned());
    let href = format!("{}/login/token/redirect?stateToken={token}", world.url());
    let success = json!({ "rel": ["create-form"], "name": "success-redirect", "href": href, "method": "GET" });
    by(reply_json(StatusCode::OK, &json!({ "version": "1.0.0", "success": success })), person)
}

/// The reply for a step, with a new handle.
fn at(world: &World, stage: At, problem: Option<(&str, &str)>, now: Timestamp) -> Reply {
    let handle = format!("02{}", random::hex_id());
    let mut value = describe(world, &stage, &handle);
    value["stateHandle"] = handle.clone().into();
    value["version"] = "1.0.0".into();
    if let Some((key, text)) = problem {
        value["messages"] = messages(key, text);
    }
    world.okta().handles.insert(handle, (stage, now + PATIENCE));
    let status = if problem.is_some() { StatusCode::UNAUTHORIZED } else { StatusCode::OK };
    reply_json(status, &value)
}

fn describe(world: &World, stage: &At, handle: &str) -> Value {
    let item = |name: &str, path: &str, fields: Vec<Value>| {
        let mut fields = fields;
        fields.push(
            json!({ "name": "stateHandle", "required": true, "value": handle, "visible": false, "mutable": false }),
        );
        json!({ "rel": ["create-form"], "name": name, "href": format!("{}/idp/idx/{path}", world.url()), "method": "POST", "value": fields })
    };
    let typed = |field: Value| json!({ "name": "credentials", "type": "object", "form": { "value": [field] }, "required": true });
    let passcode = || typed(json!({ "name": "passcode", "secret": true }));
    let code = || typed(json!({ "name": "passcode", "label": "Enter code" }));
    let remediation = |items: Vec<Value>| json!({ "remediation": { "type": "array", "value": items } });
    let answer = |field: Value, current: Value| {
        let mut value = remediation(vec![item("challenge-authenticator", "challenge/answer", vec![field])]);
        value["currentAuthenticatorEnrollment"] = json!({ "type": "object", "value": current });
        value
    };
    let provider = || json!({ "name": "redirect-idp", "type": "SAML2", "idp": { "id": "0oaother", "name": "The Other One" }, "href": format!("{}/idp/idx/elsewhere", world.url()), "method": "GET" });
    let named = || json!({ "name": "identifier", "required": true });
    match stage {
        At::Probed => {
            let mut value = remediation(vec![item("device-challenge-poll", "authenticators/poll", vec![])]);
            let cancel = item("cancel-polling", "authenticators/poll/cancel", vec![]);
            value["authenticatorChallenge"] = json!({ "value": { "challengeMethod": "LOOPBACK", "domain": "http://localhost", "ports": ["2000"], "cancel": cancel } });
            value
        }
        At::Captcha => {
            remediation(vec![item("identify", "identify", vec![named(), json!({ "name": "captchaVerify" })])])
        }
        At::Federated(true) | At::Returned => remediation(vec![provider()]),
        At::Federated(false) => remediation(vec![item("identify", "identify", vec![named()]), provider()]),
        At::Identify(with_password) => {
            let mut fields = vec![named()];
            fields.extend(with_password.then(passcode));
            fields.push(json!({ "name": "rememberMe", "label": "Keep me signed in", "type": "boolean" }));
            remediation(vec![item("identify", "identify", fields), item("select-enroll-profile", "enroll", vec![])])
        }
        At::Password(_) => {
            answer(passcode(), json!({ "type": "password", "key": "okta_password", "displayName": "Password" }))
        }
        At::Select(person) => {
            let mut items = vec![item("select-authenticator-authenticate", "challenge", vec![options(person)])];
            if person.starts_with("mona@") {
                items.insert(0, item("device-challenge-poll", "authenticators/poll", vec![]));
            }
            remediation(items)
        }
        At::Answer(_, "temporary") => {
            answer(passcode(), json!({ "type": "tac", "key": "tac", "displayName": "Temporary Access Code" }))
        }
        At::Answer(_, "totp") => answer(
            typed(json!({ "name": "totp", "label": "Enter code" })),
            json!({ "type": "app", "key": "okta_verify", "displayName": "Okta Verify" }),
        ),
        At::Answer(_, "sms") => answer(
            code(),
            json!({ "type": "phone", "key": "phone_number", "displayName": "Phone", "profile": { "phoneNumber": "+1 XXX-XXX-4601" },
                "resend": item("resend", "challenge/resend", vec![]) }),
        ),
        At::Answer(..) => answer(
            typed(json!({ "name": "answer" })),
            json!({ "type": "security_question", "key": "security_question", "displayName": "Security Question",
            "profile": { "question": "What is your favourite colour?", "questionKey": "colour" } }),
        ),
        At::Push(person, _) => {
            let mut poll = item("challenge-poll", "challenge/poll", vec![]);
            poll["refresh"] = 500.into();
            let mut items = vec![poll];
            if person.starts_with("rosa@") {
                items.push(item("select-authenticator-authenticate", "challenge", vec![options(person)]));
            }
            let mut value = remediation(items);
            let number = person.starts_with("frank@").then(|| json!({ "correctAnswer": "42" }));
            value["currentAuthenticator"] = json!({ "type": "object", "value": { "type": "app", "key": "okta_verify", "id": "aut-verify", "methods": [{ "type": "push" }], "contextualData": number } });
            value
        }
        At::Expiring(_) => {
            let mut value = remediation(vec![
                item("reenroll-authenticator-warning", "challenge/answer", vec![passcode()]),
                item("skip", "skip", vec![]),
            ]);
            value["currentAuthenticator"] =
                json!({ "value": { "type": "password", "settings": { "daysToExpiry": 3 } } });
            value
        }
        At::Renew => remediation(vec![item("reenroll-authenticator", "challenge/answer", vec![passcode()])]),
        At::Enrol => remediation(vec![item("select-authenticator-enroll", "credential/enroll", vec![])]),
    }
}

fn options(person: &str) -> Value {
    let id = |id: &str| json!({ "name": "id", "required": true, "value": id, "mutable": false });
    let fixed = |label: &str, authenticator: &str, method: &str| json!({ "label": label, "value": { "form": { "value": [id(authenticator), { "name": "methodType", "value": method, "mutable": false }] } } });
    let verify = json!({ "label": "Okta Verify", "value": { "form": { "value": [id("aut-verify"), { "name": "methodType", "type": "string", "options": [
        { "value": "signed_nonce", "label": "Use Okta FastPass" }, { "value": "push", "label": "Get a push notification" }, { "value": "totp", "label": "Enter a code" }] }] } } });
    let key = fixed("Security Key or Biometric", "aut-key", "webauthn");
    let options = match person.split('@').next() {
        Some("lena") => vec![key],
        Some("dave") => vec![fixed("Duo Security", "aut-duo", "idp"), fixed("Password", "aut-password", "password")],
        Some("mona") => vec![verify],
        _ => vec![
            key,
            verify,
            fixed("Phone", "aut-phone", "sms"),
            fixed("Security Question", "aut-question", "security_question"),
        ],
    };
    json!({ "name": "authenticator", "type": "object", "options": options })
}

fn messages(key: &str, text: &str) -> Value {
    json!({ "type": "array", "value": [{ "message": text, "i18n": { "key": key }, "class": "ERROR" }] })
}

fn refused(status: StatusCode, key: &str, text: &str) -> Reply {
    reply_json(status, &json!({ "version": "1.0.0", "messages": messages(key, text) }))
}

fn ended() -> Reply {
    refused(StatusCode::UNAUTHORIZED, "idx.session.expired", "The session has expired.")
}
