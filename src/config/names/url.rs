//! URLs that secrets may be sent to. Pure.

use std::fmt;

use super::InvalidName;

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
}
