//! AWS's sign-in hosts, and the STS region that goes with an assertion. Pure.
//!
//! The list is fixed here: no page and no assertion can add to it.
//!
//! Source: AWS general reference, "AWS sign-in endpoints"; STS API reference, "Endpoints".

use url::Url;

use crate::config::arn::RoleArn;
use crate::config::names::Region;

/// The hosts without a region, and the partition of each.
pub const SIGN_IN_HOSTS: [(&str, &str); 4] = [
    ("signin.aws.amazon.com", "aws"),
    ("signin.amazonaws-us-gov.com", "aws-us-gov"),
    ("signin.amazonaws.cn", "aws-cn"),
    ("signin.amazonaws-eusc.eu", "aws-eusc"),
];

/// Where an assertion is meant to be posted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination {
    /// The partition of the host.
    pub partition: &'static str,
    /// The region that the host names.
    pub region: Option<Region>,
}

impl Destination {
    /// One of AWS's sign-in pages; `None` for any other URL.
    pub fn of_url(url: &Url) -> Option<Self> {
        let path = url.path().trim_end_matches('/');
        if url.scheme() != "https" || url.port().is_some() || !(path == "/saml" || path.starts_with("/saml/acs/")) {
            return None;
        }
        let host = url.host_str()?;
        SIGN_IN_HOSTS.iter().find_map(|(known, partition)| {
            if host == *known {
                return Some(Self { partition, region: None });
            }
            let region = host.strip_suffix(known)?.strip_suffix('.')?;
            Some(Self { partition, region: Some(region.parse().ok()?) })
        })
    }

    /// The sign-in page of a partition, in a region where one is named; `None` for a partition that has none.
    pub fn sign_in_page(partition: &str, region: Option<&Region>) -> Option<Url> {
        let (host, _) = SIGN_IN_HOSTS.iter().find(|(_, known)| *known == partition)?;
        let region = region.map(|region| format!("{region}.")).unwrap_or_default();
        Url::parse(&format!("https://{region}{host}/saml")).ok()
    }

    /// As [`Destination::of_url`], of a text.
    pub fn of_text(text: &str) -> Option<Self> {
        Url::parse(text.trim()).ok().as_ref().and_then(Self::of_url)
    }
}

/// The region whose STS takes the assertion: what the destination names, else the profile's, else the partition's first.
///
/// The role's partition decides: an STS of another doesn't know the role.
pub fn sts_region(role: &RoleArn, destination: Option<&Destination>, profile: &Region) -> Region {
    let partition = role.partition();
    let fits = |region: &&Region| partition_of(region) == partition;
    let named = destination.and_then(|destination| destination.region.as_ref()).filter(fits);
    if let Some(region) = named.or(Some(profile).filter(fits)) {
        return region.clone();
    }
    let first = match partition {
        "aws-us-gov" => "us-gov-west-1",
        "aws-cn" => "cn-north-1",
        "aws-eusc" => "eusc-de-east-1",
        "aws-iso" => "us-iso-east-1",
        "aws-iso-b" => "us-isob-east-1",
        "aws-iso-e" => "eu-isoe-west-1",
        "aws-iso-f" => "us-isof-south-1",
        _ => "us-east-1",
    };
    first.parse().expect("AWS's own names of regions are legal")
}

/// Source: the endpoint rules that the AWS SDKs ship (`partitions.json`).
fn partition_of(region: &Region) -> &'static str {
    let region = region.as_str();
    for (prefix, partition) in [
        ("us-gov-", "aws-us-gov"),
        ("cn-", "aws-cn"),
        ("eusc-", "aws-eusc"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
    ] {
        if region.starts_with(prefix) {
            return partition;
        }
    }
    "aws"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn destination(text: &str) -> Option<(&'static str, Option<String>)> {
        Destination::of_text(text).map(|it| (it.partition, it.region.map(|region| region.to_string())))
    }

    #[test]
    fn only_aws_own_sign_in_pages_are_known() {
        let region = |name: &str| Some(name.to_owned());
        assert_eq!(destination("https://signin.aws.amazon.com/saml"), Some(("aws", None)));
        assert_eq!(destination("https://eu-west-1.signin.aws.amazon.com/saml"), Some(("aws", region("eu-west-1"))));
        assert_eq!(destination("https://signin.aws.amazon.com/saml/acs/SAMLSPX"), Some(("aws", None)));
        assert_eq!(destination("https://signin.amazonaws-us-gov.com/saml"), Some(("aws-us-gov", None)));
        assert_eq!(destination("https://signin.amazonaws.cn/saml"), Some(("aws-cn", None)));
        let sovereign = destination("https://eusc-de-east-1.signin.amazonaws-eusc.eu/saml");
        assert_eq!(sovereign.map(|(partition, _)| partition), Some("aws-eusc"));
        for other in [
            "http://signin.aws.amazon.com/saml",
            "https://signin.aws.amazon.com:8443/saml",
            "https://evil.example/saml",
            "https://evilsignin.aws.amazon.com/saml",
            "https://x.evil.signin.aws.amazon.com/saml",
            "https://signin.aws.amazon.com.evil.example/saml",
            "https://signin.aws.amazon.com@evil.example/saml",
            "https://signin.aws.amazon.com/console",
            "",
        ] {
            assert_eq!(destination(other), None, "{other}");
        }
    }

    #[test]
    fn the_page_of_a_partition_is_one_that_is_known() {
        let region: Region = "eu-west-1".parse().unwrap();
        for (partition, region) in [("aws", None), ("aws", Some(&region)), ("aws-us-gov", None), ("aws-cn", None)] {
            let page = Destination::sign_in_page(partition, region).unwrap();
            assert_eq!(Destination::of_url(&page).unwrap().partition, partition, "{page}");
        }
        assert_eq!(Destination::sign_in_page("aws-iso", None), None);
    }

    #[test]
    fn the_roles_partition_decides_where_sts_is_called() {
        let role = |partition: &str| format!("arn:{partition}:iam::111122223333:role/R").parse().unwrap();
        let region = |name: &str| name.parse::<Region>().unwrap();
        let regional = Destination::of_text("https://ap-south-1.signin.aws.amazon.com/saml");
        let home = region("eu-central-1");
        assert_eq!(sts_region(&role("aws"), regional.as_ref(), &home).as_str(), "ap-south-1");
        assert_eq!(sts_region(&role("aws"), None, &home).as_str(), "eu-central-1");
        assert_eq!(sts_region(&role("aws-us-gov"), None, &home).as_str(), "us-gov-west-1");
        assert_eq!(
            sts_region(&role("aws-us-gov"), regional.as_ref(), &region("us-gov-east-1")).as_str(),
            "us-gov-east-1"
        );
        assert_eq!(sts_region(&role("aws-cn"), None, &region("cn-northwest-1")).as_str(), "cn-northwest-1");
    }
}
