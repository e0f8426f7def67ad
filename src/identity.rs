//! Who the caller is to AWS: temporary credentials of a role, and the identity that STS tells of them. Pure.

use jiff::{SignedDuration, Timestamp};

use crate::config::names::AccountId;
use crate::secret::Secret;

/// Renew when less than this is left: botocore calls again at once for anything shorter (its advisory refresh).
const RENEW_BEFORE: SignedDuration = SignedDuration::from_mins(15);

/// What STS or the portal gives for a proof of identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleCredentials {
    /// `ASIA…`; not a secret, but it names who signed.
    pub access_key_id: String,
    /// Signs requests.
    pub secret_access_key: Secret,
    /// Goes with every request. AWS says to assume no maximum length.
    pub session_token: Secret,
    /// When AWS stops taking them.
    pub expiration: Timestamp,
}

impl RoleCredentials {
    /// Whether AWS still takes them.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        now < self.expiration
    }

    /// Whether they last long enough to be handed out without renewing.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.expiration.duration_since(now) >= RENEW_BEFORE
    }
}

/// What `GetCallerIdentity` tells.
///
/// Source: STS API reference, `GetCallerIdentity`; IAM user guide, "Unique identifiers" for the forms of `UserId`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CallerIdentity {
    /// The value of `aws:userid`: for an assumed role `AROA…:RoleSessionName`.
    pub user_id: String,
    /// The principal's ARN.
    pub arn: String,
    /// The account of the principal.
    pub account_id: AccountId,
}

impl CallerIdentity {
    /// The role session name, which Identity Center and SAML providers choose: the person's sign-in name.
    pub fn session_name(&self) -> Option<&str> {
        self.user_id.split_once(':').map(|(_, name)| name)
    }

    /// Whether the principal is a session of a role.
    pub fn is_role(&self) -> bool {
        self.arn.contains(":assumed-role/")
    }

    /// The role's name, when the principal is a session of one.
    pub fn role_name(&self) -> Option<&str> {
        self.arn.split_once(":assumed-role/").and_then(|(_, resource)| resource.split('/').next())
    }

    /// The IAM user's name, when the principal is one: the value of `aws:username`.
    pub fn user_name(&self) -> Option<&str> {
        let (_, resource) = self.arn.rsplit_once(":user/")?;
        resource.rsplit('/').next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_off_the_identity_that_has_them() {
        let identity = |user_id: &str, arn: &str| CallerIdentity {
            user_id: user_id.to_owned(),
            arn: arn.to_owned(),
            account_id: "111111111111".parse().unwrap(),
        };
        let role =
            identity("AROAEXAMPLE:alice@example.com", "arn:aws:sts::111111111111:assumed-role/R/alice@example.com");
        assert_eq!(role.session_name(), Some("alice@example.com"));
        assert_eq!((role.user_name(), role.role_name()), (None, Some("R")));
        let user = identity("AIDAEXAMPLE", "arn:aws-cn:iam::111111111111:user/team/bob");
        assert_eq!((user.session_name(), user.role_name()), (None, None));
        assert_eq!(user.user_name(), Some("bob"));
    }

    #[test]
    fn credentials_are_fresh_while_botocore_would_not_ask_again() {
        let credentials = RoleCredentials {
            access_key_id: "ASIAEXAMPLE".to_owned(),
            secret_access_key: Secret::new("s"),
            session_token: Secret::new("t"),
            expiration: Timestamp::from_second(3600).unwrap(),
        };
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        assert!(credentials.is_fresh(at(3600 - 900)));
        assert!(!credentials.is_fresh(at(3600 - 899)));
        assert!(credentials.is_valid(at(3599)));
        assert!(!credentials.is_valid(at(3600)));
    }
}
