//! The multipart uploads of files that are under way, kept on this machine, so that one that was cut short, however
//! hard, goes on with the parts that S3 has.
//!
//! One small file an upload, named by a hash of bucket, key and local file. It is locked while its upload runs, and the
//! kernel frees the lock when a process dies. It holds no secret. An entry is a hint, never the truth: what S3 has is
//! asked of S3, and compared with the file's bytes.

use std::fs::{DirBuilder, File};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::client::Folder;
use super::error::FolderError;
use super::mtime;

/// After so long nobody is expected to go on with an upload.
const STALE: SignedDuration = SignedDuration::from_hours(24);

/// The directory of entries.
#[derive(Debug, Clone)]
pub struct Journal {
    directory: PathBuf,
}

/// What an upload must have in common with the one that began, to go on with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Identity {
    pub(super) bucket: String,
    pub(super) key: String,
    /// The local file, as an absolute path.
    pub(super) file: String,
    pub(super) len: u64,
    /// As metadata says it.
    modified: Option<String>,
    pub(super) part_size: u64,
    /// A hash of what the object is to be stored with.
    pub(super) stored_with: String,
}

impl Identity {
    pub(super) fn with_time(mut self, modified: Option<SystemTime>) -> Self {
        self.modified = modified.map(mtime::written);
        self
    }

    pub(super) fn new(bucket: &str, key: &str, shown: &str, len: u64, part_size: u64, stored_with: &str) -> Self {
        let file = std::path::absolute(shown).map_or_else(|_| shown.to_owned(), |path| path.display().to_string());
        Self {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            file,
            len,
            modified: None,
            part_size,
            stored_with: hash(&[stored_with]),
        }
    }
}

/// An upload that began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    #[serde(flatten)]
    pub(super) identity: Identity,
    pub(super) upload_id: String,
    /// When it began.
    began: Timestamp,
}

fn hash(texts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    }
    hash.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

impl Journal {
    /// The journal in a directory, which is made when it is needed.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into() }
    }

    /// Takes the entry of an upload; `None` when another process has it.
    ///
    /// # Errors
    /// When the directory or the entry can't be written.
    pub(super) fn claim(&self, identity: &Identity) -> io::Result<Option<Claim>> {
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.directory)?;
        let name = hash(&[&identity.bucket, &identity.key, &identity.file]);
        Claim::open(self.directory.join(format!("{name}.json")), true)
    }

    fn entries(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.directory).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|it| it == "json")).collect()
    }
}

/// An entry that this process alone has.
#[derive(Debug)]
pub(super) struct Claim {
    path: PathBuf,
    file: Mutex<File>,
    /// What was found in it.
    pub(super) found: Option<Entry>,
}

impl Claim {
    fn open(path: PathBuf, create: bool) -> io::Result<Option<Self>> {
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
        // What was cut short while it was written says nothing.
        let found = file.read_to_string(&mut text).ok().and_then(|_| serde_json::from_str(&text).ok());
        Ok(Some(Self { path, file: Mutex::new(file), found }))
    }

    /// Notes that the upload began.
    pub(super) fn begin(&self, identity: &Identity, upload_id: &str) -> io::Result<()> {
        let entry = Entry { identity: identity.clone(), upload_id: upload_id.to_owned(), began: Timestamp::now() };
        let mut file = self.file.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        file.rewind()?;
        file.set_len(0)?;
        file.write_all(&serde_json::to_vec(&entry).map_err(io::Error::other)?)?;
        file.sync_all()
    }

    /// Forgets the upload: it is complete or gone.
    pub(super) fn forget(&self) {
        remove(&self.path);
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let file = self.file.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        if file.metadata().is_ok_and(|found| found.len() == 0) {
            remove(&self.path);
        }
    }
}

fn remove(path: &Path) {
    // An entry that stays is a hint to an upload that is gone, which the next run finds out.
    let _ = std::fs::remove_file(path);
}

impl Folder {
    /// Aborts the journal's uploads to this folder that began more than a day before `now`, and says how many there were.
    /// Those that another process goes on with are left alone, and so are those to other folders.
    ///
    /// # Errors
    /// The first that S3 answers; the others are tried all the same.
    pub async fn abort_stale(&self, journal: &Journal, now: Timestamp) -> Result<u64, FolderError> {
        let (mut aborted, mut failed) = (0, None);
        for path in journal.entries() {
            let Ok(Some(claim)) = Claim::open(path, false) else { continue };
            let Some(entry) = &claim.found else { continue };
            let Some(key) = self.prefix().key_from_s3(&entry.identity.key) else { continue };
            if entry.identity.bucket != self.bucket() || now.duration_since(entry.began) < STALE {
                continue;
            }
            match self.abort_upload(&key, &entry.upload_id).await {
                Ok(()) => {
                    claim.forget();
                    aborted += 1;
                }
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(aborted), Err)
    }
}
