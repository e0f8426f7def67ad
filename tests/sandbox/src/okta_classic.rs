//! Okta's classic pipeline: the Authentication API, as far as a sign-in to AWS goes.
//!
//! Owns where each transaction stands. Every reply that goes on carries a new state token, and only that one is good for
//! the next request; a request that doesn't fit the step is refused. A session token is good once. Addresses and names are
//! those of Okta's Authentication API reference.
//!
//! Everybody's password is the name and `pw`. What follows it:
//!
//! | name | then |
//! |---|---|
//! | `alice` | nothing: two roles |
//! | `bob` | a choice: push, code, text message, call, e-mail, security question, hardware token, key, Duo |
//! | `frank` | a push with a number to match |
//! | `gina` | a push that she rejects |
//! | `hank` | a push that nobody answers |
//! | `ivy` | no access to the application |
//! | `jack` | the account is locked |
//! | `karl` | the password expires in 4 days |
//! | `erin` | the password has expired |
//! | `lena` | only a security key and Duo |
//! | `nora` | a factor must be set up |
//! | `otto` | asks for too much |
//! | `rita` | a text message, of which there are not two in a minute |
//! | `vera` | another provider, as a factor |
//!
//! A device that was remembered is known by its `DT` cookie and asked for no factor again.

use std::collections::HashMap;

use http::{HeaderValue, Method, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::front::{WholeRequest, by, not_found};
use crate::http_reply::{Reply, json as reply_json, page};
use crate::idp::{one_time_code, post_response};
use crate::random;
use crate::world::World;

/// How often a phone is looked at before its owner has answered.
const LOOKS: u32 = 1;
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

/// Transactions, sessions and remembered devices.
#[derive(Debug, Default)]
pub(crate) struct OktaClassic {
    transactions: HashMap<String, (At, Timestamp)>,
    session_tokens: HashMap<String, String>,
    sessions: HashMap<String, (String, Timestamp)>,
    /// Device and person.
    remembered: Vec<(String, String)>,
}

impl OktaClassic {
    /// Ends a session.
    pub(crate) fn end(&mut self, id: &str) {
        self.sessions.remove(id);
    }
}

/// Where a transaction stands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum At {
    /// The application asks a session for a factor.
    StepUp(String),
    Factors(String),
    /// Waiting for a code that was sent.
    Sent(String, &'static str),
    Push(String, u32),
    Warned(String),
}

impl At {
    fn is_of(&self, name: &str) -> bool {
        matches!(self, At::Sent(person, _) if person.split('@').next() == Some(name))
    }
}

struct Asked<'r> {
    world: &'r World,
    device: Option<String>,
    remember: bool,
    now: Timestamp,
}

/// Answers one request.
pub(crate) fn answer(world: &World, request: &WholeRequest) -> Reply {
    let now = world.clock.now();
    let query: HashMap<String, String> =
        form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
    let asked = Asked {
        world,
        device: cookie(request, "DT"),
        remember: query.get("rememberDevice").is_some_and(|it| it == "true"),
        now,
    };
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/okta/app") => asked.application(request, &query),
        (&Method::POST, path) if path.starts_with("/api/v1/authn") => {
            let body: Value = serde_json::from_slice(request.body()).unwrap_or_default();
            asked.authn(path, &body)
        }
        _ => not_found(),
    }
}

fn cookie(request: &WholeRequest, name: &str) -> Option<String> {
    let cookies = request.headers().get(header::COOKIE)?.to_str().ok()?;
    cookies.split("; ").find_map(|it| it.strip_prefix(name)?.strip_prefix('=')).map(ToOwned::to_owned)
}

