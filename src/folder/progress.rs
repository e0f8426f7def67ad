//! How far the transfers of a command are, for whoever watches.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Counters that a progress bar watches while work goes on.
#[derive(Debug, Default)]
pub struct Progress {
    /// Bytes that have moved.
    pub bytes: AtomicU64,
    /// Bytes that are known to have to move; it may still grow, or shrink by what turns out to be there.
    pub total_bytes: AtomicU64,
    /// Files that have ended one way or another.
    pub files: AtomicU64,
    /// Files that are known; it may still grow.
    pub total_files: AtomicU64,
}

impl Progress {
    pub(super) fn moved(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes that had moved will move again, or never.
    fn not_sent(&self, bytes: u64) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// More bytes have to move than were planned.
    pub(super) fn grew(&self, bytes: u64) {
        self.total_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Bytes that had been planned need not move.
    pub(super) fn not_moved(&self, bytes: u64) {
        self.total_bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(super) fn planned(&self, bytes: u64) {
        self.total_files.fetch_add(1, Ordering::Relaxed);
        self.grew(bytes);
    }

    pub(super) fn ended(&self) {
        self.files.fetch_add(1, Ordering::Relaxed);
    }
}

/// What one request that sends content adds to the progress: what is taken to be sent, as it is taken. What is sent
/// again, or for nothing, doesn't count.
#[derive(Debug)]
pub(super) struct Tally {
    sent: Arc<Sent>,
    bytes: u64,
}

/// The part of a [`Tally`] that a body holds.
#[derive(Debug)]
pub(super) struct Sent {
    progress: Arc<Progress>,
    /// What this request has added; `None` when it is over.
    added: Mutex<Option<u64>>,
}

impl Tally {
    /// For so many bytes.
    pub(super) fn new(progress: &Arc<Progress>, bytes: u64) -> Self {
        let sent = Sent { progress: progress.clone(), added: Mutex::new(Some(0)) };
        Self { sent: Arc::new(sent), bytes }
    }

    /// For a body to tell.
    pub(super) fn sent(&self) -> Arc<Sent> {
        self.sent.clone()
    }

    /// All of it is stored.
    pub(super) fn arrived(self) {
        self.sent.end(self.bytes);
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        self.sent.end(0);
    }
}

impl Sent {
    /// It is sent from the beginning, perhaps again.
    pub(super) fn begins(&self) {
        self.with(|added| self.progress.not_sent(std::mem::take(added)));
    }

    /// So many bytes more were taken.
    pub(super) fn took(&self, bytes: usize) {
        self.with(|added| {
            *added += bytes as u64;
            self.progress.moved(bytes as u64);
        });
    }

    /// It counts for so many bytes, and for no more.
    fn end(&self, bytes: u64) {
        if let Some(added) = self.added.lock().unwrap_or_else(PoisonError::into_inner).take() {
            self.progress.moved(bytes);
            self.progress.not_sent(added);
        }
    }

    fn with(&self, change: impl FnOnce(&mut u64)) {
        if let Some(added) = self.added.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            change(added);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_twice_or_for_nothing_does_not_count() {
        let progress = Arc::new(Progress::default());
        let moved = || progress.bytes.load(Ordering::Relaxed);
        let tally = Tally::new(&progress, 10);
        let sent = tally.sent();
        sent.begins();
        sent.took(4);
        sent.took(3);
        assert_eq!(moved(), 7);
        sent.begins();
        assert_eq!(moved(), 0, "it is sent again");
        sent.took(4);
        tally.arrived();
        assert_eq!(moved(), 10);
        sent.took(6);
        sent.begins();
        assert_eq!(moved(), 10, "it is over");

        let failed = Tally::new(&progress, 10);
        failed.sent().took(9);
        assert_eq!(moved(), 19);
        drop(failed);
        assert_eq!(moved(), 10);
    }
}
