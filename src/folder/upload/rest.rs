//! What is left to send of an upload in parts.

use std::sync::Arc;

use super::super::checksum::{self, Piece};
use super::super::content::Content;
use super::super::error::FolderError;
use super::super::pool::{Limits, blocking};
use super::super::rate::PartSize;
use super::parts;
use super::source::{ByteSource, LocalFile};

/// A part's bytes, and their checksum.
pub(super) type Held = (Content, Piece);

/// What is left to send.
pub(super) enum Rest {
    File { file: Arc<LocalFile>, at: u64 },
    Stream { source: ByteSource, first: Option<Content> },
}

impl Rest {
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
                let room = limits.memory(len).await;
                let (file, offset) = (file.clone(), *at);
                *at += len as u64;
                let summed = blocking(move || {
                    let content = file.read_at(room, offset, len)?;
                    let piece = checksum::crc64(&content);
                    Ok((content, piece))
                });
                summed.await.map(Some)
            }
            Self::Stream { source, first } => {
                let content = match first.take() {
                    Some(first) => first,
                    None => {
                        let index = u64::try_from(number).unwrap_or(0);
                        let len = usize::try_from(parts::stream_part_size(index, asked)).unwrap_or(usize::MAX);
                        source.take(limits.memory(len).await, len).await?
                    }
                };
                if content.len() == 0 {
                    return Ok(None);
                }
                blocking(move || {
                    let piece = checksum::crc64(&content);
                    Ok(Some((content, piece)))
                })
                .await
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
