//! The sandbox's two readings of the time.
//!
//! Owns the offsets. Everything else asks here; nothing else reads the machine's clock.

use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// The machine's clock plus what a test added to it.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    advanced_secs: AtomicI64,
    skew_secs: AtomicI64,
}

impl Clock {
    /// The time against which tokens, codes, sessions and credentials expire.
    pub(crate) fn now(&self) -> Timestamp {
        shifted(self.advanced_secs.load(Ordering::SeqCst))
    }

    /// The time the server shows in `Date` and holds signatures against. It stays near the
    /// machine's own even when expiry was moved ahead, as a client's clock does.
    pub(crate) fn wall(&self) -> Timestamp {
        shifted(self.skew_secs.load(Ordering::SeqCst))
    }

    /// Moves expiry ahead.
    pub(crate) fn advance(&self, secs: i64) {
        self.advanced_secs.fetch_add(secs, Ordering::SeqCst);
    }

    /// Makes the server's wall clock differ from the machine's by this much.
    pub(crate) fn set_skew(&self, secs: i64) {
        self.skew_secs.store(secs, Ordering::SeqCst);
    }
}

fn shifted(secs: i64) -> Timestamp {
    Timestamp::now()
        .saturating_add(SignedDuration::from_secs(secs))
        .unwrap_or(Timestamp::MAX)
}
