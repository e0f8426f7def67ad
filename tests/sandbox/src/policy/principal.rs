//! The `Principal` element of trust policies, and whom it names.
//!
//! Owns that comparison. Source: *IAM User Guide*, "AWS JSON policy elements: Principal".

use serde_json::Value;

use super::document::{MalformedPolicy, malformed, strings};

/// The identity that asks, as a trust policy may name it.
#[derive(Debug, Clone, Copy)]
pub struct Caller<'a> {
    /// Its account id.
    pub account: &'a str,
    /// Its own ARN: the user's, or the assumed-role session's.
    pub arn: &'a str,
    /// For a role session, the IAM role's ARN.
    pub role_arn: Option<&'a str>,
}

/// How closely a principal element names a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Naming {
    /// Not at all.
    No,
    /// By its account, which leaves the decision to the account's own policies.
    ByAccount,
    /// By itself (or everybody).
    ByItself,
}

/// A parsed `Principal` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrincipalElement {
    everybody: bool,
    aws: Vec<String>,
    federated: Vec<String>,
}

impl PrincipalElement {
    pub(super) fn parse(value: &Value) -> Result<Self, MalformedPolicy> {
        match value {
            Value::String(text) if text == "*" => Ok(Self { everybody: true, aws: Vec::new(), federated: Vec::new() }),
            Value::Object(kinds) => {
                let mut aws = Vec::new();
                let mut federated = Vec::new();
                for (kind, names) in kinds {
                    match kind.as_str() {
                        "AWS" => aws.extend(strings(names)?),
                        // Named, but nobody who calls AssumeRole here is one of these.
                        "Federated" => federated.extend(strings(names)?),
                        "Service" | "CanonicalUser" => {
                            strings(names)?;
                        }
                        _ => return malformed("unknown kind of principal"),
                    }
                }
                Ok(Self { everybody: aws.iter().any(|it| it == "*"), aws, federated })
            }
            _ => malformed("Principal is neither * nor an object"),
        }
    }

    /// Whether this names a provider of identities, which must be written out.
    #[must_use]
    pub fn names_provider(&self, arn: &str) -> bool {
        self.federated.iter().any(|it| it == arn)
    }

    /// How closely this names the caller.
    #[must_use]
    pub fn names(&self, caller: Caller<'_>) -> Naming {
        if self.everybody {
            return Naming::ByItself;
        }
        let by_itself = |it: &String| it == caller.arn || Some(it.as_str()) == caller.role_arn;
        let root = |it: &String| {
            it == caller.account || (it.starts_with("arn:") && it.ends_with(&format!(":iam::{}:root", caller.account)))
        };
        if self.aws.iter().any(by_itself) {
            Naming::ByItself
        } else if self.aws.iter().any(root) {
            Naming::ByAccount
        } else {
            Naming::No
        }
    }
}
