//! A reply of the Identity Engine, and what it asks for. Pure.

use std::time::Duration;

use serde_json::Value;

use super::factor::{self, Factor};
use super::message::{self, Message};
use super::next::{Asked, Elsewhere, Next, Stop};
use crate::signin::saml::shown::shown;

/// A reply.
#[derive(Clone)]
pub(super) struct Reply(Value);

impl Reply {
    /// Reads one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().filter(Value::is_object).map(Self)
    }

    /// What goes with every request.
    pub(super) fn state_handle(&self) -> Option<&str> {
        self.0.get("stateHandle")?.as_str()
    }

    /// What went wrong, where something did.
    pub(super) fn complaint(&self) -> Option<Message> {
        message::complaint(&self.0, self.goes_on())
    }

    /// What a person should know, though nothing went wrong.
    pub(super) fn note(&self) -> Option<Message> {
        message::note(&self.0)
    }

    /// Whether it can go on at all.
    pub(super) fn goes_on(&self) -> bool {
        !self.remediations().is_empty() || ["success", "deviceEnrollment"].iter().any(|it| self.0.get(it).is_some())
    }

    /// What to do next.
    pub(super) fn next(&self) -> Next {
        let success = self.0.pointer("/success/href").and_then(Value::as_str).map(ToOwned::to_owned);
        if let Some(href) = success.or_else(|| self.href("success-redirect")) {
            return Next::Success(href);
        }
        // Expiring soon, or something that may be set up: not now.
        if let Some(href) = self.href("skip").or_else(|| self.href("device-assurance-grace-period")) {
            let password_ends_in =
                self.current().and_then(|it| it.pointer("/settings/daysToExpiry")).and_then(Value::as_u64);
            return Next::Skip { href, password_ends_in };
        }
        if self.remediations().iter().any(|it| name(it).starts_with("reenroll-") || name(it) == "reset-authenticator") {
            return Next::Stop(Stop::PasswordExpired);
        }
        let elsewhere = self.elsewhere();
        if let Some((href, identify)) = self.href("identify").zip(self.remediation("identify")) {
            let asks = |field: &str| has_field(identify, field);
            return match asks("captchaVerify") {
                true => Next::Stop(Stop::Unsupported("a captcha".to_owned())),
                false => {
                    Next::Identify { href, with_password: asks("credentials"), remember: asks("rememberMe"), elsewhere }
                }
            };
        }
        if let Some(asking) = self.remediations().iter().find(|it| has_field(it, "keepMeSignedIn")) {
            let href = asking.get("href").and_then(Value::as_str).unwrap_or_default().to_owned();
            return Next::KeepSignedIn { href };
        }
        let factors = self.factors();
        let choose = || self.href("select-authenticator-authenticate").filter(|_| !factors.is_empty());
        let is_factor = self.current_text("/key") == Some("external_idp");
        if !elsewhere.is_empty() && (is_factor || choose().is_none()) {
            return Next::Elsewhere(elsewhere);
        }
        let possible = factors.iter().any(Factor::is_possible);
        if let Some(factor) = self.impossible() {
            return match (choose().filter(|_| possible), self.cancel()) {
                (Some(href), _) => Next::Choose { href, factors },
                (None, Some((href, silent))) => Next::Decline { href, silent, factor },
                (None, None) => Next::Stop(Stop::Unsupported(factor)),
            };
        }
        if let Some(challenge) = self.challenge() {
            let href = challenge.get("href").and_then(Value::as_str).unwrap_or_default().to_owned();
            let resend = self.current_text("/resend/href").map(Into::into);
            return Next::Answer { href, what: self.asked(challenge), resend };
        }
        for (wanted, approved) in [("challenge-poll", true), ("poll", false)] {
            let Some(poll) = self.remediation(wanted) else { continue };
            let href = poll.get("href").and_then(Value::as_str).unwrap_or_default().to_owned();
            let every = Duration::from_millis(poll.get("refresh").and_then(Value::as_u64).unwrap_or(4000));
            return Next::Poll { href, every, number: self.number(), app: approved.then(|| self.display_name()) };
        }
        if let Some(data) = self.remediation("authenticator-verification-data") {
            let href = data.get("href").and_then(Value::as_str).unwrap_or_default().to_owned();
            let fields = data.get("value").and_then(Value::as_array);
            let form = fields.into_iter().flatten().find(|it| name(it) == "authenticator").and_then(factor::form);
            let form_factors = form.map(|form| factor::methods(&self.display_name(), self.current(), form));
            let form = form_factors.filter(|factors| !factors.is_empty());
            return match (form, choose().filter(|_| possible)) {
                (Some(form), None) => Next::Choose { href, factors: form },
                (Some(form), _) if form.iter().any(Factor::is_possible) => Next::Choose { href, factors: form },
                (_, Some(href)) => Next::Choose { href, factors },
                (None, None) => Next::Stop(Stop::Unknown("authenticator-verification-data".to_owned())),
            };
        }
        if let Some(href) = choose() {
            return Next::Choose { href, factors };
        }
        Next::Stop(self.stop())
    }

    /// What a reply without anything to do here is about.
    fn stop(&self) -> Stop {
        let has = |part: &str| self.remediations().iter().any(|it| name(it).contains(part));
        // Signing up is offered beside much.
        let enrols = |it: &&Value| name(it).contains("enroll") && name(it) != "select-enroll-profile";
        if self.remediations().iter().any(is_smart_card) {
            Stop::Unsupported("a smart card".to_owned())
        } else if has("idverify") {
            Stop::Action("your identity to be verified")
        } else if has("consent") {
            Stop::Action("your consent to what the application asks for")
        } else if self.0.get("deviceEnrollment").is_some() {
            Stop::Action("this device to be enrolled")
        } else if self.remediations().iter().any(|it| enrols(&it)) {
            Stop::Enrolment
        } else {
            Stop::Unknown(self.remediations().first().map(name).map(shown).unwrap_or_default())
        }
    }

    fn remediations(&self) -> &[Value] {
        self.0.pointer("/remediation/value").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    fn remediation(&self, wanted: &str) -> Option<&Value> {
        self.remediations().iter().find(|it| name(it) == wanted)
    }

    fn href(&self, wanted: &str) -> Option<String> {
        Some(self.remediation(wanted)?.get("href")?.as_str()?.to_owned())
    }

    fn challenge(&self) -> Option<&Value> {
        self.remediation("challenge-authenticator")
    }

    /// Other providers, without those that want a card.
    fn elsewhere(&self) -> Vec<Elsewhere> {
        let offered = self.remediations().iter().filter(|it| name(it) == "redirect-idp" && !is_smart_card(it));
        offered
            .filter_map(|it| {
                let text = |pointer: &str| it.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
                let label = [text("/idp/name"), text("/type")].into_iter().find(|it| !it.is_empty());
                let label = shown(label.unwrap_or("another provider"));
                Some(Elsewhere { id: shown(text("/idp/id")), label, href: it.get("href")?.as_str()?.to_owned() })
            })
            .collect()
    }

    /// The factor that is under way.
    fn current(&self) -> Option<&Value> {
        let at = |name: &str| self.0.get(name).and_then(|it| it.get("value"));
        at("currentAuthenticator").or_else(|| at("currentAuthenticatorEnrollment"))
    }

    fn current_text(&self, pointer: &str) -> Option<&str> {
        self.current()?.pointer(pointer)?.as_str()
    }

    fn display_name(&self) -> String {
        shown(self.current_text("/displayName").filter(|name| !name.is_empty()).unwrap_or("Okta Verify"))
    }

    fn number(&self) -> Option<String> {
        let answer = self.current()?.pointer("/contextualData/correctAnswer")?;
        let number = answer.as_str().map(ToOwned::to_owned).or_else(|| answer.as_u64().map(|it| it.to_string()))?;
        Some(number).filter(|it| (1..=6).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_digit()))
    }

    /// A factor under way that no terminal can do: it is on this device, or has nothing that can be typed.
    fn impossible(&self) -> Option<String> {
        const ON_DEVICE: &[&str] = &["device-challenge-poll", "device-apple-sso-extension", "launch-authenticator"];
        let launches = ON_DEVICE.iter().any(|it| self.remediation(it).is_some());
        if launches || self.current().is_some_and(|it| it.pointer("/contextualData/challenge/value").is_some()) {
            let is_fast_pass = matches!(self.current_text("/key"), None | Some("okta_verify"));
            return Some(if is_fast_pass { "Okta FastPass".to_owned() } else { self.display_name() });
        }
        let typed = self.challenge().map(typed);
        match (typed?, self.current_text("/key")) {
            (_, Some("webauthn")) => Some("a security key or passkey".to_owned()),
            (_, Some("duo")) => Some("Duo".to_owned()),
            (Some(None), _) => Some(self.display_name()),
            _ => None,
        }
    }

    /// Where to say that a device's own factor is not to be had, and whether it was only looked for.
    fn cancel(&self) -> Option<(String, bool)> {
        let of_current = || self.current()?.pointer("/contextualData/challenge/value");
        let challenge = self.0.pointer("/authenticatorChallenge/value").or_else(of_current);
        let text = |pointer: &str| challenge?.pointer(pointer)?.as_str();
        let href = text("/cancel/href").or_else(|| self.current_text("/cancel/href"))?;
        Some((href.to_owned(), text("/challengeMethod") == Some("LOOPBACK")))
    }

    /// The factors that could be taken instead of the one under way, and where to say so.
    pub(super) fn others(&self) -> Option<(String, Vec<Factor>)> {
        let others = self.factors().into_iter().filter(|factor| !self.is_under_way(factor));
        Some((self.href("select-authenticator-authenticate")?, others.collect()))
    }

    fn is_under_way(&self, factor: &Factor) -> bool {
        let same =
            self.current_text("/id").is_some_and(|id| factor.choice.get("id").and_then(Value::as_str) == Some(id));
        let methods = self.current().and_then(|it| it.get("methods")?.as_array());
        let is_one = |method: &Value| method.get("type").and_then(Value::as_str) == Some(factor.method.as_str());
        same && (factor.method.is_empty() || methods.is_some_and(|methods| methods.iter().any(is_one)))
    }

    fn asked(&self, challenge: &Value) -> Asked {
        match (self.current_text("/type"), self.current_text("/key")) {
            (Some("password"), _) | (_, Some("okta_password")) => Asked::Password,
            (_, Some("security_question")) => {
                let text = |part: &str| {
                    ["/profile", "/contextualData/enrolledQuestion"]
                        .iter()
                        .find_map(|place| self.current_text(&format!("{place}/{part}")))
                };
                let question = shown(text("question").unwrap_or("Security question"));
                Asked::Question { question, key: text("questionKey").map(ToOwned::to_owned) }
            }
            _ => {
                let name = self.display_name();
                let from = match self.current().and_then(factor::target) {
                    Some(target) => format!("{name} ({target})"),
                    None => name,
                };
                let (field, secret) = typed(challenge).flatten().unwrap_or(("passcode", false));
                Asked::Code { from, field: field.to_owned(), secret }
            }
        }
    }

    fn factors(&self) -> Vec<Factor> {
        let Some(select) = self.remediation("select-authenticator-authenticate") else { return Vec::new() };
        let fields = select.get("value").and_then(Value::as_array).into_iter().flatten();
        let options = fields.filter(|it| name(it) == "authenticator").filter_map(|it| it.get("options")?.as_array());
        options.flat_map(|options| factor::of_options(&self.0, options)).collect()
    }
}

