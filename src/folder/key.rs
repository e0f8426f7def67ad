//! From what a person types to a key below their own folder, or a refusal. Pure.
//!
//! Two guards, each enough alone. The prefix is always put in front and S3 never resolves `..`, so no text can
//! leave the folder. And text that reads as an attempt to leave it, in any encoding, is refused before a request
//! is made, because a person who typed it meant something else than the odd key it would name.
//! `--literal` switches the second guard off, never the first.

use std::fmt;

use super::disguise;
use super::template::FolderPrefix;
use crate::config::folder_template::{FolderTemplate, Piece};
use crate::error::{Explain, Kind};

/// The longest key S3 takes, in bytes of UTF-8. Source: S3 user guide, "Naming Amazon S3 objects".
pub const MAX_KEY_BYTES: usize = 1024;

/// Why a typed path is not a key of the caller's folder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It names, or pretends to name, something outside the caller's own folder.
    #[error("`{}` is outside your own folder: {reason}", shown(.typed))]
    OutsideOwnFolder {
        /// As typed.
        typed: String,
        /// What in it says so.
        reason: &'static str,
    },
    /// It repeats the folder's own prefix.
    #[error("`{}` begins with your folder's own name", shown(.typed))]
    OwnPrefix {
        /// As typed.
        typed: String,
        /// What was meant, in all likelihood.
        meant: String,
    },
    /// A variable without a value, more often than not; what it would name is the whole folder.
    #[error("the path is empty")]
    Empty,
    /// S3 has no such long keys.
    #[error("`{}…` makes a key of {bytes} bytes; S3 allows {MAX_KEY_BYTES}", shown(.typed))]
    TooLong {
        /// As typed.
        typed: String,
        /// With the folder's prefix.
        bytes: usize,
    },
}

/// Control characters escaped, and no more than fits on a line.
fn shown(typed: &str) -> String {
    typed.chars().take(120).flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

impl Explain for KeyError {
    fn kind(&self) -> Kind {
        match self {
            Self::OutsideOwnFolder { .. } => Kind::Denied,
            Self::OwnPrefix { .. } | Self::TooLong { .. } | Self::Empty => Kind::Usage,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::OutsideOwnFolder { .. } => {
                "paths are relative to your folder, such as `2026/report.pdf`; if a key in it really has this name, \
                 add `--literal`"
                    .into()
            }
            Self::OwnPrefix { meant, .. } if meant.is_empty() => {
                "paths are already relative to your folder; the folder itself is `.`".into()
            }
            Self::OwnPrefix { meant, .. } => {
                format!("paths are already relative to your folder: use `{}`", shown(meant))
            }
            Self::Empty => "`.` is your whole folder".into(),
            Self::TooLong { .. } => "shorten the name".into(),
        })
    }
}

/// A key below the caller's own folder, or the folder itself: it always starts with the folder's prefix.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FolderKey {
    full: String,
    prefix_len: usize,
}

impl FolderKey {
    /// The key as S3 sees it.
    pub fn as_str(&self) -> &str {
        &self.full
    }

    /// The key without the folder's prefix; empty for the folder itself.
    pub fn relative(&self) -> &str {
        &self.full[self.prefix_len..]
    }

    /// Whether this is the folder itself rather than something in it.
    pub fn is_root(&self) -> bool {
        self.full.len() == self.prefix_len
    }

    /// Whether it reads as a folder: the folder itself, or a name that ends with `/`.
    pub fn is_folder(&self) -> bool {
        self.full.ends_with('/')
    }

    /// The same key with one trailing `/`: the prefix of all that is in it.
    ///
    /// # Errors
    /// [`KeyError::TooLong`].
    pub fn as_folder(&self) -> Result<FolderKey, KeyError> {
        if self.is_folder() { Ok(self.clone()) } else { self.append("/") }
    }

    /// The key with more text behind it, taken as it is: text can be added to a key but never leave it.
    ///
    /// # Errors
    /// [`KeyError::TooLong`].
    pub fn append(&self, text: &str) -> Result<FolderKey, KeyError> {
        let full = format!("{}{text}", self.full);
        check_length(&full, text)?;
        Ok(FolderKey { full, prefix_len: self.prefix_len })
    }

    /// The last segment of the relative key, without a trailing `/`; `None` for the folder itself.
    pub fn name(&self) -> Option<&str> {
        let trimmed = self.relative().trim_end_matches('/');
        let name = trimmed.rsplit('/').next().unwrap_or(trimmed);
        (!name.is_empty()).then_some(name)
    }
}

impl fmt::Display for FolderKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_root() { "." } else { self.relative() })
    }
}

fn check_length(full: &str, typed: &str) -> Result<(), KeyError> {
    if full.len() <= MAX_KEY_BYTES {
        return Ok(());
    }
    Err(KeyError::TooLong { typed: typed.chars().take(40).collect(), bytes: full.len() })
}

impl FolderPrefix {
    /// The folder itself.
    pub fn root(&self) -> FolderKey {
        FolderKey { full: self.as_str().to_owned(), prefix_len: self.as_str().len() }
    }

