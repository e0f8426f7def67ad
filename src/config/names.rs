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
    /// An AWS region such as `eu-central-1`. Any partition's: the list of regions is AWS's, not ours.
    Region
}

impl std::str::FromStr for Region {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        // It becomes part of a host name, so nothing else may stand in it.
        let shaped = text.split('-').count() >= 3 && text.split('-').all(|part| !part.is_empty());
        if text.len() <= 32 && text.bytes().all(legal) && shaped {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName::new("region", text, "does not look like `eu-central-1`"))
        }
    }
}

impl Region {
    /// The first part of ARNs in this region's partition.
    ///
    /// Source: as [`Region::dns_suffix`].
    pub fn partition(&self) -> &'static str {
        match self.0.split('-').next() {
            Some("cn") => "aws-cn",
            Some("eusc") => "aws-eusc",
            _ => match self.0.as_str() {
                region if region.starts_with("us-gov-") => "aws-us-gov",
                region if region.starts_with("us-isob-") => "aws-iso-b",
                region if region.starts_with("us-isof-") => "aws-iso-f",
                region if region.starts_with("us-iso-") => "aws-iso",
                region if region.starts_with("eu-isoe-") => "aws-iso-e",
                _ => "aws",
            },
        }
    }

    /// The suffix of AWS's host names in this region's partition.
    ///
    /// Source: the endpoint rules that the AWS SDKs ship (`partitions.json`).
    pub fn dns_suffix(&self) -> &'static str {
        match self.0.split('-').next() {
            Some("cn") => "amazonaws.com.cn",
            Some("eusc") => "amazonaws.eu",
            _ => match self.0.as_str() {
                region if region.starts_with("us-isob-") => "sc2s.sgov.gov",
                region if region.starts_with("us-isof-") => "csp.hci.ic.gov",
                region if region.starts_with("us-iso-") => "c2s.ic.gov",
                region if region.starts_with("eu-isoe-") => "cloud.adc-e.uk",
                _ => "amazonaws.com",
            },
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

/// A URL that secrets may be sent to: https, or plain http to this machine's loopback.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct SafeUrl(url::Url);

impl SafeUrl {
    /// The URL.
    pub fn as_url(&self) -> &url::Url {
        &self.0
    }

    /// The URL as text, without a trailing slash: AWS compares start URLs as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str().trim_end_matches('/')
    }
}

impl SafeUrl {
    /// Whether it leads to this machine itself.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }
}

/// Whether a URL leads to this machine itself.
pub fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl fmt::Display for SafeUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for SafeUrl {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let refuse = |problem| InvalidName::new("URL", text, problem);
        let url = url::Url::parse(text.trim()).map_err(|_| refuse("is not a URL; it starts with `https://`"))?;
        if url.host().is_none() {
            return Err(refuse("has no host"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidName::new("URL", url.host_str().unwrap_or(""), "holds a user name or password"));
        }
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_loopback(&url) => Ok(Self(url)),
            "http" => Err(refuse("is plain http; only https is used, except to this machine itself")),
            _ => Err(refuse("is not an https URL")),
        }
    }
}

impl<'de> serde::Deserialize<'de> for SafeUrl {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The URL of an organisation's access portal, such as `https://example.awsapps.com/start`.
///
/// AWS compares start URLs as text, so what people paste is reduced to the form the portal itself uses:
/// no fragment (`#/…`), no query, no trailing slash.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct StartUrl(String);

impl StartUrl {
    /// The URL as it is sent to AWS.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StartUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for StartUrl {
    type Err = InvalidName;
    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let safe: SafeUrl = text.parse()?;
        let mut url = safe.0;
        url.set_fragment(None);
        url.set_query(None);
        let host = url.host_str().unwrap_or("");
        let path = url.path().trim_end_matches('/');
        if host.ends_with(".awsapps.com") && path.is_empty() {
            return Err(InvalidName::new("start URL", text, "has no path; it ends in `/start`"));
        }
        if host.ends_with("signin.aws.amazon.com") || host == "console.aws.amazon.com" {
            return Err(InvalidName::new(
                "start URL",
                text,
                "is the console's sign-in page; the access portal's looks like `https://example.awsapps.com/start`",
            ));
        }
        Ok(Self(url.as_str().trim_end_matches('/').to_owned()))
    }
}

impl<'de> serde::Deserialize<'de> for StartUrl {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn start_urls_are_reduced_to_what_aws_compares() {
        for (typed, kept) in [
            ("https://example.awsapps.com/start", "https://example.awsapps.com/start"),
            (" https://example.awsapps.com/start/ ", "https://example.awsapps.com/start"),
            ("https://example.awsapps.com/start/#/?tab=accounts", "https://example.awsapps.com/start"),
            ("https://ssoins-1234.portal.eu-west-1.app.aws", "https://ssoins-1234.portal.eu-west-1.app.aws"),
            ("http://127.0.0.1:8080/start", "http://127.0.0.1:8080/start"),
        ] {
            assert_eq!(typed.parse::<StartUrl>().expect(typed).as_str(), kept);
        }
    }

    #[test]
    fn start_urls_that_would_leak_or_fail_are_refused_as_typed() {
        for typed in [
            "example",
            "example.awsapps.com/start",
            "http://example.awsapps.com/start",
            "https://example.awsapps.com",
            "https://signin.aws.amazon.com/saml",
            "https://me:hunter2@example.awsapps.com/start",
            "file:///etc/passwd",
        ] {
            let error = typed.parse::<StartUrl>().expect_err(typed).to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

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

    #[test]
    fn every_partition_has_its_own_host_suffix() {
        for (region, suffix) in [
            ("eu-central-1", "amazonaws.com"),
            ("us-gov-west-1", "amazonaws.com"),
            ("cn-north-1", "amazonaws.com.cn"),
            ("us-iso-east-1", "c2s.ic.gov"),
            ("us-isob-east-1", "sc2s.sgov.gov"),
            ("eusc-de-east-1", "amazonaws.eu"),
        ] {
            assert_eq!(region.parse::<Region>().expect(region).dns_suffix(), suffix);
        }
    }
}
