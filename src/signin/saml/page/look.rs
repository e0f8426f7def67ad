//! What single elements and texts of a page mean. Pure.

use std::time::Duration;

use scraper::node::Element;
use url::Url;

/// Ids and classes under which sign-in pages put what is wrong, and `role=alert`.
///
/// Source: the templates of Okta (`error-content`, `infobox-error`), ADFS (`errorText`), Keycloak (`input-error…`,
/// `kc-feedback-text`, PatternFly's `…alert__title`), SimpleSAMLphp (`error`), Shibboleth (`form-error`,
/// `output--error`), PingFederate (`ping-error`), LemonLDAP::NG (`message-negative`), CAS (`loginErrorsPanel`,
/// `banner-danger`), F5 (`credentials_table_postheader`), Auth0 (`error-element-…`) and Bootstrap (`alert-danger`).
const COMPLAINTS: &[&str] = &[
    "errorText",
    "error",
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
    "errorMessage",
    "pf-c-alert__title",
    "pf-v5-c-alert__title",
    "output--error",
    "message-negative",
    "loginErrorsPanel",
    "banner-danger",
    "errors",
    "credentials_table_postheader",
    "error-element-username",
    "error-element-password",
    "error-element-code",
    "prompt-alert",
];

/// Whether an element says what is wrong.
pub(super) fn complains(element: &Element) -> bool {
    // Keycloak puts the field's name behind it.
    let is_one = |name: &str| COMPLAINTS.contains(&name) || name.starts_with("input-error");
    (element.attr("role") == Some("alert") || element.id().is_some_and(is_one) || element.classes().any(is_one))
        && !matches!(element.name(), "form" | "body" | "html" | "script" | "input")
        && !is_invisible(element)
}

/// Whether what is in an element is not shown. Source: the same, and the class names of Bootstrap.
pub(super) fn is_hidden(element: &Element) -> bool {
    is_invisible(element)
        || element.classes().any(|class| matches!(class, "hidden" | "hide" | "d-none" | "invisible"))
        || matches!(element.name(), "template" | "noscript")
}

/// Whether what is in an element is no text of the page: for no person, or of something to click or fill in.
pub(super) fn is_unsaid(element: &Element) -> bool {
    matches!(element.name(), "head" | "script" | "style" | "select" | "label" | "a" | "nav" | "footer" | "textarea")
}

/// Whether an element is there for a number, such as one to be chosen on a phone.
pub(super) fn shows_number(element: &Element) -> bool {
    let is_one = |name: &str| {
        let name = name.to_ascii_lowercase().replace(['-', '_'], "");
        // There are other numbers.
        let of = ["step", "page", "line", "account", "serial", "card", "order", "ticket", "case", "room"];
        let other = |word: &str| name.contains(&format!("{word}number"));
        ["number", "match", "entropy", "challenge"].iter().any(|word| name.contains(word))
            && !(name.contains("phone") || name.contains("mobile") || name.contains("rematch"))
            && !of.into_iter().any(other)
    };
    matches!(
        element.name(),
        "b" | "strong" | "em" | "span" | "div" | "p" | "code" | "td" | "output" | "h1" | "h2" | "h3"
    ) && (element.id().is_some_and(is_one) || element.classes().any(is_one))
}

/// Whether a line of text ends with an element.
pub(super) fn is_block(element: &Element) -> bool {
    matches!(element.name(), "p" | "div" | "li" | "br" | "td" | "th" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
}

/// Whether an element is one of the boxes that ask for a person. Source: reCAPTCHA, hCaptcha and Turnstile.
pub(super) fn is_captcha(element: &Element) -> bool {
    element.attr("data-sitekey").is_some()
        || element.classes().any(|class| matches!(class, "g-recaptcha" | "h-captcha" | "cf-turnstile"))
}

/// Whether an element says of itself that it is not shown.
pub(super) fn is_invisible(element: &Element) -> bool {
    let style = element.attr("style").unwrap_or_default().to_ascii_lowercase().replace(' ', "");
    element.attr("hidden").is_some()
        || style.contains("display:none")
        || style.contains("visibility:hidden")
        || (element.attr("aria-hidden") == Some("true") && element.attr("tabindex") == Some("-1"))
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
