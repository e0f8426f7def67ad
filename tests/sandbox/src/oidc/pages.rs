//! The pages a person sees.
//!
//! Owns their HTML: plain forms, no script. Everything that came from outside is escaped.

use http::StatusCode;

use crate::http_reply::{Reply, escape, page};
use crate::world::World;

/// Asks for the user code.
pub(super) fn ask_user_code(status: StatusCode, problem: Option<&str>) -> Reply {
    let form = "<form method=\"get\" action=\"/device\">\
                <label>Code <input name=\"user_code\" autocomplete=\"off\" autofocus required></label> \
                <button>Next</button></form>";
    page(
        status,
        "Authorize this device",
        &format!("{}{form}", said(problem)),
    )
}

/// Asks who is there and whether to allow.
pub(super) fn decide(
    action: &str,
    hidden: &[(&str, &str)],
    world: &World,
    problem: Option<&str>,
) -> Reply {
    let hidden: String = hidden
        .iter()
        .map(|(name, value)| {
            format!(
                "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
                escape(name),
                escape(value)
            )
        })
        .collect();
    let people: String = world
        .org()
        .people
        .iter()
        .map(|it| format!("<option value=\"{}\">", escape(&it.name)))
        .collect();
    let status = if problem.is_some() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::OK
    };
    let body = format!(
        "{}<form method=\"post\" action=\"{action}\">{hidden}\
         <p><label>Sign in as <input name=\"person\" list=\"people\" autofocus></label>\
         <datalist id=\"people\">{people}</datalist></p>\
         <p>Allow this client to use your access to AWS accounts?</p>\
         <button name=\"decision\" value=\"allow\">Allow</button> \
         <button name=\"decision\" value=\"deny\">Deny</button></form>",
        said(problem)
    );
    page(status, "Sign in", &body)
}

/// Says how it ended.
pub(super) fn done(title: &str, text: &str) -> Reply {
    page(StatusCode::OK, title, &format!("<p>{}</p>", escape(text)))
}

/// Says why it cannot go on.
pub(super) fn failed(why: &str) -> Reply {
    failed_with(StatusCode::BAD_REQUEST, why)
}

/// The same, with another status.
pub(super) fn failed_with(status: StatusCode, why: &str) -> Reply {
    page(
        status,
        "Something went wrong",
        &format!("<p>{}</p>", escape(why)),
    )
}

/// The portal's front page.
pub(super) fn start(world: &World) -> Reply {
    let accounts: String = world
        .org()
        .accounts
        .iter()
        .map(|it| format!("<li>{} {}</li>", escape(&it.id), escape(&it.name)))
        .collect();
    page(
        StatusCode::OK,
        "AWS access portal (sandbox)",
        &format!("<ul>{accounts}</ul>"),
    )
}

fn said(problem: Option<&str>) -> String {
    problem
        .map(|text| format!("<p role=\"alert\">{}</p>", escape(text)))
        .unwrap_or_default()
}
