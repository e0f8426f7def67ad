//! Downloads of large objects: which version, into which temporary file, and the checksums of the ranges that have
//! arrived. What is in the temporary file is read again and compared with them before it is taken for the object's.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::super::checksum::Expected;
use super::super::stop::Stop;
use super::{Journal, Note, absolute, remove};

/// After so long nobody is expected to go on with a download.
const STALE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A download that began: the first line of an entry.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in super::super) struct Begun {
    /// The ETag of the object's version.
    pub(in super::super) etag: String,
    /// The version's id, where it was asked for by that.
    #[serde(default)]
    pub(in super::super) version: Option<String>,
    pub(in super::super) size: u64,
    /// When the file that it was uploaded from was last written to, as metadata says it.
    pub(in super::super) modified: Option<String>,
    pub(in super::super) expected: Option<Expected>,
    /// Bytes of each range but the last.
    pub(in super::super) range: u64,
    /// The directory that the temporary file is in, as an absolute path: to find what nobody goes on with.
    pub(in super::super) directory: String,
    pub(in super::super) temporary: String,
    pub(in super::super) began: Timestamp,
}

/// What an entry says of a download that was cut short: the CRC of each range that arrived, by its number.
pub(in super::super) type Found = (Begun, BTreeMap<usize, u64>);

/// The entry of a download, which this process alone has. One that was found stays, whatever happens to who found it,
/// until the file is taken over; from then on it goes with the download unless it is kept.
#[derive(Debug)]
pub(in super::super) struct Partial {
    note: Note,
    /// What may say that it is to be left to another run.
    stop: Option<Stop>,
    kept: AtomicBool,
}

impl Journal {
    /// Whether there may be an entry for a download to this local name.
    pub(in super::super) fn knows_download(&self, bucket: &str, key: &str, shown: &str) -> bool {
        self.path(&[bucket, key, &absolute(shown)]).exists()
    }

    /// Takes the entry of a download, and what is in it; `None` when another process has it.
    ///
    /// # Errors
    /// When the directory or the entry can't be written.
    pub(in super::super) fn claim_download(
        &self,
        bucket: &str,
        key: &str,
        shown: &str,
    ) -> io::Result<Option<(Partial, Option<Found>)>> {
        let opened = self.open(&[bucket, key, &absolute(shown)])?;
        Ok(opened.map(|(note, text)| {
            let found = read(&text);
            // Without its note, the file that it names would be of no use, and nobody would ever remove it.
            (Partial { note, stop: None, kept: AtomicBool::new(found.is_some()) }, found)
        }))
    }

    /// Removes temporary files that nobody went on with for a week, and their entries.
    pub(in super::super) fn prune_downloads(&self, now: Timestamp, is_temporary: impl Fn(&str) -> bool) {
        for path in self.entries() {
            let Ok(Some((_note, text))) = Note::open(path.clone(), false) else { continue };
            let Some((begun, _)) = read(&text) else { continue };
            // A disk that isn't mounted now may be when somebody goes on: a file that can't be seen isn't known to be gone.
            if now.duration_since(begun.began) < STALE {
                continue;
            }
            let temporary = Path::new(&begun.directory).join(&begun.temporary);
            let is_file = std::fs::symlink_metadata(&temporary).is_ok_and(|found| found.is_file());
            // The entry is a text that anybody may have changed: nothing else is removed than what a download makes.
            if is_file && is_temporary(&begun.temporary) && !begun.temporary.contains(std::path::is_separator) {
                remove(&temporary);
            }
            remove(&path);
        }
    }
}

fn read(text: &str) -> Option<Found> {
    let mut lines = text.split_inclusive('\n');
    let begun = serde_json::from_str(lines.next()?.strip_suffix('\n')?).ok()?;
    // A line that was cut short while it was written says nothing.
    let arrived = lines.map_while(|line| {
        let (number, crc) = line.strip_suffix('\n')?.split_once(' ')?;
        Some((number.parse().ok()?, u64::from_str_radix(crc, 16).ok()?))
    });
    Some((begun, arrived.collect()))
}

