//! Temporary credentials of a role, and whether they are worth handing out. Pure.

use jiff::{SignedDuration, Timestamp};

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

#[cfg(test)]
mod tests {
    use super::*;

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
