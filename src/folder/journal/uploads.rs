//! Multipart uploads of files. What S3 has of one is asked of S3, and compared with the file's bytes.

use std::io;
use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::super::client::Folder;
use super::super::error::FolderError;
use super::super::mtime;
use super::{Journal, Note, absolute, hash};

/// After so long nobody is expected to go on with an upload.
const STALE: SignedDuration = SignedDuration::from_hours(24);

/// What an upload must have in common with the one that began, to go on with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Identity {
    pub(in super::super) bucket: String,
    pub(in super::super) key: String,
    /// The local file, as an absolute path.
    pub(in super::super) file: String,
    pub(in super::super) len: u64,
    /// As metadata says it.
    modified: Option<String>,
    pub(in super::super) part_size: u64,
    /// A hash of what the object is to be stored with.
    pub(in super::super) stored_with: String,
}

impl Identity {
    pub(in super::super) fn with_time(mut self, modified: Option<SystemTime>) -> Self {
        self.modified = modified.map(mtime::written);
        self
    }

    pub(in super::super) fn new(
        bucket: &str,
        key: &str,
        shown: &str,
        len: u64,
        part_size: u64,
        stored_with: &str,
    ) -> Self {
        let file = absolute(shown);
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
pub(in super::super) struct Entry {
    #[serde(flatten)]
    pub(in super::super) identity: Identity,
    pub(in super::super) upload_id: String,
    /// When it began.
    began: Timestamp,
}

impl Journal {
    /// Takes the entry of an upload; `None` when another process has it.
    ///
    /// # Errors
    /// When the directory or the entry can't be written.
    pub(in super::super) fn claim(&self, identity: &Identity) -> io::Result<Option<Claim>> {
        Ok(self.open(&[&identity.bucket, &identity.key, &identity.file])?.map(Claim::of))
    }
}

/// An entry that this process alone has.
#[derive(Debug)]
pub(in super::super) struct Claim {
    note: Note,
    /// What was found in it.
    pub(in super::super) found: Option<Entry>,
}

impl Claim {
    fn of((note, text): (Note, String)) -> Self {
        // What was cut short while it was written says nothing.
        Self { note, found: serde_json::from_str(&text).ok() }
    }

    /// Notes that the upload began.
    pub(in super::super) fn begin(&self, identity: &Identity, upload_id: &str) -> io::Result<()> {
        let entry = Entry { identity: identity.clone(), upload_id: upload_id.to_owned(), began: Timestamp::now() };
        self.note.write(&serde_json::to_vec(&entry).map_err(io::Error::other)?)?;
        // Nobody else knows of the parts, which S3 keeps and charges for.
        self.note.sync()
    }

    /// Forgets the upload: it is complete or gone.
    pub(in super::super) fn forget(&self) {
        self.note.forget();
    }
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
            let Ok(Some(claim)) = Note::open(path, false).map(|note| note.map(Claim::of)) else { continue };
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
