//! Many files at once, within bounds: how many requests run, and how much memory their content takes.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::primitives::ByteStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;

use super::content::{Content, Room, Segments};
use super::error::FolderError;
use super::outcome::{Outcome, Progress};
use super::rate::{Rate, RateLimit};
use super::stop::Stop;

/// Requests at once, unless `--jobs` says otherwise.
pub const DEFAULT_JOBS: u16 = 64;

/// Connections that fill most networks. Large objects are not split into ranges beyond that.
pub(super) const CONNECTIONS: usize = 16;

/// Content that is held in memory at once, in bytes. One part larger than this still goes, alone.
const MEMORY: usize = 128 << 20;

/// Longer than the largest part takes at the slowest rate that makes sense.
const A_LONG_TIME: Duration = Duration::from_secs(30 * 24 * 3600);

/// How many plans may wait for a free worker. Each may hold a directory open.
pub(super) const BACKLOG: usize = 64;

/// The bounds that all transfers of one command share.
#[derive(Debug, Clone)]
pub(super) struct Limits {
    pub(super) jobs: usize,
    requests: Arc<Semaphore>,
    memory: Segments,
    /// How fast bytes may move, where that is limited.
    pub(super) rate: Option<Arc<Rate>>,
}

impl Limits {
    pub(super) fn new(jobs: Option<u16>, rate: Option<RateLimit>) -> Self {
        let rate = rate.map(|limit| Arc::new(Rate::new(limit)));
        let most = rate.as_ref().map_or(usize::MAX, |rate| rate.connections());
        let jobs = usize::from(jobs.unwrap_or(DEFAULT_JOBS)).min(most).max(1);
        let (requests, memory) = (Arc::new(Semaphore::new(jobs)), Segments::new(MEMORY));
        Self { jobs, requests, memory, rate }
    }

    /// A body that keeps to the rate.
    pub(super) fn body(&self, content: Content) -> ByteStream {
        match &self.rate {
            Some(rate) => rate.body(content),
            None => content.body(),
        }
    }

    /// What a request needs besides, so that keeping to the rate isn't taken for a silent server. That bytes do move is
    /// watched all the same.
    pub(super) fn patience(&self) -> aws_sdk_s3::config::Builder {
        let builder = aws_sdk_s3::config::Builder::new();
        if self.rate.is_none() {
            return builder;
        }
        builder.timeout_config(TimeoutConfig::builder().read_timeout(A_LONG_TIME).build())
    }

    /// Waits for a turn to send a request.
    pub(super) async fn request(&self) -> OwnedSemaphorePermit {
        self.requests.clone().acquire_owned().await.expect("the semaphore is never closed")
    }

    /// A turn that nobody waits for, if another connection is of use.
    pub(super) fn spare_request(&self) -> Option<OwnedSemaphorePermit> {
        let busy = self.jobs.saturating_sub(self.requests.available_permits());
        if busy >= CONNECTIONS {
            return None;
        }
        self.requests.clone().try_acquire_owned().ok()
    }

    /// Waits until so many bytes of content may be held.
    pub(super) async fn memory(&self, bytes: usize) -> Room {
        self.memory.room(bytes).await
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
            let mut taken: Vec<_> = std::iter::from_fn(|| limits.spare_request()).collect();
            assert_eq!(taken.len(), most);
            drop(taken.pop());
            assert!(limits.spare_request().is_some(), "one is idle again");
        }
    }
}
