//! The local side of a download: directories reached step by step without following links. What is written into them
//! is `landing`'s.
//!
//! Directories are open handles, so that nobody who can rename things below the destination can make a download
//! land elsewhere. The destination itself is the person's choice, links and all.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use cap_fs_ext::{DirExt as _, FollowSymlinks, OpenOptionsFollowExt as _};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};
use tokio::sync::watch;

use super::super::equal::Local;
use super::super::error::FolderError;
use super::super::local_path::LocalPath;
use super::landing::{create_new, temporary_name};

/// Directory handles that are kept open for the next file.
const KEPT: usize = 128;

/// A directory that objects are written below.
#[derive(Debug)]
pub(super) struct Destination {
    shown: PathBuf,
    root: Arc<Dir>,
    kept: Mutex<HashMap<Vec<String>, Arc<Dir>>>,
    /// Temporary files that exist or are about to.
    unsettled: watch::Sender<usize>,
}

impl Destination {
    /// Opens a directory, and makes it first where it is missing.
    pub(super) fn open(path: &Path) -> Result<Self, FolderError> {
        let failed = |error: io::Error| FolderError::local("could not open directory", path.display(), &error);
        std::fs::create_dir_all(path).map_err(failed)?;
        let root = Dir::open_ambient_dir(path, ambient_authority()).map_err(failed)?;
        Ok(Self::of(path, root))
    }

    /// Opens a directory that is there already: nothing is made for who only wants to look.
    pub(super) fn existing(path: &Path) -> Option<Self> {
        Some(Self::of(path, Dir::open_ambient_dir(path, ambient_authority()).ok()?))
    }

    fn of(path: &Path, root: Dir) -> Self {
        Self { shown: path.to_owned(), root: Arc::new(root), kept: Mutex::default(), unsettled: watch::Sender::new(0) }
    }

    /// Whether `A` and `a` are one name here: asked of the file system itself, with a file of our own.
    pub(super) fn ignores_case(&self) -> bool {
        let Ok(name) = temporary_name() else { return true };
        let Ok(_) = create_new(&self.root, &name) else { return cfg!(any(windows, target_os = "macos")) };
        let found = self.root.symlink_metadata(name.to_uppercase()).is_ok();
        let _ = self.root.remove_file(&name);
        found
    }

    /// The local name of a place below it, as the person would write it.
    pub(super) fn shown(&self, path: &LocalPath) -> String {
        let below = path.to_string();
        if self.shown == Path::new(".") { below } else { self.shown.join(below).display().to_string() }
    }

    /// Makes the directory that a place names.
    pub(super) fn make_directory(&self, path: &LocalPath) -> Result<(), FolderError> {
        let mut names = path.directories().to_vec();
        names.push(path.file_name().to_owned());
        self.directory(&names).map(drop)
    }

    /// A directory that is there already, reached without following links.
    pub(super) fn existing_directory(&self, names: &[String]) -> io::Result<Arc<Dir>> {
        names.iter().try_fold(self.root.clone(), |directory, name| directory.open_dir_nofollow(name).map(Arc::new))
    }

    /// Removes the regular file that has a place.
    pub(super) fn remove(&self, path: &LocalPath) -> Result<(), FolderError> {
        let removed = self.existing_directory(path.directories()).and_then(|directory| {
            if !directory.symlink_metadata(path.file_name())?.is_file() {
                return Err(io::Error::other("it is no longer a file"));
            }
            directory.remove_file(path.file_name())
        });
        removed.map_err(|error| FolderError::local("could not remove", self.shown(path), &error))
    }

    pub(super) fn directory(&self, names: &[String]) -> Result<Arc<Dir>, FolderError> {
        if names.is_empty() {
            return Ok(self.root.clone());
        }
        if let Some(kept) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(names) {
            return Ok(kept.clone());
        }
        let mut directory = self.root.clone();
        for (depth, name) in names.iter().enumerate() {
            directory = Arc::new(step(&directory, name).map_err(|error| {
                let path = names[..=depth].iter().fold(self.shown.clone(), |path, name| path.join(name));
                let link = directory.symlink_metadata(name).is_ok_and(|found| found.is_symlink());
                if link {
                    let error = io::Error::other("it is a symbolic link, which is not followed");
                    return FolderError::local("could not enter", path.display(), &error);
                }
                FolderError::local("could not make directory", path.display(), &error)
            })?);
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(names.to_vec(), directory.clone());
        Ok(directory)
    }

    /// Notes that a temporary file is about to exist; the note goes when the ticket does.
    pub(super) fn ticket(self: &Arc<Self>) -> Ticket {
        self.unsettled.send_modify(|count| *count += 1);
        Ticket(self.clone())
    }

    /// Returns when no temporary file is left.
    pub(super) async fn settled(&self) {
        // The sender lives in `self`, so waiting can't fail.
        let _ = self.unsettled.subscribe().wait_for(|count| *count == 0).await;
    }

    /// Refuses a place that is taken: for `--no-clobber`, before anything is fetched.
    pub(super) fn check_absent(&self, path: &LocalPath) -> Result<(), FolderError> {
        let directory = self.directory(path.directories())?;
        match directory.symlink_metadata(path.file_name()) {
            Ok(_) => Err(FolderError::Exists { what: self.shown(path) }),
            Err(_) => Ok(()),
        }
    }

    /// The regular file that has a place already, if one has. Makes no directory, follows no link.
    pub(super) fn peek(&self, path: &LocalPath) -> Option<Local> {
        let directory = self.existing_directory(path.directories()).ok()?;
        // Looked at first: opening a pipe would wait for whoever writes to it.
        let found = directory.symlink_metadata(path.file_name()).ok().filter(cap_std::fs::Metadata::is_file)?;
        let mut options = OpenOptions::new();
        options.read(true).follow(FollowSymlinks::No);
        #[cfg(unix)]
        {
            use cap_std::fs::OpenOptionsExt as _;
            options.custom_flags(i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0));
        }
        let file = directory.open_with(path.file_name(), &options).ok()?.into_std();
        let modified = found.modified().ok().map(cap_std::time::SystemTime::into_std);
        Some(Local { file: Arc::new(file), len: found.len(), modified })
    }

    /// The directory that a place is in, from the root.
    pub(super) fn absolute_directory(&self, path: &LocalPath) -> String {
        let directory = path.directories().iter().fold(self.shown.clone(), |path, name| path.join(name));
        std::path::absolute(&directory).unwrap_or(directory).display().to_string()
    }
}

/// The note that a temporary file exists.
#[derive(Debug)]
pub(super) struct Ticket(Arc<Destination>);

impl Ticket {
    pub(super) fn destination(&self) -> &Destination {
        &self.0
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.unsettled.send_modify(|count| *count -= 1);
    }
}

/// One step down, never through a link.
fn step(directory: &Dir, name: &str) -> io::Result<Dir> {
    match directory.open_dir_nofollow(name) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            match directory.create_dir(name) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
            directory.open_dir_nofollow(name)
        }
        opened => opened,
    }
}

#[cfg(test)]
#[path = "destination_tests.rs"]
mod tests;
