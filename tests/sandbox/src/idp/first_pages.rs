//! First pages that not every provider has: a passcode instead of a password, a list of domains, links to sign in by, a
//! phone that a script looks at. Alice may come in by each.

use std::collections::HashMap;

use http::{Method, StatusCode};
use jiff::Timestamp;

use super::{LOOKS, Step, expired, form, give, is_good, password, take, welcome};
use crate::http_reply::{Reply, page};
use crate::world::World;

const ALICE: &str = "alice@example.com";
/// What she types before the number that her token shows.
const PIN: &str = "sesame";

/// Answers one request for such a page; `None` for other pages.
pub(super) fn answer(
    world: &World,
    method: &Method,
    path: &str,
    query: &HashMap<String, String>,
    body: &HashMap<String, String>,
    now: Timestamp,
) -> Option<Reply> {
    let is_get = method == Method::GET;
    Some(match path {
        "/idp/connectors" if is_get => page(
            StatusCode::OK,
            "Sign in",
            "<a href=\"/idp/portal?req=0123456789\">Our guests</a> <a href=\"/idp/app?req=0123456789\">Our staff</a>",
        ),
        // Waits once, then offers two ways that lead back here.
        "/idp/merry" if is_get && query.is_empty() => {
            page(StatusCode::OK, "One moment", "<meta http-equiv=\"refresh\" content=\"1; url=/idp/merry?go\">")
        }
        "/idp/merry" | "/idp/merry-go-round" | "/idp/merry-go-again" if is_get => page(
            StatusCode::OK,
            "Sign in",
            "<a href=\"/idp/merry-go-round?req=0123456789\">Our guests</a> \
             <a href=\"/idp/merry-go-again?req=0123456789\">Our staff</a>",
        ),
        "/idp/passcode" if is_get => passcode_form(world, now, ""),
        "/idp/passcode" => match take(world, body, now) {
            Some(Step::Password) => passcode(world, body, now),
            _ => expired(),
        },
        "/idp/domains" if is_get => domains_form(world, now, query.get("chosen").map_or("", String::as_str), ""),
        "/idp/domains" => match (take(world, body, now), body.get("domain").map(String::as_str)) {
            (Some(Step::Password), Some("d2")) => password(world, body, now),
            (Some(Step::Password), _) => domains_form(world, now, "", "Nobody of that name in this domain"),
            _ => expired(),
        },
        "/idp/polled" if is_get => polled(world, 0, now),
        "/idp/polled" => match take(world, body, now) {
            Some(Step::Push(person, looks)) if looks >= LOOKS => welcome(world, &person, now),
            Some(Step::Push(_, looks)) => polled(world, looks + 1, now),
            _ => expired(),
        },
        _ => return None,
    })
}

/// Source: RFC 2865, section 5.2, and RSA's term: a passcode is a PIN and what the token shows, in one.
fn passcode(world: &World, body: &HashMap<String, String>, now: Timestamp) -> Reply {
    let field = |name: &str| body.get(name).map(String::as_str).unwrap_or_default();
    let code = field("passcode").strip_prefix(PIN).unwrap_or_default();
    if field("username") == ALICE && is_good(ALICE, code, now) {
        return welcome(world, ALICE, now);
    }
    passcode_form(world, now, "That is not the passcode")
}

fn passcode_form(world: &World, now: Timestamp, problem: &str) -> Reply {
    let state = give(world, Step::Password, now);
    let fields = "<label for=\"u\">User name</label><input id=\"u\" name=\"username\">\
                  <label for=\"p\">PIN and token code</label><input id=\"p\" type=\"password\" name=\"passcode\">";
    form("Sign in", "/idp/passcode", &state, fields, problem)
}

fn domains_form(world: &World, now: Timestamp, chosen: &str, problem: &str) -> Reply {
    let state = give(world, Step::Password, now);
    let option = |value: &str, label: &str| {
        let selected = if value == chosen { " selected" } else { "" };
        format!("<option value=\"{value}\"{selected}>{label}</option>")
    };
    let fields = format!(
        "<input name=\"username\"><input type=\"password\" name=\"password\"><select name=\"domain\">{}{}{}</select>",
        option("", "Choose"),
        option("d1", "Our guests"),
        option("d2", "Our staff"),
    );
    form("Sign in", "/idp/domains", &state, &fields, problem)
}

/// A page whose script asks for the phone's answer, and then submits the form.
fn polled(world: &World, looks: u32, now: Timestamp) -> Reply {
    let state = give(world, Step::Push(ALICE.to_owned(), looks), now);
    let body = format!(
        "<p>Choose the number <b id=\"number-to-match\">42</b> there.</p>\
         <form method=\"post\" action=\"/idp/polled\"><input type=\"hidden\" name=\"state\" value=\"{state}\"></form>\
         <script>setTimeout(function () {{ if (approved()) {{ document.forms[0].submit() }} }}, 1000)</script>"
    );
    page(StatusCode::OK, "Approve on your phone", &body)
}
