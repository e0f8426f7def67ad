//! What the Identity Engine says in a reply, and which of it is the end. Pure.

use serde_json::Value;

use crate::signin::saml::error::SamlError;
use crate::signin::saml::shown::shown;

/// More of them are not read.
const MAX_MESSAGES: usize = 8;
/// More of what is filled into a text is left out.
const MAX_FILLED_IN: usize = 8;

/// What a reply says, in the person's language, with Okta's key for the first of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Message {
    /// Okta's key; the `errors.` before the codes of its API is left out.
    pub(super) key: String,
    /// The text.
    pub(super) text: String,
}

/// What went wrong, where something did: for the whole, or in a field. What ends a sign-in has no other use.
pub(super) fn complaint(reply: &Value, goes_on: bool) -> Option<Message> {
    let wrong = |it: &&Value| !goes_on || it.get("class").and_then(Value::as_str) == Some("ERROR");
    let mut found = top(reply);
    if let Some(remediation) = reply.get("remediation") {
        of_fields(remediation, &mut found);
    }
    let error = || {
        let code = reply.get("errorCode")?.as_str()?.to_owned();
        Some(Message { key: code, text: plain(reply.get("errorSummary")) })
    };
    joined(found.into_iter().filter(wrong)).or_else(error)
}

/// What a person should know, though nothing went wrong.
pub(super) fn note(reply: &Value) -> Option<Message> {
    joined(top(reply).into_iter().filter(|it| it.get("class").and_then(Value::as_str) != Some("ERROR")))
}

fn top(reply: &Value) -> Vec<&Value> {
    let messages = reply.pointer("/messages/value").and_then(Value::as_array);
    messages.into_iter().flatten().chain(reply.pointer("/terminal/value/message")).collect()
}

fn of_fields<'r>(value: &'r Value, found: &mut Vec<&'r Value>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| of_fields(item, found)),
        Value::Object(fields) => {
            found.extend(value.pointer("/messages/value").and_then(Value::as_array).into_iter().flatten());
            fields.iter().filter(|(name, _)| *name != "messages").for_each(|(_, field)| of_fields(field, found));
        }
        _ => {}
    }
}

fn joined<'r>(messages: impl Iterator<Item = &'r Value>) -> Option<Message> {
    let (mut keys, mut told, mut texts) = (Vec::new(), Vec::new(), String::new());
    for message in messages.take(MAX_MESSAGES) {
        keys.push(key(message));
        let text = text(message);
        if text.is_empty() || told.contains(&text) {
            continue;
        }
        if !texts.is_empty() {
            texts.push_str(if texts.ends_with(['.', '!', '?']) { " " } else { "; " });
        }
        texts.push_str(&text);
        told.push(text);
    }
    let key = keys.iter().find(|key| !key.is_empty()).or_else(|| keys.first())?;
    Some(Message { key: key.strip_prefix("errors.").unwrap_or(key).to_owned(), text: texts })
}

fn key(message: &Value) -> &str {
    message.pointer("/i18n/key").and_then(Value::as_str).unwrap_or_default()
}

/// The text; else the key, which says it too, with what is filled in. And where to read more.
fn text(message: &Value) -> String {
    let mut text = plain(message.get("message"));
    if text.is_empty() {
        let key = key(message);
        let tail = key.split_once("remediation.").map_or(key, |(_, it)| it);
        // A title says what the error does.
        text = if tail == "title" { String::new() } else { shown(tail).replace(['.', '_'], " ") };
        let filled_in = message.pointer("/i18n/params").and_then(Value::as_array).into_iter().flatten();
        for value in filled_in.filter_map(Value::as_str).take(MAX_FILLED_IN) {
            text.push(' ');
            text.push_str(&shown(value));
        }
    }
    match message.pointer("/links/0/url").and_then(Value::as_str) {
        Some(url) if url.starts_with("https://") => format!("{text} ({})", shown(url)).trim().to_owned(),
        _ => text,
    }
}