fn set_cookie(reply: &mut Reply, cookie: &str) {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        reply.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

impl Asked<'_> {
    /// The application's page: for a session, the response; else the page that signs in.
    fn application(&self, request: &WholeRequest, query: &HashMap<String, String>) -> Reply {
        let okta = || self.world.okta_classic();
        let by_token = query.get("sessionToken").and_then(|token| okta().session_tokens.remove(token));
        let by_cookie = || {
            let id = cookie(request, "sid")?;
            okta().sessions.get(&id).filter(|(_, ends)| *ends > self.now).map(|(person, _)| person.clone())
        };
        let fresh = by_token.is_some();
        let Some(person) = by_token.or_else(by_cookie) else { return self.sign_in_page() };
        if query.contains_key("step-up") && !fresh {
            let token = self.transaction(At::StepUp(person));
            let written = token.replace('-', "\\x2D");
            return page(
                StatusCode::OK,
                "Example - Verify",
                &format!("<script>var stateToken = '{written}';</script>"),
            );
        }
        let mut reply = match person.starts_with("ivy@") {
            true => page(
                StatusCode::FORBIDDEN,
                "Example - Error",
                "<div class=\"error-content\">User is not assigned to this application.</div>",
            ),
            false => post_response(self.world, &person, self.now),
        };
        if fresh {
            let id = random::hex_id();
            let ends = self.now + SignedDuration::from_secs(self.world.options.session_secs.into());
            okta().sessions.insert(id.clone(), (person, ends));
            set_cookie(&mut reply, &format!("sid={id}; Path=/; HttpOnly; SameSite=None"));
        }
        reply
    }

    fn sign_in_page(&self) -> Reply {
        let body = "<div id=\"okta-sign-in\"></div><noscript>Javascript is required</noscript><script>runLoginPage();</script>";
        let mut reply = page(StatusCode::OK, "Example - Sign In", body);
        if self.device.is_none() {
            set_cookie(&mut reply, &format!("DT=DI{}; Path=/; Max-Age=63072000; HttpOnly", random::hex_id()));
        }
        reply
    }

    fn transaction(&self, at: At) -> String {
        let token = format!("00{}-x", random::hex_id());
        self.world.okta_classic().transactions.insert(token.clone(), (at, self.now + PATIENCE));
        token
    }

    fn authn(&self, path: &str, body: &Value) -> Reply {
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        if body.get("username").is_some() {
            return self.primary(text("username"), text("password"));
        }
        let token = text("stateToken").to_owned();
        let known = self.world.okta_classic().transactions.remove(&token);
        let Some((at, ends)) = known.filter(|(_, ends)| *ends > self.now) else {
            return error(StatusCode::UNAUTHORIZED, "E0000011", "Invalid token provided");
        };
        // What was wrong may be tried again with the same token.
        let again = |at: At| {
            self.world.okta_classic().transactions.insert(token.clone(), (at, ends));
            error(StatusCode::FORBIDDEN, "E0000068", "Invalid Passcode/Answer")
        };
        let code = |person: &str| {
            let good = [self.now, self.now - SignedDuration::from_secs(30)].map(|at| one_time_code(person, at));
            good.iter().any(|it| it == text("passCode"))
        };
        let factor = path.strip_prefix("/api/v1/authn/factors/").unwrap_or_default();
        match (path, factor, at) {
            ("/api/v1/authn", _, At::StepUp(person)) => self.factors(person),
            ("/api/v1/authn/skip", _, At::Warned(person)) => self.success(person),
            (_, "push/verify", At::Factors(person)) => self.push(person, 0),
            (_, "push/verify", At::Push(person, looks)) if looks < LOOKS => self.push(person, looks + 1),
            (_, "push/verify", At::Push(person, _)) => match person.split('@').next() {
                Some("gina") => self.factor_result(person, "REJECTED"),
                Some("hank") => self.factor_result(person, "TIMEOUT"),
                _ => self.success(person),
            },
            (_, "totp/verify" | "token/verify", At::Factors(person)) => match code(&person) {
                true => self.success(person),
                false => again(At::Factors(person)),
            },
            (_, "question/verify", At::Factors(person)) => match text("answer") == "blue" {
                true => self.success(person),
                false => again(At::Factors(person)),
            },
            (_, "sms/verify", At::Factors(person)) => self.sent(person, "sms"),
            (_, "call/verify", At::Factors(person)) => self.sent(person, "call"),
            (_, "email/verify", At::Factors(person)) => self.sent(person, "email"),
            (_, other, at @ At::Sent(..)) if other == "sms/verify/resend" && at.is_of("rita") => {
                self.world.okta_classic().transactions.insert(token.clone(), (at, ends));
                error(StatusCode::TOO_MANY_REQUESTS, "E0000109", "A message was sent a moment ago.")
            }
            (_, "other/verify", At::Factors(person)) => {
                let token = self.transaction(At::Factors(person));
                let links = json!({ "next": { "name": "redirect", "href": format!("{}/idp/app", self.world.url()) } });
                self.reply(&token, "MFA_CHALLENGE", json!({ "factor": { "factorType": "claims_provider" } }), links)
            }
            (_, other, At::Sent(person, kind)) if other == format!("{kind}/verify/resend") => self.sent(person, kind),
            (_, other, At::Sent(person, kind)) if other == format!("{kind}/verify") => match code(&person) {
                true => self.success(person),
                false => again(At::Sent(person, kind)),
            },
            _ => error(
                StatusCode::FORBIDDEN,
                "E0000079",
                "This operation is not allowed in the current authentication state.",
            ),
        }
    }

    fn primary(&self, username: &str, password: &str) -> Reply {
        let person = username.to_lowercase();
        let name = person.split('@').next().unwrap_or_default().to_owned();
        if name == "otto" {
            return error(
                StatusCode::TOO_MANY_REQUESTS,
                "E0000047",
                "API call exceeded rate limit due to too many requests.",
            );
        }
        // Where the organisation shows that an account is locked, it does so whatever the password.
        if name == "jack" && password != "jackpw" {
            return error(StatusCode::FORBIDDEN, "E0000069", "The account is locked");
        }
        if !person.ends_with("@example.com") || password != format!("{name}pw") {
            return error(StatusCode::UNAUTHORIZED, "E0000004", "Authentication failed");
        }
        let state = |status: &str| {
            reply_json(StatusCode::OK, &json!({ "stateToken": format!("00{}", random::hex_id()), "status": status }))
        };
        match name.as_str() {
            "alice" | "ivy" => self.success(person),
            "jack" => reply_json(StatusCode::OK, &json!({ "status": "LOCKED_OUT" })),
            "erin" => state("PASSWORD_EXPIRED"),
            "nora" => state("MFA_ENROLL"),
            "karl" => {
                let token = self.transaction(At::Warned(person));
                self.reply(
                    &token,
                    "PASSWORD_WARN",
                    json!({ "policy": { "expiration": { "passwordExpireDays": 4 } } }),
                    json!({ "skip": { "href": format!("{}/api/v1/authn/skip", self.world.url()) } }),
                )
            }
            _ => self.factors(person),
        }
    }

    /// Nothing more from a device that was remembered.
    fn factors(&self, person: String) -> Reply {
        let device = self.device.clone().unwrap_or_default();
        if self.world.okta_classic().remembered.contains(&(device, person.clone())) {
            return self.success(person);
        }
        let factors: Vec<Value> = offered(&person)
            .into_iter()
            .map(|(kind, provider, path, profile)| {
                let href = format!("{}/api/v1/authn/factors/{path}/verify", self.world.url());
                json!({ "id": path, "factorType": kind, "provider": provider, "profile": profile, "_links": { "verify": { "href": href } } })
            })
            .collect();
        let token = self.transaction(At::Factors(person));
        let policy = json!({ "allowRememberDevice": true, "rememberDeviceLifetimeInMinutes": 60 });
        self.reply(&token, "MFA_REQUIRED", json!({ "factors": factors, "policy": policy }), json!({}))
    }

    fn sent(&self, person: String, kind: &'static str) -> Reply {
        let token = self.transaction(At::Sent(person, kind));
        let href = |path: &str| format!("{}/api/v1/authn/factors/{kind}/{path}", self.world.url());
        let links = json!({ "next": { "name": "verify", "href": href("verify") }, "resend": [{ "name": kind, "href": href("verify/resend") }] });
        let mut reply = json!({ "factorResult": "CHALLENGE" });
        merge(&mut reply, &token, "MFA_CHALLENGE", json!({ "factor": { "factorType": kind } }), links);
        reply_json(StatusCode::OK, &reply)
    }

    fn push(&self, person: String, looks: u32) -> Reply {
        let number = person.starts_with("frank@").then(|| json!({ "correctAnswer": 42 }));
        let token = self.transaction(At::Push(person, looks));
        let links = json!({ "next": { "name": "poll", "href": format!("{}/api/v1/authn/factors/push/verify", self.world.url()) } });
        let factor = json!({ "factor": { "factorType": "push", "_embedded": { "challenge": number } } });
        let mut reply = json!({ "factorResult": "WAITING" });
        merge(&mut reply, &token, "MFA_CHALLENGE", factor, links);
        reply_json(StatusCode::OK, &reply)
    }

    fn factor_result(&self, person: String, result: &str) -> Reply {
        let token = self.transaction(At::Factors(person));
        let mut reply = json!({ "factorResult": result });
        merge(&mut reply, &token, "MFA_CHALLENGE", json!({ "factor": { "factorType": "push" } }), json!({}));
        reply_json(StatusCode::OK, &reply)
    }

    fn success(&self, person: String) -> Reply {
        if let (true, Some(device)) = (self.remember, &self.device) {
            self.world.okta_classic().remembered.push((device.clone(), person.clone()));
        }
        let token = format!("20111{}", random::hex_id());
        self.world.okta_classic().session_tokens.insert(token.clone(), person.clone());
        by(reply_json(StatusCode::OK, &json!({ "status": "SUCCESS", "sessionToken": token })), &person)
    }

    fn reply(&self, token: &str, status: &str, embedded: Value, links: Value) -> Reply {
        let mut reply = json!({});
        merge(&mut reply, token, status, embedded, links);
        reply_json(StatusCode::OK, &reply)
    }
}

