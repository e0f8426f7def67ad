//! How fast requests may go: when S3 tells one worker to slow down, all of them do.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// The longest pause after one `SlowDown`.
const LONGEST: Duration = Duration::from_secs(10);

#[derive(Debug, Default)]
struct State {
    until: Option<Instant>,
    level: u32,
}

/// The pause that all workers of a folder share.
#[derive(Debug, Default)]
pub(super) struct Pace {
    state: Mutex<State>,
}

impl Pace {
    /// Waits until requests may be sent.
    pub(super) async fn wait(&self) {
        loop {
            let until = self.state.lock().unwrap_or_else(PoisonError::into_inner).until;
            match until {
                Some(until) if until > Instant::now() => tokio::time::sleep_until(until).await,
                _ => return,
            }
        }
    }

    /// S3 was too busy: everybody waits, longer each time. Complaints about requests that were sent before the
    /// pause began don't lengthen it.
    pub(super) fn slow_down(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if state.until.is_none_or(|until| until <= now) {
            let pause = Duration::from_millis(250).saturating_mul(1 << state.level.min(6)).min(LONGEST);
            state.level += 1;
            state.until = Some(now + pause);
        }
    }

    /// S3 answered: the next pause starts short again.
    pub(super) fn went_well(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.level = state.level.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn many_complaints_at_once_count_as_one_pause() {
        let pace = Pace::default();
        let start = Instant::now();
        for _ in 0..50 {
            pace.slow_down();
        }
        assert_eq!(pace.state.lock().unwrap().level, 1);
        let until = pace.state.lock().unwrap().until.unwrap();
        assert!(until <= start + Duration::from_secs(1));
        pace.wait().await;
        assert!(Instant::now() >= until);
        pace.went_well();
        assert_eq!(pace.state.lock().unwrap().level, 0);
    }
}
