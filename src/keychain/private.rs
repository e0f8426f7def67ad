//! Directories and files that only their owner can read.

use std::fs::{DirBuilder, File};
use std::io::{self, Write};
use std::path::Path;

/// Makes the directory and those above it, for the owner alone (0700 on Unix); fine if it is there.
pub(super) fn create_dir(dir: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Replaces a file's content as a whole: whoever reads it sees the old content or the new one, also after a power
/// cut. The file is the owner's alone (0600 on Unix) from the start.
///
/// A temporary file is created in the same directory (it fails if the name exists), flushed to the disk, renamed
/// over the old file, and then the directory is flushed.
pub(super) fn replace(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    create_dir(dir)?;
    // `tempfile` creates with O_EXCL and mode 0600.
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(dir.join(name))?;
    flush_dir(dir)
}

/// Removes a file for good; false when there was none.
pub(super) fn remove(dir: &Path, name: &str) -> io::Result<bool> {
    match std::fs::remove_file(dir.join(name)) {
        Ok(()) => flush_dir(dir).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn flush_dir(dir: &Path) -> io::Result<()> {
    // Other systems have no such call; NTFS journals renames.
    if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn only_the_owner_can_read_and_nothing_is_left_over() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join("a/b");
        replace(&dir, "f", b"one").unwrap();
        replace(&dir, "f", b"two").unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&dir), mode(&root.path().join("a")), mode(&dir.join("f"))), (0o700, 0o700, 0o600));
        assert_eq!(std::fs::read(dir.join("f")).unwrap(), b"two");
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1);
        assert!(remove(&dir, "f").unwrap());
        assert!(!remove(&dir, "f").unwrap());
    }
}
