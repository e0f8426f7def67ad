//! A reply of the Authentication API, and what it asks for. Pure.

use serde_json::Value;

use crate::signin::saml::shown::shown;

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// Signed in: the token is good for one session.
    Session(String),
    /// It goes on there: signed in, or at another provider that is the factor.
    Redirect(String),
    /// Name and password are wanted.
    Primary,
    /// Nothing has to be done now.
    Skip {
        /// Where to say so.
        href: String,
        /// In so many days the password ends.
        password_ends_in: Option<u64>,
    },
    /// Choose a factor.
    Choose(Vec<Factor>),
    /// A code was sent, or is on a device.
    Code {
        /// Where the code goes.
        verify: String,
        /// Where another one can be asked for.
        resend: Option<String>,
    },
    /// Ask again until somebody has approved.
    Poll {
        /// Where to.
        href: String,
        /// The number to choose on the other device.
        number: Option<String>,
    },
    /// The end.
    Stop(Stop),
}

/// Why it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// A new password must be set.
    PasswordExpired,
    /// The account is locked.
    LockedOut,
    /// A factor must be set up first.
    Enrolment,
    /// Terms must be accepted.
    Terms,
    /// Rejected on the other device.
    Rejected,
    /// Nobody answered there.
    TimedOut,
    /// The factor came to another end, by Okta's word for it.
    Failed(String),
    /// A factor that no terminal can do is under way, by what a person calls it.
    Unsupported(String),
    /// What is not known here, by Okta's word for it.
    Unknown(String),
}

/// A second factor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Factor {
    /// Okta's `factorType`.
    pub(super) kind: String,
    /// What a person reads.
    pub(super) label: String,
    /// The question, where it is one.
    pub(super) question: Option<String>,
    /// Where it is answered.
    pub(super) verify: String,
}

impl Factor {
    /// Whether a terminal can do it; another provider's page may be filled in. Source: the API's "Factor types"; `web`
    /// is Duo.
    pub(super) fn is_possible(&self) -> bool {
        self.is_code()
            || is_sent(&self.kind)
            || matches!(self.kind.as_str(), "question" | "claims_provider")
            || self.kind.starts_with("assertion:")
    }

    /// Whether its code is on a device, and nothing has to be sent first.
    pub(super) fn is_code(&self) -> bool {
        self.kind == "token" || self.kind.starts_with("token:")
    }

    /// The word that `mfa` knows it by.
    pub(super) fn name(&self) -> &str {
        match self.kind.as_str() {
            "token:software:totp" | "token:hotp" => "totp",
            kind if self.is_code() => kind.split(':').next().unwrap_or_default(),
            kind => kind,
        }
    }

    fn of(factor: &Value) -> Option<Self> {
        let text = |pointer: &str| factor.pointer(pointer).and_then(Value::as_str).map(shown).unwrap_or_default();
        Some(Self {
            kind: text("/factorType"),
            label: label(factor),
            question: Some(text("/profile/questionText")).filter(|text| !text.is_empty()),
            verify: factor.pointer("/_links/verify/href")?.as_str()?.to_owned(),
        })
    }
}

/// A push, or a code that is sent.
fn is_sent(kind: &str) -> bool {
    matches!(kind, "push" | "sms" | "call" | "email")
}

