//! How work is told to stop: for good, or until another run.

use tokio::sync::watch;

/// A request to stop, seen by everything that holds a clone. It can't be taken back.
#[derive(Debug, Clone)]
pub struct Stop {
    asked: watch::Sender<Option<Leave>>,
}

/// What becomes of what was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave {
    /// It is cleared away: a person doesn't want it.
    Nothing,
    /// What another run can go on with stays: nobody said that it isn't wanted.
    ForAnotherRun,
}

impl Default for Stop {
    fn default() -> Self {
        Self { asked: watch::Sender::new(None) }
    }
}

impl Stop {
    /// Asks everything that holds a clone to stop, for good.
    pub fn stop(&self) {
        self.stop_and_leave(Leave::Nothing);
    }

    /// Asks everything that holds a clone to stop.
    pub fn stop_and_leave(&self, leave: Leave) {
        self.asked.send_replace(Some(leave));
    }

    /// Whether it was asked for.
    pub fn is_stopped(&self) -> bool {
        self.asked.borrow().is_some()
    }

    /// Whether it was asked for, and what another run can go on with is to stay.
    pub(super) fn keeps(&self) -> bool {
        *self.asked.borrow() == Some(Leave::ForAnotherRun)
    }

    /// Returns when it is asked for.
    pub async fn stopped(&self) {
        let mut asked = self.asked.subscribe();
        // The sender lives in `self`, so waiting can't fail.
        let _ = asked.wait_for(Option::is_some).await;
    }
}
