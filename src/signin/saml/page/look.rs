//! What single elements and texts of a page mean. Pure.

use std::time::Duration;

use scraper::node::Element;
use url::Url;

/// More of a page's text than this is not shown to anyone.
pub(super) const MAX_SHOWN: usize = 200;

/// Ids and classes under which sign-in pages put what is wrong, and `role=alert`.
///
/// Source: the templates of Okta (`error-content`, `infobox-error`), ADFS (`errorText`), Keycloak (`input-error…`,
/// `kc-feedback-text`), SimpleSAMLphp (`message-box`), Shibboleth (`form-error`), PingFederate (`ping-error`) and
/// Bootstrap (`alert-danger`).
const COMPLAINTS: &[&str] = &[
    "errorText",
    "error",
    "input-error",
    "input-error-username",
    "input-error-password",
    "input-error-otp-code",
    "kc-feedback-text",
    "kc-error-message",
    "error-content",
    "infobox-error",
    "form-error",
    "ping-error",
    "alert-danger",
    "alert-error",
    "error-message",
    "errormsg",
];

/// Whether an element says what is wrong.
pub(super) fn complains(element: &Element) -> bool {
    let is_one = |name: &str| COMPLAINTS.contains(&name);
    (element.attr("role") == Some("alert") || element.id().is_some_and(is_one) || element.classes().any(is_one))
        && !matches!(element.name(), "form" | "body" | "html" | "script" | "input")
        && !is_invisible(element)
}

/// Whether an element says of itself that it is not shown.
pub(super) fn is_invisible(element: &Element) -> bool {
    let style = element.attr("style").unwrap_or_default().to_ascii_lowercase().replace(' ', "");
    element.attr("hidden").is_some() || style.contains("display:none") || style.contains("visibility:hidden")
}

/// Whether a script submits a form as soon as it runs, as far as its text tells.
pub(super) fn submits(script: &str) -> bool {
    script.contains(".submit()") || script.contains("submit();") || script.contains("requestSubmit(")
}

/// `5; url=/next`, in the several ways that browsers take.
pub(super) fn refresh(content: &str, base: &Url) -> Option<(Duration, Url)> {
    let (seconds, rest) = content.split_once([';', ',']).unwrap_or((content, ""));
    let whole = seconds.trim().split('.').next().unwrap_or_default();
    let seconds: u64 = whole.parse().ok()?;
    let rest = rest.trim();
    let target = match rest.get(..3).filter(|start| start.eq_ignore_ascii_case("url")) {
        Some(_) => rest[3..].trim_start().strip_prefix('=').unwrap_or(&rest[3..]),
        None => rest,
    };
    let target = target.trim().trim_matches(['"', '\'']);
    let url = if target.is_empty() { base.clone() } else { base.join(target).ok()? };
    Some((Duration::from_secs(seconds.min(3600)), url))
}

/// A page's text as it can be shown: one line, not too long.
pub(super) fn shown(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    text.trim_end_matches([':', '*', ' ']).chars().take(MAX_SHOWN).collect()
}
