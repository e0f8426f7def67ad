//! What a request for a session of STS may say: names, tags, policies, durations. Valid by construction. Pure.
//!
//! Source: STS API reference, `AssumeRole`, `GetSessionToken` and `GetFederationToken`.

use std::fmt;
use std::str::FromStr;

/// Why a text can't be sent to STS as what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} `{shown}` {problem}")]
pub struct InvalidSession {
    what: &'static str,
    shown: String,
    problem: String,
}

impl InvalidSession {
    fn new(what: &'static str, text: &str, problem: impl Into<String>) -> Self {
        Self { what, shown: super::error::shown(text), problem: problem.into() }
    }
}

macro_rules! word {
    ($(#[$doc:meta])* $type:ident, $what:literal, $length:expr, $more:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $type(String);

        impl $type {
            /// The text as AWS takes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $type {
            type Err = InvalidSession;
            fn from_str(text: &str) -> Result<Self, InvalidSession> {
                let legal = |byte: u8| byte.is_ascii_alphanumeric() || concat!("_+=,.@-", $more).as_bytes().contains(&byte);
                if $length.contains(&text.len()) && text.bytes().all(legal) {
                    return Ok(Self(text.to_owned()));
                }
                let (least, most) = ($length.start(), $length.end());
                let problem = format!(concat!("is not {} to {} letters, digits and `_+=,.@-", $more, "`"), least, most);
                Err(InvalidSession::new($what, text, problem))
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

word! {
    /// The name of a role session: the second half of its `aws:userid`, and so of its folder's name.
    RoleSessionName, "role session name", (2..=64), ""
}
word! {
    /// Who is behind a chain of roles, kept through all of them.
    SourceIdentity, "source identity", (2..=64), ""
}
word! {
    /// What a role's owner agreed on with whoever assumes it. Not a secret, says AWS.
    ExternalId, "external id", (2..=1224), ":/"
}
word! {
    /// The serial number of a hardware MFA device, or the ARN of a virtual one.
    MfaSerial, "MFA serial number", (9..=256), ":/"
}
word! {
    /// The name of a federated user: the second half of its `aws:userid`, after the account.
    FederatedName, "name", (2..=32), ""
}

/// How long a session of an IAM user or a federated user should last: 15 minutes to 36 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserSessionDuration(u32);

impl UserSessionDuration {
    /// In seconds.
    pub fn seconds(self) -> u32 {
        self.0
    }
}

impl FromStr for UserSessionDuration {
    type Err = InvalidSession;
    fn from_str(text: &str) -> Result<Self, InvalidSession> {
        super::names::seconds(text).filter(|seconds| (900..=129_600).contains(seconds)).map(Self).ok_or_else(|| {
            InvalidSession::new("duration", text, "is not from `15m` to `36h`, written as `8h`, `90m` or `3600s`")
        })
    }
}

/// A session policy: a JSON object, without the white space that counts towards AWS's limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionPolicy(String);

impl SessionPolicy {
    /// The JSON.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SessionPolicy {
    type Err = InvalidSession;
    fn from_str(text: &str) -> Result<Self, InvalidSession> {
        let refuse = |problem: String| Err(InvalidSession::new("session policy", text, problem));
        let policy: serde_json::Map<String, serde_json::Value> = match serde_json::from_str(text) {
            Ok(policy) => policy,
            Err(error) => return refuse(format!("is not a JSON object: {error}")),
        };
        let compact = serde_json::Value::Object(policy).to_string();
        match compact.chars().count() {
            0..=2048 => Ok(Self(compact)),
            length => refuse(format!("has {length} characters without white space; AWS takes 2048")),
        }
    }
}

/// The ARN of a managed policy, of the role's own account or AWS's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyArn(String);

impl PolicyArn {
    /// The ARN as AWS takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PolicyArn {
    type Err = InvalidSession;
    fn from_str(text: &str) -> Result<Self, InvalidSession> {
        let shaped = text.starts_with("arn:aws") && text.contains(":iam::") && text.contains(":policy/");
        match shaped && (20..=2048).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            true => Ok(Self(text.to_owned())),
            false => Err(InvalidSession::new(
                "policy",
                text,
                "is not an ARN such as `arn:aws:iam::111122223333:policy/Docs`",
            )),
        }
    }
}

/// One session tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionTag {
    /// 1 to 128 characters.
    pub key: String,
    /// At most 256 characters.
    pub value: String,
    /// Later roles of a chain keep it.
    pub transitive: bool,
}

impl SessionTag {
    /// Checks a tag.
    ///
    /// # Errors
    /// [`InvalidSession`] when AWS would not take the key or the value.
    pub fn new(key: &str, value: &str) -> Result<Self, InvalidSession> {
        let legal = |c: char| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c);
        let (long, empty) = (key.chars().count() > 128 || value.chars().count() > 256, key.is_empty());
        if long || empty || !key.chars().chain(value.chars()).all(legal) {
            let problem = "is not a tag: keys have 1 to 128, values at most 256 letters, digits, spaces and `_.:/=+-@`";
            return Err(InvalidSession::new("session tag", key, problem));
        }
        if key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:")) {
            return Err(InvalidSession::new("session tag", key, "begins with `aws:`, which is AWS's own"));
        }
        Ok(Self { key: key.to_owned(), value: value.to_owned(), transitive: false })
    }
}

impl FromStr for SessionTag {
    type Err = InvalidSession;

    /// `KEY=VALUE`, up to the first `=`.
    fn from_str(text: &str) -> Result<Self, InvalidSession> {
        match text.split_once('=') {
            Some((key, value)) => Self::new(key, value),
            None => Err(InvalidSession::new("session tag", text, "is not KEY=VALUE")),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_those_that_sts_takes() {
        for name in ["alice@example.com", "a+b=c,d.e-f_g", "i-0123456789abcdef0", &"x".repeat(64)] {
            assert!(name.parse::<RoleSessionName>().is_ok(), "{name}");
        }
        for name in ["", "a", "a b", "müller", "a/b", "a:b", "${aws:userid}", &"x".repeat(65)] {
            assert!(name.parse::<RoleSessionName>().is_err(), "{name}");
        }
        assert!("arn:aws:iam::111122223333:mfa/dana".parse::<MfaSerial>().is_ok());
        assert!("GAHT12345678".parse::<MfaSerial>().is_ok());
        assert!("x".repeat(33).parse::<FederatedName>().is_err());
    }

    #[test]
    fn durations_of_users_last_a_day_and_a_half_at_most() {
        let seconds = |text: &str| text.parse::<UserSessionDuration>().map(UserSessionDuration::seconds).ok();
        assert_eq!((seconds("15m"), seconds("36h"), seconds("900s")), (Some(900), Some(129_600), Some(900)));
        for text in ["14m", "129601s", "37h", "", "h", "-1h", "12", "ü"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn a_policy_is_sent_without_white_space() {
        let policy: SessionPolicy = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": []\n}".parse().unwrap();
        assert_eq!(policy.as_str(), r#"{"Statement":[],"Version":"2012-10-17"}"#);
        for text in ["", "[]", "{", "\"x\"", &format!("{{\"x\":\"{}\"}}", "y".repeat(2048))] {
            assert!(text.parse::<SessionPolicy>().is_err(), "{text}");
        }
    }

    #[test]
    fn tags_are_those_that_sts_takes() {
        assert!(SessionTag::new("Kosten stelle", "4711/ä").is_ok());
        let typed: SessionTag = "team=a=b".parse().unwrap();
        assert_eq!((typed.key.as_str(), typed.value.as_str(), typed.transitive), ("team", "a=b", false));
        assert!("team".parse::<SessionTag>().is_err() && "=x".parse::<SessionTag>().is_err());
        for (key, value) in [("", "x"), ("aws:x", "x"), ("AWS:x", "x"), ("a*b", "x"), ("x", "a\nb"), ("x", "${y}")] {
            assert!(SessionTag::new(key, value).is_err(), "{key} {value}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_taken_is_in_the_alphabet(text in "\\PC{0,80}") {
            if let Ok(name) = text.parse::<RoleSessionName>() {
                prop_assert!((2..=64).contains(&name.as_str().len()));
                prop_assert!(name.as_str().chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)));
            }
            let _ = (text.parse::<UserSessionDuration>(), text.parse::<SessionPolicy>(), SessionTag::new(&text, &text));
        }
    }
}
