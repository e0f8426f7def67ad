//! The names of what was ever saved, because most stores can't list them.
//!
//! One plain file a store, a name a line as a JSON string. It holds names, never contents. It is read when
//! something is saved and written only when a new name appears; loading never touches it.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{KeychainError, Lock, private};

/// How long to wait for another process that is adding a name.
const PATIENCE: Duration = Duration::from_secs(10);

/// The list of names of one store.
pub(super) struct Index<'a> {
    state: &'a Path,
    file: String,
}

impl<'a> Index<'a> {
    /// The list of the store with that name.
    pub(super) fn of(store: &str, state: &'a Path) -> Self {
        Self { state, file: format!("{}.jsonl", store.to_lowercase().replace(' ', "-")) }
    }

    /// Every name in the list, sorted.
    pub(super) fn names(&self) -> Result<Vec<String>, KeychainError> {
        let path = self.dir().join(&self.file);
        let text = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(KeychainError::io("read", path, &error)),
        };
        // A line that isn't ours is nobody's item.
        let mut names: Vec<String> =
            text.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
        names.sort_unstable();
        names.dedup();
        Ok(names)
    }

    /// Puts a name on the list if it isn't there.
    pub(super) fn add(&self, name: &str) -> Result<(), KeychainError> {
        if self.names()?.iter().any(|known| known == name) {
            return Ok(());
        }
        let _guard = Lock::acquire(self.state, &format!("index {}", self.file), PATIENCE)
            .map_err(|error| self.failed(&io::Error::other(error)))?;
        let mut names = self.names()?;
        names.push(name.to_owned());
        let mut text = Vec::new();
        for name in names {
            serde_json::to_writer(&mut text, &name).map_err(|error| self.failed(&error.into()))?;
            text.push(b'\n');
        }
        private::replace(&self.dir(), &self.file, &text).map_err(|error| self.failed(&error))
    }

    fn dir(&self) -> PathBuf {
        self.state.join("items")
    }

    fn failed(&self, error: &io::Error) -> KeychainError {
        KeychainError::io("write", self.dir().join(&self.file), error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_once_sorted_and_whatever_they_contain() {
        let state = tempfile::tempdir().unwrap();
        let index = Index::of("Some Store", state.path());
        assert_eq!(index.names(), Ok(vec![]));
        for name in ["b", "a\n\"\u{202e}", "b", ""] {
            index.add(name).unwrap();
        }
        assert_eq!(index.names().unwrap(), ["", "a\n\"\u{202e}", "b"]);
        assert_eq!(Index::of("Other", state.path()).names(), Ok(vec![]));
    }

    #[test]
    fn a_damaged_line_loses_nothing_else() {
        let state = tempfile::tempdir().unwrap();
        let index = Index::of("s", state.path());
        private::create_dir(&index.dir()).unwrap();
        std::fs::write(index.dir().join(&index.file), b"\"a\"\n\"half\n\xff\n\"b\"\n").unwrap();
        index.add("c").unwrap();
        assert_eq!(index.names().unwrap(), ["a", "b", "c"]);
    }

    #[test]
    fn names_added_at_the_same_time_are_all_kept() {
        let state = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for n in 0..20 {
                let state = state.path();
                scope.spawn(move || Index::of("s", state).add(&format!("n{n}")).unwrap());
            }
        });
        assert_eq!(Index::of("s", state.path()).names().unwrap().len(), 20);
    }
}
