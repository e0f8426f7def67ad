//! A reply of the Identity Engine, and what it asks for. Pure.

use std::time::Duration;

use serde_json::Value;

use crate::signin::saml::shown::shown;

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// Fetch this: the provider's response is there.
    Success(String),
    /// Say who one is.
    Identify {
        /// Where to.
        href: String,
        /// The password goes along.
        with_password: bool,
        /// Whether to stay signed in can be said.
        remember: bool,
    },
    /// Answer what was asked of a factor.
    Answer {
        /// Where to.
        href: String,
        /// What is to be answered.
        what: Asked,
        /// Where another code can be asked for.
        resend: Option<String>,
    },
    /// Say whether to stay signed in.
    KeepSignedIn {
        /// Where to.
        href: String,
    },
    /// Choose a factor.
    Choose {
        /// Where to.
        href: String,
        /// Those that there are.
        factors: Vec<Factor>,
    },
    /// Ask again until somebody has approved.
    Poll {
        /// Where to.
        href: String,
        /// How often.
        every: Duration,
        /// The number to choose on the other device.
        number: Option<String>,
    },
    /// Nothing has to be done now; the text says what should be, some day.
    Skip {
        /// Where to.
        href: String,
    },
    /// The end.
    Stop(Stop),
}

/// What is to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// The password.
    Password,
    /// A code, from what is named.
    Code(String),
    /// The answer to a question.
    Question {
        /// The question.
        question: String,
        /// Okta's name for it.
        key: Option<String>,
    },
}

/// A second factor, by one of its methods.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Factor {
    /// What a person reads.
    pub(super) label: String,
    /// Okta's name of the method, such as `push`; may be empty.
    pub(super) method: String,
    /// What is sent when it is chosen.
    pub(super) choice: Value,
}

impl Factor {
    /// Whether a terminal can do it.
    pub(super) fn is_possible(&self) -> bool {
        !matches!(self.method.as_str(), "signed_nonce" | "webauthn" | "duo" | "idp" | "cert" | "custom_uri")
    }
}

/// Why it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// The password has expired.
    PasswordExpired,
    /// A factor must be set up, or the profile be filled in.
    Enrolment,
    /// Only what no terminal can do.
    FastPass,
    /// The same.
    SecurityKey,
    /// The same.
    Duo,
    /// Something else that is not known here.
    Unknown,
}

