//! What is left to send of an upload in parts.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;

use super::super::error::FolderError;
use super::super::pool::{Limits, blocking};
use super::super::rate::PartSize;
use super::parts;
use super::source::{ByteSource, LocalFile};

/// A part's bytes and the leave to hold them.
pub(super) type Held = (Bytes, OwnedSemaphorePermit);

/// What is left to send.
pub(super) enum Content {
    File { file: Arc<LocalFile>, at: u64 },
    Stream { source: ByteSource, first: Option<Held> },
}

impl Content {
    /// The next part, waiting for memory to hold it; `number` parts came before.
    pub(super) async fn next(
        &mut self,
        limits: &Limits,
        asked: Option<PartSize>,
        number: i32,
    ) -> Result<Option<Held>, FolderError> {
        match self {
            Self::File { file, at } => {
                let left = file.len() - *at;
                let len = usize::try_from(parts::part_size(file.len(), asked).min(left)).unwrap_or(usize::MAX);
                if len == 0 {
                    return Ok(None);
                }
                let memory = limits.memory(len).await;
                let (file, offset) = (file.clone(), *at);
                *at += len as u64;
                let content = blocking(move || file.read_at(offset, len)).await?;
                Ok(Some((content, memory)))
            }
            Self::Stream { source, first } => {
                if let Some(first) = first.take() {
                    return Ok(Some(first));
                }
                let index = u64::try_from(number).unwrap_or(0);
                let len = usize::try_from(parts::stream_part_size(index, asked)).unwrap_or(usize::MAX);
                let memory = limits.memory(len).await;
                let content = source.take(len).await?;
                Ok((!content.is_empty()).then_some((content, memory)))
            }
        }
    }

    /// Passes over a part of a file that S3 has.
    pub(super) fn skip(&mut self, asked: Option<PartSize>) {
        if let Self::File { file, at } = self {
            *at += parts::part_size(file.len(), asked).min(file.len() - *at);
        }
    }

    pub(super) fn into_file(self) -> Option<Arc<LocalFile>> {
        match self {
            Self::File { file, .. } => Some(file),
            Self::Stream { .. } => None,
        }
    }
}
