//! A SAML provider with sign-in pages: names, passwords, second factors, lock-out.
//!
//! Owns who is where on the way in. Every page's `state` is good for one step of one sign-in: it can't be used twice,
//! and no step can be skipped.
//!
//! | name | password | then |
//! |---|---|---|
//! | `alice@example.com` | `alicepw` | two roles, one of which allows an hour |
//! | `bob@example.com` | `bobpw` | a one-time code; one role |
//! | `carol@example.com` | `carolpw` | no role but junk |
//! | `erin@example.com` | `erinpw` | a new password is wanted |
//! | `frank@example.com` | `frankpw` | a menu: code or push; one role |
//! | `grace@example.com` | `gracepw` | a one-time code with a box for each digit; one role |
//! | `heidi@example.com` | `heidipw` | the same, which only a script sends |
//! | `vera@example.com` | `verapw` | one role; to Okta, this is her factor |

use std::collections::HashMap;

use hmac::{Hmac, Mac};
use http::{HeaderValue, Method, StatusCode, header};
use jiff::{SignedDuration, Timestamp};
use sha2::Sha256;
use url::form_urlencoded;

use crate::front::{Asking, WholeRequest, by, not_found};
use crate::http_reply::{Reply, escape, page, redirect};
use crate::org::{DEV, PRODUCTION, RoleSpec};
use crate::random;
use crate::saml::response::{SIGN_IN, Saying, write};
use crate::saml::{Federation, Provider, signature::CERTIFICATE};
use crate::world::World;

mod first_pages;

const FOLDER_POLICY: &str = include_str!("../policies/folder.json");
const ROLE: &str = "SamlDocs";
/// As many wrong passwords lock an account.
const TRIES: u32 = 3;
/// How long a page may be looked at.
const PATIENCE: SignedDuration = SignedDuration::from_mins(10);
/// How often a phone is looked at before its owner has approved.
const LOOKS: u32 = 2;

/// Sign-ins under way, sessions, and wrong passwords.
#[derive(Debug, Default)]
pub(crate) struct Idp {
    steps: HashMap<String, (Step, Timestamp)>,
    sessions: HashMap<String, (String, Timestamp)>,
    wrong: HashMap<String, u32>,
}

/// Where somebody is on the way in.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Password,
    Code(String),
    Menu(String),
    Push(String, u32),
    Renew,
}

/// The roles that trust this provider.
pub(crate) fn roles() -> Vec<RoleSpec> {
    let role = |account: &str, max_session_secs| RoleSpec {
        account: account.into(),
        name: ROLE.into(),
        trust: format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Federated":"{}"}},
               "Action":"sts:AssumeRoleWithSAML","Condition":{{"StringEquals":{{"SAML:aud":"{SIGN_IN}"}}}}}}]}}"#,
            provider_arn(account)
        ),
        policy: FOLDER_POLICY.into(),
        max_session_secs,
    };
    vec![role(DEV, 3600), role(PRODUCTION, 43_200)]
}

/// What IAM knows of this provider.
pub(crate) fn federation(url: &str) -> Federation {
    let provider = Provider { issuer: format!("{url}/idp"), certificate: CERTIFICATE.to_vec() };
    let providers = [DEV, PRODUCTION].map(|account| (provider_arn(account), provider.clone())).into();
    Federation { providers, ..Federation::default() }
}

