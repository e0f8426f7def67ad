//! The path under which other programs should start this one.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::config::Environment;
use crate::error::{Error, Kind, Result};

/// This program's absolute path, the one on `PATH` where there is one: a package manager's link survives an
/// upgrade, and the file it points to doesn't.
///
/// # Errors
/// [`Kind::Failed`] when the system doesn't tell it or it isn't Unicode.
pub(super) fn path(environment: &Environment) -> Result<String> {
    let failed =
        |problem: &str| Error::new(Kind::Failed, format!("could not find the path of this program: {problem}"));
    let running = std::env::current_exe().map_err(|error| failed(&error.to_string()))?;
    let stable = environment.path.as_deref().and_then(|path| on_path(&running, path)).unwrap_or(running);
    stable.into_os_string().into_string().map_err(|_| failed("it is not Unicode"))
}

fn on_path(running: &Path, path: &OsStr) -> Option<PathBuf> {
    let name = running.file_name()?;
    let real = std::fs::canonicalize(running).ok()?;
    let candidates = std::env::split_paths(path).filter(|folder| folder.is_absolute()).map(|folder| folder.join(name));
    candidates.into_iter().find(|candidate| std::fs::canonicalize(candidate).is_ok_and(|found| found == real))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_link_on_the_path_is_preferred_to_the_file_of_one_version() {
        let folder = tempfile::tempdir().unwrap();
        let cellar = folder.path().join("cellar-1.0");
        let bin = folder.path().join("bin");
        std::fs::create_dir(&cellar).unwrap();
        std::fs::create_dir(&bin).unwrap();
        std::fs::write(cellar.join("securecart"), "").unwrap();
        std::os::unix::fs::symlink(cellar.join("securecart"), bin.join("securecart")).unwrap();
        let path = std::env::join_paths([Path::new("relative"), &bin]).unwrap();
        assert_eq!(on_path(&cellar.join("securecart"), &path), Some(bin.join("securecart")));
        assert_eq!(on_path(&cellar.join("securecart"), OsStr::new("/nonexistent")), None);
    }
}
