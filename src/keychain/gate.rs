//! One process at a time at a busy store.
//!
//! A session bus takes 256 connections of a user, and one Secret Service serves them all, about 6 ms each. In a burst
//! of a few hundred processes all are slow together, and many run out of their time; one after the other, each has
//! its turn well within it, and the last is served no later.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::{Guard, Lock};

/// How long to queue. After that we go ahead: the gate is a courtesy, and whoever holds it may be suspended.
const PATIENCE: Duration = Duration::from_secs(20);

/// What the holder notes when the store did not answer it.
const HUNG: &str = "hung";

/// The queue for one store.
pub(super) struct Gate {
    /// Where locks are kept.
    pub state: PathBuf,
    /// The store.
    pub name: &'static str,
}

/// What came of queueing.
pub(super) enum Turn {
    /// It is our turn. No guard if there is no queue: the directory can't be written to, or it took too long.
    Ours(Option<Guard>),
    /// While we waited, the store did not answer whoever was before us; it won't answer us either.
    Hung,
}

impl Gate {
    /// Waits for our turn.
    pub(super) fn enter(&self) -> Turn {
        let arrived = SystemTime::now();
        let Ok(guard) = Lock::acquire(&self.state, &format!("gate {}", self.name), PATIENCE) else {
            return Turn::Ours(None);
        };
        match guard.note() {
            Some((when, note)) if note == HUNG && when >= arrived => Turn::Hung,
            _ => Turn::Ours(Some(guard)),
        }
    }

    /// Tells those who are waiting that the store did not answer.
    pub(super) fn hung(guard: &Guard) {
        // Without the note they find out for themselves.
        let _ = guard.leave_note(HUNG);
    }
}
