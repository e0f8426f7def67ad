//! Files encrypted with a passphrase or an age identity, for hosts that have no other store.
//!
//! Each item is one file in the age format with one recipient (source: the age specification,
//! age-encryption.org/v1), named by a hash of the item's name, readable by its owner alone, and replaced as a
//! whole. The item's name is encrypted too, so that one file can't be passed off as another.

use std::io::Read;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use age::scrypt::{Identity, Recipient};
use age::secrecy::SecretString;
use age::{DecryptError, EncryptError};
use sha2::{Digest, Sha256};

use super::{KeychainError, Store, private};
use crate::secret::{Secret, SecretBytes};

const NAME: &str = "encrypted files";

/// log₂ of the scrypt cost for new files: 128 MiB and about a third of a second. It is the first
/// choice of the OWASP Password Storage Cheat Sheet for scrypt (N = 2^17, r = 8, p = 1). It is fixed rather than
/// calibrated, as age would do, so that a file written on a fast host opens on a slow one, and one written on a
/// busy host is not weaker.
const WORK_FACTOR: u8 = 17;

/// The costliest file we open: twice ours, so a file planted by somebody else can't take minutes or gigabytes.
const MOST_WORK: u8 = 18;

/// The largest file we read, in bytes; nothing we keep comes near.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

type Ask = Box<dyn FnOnce() -> Result<Secret, KeychainError> + Send>;

/// One encrypted file an item, all with one passphrase.
pub struct FileStore {
    dir: PathBuf,
    ask: Mutex<Option<Ask>>,
    passphrase: OnceLock<Result<Secret, KeychainError>>,
    /// The passphrase has opened a file, or has made the first one.
    proved: AtomicBool,
    work_factor: u8,
}

impl FileStore {
    /// Files in `dir`, which is made when needed. The passphrase is asked for at most once, and not for removing.
    pub fn new(
        dir: impl Into<PathBuf>,
        passphrase: impl FnOnce() -> Result<Secret, KeychainError> + Send + 'static,
    ) -> Self {
        Self {
            dir: dir.into(),
            ask: Mutex::new(Some(Box::new(passphrase))),
            passphrase: OnceLock::new(),
            proved: AtomicBool::new(false),
            work_factor: WORK_FACTOR,
        }
    }

    /// Whether nothing is stored yet.
    pub(super) fn is_empty(&self) -> Result<bool, KeychainError> {
        Ok(self.files()?.is_empty())
    }

    fn key(&self) -> Result<Key, KeychainError> {
        let ask = || {
            let ask = self.ask.lock().unwrap_or_else(PoisonError::into_inner).take();
            ask.map_or(Err(KeychainError::NoPassphrase), |ask| ask())
        };
        self.passphrase.get_or_init(ask).as_ref().map(Key::of).map_err(Clone::clone)
    }

    fn read(&self, file: &str) -> Result<Option<Vec<u8>>, KeychainError> {
        let path = self.dir.join(file);
        let failed = |error| KeychainError::io("read", &path, &error);
        let reader = match std::fs::File::open(&path) {
            Ok(reader) => reader,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let mut bytes = Vec::new();
        reader.take(MOST_BYTES).read_to_end(&mut bytes).map_err(failed)?;
        Ok(Some(bytes))
    }

    fn decrypt(&self, item: &str, ciphertext: &[u8]) -> Result<SecretBytes, KeychainError> {
        let plaintext = match self.key()? {
            Key::Identity(identity) => age::decrypt(&identity, ciphertext),
            Key::Passphrase(passphrase) => {
                let mut identity = Identity::new(passphrase);
                identity.set_max_work_factor(MOST_WORK);
                age::decrypt(&identity, ciphertext)
            }
        };
        match plaintext {
            Ok(plaintext) => {
                self.proved.store(true, Ordering::Relaxed);
                Ok(SecretBytes::new(plaintext))
            }
            Err(DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed | DecryptError::NoMatchingKeys)
                if !self.proved.load(Ordering::Relaxed) =>
            {
                Err(KeychainError::WrongPassphrase)
            }
            Err(_) => Err(damaged(item)),
        }
    }

    /// Makes sure that a new file gets the passphrase that the others have.
    fn prove(&self) -> Result<(), KeychainError> {
        if self.proved.load(Ordering::Relaxed) {
            return Ok(());
        }
        for file in self.files()? {
            let Some(ciphertext) = self.read(&file)? else { continue };
            match self.decrypt(&file, &ciphertext) {
                Err(KeychainError::Damaged { .. }) => {}
                proved => return proved.map(|_| ()),
            }
        }
        Ok(())
    }

    fn files(&self) -> Result<Vec<String>, KeychainError> {
        let entries = match std::fs::read_dir(&self.dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(KeychainError::io("read", &self.dir, &error)),
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        Ok(names.filter(|name| name.ends_with(".age")).collect())
    }
}

impl Store for FileStore {
    fn name(&self) -> &'static str {
        NAME
    }

    fn persistence(&self) -> &'static str {
        "until `securecart logout`"
    }

