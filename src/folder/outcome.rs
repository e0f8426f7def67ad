//! What became of each file, and of all: the report that people and scripts are told.

use serde::Serialize;

use super::error::FolderError;
use super::key::FolderKey;
use crate::error::{Error, Kind};

/// What a command does to files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// From the folder to here.
    Download,
    /// From here to the folder.
    Upload,
    /// Out of the folder; with `--delete`, out of the destination, wherever that is.
    Remove,
}

/// How it ended for one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It was done.
    Done,
    /// Not done, as was asked or because there was no need: `--no-clobber`, a symbolic link, an equal file.
    Skipped,
    /// It would have been done, but for `--dry-run`.
    Planned,
    /// It could not be done.
    Failed,
}

/// Why a file was skipped that is there already, the same.
pub const EQUAL: &str = "equal";

/// What became of one file or key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// What was done, or tried.
    pub action: Action,
    /// The key relative to the folder; empty where no key could be made.
    pub path: String,
    /// The local name; `-` for the standard streams.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local: Option<String>,
    /// How it ended.
    pub status: Status,
    /// Bytes of content that were transferred or, when planned, would be.
    pub bytes: u64,
    /// Why it was skipped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Error>,
}

impl Outcome {
    fn new(action: Action, path: impl Into<String>, local: Option<String>, status: Status) -> Self {
        Self { action, path: path.into(), local, status, bytes: 0, reason: None, error: None }
    }

    /// It was done.
    pub(super) fn done(action: Action, key: &FolderKey, local: Option<String>, bytes: u64) -> Self {
        Self { bytes, ..Self::new(action, key.relative(), local, Status::Done) }
    }

    /// It would have been done.
    pub(super) fn planned(action: Action, key: &FolderKey, local: Option<String>, bytes: u64) -> Self {
        Self { bytes, ..Self::new(action, key.relative(), local, Status::Planned) }
    }

    /// A local file was removed, or with `planned` would be.
    pub(super) fn of_local_removal(local: String, bytes: u64, planned: bool) -> Self {
        let status = if planned { Status::Planned } else { Status::Done };
        Self { bytes, ..Self::new(Action::Remove, "", Some(local), status) }
    }

    /// It wasn't done, as was asked.
    pub(super) fn skipped(
        action: Action,
        path: impl Into<String>,
        local: Option<String>,
        reason: impl Into<String>,
    ) -> Self {
        Self { reason: Some(reason.into()), ..Self::new(action, path, local, Status::Skipped) }
    }

    /// It wasn't done, because there is an equal one already.
    pub(super) fn equal(action: Action, key: &FolderKey, local: Option<String>) -> Self {
        Self::skipped(action, key.relative(), local, EQUAL)
    }

    /// Whether it was skipped because there is an equal one already.
    pub fn is_equal(&self) -> bool {
        self.reason.as_deref() == Some(EQUAL)
    }

    /// It failed. That something exists already is no failure where `--no-clobber` asked to keep it.
    pub(super) fn failed(action: Action, path: impl Into<String>, local: Option<String>, error: FolderError) -> Self {
        match error {
            FolderError::Exists { .. } => Self::skipped(action, path, local, "it exists already"),
            error => Self { error: Some(error.into()), ..Self::new(action, path, local, Status::Failed) },
        }
    }
}

/// What became of all files of a command.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Totals {
    /// Files that were done.
    pub done: u64,
    /// Files that were left alone, as was asked.
    pub skipped: u64,
    /// Files that would have been done.
    pub planned: u64,
    /// Files that failed.
    pub failed: u64,
    /// Bytes of content.
    pub bytes: u64,
    /// With `--delete`: what was removed at the destination, which counts nowhere else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted: Option<u64>,
    /// With `--delete`: what would have been removed there, but for `--dry-run`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delete_planned: Option<u64>,
    #[serde(skip)]
    last_error: Option<Error>,
    /// Failures were of different kinds.
    #[serde(skip)]
    mixed: bool,
}

impl Totals {
    /// For a run that removes at the destination what isn't at the source.
    pub fn with_deletions() -> Self {
        Self { deleted: Some(0), delete_planned: Some(0), ..Self::default() }
    }

    /// Counts one more.
    pub fn count(&mut self, outcome: &Outcome) {
        if outcome.action == Action::Remove
            && let (Some(deleted), Some(planned)) = (&mut self.deleted, &mut self.delete_planned)
        {
            match outcome.status {
                Status::Done => return *deleted += 1,
                Status::Planned => return *planned += 1,
                Status::Skipped | Status::Failed => {}
            }
        }
        match outcome.status {
            Status::Done => self.done += 1,
            Status::Skipped => self.skipped += 1,
            Status::Planned => self.planned += 1,
            Status::Failed => self.failed += 1,
        }
        self.bytes += outcome.bytes;
        if let Some(error) = &outcome.error {
            self.mixed |= self.last_error.as_ref().is_some_and(|last| last.kind != error.kind);
            self.last_error = Some(error.clone());
        }
    }

    /// How many files there were.
    pub fn all(&self) -> u64 {
        let deleted = self.deleted.unwrap_or(0) + self.delete_planned.unwrap_or(0);
        self.done + self.skipped + self.planned + self.failed + deleted
    }

    /// How the command ends. One file that failed is that failure; all of many that failed alike are of its kind; some of
    /// many are their number, and exit 1.
    ///
    /// # Errors
    /// When any file failed.
    pub fn verdict(&self) -> Result<(), Error> {
        let all = self.all();
        match (&self.last_error, self.failed) {
            (_, 0) => Ok(()),
            (Some(error), 1) if all == 1 => Err(error.clone()),
            (Some(error), failed) if failed == all && !self.mixed => {
                Err(Error { message: format!("{failed} of {all} failed"), ..error.clone() })
            }
            _ => Err(Error::new(Kind::Failed, format!("{} of {all} failed", self.failed))),
        }
    }
}
