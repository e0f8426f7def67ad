//! A file on its way: written under a temporary name in the directory where it belongs, and given its own when it is
//! complete.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt as _};
use cap_std::fs::{Dir, OpenOptions};

use super::super::error::FolderError;
use super::super::local_path::LocalPath;
use super::super::read_at::read_exact_at;
use super::super::stop::Stop;
use super::destination::Ticket;

/// What `statfs` calls a file system in memory. Source: Linux, statfs(2).
#[cfg(target_os = "linux")]
const TMPFS: i64 = 0x0102_1994;

/// Bytes of a temporary file that are read at a time.
const READ: usize = 256 << 10;

/// A name that nobody has yet.
pub(super) fn temporary_name() -> io::Result<String> {
    let mut random = [0_u8; 8];
    getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(format!("{TEMPORARY}{:016x}{PART}", u64::from_ne_bytes(random)))
}

/// What names of temporary files begin and end with.
const TEMPORARY: &str = ".securecart-";
const PART: &str = ".part";

/// Whether a file is what a download writes to before it is complete.
pub(in super::super) fn is_temporary(name: &str) -> bool {
    name.starts_with(TEMPORARY) && name.ends_with(PART)
}

/// Makes a file that was not there.
pub(super) fn create_new(directory: &Dir, name: &str) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true).follow(FollowSymlinks::No);
    Ok(directory.open_with(name, &options)?.into_std())
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
    /// Where it is noted for another run: what may say that it is to be left.
    stop: Option<Stop>,
    _ticket: Ticket,
}

impl Landing {
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
    pub(super) fn begin(ticket: Ticket, path: &LocalPath, size: u64) -> Result<Self, FolderError> {
        let destination = ticket.destination();
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
        let landing = Self {
            file: Arc::new(file),
            directory,
            temporary: Some(temporary),
            name: path.file_name().to_owned(),
            shown,
            stop: None,
            _ticket: ticket,
        };
        landing.reserve(size)?;
        Ok(landing)
    }

    /// Opens a temporary file that an earlier run left, if it is one and has room for so many bytes.
    pub(super) fn reopen(ticket: Ticket, path: &LocalPath, temporary: &str, size: u64) -> Option<Self> {
        let destination = ticket.destination();
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
        Some(Self {
            file: Arc::new(file),
            directory,
            temporary: Some(temporary.to_owned()),
            name: path.file_name().to_owned(),
            shown: destination.shown(path),
            stop: None,
            _ticket: ticket,
        })
    }

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

    /// It is noted for another run, and left to it where the work is told to stop that way.
    pub(super) fn is_noted(&mut self, stop: &Stop) {
        self.stop = Some(stop.clone());
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

    pub(super) fn write_at(&self, content: &[Bytes], offset: u64) -> Result<(), FolderError> {
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
        if let Some(temporary) = self.temporary.take()
            && !self.stop.as_ref().is_some_and(Stop::keeps)
        {
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
