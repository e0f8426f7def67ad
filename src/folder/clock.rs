//! The time that requests are signed with: this machine's, corrected once S3 has said that it is off.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime};

use aws_smithy_async::time::TimeSource;

/// This machine's clock and S3's difference to it.
#[derive(Debug, Clone, Default)]
pub(super) struct Clock {
    behind: Arc<AtomicI64>,
}

impl Clock {
    /// Notes that S3's clock shows so many seconds more than this machine's.
    pub(super) fn set_behind(&self, seconds: i64) {
        self.behind.store(seconds, Ordering::Relaxed);
    }
}

impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        let seconds = self.behind.load(Ordering::Relaxed);
        let by = Duration::from_secs(seconds.unsigned_abs());
        let now = SystemTime::now();
        let corrected = if seconds >= 0 { now.checked_add(by) } else { now.checked_sub(by) };
        corrected.unwrap_or(now)
    }
}
