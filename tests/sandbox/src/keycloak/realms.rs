//! Realms whose sign-in begins otherwise than with one form.
//!
//! | realm | begins with |
//! |---|---|
//! | `brokered` | nothing but two brokers |
//! | `one-broker` | nothing but one |
//! | `refusing` | nothing but one, which sends everybody back |
//! | `both` | a broker beside the form |
//! | `steps` | the name alone, beside a passkey; then the password |
//!
//! A broker leads to the sandbox's plain provider; `partner` in the application's address says where else.

use std::collections::HashMap;

use jiff::Timestamp;

use super::{At, PATIENCE, form, form_text, login_form, sign_in};
use crate::front::not_found;
use crate::http_reply::{Reply, redirect};
use crate::random;
use crate::world::World;

pub(super) fn answer(world: &World, path: &str, query: &HashMap<String, String>, now: Timestamp) -> Reply {
    let segments: Vec<&str> = path.trim_start_matches("/realms/").split('/').collect();
    let partner = || query.get("partner").cloned().unwrap_or_else(|| "/idp/app".to_owned());
    match segments.as_slice() {
        [realm @ ("brokered" | "one-broker" | "refusing" | "both" | "steps"), "protocol", "saml", "clients", "aws"] => {
            match *realm {
                "brokered" => {
                    brokers(world, vec![("gone", "/idp/nowhere".to_owned()), ("partner", partner())], "", now)
                }
                "one-broker" => brokers(world, vec![("partner", partner())], "", now),
                "refusing" => {
                    let problem = if query.contains_key("back") { "You are nobody's." } else { "" };
                    let back = "/realms/refusing/protocol/saml/clients/aws?back=1".to_owned();
                    brokers(world, vec![("partner", back)], problem, now)
                }
                "both" => {
                    let social = "<div id=\"kc-social-providers\"><a id=\"social-gone\" href=\"/realms/both/broker/gone/login\">Gone</a></div>";
                    sign_in("", &format!("{}{social}", login_form(world, now)))
                }
                _ => name_page(world, "", now),
            }
        }
        [_, "broker", alias, "login"] => {
            let code = query.get("session_code").map(String::as_str).unwrap_or_default();
            match world.keycloak().steps.remove(code) {
                Some((At::Brokers(brokers), ends)) if ends > now => match brokers.iter().find(|(it, _)| it == alias) {
                    Some((_, target)) => redirect(target),
                    None => not_found(),
                },
                _ => not_found(),
            }
        }
        _ => not_found(),
    }
}

/// The page of a realm without passwords. One session code is good for one of its links.
fn brokers(world: &World, brokers: Vec<(&'static str, String)>, problem: &str, now: Timestamp) -> Reply {
    let code = random::hex_id();
    let link = |alias: &str| {
        format!(
            "<li><a data-once-link id=\"social-{alias}\" href=\"/realms/brokered/broker/{alias}/login?client_id=aws&amp;session_code={code}\"><span>The {alias} one</span></a></li>"
        )
    };
    let links: String = brokers.iter().map(|(alias, _)| link(alias)).collect();
    world.keycloak().steps.insert(code, (At::Brokers(brokers), now + PATIENCE));
    sign_in(problem, &format!("<div id=\"kc-social-providers\"><ul>{links}</ul></div>"))
}

/// The name, and a passkey's form that only its script submits.
pub(super) fn name_page(world: &World, problem: &str, now: Timestamp) -> Reply {
    let fields = "<label for=\"username\">Email</label><input id=\"username\" name=\"username\" type=\"text\" autocomplete=\"username webauthn\">\
                  <input name=\"login\" id=\"kc-login\" type=\"submit\" value=\"Sign In\">";
    let key = form_text(
        world,
        At::Stuck,
        "webauth",
        "<input type=\"hidden\" name=\"clientDataJSON\"><input type=\"hidden\" name=\"authenticatorData\"><input type=\"hidden\" name=\"signature\">",
        now,
    );
    sign_in(problem, &format!("{key}{}", form_text(world, At::Name, "kc-form-login", fields, now)))
}

pub(super) fn password_page(world: &World, person: &str, problem: &str, now: Timestamp) -> Reply {
    let fields = "<label for=\"password\">Password</label><input id=\"password\" name=\"password\" type=\"password\">\
                  <input name=\"login\" id=\"kc-login\" type=\"submit\" value=\"Sign In\">";
    form(world, At::PasswordOf(person.to_owned()), "kc-form-login", fields, problem, now)
}