impl Partial {
    /// Notes that a download began. What a loss of power takes of the note or the file is found out when it is read again.
    pub(in super::super) fn begin(&self, begun: &Begun) -> io::Result<()> {
        self.take_over();
        let mut text = serde_json::to_vec(begun).map_err(io::Error::other)?;
        text.push(b'\n');
        self.note.write(&text)
    }

    /// Notes that a range has arrived, and is written. A note that can't be written costs the next run that range.
    pub(in super::super) fn arrived(&self, number: usize, crc: u64) {
        let _ = self.note.add(format!("{number} {crc:x}\n").as_bytes());
    }

    /// It is left to another run also where the work is told to stop that way.
    pub(in super::super) fn left_by(&mut self, stop: &Stop) {
        self.stop = Some(stop.clone());
    }

    /// Leaves it to another run.
    pub(in super::super) fn keep(&self) {
        self.kept.store(true, Ordering::Relaxed);
    }

    /// The temporary file is this run's, which removes it unless it completes it: the entry goes with it.
    pub(in super::super) fn take_over(&self) {
        self.kept.store(false, Ordering::Relaxed);
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.kept.load(Ordering::Relaxed) && !self.stop.as_ref().is_some_and(Stop::keeps) {
            self.note.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(directory: &Path, began: Timestamp) -> Begun {
        Begun {
            etag: "\"e\"".into(),
            version: None,
            size: 30,
            modified: None,
            expected: None,
            range: 10,
            directory: directory.display().to_string(),
            temporary: ".securecart-1.part".into(),
            began,
        }
    }

    #[test]
    fn a_line_that_was_cut_short_says_nothing() {
        let home = tempfile::tempdir().unwrap();
        let journal = Journal::new(home.path().join("downloads"));
        let (partial, found) = journal.claim_download("b", "k", "f").unwrap().unwrap();
        assert!(found.is_none());
        partial.begin(&begun(home.path(), Timestamp::now())).unwrap();
        partial.arrived(2, 0xab);
        partial.arrived(0, 1);
        partial.note.add(b"1 ff").unwrap();
        partial.keep();
        assert!(journal.claim_download("b", "k", "f").unwrap().is_none(), "it is taken");
        drop(partial);
        assert!(journal.knows_download("b", "k", "f") && !journal.knows_download("b", "k", "g"));
        let (partial, found) = journal.claim_download("b", "k", "f").unwrap().unwrap();
        let (begun, arrived) = found.unwrap();
        assert_eq!((begun.size, arrived), (30, BTreeMap::from([(0, 1), (2, 0xab)])));
        drop(partial);
        assert!(journal.knows_download("b", "k", "f"), "nobody has its file");
        let (partial, _) = journal.claim_download("b", "k", "f").unwrap().unwrap();
        partial.take_over();
        drop(partial);
        assert!(!journal.knows_download("b", "k", "f"), "it goes with the download");
    }

    #[test]
    fn what_nobody_went_on_with_is_removed_and_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        let journal = Journal::new(home.path().join("downloads"));
        let (now, file) = (Timestamp::now(), home.path().join(".securecart-1.part"));
        std::fs::write(&file, "").unwrap();
        std::fs::write(home.path().join("precious"), "").unwrap();
        let note = |begun: Begun| {
            let (partial, _) = journal.claim_download("b", "k", "f").unwrap().unwrap();
            partial.begin(&begun).unwrap();
            partial.keep();
        };
        let prune = || journal.prune_downloads(now, |name| name.starts_with(".securecart-"));
        note(begun(home.path(), now - SignedDuration::from_hours(24)));
        prune();
        assert!(file.exists() && journal.knows_download("b", "k", "f"), "somebody may go on with it");
        note(begun(&home.path().join("not mounted"), now - SignedDuration::from_hours(24)));
        prune();
        assert!(journal.knows_download("b", "k", "f"), "its disk may come back");
        note(Begun { temporary: "precious".into(), ..begun(home.path(), now - SignedDuration::from_hours(200)) });
        prune();
        assert!(home.path().join("precious").exists() && !journal.knows_download("b", "k", "f"));
        note(begun(home.path(), now - SignedDuration::from_hours(200)));
        prune();
        assert!(!file.exists() && !journal.knows_download("b", "k", "f"));
    }
}
