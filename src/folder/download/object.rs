//! One object into one file, or into a stream.

use std::sync::Arc;

use bytes::Bytes;

use super::super::checksum::Sum;
use super::super::client::Folder;
use super::super::equal::{Compare, Listed, equal};
use super::super::error::FolderError;
use super::super::key::FolderKey;
use super::super::local_path::LocalPath;
use super::super::pool::{Limits, blocking};
use super::super::progress::Progress;
use super::super::reply::size;
use super::super::stop::Stop;
use super::super::transfer::TransferOptions;
use super::super::version::{VersionId, Wanted};
use super::Sink;
use super::destination::Destination;
use super::landing::{Landing, Writer};
use super::reader::{ADD_RECURSIVE, Head, Reader};

/// Objects up to this size are held in memory and written at once.
const SMALL: u64 = 1 << 20;

/// What is noted, and fetched by another connection, at a time of a large object.
pub(super) const RANGE: u64 = 8 << 20;

/// Bytes that are written at a time.
const WRITE: usize = 1 << 20;

/// What every download of one command shares.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) folder: Folder,
    pub(super) limits: Limits,
    pub(super) progress: Arc<Progress>,
    pub(super) stop: Stop,
    pub(super) options: TransferOptions,
    /// Which version of the one object that is downloaded.
    pub(super) version: Option<VersionId>,
    /// What is noted, and fetched by another connection, at a time of a large object, in bytes.
    pub(super) range: u64,
}

impl Context {
    /// What is read of a key.
    pub(super) fn wanted(&self, key: &FolderKey) -> Wanted {
        Wanted { key: key.clone(), version: self.version.clone() }
    }

    /// Whether an object of so many bytes is fetched in ranges.
    fn is_large(&self, size: u64) -> bool {
        size > 2 * self.range
    }

    /// Bytes of an object that nothing is to be read of.
    pub(super) async fn size(&self, key: &FolderKey) -> Result<u64, FolderError> {
        if self.version.is_none() {
            return match self.folder.find(key).await? {
                Some(object) => Ok(object.size),
                None => Err(self.folder.missing(key, ADD_RECURSIVE).await),
            };
        }
        let reply = self.folder.head(&self.wanted(key)).await?;
        Ok(size(reply.content_length()).unwrap_or(0))
    }

    /// Whether the file that has the object's place is equal to it.
    pub(super) async fn is_there(
        &self,
        key: &FolderKey,
        listed: Option<Listed>,
        destination: &Arc<Destination>,
        path: &LocalPath,
    ) -> Result<bool, FolderError> {
        let compare = self.options.compare();
        let Some(listed) = listed.filter(|_| compare != Compare::Nothing) else { return Ok(false) };
        let (destination, path) = (destination.clone(), path.clone());
        let Some(local) = blocking(move || Ok(destination.peek(&path))).await? else { return Ok(false) };
        equal(&self.folder, key, listed, &local, compare).await
    }

    /// Downloads one object into its place, and says how many bytes it has.
    pub(super) async fn to_file(
        &self,
        key: &FolderKey,
        destination: &Arc<Destination>,
        path: &LocalPath,
        listed: Option<Listed>,
    ) -> Result<u64, FolderError> {
        if self.options.no_clobber {
            let (destination, path) = (destination.clone(), path.clone());
            blocking(move || destination.check_absent(&path)).await?;
        }
        if let Some(large) = self.resume(key, destination, path).await? {
            if listed.is_none() {
                self.progress.grew(large.size());
            }
            return self.finish_large(key, large, None).await;
        }
        // A body that is asked for whole and given up halfway has cost the server all that it had prepared.
        if listed.is_some_and(|listed| self.is_large(listed.size))
            && let Some(head) = Head::ask(&self.folder, self.wanted(key)).await?
            && self.is_large(head.size)
            && head.etag.is_some()
        {
            let large = self.begin_large(key, destination, path, head).await?;
            return self.finish_large(key, large, None).await;
        }
        let (head, mut reader) = Reader::open(&self.folder, self.wanted(key), self.limits.rate.clone()).await?;
        if listed.is_none() {
            self.progress.grew(head.size);
        }
        if self.is_large(head.size) {
            let large = self.begin_large(key, destination, path, head).await?;
            return self.finish_large(key, large, Some(reader)).await;
        }
        let flight = self.limits.departs(head.size);
        let (ticket, path, keep, modified) =
            (destination.ticket(), path.clone(), self.options.no_clobber, head.modified);
        if head.size <= SMALL {
            let content = self.collect(key, &head, reader).await?;
            flight.arrived();
            blocking(move || Landing::write_whole(ticket, &path, &content, modified, keep)).await?;
            return Ok(head.size);
        }
        let size = head.size;
        let landing = blocking(move || Landing::begin(ticket, &path, size)).await?;
        let sum = Sum::in_order(head.expected.as_ref());
        let sum = fill(&mut reader, size, landing.writer(), sum, &self.progress).await?;
        flight.arrived();
        verify(key, &head, sum)?;
        blocking(move || landing.commit(modified, keep)).await?;
        Ok(size)
    }

