//! Where a program can't be handed pipes beyond its three streams.

use std::path::Path;

use tokio::io::{Empty, Sink, empty, sink};

use super::error::BrowserError;

/// A browser that there never is.
pub(super) enum Browser {}

impl Browser {
    /// # Errors
    /// [`BrowserError::NoPipes`], always.
    pub(super) fn start(_program: &Path, _flags: &[String], _profile: &Path) -> Result<Self, BrowserError> {
        Err(BrowserError::NoPipes)
    }

    pub(super) fn pipes(&mut self) -> (Empty, Sink) {
        (empty(), sink())
    }

    pub(super) fn why_it_ended(&mut self, _has_begun: bool) -> BrowserError {
        BrowserError::NoPipes
    }
}
