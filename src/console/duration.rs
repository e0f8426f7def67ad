//! How long a session of the console lasts, and who may say so. Pure.

use std::str::FromStr;

use jiff::SignedDuration;

use super::error::ConsoleError;

const LEAST: SignedDuration = SignedDuration::from_mins(15);
const MOST: SignedDuration = SignedDuration::from_hours(12);

/// A duration the federation endpoint takes: 15 minutes to 12 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionDuration(SignedDuration);

/// What was typed is not one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a time from 15m to 12h, such as `90m` or `8h`")]
pub struct InvalidDuration;

impl SessionDuration {
    /// In seconds.
    pub fn as_secs(self) -> i64 {
        self.0.as_secs()
    }
}

impl FromStr for SessionDuration {
    type Err = InvalidDuration;

    fn from_str(text: &str) -> Result<Self, InvalidDuration> {
        let duration: SignedDuration = text.parse().map_err(|_| InvalidDuration)?;
        if (LEAST..=MOST).contains(&duration) { Ok(Self(duration)) } else { Err(InvalidDuration) }
    }
}

/// What kind of credentials they are, as far as the console cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionKind {
    /// A role assumed with a proof of identity (Identity Center, SAML, web identity) or with a user's keys.
    Role,
    /// A role assumed by another role: an hour at most, and not to be prolonged.
    ChainedRole,
    /// An IAM user's own session, which the endpoint takes without a duration.
    User,
    /// `GetFederationToken`: the session lasts as long as was asked for then.
    Federated,
}

impl SessionKind {
    /// The `SessionDuration` to send. Without one the session lasts as long as the credentials.
    ///
    /// # Errors
    /// [`ConsoleError::FixedDuration`] for credentials with which the endpoint refuses the parameter.
    pub fn duration(self, asked: Option<SessionDuration>) -> Result<Option<SessionDuration>, ConsoleError> {
        let why = match (asked, self) {
            (None, _) | (_, SessionKind::Role) => return Ok(asked),
            (_, SessionKind::ChainedRole) => "these credentials are a role's that another role assumed",
            (_, SessionKind::User) => "these credentials are an IAM user's",
            (_, SessionKind::Federated) => "these credentials are a federated user's",
        };
        Err(ConsoleError::FixedDuration { why })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_typed_as_people_say_them_and_bounded_as_aws_has_them() {
        let secs = |text: &str| text.parse::<SessionDuration>().map(SessionDuration::as_secs).ok();
        assert_eq!(secs("15m"), Some(900));
        assert_eq!(secs("8h"), Some(28_800));
        assert_eq!(secs("12h"), Some(43_200));
        for text in ["14m", "12h1s", "3600", "-1h", "", "long"] {
            assert_eq!(secs(text), None, "{text}");
        }
    }

    #[test]
    fn only_a_role_assumed_directly_may_ask_for_a_duration() {
        let asked = Some("8h".parse().unwrap());
        assert_eq!(SessionKind::Role.duration(asked), Ok(asked));
        assert!(SessionKind::ChainedRole.duration(asked).is_err());
        assert!(SessionKind::Federated.duration(asked).is_err());
        assert_eq!(SessionKind::Federated.duration(None), Ok(None));
    }
}
