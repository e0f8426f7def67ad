//! Changing a small text file that other programs read: under a lock, whole or not at all.
//!
//! A symbolic link stays one: what it points to is replaced. Modes and owners stay; a new file is the user's alone.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::error::ConfigError;
use super::file;
use crate::error::{Error, Explain, Kind};

/// Why a file could not be changed; it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The operating system refused.
    #[error("could not {doing} {}: {source}", .path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A link to nothing: writing would not make the file people expect.
    #[error("{} is a symbolic link to a file that isn't there", .path.display())]
    DanglingLink {
        /// The link.
        path: PathBuf,
    },
    /// Another `configure` has been at it for a while.
    #[error("another `securecart configure` is writing")]
    Busy,
}

impl Explain for WriteError {
    fn kind(&self) -> Kind {
        match self {
            WriteError::DanglingLink { .. } => Kind::Usage,
            WriteError::Io { .. } | WriteError::Busy => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            WriteError::Busy => Some("finish or stop it, then try again".into()),
            WriteError::DanglingLink { .. } => Some("remove the link, or make the file it points to".into()),
            WriteError::Io { .. } => None,
        }
    }
}

/// How long to wait for another writer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Held while files are changed; one process at a time has it. The kernel frees it however the process ends.
#[derive(Debug)]
pub struct WriteLock(#[expect(dead_code, reason = "it is held, never read")] File);

impl WriteLock {
    /// Waits for the lock, which is a file in the state folder that is never deleted.
    ///
    /// # Errors
    /// [`WriteError::Busy`] after 10 seconds, [`WriteError::Io`].
    pub fn acquire(state: &Path) -> Result<Self, WriteError> {
        let folder = state.join("locks");
        make_private_folder(&folder)?;
        let path = folder.join("configure.lock");
        let failed = |source| WriteError::Io { doing: "lock", path: path.clone(), source };
        let file = private_options().create(true).open(&path).map_err(failed)?;
        let start = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(fs::TryLockError::WouldBlock) if start.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(fs::TryLockError::WouldBlock) => return Err(WriteError::Busy),
                Err(fs::TryLockError::Error(source)) => return Err(failed(source)),
            }
        }
    }
}

/// Reads a text that may not be there yet: a missing file is an empty one.
///
/// # Errors
/// As [`file::read`].
pub fn read_or_empty(path: &Path) -> Result<String, ConfigError> {
    match file::read(path) {
        Ok((text, _)) => Ok(text),
        Err(ConfigError::NoFile { .. }) => Ok(String::new()),
        Err(error) => Err(error),
    }
}

/// Replaces the text of a file by what `edit` makes of it; nothing is written when that is the same.
///
/// # Errors
/// Those of reading, of `edit`, and [`WriteError`].
pub fn update<T>(
    _lock: &WriteLock,
    path: &Path,
    edit: impl FnOnce(&str) -> Result<(String, T), Error>,
) -> Result<T, Error> {
    let path = &target(path)?;
    let old = read_or_empty(path)?;
    let (new, outcome) = edit(&old)?;
    if new != old {
        replace(path, new.as_bytes())?;
    }
    Ok(outcome)
}

/// Puts a secret in a file that its owner alone can read, whole or not at all, whatever its mode was before.
///
/// # Errors
/// [`WriteError`].
pub fn write_private(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    put(path, bytes, false)
}

/// The file itself, behind any symbolic links.
fn target(path: &Path) -> Result<PathBuf, WriteError> {
    let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
    if !is_link {
        return Ok(path.to_owned());
    }
    fs::canonicalize(path).map_err(|source| match source.kind() {
        ErrorKind::NotFound => WriteError::DanglingLink { path: path.to_owned() },
        _ => WriteError::Io { doing: "follow", path: path.to_owned(), source },
    })
}

/// Puts a complete file in the place of another: a private temporary file beside it, flushed to disk, renamed
/// over it, and the rename flushed too.
fn replace(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    put(path, bytes, true)
}

