//! Active Directory Federation Services: the sign-in page and the second steps of its adapters.
//!
//! Owns where each sign-in stands. A context is good for one step, and for the adapter whose page carried it; a form with a
//! field twice is refused, as AD FS 2019 does. Names of fields, ids and methods are those of AD FS and of the adapters.
//!
//! Everybody's password is the name and `pw`. What follows it:
//!
//! | name | then |
//! |---|---|
//! | `alice` | nothing: two roles |
//! | `bob` | a choice: app, an adapter's code, Duo |
//! | `frank` | Azure MFA: a push with a number to match |
//! | `gina` | a push that she rejects |
//! | `olga` | Azure MFA: a code |
//! | `quin` | Azure MFA Server: the answer comes when she has approved |
//! | `rosa` | SecurID (second version), then the next code |
//! | `sam` | Symantec VIP |
//! | `tina` | SafeNet, whose page has no field of its own |
//! | `lena` | only Duo and a certificate |
//! | `ivy` | no access to the application |
//! | `jack` | the account is locked |
//! | `erin` | the password has expired |
//!
//! With `federation` in the address, the page before asks for the organisation: `one` tile, `tiles`, an `email` box, or
//! `both`. Each such page is good for one answer.
//!
//! Without `loginToRp` in the address, the page asks for the application: one that is AWS, or with `parties` in the address
//! `two`, `unnamed` or `none`.
//!
//! "Keep me signed in" makes a session last three times as long.

use std::collections::HashMap;

use http::{HeaderValue, Method, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use url::form_urlencoded;

use crate::front::{WholeRequest, by, not_found};
use crate::http_reply::{Reply, escape, page, redirect};
use crate::idp::{one_time_code, post_response};
use crate::random;
use crate::world::World;

mod home_realm;
mod relying_party;

/// The application's address.
pub(crate) const APPLICATION: &str = "/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=urn:amazon:webservices";
/// How often a phone is looked at before its owner has answered.
const LOOKS: u32 = 2;
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);

/// Contexts and sessions.
#[derive(Debug, Default)]
pub(crate) struct Adfs {
    contexts: HashMap<String, (At, Timestamp)>,
    sessions: HashMap<String, Session>,
    /// Pages that ask for the organisation: which kind.
    asked: HashMap<String, String>,
}

#[derive(Debug, Clone)]
struct Session {
    person: String,
    ends: Timestamp,
    /// The second step is done, or not wanted.
    whole: bool,
}

/// Which second step a context is for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum At {
    Choice,
    Azure(u32),
    AzureCode,
    Server,
    SecurId { begun: bool, next: bool },
    Code(&'static str, &'static str),
    Impossible(&'static str),
}

impl At {
    fn method(&self) -> &'static str {
        match self {
            At::Choice => "",
            At::Azure(_) | At::AzureCode => "AzureMfaAuthentication",
            At::Server => "AzureMfaServerAuthentication",
            At::SecurId { .. } => "SecurIDv2Authentication",
            At::Code(method, _) | At::Impossible(method) => method,
        }
    }
}

/// Answers one request.
pub(crate) fn answer(world: &World, request: &WholeRequest) -> Reply {
    let now = world.clock.now();
    let path = request.uri().path().to_ascii_lowercase();
    let query: HashMap<String, String> =
        form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
    if path == "/adfs/ls/wia" {
        let mut reply = page(StatusCode::UNAUTHORIZED, "Unauthorized", "");
        reply.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Negotiate"));
        return reply;
    }
    if path == "/adfs/ls/" && query.get("wa").is_some_and(|wa| wa == "wsignout1.0") {
        cookie(request, "MSISAuth").and_then(|id| world.adfs().sessions.remove(&id));
        return page(StatusCode::OK, "Sign Out", "");
    }
    if path != "/adfs/ls/idpinitiatedsignon.aspx" {
        return not_found();
    }
    match query.get("loginToRp").map(String::as_str) {
        Some("urn:amazon:webservices") => {}
        Some(_) => return error_page("There is no such relying party."),
        None => return relying_party::answer(request.method(), &query, request.body()),
    }
    let id = cookie(request, "MSISAuth");
    let session = id.as_ref().and_then(|id| world.adfs().sessions.get(id).cloned()).filter(|it| it.ends > now);
    match (request.method(), session) {
        (&Method::GET, Some(session)) => arrived(world, &session, now),
        (method, None) if query.contains_key("federation") => home_realm::answer(world, method, &query, request.body()),
        (&Method::GET, None) => sign_in_page(""),
        (&Method::POST, session) => {
            let body: Vec<(String, String)> = form_urlencoded::parse(request.body()).into_owned().collect();
            let fields: HashMap<String, String> = body.iter().cloned().collect();
            if fields.len() != body.len() {
                return error_page("A field came twice.");
            }
            match (fields.get("AuthMethod").map(String::as_str), id, session) {
                (Some("FormsAuthentication"), ..) => primary(world, &fields, now),
                (Some(method), Some(id), Some(session)) => second(world, &id, &session, method, &fields, now),
                _ => sign_in_page(""),
            }
        }
        _ => not_found(),
    }
}