/// Without the tags: administrators write HTML into some.
fn plain(text: Option<&Value>) -> String {
    let mut plain = String::new();
    let mut rest = text.and_then(Value::as_str).unwrap_or_default();
    let is_tag = |after: &str| after.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    while let Some((before, after)) = rest.split_once('<') {
        plain.push_str(before);
        match after.split_once('>').filter(|_| is_tag(after)) {
            Some((_, behind)) => rest = behind,
            None => {
                plain.push('<');
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    shown(&plain)
}

/// The end, where a message is one. Whether the sign-in `goes_on` is whether there is something to do.
///
/// Source: the widget's translations, whose keys these are; Okta's API error codes.
pub(super) fn end(host: &str, message: &Message, goes_on: bool) -> Option<SamlError> {
    let host = host.to_owned();
    let says = Some(message.text.clone()).filter(|text| !text.is_empty());
    let key = message.key.as_str();
    let at_end = |words: &[&str]| !goes_on && words.iter().any(|word| key.contains(word));
    Some(match key {
        "incorrectPassword" | "E0000004" => SamlError::Rejected { host, says },
        "api.authn.poll.error.push_rejected" | "oktaverify.rejected" => {
            SamlError::Refused { host, status: "it was rejected on the other device".to_owned() }
        }
        "core.system.transaction_resource_not_found" | "idx.session.expired" | "error.expired.session" | "E0000011" => {
            SamlError::PageExpired { host }
        }
        "security.access_denied" | "E0000006" => SamlError::AccessDenied { host, says },
        "tooManyRequests" | "E0000047" => SamlError::TooManyRequests { host },
        "E0000119" | "E0000069" => SamlError::AccountLocked { host, says },
        _ if key.contains("suspended_factor") || message.text.contains("suspended_factor") => {
            SamlError::FactorSuspended { host, says }
        }
        _ if at_end(&["device_assurance"]) => SamlError::DeviceRequirements { host, says },
        _ if at_end(&["access_denied", "user_not_assigned"]) => SamlError::AccessDenied { host, says },
        _ if goes_on => return None,
        _ => SamlError::Ended { host, says },
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn said(messages: Value) -> Message {
        complaint(&json!({ "messages": { "value": messages } }), false).unwrap()
    }

    #[test]
    fn a_field_a_terminal_and_the_api_itself_can_complain() {
        let wrong = json!({ "message": "No such code", "i18n": { "key": "errors.E0000068" }, "class": "ERROR" });
        let field = json!({ "name": "credentials", "form": { "value": [{ "name": "passcode", "messages": { "value": [wrong] } }] } });
        let reply = json!({ "remediation": { "value": [{ "name": "challenge-authenticator", "value": [field] }] } });
        let expected = Message { key: "E0000068".into(), text: "No such code".into() };
        assert_eq!(complaint(&reply, true), Some(expected));
        let terminal = json!({ "terminal": { "value": { "message": { "message": "Go on in the other tab" } } } });
        assert_eq!(complaint(&terminal, false).unwrap().text, "Go on in the other tab");
        let api = json!({ "errorCode": "E0000047", "errorSummary": "Too many" });
        let slow = complaint(&api, false).unwrap();
        assert!(matches!(end("x", &slow, false), Some(SamlError::TooManyRequests { .. })), "{slow:?}");
        // What is only told is a complaint when nothing follows.
        let told = json!({ "messages": { "value": [{ "message": "Soon", "class": "INFO" }] } });
        assert_eq!((complaint(&told, true), note(&told).map(|it| it.text)), (None, Some("Soon".into())));
        assert_eq!(complaint(&told, false).unwrap().text, "Soon");
    }

    #[test]
    fn texts_lose_their_tags_and_keys_stand_in_for_missing_ones() {
        assert_eq!(
            said(json!([{ "message": "Not <b>you</b>, 1 < 2 <a href='#'>ask</a>" }])).text,
            "Not you, 1 < 2 ask"
        );
        let device = |tail: &str| json!({ "i18n": { "key": format!("idx.error.code.access_denied.device_assurance.remediation.{tail}"), "params": ["14"] }, "links": [{ "url": "https://x.example/help" }] });
        let asked = said(json!([device("macos.upgrade_os"), device("macos.upgrade_os")]));
        assert_eq!(asked.text, "macos upgrade os 14 (https://x.example/help)");
        let two =
            said(json!([{ "i18n": { "key": "error.name.required" } }, { "message": "No." }, { "message": "Go" }]));
        assert_eq!(two.text, "error name required; No. Go");
        assert!(matches!(end("x", &asked, false), Some(SamlError::DeviceRequirements { .. })));
        assert_eq!(end("x", &asked, true), None, "it can still be put off");
    }

    #[test]
    fn each_end_is_told_apart() {
        let keyed = |key: &str| said(json!([{ "message": "So.", "i18n": { "key": key } }]));
        let at_end = |key: &str| end("x", &keyed(key), false).unwrap();
        let says = || Some("So.".to_owned());
        let host = || "x".to_owned();
        for key in ["security.access_denied_custom_message", "idx.error.code.user_not_assigned"] {
            assert_eq!(at_end(key), SamlError::AccessDenied { host: host(), says: says() }, "{key}");
        }
        assert_eq!(at_end("idx.operation.cancelled"), SamlError::Ended { host: host(), says: says() });
        assert_eq!(at_end("E0000009"), SamlError::Ended { host: host(), says: says() });
        assert_eq!(at_end("error.expired.session"), SamlError::PageExpired { host: host() });
        let suspended = said(json!([{ "message": "Can't begin: authfactor.challenge.suspended_factor" }]));
        assert!(matches!(end("x", &suspended, true), Some(SamlError::FactorSuspended { .. })));
    }

    proptest! {
        #[test]
        fn no_message_panics(text in "[<>/a é]{0,20}", key in "[a.é]{0,12}") {
            let _ = said(json!([{ "message": text, "i18n": { "key": key, "params": [text, 1] }, "links": [text] }, text]));
        }
    }
}