/// What a person calls a factor.
fn label(factor: &Value) -> String {
    let text = |pointer: &str| factor.pointer(pointer).and_then(Value::as_str).map(shown).unwrap_or_default();
    let (kind, provider, vendor) = (text("/factorType"), text("/provider"), text("/vendorName"));
    let name = match (kind.as_str(), provider.as_str()) {
        ("push", _) => "Okta Verify: push".to_owned(),
        ("token:software:totp", "OKTA") => "Okta Verify: code".to_owned(),
        ("token:software:totp", "GOOGLE") => "Google Authenticator".to_owned(),
        ("sms", _) => "Text message".to_owned(),
        ("call", _) => "Phone call".to_owned(),
        ("email", _) => "E-mail".to_owned(),
        ("question", _) => "Security question".to_owned(),
        ("webauthn" | "u2f", _) => "Security key or passkey".to_owned(),
        ("web", "DUO") => "Duo".to_owned(),
        ("token", "RSA") => "RSA SecurID".to_owned(),
        ("token", "SYMANTEC") => "Symantec VIP".to_owned(),
        ("token:hardware", "YUBICO") => "YubiKey code".to_owned(),
        _ if !vendor.is_empty() && vendor != "OKTA" => vendor,
        _ => format!("{provider} {kind}"),
    };
    let details = ["phoneNumber", "email", "name", "deviceName"];
    let detail = details.iter().map(|key| text(&format!("/profile/{key}"))).find(|text| !text.is_empty());
    detail.map_or_else(|| name.clone(), |detail| format!("{name} ({detail})"))
}

/// A reply.
#[derive(Clone)]
pub(super) struct Reply(Value);