fn cookie(request: &WholeRequest, name: &str) -> Option<String> {
    let cookies = request.headers().get(header::COOKIE)?.to_str().ok()?;
    cookies.split("; ").find_map(|it| it.strip_prefix(name)?.strip_prefix('=')).map(ToOwned::to_owned)
}

fn primary(world: &World, fields: &HashMap<String, String>, now: Timestamp) -> Reply {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let person = field("UserName").to_lowercase();
    let name = person.split('@').next().unwrap_or_default();
    if name == "jack" {
        return sign_in_page("Your account is locked out. Contact your administrator.");
    }
    if !person.ends_with("@example.com") || field("Password") != format!("{name}pw") {
        return sign_in_page("Incorrect user ID or password. Type the correct user ID and password, and try again.");
    }
    if name == "erin" {
        let body = "<form id=\"updatePasswordForm\" method=\"post\" action=\"/adfs/portal/updatepassword/\"><input name=\"UserName\">\
                    <input type=\"password\" name=\"OldPassword\"><input type=\"password\" name=\"NewPassword\">\
                    <input type=\"password\" name=\"ConfirmNewPassword\"></form>";
        return page(StatusCode::OK, "Update Password", body);
    }
    let kept = if fields.get("Kmsi").is_some_and(|it| it == "true") { 3 } else { 1 };
    let ends = now + SignedDuration::from_secs(i64::from(world.options.session_secs) * kept);
    let whole = matches!(name, "alice" | "ivy");
    let id = random::hex_id();
    world.adfs().sessions.insert(id.clone(), Session { person, ends, whole });
    let mut reply = redirect(APPLICATION);
    if let Ok(cookie) = HeaderValue::from_str(&format!("MSISAuth={id}; Path=/adfs; HttpOnly; SameSite=None")) {
        reply.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    reply
}

/// A session's page: the response, or the second step.
fn arrived(world: &World, session: &Session, now: Timestamp) -> Reply {
    let name = session.person.split('@').next().unwrap_or_default();
    let next = match name {
        "ivy" => return error_page("You do not have permission to use this application."),
        _ if session.whole => return by(post_response(world, &session.person, now), &session.person),
        "frank" | "gina" => At::Azure(0),
        "olga" => At::AzureCode,
        "quin" => At::Server,
        "rosa" => At::SecurId { begun: false, next: false },
        "sam" => At::Code("SymantecVipAdapter", "SecurityCode"),
        "tina" => At::Code("SafeNet-MFA", "SAFENET_PASSWORD"),
        _ => At::Choice,
    };
    step_page(world, name, next, "", now)
}

fn second(
    world: &World,
    id: &str,
    session: &Session,
    method: &str,
    fields: &HashMap<String, String>,
    now: Timestamp,
) -> Reply {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let known = world.adfs().contexts.remove(field("Context")).filter(|(_, ends)| *ends > now);
    let Some((at, _)) = known else { return error_page("This page has expired.") };
    let name = session.person.split('@').next().unwrap_or_default();
    if at == At::Choice {
        return match method {
            "AzureMfaAuthentication" => step_page(world, name, At::Azure(0), "", now),
            "CompanyTotp" => step_page(world, name, At::Code("CompanyTotp", "OathCode"), "", now),
            "DuoAdfsAdapter" => step_page(world, name, At::Impossible("DuoAdfsAdapter"), "", now),
            _ => error_page("There is no such method."),
        };
    }
    if method != at.method() {
        return error_page("That is not the method of this page.");
    }
    let code = |field: &str| {
        [now, now - SignedDuration::from_secs(30)]
            .map(|at| one_time_code(&session.person, at))
            .iter()
            .any(|it| fields.get(field) == Some(it))
    };
    let wrong = |at: At| step_page(world, name, at, "That is not the code.", now);
    match at {
        At::Azure(looks) if looks < LOOKS => step_page(world, name, At::Azure(looks + 1), "", now),
        At::Azure(_) if name == "gina" => step_page(world, name, At::Azure(0), "The request was denied.", now),
        At::Azure(_) | At::Server => welcome(world, id, session, now),
        At::AzureCode if code("VerificationCode") => welcome(world, id, session, now),
        At::SecurId { begun: false, .. } if fields.contains_key("Passcode") => {
            error_page("The first page is posted empty.")
        }
        At::SecurId { begun: false, next } => step_page(world, name, At::SecurId { begun: true, next }, "", now),
        At::SecurId { next: false, .. } if code("Passcode") && code("ChallengeQuestionAnswer") => {
            step_page(world, name, At::SecurId { begun: true, next: true }, "", now)
        }
        At::SecurId { next: true, .. } if code("NextCode") => welcome(world, id, session, now),
        At::Code(_, field) if code(field) => welcome(world, id, session, now),
        at => wrong(at),
    }
}

fn welcome(world: &World, id: &str, session: &Session, now: Timestamp) -> Reply {
    world.adfs().sessions.insert(id.to_owned(), Session { whole: true, ..session.clone() });
    by(post_response(world, &session.person, now), &session.person)
}

const OPTIONS: &str = "<div id=\"authOptions\"><form id=\"options\" method=\"post\" action=\"/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=urn:amazon:webservices\">\
    <script>function SelectOption(option) { document.getElementById('optionSelection').value = option; document.forms['options'].submit(); }</script>\
    <input id=\"optionSelection\" type=\"hidden\" name=\"AuthMethod\">";

fn sign_in_page(problem: &str) -> Reply {
    let hidden = if problem.is_empty() { " style=\"display: none;\"" } else { "" };
    let body = format!(
        "<div id=\"loginArea\"><form method=\"post\" id=\"loginForm\" action=\"/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=urn:amazon:webservices\">\
         <div id=\"error\" class=\"fieldMargin error\"{hidden}><label id=\"errorText\" for=\"\">{}</label></div>\
         <input id=\"userNameInput\" name=\"UserName\" type=\"email\" placeholder=\"someone@example.com\">\
         <input id=\"passwordInput\" name=\"Password\" type=\"password\">\
         <div id=\"kmsiArea\"><input type=\"checkbox\" name=\"Kmsi\" id=\"kmsiInput\" value=\"true\"></div>\
         <span id=\"submitButton\" class=\"submit\" onclick=\"return Login.submitLoginRequest();\">Sign in</span>\
         <input id=\"optionForms\" type=\"hidden\" name=\"AuthMethod\" value=\"FormsAuthentication\"></form>{OPTIONS}</form></div></div>",
        escape(problem)
    );
    page(StatusCode::OK, "Sign In", &body)
}

fn step_page(world: &World, name: &str, at: At, problem: &str, now: Timestamp) -> Reply {
    let context = random::hex_id();
    world.adfs().contexts.insert(context.clone(), (at.clone(), now + PATIENCE));
    let context = format!("<input id=\"context\" type=\"hidden\" name=\"Context\" value=\"{context}\">");
    if at == At::Choice {
        let method = |method: &str, label: &str| {
            format!("<div class=\"optionButton\" onclick=\"SelectOption('{method}')\"><span>{label}</span></div>")
        };
        let azure =
            || method("AzureMfaAuthentication", "Approve in the app") + &method("CompanyTotp", "A code of the company");
        let offered = if name == "lena" { method("CertificateAuthentication", "A certificate") } else { azure() };
        let duo = method("DuoAdfsAdapter", "Duo");
        return page(StatusCode::OK, "Sign In", &format!("{OPTIONS}{context}</form>{offered}{duo}</div>"));
    }
    let number = if name == "frank" { "<div id=\"validEntropyNumber\">42</div>" } else { "" };
    let field = match &at {
        At::Azure(_) => number.to_owned(),
        At::AzureCode => "<input id=\"verificationCodeInput\" name=\"VerificationCode\" type=\"text\" placeholder=\"Verification code\">".to_owned(),
        At::SecurId { begun: true, next: false } => "<input name=\"Passcode\" type=\"password\" placeholder=\"Passcode\"><input name=\"ChallengeQuestionAnswer\" type=\"hidden\">".to_owned(),
        At::SecurId { next: true, .. } => "<input name=\"NextCode\" type=\"password\">".to_owned(),
        // SafeNet's field is made by its script.
        At::Code("SafeNet-MFA", _) => String::new(),
        At::Code(_, field) => format!("<input name=\"{field}\" type=\"text\">"),
        _ => String::new(),
    };
    let problem =
        if problem.is_empty() { String::new() } else { format!("<label id=\"errorText\">{}</label>", escape(problem)) };
    let method = at.method();
    let body = format!(
        "{problem}<form id=\"loginForm\" method=\"post\" action=\"/adfs/nowhere\"><input id=\"authMethod\" type=\"hidden\" name=\"AuthMethod\" value=\"{method}\">\
         {context}{field}</form>{OPTIONS}</form></div>"
    );
    page(StatusCode::OK, "Sign In", &body)
}

fn error_page(says: &str) -> Reply {
    let body = format!(
        "<div id=\"errorArea\"><div id=\"openingMessage\">An error occurred</div><div id=\"errorMessage\">{}</div></div>",
        escape(says)
    );
    page(StatusCode::OK, "Error", &body)
}
