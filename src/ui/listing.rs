//! A listing of the folder, for people and as JSON. Pure but for the time zone.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Serialize;

use super::{escape, size, time};
use crate::folder::listing::{Entry, Object};

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
            Entry::Folder(key) => Line::Folder { path: key.relative(), key: key.as_str() },
        };
        text.push_str(&serde_json::to_string(&line).expect("reports are plain data"));
        text.push('\n');
    }
    text
}

/// A page for people: size, local time, path. Names are escaped where a terminal would obey them.
pub fn people(page: &[Entry], terminal: bool) -> String {
    let mut text = String::new();
    for entry in page {
        let (size, time) = match entry {
            Entry::Object(Object { size, modified, .. }) => {
                (size::human(*size), modified.map_or_else(|| "-".to_owned(), time::local))
            }
            Entry::Folder(_) => ("-".to_owned(), "-".to_owned()),
        };
        let path = entry.key().relative();
        let path = if terminal { escape::name(path) } else { Cow::Borrowed(path) };
        let _ = writeln!(text, "{size:>10}  {time:>16}  {path}");
    }
    text
}

/// How much was listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    objects: u64,
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
                Entry::Folder(_) => self.folders += 1,
            }
        }
    }

    /// `2 objects, 1 folder, 3.0 KiB`.
    pub fn told(self) -> String {
        let mut told = size::counted(self.objects, "object");
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
        assert!(people(&page(), true).contains("a\\u{1b}[2J.txt\n"));
        assert!(people(&page(), false).contains("a\u{1b}[2J.txt\n"));
        assert!(people(&page(), true).starts_with("   1.5 KiB"));
    }

    #[test]
    fn totals_count_objects_folders_and_bytes() {
        let mut sums = Sums::default();
        sums.add(&page());
        assert_eq!(sums.told(), "1 object, 1 folder, 1.5 KiB");
    }
}
