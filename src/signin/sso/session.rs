//! What an Identity Center sign-in leaves behind, and when it is worth renewing. Pure.

use jiff::{SignedDuration, Timestamp};

use crate::config::names::{Region, StartUrl};
use crate::secret::Secret;

/// Renew when less than this is left. Source: botocore's advisory refresh window for SSO tokens, 15 min.
const RENEW_BEFORE: SignedDuration = SignedDuration::from_mins(15);

/// Which of the two ways a person signed in; a refresh token belongs to the client that got it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// Authorization code with PKCE, in a browser on this machine.
    AuthorizationCode,
    /// Device authorization, in a browser anywhere.
    DeviceCode,
}

/// This program's registration with the organisation's OIDC service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The flow it was registered for.
    pub flow: Flow,
    /// Public.
    pub client_id: String,
    /// Kept secret, although public clients' secrets prove nothing.
    pub client_secret: Secret,
    /// When the service forgets it: about 90 days, in some organisations 24 h.
    pub expires_at: Timestamp,
}

impl Registration {
    /// Whether it will outlast a sign-in that starts now.
    pub fn is_usable(&self, now: Timestamp) -> bool {
        self.expires_at.duration_since(now) > RENEW_BEFORE
    }
}

/// An access token for the portal, with what renews it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// Sent to the portal as `x-amz-sso_bearer_token`.
    pub token: Secret,
    /// When the portal stops taking it: about an hour after it was issued.
    pub expires_at: Timestamp,
    /// Good for one use: each renewal brings another.
    pub refresh_token: Option<Secret>,
    /// The flow, and so the registration, it came from.
    pub flow: Flow,
}

impl AccessToken {
    /// Whether the portal still takes it.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    /// Whether it is time to renew it.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.expires_at.duration_since(now) < RENEW_BEFORE
    }
}

/// Everything kept of one organisation: registrations and, while somebody is signed in, the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SsoSession {
    /// The access portal.
    pub start_url: StartUrl,
    /// The region of the Identity Center instance.
    pub sso_region: Region,
    /// At most one for each flow.
    pub registrations: Vec<Registration>,
    /// Present while somebody is signed in.
    pub token: Option<AccessToken>,
}

impl SsoSession {
    /// Nothing known yet.
    pub fn new(start_url: StartUrl, sso_region: Region) -> Self {
        Self { start_url, sso_region, registrations: Vec::new(), token: None }
    }

    /// The registration of a flow.
    pub fn registration(&self, flow: Flow) -> Option<&Registration> {
        self.registrations.iter().find(|registration| registration.flow == flow)
    }

    /// Replaces the registration of its flow.
    pub fn set_registration(&mut self, registration: Registration) {
        self.registrations.retain(|known| known.flow != registration.flow);
        self.registrations.push(registration);
    }

    /// Whether the token can be renewed without a person, as far as can be told from here.
    pub fn can_renew(&self, now: Timestamp) -> bool {
        self.token.as_ref().is_some_and(|token| {
            token.refresh_token.is_some()
                && self.registration(token.flow).is_some_and(|registration| now < registration.expires_at)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn token(expires: i64) -> AccessToken {
        AccessToken {
            token: Secret::new("t"),
            expires_at: at(expires),
            refresh_token: Some(Secret::new("r")),
            flow: Flow::DeviceCode,
        }
    }

    #[test]
    fn a_token_is_due_a_quarter_of_an_hour_before_it_ends() {
        assert!(!token(3600).is_due(at(3600 - 900)));
        assert!(token(3600).is_due(at(3600 - 899)));
        assert!(token(3600).is_valid(at(3599)));
        assert!(!token(3600).is_valid(at(3600)));
    }

    #[test]
    fn renewal_needs_the_registration_that_got_the_token() {
        let mut session =
            SsoSession::new("https://example.awsapps.com/start".parse().unwrap(), "eu-central-1".parse().unwrap());
        session.token = Some(token(3600));
        let registration = |flow| Registration {
            flow,
            client_id: "c".to_owned(),
            client_secret: Secret::new("s"),
            expires_at: at(9000),
        };
        session.set_registration(registration(Flow::AuthorizationCode));
        assert!(!session.can_renew(at(0)));
        session.set_registration(registration(Flow::DeviceCode));
        session.set_registration(registration(Flow::DeviceCode));
        assert_eq!(session.registrations.len(), 2);
        assert!(session.can_renew(at(0)));
        assert!(!session.can_renew(at(9000)));
    }
}
