//! Device authorization: how often to ask, and what each answer means. Pure.
//!
//! Source: RFC 8628 §3.5.

use std::time::Duration;

use super::error::OAuthError;

/// What is asked when the service names no interval. RFC 8628 §3.2.
const DEFAULT_INTERVAL: Duration = Duration::from_secs(5);
/// What `slow_down` adds. RFC 8628 §3.5.
const SLOW_DOWN: Duration = Duration::from_secs(5);

/// An answer of the token endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::signin) enum Reply<E> {
    /// The person has not finished yet.
    Pending,
    /// Asked too often.
    SlowDown,
    /// The device code has expired.
    Expired,
    /// The person said no.
    Denied,
    /// No answer, or a failure on the service's side: worth asking again.
    Unreachable(E),
    /// Anything else ends it.
    Failed(E),
}

/// The state of one wait for a person.
#[derive(Debug)]
pub(in crate::signin) struct Poll {
    interval: Duration,
    left: Duration,
    patience: Duration,
}

impl Poll {
    /// `interval` and `expires_in` are seconds, as the service gave them; 0 means it gave none.
    pub(in crate::signin) fn new(interval: i32, expires_in: i32) -> Self {
        let seconds = |value: i32| u64::try_from(value).ok().filter(|value| *value > 0).map(Duration::from_secs);
        let patience = seconds(expires_in).unwrap_or(Duration::from_secs(600)).min(Duration::from_secs(3600));
        Self {
            interval: seconds(interval).unwrap_or(DEFAULT_INTERVAL).min(Duration::from_secs(60)),
            left: patience,
            patience,
        }
    }

    /// How long to wait before asking.
    pub(in crate::signin) fn interval(&self) -> Duration {
        self.interval
    }

    /// What an answer means: `Ok` to wait once more.
    pub(in crate::signin) fn after<E: From<OAuthError>>(&mut self, reply: Reply<E>) -> Result<(), E> {
        let late = || OAuthError::NobodyAnswered { minutes: self.patience.as_secs().div_ceil(60) }.into();
        self.left = self.left.saturating_sub(self.interval);
        match reply {
            Reply::SlowDown => self.interval += SLOW_DOWN,
            Reply::Pending => {}
            Reply::Unreachable(error) if self.left.is_zero() => return Err(error),
            Reply::Unreachable(_) => {}
            Reply::Expired => return Err(late()),
            Reply::Denied => return Err(OAuthError::Denied.into()),
            Reply::Failed(error) => return Err(error),
        }
        if self.left.is_zero() { Err(late()) } else { Ok(()) }
    }
}

/// What a person must do, and the one thing they must not.
pub(in crate::signin) fn instructions(page: &str, user_code: &str) -> String {
    format!(
        "To sign in, open this page in any browser:\n\n  {page}\n\nand enter this code:\n\n  {user_code}\n\n\
         Only enter a code that you asked for yourself: whoever sent you another one would get your access.\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    type Reply = super::Reply<OAuthError>;

    #[test]
    fn slow_down_adds_five_seconds_and_goes_on() {
        let mut poll = Poll::new(1, 600);
        assert_eq!(poll.interval(), Duration::from_secs(1));
        assert_eq!(poll.after(Reply::SlowDown), Ok(()));
        assert_eq!(poll.interval(), Duration::from_secs(6));
        assert_eq!(poll.after(Reply::Pending), Ok(()));
        assert_eq!(poll.after(Reply::SlowDown), Ok(()));
        assert_eq!(poll.interval(), Duration::from_secs(11));
    }

    #[test]
    fn expiry_denial_and_running_out_of_time_each_have_their_own_message() {
        let minutes = 10;
        assert_eq!(Poll::new(1, 600).after(Reply::Expired), Err(OAuthError::NobodyAnswered { minutes }));
        assert_eq!(Poll::new(1, 600).after(Reply::Denied), Err(OAuthError::Denied));
        let mut poll = Poll::new(5, 12);
        assert_eq!(poll.after(Reply::Pending), Ok(()));
        assert_eq!(poll.after(Reply::Pending), Ok(()));
        assert_eq!(poll.after(Reply::Pending), Err(OAuthError::NobodyAnswered { minutes: 1 }));
    }

    #[test]
    fn an_unreachable_service_is_asked_again_until_time_is_up() {
        let down = || OAuthError::NoRandomness;
        let mut poll = Poll::new(0, 10);
        assert_eq!(poll.interval(), DEFAULT_INTERVAL);
        assert_eq!(poll.after(Reply::Unreachable(down())), Ok(()));
        assert_eq!(poll.after(Reply::Unreachable(down())), Err(down()));
    }

    #[test]
    fn hostile_intervals_are_bounded() {
        assert_eq!(Poll::new(i32::MAX, i32::MAX).interval(), Duration::from_secs(60));
        assert_eq!(Poll::new(-3, -3).interval(), DEFAULT_INTERVAL);
    }
}
