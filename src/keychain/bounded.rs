//! A time limit for stores that may never answer.
//!
//! A secret store is another process, and may be waiting for a person or be stuck; its calls can't be cancelled.
//! So each runs in a thread of its own, which is left behind when time is up and ends with this process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use super::gate::{Caller, Gate, Turn};
use super::{KeychainError, Store};
use crate::secret::SecretBytes;

/// A store whose every call ends within `patience`.
pub(super) struct Bounded<S> {
    store: Arc<S>,
    patience: Duration,
    gate: Option<Gate>,
    hung: AtomicBool,
}

impl<S: Store + 'static> Bounded<S> {
    /// Gives each of the store's calls `patience`, not counting the time in the queue at the gate.
    pub(super) fn new(store: S, patience: Duration, gate: Option<Gate>) -> Self {
        Self { store: Arc::new(store), patience, gate, hung: AtomicBool::new(false) }
    }

    /// Calls the store once.
    fn call<T: Send + 'static>(
        &self,
        call: impl Fn(&S) -> Result<T, KeychainError> + Send + Sync + 'static,
    ) -> Result<T, KeychainError> {
        self.call_up_to(1, call)
    }

    /// Calls the store, and again while it answers others but not us.
    ///
    /// Not for what changes it: a call that is left behind may still come through, after somebody else's.
    fn call_up_to<T: Send + 'static>(
        &self,
        times: u32,
        call: impl Fn(&S) -> Result<T, KeychainError> + Send + Sync + 'static,
    ) -> Result<T, KeychainError> {
        // The call that never came back may hold the store's own lock: the next one would only wait as long.
        if self.hung.load(Ordering::Relaxed) {
            return Err(timed_out(self.name(), self.patience));
        }
        let call = Arc::new(call);
        let (mut caller, mut gave_up) = (Caller::new(), false);
        for more in (0..times).rev() {
            let turn = self.gate.as_ref().map_or(Turn::Ours(None), |gate| gate.enter(&caller));
            let Turn::Ours(guard) = turn else { break };
            let (store, call) = (Arc::clone(&self.store), Arc::clone(&call));
            let result = within(self.name(), self.patience, move || call(&store));
            if !matches!(result, Err(KeychainError::TimedOut { .. })) {
                guard.iter().for_each(Gate::answered);
                return result;
            }
            gave_up = true;
            let again = guard.is_some_and(|guard| Gate::silent(&guard, &mut caller));
            if more == 0 || !again {
                break;
            }
            Gate::step_aside();
        }
        self.hung.fetch_or(gave_up, Ordering::Relaxed);
        Err(timed_out(self.name(), self.patience))
    }
}

impl<S: Store + 'static> Store for Bounded<S> {
    fn name(&self) -> &'static str {
        self.store.name()
    }

    fn limit(&self) -> Option<usize> {
        self.store.limit()
    }

    fn persistence(&self) -> &'static str {
        self.store.persistence()
    }

    fn get(&self, item: &str) -> Result<Option<SecretBytes>, KeychainError> {
        let item = item.to_owned();
        self.call_up_to(2, move |store| store.get(&item))
    }

    fn set(&self, item: &str, bytes: &[u8]) -> Result<(), KeychainError> {
        let (item, bytes) = (item.to_owned(), SecretBytes::new(bytes.to_vec()));
        self.call(move |store| store.set(&item, &bytes))
    }

    fn delete(&self, item: &str) -> Result<bool, KeychainError> {
        let item = item.to_owned();
        self.call(move |store| store.delete(&item))
    }
}

fn within<T: Send + 'static>(
    store: &'static str,
    patience: Duration,
    work: impl FnOnce() -> Result<T, KeychainError> + Send + 'static,
) -> Result<T, KeychainError> {
    let failed = |reason: String| KeychainError::Failed { store, reason };
    let (sender, receiver) = mpsc::sync_channel(1);
    std::thread::Builder::new()
        .name("keychain".to_owned())
        .spawn(move || {
            // Nobody listens any more when time was up.
            let _ = sender.send(work());
        })
        .map_err(|error| failed(format!("no thread to call it in: {error}")))?;
    match receiver.recv_timeout(patience) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => Err(timed_out(store, patience)),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(failed("its client library stopped".to_owned())),
    }
}

