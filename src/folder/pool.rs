//! Many files at once, within bounds: how many requests run, and how much memory their content takes.

use std::sync::Arc;

use aws_sdk_s3::primitives::ByteStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;

use super::content::{self, Content, Segments};
use super::error::FolderError;
use super::outcome::Outcome;
use super::progress::{Progress, Tally};
use super::rate::{Rate, RateLimit};
use super::stop::Stop;
use super::window::{Flight, Room, Window};

/// Requests at once, unless `--jobs` says otherwise.
pub const DEFAULT_JOBS: u16 = 64;

/// Connections that fill most networks. Large objects are not split into ranges beyond that.
pub(super) const CONNECTIONS: usize = 16;

/// Content that is on its way at once, in bytes; an upload holds it in memory. One part larger than this still goes,
/// alone.
const MOST: usize = 128 << 20;

/// What a connection that brings a large object counts for, in bytes: all of them together fill the window.
const BRINGING: usize = MOST / CONNECTIONS;

/// How many plans may wait for a free worker. Each may hold a directory open.
pub(super) const BACKLOG: usize = 64;

/// The bounds that all transfers of one command share.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    pub(super) jobs: usize,
    requests: Arc<Semaphore>,
    window: Arc<Window>,
    memory: Segments,
    /// How fast bytes may move, where that is limited.
    pub(super) rate: Option<Arc<Rate>>,
}

/// Leave to bring a part of a large object besides those that bring it already.
pub(super) struct Spare {
    _request: OwnedSemaphorePermit,
    _room: Room,
}

impl Limits {
    /// So many requests at once, and all the memory from the beginning; where nobody asks for a number, what the line
    /// can use.
    pub(super) fn new(jobs: Option<u16>, rate: Option<RateLimit>) -> Self {
        let rate = rate.map(|limit| Arc::new(Rate::new(limit)));
        let most = rate.as_ref().map_or(usize::MAX, |rate| rate.connections());
        let window = Arc::new(Window::new(MOST, jobs.is_none(), rate.as_ref().map(|rate| rate.per_second())));
        let jobs = usize::from(jobs.unwrap_or(DEFAULT_JOBS)).min(most).max(1);
        let (requests, memory) = (Arc::new(Semaphore::new(jobs)), Segments::new(window.clone()));
        Self { jobs, requests, window, memory, rate }
    }

    /// A body that keeps to the rate, and tells what is sent of it.
    pub(super) fn body(&self, content: Content, tally: &Tally) -> ByteStream {
        match &self.rate {
            Some(rate) => rate.body(content, tally.sent()),
            None => content.body(tally.sent()),
        }
    }

    /// Waits for a turn to send a request.
    pub(super) async fn request(&self) -> OwnedSemaphorePermit {
        self.requests.clone().acquire_owned().await.expect("the semaphore is never closed")
    }

    /// Waits until so many bytes of content may be held.
    pub(super) async fn memory(&self, bytes: usize) -> content::Room {
        self.memory.room(bytes).await
    }

    /// Waits until an object of so many bytes may be on its way here; of a large one, what one connection brings.
    pub(super) async fn room(&self, bytes: u64) -> Room {
        let whole = usize::try_from(bytes).ok().filter(|bytes| *bytes <= 2 * BRINGING);
        self.window.room(whole.unwrap_or(BRINGING)).await
    }

    /// Another connection for a large object, if one is of use and nobody waits for it.
    pub(super) fn spare(&self) -> Option<Spare> {
        let busy = self.jobs.saturating_sub(self.requests.available_permits());
        if busy >= CONNECTIONS {
            return None;
        }
        let request = self.requests.clone().try_acquire_owned().ok()?;
        Some(Spare { _request: request, _room: self.window.spare_room(BRINGING)? })
    }

    /// Whether the line is so fast that everything at once is of use.
    pub(super) fn are_widest(&self) -> bool {
        self.window.is_widest()
    }

    /// So many bytes begin to move.
    pub(super) fn departs(&self, bytes: u64) -> Flight {
        self.window.departs(bytes)
    }
}

/// What a planner found: something to do, or something that has ended already.
#[derive(Debug)]
pub(super) enum Planned<J> {
    Job(J),
    Ended(Outcome),
}

/// Runs plans as they come, as many at once as there are jobs, and reports each end. When told to stop it cancels what
/// runs and waits until that is gone.
///
/// # Errors
/// [`FolderError::Interrupted`] when told to stop.
pub(super) async fn drive<J, F>(
    stop: &Stop,
    limits: &Limits,
    progress: &Progress,
    mut plans: mpsc::Receiver<Planned<J>>,
    work: impl Fn(J) -> F,
    mut report: impl FnMut(Outcome),
) -> Result<(), FolderError>
where
    F: Future<Output = Outcome> + Send + 'static,
{
    let mut running = JoinSet::new();
    let mut planning = true;
    let mut ended = |outcome| {
        progress.ended();
        report(outcome);
    };
    while planning || !running.is_empty() {
        tokio::select! {
            biased;
            () = stop.stopped() => {
                running.shutdown().await;
                return Err(FolderError::Interrupted);
            }
            Some(done) = running.join_next(), if !running.is_empty() => match done {
                Ok(outcome) => ended(outcome),
                Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
                Err(_) => {}
            },
            plan = plans.recv(), if planning && running.len() < limits.jobs => match plan {
                Some(Planned::Job(job)) => { running.spawn(work(job)); }
                Some(Planned::Ended(outcome)) => ended(outcome),
                None => planning = false,
            },
        }
    }
    Ok(())
}

/// File operations, away from the threads that drive the network.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, FolderError> + Send + 'static,
) -> Result<T, FolderError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(FolderError::Interrupted),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_spare_only_while_few_are_busy() {
        for (jobs, most) in [(None, CONNECTIONS), (Some(4), 4)] {
            let limits = Limits::new(jobs, None);
            // However fast the line is.
            (0..MOST / BRINGING).for_each(|_| limits.departs(BRINGING as u64).arrived());
            let mut taken: Vec<_> = std::iter::from_fn(|| limits.spare()).collect();
            assert_eq!(taken.len(), most);
            drop(taken.pop());
            assert!(limits.spare().is_some(), "one is idle again");
        }
    }
}