fn put(path: &Path, bytes: &[u8], keep_mode: bool) -> Result<(), WriteError> {
    let failed = |source| WriteError::Io { doing: "write", path: path.to_owned(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    make_private_folder(folder)?;
    // `tempfile` opens with O_EXCL and mode 0600, and removes the file when dropped before the rename.
    let mut temporary = tempfile::Builder::new().prefix(".securecart-").tempfile_in(folder).map_err(failed)?;
    temporary.write_all(bytes).map_err(failed)?;
    if let (true, Ok(metadata)) = (keep_mode, fs::metadata(path)) {
        keep_owner_and_mode(temporary.as_file(), &metadata).map_err(failed)?;
    }
    temporary.as_file().sync_all().map_err(failed)?;
    temporary.persist(path).map_err(|error| failed(error.error))?;
    flush_folder(folder).map_err(failed)
}

#[cfg(unix)]
fn keep_owner_and_mode(file: &File, old: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};

    let new = file.metadata()?;
    let same_owner = (new.uid(), new.gid()) == (old.uid(), old.gid());
    let kept = same_owner || fchown(file, Some(old.uid()), Some(old.gid())).is_ok();
    // Rights that were another group's must not become this one's.
    let mode = if kept { old.mode() & 0o777 } else { old.mode() & 0o700 };
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn keep_owner_and_mode(_file: &File, _old: &Metadata) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn flush_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn flush_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

fn private_options() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.read(true).write(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn make_private_folder(folder: &Path) -> Result<(), WriteError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|source| WriteError::Io {
        doing: "make the folder",
        path: folder.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Scene {
        folder: tempfile::TempDir,
    }

    impl Scene {
        fn new() -> Self {
            Self { folder: tempfile::tempdir().unwrap() }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.folder.path().join(name)
        }

        fn write(&self, path: &Path, text: &str) -> Result<(), Error> {
            let lock = WriteLock::acquire(&self.path("state")).unwrap();
            update(&lock, path, |_| Ok((text.to_owned(), ())))
        }

        fn names(&self) -> Vec<String> {
            let entries = fs::read_dir(self.folder.path()).unwrap();
            let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.retain(|name| name != "state");
            names.sort();
            names
        }
    }

    #[test]
    fn a_new_file_and_its_folders_are_made() {
        let scene = Scene::new();
        scene.write(&scene.path("a/b/config"), "x").unwrap();
        assert_eq!(fs::read_to_string(scene.path("a/b/config")).unwrap(), "x");
    }

    #[cfg(unix)]
    #[test]
    fn a_new_file_is_private_and_an_old_one_keeps_its_mode() {
        use std::os::unix::fs::PermissionsExt as _;
        let scene = Scene::new();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        scene.write(&scene.path("aws/new"), "x").unwrap();
        assert_eq!((mode(&scene.path("aws/new")), mode(&scene.path("aws"))), (0o600, 0o700));
        fs::write(scene.path("old"), "x").unwrap();
        fs::set_permissions(scene.path("old"), fs::Permissions::from_mode(0o644)).unwrap();
        scene.write(&scene.path("old"), "y").unwrap();
        assert_eq!(mode(&scene.path("old")), 0o644);
        assert_eq!(scene.names(), ["aws", "old"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_stays_one_and_its_target_changes() {
        let scene = Scene::new();
        fs::create_dir(scene.path("dotfiles")).unwrap();
        fs::write(scene.path("dotfiles/config"), "old").unwrap();
        std::os::unix::fs::symlink("dotfiles/config", scene.path("config")).unwrap();
        scene.write(&scene.path("config"), "new").unwrap();
        assert!(fs::symlink_metadata(scene.path("config")).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(scene.path("dotfiles/config")).unwrap(), "new");
        std::os::unix::fs::symlink("nowhere", scene.path("dangling")).unwrap();
        let error = scene.write(&scene.path("dangling"), "new").unwrap_err();
        assert_eq!(error.kind, Kind::Usage);
    }

    #[test]
    fn a_folder_in_the_files_place_is_refused() {
        let scene = Scene::new();
        fs::create_dir(scene.path("config")).unwrap();
        let error = scene.write(&scene.path("config"), "x").unwrap_err();
        assert!(error.message.ends_with("is not a regular file"), "{error}");
    }

    #[test]
    fn a_failed_edit_leaves_everything_as_it_was() {
        let scene = Scene::new();
        fs::write(scene.path("config"), "old").unwrap();
        let lock = WriteLock::acquire(&scene.path("state")).unwrap();
        let edit = |_: &str| Err::<(String, ()), _>(Error::usage("no"));
        update(&lock, &scene.path("config"), edit).unwrap_err();
        assert_eq!(fs::read_to_string(scene.path("config")).unwrap(), "old");
        assert_eq!(scene.names(), ["config"]);
    }

    #[test]
    fn writers_at_the_same_time_lose_nothing_and_readers_see_whole_files() {
        let scene = Scene::new();
        let path = scene.path("config");
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let (scene, path) = (&scene, &path);
                scope.spawn(move || {
                    for round in 0..5 {
                        let lock = WriteLock::acquire(&scene.path("state")).unwrap();
                        update(&lock, path, |old| Ok((format!("{old}{writer}.{round}\n"), ()))).unwrap();
                    }
                });
            }
            for _ in 0..200 {
                let text = read_or_empty(&path).unwrap();
                assert!(text.is_empty() || text.ends_with('\n'));
            }
        });
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 40);
    }
}
