//! Transfers that are under way, kept on this machine, so that one that was cut short, however hard, goes on.
//!
//! One small file a transfer, named by a hash of bucket, key and local file. It is locked while its transfer runs, and
//! the kernel frees the lock when a process dies. It holds no secret. An entry is a hint, never the truth.

mod downloads;
mod uploads;

use std::fs::{DirBuilder, File};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

pub(super) use self::downloads::{Begun, Partial};
pub(super) use self::uploads::{Claim, Identity};

/// The directory of entries. Uploads and downloads have one each.
#[derive(Debug, Clone)]
pub struct Journal {
    directory: PathBuf,
}

fn hash(texts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// A local name that is the same wherever the command is run.
fn absolute(shown: &str) -> String {
    std::path::absolute(shown).map_or_else(|_| shown.to_owned(), |path| path.display().to_string())
}

impl Journal {
    /// The journal in a directory, which is made when it is needed.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    fn path(&self, names: &[&str]) -> PathBuf {
        self.directory.join(format!("{}.json", hash(names)))
    }

    /// Takes the note of a transfer, and gives back what is in it; `None` when another process has it.
    fn open(&self, names: &[&str]) -> io::Result<Option<(Note, String)>> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.directory)?;
        Note::open(self.path(names), true)
    }

    fn entries(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.directory).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|it| it == "json")).collect()
    }
}

/// A file of the journal that this process alone has. One with nothing in it goes when it is dropped.
#[derive(Debug)]
struct Note {
    path: PathBuf,
    file: Mutex<File>,
}

impl Note {
    fn open(path: PathBuf, create: bool) -> io::Result<Option<(Self, String)>> {
        let mut options = File::options();
        options.read(true).write(true).create(create);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(std::fs::TryLockError::WouldBlock) => return Ok(None),
            Err(std::fs::TryLockError::Error(error)) => return Err(error),
        }
        let mut text = String::new();
        if file.read_to_string(&mut text).is_err() {
            text.clear();
        }
        Ok(Some((Self { path, file: Mutex::new(file) }, text)))
    }

    /// Replaces what is in it.
    fn write(&self, text: &[u8]) -> io::Result<()> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.rewind()?;
        file.set_len(0)?;
        file.write_all(text)
    }

    /// Waits until it would outlast a loss of power.
    fn sync(&self) -> io::Result<()> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).sync_all()
    }

    /// Adds to what was written last.
    fn add(&self, text: &[u8]) -> io::Result<()> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).write_all(text)
    }

    fn forget(&self) {
        remove(&self.path);
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        let file = self.file.get_mut().unwrap_or_else(PoisonError::into_inner);
        if file.metadata().is_ok_and(|found| found.len() == 0) {
            remove(&self.path);
        }
    }
}

fn remove(path: &Path) {
    // An entry that stays is a hint to something that is gone, which the next run finds out.
    let _ = std::fs::remove_file(path);
}
