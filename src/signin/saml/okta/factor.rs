//! The factors that the Identity Engine offers, and what a terminal can do of them. Pure.

use serde_json::{Map, Value};

use super::reply::name;
use crate::signin::saml::shown::shown;

/// A second factor, by one of its methods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Factor {
    /// What a person reads.
    pub(super) label: String,
    /// Okta's name of the method, such as `push`; may be empty.
    pub(super) method: String,
    /// Okta's name of the authenticator, such as `okta_verify`; may be empty.
    pub(super) key: String,
    /// What is sent when it is chosen.
    pub(super) choice: Value,
}

impl Factor {
    /// Whether a terminal can do it. An identity provider's page can be filled in, where Duo's is a program.
    ///
    /// Source: Okta's Authenticators API, `key` and the types of methods.
    pub(super) fn is_possible(&self) -> bool {
        const METHODS: &[&str] = &["signed_nonce", "webauthn", "duo", "cert", "custom_uri", "nfc", "nfc_pin", "mdl"];
        const KEYS: &[&str] = &["webauthn", "duo", "smart_card_idp", "nfc", "nfc_pin", "mdl"];
        let at_provider = self.method == "idp" && self.key != "external_idp";
        !at_provider && !METHODS.contains(&self.method.as_str()) && !KEYS.contains(&self.key.as_str())
    }
}

/// The options of a field, as factors; `reply` is what they relate to.
pub(super) fn of_options(reply: &Value, options: &[Value]) -> Vec<Factor> {
    let option = |option: &Value| {
        let related = related(reply, option);
        let text = |value: Option<&Value>| shown(value.and_then(Value::as_str).unwrap_or_default());
        let label = text(option.get("label"));
        let label = if label.is_empty() { text(related.and_then(|it| it.get("displayName"))) } else { label };
        let label = if label.is_empty() { "Okta Verify".to_owned() } else { label };
        form(option).map(|form| methods(&with_target(label, related), related, form)).unwrap_or_default()
    };
    options.iter().flat_map(option).collect()
}

/// The form of an option or a field; some wrap it in a value.
pub(super) fn form(of: &Value) -> Option<&Value> {
    of.pointer("/value/form").or_else(|| of.get("form"))
}

/// A factor for each of its methods.
pub(super) fn methods(label: &str, related: Option<&Value>, form: &Value) -> Vec<Factor> {
    let fields: Vec<&Value> = form.get("value").and_then(Value::as_array).into_iter().flatten().collect();
    let mut choice = Map::new();
    for field in &fields {
        if let (id @ ("id" | "enrollmentId" | "methodType"), Some(value)) =
            (name(field), field.get("value").and_then(Value::as_str))
        {
            choice.insert(id.to_owned(), value.into());
        }
    }
    if !choice.contains_key("id") {
        return Vec::new();
    }
    let key = related.and_then(|it| it.get("key")?.as_str()).unwrap_or_default().to_owned();
    let options = fields.iter().find(|it| name(it) == "methodType").and_then(|it| it.get("options")?.as_array());
    match options {
        Some(options) if !choice.contains_key("methodType") => options
            .iter()
            .filter_map(|option| {
                let method = option.get("value")?.as_str()?;
                let named = shown(option.get("label").and_then(Value::as_str).unwrap_or(method));
                let mut choice = choice.clone();
                choice.insert("methodType".to_owned(), method.into());
                let label = format!("{label}: {named}");
                Some(Factor { label, method: method.to_owned(), key: key.clone(), choice: choice.into() })
            })
            .collect(),
        _ => {
            let method = choice.get("methodType").and_then(Value::as_str).unwrap_or_default().to_owned();
            vec![Factor { label: label.to_owned(), method, key, choice: choice.into() }]
        }
    }
}

/// The label with the number, address or device: two phones have one name.
fn with_target(label: String, related: Option<&Value>) -> String {
    match related.and_then(target).filter(|target| !label.contains(target)) {
        Some(target) => format!("{label} ({target})"),
        None => label,
    }
}

/// What an enrolment is about: a number, an address, a device.
pub(super) fn target(enrolment: &Value) -> Option<String> {
    let text = |key: &&str| enrolment.get("profile")?.get(key)?.as_str().map(shown).filter(|text| !text.is_empty());
    ["phoneNumber", "email", "deviceName"].iter().find_map(text)
}

/// What an option is about, such as `$.authenticatorEnrollments.value[1]`; some give a list of one.
///
/// Source: Ion's `relatesTo`, as Okta's public replies have it.
fn related<'r>(reply: &'r Value, option: &Value) -> Option<&'r Value> {
    let path = option.get("relatesTo")?;
    let path = path.as_str().or_else(|| path.get(0)?.as_str())?;
    reply.pointer(&path.strip_prefix('$')?.replace(['.', '['], "/").replace(']', ""))
}
