//! What a field is for, as its name, its id and what it is marked with tell. Pure.

use crate::signin::saml::form::{Field, Form, Kind, Method};

pub(super) fn typed_fields(form: &Form) -> Vec<usize> {
    form.positions(|field| matches!(field.kind, Kind::Text | Kind::Password) && !field.name.is_empty())
}

pub(super) fn is_search(form: &Form) -> bool {
    form.method == Method::Get
        && form.fields.iter().any(|field| matches!(field.name.as_str(), "q" | "query" | "search"))
}

pub(super) fn is_username(field: &Field) -> bool {
    let name = format!("{} {}", field.name, field.id).to_ascii_lowercase();
    let words = ["user", "login", "email", "identifier", "upn", "uid"];
    field.autocomplete.contains("username") || (words.iter().any(|word| name.contains(word)) && !is_code(field))
}

pub(super) fn is_code(field: &Field) -> bool {
    let name = format!("{} {}", field.name, field.id).to_ascii_lowercase();
    let words = ["otp", "passcode", "code", "token", "mfa", "verification", "tan"];
    field.autocomplete.contains("one-time-code")
        || words.iter().any(|word| name.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part.contains(word)))
            && !name.contains("password")
}
