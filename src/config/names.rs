//! Names that are valid by construction: nothing re-checks them later. Pure.

use std::fmt;

use super::error::shown;

/// Why a typed name was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} `{value}` {problem}")]
pub struct InvalidName {
    what: &'static str,
    value: String,
    problem: &'static str,
}

impl InvalidName {
    fn new(what: &'static str, value: &str, problem: &'static str) -> Self {
        // A pasted secret or a page of text is not echoed back whole.
        Self { what, value: shown(value), problem }
    }
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        #[serde(transparent)]
        pub struct $type(String);

        impl $type {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

mod region;
mod url;

pub use region::Region;
pub use url::{SafeUrl, StartUrl, is_loopback};

name! {
    /// An AWS account id: twelve digits.
    AccountId
}

impl std::str::FromStr for AccountId {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName::new("account id", text, "is not twelve digits"))
        }
    }
}

name! {
    /// The name of a permission set or IAM role.
    ///
    /// Source: IAM's limits for role names, `[\w+=,.@-]{1,64}`.
    RoleName
}

impl std::str::FromStr for RoleName {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        if (1..=64).contains(&text.len()) && text.chars().all(is_name_character) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName::new("role name", text, "is not 1 to 64 letters, digits or any of `_+=,.@-`"))
        }
    }
}

/// Whether IAM takes it in names: `[\w+=,.@-]`, of ASCII.
pub fn is_name_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)
}

name! {
    /// A profile's name, as typed after `--profile` and used in `~/.aws/config`.
    ProfileName
}

impl std::str::FromStr for ProfileName {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        // It is written into an INI section header and a command line: letters that mean something there are out.
        let legal = |c: char| c.is_ascii_alphanumeric() || "_.@+/-".contains(c);
        if (1..=64).contains(&text.len()) && text.chars().all(legal) && !text.starts_with('-') {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName::new(
                "profile name",
                text,
                "is not 1 to 64 letters, digits or any of `_.@+/-`, the first one not `-`",
            ))
        }
    }
}

name! {
    /// An S3 bucket's name.
    ///
    /// Source: the S3 user guide, "General purpose bucket naming rules"; old buckets may also hold capitals and `_`.
    BucketName
}

impl std::str::FromStr for BucketName {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let legal = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if (3..=255).contains(&text.len()) && text.chars().all(legal) && !text.contains("..") {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName::new("bucket", text, "is not a bucket name (no `s3://`, no `/`)"))
        }
    }
}

/// How long role credentials should last: 15 minutes to 12 hours, as `8h`, `90m` or `3600s`.
///
/// Source: STS API reference, `AssumeRoleWithSAML`, `DurationSeconds`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionDuration(u16);

impl SessionDuration {
    /// In seconds.
    pub fn seconds(self) -> u16 {
        self.0
    }
}

impl fmt::Display for SessionDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            seconds if seconds % 3600 == 0 => write!(f, "{}h", seconds / 3600),
            seconds if seconds % 60 == 0 => write!(f, "{}m", seconds / 60),
            seconds => write!(f, "{seconds}s"),
        }
    }
}

impl std::str::FromStr for SessionDuration {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let seconds = seconds(text).filter(|seconds| (900..=43_200).contains(seconds));
        let seconds = seconds.and_then(|seconds| u16::try_from(seconds).ok());
        seconds.map(Self).ok_or_else(|| {
            InvalidName::new("session duration", text, "is not from `15m` to `12h`, written as `8h`, `90m` or `3600s`")
        })
    }
}

/// `8h`, `90m` or `3600s` in seconds.
pub(super) fn seconds(text: &str) -> Option<u32> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let unit = match unit {
        "h" => 3600,
        "m" => 60,
        "s" => 1,
        _ => return None,
    };
    number.parse::<u32>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_durations_are_those_that_sts_takes() {
        for (typed, seconds, shown) in
            [("8h", 28_800, "8h"), ("90m", 5400, "90m"), ("900s", 900, "15m"), ("901s", 901, "901s")]
        {
            let duration: SessionDuration = typed.parse().expect(typed);
            assert_eq!((duration.seconds(), duration.to_string().as_str()), (seconds, shown));
        }
        for typed in ["", "h", "13h", "14m", "3600", "-1h", "99999999h", "8é"] {
            assert!(typed.parse::<SessionDuration>().is_err(), "{typed}");
        }
    }

    #[test]
    fn names_that_would_change_a_host_or_a_section_header_are_refused() {
        assert!("eu-central-1.evil.example/".parse::<Region>().is_err());
        assert!("eu--1".parse::<Region>().is_err());
        assert!("docs]\n[default".parse::<ProfileName>().is_err());
        assert!("--force".parse::<ProfileName>().is_err());
        assert!("12345678901".parse::<AccountId>().is_err());
        assert!("s3://bucket".parse::<BucketName>().is_err());
    }
}
