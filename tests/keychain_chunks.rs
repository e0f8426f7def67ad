//! Values larger than one item of the store: whole or absent, whoever reads and whenever a writer stops.
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use proptest::prelude::*;
use securecart::keychain::{Keychain, KeychainError, MemoryStore, Store};
use securecart::secret::SecretBytes;

const LIMIT: usize = 64;

/// A store whose writer dies after a number of changes: from then on every call fails.
struct Mortal {
    store: Arc<MemoryStore>,
    changes_left: AtomicUsize,
    reads: AtomicUsize,
}

impl Mortal {
    fn over(store: &Arc<MemoryStore>, changes: usize) -> Arc<Self> {
        Arc::new(Self { store: Arc::clone(store), changes_left: AtomicUsize::new(changes), reads: AtomicUsize::new(0) })
    }

    fn change(&self) -> Result<(), KeychainError> {
        self.changes_left
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1))
            .map(|_| ())
            .map_err(|_| KeychainError::Failed { store: "mortal", reason: "killed".to_owned() })
    }
}

impl Store for Mortal {
    fn name(&self) -> &'static str {
        "mortal"
    }
    fn limit(&self) -> Option<usize> {
        self.store.limit()
    }
    fn persistence(&self) -> &'static str {
        "never"
    }
    fn get(&self, item: &str) -> Result<Option<SecretBytes>, KeychainError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.store.get(item)
    }
    fn set(&self, item: &str, bytes: &[u8]) -> Result<(), KeychainError> {
        self.change()?;
        self.store.set(item, bytes)
    }
    fn delete(&self, item: &str) -> Result<bool, KeychainError> {
        self.change()?;
        self.store.delete(item)
    }
}

fn immortal(store: &Arc<MemoryStore>, state: &Path) -> Keychain {
    Keychain::over(Mortal::over(store, usize::MAX), state)
}

fn value(byte: u8, len: usize) -> Vec<u8> {
    vec![byte; len]
}

fn loaded(keychain: &Keychain, item: &str) -> Option<Vec<u8>> {
    keychain.load(item).unwrap().map(|bytes| bytes.to_vec())
}

#[test]
fn values_of_any_size_come_back_and_leave_no_parts_behind() {
    let (store, state) = (Arc::new(MemoryStore::with_limit(LIMIT)), tempfile::tempdir().unwrap());
    let keychain = immortal(&store, state.path());
    for len in [0, 1, LIMIT - 4, LIMIT - 3, LIMIT, LIMIT + 1, 10 * LIMIT, 10_000, 5] {
        keychain.save("a", &value(7, len)).unwrap();
        assert_eq!(loaded(&keychain, "a"), Some(value(7, len)), "{len} bytes");
        let parts = if len <= LIMIT - 4 { 0 } else { len.div_ceil(LIMIT) };
        assert_eq!(store.names().len(), 1 + parts, "{len} bytes");
    }
    keychain.save("a", &value(1, 1000)).unwrap();
    assert_eq!((keychain.remove("a"), keychain.remove("a")), (Ok(true), Ok(false)));
    assert_eq!(store.names(), Vec::<String>::new());
    assert_eq!(keychain.items().unwrap(), ["a"]);
}

