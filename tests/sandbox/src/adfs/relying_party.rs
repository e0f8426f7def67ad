//! The page that asks which application somebody wants to sign in to.
//!
//! Owns what it takes: an id of its list, with the radio button that says so, and without the one for signing in to ADFS
//! alone. It leads to the application's own address.

use std::collections::HashMap;

use http::{Method, StatusCode};
use url::form_urlencoded;

use super::{APPLICATION, error_page};
use crate::http_reply::{Reply, escape, page, redirect};

const AWS: &str = "0b1f2c3d-aaaa-4bbb-8ccc-000000000001";
const OTHER: &str = "0b1f2c3d-aaaa-4bbb-8ccc-000000000002";
const THIRD: &str = "0b1f2c3d-aaaa-4bbb-8ccc-000000000003";

pub(super) fn answer(method: &Method, query: &HashMap<String, String>, body: &[u8]) -> Reply {
    let kind = query.get("parties").map(String::as_str).unwrap_or_default();
    if method == Method::GET {
        return question(kind);
    }
    let fields: HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
    let has = |name: &str| fields.contains_key(name);
    match fields.get("RelyingParty").map(String::as_str) {
        _ if has("SignInIdpSite") == has("SignInOtherSite") => error_page("Here or there?"),
        _ if has("SignOutSubmit") || !has("SignInSubmit") => error_page("The button is another."),
        Some(AWS) if has("SignInOtherSite") => redirect(APPLICATION),
        _ => error_page("That application is not for you."),
    }
}

fn question(kind: &str) -> Reply {
    let party = |id: &str, name: &str| format!("<option value=\"{id}\">{name}</option>");
    let parties = match kind {
        "none" => String::new(),
        "two" => party(OTHER, "AWS (old)") + &party(AWS, "AWS (new)"),
        "unnamed" => party(OTHER, "Expenses") + &party(AWS, "Cloud") + &party(THIRD, "Laws and rules"),
        _ => party(OTHER, "Expenses") + &party(AWS, "Amazon Web Services") + &party(THIRD, "Laws and rules"),
    };
    let list = match parties.is_empty() {
        true => String::new(),
        false => format!(
            "<div id=\"idp_RpArea\"><input type=\"radio\" id=\"idp_OtherRpRadioButton\" name=\"SignInOtherSite\" value=\"SignInOtherSite\">\
             <label for=\"idp_OtherRpRadioButton\">Sign in to one of the following sites:</label>\
             <select id=\"idp_RelyingPartyDropDownList\" name=\"RelyingParty\">{parties}</select></div>"
        ),
    };
    let body = format!(
        "<div id=\"idp_SignInArea\"><p>You are not signed in.</p>\
         <form id=\"idpForm\" method=\"post\" action=\"/adfs/ls/IdpInitiatedSignOn.aspx?parties={}\">\
         <input type=\"radio\" id=\"idp_LocalRadioButton\" name=\"SignInIdpSite\" value=\"SignInIdpSite\" checked>\
         <label for=\"idp_LocalRadioButton\">Sign in to this site</label>{list}\
         <input type=\"submit\" id=\"idp_SignInButton\" name=\"SignInSubmit\" value=\"Sign in\">\
         <input type=\"radio\" name=\"SingleSignOut\" value=\"SingleSignOut\" checked></form></div>",
        escape(kind)
    );
    page(StatusCode::OK, "Sign In", &body)
}