    fn get(&self, item: &str) -> Result<Option<SecretBytes>, KeychainError> {
        let Some(ciphertext) = self.read(&file_name(item))? else { return Ok(None) };
        let plaintext = self.decrypt(item, &ciphertext)?;
        let bytes = unwrap(item, &plaintext).ok_or_else(|| damaged(item))?;
        Ok(Some(SecretBytes::new(bytes.to_vec())))
    }

    fn set(&self, item: &str, bytes: &[u8]) -> Result<(), KeychainError> {
        let key = self.key()?;
        self.prove()?;
        let plaintext = wrap(item, bytes);
        let ciphertext = match key {
            Key::Identity(identity) => age::encrypt(&identity.to_public(), &plaintext),
            Key::Passphrase(passphrase) => {
                let mut recipient = Recipient::new(passphrase);
                recipient.set_work_factor(self.work_factor);
                age::encrypt(&recipient, &plaintext)
            }
        };
        let ciphertext = ciphertext.map_err(|error| KeychainError::Failed {
            store: NAME,
            reason: match error {
                EncryptError::Io(error) => error.to_string(),
                _ => "can't encrypt".to_owned(),
            },
        })?;
        private::replace(&self.dir, &file_name(item), &ciphertext)
            .map_err(|error| KeychainError::io("write", &self.dir, &error))?;
        self.proved.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn delete(&self, item: &str) -> Result<bool, KeychainError> {
        private::remove(&self.dir, &file_name(item))
            .map_err(|error| KeychainError::io("remove from", &self.dir, &error))
    }
}

/// What seals and opens the files.
enum Key {
    /// A person's, made costly to guess.
    Passphrase(SecretString),
    /// An age identity (`AGE-SECRET-KEY-1…`): nobody can guess one, so it needs no cost. For CI, where every
    /// `credential-process` would pay the third of a second.
    Identity(age::x25519::Identity),
}

impl Key {
    fn of(secret: &Secret) -> Self {
        match secret.expose().trim().parse() {
            Ok(identity) => Key::Identity(identity),
            Err(_) => Key::Passphrase(SecretString::from(secret.expose())),
        }
    }
}

fn file_name(item: &str) -> String {
    let hash = Sha256::digest(item.as_bytes());
    let stem: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("{stem}.age")
}

/// What is encrypted: the length of the item's name (u32, big-endian), the name, the bytes.
fn wrap(item: &str, bytes: &[u8]) -> SecretBytes {
    let mut plaintext = SecretBytes::new(Vec::with_capacity(4 + item.len() + bytes.len()));
    plaintext.extend_from_slice(&u32::try_from(item.len()).unwrap_or(u32::MAX).to_be_bytes());
    plaintext.extend_from_slice(item.as_bytes());
    plaintext.extend_from_slice(bytes);
    plaintext
}

/// The bytes, if the plaintext was made for this item.
fn unwrap<'a>(item: &str, plaintext: &'a [u8]) -> Option<&'a [u8]> {
    let (length, rest) = plaintext.split_first_chunk::<4>()?;
    let (name, bytes) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    (name == item.as_bytes()).then_some(bytes)
}

