//! One holder at a time, across processes.
//!
//! A lock is a file of its own that is never deleted. The kernel frees it when its holder ends, however it
//! ends, so a lock is never stale.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::private;
use super::turns::Turn;
use crate::error::{Explain, Kind};

/// The longest note, in bytes; longer ones are cut.
const NOTE_LIMIT: usize = 4096;

/// More bytes than the time before a note takes, with what separates it and [`NOTE_END`].
const TIME_LIMIT: u64 = 24;

/// Ends a note, so that one that was only half written is not taken for a whole one.
const NOTE_END: u8 = b'\n';

/// Why the lock was not got.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// Somebody else held it for all the time we had.
    #[error("another process has been busy with `{name}` for more than {} s", waited.as_secs_f32())]
    TimedOut {
        /// What was to be locked.
        name: String,
        /// How long we waited.
        waited: Duration,
    },
    /// The lock file can't be made, opened or locked.
    #[error("can't lock `{}`: {reason}", path.display())]
    Io {
        /// The lock file, or its directory.
        path: PathBuf,
        /// What the operating system said.
        reason: String,
    },
}

impl Explain for LockError {
    fn kind(&self) -> Kind {
        Kind::Failed
    }

    fn hint(&self) -> Option<String> {
        Some(
            match self {
                Self::TimedOut { .. } => "try again; if it stays so, end the other `securecart` process",
                Self::Io { .. } => "make sure that the directory exists, has room, and belongs to you",
            }
            .to_owned(),
        )
    }
}

/// Locks by name.
pub struct Lock;

impl Lock {
    /// Waits until nobody else holds the lock of that name under `state`, for at most `deadline`.
    ///
    /// The lock is advisory and per name; it lies in `locks/` under `state`, in a file named by a hash of the
    /// name. Waiters sleep in the kernel and are woken at once when the holder lets go or dies.
    pub fn acquire(state: &Path, name: &str, deadline: Duration) -> Result<Guard, LockError> {
        let path = lock_path(state, name);
        let failed = |error: io::Error| LockError::Io { path: path.clone(), reason: error.to_string() };
        let file = open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => return Ok(Guard(Held::File(file))),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        wait(file, deadline).map_err(|error| match error {
            Some(error) => failed(error),
            None => LockError::TimedOut { name: name.to_owned(), waited: deadline },
        })
    }
}

/// Holds the lock until dropped.
#[derive(Debug)]
pub struct Guard(Held);

#[derive(Debug)]
enum Held {
    /// Across processes.
    File(File),
    /// Within this one.
    Here(#[expect(dead_code, reason = "it is there to be dropped")] Turn),
}

impl Guard {
    /// Of a lock within this process.
    pub(super) fn here(turn: Turn) -> Self {
        Self(Held::Here(turn))
    }

    /// Leaves a few words for those who get the lock next, in place of an earlier note; an empty one clears it.
    ///
    /// **Never a secret:** the note stays in a plain file that is never deleted. It is cut to 4 KiB.
    ///
    /// A lock within this process has nowhere to keep one.
    pub fn leave_note(&self, note: &str) -> io::Result<()> {
        let Held::File(file) = &self.0 else { return Ok(()) };
        let end = note.floor_char_boundary(NOTE_LIMIT);
        let mut file = file;
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        if end > 0 {
            // The time is written down: a file's own comes from a clock that ticks every few milliseconds.
            let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            file.write_all(format!("{} {}", now.as_nanos(), &note[..end]).as_bytes())?;
            file.write_all(&[NOTE_END])?;
        }
        Ok(())
    }

    /// The last note, and when it was left. `None` when there is none, or when its writer died writing it.
    pub fn note(&self) -> Option<(SystemTime, String)> {
        let Held::File(file) = &self.0 else { return None };
        let mut file = file;
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0)).ok()?;
        file.take(NOTE_LIMIT as u64 + TIME_LIMIT).read_to_end(&mut bytes).ok()?;
        if bytes.pop()? != NOTE_END {
            return None;
        }
        let line = String::from_utf8(bytes).ok()?;
        let (nanos, note) = line.split_once(' ')?;
        let left = SystemTime::UNIX_EPOCH.checked_add(Duration::from_nanos(nanos.parse().ok()?))?;
        Some((left, note.to_owned()))
    }
}

fn lock_path(state: &Path, name: &str) -> PathBuf {
    let hash = Sha256::digest(name.as_bytes());
    let stem: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    state.join("locks").join(format!("{stem}.lock"))
}

fn open(path: &Path) -> io::Result<File> {
    if let Some(dir) = path.parent() {
        private::create_dir(dir)?;
    }
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Waits in a thread of its own, because a blocking lock can't be given a time limit. A thread that outlives the
/// deadline gives the lock back as soon as it gets it.
fn wait(file: File, deadline: Duration) -> Result<Guard, Option<io::Error>> {
    let (sender, receiver) = mpsc::sync_channel(1);
    std::thread::Builder::new()
        .name("lock".to_owned())
        .stack_size(64 * 1024)
        .spawn(move || {
            let locked = file.lock().map(|()| Guard(Held::File(file)));
            let _ = sender.send(locked);
        })
        .map_err(Some)?;
    match receiver.recv_timeout(deadline) {
        Ok(locked) => locked.map_err(Some),
        Err(_) => Err(None),
    }
}
