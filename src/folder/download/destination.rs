//! The local side of a download: directories reached step by step without following links, and files that appear
//! under their name only when they are complete.
//!
//! Directories are open handles, so that nobody who can rename things below the destination can make a download
//! land elsewhere. The destination itself is the person's choice, links and all.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use bytes::Bytes;
use cap_fs_ext::{DirExt as _, FollowSymlinks, OpenOptionsFollowExt as _};
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};
use tokio::sync::watch;

use super::super::equal::Local;
use super::super::error::FolderError;
use super::super::local_path::LocalPath;
use super::super::read_at::read_exact_at;

/// What `statfs` calls a file system in memory. Source: Linux, statfs(2).
#[cfg(target_os = "linux")]
const TMPFS: i64 = 0x0102_1994;

/// Bytes of a temporary file that are read at a time.
const READ: usize = 256 << 10;

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

    fn directory(&self, names: &[String]) -> Result<Arc<Dir>, FolderError> {
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

    /// Writes a small file at once.
    pub(super) fn write_whole(
        ticket: Ticket,
        path: &LocalPath,
        content: &[Bytes],
        modified: Option<SystemTime>,
        keep: bool,
    ) -> Result<(), FolderError> {
        let landing = Self::begin(ticket, path, 0)?;
        landing.write_at(content, 0)?;
        landing.commit(modified, keep)
    }

    /// Makes the temporary file that becomes the place, with room for so many bytes.
    pub(super) fn begin(ticket: Ticket, path: &LocalPath, size: u64) -> Result<Landing, FolderError> {
        let destination = &ticket.0;
        let shown = destination.shown(path);
        let failed = |error: io::Error| FolderError::local("could not write", &shown, &error);
        let directory = destination.directory(path.directories())?;
        if let Ok(found) = directory.symlink_metadata(path.file_name())
            && !found.is_file()
            && !found.is_symlink()
        {
            let what =
                if found.is_dir() { "it is a directory" } else { "it is a device or a pipe; `-` is standard output" };
            return Err(failed(io::Error::other(what)));
        }
        let temporary = temporary_name().map_err(failed)?;
        let file = create_new(&directory, &temporary).map_err(failed)?;
        let landing = Landing {
            file: Arc::new(file),
            directory,
            temporary: Some(temporary),
            name: path.file_name().to_owned(),
            shown,
            _ticket: ticket,
        };
        landing.reserve(size)?;
        Ok(landing)
    }

    /// Opens a temporary file that an earlier run left, if it is one and has room for so many bytes.
    pub(super) fn reopen(ticket: Ticket, path: &LocalPath, temporary: &str, size: u64) -> Option<Landing> {
        let destination = &ticket.0;
        let directory = destination.existing_directory(path.directories()).ok()?;
        let found = directory.symlink_metadata(temporary).ok()?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).follow(FollowSymlinks::No);
        let file =
            if found.is_file() { directory.open_with(temporary, &options).ok()?.into_std() } else { return None };
        if found.len() != size {
            let _ = directory.remove_file(temporary);
            return None;
        }
        Some(Landing {
            file: Arc::new(file),
            directory,
            temporary: Some(temporary.to_owned()),
            name: path.file_name().to_owned(),
            shown: destination.shown(path),
            _ticket: ticket,
        })
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

fn create_new(directory: &Dir, name: &str) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true).follow(FollowSymlinks::No);
    Ok(directory.open_with(name, &options)?.into_std())
}

fn temporary_name() -> io::Result<String> {
    let mut random = [0_u8; 8];
    getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(format!("{TEMPORARY}{:016x}{PART}", u64::from_ne_bytes(random)))
}

/// What names of temporary files begin and end with.
const TEMPORARY: &str = ".securecart-";
const PART: &str = ".part";

/// Whether a file is what a download writes to before it is complete.
pub(super) fn is_temporary(name: &str) -> bool {
    name.starts_with(TEMPORARY) && name.ends_with(PART)
}

/// A file that is being written under a temporary name, in the directory where it belongs. Dropped before it is
/// committed, it is removed.
#[derive(Debug)]
pub(super) struct Landing {
    file: Arc<File>,
    directory: Arc<Dir>,
    temporary: Option<String>,
    name: String,
    shown: String,
    _ticket: Ticket,
}

impl Landing {
    fn failed(&self, error: &io::Error) -> FolderError {
        FolderError::local("could not write", &self.shown, error)
    }

    /// A handle for writing from another thread.
    pub(super) fn writer(&self) -> Writer {
        Writer { file: self.file.clone(), shown: self.shown.clone() }
    }

