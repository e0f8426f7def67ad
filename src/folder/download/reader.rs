//! The bytes of a range of an object, in order, whatever happens to the connections that bring them.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;

use super::super::checksum::Expected;
use super::super::client::Folder;
use super::super::error::FolderError;
use super::super::key::FolderKey;
use super::super::mtime;
use super::super::rate::Rate;
use super::super::reply::{Op, size};
use super::super::version::Wanted;
use super::parts;
use crate::http::HttpError;

/// For who names a folder where an object must be.
pub(super) const ADD_RECURSIVE: &str = "add `-r` to download all that is in it";

/// How often a body may break without a byte between before we give up.
const BREAKS: u32 = 6;

/// What S3 says of an object when it begins to send it.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) size: u64,
    pub(super) etag: Option<String>,
    pub(super) expected: Option<Expected>,
    /// When the file that it was uploaded from was last written to.
    pub(super) modified: Option<SystemTime>,
}

impl Head {
    /// Asks about an object; `None` where there is no answer that says why.
    pub(super) async fn ask(folder: &Folder, wanted: Wanted) -> Result<Option<Self>, FolderError> {
        let reply = match folder.head(&wanted).await {
            Err(error) if error.passes() => return Err(error),
            Err(_) => return Ok(None),
            Ok(reply) => reply,
        };
        let head = Head {
            size: length(reply.content_length(), &Op::reading("HeadObject", &wanted))?,
            etag: reply.e_tag().map(str::to_owned),
            expected: Expected::of_head(&reply),
            modified: mtime::read(reply.metadata()),
        };
        Ok(Some(head.settle(folder, &wanted).await))
    }

    /// The same, with what its checksum needs to be compared.
    async fn settle(self, folder: &Folder, wanted: &Wanted) -> Self {
        let expected = match self.expected {
            Some(expected) => parts::settle(folder, wanted, self.etag.as_deref(), self.size, expected).await,
            None => None,
        };
        Self { expected, ..self }
    }
}

/// A range of one version of an object.
#[derive(Debug)]
pub(super) struct Reader {
    folder: Folder,
    wanted: Wanted,
    etag: Option<String>,
    next: u64,
    end: u64,
    body: Option<ByteStream>,
    /// What the body brought that has not been wanted yet.
    held: Bytes,
    breaks: u32,
    rate: Option<Arc<Rate>>,
}

impl Reader {
    /// Asks for the whole object; its first bytes are on their way when this returns.
    pub(super) async fn open(
        folder: &Folder,
        wanted: Wanted,
        rate: Option<Arc<Rate>>,
    ) -> Result<(Head, Reader), FolderError> {
        let op = Op::reading("GetObject", &wanted);
        let reply = folder
            .call(&op, |client| {
                client
                    .get_object()
                    .bucket(folder.bucket())
                    .key(wanted.key.as_str())
                    .set_version_id(wanted.version_id())
                    .customize()
                    // As `checksum_mode` would, but without the SDK's own check: it knows nothing of ranges and resumptions.
                    .mutate_request(|request| {
                        request.headers_mut().insert("x-amz-checksum-mode", "ENABLED");
                    })
                    .send()
            })
            .await;
        let reply = match reply {
            Ok(reply) => reply,
            Err(error) => return Err(missing_or_denied(folder, &wanted.key, error).await),
        };
        let head = Head {
            size: length(reply.content_length(), &op)?,
            etag: reply.e_tag().map(str::to_owned),
            expected: Expected::of(&reply),
            modified: mtime::read(reply.metadata()),
        };
        let head = head.settle(folder, &wanted).await;
        let reader = Reader {
            folder: folder.clone(),
            wanted,
            etag: head.etag.clone(),
            next: 0,
            end: head.size,
            body: Some(reply.body),
            held: Bytes::new(),
            breaks: 0,
            rate,
        };
        Ok((head, reader))
    }

    /// A version's bytes of a range; asked for when first read.
    pub(super) fn of(
        folder: &Folder,
        wanted: Wanted,
        etag: &Option<String>,
        range: std::ops::Range<u64>,
        rate: &Option<Arc<Rate>>,
    ) -> Reader {
        let (folder, etag, rate) = (folder.clone(), etag.clone(), rate.clone());
        Reader {
            folder,
            wanted,
            etag,
            next: range.start,
            end: range.end,
            body: None,
            held: Bytes::new(),
            breaks: 0,
            rate,
        }
    }