/// The field for what is typed, and whether that is secret. `None` without a form; `Some(None)` when it has none, as
/// what a browser computes.
fn typed(challenge: &Value) -> Option<Option<(&str, bool)>> {
    let fields = challenge.get("value").and_then(Value::as_array)?;
    let form = fields.iter().find(|it| name(it) == "credentials")?.pointer("/form/value")?.as_array()?;
    let is_typed = |it: &&Value| it.get("visible") != Some(&Value::Bool(false)) && it.get("value").is_none();
    let field = form.iter().filter(is_typed).min_by_key(|it| name(it) != "passcode");
    Some(field.map(|it| (name(it), it.get("secret") == Some(&Value::Bool(true)))))
}

/// Source: Okta's "Smart Card IdP", which is of the type `X509`.
fn is_smart_card(remediation: &Value) -> bool {
    name(remediation) == "piv-idp" || remediation.get("type").and_then(Value::as_str) == Some("X509")
}

fn has_field(remediation: &Value, field: &str) -> bool {
    remediation.get("value").and_then(Value::as_array).into_iter().flatten().any(|it| name(it) == field)
}

/// What a remediation or a field is called.
pub(super) fn name(value: &Value) -> &str {
    value.get("name").and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
#[path = "reply_tests.rs"]
mod tests;
