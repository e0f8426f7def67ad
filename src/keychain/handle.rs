//! The keychain as the other rooms see it: names, bytes of any size, and one store behind them.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::chunks::Chunks;
use super::index::Index;
use super::turns::Turns;
use super::{FileStore, Guard, KeychainError, Lock, LockError, MemoryStore, Store, native};
use crate::config::profile::StoreChoice;
use crate::secret::{Secret, SecretBytes};

type AskPassphrase = Box<dyn FnOnce() -> Result<Secret, KeychainError> + Send>;

/// Keeps bytes of any size under names.
///
/// Nothing is opened before the first call that needs it, so making one costs nothing and asks nothing.
pub struct Keychain {
    choice: StoreChoice,
    state: PathBuf,
    passphrase: Mutex<Option<AskPassphrase>>,
    store: OnceLock<Arc<dyn Store>>,
    turns: Turns,
}

impl Keychain {
    /// A keychain in the chosen store. `state` is the directory for what is not secret (names, locks) and for
    /// the encrypted files; `passphrase` is called at most once, and only by the `file` store.
    pub fn open(
        choice: StoreChoice,
        state: &Path,
        passphrase: impl FnOnce() -> Result<Secret, KeychainError> + Send + 'static,
    ) -> Self {
        Self {
            choice,
            state: state.to_owned(),
            passphrase: Mutex::new(Some(Box::new(passphrase))),
            store: OnceLock::new(),
            turns: Turns::default(),
        }
    }

    /// Whether the `file` store under `state` is empty, so that the passphrase asked for is a new one, best asked for
    /// twice.
    pub fn passphrase_is_new(state: &Path) -> Result<bool, KeychainError> {
        files(state, Box::new(|| Err(KeychainError::NoPassphrase))).is_empty()
    }

    /// A keychain over a store that is already open.
    pub fn over(store: Arc<dyn Store>, state: &Path) -> Self {
        let keychain = Self::open(StoreChoice::Auto, state, || Err(KeychainError::NoPassphrase));
        // The cell is new, so this can't fail.
        let _ = keychain.store.set(store);
        keychain
    }

    /// The bytes saved under the name, or `None`. One store read when the item fits into one.
    pub fn load(&self, item: &str) -> Result<Option<SecretBytes>, KeychainError> {
        self.call(|store| self.chunks(store, item).load())
    }

    /// Saves bytes under the name; readers see the old bytes or the new ones, whole.
    pub fn save(&self, item: &str, bytes: &[u8]) -> Result<(), KeychainError> {
        let store = self.store()?;
        // Listed first: a name without an item does no harm, an item that nobody can find again does.
        if self.choice != StoreChoice::Memory {
            Index::of(store.name(), &self.state).add(item)?;
        }
        self.chunks(store, item).save(bytes)
    }

    /// Removes what is saved under the name; false when there was nothing.
    pub fn remove(&self, item: &str) -> Result<bool, KeychainError> {
        self.call(|store| self.chunks(store, item).remove())
    }

    /// Waits until nobody else who uses this store holds the lock of that name, for at most `deadline`.
    ///
    /// What is kept in this process alone is locked in this process alone: then no file is made.
    pub fn lock(&self, name: &str, deadline: Duration) -> Result<Guard, LockError> {
        if self.choice != StoreChoice::Memory {
            return Lock::acquire(&self.state, name, deadline);
        }
        let late = || LockError::TimedOut { name: name.to_owned(), waited: deadline };
        self.turns.take(name, deadline).map(Guard::here).ok_or_else(late)
    }

    /// The names that were ever saved in this store, sorted; some may have been removed since. A store that ends with
    /// this process doesn't remember.
    pub fn items(&self) -> Result<Vec<String>, KeychainError> {
        if self.choice == StoreChoice::Memory {
            return Ok(Vec::new());
        }
        Index::of(self.store()?.name(), &self.state).names()
    }

    /// What people call the store in use.
    pub fn store_name(&self) -> Result<&'static str, KeychainError> {
        Ok(self.store()?.name())
    }

    /// How long items last there, as a phrase that follows "kept": "until reboot".
    pub fn persistence(&self) -> Result<&'static str, KeychainError> {
        Ok(self.store()?.persistence())
    }

    fn chunks<'a>(&'a self, store: &'a dyn Store, item: &'a str) -> Chunks<'a> {
        Chunks { store, state: &self.state, item }
    }

    /// The store in use; if that is not decided yet, a read decides it.
    fn store(&self) -> Result<&dyn Store, KeychainError> {
        if self.store.get().is_none() {
            self.call(|store| if self.choice == StoreChoice::Auto { store.get(PROBE).map(|_| ()) } else { Ok(()) })?;
        }
        let store = self.store.get().expect("the first call that succeeds decides the store");
        Ok(store.as_ref())
    }

    /// Calls the store in use. For `auto` the first call decides which that is, so deciding costs no call of its own.
    fn call<T>(&self, call: impl Fn(&dyn Store) -> Result<T, KeychainError>) -> Result<T, KeychainError> {
        if let Some(store) = self.store.get() {
            return call(store.as_ref());
        }
        // Held while deciding, so that two threads don't decide differently.
        let mut passphrase = self.passphrase.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = self.store.get() {
            return call(store.as_ref());
        }
        let keychain = || native::keychain(&self.state);
        let store: Arc<dyn Store> = match self.choice {
            StoreChoice::Auto => {
                let (store, result) = first_of(keychain, native::keyutils, call)?;
                let _ = self.store.set(store);
                return result;
            }
            StoreChoice::Keychain => keychain()?,
            StoreChoice::Keyutils => native::keyutils()?,
            StoreChoice::File => {
                let ask = passphrase.take().unwrap_or_else(|| Box::new(|| Err(KeychainError::NoPassphrase)));
                Arc::new(files(&self.state, ask))
            }
            StoreChoice::Memory => Arc::new(MemoryStore::new()),
        };
        call(self.store.get_or_init(|| store).as_ref())
    }
}