/// One message of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    /// Okta's key.
    pub(super) key: String,
    /// Its text, in the person's language.
    pub(super) text: String,
}

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
    pub(super) fn complaint(&self) -> Option<Complaint> {
        let messages = self.0.pointer("/messages/value")?.as_array()?;
        let wrong = messages.iter().find(|it| it.get("class").and_then(Value::as_str) == Some("ERROR"))?;
        let text = |pointer: &str| wrong.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        Some(Complaint { key: text("/i18n/key").to_owned(), text: shown(text("/message")) })
    }

    /// Whether it can go on at all.
    pub(super) fn has_remediation(&self) -> bool {
        !self.remediations().is_empty() || self.0.get("success").is_some()
    }

    /// What to do next.
    pub(super) fn next(&self) -> Next {
        if let Some(href) = self.0.pointer("/success/href").and_then(Value::as_str) {
            return Next::Success(href.to_owned());
        }
        // Expiring soon, or something that may be set up: not now.
        if let Some(href) = self.href("skip") {
            return Next::Skip { href };
        }
        if self.remediation("reenroll-authenticator").is_some() {
            return Next::Stop(Stop::PasswordExpired);
        }
        if let Some(href) = self.href("identify") {
            let asks = |field: &str| self.remediation("identify").is_some_and(|it| has_field(it, field));
            return Next::Identify { href, with_password: asks("credentials"), remember: asks("rememberMe") };
        }
        if let Some(asking) = self.remediations().iter().find(|it| has_field(it, "keepMeSignedIn")) {
            let href = asking.get("href").and_then(Value::as_str).unwrap_or_default().to_owned();
            return Next::KeepSignedIn { href };
        }
        let factors = self.factors();
        let choose = || self.href("select-authenticator-authenticate").filter(|_| !factors.is_empty());
        if let Some(stop) = self.impossible() {
            let possible = factors.iter().any(Factor::is_possible);
            return match choose().filter(|_| possible) {
                Some(href) => Next::Choose { href, factors: factors.clone() },
                None => Next::Stop(stop),
            };
        }
        if let Some(href) = self.href("challenge-authenticator") {
            return Next::Answer {
                href,
                what: self.asked(),
                resend: self.current_text("/resend/href").map(Into::into),
            };
        }
        if let Some(poll) = self.remediation("challenge-poll") {
            let href = poll.get("href").and_then(Value::as_str).unwrap_or_default().to_owned();
            let every = poll.get("refresh").and_then(Value::as_u64).unwrap_or(4000);
            return Next::Poll { href, every: Duration::from_millis(every), number: self.number() };
        }
        if let Some(data) = self.remediation("authenticator-verification-data") {
            let href = data.get("href").and_then(Value::as_str).unwrap_or_default().to_owned();
            let options = data
                .get("value")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .find(|it| name(it) == "authenticator");
            let factors = options
                .and_then(|it| it.get("form"))
                .map(|form| methods(&self.display_name(), form))
                .unwrap_or_default();
            return if factors.is_empty() { Next::Stop(Stop::Unknown) } else { Next::Choose { href, factors } };
        }
        if let Some(href) = choose() {
            return match factors.iter().any(Factor::is_possible) {
                true => Next::Choose { href, factors: factors.clone() },
                false => Next::Stop(Stop::SecurityKey),
            };
        }
        let enrols = self.remediations().iter().any(|it| name(it).contains("enroll"));
        Next::Stop(if enrols { Stop::Enrolment } else { Stop::Unknown })
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

    /// A factor under way that no terminal can do.
    fn impossible(&self) -> Option<Stop> {
        let launches =
            ["device-challenge-poll", "launch-authenticator"].iter().any(|it| self.remediation(it).is_some());
        if launches || self.current().is_some_and(|it| it.pointer("/contextualData/challenge/value").is_some()) {
            return Some(Stop::FastPass);
        }
        let challenges = self.remediation("challenge-authenticator").is_some();
        match self.current_text("/key").unwrap_or_default() {
            "webauthn" if challenges => Some(Stop::SecurityKey),
            "duo" if challenges => Some(Stop::Duo),
            _ => None,
        }
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

    fn asked(&self) -> Asked {
        match (self.current_text("/type"), self.current_text("/key")) {
            (Some("password"), _) | (_, Some("okta_password")) => Asked::Password,
            (_, Some("security_question")) => Asked::Question {
                question: shown(self.current_text("/profile/question").unwrap_or("Security question")),
                key: self.current_text("/profile/questionKey").map(ToOwned::to_owned),
            },
            _ => {
                let target = ["/profile/phoneNumber", "/profile/email"].iter().find_map(|it| self.current_text(it));
                let name = self.display_name();
                Asked::Code(target.map_or_else(|| name.clone(), |target| format!("{name} ({})", shown(target))))
            }
        }
    }

    fn factors(&self) -> Vec<Factor> {
        let Some(select) = self.remediation("select-authenticator-authenticate") else { return Vec::new() };
        let fields = select.get("value").and_then(Value::as_array).into_iter().flatten();
        let options = fields.filter(|it| name(it) == "authenticator").filter_map(|it| it.get("options")?.as_array());
        let option = |option: &Value| {
            let label = shown(option.get("label").and_then(Value::as_str).unwrap_or_default());
            option.pointer("/value/form").map(|form| methods(&label, form)).unwrap_or_default()
        };
        options.flatten().flat_map(option).collect()
    }
}

/// A factor for each of its methods.
fn methods(label: &str, form: &Value) -> Vec<Factor> {
    let fields: Vec<&Value> = form.get("value").and_then(Value::as_array).into_iter().flatten().collect();
    let mut choice = serde_json::Map::new();
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
    let options = fields.iter().find(|it| name(it) == "methodType").and_then(|it| it.get("options")?.as_array());
    match options {
        Some(options) if !choice.contains_key("methodType") => options
            .iter()
            .filter_map(|option| {
                let method = option.get("value")?.as_str()?;
                let named = shown(option.get("label").and_then(Value::as_str).unwrap_or(method));
                let mut choice = choice.clone();
                choice.insert("methodType".to_owned(), method.into());
                Some(Factor { label: format!("{label}: {named}"), method: method.to_owned(), choice: choice.into() })
            })
            .collect(),
        _ => {
            let method = choice.get("methodType").and_then(Value::as_str).unwrap_or_default().to_owned();
            vec![Factor { label: label.to_owned(), method, choice: choice.into() }]
        }
    }
}

fn has_field(remediation: &Value, field: &str) -> bool {
    remediation.get("value").and_then(Value::as_array).into_iter().flatten().any(|it| name(it) == field)
}

fn name(value: &Value) -> &str {
    value.get("name").and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
#[path = "reply_tests.rs"]
mod tests;
