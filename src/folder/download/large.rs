//! A large object into one file: ranges over several connections, each noted as it arrives, so that another run goes on
//! with what is verified.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;

use super::super::checksum::{Piece, Sum};
use super::super::error::FolderError;
use super::super::journal::{Begun, Partial};
use super::super::key::FolderKey;
use super::super::local_path::LocalPath;
use super::super::mtime;
use super::super::pool::blocking;
use super::destination::Destination;
use super::landing::{Landing, is_temporary};
use super::object::{Context, fill, verify};
use super::reader::{Head, Reader};

/// Connections for one object. More than this gain nothing on one file, and starve the others.
const RANGES_AT_ONCE: usize = 16;

/// A large object on its way into its temporary file.
pub(super) struct Large {
    head: Head,
    landing: Landing,
    /// Where it is noted for another run.
    partial: Option<Arc<Partial>>,
    /// Bytes of each range but the last.
    range: u64,
    /// The ranges that have arrived.
    there: Vec<Option<Piece>>,
}

impl Large {
    /// Bytes of the object.
    pub(super) fn size(&self) -> u64 {
        self.head.size
    }

    fn begin(&self, index: usize) -> u64 {
        index as u64 * self.range
    }

    fn end(&self, index: usize) -> u64 {
        (self.begin(index) + self.range).min(self.head.size)
    }
}

fn count(size: u64, range: u64) -> usize {
    usize::try_from(size.div_ceil(range)).unwrap_or(usize::MAX)
}

impl Context {
    /// Begins with an object whose first bytes are on their way.
    pub(super) async fn begin_large(
        &self,
        key: &FolderKey,
        destination: &Arc<Destination>,
        path: &LocalPath,
        head: Head,
    ) -> Result<Large, FolderError> {
        let (journal, range) = (self.options.journal.clone(), self.range);
        let (bucket, key) = (self.folder.bucket().to_owned(), key.as_str().to_owned());
        let version = self.wanted_version();
        let (destination, path) = (destination.clone(), path.clone());
        blocking(move || {
            let landing = Landing::begin(destination.ticket(), &path, head.size)?;
            // Without a note it is still a download; without an ETag nobody could go on with it.
            let noted = journal.zip(head.etag.clone()).and_then(|(journal, etag)| {
                let (partial, _) = journal.claim_download(&bucket, &key, &destination.shown(&path)).ok()??;
                let begun = Begun {
                    etag,
                    version,
                    size: head.size,
                    modified: head.modified.map(mtime::written),
                    expected: head.expected.clone(),
                    range,
                    directory: destination.absolute_directory(&path),
                    temporary: landing.temporary()?.to_owned(),
                    began: Timestamp::now(),
                };
                partial.begin(&begun).ok()?;
                Some(Arc::new(partial))
            });
            let there = vec![None; count(head.size, range)];
            Ok(Large { head, landing, partial: noted, range, there })
        })
        .await
    }

    /// What an earlier run left of this download, if the object is still the same.
    pub(super) async fn resume(
        &self,
        key: &FolderKey,
        destination: &Arc<Destination>,
        path: &LocalPath,
    ) -> Result<Option<Large>, FolderError> {
        let Some(journal) = self.options.journal.clone() else { return Ok(None) };
        let (bucket, shown) = (self.folder.bucket().to_owned(), destination.shown(path));
        if !journal.knows_download(&bucket, key.as_str(), &shown) {
            return Ok(None);
        }
        let name = key.as_str().to_owned();
        let claimed = blocking(move || Ok(journal.claim_download(&bucket, &name, &shown).ok().flatten())).await?;
        let Some((partial, Some((begun, arrived)))) = claimed else { return Ok(None) };
        let same = match self.is_version(key, &begun).await {
            Err(error) if error.passes() => {
                partial.keep();
                return Err(error);
            }
            same => same.unwrap_or(false),
        };
        if !is_temporary(&begun.temporary) || begun.range == 0 {
            return Ok(None);
        }
        let (destination, path) = (destination.clone(), path.clone());
        blocking(move || {
            let ticket = destination.ticket();
            let Some(landing) = Landing::reopen(ticket, &path, &begun.temporary, begun.size) else {
                return Ok(None);
            };
            if !same {
                // Dropped, it is removed, and so is the note.
                return Ok(None);
            }
            let modified = begun.modified.as_deref().and_then(mtime::parse);
            let head = Head { size: begun.size, etag: Some(begun.etag), expected: begun.expected, modified };
            let there = vec![None; count(begun.size, begun.range)];
            let mut large = Large { head, landing, partial: Some(Arc::new(partial)), range: begun.range, there };
            for (index, crc) in arrived {
                if index < large.there.len() {
                    large.there[index] = large.check(index, crc)?;
                }
            }
            Ok(Some(large))
        })
        .await
    }

