//! What is at the destination but not in the folders that were downloaded to it: what a one-way sync removes.
//!
//! Only regular files go. Directories, links and what has a name that no key could have stay, and so do temporary
//! files of downloads that are under way.

use std::sync::{Arc, Mutex, PoisonError};

use cap_fs_ext::DirExt as _;
use cap_std::fs::Dir;

use super::super::error::FolderError;
use super::super::filter::Filter;
use super::super::local_path::{Claims, LocalPath};
use super::super::outcome::{Action, Outcome};
use super::super::pool::blocking;
use super::super::stop::Stop;
use super::destination::Destination;
use super::landing::is_temporary;

/// Notes what a download saw of its folders, whether it took part or not.
#[derive(Debug, Default)]
pub struct Mirror {
    seen: Mutex<Option<Seen>>,
}

#[derive(Debug)]
struct Seen {
    /// None where a dry run would have to make it first.
    destination: Option<Arc<Destination>>,
    /// Directories below the destination that a folder stands for; none is the destination itself.
    trees: Vec<Vec<String>>,
    claims: Claims,
}

/// Files that are only at the destination.
#[derive(Debug)]
pub struct Surplus {
    destination: Arc<Destination>,
    files: Vec<(LocalPath, u64)>,
}

impl Mirror {
    /// All of all folders was seen, and nothing failed.
    pub(super) fn complete(&self, destination: Option<Arc<Destination>>, trees: Vec<Vec<String>>, claims: Claims) {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(Seen { destination, trees, claims });
    }

    /// The files below the directories that folders stand for, which have no counterpart in S3 and take part; `None`
    /// when there is no destination yet.
    ///
    /// # Errors
    /// [`FolderError::NotMirrored`] when the download didn't wholly succeed; a directory that can't be read; when told
    /// to stop.
    pub async fn surplus(&self, filter: &Filter, stop: &Stop) -> Result<Option<Surplus>, FolderError> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (seen, filter, stop) = (seen.ok_or(FolderError::NotMirrored)?, filter.clone(), stop.clone());
        let Some(destination) = seen.destination.clone() else { return Ok(None) };
        blocking(move || {
            let mut files: Vec<(LocalPath, u64)> = Vec::new();
            for tree in &seen.trees {
                walk(&destination, &seen, tree, &filter, &stop, &mut files)?;
            }
            files.sort_by_cached_key(|(path, _)| path.to_string());
            files.dedup();
            Ok(Some(Surplus { destination, files }))
        })
        .await
    }
}

impl Seen {
    /// Whether a file takes part. Where one tree lies in another, what either excludes stays.
    fn take(&self, names: &[String], filter: &Filter) -> bool {
        let mut below = self.trees.iter().filter_map(|tree| names.strip_prefix(tree.as_slice()));
        below.all(|below| filter.takes(&below.join("/")))
    }
}

/// Adds the files of one tree that nothing in S3 stands for.
fn walk(
    destination: &Destination,
    seen: &Seen,
    tree: &[String],
    filter: &Filter,
    stop: &Stop,
    files: &mut Vec<(LocalPath, u64)>,
) -> Result<(), FolderError> {
    let Ok(top) = destination.existing_directory(tree) else { return Ok(()) };
    let failed = |names: &[String], error: &std::io::Error| {
        let path = LocalPath::from_names(tree.iter().chain(names).cloned().collect());
        FolderError::local("could not read directory", destination.shown(&path), error)
    };
    let mut waiting: Vec<Vec<String>> = vec![Vec::new()];
    while let Some(below) = waiting.pop() {
        if stop.is_stopped() {
            return Err(FolderError::Interrupted);
        }
        let opened = below.iter().try_fold(top.clone(), |at, name| at.open_dir_nofollow(name).map(Arc::new));
        let entries =
            opened.and_then(|directory: Arc<Dir>| directory.entries()).map_err(|error| failed(&below, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| failed(&below, &error))?;
            let kind = entry.file_type().map_err(|error| failed(&below, &error))?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            let inner: Vec<String> = below.iter().cloned().chain([name]).collect();
            if kind.is_dir() {
                if filter.takes_directory(&inner.join("/")) {
                    waiting.push(inner);
                }
                continue;
            }
            let name = inner.last().map_or("", String::as_str);
            if !kind.is_file() || is_temporary(name) {
                continue;
            }
            let names: Vec<String> = tree.iter().chain(&inner).cloned().collect();
            if !seen.take(&names, filter) {
                continue;
            }
            let path = LocalPath::from_names(names);
            if !seen.claims.has_file(&path) {
                files.push((path, entry.metadata().map_or(0, |found| found.len())));
            }
        }
    }
    Ok(())
}

impl Surplus {
    /// How many files.
    pub fn count(&self) -> u64 {
        self.files.len() as u64
    }

    /// Their bytes.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|(_, bytes)| bytes).sum()
    }

    /// Removes the files, or with `dry_run` only tells of them.
    ///
    /// # Errors
    /// When told to stop; what can't be removed is told of.
    pub async fn remove(self, dry_run: bool, stop: &Stop, mut report: impl FnMut(Outcome)) -> Result<(), FolderError> {
        let stopped = stop.clone();
        let outcomes = blocking(move || {
            let removed = |(path, bytes): (LocalPath, u64)| {
                let local = self.destination.shown(&path);
                let result = if dry_run { Ok(()) } else { self.destination.remove(&path) };
                Outcome::removed_here(local, bytes, dry_run, result)
            };
            Ok(self.files.into_iter().take_while(|_| !stopped.is_stopped()).map(removed).collect::<Vec<_>>())
        });
        outcomes.await?.into_iter().for_each(&mut report);
        if stop.is_stopped() { Err(FolderError::Interrupted) } else { Ok(()) }
    }
}

impl Outcome {
    fn removed_here(local: String, bytes: u64, planned: bool, result: Result<(), FolderError>) -> Self {
        match result {
            Ok(()) => Self::of_local_removal(local, bytes, planned),
            Err(error) => Self::failed(Action::Remove, "", Some(local), error),
        }
    }
}