    /// Goes on with a range. What has been asked for is used where it holds all of it.
    pub(super) fn go_to(&mut self, range: std::ops::Range<u64>) {
        if range.start == self.next && range.end <= self.end {
            return;
        }
        self.body = None;
        self.held = Bytes::new();
        (self.next, self.end) = (range.start, range.end);
    }

    /// Where the next bytes belong in the object.
    pub(super) fn position(&self) -> u64 {
        self.next
    }

    /// The next bytes; `None` at the end of the range.
    pub(super) async fn chunk(&mut self) -> Result<Option<Bytes>, FolderError> {
        self.chunk_until(self.end).await
    }

    /// The next bytes before `limit`; `None` when that is reached. What lies beyond can still be read afterwards.
    pub(super) async fn chunk_until(&mut self, limit: u64) -> Result<Option<Bytes>, FolderError> {
        loop {
            if self.next >= self.end {
                self.body = None;
            }
            let wanted = limit.min(self.end).saturating_sub(self.next);
            if wanted == 0 {
                return Ok(None);
            }
            if !self.held.is_empty() {
                let bytes = self.held.split_to(usize::try_from(wanted).unwrap_or(usize::MAX).min(self.held.len()));
                self.next += bytes.len() as u64;
                // What isn't read in time holds up the sender.
                if let Some(rate) = &self.rate {
                    tokio::time::sleep_until(rate.reserve(bytes.len() as u64)).await;
                }
                return Ok(Some(bytes));
            }
            let body = match &mut self.body {
                Some(body) => body,
                None => {
                    let body = self.reopen().await?;
                    self.body.insert(body)
                }
            };
            let problem = match body.next().await {
                Some(Ok(bytes)) => {
                    if !bytes.is_empty() {
                        self.breaks = 0;
                    }
                    self.held = bytes;
                    continue;
                }
                Some(Err(error)) => error.to_string(),
                None => "the body ended early".to_owned(),
            };
            self.body = None;
            self.breaks += 1;
            if self.breaks > BREAKS {
                let error = HttpError::Other { host: self.folder.host(), reason: problem };
                return Err(FolderError::Network { operation: "GetObject", what: self.wanted.key.to_string(), error });
            }
            tokio::time::sleep(Duration::from_millis(50 << self.breaks)).await;
        }
    }

    /// Goes on at the byte reached, with the same version or not at all.
    async fn reopen(&self) -> Result<ByteStream, FolderError> {
        let op = Op::reading("GetObject", &self.wanted);
        let range = format!("bytes={}-{}", self.next, self.end - 1);
        let reply = self
            .folder
            .call(&op, |client| {
                client
                    .get_object()
                    .bucket(self.folder.bucket())
                    .key(self.wanted.key.as_str())
                    .set_version_id(self.wanted.version_id())
                    .range(&range)
                    .set_if_match(self.etag.clone())
                    .send()
            })
            .await?;
        // A server that ignores `Range` or `If-Match` must not get its bytes into the wrong place.
        let right_place = match reply.content_range() {
            Some(text) => text.starts_with(&format!("bytes {}-", self.next)),
            None => self.next == 0,
        };
        if !right_place {
            return Err(op.odd("another range than asked for"));
        }
        if self.etag.is_some() && reply.e_tag() != self.etag.as_deref() {
            return Err(FolderError::ChangedRemotely { what: op.what });
        }
        Ok(reply.body)
    }
}

/// S3 answers 403 rather than 404 where it isn't sure that the caller may list; a list of the key itself tells.
async fn missing_or_denied(folder: &Folder, key: &FolderKey, error: FolderError) -> FolderError {
    match error {
        FolderError::NotFound { .. } => return folder.missing(key, ADD_RECURSIVE).await,
        FolderError::NotFoundOrNotYours { .. } => {}
        _ => return error,
    }
    match folder.find(key).await {
        Ok(None) => folder.missing(key, ADD_RECURSIVE).await,
        Ok(Some(_)) => FolderError::Denied { operation: "GetObject", what: key.to_string(), message: String::new() },
        Err(_) => error,
    }
}

fn length(told: Option<i64>, op: &Op) -> Result<u64, FolderError> {
    size(told).ok_or_else(|| op.odd("no length"))
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