    async fn collect(&self, key: &FolderKey, head: &Head, mut reader: Reader) -> Result<Vec<Bytes>, FolderError> {
        let mut sum = Sum::in_order(head.expected.as_ref());
        let mut content = Vec::new();
        while let Some(bytes) = reader.chunk().await? {
            sum.update(&bytes);
            self.progress.moved(bytes.len() as u64);
            content.push(bytes);
        }
        verify(key, head, sum)?;
        Ok(content)
    }

    /// Sends one object's bytes to `write`, in order, from a thread that may wait as long as the reader likes.
    pub(super) async fn to_stream(&self, key: &FolderKey, write: Sink) -> Result<u64, FolderError> {
        let _permit = self.limits.request().await;
        let (head, mut reader) = Reader::open(&self.folder, self.wanted(key), self.limits.rate.clone()).await?;
        self.progress.grew(head.size);
        let (chunks, mut inbox) = tokio::sync::mpsc::channel::<Bytes>(16);
        let (said, ended) = tokio::sync::oneshot::channel();
        // Not a blocking task: the runtime would wait for it at the end, even when nobody reads the stream any more.
        std::thread::spawn(move || {
            let mut result = Ok(());
            while let Some(bytes) = inbox.blocking_recv() {
                result = write(&bytes);
                if result.is_err() {
                    break;
                }
            }
            let _ = said.send(result);
        });
        let mut sum = Sum::in_order(head.expected.as_ref());
        while let Some(bytes) = reader.chunk().await? {
            sum.update(&bytes);
            self.progress.moved(bytes.len() as u64);
            if chunks.send(bytes).await.is_err() {
                break;
            }
        }
        drop(chunks);
        ended.await.unwrap_or(Ok(())).map_err(FolderError::Output)?;
        verify(key, &head, sum)?;
        Ok(head.size)
    }
}

/// Writes what comes before `limit` where it belongs, as it arrives.
pub(super) async fn fill(
    reader: &mut Reader,
    limit: u64,
    writer: Writer,
    mut sum: Sum,
    progress: &Progress,
) -> Result<Sum, FolderError> {
    loop {
        let offset = reader.position();
        let mut content = Vec::new();
        let mut held = 0;
        while held < WRITE {
            let Some(bytes) = reader.chunk_until(limit).await? else { break };
            sum.update(&bytes);
            held += bytes.len();
            content.push(bytes);
        }
        if content.is_empty() {
            return Ok(sum);
        }
        let writer = writer.clone();
        blocking(move || writer.write_at(&content, offset)).await?;
        progress.moved(held as u64);
    }
}

/// Compares bytes that went through a sum in order with what S3 keeps.
pub(super) fn verify(key: &FolderKey, head: &Head, sum: Sum) -> Result<(), FolderError> {
    match &head.expected {
        Some(expected) if !expected.matches(sum) => Err(FolderError::damaged(key, expected)),
        _ => Ok(()),
    }
}
