//! Which version of an object is meant.
//!
//! Source: S3 user guide, "How S3 Versioning works": version ids are opaque UTF-8 of at most 1,024 bytes, safe in a URL.

use std::fmt;
use std::str::FromStr;

use super::key::FolderKey;

/// The id of one version of an object, as S3 gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionId(String);

/// Why a text is no version id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a version id is 1 to 1,024 visible ASCII characters, as `securecart ls --versions` shows it")]
pub struct NoVersionId;

impl VersionId {
    /// As S3 writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for VersionId {
    type Err = NoVersionId;

    fn from_str(typed: &str) -> Result<Self, NoVersionId> {
        let fits = (1..=1024).contains(&typed.len()) && typed.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(typed.to_owned())).ok_or(NoVersionId)
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An object to read: the newest version of a key, or one that is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) key: FolderKey,
    pub(super) version: Option<VersionId>,
}

impl Wanted {
    /// The version's id, as a request says it.
    pub(super) fn version_id(&self) -> Option<String> {
        self.version.as_ref().map(VersionId::to_string)
    }
}

impl From<&FolderKey> for Wanted {
    fn from(key: &FolderKey) -> Self {
        Self { key: key.clone(), version: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_id_is_visible_ascii() {
        for typed in ["null", "3/L4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY+MTRCxf3vjVBH40Nr8X8gdRQBpUMLUo", "a.b_c"] {
            assert_eq!(typed.parse::<VersionId>().unwrap().as_str(), typed);
        }
        for typed in ["", "a b", "a\n", "ü", &"x".repeat(1025)] {
            assert_eq!(typed.parse::<VersionId>(), Err(NoVersionId), "{typed:?}");
        }
    }
}
