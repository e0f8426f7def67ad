//! Where in the console to arrive, and which console it is. Pure.

use std::str::FromStr;

use url::Url;

use super::error::ConsoleError;
use crate::config::names::{Region, SafeUrl};

/// A page of the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A service's home, by its name in the console's addresses.
    Service(String),
    /// An address.
    Page(Url),
}

/// What was typed is neither.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("neither the name of a service, such as `s3`, nor an https URL")]
pub struct InvalidDestination;

impl FromStr for Destination {
    type Err = InvalidDestination;

    fn from_str(text: &str) -> Result<Self, InvalidDestination> {
        if text.contains(':') {
            let url = Url::parse(text).map_err(|_| InvalidDestination)?;
            let safe = url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
            return safe.then_some(Destination::Page(url)).ok_or(InvalidDestination);
        }
        // It becomes part of a path.
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let is_service = (1..=64).contains(&text.len()) && text.bytes().all(legal);
        is_service.then(|| Destination::Service(text.to_ascii_lowercase())).ok_or(InvalidDestination)
    }
}

/// A part of AWS with a console of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// The federation endpoint's origin.
    pub signin: String,
    /// Where the console is: `https://` and its host.
    console: String,
    /// What every host of the console ends with.
    suffix: String,
}

impl Partition {
    /// The partition whose hosts end like this.
    fn with_suffix(suffix: &str) -> Self {
        Self {
            signin: format!("https://signin.{suffix}"),
            console: format!("https://console.{suffix}"),
            suffix: format!(".{suffix}"),
        }
    }

    /// The partition of a federation endpoint that the profile names: its console's host differs from it by one word, as
    /// in every partition that AWS publishes. On this machine's loopback it is the endpoint itself.
    pub fn at(endpoint: &SafeUrl) -> Option<Self> {
        let host = endpoint.as_url().host_str()?;
        if let Some((before, suffix)) = host.split_once("signin.")
            && (before.is_empty() || before.ends_with('.'))
            && suffix.contains('.')
        {
            return Some(Self::with_suffix(suffix));
        }
        let (signin, console) = (endpoint.as_str().to_owned(), endpoint.as_str().to_owned());
        endpoint.is_loopback().then(|| Self { signin, console, suffix: format!(".{host}") })
    }

    /// The partition of a region. `None` for those whose sign-in endpoint AWS doesn't publish.
    ///
    /// Sources: IAM user guide, as above; AWS GovCloud (US) user guide and AWS in China, "Endpoints".
    pub fn of(region: &Region) -> Option<Self> {
        let region = region.as_str();
        match region.split('-').next() {
            Some("cn") => Some(Self::with_suffix("amazonaws.cn")),
            Some("us") if region.starts_with("us-gov-") => Some(Self::with_suffix("amazonaws-us-gov.com")),
            Some("us") if region.starts_with("us-iso") => None,
            Some("eu") if region.starts_with("eu-iso") => None,
            Some("eusc") => None,
            _ => Some(Self::with_suffix("aws.amazon.com")),
        }
    }

    /// The address of a destination: only pages of this console, so that nobody is led elsewhere with a fresh session.
    ///
    /// # Errors
    /// [`ConsoleError::NotTheConsole`].
    pub fn page(&self, destination: Option<&Destination>, region: &Region) -> Result<String, ConsoleError> {
        let console = &self.console;
        match destination {
            None => Ok(format!("{console}/console/home?region={region}")),
            Some(Destination::Service(service)) => Ok(format!("{console}/{service}/home?region={region}")),
            Some(Destination::Page(url)) => {
                let there = url.host_str().unwrap_or_default();
                let host = console.trim_start_matches("https://");
                if there == host || there.ends_with(&self.suffix) {
                    return Ok(url.to_string());
                }
                Err(ConsoleError::NotTheConsole { url: url.to_string(), host: host.to_owned() })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(region: &str, destination: &str) -> Result<String, ConsoleError> {
        let region: Region = region.parse().unwrap();
        Partition::of(&region).unwrap().page(Some(&destination.parse().unwrap()), &region)
    }

    #[test]
    fn a_service_is_shown_in_the_profiles_region_and_partition() {
        assert_eq!(page("eu-central-1", "s3").unwrap(), "https://console.aws.amazon.com/s3/home?region=eu-central-1");
        assert_eq!(page("cn-north-1", "EC2").unwrap(), "https://console.amazonaws.cn/ec2/home?region=cn-north-1");
        assert!(page("us-gov-west-1", "s3").unwrap().starts_with("https://console.amazonaws-us-gov.com/s3/"));
        for region in ["us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "eusc-de-east-1"] {
            assert_eq!(Partition::of(&region.parse().unwrap()), None, "{region}");
        }
    }

    #[test]
    fn a_partition_that_aws_does_not_publish_is_known_by_its_endpoint() {
        let region: Region = "eusc-de-east-1".parse().unwrap();
        let page = |endpoint: &str| {
            let partition = Partition::at(&endpoint.parse().unwrap())?;
            partition.page(Some(&Destination::Service("s3".into())), &region).ok()
        };
        let wanted = "https://console.cloud.example/s3/home?region=eusc-de-east-1";
        assert_eq!(page("https://signin.cloud.example").as_deref(), Some(wanted));
        assert_eq!(page("https://eusc-de-east-1.signin.cloud.example").as_deref(), Some(wanted));
        assert_eq!(page("http://127.0.0.1:7").as_deref(), Some("http://127.0.0.1:7/s3/home?region=eusc-de-east-1"));
        for endpoint in ["https://login.cloud.example", "https://evilsignin.cloud.example", "https://signin.example"] {
            assert_eq!(page(endpoint), None, "{endpoint}");
        }
        let partition = Partition::at(&"https://signin.cloud.example".parse().unwrap()).unwrap();
        let elsewhere = "https://console.aws.amazon.com/".parse().unwrap();
        assert!(partition.page(Some(&elsewhere), &region).is_err());
    }

    #[test]
    fn nobody_is_led_out_of_the_console() {
        assert!(page("eu-central-1", "https://eu-central-1.console.aws.amazon.com/s3/buckets/x").is_ok());
        assert!(page("eu-central-1", "https://evil.example/console.aws.amazon.com").is_err());
        assert!(page("eu-central-1", "https://console.aws.amazon.com.evil.example/").is_err());
        assert!(page("eu-central-1", "https://evilaws.amazon.com/").is_err());
        for typed in ["http://console.aws.amazon.com/", "javascript:alert(1)", "../x", "s3/../..", "", "https://a@b/"] {
            assert!(typed.parse::<Destination>().is_err(), "{typed}");
        }
    }
}
