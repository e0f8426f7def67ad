//! Where in the console to arrive, and which console it is. Pure.

use std::str::FromStr;

use url::Url;

use super::error::ConsoleError;
use crate::config::names::Region;

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    /// The federation endpoint's origin.
    pub signin: &'static str,
    /// The console's host.
    pub console: &'static str,
    /// What every host of the console ends with.
    suffix: &'static str,
}

const AWS: Partition =
    Partition { signin: "https://signin.aws.amazon.com", console: "console.aws.amazon.com", suffix: ".aws.amazon.com" };
const AWS_US_GOV: Partition = Partition {
    signin: "https://signin.amazonaws-us-gov.com",
    console: "console.amazonaws-us-gov.com",
    suffix: ".amazonaws-us-gov.com",
};
const AWS_CN: Partition =
    Partition { signin: "https://signin.amazonaws.cn", console: "console.amazonaws.cn", suffix: ".amazonaws.cn" };

impl Partition {
    /// The partition of a region. `None` for those whose sign-in endpoint AWS doesn't publish.
    ///
    /// Sources: IAM user guide, as above; AWS GovCloud (US) user guide and AWS in China, "Endpoints".
    pub fn of(region: &Region) -> Option<Self> {
        let region = region.as_str();
        match region.split('-').next() {
            Some("cn") => Some(AWS_CN),
            Some("us") if region.starts_with("us-gov-") => Some(AWS_US_GOV),
            Some("us") if region.starts_with("us-iso") => None,
            Some("eu") if region.starts_with("eu-iso") => None,
            Some("eusc") => None,
            _ => Some(AWS),
        }
    }

    /// The address of a destination: only pages of this console, so that nobody is led elsewhere with a fresh session.
    ///
    /// # Errors
    /// [`ConsoleError::NotTheConsole`].
    pub fn page(self, destination: Option<&Destination>, region: &Region) -> Result<String, ConsoleError> {
        let host = self.console;
        match destination {
            None => Ok(format!("https://{host}/console/home?region={region}")),
            Some(Destination::Service(service)) => Ok(format!("https://{host}/{service}/home?region={region}")),
            Some(Destination::Page(url)) => {
                let there = url.host_str().unwrap_or_default();
                if there == host || there.ends_with(self.suffix) {
                    return Ok(url.to_string());
                }
                Err(ConsoleError::NotTheConsole { url: url.to_string(), host })
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
