//! One process at a time at a busy store.
//!
//! A session bus takes 256 connections of a user, and one Secret Service serves them all, about 6 ms each. In a burst
//! of a few hundred processes all are slow together, and many run out of their time; one after the other, each has
//! its turn well within it, and the last is served no later.
//!
//! A store that does not answer one of them is tried by the next: two in a row, and everybody who waits is told that it
//! hangs. One alone was unlucky, and once the store has answered another, it may ask again.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::{Guard, Lock};

/// How long to queue. After that we go ahead: the gate is a courtesy, and whoever holds it may be suspended.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a holder notes when the store did not answer it. On a machine under load that may be its own bad luck, so the
/// next one tries too.
const SILENT: &str = "silent";

/// What that one notes when the store did not answer it either.
const HUNG: &str = "hung";

/// How long whoever got no answer leaves the store to those who wait, before it sees what became of them.
const STEP_ASIDE: Duration = Duration::from_millis(100);

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
    /// While we waited, the store did not answer two others in a row; it won't answer us either.
    Hung,
}

/// One caller at the gate: since when, and when it noted that it got no answer itself.
pub(super) struct Caller {
    arrived: SystemTime,
    silent: Option<SystemTime>,
}

impl Caller {
    pub(super) fn new() -> Self {
        Self { arrived: SystemTime::now(), silent: None }
    }
}

impl Gate {
    /// Waits for our turn.
    pub(super) fn enter(&self, caller: &Caller) -> Turn {
        let Ok(guard) = Lock::acquire(&self.state, &format!("gate {}", self.name), PATIENCE) else {
            return Turn::Ours(None);
        };
        match guard.note() {
            Some((when, note)) if note == HUNG && when >= caller.arrived => Turn::Hung,
            // Our own note: nobody has asked since.
            Some((when, _)) if caller.silent == Some(when) => Turn::Hung,
            _ => Turn::Ours(Some(guard)),
        }
    }

    /// Tells those who are waiting that the store answers.
    pub(super) fn answered(guard: &Guard) {
        if guard.note().is_some() {
            let _ = guard.leave_note("");
        }
    }

    /// Tells those who are waiting that the store did not answer, and lets them try. Gives back whether it makes sense
    /// to enter again, because one of them may get an answer.
    pub(super) fn silent(guard: &Guard, caller: &mut Caller) -> bool {
        let before = guard.note().is_some_and(|(when, _)| when >= caller.arrived);
        // Without the note they find out for themselves.
        let _ = guard.leave_note(if before { HUNG } else { SILENT });
        caller.silent = guard.note().map(|(when, _)| when);
        !before && caller.silent.is_some()
    }

    /// Lets those who wait go first.
    pub(super) fn step_aside() {
        std::thread::sleep(STEP_ASIDE);
    }
}
