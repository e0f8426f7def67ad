//! The page that asks which organisation somebody is from.
//!
//! Owns which answers a page takes: a tile's script submits without a button, the e-mail box with one, each page once.

use std::collections::HashMap;

use http::{Method, StatusCode};
use url::form_urlencoded;

use super::{APPLICATION, error_page, sign_in_page};
use crate::http_reply::{Reply, escape, page, redirect};
use crate::random;
use crate::world::World;

const OWN: &str = "AD AUTHORITY";
const PARTNER: &str = "http://sts.partner.example/adfs/services/trust";

pub(super) fn answer(world: &World, method: &Method, query: &HashMap<String, String>, body: &[u8]) -> Reply {
    let kind = query.get("federation").map(String::as_str).unwrap_or_default();
    if method == Method::GET {
        return question(world, kind, "");
    }
    let id = query.get("client-request-id").map(String::as_str).unwrap_or_default();
    let Some(kind) = world.adfs().asked.remove(id) else { return error_page("This page was answered already.") };
    let fields: HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
    let email = fields.get("Email").map(String::as_str);
    match (fields.get("HomeRealmSelection").map(String::as_str), fields.contains_key("HomeRealmByEmail")) {
        (Some(_), true) => error_page("A tile and the box were used together."),
        (Some(OWN), false) if kind != "email" && email == Some("") => sign_in_page(""),
        (Some(PARTNER), false) if matches!(kind.as_str(), "tiles" | "both") => redirect("/idp/app"),
        (None, true) if email.is_some_and(|it| it.ends_with("@example.com") && !it.starts_with("zoe@")) => {
            sign_in_page("")
        }
        (None, true) => question(world, &kind, "Nobody is known by that address."),
        _ => error_page("There is no such organisation."),
    }
}

fn question(world: &World, kind: &str, problem: &str) -> Reply {
    let id = random::hex_id();
    world.adfs().asked.insert(id.clone(), kind.to_owned());
    let tile = |realm: &str, name: &str| {
        format!(
            "<div class=\"idp\" tabindex=\"1\" role=\"button\" onkeypress=\"HRD.selection('{realm}');\" onclick=\"HRD.selection('{realm}'); return false;\">\
             <img alt=\"{name}\"><div class=\"idpDescription\"><span>{name}</span></div></div>"
        )
    };
    let tiles = match kind {
        "one" => tile(OWN, "Active Directory"),
        "tiles" | "both" => tile(OWN, "Active Directory") + &tile(PARTNER, "Partner Ltd."),
        _ => String::new(),
    };
    let other = match kind {
        "both" => {
            "<div class=\"idp\" role=\"button\" onclick=\"HRD.showEmailInput(); return false;\">Other organization</div>"
        }
        _ => "",
    };
    // The box is there in any case; where nobody is to use it, it is hidden with its name kept.
    let shown = if matches!(kind, "email" | "both") { "email" } else { "hidden" };
    let body = format!(
        "<div id=\"hrdArea\"><form id=\"hrd\" method=\"post\" action=\"{APPLICATION}&amp;federation={kind}&amp;client-request-id={id}\">\
         <div id=\"error\" class=\"error\"><label id=\"errorText\">{}</label></div>\
         <div id=\"bySelection\"><input id=\"hrdSelection\" type=\"hidden\">{tiles}{other}</div>\
         <div id=\"byEmail\"><input id=\"emailInput\" name=\"Email\" type=\"{shown}\" value=\"\" autocomplete=\"off\">\
         <input class=\"submit\" name=\"HomeRealmByEmail\" type=\"submit\" value=\"Next\" onclick=\"return HRD.submitEmail()\"></div></form>\
         <script>HRD.selection = function (option) {{ document.forms['hrd'].submit(); }}</script></div>",
        escape(problem)
    );
    page(StatusCode::OK, "Home Realm Discovery", &body)
}