#[test]
fn a_small_item_is_loaded_with_one_read() {
    for store in [MemoryStore::new(), MemoryStore::with_limit(LIMIT)] {
        let state = tempfile::tempdir().unwrap();
        let store = Arc::new(store);
        immortal(&store, state.path()).save("a", b"small").unwrap();
        let counted = Mortal::over(&store, 0);
        assert_eq!(loaded(&Keychain::over(counted.clone(), state.path()), "a").unwrap(), b"small");
        assert_eq!(counted.reads.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn a_writer_killed_at_any_step_leaves_the_old_value_or_the_new_one_and_the_next_writer_cleans_up() {
    for (old_len, new_len) in [(300, 500), (500, 300), (10, 300), (300, 10)] {
        for steps in 0.. {
            let (store, state) = (Arc::new(MemoryStore::with_limit(LIMIT)), tempfile::tempdir().unwrap());
            let keychain = immortal(&store, state.path());
            keychain.save("a", &value(1, old_len)).unwrap();
            let killed = Keychain::over(Mortal::over(&store, steps), state.path()).save("a", &value(2, new_len));
            let found = loaded(&keychain, "a").unwrap();
            if killed.is_ok() {
                assert_eq!(found, value(2, new_len));
                assert!(steps > 0);
                break;
            }
            assert!(found == value(1, old_len) || found == value(2, new_len), "after {steps} steps");
            keychain.save("a", &value(3, 200)).unwrap();
            assert_eq!(loaded(&keychain, "a"), Some(value(3, 200)));
            assert_eq!(store.names().len(), 1 + 200usize.div_ceil(LIMIT), "orphans after {steps} steps");
        }
    }
}

#[test]
fn a_removal_killed_at_any_step_is_completed_by_the_next() {
    for steps in 0.. {
        let (store, state) = (Arc::new(MemoryStore::with_limit(LIMIT)), tempfile::tempdir().unwrap());
        let keychain = immortal(&store, state.path());
        keychain.save("a", &value(1, 300)).unwrap();
        let removed = Keychain::over(Mortal::over(&store, steps), state.path()).remove("a");
        if removed.is_ok() {
            break;
        }
        let found = loaded(&keychain, "a");
        assert!(found.is_none() || found == Some(value(1, 300)), "after {steps} steps");
        keychain.remove("a").unwrap();
        assert_eq!(store.names(), Vec::<String>::new(), "orphans after {steps} steps");
    }
}

#[test]
fn readers_never_see_a_mixture_while_writers_write() {
    let (store, state) = (Arc::new(MemoryStore::with_limit(LIMIT)), tempfile::tempdir().unwrap());
    let keychain = immortal(&store, state.path());
    keychain.save("a", &value(0, 1000)).unwrap();
    let done = AtomicBool::new(false);
    let loads = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..2)
            .map(|writer| {
                let keychain = &keychain;
                scope.spawn(move || {
                    for round in 0..200usize {
                        let byte = u8::try_from(round % 100).unwrap() * 2 + writer;
                        keychain.save("a", &value(byte, 500 + (round * 37) % 1500)).unwrap();
                    }
                })
            })
            .collect();
        for _ in 0..4 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let bytes = keychain.load("a").unwrap().expect("the item is never absent");
                    assert!(bytes.iter().all(|byte| *byte == bytes[0]), "a mixture of two values");
                    loads.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(loads.into_inner() > 100);
}

#[test]
fn a_missing_or_changed_part_is_damage_and_saving_again_repairs_it() {
    let (store, state) = (Arc::new(MemoryStore::with_limit(LIMIT)), tempfile::tempdir().unwrap());
    let keychain = immortal(&store, state.path());
    let damaged = Some(KeychainError::Damaged { store: "mortal", item: "a".to_owned() });
    for changed in [None, Some(b"else".as_slice())] {
        keychain.save("a", &value(1, 300)).unwrap();
        let part = store.names().into_iter().find(|name| name.ends_with(".2")).unwrap();
        match changed {
            None => assert!(store.delete(&part).unwrap()),
            Some(bytes) => store.set(&part, bytes).unwrap(),
        }
        assert_eq!(keychain.load("a").err(), damaged);
    }
    store.set("a", b"not ours").unwrap();
    assert_eq!(keychain.load("a").err(), damaged);
    keychain.save("a", &value(2, 300)).unwrap();
    assert_eq!(loaded(&keychain, "a"), Some(value(2, 300)));
    assert_eq!(keychain.remove("a"), Ok(true));
}

/// A store with room for so many items.
struct Small(MemoryStore, usize);

impl Store for Small {
    fn name(&self) -> &'static str {
        "small"
    }
    fn limit(&self) -> Option<usize> {
        self.0.limit()
    }
    fn persistence(&self) -> &'static str {
        "never"
    }
    fn get(&self, item: &str) -> Result<Option<SecretBytes>, KeychainError> {
        self.0.get(item)
    }
    fn set(&self, item: &str, bytes: &[u8]) -> Result<(), KeychainError> {
        if self.0.names().len() >= self.1 {
            return Err(KeychainError::Full { store: "small", item: item.to_owned() });
        }
        self.0.set(item, bytes)
    }
    fn delete(&self, item: &str) -> Result<bool, KeychainError> {
        self.0.delete(item)
    }
}

#[test]
fn a_full_store_keeps_the_old_value_and_no_parts_of_the_new_one() {
    let (store, state) = (Arc::new(Small(MemoryStore::with_limit(LIMIT), 12)), tempfile::tempdir().unwrap());
    let keychain = Keychain::over(store.clone(), state.path());
    keychain.save("a", &value(1, 300)).unwrap();
    let full = keychain.save("a", &value(2, 3000)).err().unwrap();
    assert!(matches!(full, KeychainError::Full { .. }), "{full}");
    assert_eq!(loaded(&keychain, "a"), Some(value(1, 300)));
    assert_eq!(store.0.names().len(), 6);
}

#[test]
fn items_do_not_disturb_each_other() {
    let (store, state) = (Arc::new(MemoryStore::with_limit(LIMIT)), tempfile::tempdir().unwrap());
    let keychain = immortal(&store, state.path());
    keychain.save("a", &value(1, 300)).unwrap();
    keychain.save("a#0.0", &value(2, 300)).unwrap();
    keychain.remove("a").unwrap();
    assert_eq!(loaded(&keychain, "a#0.0"), Some(value(2, 300)));
    assert_eq!(keychain.items().unwrap(), ["a", "a#0.0"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_saved_comes_back(values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..600), 1..5), limit in 60usize..200) {
        let (store, state) = (Arc::new(MemoryStore::with_limit(limit)), tempfile::tempdir().unwrap());
        let keychain = immortal(&store, state.path());
        for value in values {
            keychain.save("a", &value).unwrap();
            prop_assert_eq!(loaded(&keychain, "a"), Some(value));
        }
        keychain.remove("a").unwrap();
        prop_assert_eq!(store.names(), Vec::<String>::new());
    }
}