    /// Whether the object is the version that a download began with.
    async fn is_version(&self, key: &FolderKey, begun: &Begun) -> Result<bool, FolderError> {
        if begun.version != self.wanted_version() {
            return Ok(false);
        }
        let reply = self.folder.head(&self.wanted(key)).await?;
        let length = reply.content_length().and_then(|length| u64::try_from(length).ok());
        Ok(reply.e_tag() == Some(&begun.etag) && length == Some(begun.size))
    }

    /// The version that was asked for by its id, as it is noted.
    fn wanted_version(&self) -> Option<String> {
        self.version.as_ref().map(ToString::to_string)
    }

    /// Fetches what is missing, and gives the file its name. `first` is the connection that brings the first range.
    pub(super) async fn finish_large(
        &self,
        key: &FolderKey,
        mut large: Large,
        first: Option<(Reader, OwnedSemaphorePermit)>,
    ) -> Result<u64, FolderError> {
        self.progress.moved(large.there.iter().flatten().map(|piece| piece.len()).sum());
        let mut running = JoinSet::new();
        let filled = self.fill_ranges(key, &mut large, first, &mut running).await;
        // A range that is still on its way would write to a file that is given up.
        running.shutdown().await;
        if let Err(error) = filled {
            if error.passes()
                && large.there.iter().any(Option::is_some)
                && let Some(partial) = &large.partial
            {
                partial.keep();
                large.landing.leave();
                self.folder.left_download(key);
            }
            return Err(error);
        }
        let (size, keep) = (large.head.size, self.options.no_clobber);
        let key = key.clone();
        blocking(move || {
            large.verify(&key)?;
            let Large { landing, head, partial, .. } = large;
            landing.commit(head.modified, keep)?;
            drop(partial);
            Ok(size)
        })
        .await
    }

    async fn fill_ranges(
        &self,
        key: &FolderKey,
        large: &mut Large,
        first: Option<(Reader, OwnedSemaphorePermit)>,
        running: &mut JoinSet<Result<(usize, Option<Piece>), FolderError>>,
    ) -> Result<(), FolderError> {
        let missing: Vec<usize> = (0..large.there.len()).filter(|index| large.there[*index].is_none()).collect();
        let mut missing = missing.into_iter().peekable();
        let mut first = first;
        loop {
            while running.len() < RANGES_AT_ONCE.min(self.limits.jobs)
                && let Some(index) = missing.next()
            {
                let (start, end) = (large.begin(index), large.end(index));
                let (reader, permit) = match first.take() {
                    Some((mut reader, permit)) => {
                        reader.shorten(end);
                        (reader, permit)
                    }
                    None => {
                        let permit = self.limits.request().await;
                        (
                            Reader::of(&self.folder, self.wanted(key), &large.head.etag, start..end, &self.limits.rate),
                            permit,
                        )
                    }
                };
                let (writer, progress, partial) =
                    (large.landing.writer(), self.progress.clone(), large.partial.clone());
                let sum = match (&partial, &large.head.expected) {
                    (None, None) => Sum::Nothing,
                    (_, expected) => Sum::of_pieces(expected.as_ref()),
                };
                running.spawn(async move {
                    let piece = fill(reader, writer, sum, progress).await?.piece();
                    drop(permit);
                    if let (Some(partial), Some(piece)) = (partial, piece) {
                        blocking(move || {
                            partial.arrived(index, piece.crc());
                            Ok(())
                        })
                        .await?;
                    }
                    Ok((index, piece))
                });
            }
            let Some(done) = running.join_next().await else { return Ok(()) };
            let (index, piece) = done.unwrap_or(Err(FolderError::Interrupted))?;
            large.there[index] = piece;
        }
    }
}

impl Large {
    /// Reads a range of the temporary file again; what is not what arrived is no range.
    fn check(&self, index: usize, crc: u64) -> Result<Option<Piece>, FolderError> {
        let mut sum = Sum::of_pieces(self.head.expected.as_ref());
        self.landing.read(self.begin(index)..self.end(index), |bytes| sum.update(bytes))?;
        Ok(sum.piece().filter(|piece| piece.crc() == crc))
    }

    /// Compares all of it with what S3 keeps.
    fn verify(&self, key: &FolderKey) -> Result<(), FolderError> {
        let Some(expected) = &self.head.expected else { return Ok(()) };
        if expected.combines() {
            let same = expected.matches_pieces(self.there.iter().copied().flatten());
            return if same { Ok(()) } else { Err(FolderError::damaged(key, expected)) };
        }
        let mut sum = Sum::in_order(Some(expected));
        self.landing.read(0..self.head.size, |bytes| sum.update(bytes))?;
        verify(key, &self.head, sum)
    }
}