fn merge(reply: &mut Value, token: &str, status: &str, embedded: Value, links: Value) {
    reply["stateToken"] = token.into();
    reply["status"] = status.into();
    reply["_embedded"] = embedded;
    reply["_links"] = links;
}

fn offered(person: &str) -> Vec<(&'static str, &'static str, &'static str, Value)> {
    let key = ("webauthn", "FIDO", "key", json!({ "authenticatorName": "YubiKey" }));
    let duo = ("web", "DUO", "duo", json!({ "credentialId": person }));
    let push = ("push", "OKTA", "push", json!({ "name": "Pixel 9" }));
    match person.split('@').next() {
        Some("lena") => vec![key, duo],
        Some("rita") => vec![("sms", "OKTA", "sms", json!({ "phoneNumber": "+1 XXX-XXX-4603" }))],
        Some("vera") => vec![("claims_provider", "CUSTOM", "other", json!({}))],
        Some("frank" | "gina" | "hank") => vec![push],
        _ => vec![
            key,
            duo,
            push,
            ("token:software:totp", "GOOGLE", "totp", json!({ "credentialId": person })),
            ("token", "RSA", "token", json!({ "credentialId": person })),
            ("sms", "OKTA", "sms", json!({ "phoneNumber": "+1 XXX-XXX-4601" })),
            ("call", "OKTA", "call", json!({ "phoneNumber": "+1 XXX-XXX-4602" })),
            ("email", "OKTA", "email", json!({ "email": "b...b@example.com" })),
            (
                "question",
                "OKTA",
                "question",
                json!({ "question": "colour", "questionText": "What is your favourite colour?" }),
            ),
        ],
    }
}

fn error(status: StatusCode, code: &str, summary: &str) -> Reply {
    reply_json(
        status,
        &json!({ "errorCode": code, "errorSummary": summary, "errorLink": code, "errorId": random::hex_id(), "errorCauses": [] }),
    )
}
