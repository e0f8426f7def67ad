//! Reading small text files that other people may have put there: bounded, and with a look at who may write them.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::error::ConfigError;

/// The largest configuration file that is read, in bytes.
pub const SIZE_LIMIT: u64 = 1024 * 1024;

/// Something that works, but that the person should know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// Somebody else can change the settings, and with them where the sign-in goes.
    WritableByOthers {
        /// The file or folder.
        path: PathBuf,
    },
    /// Somebody else owns the file, and can change it.
    OwnedByAnother {
        /// The file or folder.
        path: PathBuf,
    },
}

impl std::fmt::Display for Warning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Warning::WritableByOthers { path } => {
                write!(f, "{0} can be changed by other users; run `chmod go-w {0}`", path.display())
            }
            Warning::OwnedByAnother { path } => {
                write!(f, "{} belongs to another user, who can change it", path.display())
            }
        }
    }
}

/// Reads a whole text file.
///
/// # Errors
/// [`ConfigError::NoFile`], [`ConfigError::NotAFile`], [`ConfigError::TooLarge`], [`ConfigError::Unreadable`],
/// [`ConfigError::NotText`].
pub fn read(path: &Path) -> Result<(String, Metadata), ConfigError> {
    let unreadable = |source: std::io::Error| match source.kind() {
        ErrorKind::NotFound => ConfigError::NoFile { path: path.to_owned() },
        _ => ConfigError::Unreadable { path: path.to_owned(), source },
    };
    // Opening a pipe would wait for a writer, so look first; the size is bounded by what is read, not by this.
    let before = std::fs::metadata(path).map_err(unreadable)?;
    if !before.is_file() {
        return Err(ConfigError::NotAFile { path: path.to_owned() });
    }
    let file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(SIZE_LIMIT)).unwrap_or(0) + 1);
    file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(ConfigError::TooLarge { path: path.to_owned() });
    }
    let text = String::from_utf8(bytes).map_err(|_| ConfigError::NotText { path: path.to_owned() })?;
    Ok((text, metadata))
}

/// Who else could change the file, or put another in its place.
#[cfg(unix)]
pub fn warnings(path: &Path, metadata: &Metadata) -> Vec<Warning> {
    use std::os::unix::fs::MetadataExt as _;
    const STICKY: u32 = 0o1000;

    let me = rustix::process::geteuid().as_raw();
    let mut warnings = Vec::new();
    let mut look = |path: &Path, metadata: &Metadata| {
        // Where every user has a group of the same number, that group is nobody else. Source: Debian policy and
        // the user-private-group convention, under which files are group-writable by default.
        let group_is_others = metadata.gid() != metadata.uid();
        let others = 0o002 | if group_is_others { 0o020 } else { 0 };
        let replaceable = metadata.is_dir() && metadata.mode() & STICKY != 0;
        if metadata.uid() != me && metadata.uid() != 0 {
            warnings.push(Warning::OwnedByAnother { path: path.to_owned() });
        } else if metadata.mode() & others != 0 && !replaceable {
            warnings.push(Warning::WritableByOthers { path: path.to_owned() });
        }
    };
    look(path, metadata);
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if let Ok(metadata) = std::fs::metadata(folder) {
        look(folder, &metadata);
    }
    warnings
}

/// Who else could change the file: the user's folders are private on Windows unless somebody opened them.
#[cfg(not(unix))]
pub fn warnings(_path: &Path, _metadata: &Metadata) -> Vec<Warning> {
    Vec::new()
}
