//! The files of a local directory tree, found without following links.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use cap_fs_ext::DirExt as _;
use cap_std::ambient_authority;
use cap_std::fs::Dir;

use super::super::download::is_temporary;
use super::super::error::FolderError;
use super::super::filter::Filter;
use super::source::Place;

/// What the walk comes upon.
#[derive(Debug)]
pub(super) enum Found {
    /// A regular file.
    File {
        place: Place,
        /// Its path below the tree's top, with `/` between names.
        below: String,
        shown: String,
        len: u64,
        modified: Option<SystemTime>,
    },
    /// Something that isn't uploaded, and why.
    Skipped { below: String, shown: String, reason: &'static str },
    /// Something that can't be read or named.
    Failed { shown: String, error: FolderError },
}

/// Walks a tree, telling `found` of each thing until it says stop; directories that `filter` excludes are left out, and
/// temporary files of downloads are no files. It keeps one directory's handle a level, and the names of the directories
/// that are still to be seen.
pub(super) fn walk(top: &Path, filter: &Filter, mut found: impl FnMut(Found) -> Result<(), ()>) -> Result<(), ()> {
    let root = match Dir::open_ambient_dir(top, ambient_authority()) {
        Ok(root) => Arc::new(root),
        Err(error) => return found(failed(top, "could not open directory", &error)),
    };
    // Names relative to `top`: a handle for each waiting directory would be one too many for wide trees.
    let mut waiting: Vec<Vec<String>> = vec![Vec::new()];
    while let Some(names) = waiting.pop() {
        let shown_directory = names.iter().fold(top.to_owned(), |path, name| path.join(name));
        let opened =
            names.iter().try_fold(root.clone(), |directory, name| directory.open_dir_nofollow(name).map(Arc::new));
        let entries = opened.and_then(|directory| Ok((directory.entries()?, directory)));
        let (entries, directory) = match entries {
            Ok(entries) => entries,
            Err(error) => {
                found(failed(&shown_directory, "could not open directory", &error))?;
                continue;
            }
        };
        for entry in entries {
            let (entry, kind) = match entry.and_then(|entry| Ok((entry.file_type()?, entry))) {
                Ok((kind, entry)) => (entry, kind),
                Err(error) => {
                    found(failed(&shown_directory, "could not read directory", &error))?;
                    continue;
                }
            };
            let raw_name = entry.file_name();
            let shown = shown(&shown_directory.join(&raw_name));
            let Some(name) = raw_name.to_str().map(str::to_owned) else {
                let error = FolderError::LocalName { path: shown.clone(), problem: "has a name that is not Unicode" };
                found(Found::Failed { shown, error })?;
                continue;
            };
            let below = names.iter().chain([&name]).map(String::as_str).collect::<Vec<_>>().join("/");
            if kind.is_dir() {
                if filter.takes_directory(&below) {
                    let mut deeper = names.clone();
                    deeper.push(name);
                    waiting.push(deeper);
                }
            } else if kind.is_file() && is_temporary(&name) {
                // Told, so that `--delete` leaves alone what has this name in the folder.
                found(Found::Skipped { below, shown, reason: "it is an unfinished download" })?;
            } else if kind.is_file() {
                let metadata = entry.metadata().ok();
                let len = metadata.as_ref().map_or(0, cap_std::fs::Metadata::len);
                let modified = metadata.and_then(|metadata| Some(metadata.modified().ok()?.into_std()));
                let place = Place::Found { directory: directory.clone(), name };
                found(Found::File { place, below, shown, len, modified })?;
            } else {
                let reason = if kind.is_symlink() { "it is a symbolic link" } else { "it is not a regular file" };
                found(Found::Skipped { below, shown, reason })?;
            }
        }
    }
    Ok(())
}

/// A path for people: `./a` as `a`.
pub(super) fn shown(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}

fn failed(path: &Path, action: &'static str, error: &io::Error) -> Found {
    let shown = shown(&PathBuf::from(path));
    Found::Failed { error: FolderError::local(action, &shown, error), shown }
}
