//! A listing of the folder, for people and as JSON. Pure but for the time zone.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Serialize;

use super::{escape, size, time};
use crate::folder::listing::{Entry, Object};
use crate::folder::versions::Version;

/// One line of `ls --json`.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'e> {
    Object {
        path: &'e str,
        key: &'e str,
        size: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        modified: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        etag: Option<&'e str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        storage_class: Option<&'e str>,
    },
    Version {
        path: &'e str,
        key: &'e str,
        version_id: &'e str,
        is_latest: bool,
        delete_marker: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        size: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        modified: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        etag: Option<&'e str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        storage_class: Option<&'e str>,
    },
    Folder {
        path: &'e str,
        key: &'e str,
    },
}

/// A page as JSON, one object a line.
pub fn json(page: &[Entry]) -> String {
    let mut text = String::new();
    for entry in page {
        let line = match entry {
            Entry::Object(object) => Line::Object {
                path: object.key.relative(),
                key: object.key.as_str(),
                size: object.size,
                modified: object.modified.map(|time| time.to_string()),
                etag: object.etag.as_deref(),
                storage_class: object.storage_class.as_deref(),
            },
            Entry::Version(version) => Line::Version {
                path: version.key.relative(),
                key: version.key.as_str(),
                version_id: &version.version_id,
                is_latest: version.is_latest,
                delete_marker: version.delete_marker,
                size: (!version.delete_marker).then_some(version.size),
                modified: version.modified.map(|time| time.to_string()),
                etag: version.etag.as_deref(),
                storage_class: version.storage_class.as_deref(),
            },
            Entry::Folder(key) => Line::Folder { path: key.relative(), key: key.as_str() },
        };
        text.push_str(&serde_json::to_string(&line).expect("reports are plain data"));
        text.push('\n');
    }
    text
}

/// Characters of a version id of S3's. Longer ones push the path to the right.
const VERSION_ID: usize = 32;

/// A page for people: size, local time, path. Where versions were asked for, what each is and its id stand before the
/// path. Names are escaped where a terminal would obey them.
pub fn people(page: &[Entry], versions: bool, terminal: bool) -> String {
    let shown = |name| if terminal { escape::name(name) } else { Cow::Borrowed(name) };
    let mut text = String::new();
    for entry in page {
        let (size, modified) = match entry {
            Entry::Object(Object { size, modified, .. }) => (Some(*size), *modified),
            Entry::Version(version) => ((!version.delete_marker).then_some(version.size), version.modified),
            Entry::Folder(_) => (None, None),
        };
        let none = || "-".to_owned();
        let (size, time) = (size.map_or_else(none, size::human), modified.map_or_else(none, time::local));
        let _ = write!(text, "{size:>10}  {time:>16}  ");
        if versions {
            let (state, id) = match entry {
                Entry::Version(version) => (state(version), version.version_id.as_str()),
                _ => ("", ""),
            };
            let _ = write!(text, "{state:<7}  {:<VERSION_ID$}  ", shown(id));
        }
        let _ = writeln!(text, "{}", shown(entry.key().relative()));
    }
    text
}

/// What a version is; nothing for what has been replaced.
fn state(version: &Version) -> &'static str {
    match version {
        Version { delete_marker: true, .. } => "deleted",
        Version { is_latest: true, .. } => "latest",
        _ => "",
    }
}

/// How much was listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    objects: u64,
    versions: u64,
    delete_markers: u64,
    folders: u64,
    bytes: u64,
}

impl Sums {
    /// Adds a page.
    pub fn add(&mut self, page: &[Entry]) {
        for entry in page {
            match entry {
                Entry::Object(object) => {
                    self.objects += 1;
                    self.bytes += object.size;
                }
                Entry::Version(version) if version.delete_marker => self.delete_markers += 1,
                Entry::Version(version) => {
                    self.versions += 1;
                    self.bytes += version.size;
                }
                Entry::Folder(_) => self.folders += 1,
            }
        }
    }

    /// `2 objects, 1 folder, 3.0 KiB`; of versions, `3 versions, 1 delete marker, 3.0 KiB`.
    pub fn told(self, versions: bool) -> String {
        let (count, one) = if versions { (self.versions, "version") } else { (self.objects, "object") };
        let mut told = size::counted(count, one);
        if self.delete_markers > 0 {
            let _ = write!(told, ", {}", size::counted(self.delete_markers, "delete marker"));
        }
        if self.folders > 0 {
            let _ = write!(told, ", {}", size::counted(self.folders, "folder"));
        }
        let _ = write!(told, ", {}", size::human(self.bytes));
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FolderTemplate;
    use crate::folder::{Facts, FolderPrefix};

    fn page() -> Vec<Entry> {
        let facts = Facts { user_id: "AROA1:me".into(), ..Facts::default() };
        let prefix = FolderPrefix::resolve(&FolderTemplate::default(), &facts).unwrap();
        let object = Object {
            key: prefix.key("a\u{1b}[2J.txt", true).unwrap(),
            size: 1536,
            modified: Some("2026-01-31T12:00:00Z".parse().unwrap()),
            etag: Some("\"0cc1\"".into()),
            storage_class: None,
        };
        vec![Entry::Object(object), Entry::Folder(prefix.key("b/", true).unwrap())]
    }

    #[test]
    fn json_lines_hold_the_path_to_type_and_the_whole_key() {
        assert_eq!(
            json(&page()),
            concat!(
                r#"{"type":"object","path":"a\u001b[2J.txt","key":"AROA1:me/a\u001b[2J.txt","size":1536,"#,
                r#""modified":"2026-01-31T12:00:00Z","etag":"\"0cc1\""}"#,
                "\n",
                r#"{"type":"folder","path":"b/","key":"AROA1:me/b/"}"#,
                "\n"
            )
        );
    }

    #[test]
    fn names_are_escaped_on_a_terminal_and_raw_in_a_pipe() {
        assert!(people(&page(), false, true).contains("a\\u{1b}[2J.txt\n"));
        assert!(people(&page(), false, false).contains("a\u{1b}[2J.txt\n"));
        assert!(people(&page(), false, true).starts_with("   1.5 KiB"));
    }

    #[test]
    fn totals_count_objects_folders_and_bytes() {
        let mut sums = Sums::default();
        sums.add(&page());
        assert_eq!(sums.told(false), "1 object, 1 folder, 1.5 KiB");
    }

    #[test]
    fn versions_are_told_apart_and_hostile_ids_are_escaped() {
        let Entry::Object(object) = page().remove(0) else { panic!("an object comes first") };
        let newest = Version {
            key: object.key,
            version_id: "id\u{1b}[2J".into(),
            is_latest: true,
            delete_marker: true,
            size: 0,
            modified: object.modified,
            etag: None,
            storage_class: None,
        };
        let older =
            Version { version_id: "v1".into(), is_latest: false, delete_marker: false, size: 3, ..newest.clone() };
        let page = [Entry::Version(newest), Entry::Version(older)];
        let lines: Vec<serde_json::Value> =
            json(&page).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines[0]["delete_marker"], true);
        assert_eq!((&lines[0]["size"], &lines[1]["size"]), (&serde_json::Value::Null, &3.into()));
        let text = people(&page, true, true);
        assert!(text.contains("deleted  id\\u{1b}[2J") && !text.contains('\u{1b}'), "{text}");
        let mut sums = Sums::default();
        sums.add(&page);
        assert_eq!(sums.told(true), "1 version, 1 delete marker, 3 B");
    }
}