    /// The name that it has until it is complete.
    pub(super) fn temporary(&self) -> Option<&str> {
        self.temporary.as_deref()
    }

    /// Leaves the temporary file to another run.
    pub(super) fn leave(mut self) {
        self.temporary = None;
    }

    /// Reads a range of what was written, piece by piece.
    pub(super) fn read(&self, range: std::ops::Range<u64>, mut add: impl FnMut(&[u8])) -> Result<(), FolderError> {
        let mut buffer = vec![0; READ];
        let mut at = range.start;
        while at < range.end {
            let len = usize::try_from(range.end - at).unwrap_or(READ).min(READ);
            read_exact_at(&self.file, &mut buffer[..len], at)
                .map_err(|error| FolderError::local("could not read", &self.shown, &error))?;
            add(&buffer[..len]);
            at += len as u64;
        }
        Ok(())
    }

    fn write_at(&self, content: &[Bytes], offset: u64) -> Result<(), FolderError> {
        self.writer().write_at(content, offset)
    }

    /// Takes the space now, so that a full disk is known before the download rather than at its end.
    fn reserve(&self, size: u64) -> Result<(), FolderError> {
        if size == 0 {
            return Ok(());
        }
        let no_room = || self.failed(&io::Error::other(format!("no room for {size} bytes")));
        #[cfg(target_os = "linux")]
        if let Ok(found) = rustix::fs::fstatfs(&*self.file)
            && found.f_type == TMPFS
        {
            // A file system in memory would clear every page of it now, which takes as long as the download.
            let free = found.f_bavail.saturating_mul(u64::try_from(found.f_bsize).unwrap_or(0));
            if found.f_blocks > 0 && free < size {
                return Err(no_room());
            }
            return self.file.set_len(size).map_err(|error| self.failed(&error));
        }
        #[cfg(target_os = "linux")]
        match rustix::fs::fallocate(&*self.file, rustix::fs::FallocateFlags::empty(), 0, size) {
            Ok(()) => return Ok(()),
            Err(rustix::io::Errno::NOSPC | rustix::io::Errno::FBIG | rustix::io::Errno::DQUOT) => {
                return Err(no_room());
            }
            // Not every file system can.
            Err(_) => {}
        }
        self.file.set_len(size).map_err(|error| self.failed(&error))
    }

    /// Gives the file its name, in one step, and the time that was kept with the object. With `keep`, only if nothing
    /// has that name, also in one step.
    pub(super) fn commit(mut self, modified: Option<SystemTime>, keep: bool) -> Result<(), FolderError> {
        if let Some(modified) = modified {
            // A file system that can't keep this time still keeps the content.
            let _ = self.file.set_modified(modified);
        }
        let temporary = self.temporary.take().expect("a landing is committed once");
        let result = if keep {
            self.rename_new(&temporary)
        } else {
            self.directory.rename(&temporary, &self.directory, &self.name)
        };
        let Err(error) = result else { return Ok(()) };
        let _ = self.directory.remove_file(&temporary);
        if keep && error.kind() == io::ErrorKind::AlreadyExists {
            return Err(FolderError::Exists { what: self.shown.clone() });
        }
        Err(self.failed(&error))
    }

    fn rename_new(&self, temporary: &str) -> io::Result<()> {
        #[cfg(any(target_os = "linux", target_os = "macos"))]
        {
            use rustix::io::Errno;
            let flags = rustix::fs::RenameFlags::NOREPLACE;
            match rustix::fs::renameat_with(&*self.directory, temporary, &*self.directory, self.name.as_str(), flags) {
                // Not every kernel and file system can; a hard link can't replace either.
                Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {}
                result => return result.map_err(io::Error::from),
            }
        }
        self.directory.hard_link(temporary, &self.directory, &self.name)?;
        self.directory.remove_file(temporary)
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        if let Some(temporary) = self.temporary.take() {
            let _ = self.directory.remove_file(temporary);
        }
    }
}

/// Writes at positions, from any thread.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    file: Arc<File>,
    shown: String,
}

impl Writer {
    pub(super) fn write_at(&self, content: &[Bytes], offset: u64) -> Result<(), FolderError> {
        let mut at = offset;
        for bytes in content {
            write_all_at(&self.file, bytes, at)
                .map_err(|error| FolderError::local("could not write", &self.shown, &error))?;
            at += bytes.len() as u64;
        }
        Ok(())
    }
}

#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(windows)]
fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, offset)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = &bytes[written..];
        offset += written as u64;
    }
    Ok(())
}

#[cfg(test)]
#[path = "destination_tests.rs"]
mod tests;
