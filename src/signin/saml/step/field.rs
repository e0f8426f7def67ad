//! What a field is for, as its name, its id and what it is marked with tell. Pure.

use crate::signin::saml::form::{Field, Form, Kind, Method};

pub(super) fn is_search(form: &Form) -> bool {
    form.method == Method::Get
        && (form.id.to_ascii_lowercase().contains("search")
            || form.fields.iter().any(|field| matches!(field.name.as_str(), "q" | "s" | "query" | "search")))
}

/// Source: the login pages of the products, `autocomplete` of WHATWG HTML.
pub(super) fn is_username(field: &Field) -> bool {
    const PARTS: &[&str] =
        &["user", "login", "email", "identifier", "upn", "uid", "account", "principal", "netid", "uname"];
    // PingFederate's page that asks for nothing else calls it so.
    const NAMES: &[&str] = &["subject", "mail", "name", "id"];
    let name = names(field);
    let named =
        PARTS.iter().any(|part| name.contains(part)) || NAMES.contains(&field.name.to_ascii_lowercase().as_str());
    ["username", "email"].iter().any(|told| field.autocomplete.contains(told)) || (named && !is_code(field))
}

/// A code, and never a password.
pub(super) fn is_code(field: &Field) -> bool {
    const PARTS: &[&str] = &["otp", "passcode", "code", "token", "mfa", "verification"];
    const WORDS: &[&str] = &["tan", "pin"];
    let name = names(field);
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    let told = words.any(|word| WORDS.contains(&word) || PARTS.iter().any(|part| word.contains(part)));
    // OpenAM numbers whatever it asks: `IDToken1` is the user name.
    let other = ["password", "postcode", "idtoken"].iter().any(|part| name.contains(part));
    field.autocomplete.contains("one-time-code") || (told && !other)
}

/// The answer to a question, which a page may hide like a password.
pub(super) fn is_answer(field: &Field) -> bool {
    names(field).contains("answer")
}

/// Whether a form makes a new account, as its address or its id tells.
pub(super) fn registers(form: &Form) -> bool {
    let name = format!("{} {}", form.action.path(), form.id).to_ascii_lowercase();
    ["register", "signup", "sign-up", "sign_up"].iter().any(|word| name.contains(word))
}

/// A picture to read, which no terminal shows.
pub(super) fn is_captcha(field: &Field) -> bool {
    names(field).contains("captcha")
}

/// What only changes the page's language.
pub(super) fn is_language(field: &Field) -> bool {
    let name = field.name.to_ascii_lowercase();
    ["lang", "locale"].iter().any(|word| name.contains(word))
}

/// A second secret beside the password on one page: the same name and a `1`.
///
/// Source: the logon pages of F5 APM (`password`, `password1`) and Citrix Gateway (`passwd`, `passwd1`) with two factors.
pub(super) fn is_second_secret(form: &Form, field: &Field) -> bool {
    let passwords = form.positions(|it| it.kind == Kind::Password);
    let first = field.name.strip_suffix('1').unwrap_or_default();
    passwords.len() == 2
        && form.fields[passwords[0]].name == first
        && form.fields.iter().any(|it| it.kind == Kind::Text && is_username(it))
}

fn names(field: &Field) -> String {
    format!("{} {}", field.name, field.id).to_ascii_lowercase()
}