/// The code that somebody's device shows. Source: RFC 6238, with SHA-256.
pub(crate) fn one_time_code(person: &str, now: Timestamp) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(person.as_bytes()).expect("a key may have any length");
    mac.update(&(now.as_second() / 30).to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[31] & 15);
    let number = u32::from_be_bytes([digest[at] & 0x7f, digest[at + 1], digest[at + 2], digest[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

fn provider_arn(account: &str) -> String {
    format!("arn:aws:iam::{account}:saml-provider/sandbox")
}

/// The name of a request for counters and fault rules.
pub(crate) fn asked(request: &WholeRequest) -> Asking {
    let path = request.uri().path().trim_start_matches("/idp/").trim_start_matches('/');
    Asking { operation: format!("{} {path}", request.method()), ..Asking::default() }
}

/// Answers one request.
pub(crate) fn answer(world: &World, request: &WholeRequest) -> Reply {
    if request.uri().path().starts_with("/adfs/") {
        return crate::adfs::answer(world, request);
    }
    if request.uri().path().starts_with("/auth/oauth2/") || request.uri().path().starts_with("/api/2/") {
        return crate::onelogin::answer(world, request);
    }
    if request.uri().path().starts_with("/oauth2/v1/") || request.uri().path() == "/login/token/sso" {
        return crate::okta_device::answer(world, request);
    }
    if request.uri().path().starts_with("/realms/") {
        return crate::keycloak::answer(world, request);
    }
    if !request.uri().path().starts_with("/idp/") || request.uri().path().starts_with("/idp/idx/") {
        return crate::okta::answer(world, request);
    }
    let body: HashMap<String, String> = form_urlencoded::parse(request.body()).into_owned().collect();
    let query: HashMap<String, String> =
        form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
    let now = world.clock.now();
    if let Some(reply) = first_pages::answer(world, request.method(), request.uri().path(), &query, &body, now) {
        return reply;
    }
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/idp/app") => match session(world, request, now) {
            Some(person) => post_response(world, &person, now),
            None => password_form(world, now, ""),
        },
        // A script that leads on; and what only a browser gets anywhere with, a portal whose button opens a tab.
        // What a browser that knows Kerberos answers, and others are led on from.
        (&Method::GET, "/idp/negotiate" | "/idp/negotiate-or-not") => {
            let leads_on = "<script>window.location = \"/idp/app\"</script>";
            let body = if request.uri().path().ends_with("or-not") { leads_on } else { "<p>Sign in with Windows</p>" };
            let mut reply = page(StatusCode::UNAUTHORIZED, "Sign in", body);
            reply.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Negotiate"));
            reply
        }
        (&Method::GET, "/idp/script") => {
            page(StatusCode::OK, "Portal", "<script>location.replace('/idp/app')</script>")
        }
        (&Method::GET, "/idp/portal") => page(
            StatusCode::OK,
            "Portal",
            "<script>document.write('<form action=\"/idp/app\" target=\"_blank\"><button name=\"open\">AWS</button></form>')</script>",
        ),
        // No end of them: pages that lead to the next, and redirects.
        (_, "/idp/endless") => page(
            StatusCode::OK,
            "One moment",
            "<form method=\"post\" action=\"/idp/endless\"><input type=\"hidden\" name=\"n\" value=\"1\"></form><script>document.forms[0].submit()</script>",
        ),
        (&Method::GET, "/idp/round") => redirect("/idp/round"),
        // A form whose answer is sent on as it is, as a provider that was tampered with might.
        (&Method::GET, "/idp/handing-on") => page(
            StatusCode::OK,
            "Sign in",
            &format!(
                "<form method=\"post\" action=\"/idp/hand-on?to={}\"><input name=\"username\"><input type=\"password\" name=\"password\"></form>",
                escape(query.get("to").map_or("", String::as_str))
            ),
        ),
        (&Method::POST, "/idp/hand-on") => {
            let mut reply = redirect(query.get("to").map_or("/idp/app", String::as_str));
            *reply.status_mut() = StatusCode::TEMPORARY_REDIRECT;
            reply
        }
        // Leads anywhere, as a provider that was tampered with might.
        (&Method::GET, "/idp/go") => redirect(query.get("to").map_or("/idp/app", String::as_str)),
        (&Method::POST, "/idp/password") => match take(world, &body, now) {
            Some(Step::Password) => password(world, &body, now),
            _ => expired(),
        },
        // Two tabs, of which only one is for these people.
        (&Method::GET, "/idp/tabs") => tabs(world, now, ""),
        (&Method::POST, "/idp/tabs") => match (take(world, &body, now), body.get("lmAuth").map(String::as_str)) {
            (Some(Step::Password), Some("2_Staff")) => password(world, &body, now),
            (Some(Step::Password), Some("1_Guests")) => tabs(world, now, "No guest of that name"),
            _ => expired(),
        },
        (&Method::POST, "/idp/code") => match take(world, &body, now) {
            Some(Step::Code(person)) => code(world, &person, &body, now),
            _ => expired(),
        },
        (&Method::POST, "/idp/boxes") => match take(world, &body, now) {
            Some(Step::Code(person)) => boxes(world, &person, &body, now),
            _ => expired(),
        },
        (&Method::POST, "/idp/menu") => match (take(world, &body, now), body.get("factor").map(String::as_str)) {
            (Some(Step::Menu(person)), Some("totp")) => code_form(world, &person, now, ""),
            (Some(Step::Menu(person)), Some("push")) => push_page(world, person, 0, now),
            _ => expired(),
        },
        (&Method::GET, "/idp/push") => match take(world, &query, now) {
            Some(Step::Push(person, looks)) if looks < LOOKS => push_page(world, person, looks + 1, now),
            Some(Step::Push(person, _)) if person.starts_with("gina@") => {
                menu(world, person, now, "You turned it down on your phone")
            }
            Some(Step::Push(person, _)) => welcome(world, &person, now),
            _ => expired(),
        },
        _ => not_found(),
    }
}

fn session(world: &World, request: &WholeRequest, now: Timestamp) -> Option<String> {
    let cookies = request.headers().get(header::COOKIE)?.to_str().ok()?;
    let id = cookies.split("; ").find_map(|it| it.strip_prefix("sandbox-idp="))?;
    let idp = world.idp();
    let (person, ends) = idp.sessions.get(id)?;
    (*ends > now).then(|| person.clone())
}

fn give(world: &World, step: Step, now: Timestamp) -> String {
    let state = random::hex_id();
    world.idp().steps.insert(state.clone(), (step, now + PATIENCE));
    state
}

fn take(world: &World, fields: &HashMap<String, String>, now: Timestamp) -> Option<Step> {
    let (step, ends) = world.idp().steps.remove(fields.get("state")?)?;
    (ends > now).then_some(step)
}

fn password(world: &World, body: &HashMap<String, String>, now: Timestamp) -> Reply {
    let field = |name: &str| body.get(name).map(String::as_str).unwrap_or_default();
    let person = field("username").to_lowercase();
    let known = ["alice", "bob", "carol", "erin", "frank", "gina", "grace", "heidi", "vera"]
        .into_iter()
        .find(|it| person == format!("{it}@example.com"));
    let locked = world.idp().wrong.get(&person).is_some_and(|wrong| *wrong >= TRIES);
    if locked {
        return password_form(world, now, "This account is locked");
    }
    if known.is_none_or(|known| field("password") != format!("{known}pw")) {
        *world.idp().wrong.entry(person).or_default() += 1;
        return password_form(world, now, "Wrong user name or password");
    }
    world.idp().wrong.remove(&person);
    match known {
        Some("bob") => code_form(world, &person, now, ""),
        Some("grace" | "heidi") => box_form(world, &person, now, ""),
        Some("erin") => {
            let state = give(world, Step::Renew, now);
            form(
                "New password",
                "/idp/renew",
                &state,
                "<input type=\"password\" name=\"new\"><input type=\"password\" name=\"again\">",
                "",
            )
        }
        Some("frank" | "gina") => menu(world, person, now, ""),
        _ => welcome(world, &person, now),
    }
}

fn menu(world: &World, person: String, now: Timestamp, problem: &str) -> Reply {
    let state = give(world, Step::Menu(person), now);
    let menu = "<input type=\"radio\" name=\"factor\" value=\"totp\" id=\"t\"><label for=\"t\">Code from the app</label>\
                <input type=\"radio\" name=\"factor\" value=\"push\" id=\"p\"><label for=\"p\">Ask my phone</label>";
    form("Second factor", "/idp/menu", &state, menu, problem)
}

fn code(world: &World, person: &str, body: &HashMap<String, String>, now: Timestamp) -> Reply {
    if body.get("code").is_some_and(|code| is_good(person, code, now)) {
        return welcome(world, person, now);
    }
    code_form(world, person, now, "That is not the code")
}

/// Each box has one digit, as the first of a code, the second, and so on.
fn boxes(world: &World, person: &str, body: &HashMap<String, String>, now: Timestamp) -> Reply {
    let digits: Option<Vec<&String>> = (1..=6).map(|number| body.get(&format!("digit-{number}"))).collect();
    let digits = digits.filter(|digits| digits.iter().all(|digit| digit.len() == 1));
    let code = digits.map(|digits| digits.into_iter().map(String::as_str).collect::<String>());
    if code.is_some_and(|code| is_good(person, &code, now)) {
        return welcome(world, person, now);
    }
    box_form(world, person, now, "That is not the code")
}

/// Source: RFC 6238, section 5.2: one step of delay is allowed.
fn is_good(person: &str, code: &str, now: Timestamp) -> bool {
    [now, now - SignedDuration::from_secs(30)].iter().any(|at| one_time_code(person, *at) == code)
}

fn welcome(world: &World, person: &str, now: Timestamp) -> Reply {
    let id = random::hex_id();
    let ends = now + SignedDuration::from_secs(world.options.session_secs.into());
    world.idp().sessions.insert(id.clone(), (person.to_owned(), ends));
    let mut reply = post_response(world, person, now);
    if let Ok(cookie) = HeaderValue::from_str(&format!("sandbox-idp={id}; Path=/idp; HttpOnly")) {
        reply.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    by(reply, person)
}

/// The response itself, base64.
pub(crate) fn response_text(world: &World, person: &str, now: Timestamp) -> String {
    let pair = |account: &str| format!("arn:aws:iam::{account}:role/{ROLE},{}", provider_arn(account));
    let turned = |account: &str| format!("{},arn:aws:iam::{account}:role/{ROLE}", provider_arn(account));
    let roles = match person {
        "carol@example.com" => vec!["Default".to_owned()],
        "alice@example.com" => vec!["Default".to_owned(), pair(DEV), turned(PRODUCTION)],
        _ => vec![pair(PRODUCTION)],
    };
    let issuer = format!("{}/idp", world.url());
    let session_ends = now + SignedDuration::from_secs(world.options.session_secs.into());
    write(&Saying { issuer: &issuer, subject: person, roles: &roles, at: now, session_ends })
}

/// The page whose script posts the response to AWS.
pub(crate) fn post_response(world: &World, person: &str, now: Timestamp) -> Reply {
    let response = response_text(world, person, now);
    let body = format!(
        "<form method=\"post\" action=\"{SIGN_IN}\"><input type=\"hidden\" name=\"SAMLResponse\" value=\"{}\">\
         <noscript><button>Continue</button></noscript></form><script>document.forms[0].submit()</script>",
        escape(&response)
    );
    page(StatusCode::OK, "Signing in", &body)
}

fn password_form(world: &World, now: Timestamp, problem: &str) -> Reply {
    let state = give(world, Step::Password, now);
    let fields = "<label for=\"u\">User name</label><input id=\"u\" name=\"username\" autocomplete=\"username\">\
                  <label for=\"p\">Password</label><input id=\"p\" type=\"password\" name=\"password\">";
    form("Sign in", "/idp/password", &state, fields, problem)
}

fn tabs(world: &World, now: Timestamp, problem: &str) -> Reply {
    let tab = |key: &str| {
        let state = give(world, Step::Password, now);
        format!(
            "<form method=\"post\" action=\"/idp/tabs\"><input type=\"hidden\" name=\"lmAuth\" value=\"{key}\">\
             <input type=\"hidden\" name=\"state\" value=\"{state}\"><input name=\"username\">\
             <input type=\"password\" name=\"password\"><button>Connect</button></form>"
        )
    };
    let problem = if problem.is_empty() { String::new() } else { format!("<p role=\"alert\">{problem}</p>") };
    let names = "<ul><li><a href=\"#one\">Our guests</a></li><li><a href=\"#two\">Our staff</a></li></ul>";
    let body =
        format!("{problem}{names}<div id=\"one\">{}</div><div id=\"two\">{}</div>", tab("1_Guests"), tab("2_Staff"));
    page(StatusCode::OK, "Sign in", &body)
}

fn code_form(world: &World, person: &str, now: Timestamp, problem: &str) -> Reply {
    let state = give(world, Step::Code(person.to_owned()), now);
    let fields = "<label for=\"c\">Code from your app</label><input id=\"c\" name=\"code\" inputmode=\"numeric\">";
    form("One-time code", "/idp/code", &state, fields, problem)
}

fn box_form(world: &World, person: &str, now: Timestamp, problem: &str) -> Reply {
    let state = give(world, Step::Code(person.to_owned()), now);
    let named = !person.starts_with("heidi");
    let digit = |number: usize| {
        let name = if named { format!(" name=\"digit-{number}\"") } else { String::new() };
        format!("<input{name} type=\"tel\" maxlength=\"1\" aria-label=\"Digit {number}\">")
    };
    let whole = if named { "" } else { "<input type=\"hidden\" name=\"code\">" };
    form("One-time code", "/idp/boxes", &state, &((1..=6).map(digit).collect::<String>() + whole), problem)
}

fn push_page(world: &World, person: String, looks: u32, now: Timestamp) -> Reply {
    let state = give(world, Step::Push(person, looks), now);
    page(
        StatusCode::OK,
        "Approve on your phone",
        &format!(
            "<meta http-equiv=\"refresh\" content=\"1; url=/idp/push?state={state}\"><p>A question is on your phone.</p>"
        ),
    )
}

fn form(title: &str, action: &str, state: &str, fields: &str, problem: &str) -> Reply {
    let problem = if problem.is_empty() { String::new() } else { format!("<p role=\"alert\">{}</p>", escape(problem)) };
    let body = format!(
        "{problem}<form method=\"post\" action=\"{action}\"><input type=\"hidden\" name=\"state\" value=\"{state}\">{fields}\
         <button>Go on</button></form>"
    );
    page(StatusCode::OK, title, &body)
}

fn expired() -> Reply {
    page(
        StatusCode::BAD_REQUEST,
        "This page has expired",
        "<p role=\"alert\">This page was used already, or is too old.</p>",
    )
}
