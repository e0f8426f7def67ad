//! AWS regions, and what their names tell of the partition. Pure.

use std::fmt;

use super::InvalidName;

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

#[cfg(test)]
mod tests {
    use super::*;

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