    /// The key that a typed path names. A leading `./` is dropped, and `.` is the folder itself; everything else
    /// (`a//b`, `a/../b`, a trailing `/`, `%20`, control characters) is taken as it is. With `literal`, so is all of it.
    ///
    /// # Errors
    /// [`KeyError::OutsideOwnFolder`] for text that reads as an attempt to leave the folder; [`KeyError::OwnPrefix`]
    /// when it repeats the folder's prefix; [`KeyError::TooLong`]; [`KeyError::Empty`].
    pub fn key(&self, typed: &str, literal: bool) -> Result<FolderKey, KeyError> {
        if typed.is_empty() {
            return Err(KeyError::Empty);
        }
        // First, because undoing many layers of encoding takes time with the square of the length.
        if typed.len() > 2 * MAX_KEY_BYTES {
            check_length(&format!("{}{typed}", self.as_str()), typed)?;
        }
        let path = if literal { typed } else { self.guarded(typed)? };
        let full = format!("{}{path}", self.as_str());
        check_length(&full, path)?;
        Ok(FolderKey { full, prefix_len: self.as_str().len() })
    }

    /// The key that S3 itself named in a listing of this folder; `None` when it isn't below it, which no honest
    /// server does.
    pub fn key_from_s3(&self, full: &str) -> Option<FolderKey> {
        full.starts_with(self.as_str()).then(|| FolderKey { full: full.to_owned(), prefix_len: self.as_str().len() })
    }

    fn guarded<'t>(&self, typed: &'t str) -> Result<&'t str, KeyError> {
        let mut path = typed;
        while let Some(rest) = path.strip_prefix("./") {
            path = rest;
        }
        if path == "." {
            path = "";
        }
        let own = self.as_str();
        if let Some(meant) = path.strip_prefix(own).or((path == own.trim_end_matches('/')).then_some("")) {
            return Err(KeyError::OwnPrefix { typed: typed.to_owned(), meant: meant.to_owned() });
        }
        for seen in disguise::readings(path) {
            if let Some(reason) = escapes(&seen).or_else(|| self.names_another(&seen)) {
                return Err(KeyError::OutsideOwnFolder { typed: typed.to_owned(), reason });
            }
        }
        Ok(path)
    }

    /// Whether the path begins as another person's folder does.
    fn names_another(&self, path: &str) -> Option<&'static str> {
        let resolved = resolve_dots(path);
        let first = path.split(['/', '\\']).next().unwrap_or("");
        let landed = resolved.first().copied().unwrap_or("");
        if is_principal(first) || is_principal(landed) {
            return Some("it begins with the id of an AWS identity");
        }
        let another = instantiates(self.template(), path) || instantiates(self.template(), &resolved.join("/"));
        another.then_some("it reads as somebody's folder")
    }
}

/// The segments that are left when `.` and `..` are resolved; climbing above the top is [`escapes`]' matter.
fn resolve_dots(path: &str) -> Vec<&str> {
    let mut left = Vec::new();
    for segment in path.split(['/', '\\']) {
        match segment {
            "" | "." => {}
            ".." => {
                left.pop();
            }
            name => left.push(name),
        }
    }
    left
}

/// Whether a path, read as any file system or URL library might read it, leaves where it starts.
fn escapes(path: &str) -> Option<&'static str> {
    if path.starts_with(['/', '\\']) {
        return Some("it is absolute");
    }
    let lower = path.trim_start().to_ascii_lowercase();
    if ["s3:", "s3a:", "s3n:", "http:", "https:", "file:", "arn:"].iter().any(|scheme| lower.starts_with(scheme))
        || lower.split_once("://").is_some_and(|(scheme, _)| is_scheme(scheme))
    {
        return Some("it is a URL or an ARN");
    }
    let mut depth = 0_i64;
    for segment in path.split(['/', '\\']) {
        // Empty segments count for nothing: a file system that merges slashes would see none.
        match segment.trim() {
            "" | "." => {}
            ".." => depth -= 1,
            _ => depth += 1,
        }
        if depth < 0 {
            return Some("it climbs above it with `..`");
        }
    }
    None
}

/// Source: RFC 3986, section 3.1.
fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Whether a segment has the shape of an `aws:userid`.
///
/// Source: IAM user guide, "IAM identifiers" (unique id prefixes) and "Policy variables" (`aws:userid` of the root
/// user and of federated users is the account id, with a name behind it).
fn is_principal(segment: &str) -> bool {
    let (id, named) = match segment.split_once(':') {
        Some((id, _)) => (id, true),
        None => (segment, false),
    };
    let unique = ["AROA", "AIDA", "ASIA", "AKIA", "AGPA"].iter().any(|kind| {
        id.strip_prefix(kind).is_some_and(|rest| {
            rest.len() >= 12 && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        })
    });
    unique || (named && id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a path is what the template gives for some identity. Only a template whose first segment holds text of
/// its own can tell: `${aws:userid}/` would fit every path.
fn instantiates(template: &FolderTemplate, path: &str) -> bool {
    let first_is_marked = template.pieces().iter().find_map(|piece| match piece {
        Piece::Variable(_) => None,
        Piece::Text(text) => Some(!text.starts_with('/')),
    });
    if first_is_marked != Some(true) {
        return false;
    }
    fits(template.pieces(), path) || fits(template.pieces(), &format!("{path}/"))
}

/// Whether a path begins as the pieces say, with anything but `/` for each variable.
fn fits(pieces: &[Piece], path: &str) -> bool {
    match pieces.split_first() {
        None => true,
        Some((Piece::Text(text), rest)) => path.strip_prefix(text.as_str()).is_some_and(|path| fits(rest, path)),
        Some((Piece::Variable(_), rest)) => {
            let end = path.find('/').unwrap_or(path.len());
            // At least one character; every length is tried because text may follow within the segment.
            (1..=end).filter(|&cut| path.is_char_boundary(cut)).any(|cut| fits(rest, &path[cut..]))
        }
    }
}

#[cfg(test)]
#[path = "key_tests.rs"]
mod tests;
