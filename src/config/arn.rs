//! ARNs of roles and SAML providers, valid by construction. Pure.

use std::fmt;
use std::str::FromStr;

use super::error::shown;
use super::names::{AccountId, RoleName};

/// Why a text is not the ARN it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{shown}` is not the ARN of a {what}, such as `{example}`")]
pub struct InvalidArn {
    what: &'static str,
    example: &'static str,
    shown: String,
}

/// The ARN of an IAM role, of any partition: `arn:aws:iam::111122223333:role/team/DocsUser`.
///
/// Source: IAM user guide, "IAM ARNs"; STS API reference, `RoleArn` (20 to 2,048 characters).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoleArn {
    text: String,
    account: AccountId,
    name: RoleName,
}

impl RoleArn {
    /// The ARN as AWS takes it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `aws`, `aws-us-gov`, `aws-cn` and others that AWS may add.
    pub fn partition(&self) -> &str {
        partition(&self.text)
    }

    /// The account that the role is in.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The role's name, without its path.
    pub fn name(&self) -> &RoleName {
        &self.name
    }
}

impl FromStr for RoleArn {
    type Err = InvalidArn;
    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        let text = text.trim();
        let parsed = || {
            let (account, path) = iam_resource(text, "role/")?;
            Some((account, path.rsplit('/').next()?.parse().ok()?))
        };
        let (account, name) = parsed().ok_or_else(|| InvalidArn {
            what: "role",
            example: "arn:aws:iam::111122223333:role/DocsUser",
            shown: shown(text),
        })?;
        Ok(Self { text: text.to_owned(), account, name })
    }
}

/// The ARN of a SAML provider in IAM: `arn:aws:iam::111122223333:saml-provider/Example`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SamlProviderArn(String);

impl SamlProviderArn {
    /// The ARN as AWS takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As [`RoleArn::partition`].
    pub fn partition(&self) -> &str {
        partition(&self.0)
    }
}

impl FromStr for SamlProviderArn {
    type Err = InvalidArn;
    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        let text = text.trim();
        // Source: IAM API reference, `CreateSAMLProvider`: `[\w._-]+`, at most 128.
        let legal = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        match iam_resource(text, "saml-provider/") {
            Some((_, name)) if (1..=128).contains(&name.len()) && name.chars().all(legal) => Ok(Self(text.to_owned())),
            _ => Err(InvalidArn {
                what: "SAML provider",
                example: "arn:aws:iam::111122223333:saml-provider/Example",
                shown: shown(text),
            }),
        }
    }
}

impl fmt::Display for RoleArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Display for SamlProviderArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The account and what follows the kind of resource.
fn iam_resource<'t>(text: &'t str, kind: &str) -> Option<(AccountId, &'t str)> {
    // Role paths may hold any printable ASCII character. Source: IAM user guide, "IAM and STS quotas".
    if text.len() > 2048 || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let mut parts = text.splitn(6, ':');
    let partition_is_legal = |partition: &str| {
        let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        partition.starts_with("aws") && partition.len() <= 32 && partition.bytes().all(legal)
    };
    let (arn, partition, service, region) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    if arn != "arn" || !partition_is_legal(partition) || service != "iam" || !region.is_empty() {
        return None;
    }
    let account = parts.next()?.parse().ok()?;
    parts.next()?.strip_prefix(kind).map(|rest| (account, rest))
}

fn partition(arn: &str) -> &str {
    arn.split(':').nth(1).unwrap_or("aws")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_partition_and_path_is_legal() {
        for (text, partition, account, name) in [
            ("arn:aws:iam::111122223333:role/DocsUser", "aws", "111122223333", "DocsUser"),
            ("arn:aws-us-gov:iam::111122223333:role/a/b/R", "aws-us-gov", "111122223333", "R"),
            (" arn:aws-cn:iam::111122223333:role/x@y.z ", "aws-cn", "111122223333", "x@y.z"),
        ] {
            let arn: RoleArn = text.parse().expect(text);
            assert_eq!((arn.partition(), arn.account().as_str(), arn.name().as_str()), (partition, account, name));
            assert_eq!(arn.as_str(), text.trim());
        }
    }

    #[test]
    fn other_arns_are_refused_by_name() {
        for text in [
            "Default",
            "arn:aws:iam::111122223333:user/x",
            "arn:aws:iam::1111:role/x",
            "arn:aws:iam:eu-west-1:111122223333:role/x",
            "arn:evil:iam::111122223333:role/x",
            "arn:aws:iam::111122223333:role/",
            "arn:aws:iam::111122223333:role/x\ny",
        ] {
            let error = text.parse::<RoleArn>().expect_err(text).to_string();
            assert!(error.contains("is not the ARN of a role"), "{error}");
        }
        assert!("arn:aws:iam::111122223333:saml-provider/a b".parse::<SamlProviderArn>().is_err());
        assert!("arn:aws:iam::111122223333:saml-provider/idp".parse::<SamlProviderArn>().is_ok());
    }
}
