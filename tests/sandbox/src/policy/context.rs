//! The condition keys of one request.
//!
//! Owns their lookup, which ignores case as IAM does. Never decides anything.

use std::collections::BTreeMap;

/// Condition keys and their values.
#[derive(Debug, Clone, Default)]
pub struct Context(BTreeMap<String, Vec<String>>);

impl Context {
    /// A request without any condition key.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same context with one more single-valued key.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.set(key, value);
        self
    }

    /// Sets a single-valued key.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        self.0.insert(key.to_ascii_lowercase(), vec![value.into()]);
    }

    /// Sets a multi-valued key; no values means the key is present and empty.
    pub fn set_all(&mut self, key: &str, values: Vec<String>) {
        self.0.insert(key.to_ascii_lowercase(), values);
    }

    /// The values of a key, or `None` when the request doesn't carry it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&[String]> {
        self.0.get(&key.to_ascii_lowercase()).map(Vec::as_slice)
    }

    /// The value of a key that has exactly one, as policy variables need it.
    #[must_use]
    pub fn single(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            [value] => Some(value),
            _ => None,
        }
    }
}