fn timed_out(store: &'static str, after: Duration) -> KeychainError {
    KeychainError::TimedOut { store, after }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::time::Instant;

    use super::*;
    use crate::keychain::MemoryStore;

    const SHORT: Duration = Duration::from_millis(50);

    struct Stuck;

    impl Store for Stuck {
        fn name(&self) -> &'static str {
            "stuck"
        }
        fn persistence(&self) -> &'static str {
            "never"
        }
        fn get(&self, _: &str) -> Result<Option<SecretBytes>, KeychainError> {
            loop {
                std::thread::park();
            }
        }
        fn set(&self, _: &str, _: &[u8]) -> Result<(), KeychainError> {
            Ok(())
        }
        fn delete(&self, _: &str) -> Result<bool, KeychainError> {
            Ok(false)
        }
    }

    #[test]
    fn a_stuck_store_is_given_up_after_its_time_and_not_asked_again() {
        let store = Bounded::new(Stuck, SHORT, None);
        let started = Instant::now();
        assert_eq!(store.get("a").err(), Some(timed_out("stuck", SHORT)));
        assert!(started.elapsed() < Duration::from_secs(1));
        let again = Instant::now();
        assert_eq!(store.set("a", b"x").err(), Some(timed_out("stuck", SHORT)));
        assert!(again.elapsed() < SHORT);
    }

    #[test]
    fn those_who_queue_behind_a_stuck_call_share_its_fate() {
        let state = tempfile::tempdir().unwrap();
        let patience = Duration::from_millis(300);
        let store = || {
            let gate = Gate { state: state.path().to_owned(), name: "stuck" };
            Bounded::new(Stuck, patience, Some(gate))
        };
        let started = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| assert_eq!(store().get("a").err(), Some(timed_out("stuck", patience))));
            }
        });
        assert!(started.elapsed() < 4 * patience, "two of them waited for it: {:?}", started.elapsed());
        assert_eq!(store().set("a", b"x"), Ok(()), "who comes later tries again");
    }

    /// A store that never comes back from its first call, and answers all others.
    #[derive(Default)]
    struct StuckOnce {
        calls: Arc<AtomicUsize>,
    }

    impl StuckOnce {
        fn call(&self) {
            if self.calls.fetch_add(1, Ordering::Relaxed) == 0 {
                loop {
                    std::thread::park();
                }
            }
        }
    }

    impl Store for StuckOnce {
        fn name(&self) -> &'static str {
            "stuck once"
        }
        fn persistence(&self) -> &'static str {
            "never"
        }
        fn get(&self, _: &str) -> Result<Option<SecretBytes>, KeychainError> {
            self.call();
            Ok(None)
        }
        fn set(&self, _: &str, _: &[u8]) -> Result<(), KeychainError> {
            self.call();
            Ok(())
        }
        fn delete(&self, _: &str) -> Result<bool, KeychainError> {
            Ok(false)
        }
    }

    #[test]
    fn one_that_is_unlucky_fails_nobody_and_reads_again_when_others_get_answers() {
        let (state, calls) = (tempfile::tempdir().unwrap(), Arc::new(AtomicUsize::new(0)));
        let store = |patience: Duration| {
            let gate = Gate { state: state.path().to_owned(), name: "stuck once" };
            Bounded::new(StuckOnce { calls: Arc::clone(&calls) }, patience, Some(gate))
        };
        let patience = Duration::from_secs(2);
        std::thread::scope(|scope| {
            for _ in 0..20 {
                scope.spawn(|| assert_eq!(store(patience).get("a"), Ok(None)));
            }
        });
        assert_eq!(calls.load(Ordering::Relaxed), 21);
        // What changes the store is asked for once: the call that was left behind may still come through.
        calls.store(0, Ordering::Relaxed);
        assert_eq!(store(SHORT).set("a", b"x"), Err(timed_out("stuck once", SHORT)));
        assert_eq!((calls.load(Ordering::Relaxed), store(SHORT).set("a", b"x")), (1, Ok(())));
    }

    #[test]
    fn alone_nobody_waits_longer_for_the_queue_that_isnt_there() {
        let state = tempfile::tempdir().unwrap();
        let store = Bounded::new(Stuck, SHORT, Some(Gate { state: state.path().to_owned(), name: "stuck" }));
        let started = Instant::now();
        assert_eq!(store.get("a").err(), Some(timed_out("stuck", SHORT)));
        assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
    }

    #[test]
    fn answers_pass_through() {
        let store = Bounded::new(MemoryStore::with_limit(3), SHORT, None);
        store.set("a", b"abc").unwrap();
        assert_eq!(store.get("a").unwrap().unwrap().as_slice(), b"abc");
        assert!(matches!(store.set("a", b"abcd"), Err(KeychainError::Full { .. })));
        assert_eq!((store.delete("a"), store.delete("a")), (Ok(true), Ok(false)));
    }
}
