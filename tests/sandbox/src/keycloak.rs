//! Keycloak's login pages, as far as they ask more than one form with one answer.
//!
//! Owns where each sign-in stands: a session code is good for one step. Ids and names are those of Keycloak's themes.
//!
//! Everybody's password is the name and `pw`. What follows it:
//!
//! | name | then |
//! |---|---|
//! | `alice` | nothing: two roles |
//! | `bob` | a code from one of two devices |
//! | `lena` | a security key, or a code another way |
//! | `mona` | a security key and nothing else |
//! | `erin` | a new password is wanted |
//! | `nora` | a one-time code must be set up |
//! | `theo` | terms must be accepted |
//! | `pia` | the profile must be completed |
//! | `vera` | the e-mail address must be verified |
//! | `rob` | recovery codes must be set up |
//! | `rita` | a recovery code, which is `recoverycode` |
//! | `olaf` | which of two organisations |
//! | `walt` | every page has expired |
//!
//! Other realms begin in other ways: see `realms`.
//!
//! "Remember me" makes a session last three times as long.

use std::collections::HashMap;

use http::{HeaderValue, Method, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use url::form_urlencoded;

use crate::front::{WholeRequest, by, not_found};
use crate::http_reply::{Reply, escape, page, redirect};
use crate::idp::{one_time_code, post_response};
use crate::random;
use crate::world::World;

mod realms;

/// The application's address.
pub(crate) const APPLICATION: &str = "/realms/sandbox/protocol/saml/clients/aws";
const LOGOUT: &str = "/realms/sandbox/protocol/openid-connect/logout";
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

/// Steps under way and sessions.
#[derive(Debug, Default)]
pub(crate) struct Keycloak {
    steps: HashMap<String, (At, Timestamp)>,
    sessions: HashMap<String, (String, Timestamp)>,
}

/// Who is where, and whether to be remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
enum At {
    Password,
    Devices(String, bool),
    Code(String, bool),
    Recovery(String, bool),
    Organisation(String, bool),
    /// The name alone came first.
    Name,
    PasswordOf(String),
    /// A realm's choice of brokers: where each leads.
    Brokers(Vec<(&'static str, String)>),
    Key(String, bool),
    Ways(String, bool),
    Stuck,
}

/// Answers one request.
pub(crate) fn answer(world: &World, request: &WholeRequest) -> Reply {
    let now = world.clock.now();
    let read = |text: &[u8]| -> HashMap<String, String> { form_urlencoded::parse(text).into_owned().collect() };
    let query = read(request.uri().query().unwrap_or_default().as_bytes());
    match (request.method(), request.uri().path()) {
        (&Method::GET, APPLICATION) => {
            let id = cookie(request, "KEYCLOAK_IDENTITY").unwrap_or_default();
            let session = world.keycloak().sessions.get(&id).filter(|(_, ends)| *ends > now).cloned();
            match session {
                Some((person, _)) => by(post_response(world, &person, now), &person),
                None => login_page(world, "", now),
            }
        }
        (&Method::GET, LOGOUT) => page(
            StatusCode::OK,
            "Logging out",
            &format!(
                "<form id=\"kc-logout-confirm\" method=\"post\" action=\"{LOGOUT}/logout-confirm\"><input type=\"hidden\" name=\"session_code\" value=\"x\"><input type=\"submit\" name=\"confirmLogout\" value=\"Logout\"></form>"
            ),
        ),
        (&Method::POST, "/realms/sandbox/protocol/openid-connect/logout/logout-confirm") => {
            cookie(request, "KEYCLOAK_IDENTITY").and_then(|id| world.keycloak().sessions.remove(&id));
            page(StatusCode::OK, "You are logged out", "")
        }
        (&Method::GET, "/realms/sandbox/login-actions/restart") => login_page(world, "", now),
        (&Method::GET, "/realms/sandbox/login-actions/required-action") => page(
            StatusCode::OK,
            "Email verification",
            "<p class=\"instruction\">Look into your mail.</p><a href=\"/realms/sandbox/login-actions/required-action?execution=VERIFY_EMAIL\">Again</a>",
        ),
        (&Method::POST, "/realms/sandbox/login-actions/authenticate") => {
            let known = world.keycloak().steps.remove(query.get("session_code").map_or("", String::as_str));
            match known.filter(|(_, ends)| *ends > now) {
                Some((at, _)) => step(world, at, &read(request.body()), now),
                None => expired_page(),
            }
        }
        (&Method::GET, path) => realms::answer(world, path, &query, now),
        _ => not_found(),
    }
}

fn cookie(request: &WholeRequest, name: &str) -> Option<String> {
    let cookies = request.headers().get(header::COOKIE)?.to_str().ok()?;
    cookies.split("; ").find_map(|it| it.strip_prefix(name)?.strip_prefix('=')).map(ToOwned::to_owned)
}

fn step(world: &World, at: At, fields: &HashMap<String, String>, now: Timestamp) -> Reply {
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let code = |person: &str| {
        [now, now - SignedDuration::from_secs(30)]
            .map(|at| one_time_code(person, at))
            .iter()
            .any(|it| it == field("otp"))
    };
    match at {
        At::Password => password(world, fields, now),
        At::Devices(person, kept) if field("selectedCredentialId") == "tablet" && code(&person) => {
            welcome(world, &person, kept, now)
        }
        At::Devices(person, kept) => devices_page(world, person, kept, "Invalid authenticator code.", now),
        At::Key(person, kept) if field("tryAnotherWay") == "on" && person.starts_with("lena@") => {
            ways_page(world, person, kept, now)
        }
        At::Ways(person, kept) if field("authenticationExecution") == "otp" => code_page(world, person, kept, "", now),
        At::Ways(person, kept) if field("authenticationExecution") == "key" => key_page(world, person, kept, now),
        At::Code(person, kept) if code(&person) => welcome(world, &person, kept, now),
        At::Recovery(person, kept) if field("recoveryCodeInput") == "recoverycode" => {
            welcome(world, &person, kept, now)
        }
        At::Recovery(person, kept) => recovery_page(world, person, kept, "Invalid recovery authentication code", now),
        At::Organisation(person, kept) if field("kc.org") == "acme" => welcome(world, &person, kept, now),
        At::Name => match field("username") {
            name if name.ends_with("@example.com") => realms::password_page(world, name, "", now),
            _ => realms::name_page(world, "Invalid username or email.", now),
        },
        At::PasswordOf(person) => {
            let name = person.split('@').next().unwrap_or_default();
            match field("password") == format!("{name}pw") && !fields.contains_key("username") {
                true => welcome(world, &person, false, now),
                false => realms::password_page(world, &person, "Invalid password.", now),
            }
        }
        At::Code(person, kept) => code_page(world, person, kept, "Invalid authenticator code.", now),
        _ => page(
            StatusCode::BAD_REQUEST,
            "We are sorry...",
            "<div id=\"kc-error-message\"><p>Invalid request.</p></div>",
        ),
    }
}

fn password(world: &World, fields: &HashMap<String, String>, now: Timestamp) -> Reply {
    let person = fields.get("username").map(|it| it.to_lowercase()).unwrap_or_default();
    let name = person.split('@').next().unwrap_or_default().to_owned();
    if !person.ends_with("@example.com") || fields.get("password") != Some(&format!("{name}pw")) {
        return login_page(world, "Invalid username or password.", now);
    }
    let kept = fields.get("rememberMe").is_some_and(|it| it == "on");
    match name.as_str() {
        "alice" => welcome(world, &person, kept, now),
        "bob" => devices_page(world, person, kept, "", now),
        "erin" => form(
            world,
            At::Stuck,
            "kc-passwd-update-form",
            "<input type=\"password\" name=\"password-new\"><input type=\"password\" name=\"password-confirm\">",
            "",
            now,
        ),
        "nora" => form(
            world,
            At::Stuck,
            "kc-totp-settings-form",
            "<input name=\"totp\"><input type=\"hidden\" name=\"totpSecret\" value=\"s\">",
            "",
            now,
        ),
        "theo" => {
            let accept = form_text(
                world,
                At::Stuck,
                "kc-terms",
                "<button name=\"accept\">Accept</button><button name=\"cancel\">Decline</button>",
                now,
            );
            page(StatusCode::OK, "Terms", &format!("<div id=\"kc-terms-text\">Be good.</div>{accept}"))
        }
        "pia" => form(
            world,
            At::Stuck,
            "kc-update-profile-form",
            "<input name=\"firstName\"><input name=\"lastName\">",
            "",
            now,
        ),
        "vera" => redirect("/realms/sandbox/login-actions/required-action?execution=VERIFY_EMAIL&client_id=aws"),
        "rob" => form(
            world,
            At::Stuck,
            "kc-recovery-codes-settings-form",
            "<input type=\"hidden\" name=\"generatedRecoveryAuthnCodes\" value=\"a,b\"><input type=\"checkbox\" id=\"kcRecoveryCodesConfirmationCheck\">",
            "",
            now,
        ),
        "rita" => recovery_page(world, person, kept, "", now),
        "olaf" => organisation_page(world, person, kept, now),
        "walt" => expired_page(),
        _ => key_page(world, person, kept, now),
    }
}

fn expired_page() -> Reply {
    page(
        StatusCode::BAD_REQUEST,
        "Page has expired",
        "<p id=\"instruction1\">To restart the login process <a id=\"loginRestartLink\" href=\"/realms/sandbox/login-actions/restart?client_id=aws\">Click here</a>.\
         To continue the login process <a id=\"loginContinueLink\" href=\"/realms/sandbox/login-actions/nowhere\">Click here</a>.</p>",
    )
}

fn recovery_page(world: &World, person: String, kept: bool, problem: &str, now: Timestamp) -> Reply {
    let fields = "<label for=\"recoveryCodeInput\">Recovery code #3</label><input id=\"recoveryCodeInput\" name=\"recoveryCodeInput\" type=\"text\" autocomplete=\"off\"><input name=\"login\" id=\"kc-login\" type=\"submit\" value=\"Sign In\">";
    form(world, At::Recovery(person, kept), "kc-recovery-code-login-form", fields, problem, now)
}

fn organisation_page(world: &World, person: String, kept: bool, now: Timestamp) -> Reply {
    let button = |alias: &str, name: &str| {
        format!(
            "<li><button type=\"button\" id=\"organization-{alias}\" onclick=\"document.forms[0]['kc.org'].value = '{alias}'; document.forms[0].requestSubmit()\"><span>{name}</span></button></li>"
        )
    };
    let fields = format!(
        "<div id=\"kc-user-organizations\"><ul>{}{}</ul></div><input type=\"hidden\" name=\"kc.org\">",
        button("other", "Another one"),
        button("acme", "Acme Inc.")
    );
    form(world, At::Organisation(person, kept), "", &fields, "", now)
}

fn welcome(world: &World, person: &str, kept: bool, now: Timestamp) -> Reply {
    let id = random::hex_id();
    let ends = now + SignedDuration::from_secs(i64::from(world.options.session_secs) * if kept { 3 } else { 1 });
    world.keycloak().sessions.insert(id.clone(), (person.to_owned(), ends));
    let mut reply = by(post_response(world, person, now), person);
    if let Ok(cookie) =
        HeaderValue::from_str(&format!("KEYCLOAK_IDENTITY={id}; Path=/realms/sandbox/; HttpOnly; SameSite=None"))
    {
        reply.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    reply
}

fn login_page(world: &World, problem: &str, now: Timestamp) -> Reply {
    sign_in(problem, &login_form(world, now))
}

fn login_form(world: &World, now: Timestamp) -> String {
    let fields = "<input id=\"username\" name=\"username\" type=\"text\"><input id=\"password\" name=\"password\" type=\"password\">\
                  <input id=\"rememberMe\" name=\"rememberMe\" type=\"checkbox\"><input type=\"hidden\" id=\"id-hidden-input\" name=\"credentialId\">\
                  <input name=\"login\" id=\"kc-login\" type=\"submit\" value=\"Sign In\">";
    form_text(world, At::Password, "kc-form-login", fields, now)
}

fn devices_page(world: &World, person: String, kept: bool, problem: &str, now: Timestamp) -> Reply {
    let fields = "<input id=\"kc-otp-credential-0\" type=\"radio\" name=\"selectedCredentialId\" value=\"phone\" checked><label for=\"kc-otp-credential-0\">My phone</label>\
                  <input id=\"kc-otp-credential-1\" type=\"radio\" name=\"selectedCredentialId\" value=\"tablet\"><label for=\"kc-otp-credential-1\">My tablet</label>\
                  <label for=\"otp\">One-time code</label><input id=\"otp\" name=\"otp\"><input name=\"login\" id=\"kc-login\" type=\"submit\" value=\"Sign In\">";
    form(world, At::Devices(person, kept), "kc-otp-login-form", fields, problem, now)
}

fn code_page(world: &World, person: String, kept: bool, problem: &str, now: Timestamp) -> Reply {
    let fields = "<label for=\"otp\">One-time code</label><input id=\"otp\" name=\"otp\"><input name=\"login\" id=\"kc-login\" type=\"submit\" value=\"Sign In\">";
    form(world, At::Code(person, kept), "kc-otp-login-form", fields, problem, now)
}

fn key_page(world: &World, person: String, kept: bool, now: Timestamp) -> Reply {
    let fields = "<input type=\"hidden\" name=\"clientDataJSON\"><input type=\"hidden\" name=\"authenticatorData\"><input type=\"hidden\" name=\"signature\">";
    let alone = person.starts_with("mona@");
    let at = At::Key(person, kept);
    let key = form_text(world, at.clone(), "webauth", fields, now);
    let other = match alone {
        true => String::new(),
        false => form_text(
            world,
            at,
            "kc-select-try-another-way-form",
            "<input type=\"hidden\" name=\"tryAnotherWay\" value=\"on\">",
            now,
        ),
    };
    page(StatusCode::OK, "Sign in", &format!("{key}{other}"))
}

/// The newest theme's: a form for each way, which the script of another element submits.
fn ways_page(world: &World, person: String, kept: bool, now: Timestamp) -> Reply {
    let way = |number: usize, execution: &str, label: &str| {
        let fields = format!("<input type=\"hidden\" name=\"authenticationExecution\" value=\"{execution}\">");
        let form = form_text(world, At::Ways(person.clone(), kept), "kc-select-credential-form", &fields, now);
        let script = format!("document.forms[{number}].requestSubmit()");
        format!("<li>{form}<div role=\"button\" onclick=\"{script}\">{label}</div></li>")
    };
    page(
        StatusCode::OK,
        "Select login method",
        &format!("<ul>{}{}</ul>", way(0, "key", "Passkey"), way(1, "otp", "Authenticator Application")),
    )
}

fn form(world: &World, at: At, id: &str, fields: &str, problem: &str, now: Timestamp) -> Reply {
    sign_in(problem, &form_text(world, at, id, fields, now))
}

fn sign_in(problem: &str, body: &str) -> Reply {
    let problem =
        if problem.is_empty() { String::new() } else { format!("<span id=\"input-error\">{}</span>", escape(problem)) };
    page(StatusCode::OK, "Sign in to sandbox", &format!("{problem}{body}"))
}

fn form_text(world: &World, at: At, id: &str, fields: &str, now: Timestamp) -> String {
    let code = random::hex_id();
    world.keycloak().steps.insert(code.clone(), (at, now + PATIENCE));
    format!(
        "<form id=\"{id}\" action=\"/realms/sandbox/login-actions/authenticate?session_code={code}&amp;execution=x\" method=\"post\">{fields}</form>"
    )
}