fn damaged(item: &str) -> KeychainError {
    KeychainError::Damaged { store: NAME, item: item.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(dir: &std::path::Path, passphrase: &'static str) -> FileStore {
        FileStore { work_factor: 2, ..FileStore::new(dir, move || Ok(Secret::new(passphrase))) }
    }

    #[test]
    fn items_come_back_with_the_passphrase_and_are_not_readable_without() {
        let dir = tempfile::tempdir().unwrap();
        assert!(store(dir.path(), "right").is_empty().unwrap());
        store(dir.path(), "right").set("name", b"AKIA-secret").unwrap();
        let text = std::fs::read(dir.path().join(file_name("name"))).unwrap();
        assert!(text.starts_with(b"age-encryption.org/v1\n-> scrypt "));
        assert!(!text.windows(6).any(|part| part == b"secret"));
        assert_eq!(store(dir.path(), "right").get("name").unwrap().unwrap().as_slice(), b"AKIA-secret");
        assert_eq!(store(dir.path(), "wrong").get("name").err(), Some(KeychainError::WrongPassphrase));
        assert!(store(dir.path(), "right").get("other").unwrap().is_none());
        assert!(!store(dir.path(), "right").is_empty().unwrap());
    }

    #[test]
    fn an_age_identity_takes_the_place_of_a_passphrase_and_costs_nothing() {
        const IDENTITY: &str = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
        let dir = tempfile::tempdir().unwrap();
        store(dir.path(), IDENTITY).set("name", b"AKIA-secret").unwrap();
        let text = std::fs::read(dir.path().join(file_name("name"))).unwrap();
        assert!(text.starts_with(b"age-encryption.org/v1\n-> X25519 "));
        assert_eq!(store(dir.path(), IDENTITY).get("name").unwrap().unwrap().as_slice(), b"AKIA-secret");
        assert_eq!(store(dir.path(), "passphrase").get("name").err(), Some(KeychainError::WrongPassphrase));
    }

    #[test]
    fn a_second_passphrase_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        store(dir.path(), "right").set("a", b"1").unwrap();
        assert_eq!(store(dir.path(), "wrong").set("b", b"2").err(), Some(KeychainError::WrongPassphrase));
        assert_eq!(store(dir.path(), "wrong").set("a", b"2").err(), Some(KeychainError::WrongPassphrase));
        store(dir.path(), "right").set("b", b"2").unwrap();
    }

    #[test]
    fn the_passphrase_is_asked_for_once_and_never_for_removing() {
        let dir = tempfile::tempdir().unwrap();
        store(dir.path(), "right").set("a", b"1").unwrap();
        let silent = FileStore::new(dir.path(), || Err(KeychainError::NoPassphrase));
        assert_eq!(silent.delete("a"), Ok(true));
        assert_eq!(silent.delete("a"), Ok(false));
        assert!(silent.get("a").unwrap().is_none(), "nothing to decrypt, nothing to ask");
        assert_eq!(silent.set("a", b"2"), Err(KeychainError::NoPassphrase));
        let store = store(dir.path(), "right");
        store.set("a", b"3").unwrap();
        store.set("b", b"4").unwrap();
        assert_eq!(store.get("a").unwrap().unwrap().as_slice(), b"3");
    }

    #[test]
    fn a_hostile_file_can_not_burn_minutes() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path(), "right");
        store.set("a", b"1").unwrap();
        let path = dir.path().join(file_name("a"));
        let text = std::fs::read(&path).unwrap();
        let line_end = text.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(1).unwrap().0;
        let mut hostile = text[..line_end - 1].to_vec();
        hostile.extend_from_slice(b"30");
        hostile.extend_from_slice(&text[line_end..]);
        std::fs::write(&path, hostile).unwrap();
        let started = std::time::Instant::now();
        assert_eq!(store.get("a").err(), Some(damaged("a")));
        assert!(started.elapsed().as_secs() < 2);
    }

    #[test]
    fn a_changed_cut_or_swapped_file_is_damaged() {
        let dir = tempfile::tempdir().unwrap();
        let store = store(dir.path(), "right");
        store.set("a", b"1").unwrap();
        store.set("b", b"2").unwrap();
        let path = dir.path().join(file_name("a"));
        let good = std::fs::read(&path).unwrap();
        for cut in [0, 10, good.len() / 2, good.len() - 1] {
            std::fs::write(&path, &good[..cut]).unwrap();
            assert_eq!(store.get("a").err(), Some(damaged("a")), "cut at {cut}");
        }
        let mut changed = good.clone();
        *changed.last_mut().unwrap() ^= 1;
        std::fs::write(&path, changed).unwrap();
        assert_eq!(store.get("a").err(), Some(damaged("a")));
        std::fs::copy(dir.path().join(file_name("b")), &path).unwrap();
        assert_eq!(store.get("a").err(), Some(damaged("a")), "another item's file");
        store.set("a", b"again").unwrap();
        assert_eq!(store.get("a").unwrap().unwrap().as_slice(), b"again");
    }

    #[test]
    fn new_files_have_the_documented_cost() {
        let store = FileStore::new("unused", || Err(KeychainError::NoPassphrase));
        assert_eq!((store.work_factor, MOST_WORK), (17, 18));
    }
}