/// A name that is never saved.
const PROBE: &str = "probe";

fn files(state: &Path, ask: AskPassphrase) -> FileStore {
    FileStore::new(state.join("secrets"), ask)
}

type Opened = Result<Arc<dyn Store>, KeychainError>;
type Called<T> = (Arc<dyn Store>, Result<T, KeychainError>);

/// Calls the first store, or the second if there is no such thing as the first. A store that is there but locked or
/// stuck is not passed over: what is in it would seem to be gone.
fn first_of<T>(
    first: impl Fn() -> Opened,
    second: impl Fn() -> Opened,
    call: impl Fn(&dyn Store) -> Result<T, KeychainError>,
) -> Result<Called<T>, KeychainError> {
    let first = first().map(|store| (call(store.as_ref()), store));
    let reason = match first {
        Err(KeychainError::NoStore { reason }) | Ok((Err(KeychainError::NoStore { reason }), _)) => reason,
        Ok((result, store)) => return Ok((store, result)),
        Err(error) => return Err(error),
    };
    let store = second().map_err(|error| match error {
        KeychainError::NoStore { reason: other } => KeychainError::NoStore { reason: format!("{reason}; {other}") },
        other => KeychainError::NoStore { reason: format!("{reason}; {other}") },
    })?;
    let result = call(store.as_ref());
    Ok((store, result))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store that answers every call with an error.
    struct Failing(KeychainError);

    impl Store for Failing {
        fn name(&self) -> &'static str {
            "failing"
        }
        fn persistence(&self) -> &'static str {
            "never"
        }
        fn get(&self, _: &str) -> Result<Option<SecretBytes>, KeychainError> {
            Err(self.0.clone())
        }
        fn set(&self, _: &str, _: &[u8]) -> Result<(), KeychainError> {
            Err(self.0.clone())
        }
        fn delete(&self, _: &str) -> Result<bool, KeychainError> {
            Err(self.0.clone())
        }
    }

    fn locked() -> Opened {
        Ok(Arc::new(Failing(KeychainError::Locked { store: "first" })))
    }
    fn absent() -> Opened {
        Ok(Arc::new(Failing(KeychainError::NoStore { reason: "no D-Bus".to_owned() })))
    }
    fn no_session() -> Opened {
        Err(KeychainError::NoSession)
    }
    fn memory() -> Opened {
        Ok(Arc::new(MemoryStore::new()))
    }

    #[test]
    fn auto_takes_the_second_store_only_where_there_is_no_first() {
        let call = |store: &dyn Store| store.get("a").map(|_| store.name());
        let second =
            |first: fn() -> Opened, second: fn() -> Opened| first_of(first, second, call).and_then(|all| all.1);
        assert_eq!(second(absent, memory), Ok("memory"));
        assert_eq!(second(locked, memory), Err(KeychainError::Locked { store: "first" }));
        let told = second(absent, no_session).err().unwrap().to_string();
        assert!(told.contains("no D-Bus") && told.contains("session keyring"), "{told}");
    }

    #[test]
    fn nothing_is_opened_or_asked_before_it_is_needed() {
        let state = tempfile::tempdir().unwrap();
        let keychain = Keychain::open(StoreChoice::File, state.path(), || panic!("asked"));
        assert_eq!(keychain.load("a"), Ok(None));
        assert_eq!(keychain.remove("a"), Ok(false));
        assert_eq!(keychain.items(), Ok(vec![]));
        assert_eq!(keychain.store_name(), Ok("encrypted files"));
        assert_eq!(Keychain::passphrase_is_new(state.path()), Ok(true));
        assert_eq!(std::fs::read_dir(state.path()).unwrap().count(), 0);
    }

    #[test]
    fn memory_leaves_nothing_on_the_disk() {
        let state = tempfile::tempdir().unwrap();
        let keychain = Keychain::open(StoreChoice::Memory, state.path(), || panic!("asked"));
        keychain.save("a", b"1").unwrap();
        assert_eq!(keychain.load("a").unwrap().unwrap().as_slice(), b"1");
        assert_eq!(std::fs::read_dir(state.path()).unwrap().count(), 0);
    }
}