impl Reply {
    /// Reads one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        (value.get("status").is_some() || value.get("errorCode").is_some()).then_some(Self(value))
    }

    /// What goes with every request of the transaction.
    pub(super) fn state_token(&self) -> Option<&str> {
        self.0.get("stateToken")?.as_str()
    }

    /// Okta's code and text, where something went wrong.
    pub(super) fn error(&self) -> Option<(&str, String)> {
        let code = self.0.get("errorCode")?.as_str()?;
        let text = |pointer: &str| shown(self.0.pointer(pointer).and_then(Value::as_str).unwrap_or_default());
        let (summary, cause) = (text("/errorSummary"), text("/errorCauses/0/errorSummary"));
        let more = !cause.is_empty() && cause != summary;
        Some((code, if more { format!("{summary}: {cause}") } else { summary }))
    }

    /// Whether this device may be remembered.
    pub(super) fn may_remember(&self) -> bool {
        self.0.pointer("/_embedded/policy/allowRememberDevice").and_then(Value::as_bool).unwrap_or(true)
    }

    /// What to do next.
    pub(super) fn next(&self) -> Next {
        let status = self.0.get("status").and_then(Value::as_str).unwrap_or_default();
        match status {
            "SUCCESS" => match (self.0.get("sessionToken").and_then(Value::as_str), self.link("next")) {
                (Some(token), _) => Next::Session(token.to_owned()),
                (None, Some(href)) => Next::Redirect(href),
                (None, None) => Next::Stop(Stop::Unknown(status.to_owned())),
            },
            "UNAUTHENTICATED" => Next::Primary,
            "PASSWORD_WARN" | "MFA_ENROLL" if self.link("skip").is_some() => Next::Skip {
                href: self.link("skip").unwrap_or_default(),
                password_ends_in: self
                    .0
                    .pointer("/_embedded/policy/expiration/passwordExpireDays")
                    .and_then(Value::as_u64),
            },
            // `FACTOR_` is what signing in without a password calls it.
            "MFA_REQUIRED" | "FACTOR_REQUIRED" => Next::Choose(self.factors()),
            "MFA_CHALLENGE" | "FACTOR_CHALLENGE" => self.challenge(),
            "MFA_ENROLL" | "MFA_ENROLL_ACTIVATE" | "FACTOR_ENROLL" | "FACTOR_ENROLL_ACTIVATE" | "PROFILE_REQUIRED" => {
                Next::Stop(Stop::Enrolment)
            }
            "PASSWORD_EXPIRED" | "PASSWORD_RESET" => Next::Stop(Stop::PasswordExpired),
            "LOCKED_OUT" => Next::Stop(Stop::LockedOut),
            "CONSENT_REQUIRED" | "ADMIN_CONSENT_REQUIRED" => Next::Stop(Stop::Terms),
            other => Next::Stop(Stop::Unknown(shown(other))),
        }
    }

    fn challenge(&self) -> Next {
        match self.0.get("factorResult").and_then(Value::as_str) {
            Some("REJECTED") => return Next::Stop(Stop::Rejected),
            Some("TIMEOUT" | "TIME_WINDOW_EXCEEDED") => return Next::Stop(Stop::TimedOut),
            Some("CHALLENGE" | "WAITING") | None => {}
            Some(other) => return Next::Stop(Stop::Failed(shown(other))),
        }
        let Some(href) = self.link("next") else { return Next::Stop(Stop::Unknown("MFA_CHALLENGE".to_owned())) };
        let kind = self.0.pointer("/_embedded/factor/factorType").and_then(Value::as_str).unwrap_or_default();
        let step = self.0.pointer("/_links/next/name").and_then(Value::as_str).unwrap_or_default();
        if step == "redirect" {
            return Next::Redirect(href);
        }
        if matches!(kind, "webauthn" | "u2f" | "web") {
            let factor = self.0.pointer("/_embedded/factor").map(label).unwrap_or_default();
            return Next::Stop(Stop::Unsupported(factor));
        }
        match step == "poll" || kind == "push" {
            true => Next::Poll { href, number: self.number() },
            false => Next::Code { verify: href, resend: self.link("resend") },
        }
    }

    fn number(&self) -> Option<String> {
        let answer = self.0.pointer("/_embedded/factor/_embedded/challenge/correctAnswer")?;
        let number = answer.as_str().map(ToOwned::to_owned).or_else(|| answer.as_u64().map(|it| it.to_string()))?;
        Some(number).filter(|it| (1..=6).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_digit()))
    }

    /// A link's address; some are lists of one.
    fn link(&self, name: &str) -> Option<String> {
        let link = self.0.get("_links")?.get(name)?;
        let link = link.as_array().map_or(Some(link), |links| links.first())?;
        Some(link.get("href")?.as_str()?.to_owned())
    }

    fn factors(&self) -> Vec<Factor> {
        let factors = self.0.pointer("/_embedded/factors").and_then(Value::as_array);
        factors.into_iter().flatten().filter_map(Factor::of).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn next(reply: Value) -> Next {
        Reply(reply).next()
    }

    fn factor(kind: &str, provider: &str, profile: Value) -> Factor {
        let links = json!({ "verify": { "href": "https://x.example/v" } });
        let value = json!({ "factorType": kind, "provider": provider, "profile": profile, "_links": links });
        Factor::of(&value).unwrap()
    }

    #[test]
    fn factors_are_named_for_people_and_for_the_profile() {
        let push = factor("push", "OKTA", json!({ "name": "Pixel 9" }));
        assert_eq!(
            (push.label.as_str(), push.name(), push.is_possible()),
            ("Okta Verify: push (Pixel 9)", "push", true)
        );
        let google = factor("token:software:totp", "GOOGLE", json!({}));
        assert_eq!((google.label.as_str(), google.name(), google.is_code()), ("Google Authenticator", "totp", true));
        let text = factor("sms", "OKTA", json!({ "phoneNumber": "+1 XXX-XXX-4601" }));
        assert_eq!(text.label, "Text message (+1 XXX-XXX-4601)");
        for (kind, provider) in [("webauthn", "FIDO"), ("web", "DUO"), ("u2f", "FIDO")] {
            assert!(!factor(kind, provider, json!({})).is_possible(), "{kind}");
        }
        let elsewhere = json!({ "factorType": "claims_provider", "provider": "CUSTOM", "vendorName": "Our partner", "_links": { "verify": { "href": "/v" } } });
        let elsewhere = Factor::of(&elsewhere).unwrap();
        assert_eq!((elsewhere.label.as_str(), elsewhere.is_possible()), ("Our partner", true));
        assert!(factor("token:hardware", "YUBICO", json!({})).is_possible());
    }

    #[test]
    fn each_state_has_its_own_way_on() {
        let links = |links: Value| json!({ "href": links });
        assert_eq!(next(json!({ "status": "SUCCESS", "sessionToken": "t" })), Next::Session("t".into()));
        let stepped_up = json!({ "status": "SUCCESS", "_links": { "next": links(json!("https://x.example/n")) } });
        assert_eq!(next(stepped_up), Next::Redirect("https://x.example/n".into()));
        let warned = json!({ "status": "PASSWORD_WARN", "_embedded": { "policy": { "expiration": { "passwordExpireDays": 4 } } }, "_links": { "skip": links(json!("/s")) } });
        assert_eq!(next(warned), Next::Skip { href: "/s".into(), password_ends_in: Some(4) });
        let waiting = |result: &str| {
            json!({ "status": "MFA_CHALLENGE", "factorResult": result, "_links": { "next": { "name": "poll", "href": "/p" }, "resend": [links(json!("/r"))] },
                "_embedded": { "factor": { "factorType": "push", "_embedded": { "challenge": { "correctAnswer": 42 } } } } })
        };
        assert_eq!(next(waiting("WAITING")), Next::Poll { href: "/p".into(), number: Some("42".into()) });
        assert_eq!(next(waiting("REJECTED")), Next::Stop(Stop::Rejected));
        assert_eq!(next(waiting("TIMEOUT")), Next::Stop(Stop::TimedOut));
        let mut sent = waiting("CHALLENGE");
        sent["_embedded"]["factor"]["factorType"] = "sms".into();
        sent["_links"]["next"]["name"] = "verify".into();
        assert_eq!(next(sent), Next::Code { verify: "/p".into(), resend: Some("/r".into()) });
        for (status, stop) in [
            ("MFA_ENROLL", Stop::Enrolment),
            ("PROFILE_REQUIRED", Stop::Enrolment),
            ("ADMIN_CONSENT_REQUIRED", Stop::Terms),
            ("SOMETHING_NEW", Stop::Unknown("SOMETHING_NEW".into())),
            ("LOCKED_OUT", Stop::LockedOut),
            ("PASSWORD_EXPIRED", Stop::PasswordExpired),
        ] {
            assert_eq!(next(json!({ "status": status })), Next::Stop(stop));
        }
    }

    #[test]
    fn a_factor_under_way_that_is_a_browsers_is_not_waited_for() {
        let under_way = |kind: &str, provider: &str, step: &str| {
            next(
                json!({ "status": "MFA_CHALLENGE", "factorResult": "WAITING", "_links": { "next": { "name": step, "href": "/n" } },
                "_embedded": { "factor": { "factorType": kind, "provider": provider } } }),
            )
        };
        assert_eq!(under_way("web", "DUO", "poll"), Next::Stop(Stop::Unsupported("Duo".into())));
        let key = Next::Stop(Stop::Unsupported("Security key or passkey".into()));
        assert_eq!(under_way("webauthn", "FIDO", "verify"), key);
        assert_eq!(under_way("claims_provider", "CUSTOM", "redirect"), Next::Redirect("/n".into()));
        let failed = json!({ "status": "MFA_CHALLENGE", "factorResult": "ERROR", "_links": {} });
        assert_eq!(next(failed), Next::Stop(Stop::Failed("ERROR".into())));
    }

    #[test]
    fn an_error_is_told_with_its_cause() {
        let error = |causes: Value| {
            let reply = json!({ "errorCode": "E0000068", "errorSummary": "Wrong", "errorCauses": causes });
            Reply(reply).error().map(|(_, says)| says).unwrap()
        };
        assert_eq!(error(json!([{ "errorSummary": "Too short." }])), "Wrong: Too short.");
        assert_eq!(error(json!([{ "errorSummary": "Wrong" }])), "Wrong");
        assert_eq!(error(json!([])), "Wrong");
    }

    proptest! {
        #[test]
        fn no_reply_panics(status in "(SUCCESS|MFA_REQUIRED|MFA_CHALLENGE|PASSWORD_WARN|X)", junk in "\\PC{0,40}") {
            let value = json!({ "status": status, "_links": { "next": [junk], "skip": junk }, "_embedded": { "factors": [junk, {}], "factor": junk } });
            let reply = Reply(value);
            let _ = (reply.next(), reply.error(), reply.state_token(), reply.may_remember());
            let _ = Reply::parse(&junk);
        }
    }
}
