//! A stretch of keys, in their order, and how S3 is asked for it.

use super::super::key::FolderKey;
use super::Entry;

/// S3's limit for what a request names as a key, in bytes. Source: S3 user guide, "Naming Amazon S3 objects".
const MOST: usize = 1024;

/// Keys that begin with a prefix, from one on and up to another.
#[derive(Debug, Clone)]
pub(super) struct Range {
    /// What all of them begin with.
    pub(super) prefix: FolderKey,
    /// The first that may be in it; none for the prefix's first.
    pub(super) from: Option<FolderKey>,
    /// The first behind it; none for the prefix's end.
    pub(super) until: Option<FolderKey>,
}

impl Range {
    /// All that begin with a prefix.
    pub(super) fn of(prefix: &FolderKey) -> Self {
        Self { prefix: prefix.clone(), from: None, until: None }
    }

    /// What S3 is asked to begin after: some text shortly before the first key. There is none right before it, so a few
    /// keys may come that belong to whoever lists what is before.
    pub(super) fn start_after(&self) -> Option<String> {
        let mut text = self.from.as_ref()?.as_str().to_owned();
        let last = text.pop()?;
        let before = (0..u32::from(last)).rev().find_map(char::from_u32);
        text.extend(before);
        if before.is_some() && text.len() + char::MAX.len_utf8() <= MOST {
            text.push(char::MAX);
        }
        Some(text)
    }

    /// Takes out what doesn't belong to it, and tells whether its end has been reached.
    pub(super) fn cut(&self, entries: &mut Vec<Entry>) -> bool {
        if let Some(from) = &self.from {
            entries.retain(|entry| entry.key().as_str() >= from.as_str());
        }
        let Some(until) = &self.until else { return false };
        let count = entries.len();
        entries.retain(|entry| entry.key().as_str() < until.as_str());
        entries.len() < count
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::FolderTemplate;
    use crate::folder::{Facts, FolderPrefix};

    proptest! {
        #[test]
        fn it_begins_before_its_first_key_and_not_long_before(key in "\\PC{1,20}", other in "\\PC{1,20}") {
            let facts = Facts { user_id: "AROA1:me".into(), ..Facts::default() };
            let prefix = FolderPrefix::resolve(&FolderTemplate::default(), &facts).unwrap();
            let (root, from) = (prefix.root(), prefix.key(&key, true).unwrap());
            let range = Range { from: Some(from.clone()), ..Range::of(&root) };
            let after = range.start_after().unwrap();
            prop_assert!(after.as_str() < from.as_str() && after.starts_with(root.as_str()));
            // What lies between has all of the key's text but its last character.
            let other = prefix.key(&other, true).unwrap();
            if after.as_str() < other.as_str() && other.as_str() < from.as_str() {
                let mut stem = from.as_str().to_owned();
                stem.pop();
                prop_assert!(other.as_str().starts_with(&stem));
            }
        }
    }
}
