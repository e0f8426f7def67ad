//! A large object into one file, range by range, each noted as it arrives, so that another run goes on with what is
//! verified.
//!
//! One connection brings the object from its first byte on: with a single request where the object was asked for before
//! its size was known, else range by range. As long as few others are busy, they take ranges from the object's end, until
//! they meet: see `ranges`.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::task::JoinSet;

use super::super::checksum::Sum;
use super::super::client::Folder;
use super::super::error::FolderError;
use super::super::journal::{Begun, Partial};
use super::super::key::FolderKey;
use super::super::local_path::LocalPath;
use super::super::mtime;
use super::super::pool::{Limits, Spare, blocking};
use super::super::progress::Progress;
use super::super::reply::size;
use super::super::version::Wanted;
use super::destination::Destination;
use super::landing::{Landing, is_temporary};
use super::object::{Context, fill, verify};
use super::ranges::Ranges;
use super::reader::{Head, Reader};

/// Ranges that a connection takes at once, at most.
const MOST: usize = 8;

/// A large object on its way into its temporary file.
pub(super) struct Large {
    head: Head,
    landing: Landing,
    /// Where it is noted for another run.
    partial: Option<Arc<Partial>>,
    ranges: Ranges,
}

impl Large {
    /// Bytes of the object.
    pub(super) fn size(&self) -> u64 {
        self.head.size
    }
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
        let (bucket, wanted) = (self.folder.bucket().to_owned(), self.wanted(key));
        let (destination, path, stop) = (destination.clone(), path.clone(), self.stop.clone());
        blocking(move || {
            let mut landing = Landing::begin(destination.ticket(), &path, head.size)?;
            // Without a note it is still a download; without an ETag nobody could go on with it.
            let noted = journal.zip(head.etag.clone()).and_then(|(journal, etag)| {
                let (mut partial, _) =
                    journal.claim_download(&bucket, wanted.key.as_str(), &destination.shown(&path)).ok()??;
                let begun = Begun {
                    etag,
                    version: wanted.version_id(),
                    size: head.size,
                    modified: head.modified.map(mtime::written),
                    expected: head.expected.clone(),
                    range,
                    directory: destination.absolute_directory(&path),
                    temporary: landing.temporary()?.to_owned(),
                    began: Timestamp::now(),
                };
                partial.begin(&begun).ok()?;
                partial.left_by(&stop);
                landing.is_noted(&stop);
                Some(Arc::new(partial))
            });
            let ranges = Ranges::new(head.size, range);
            Ok(Large { head, landing, partial: noted, ranges })
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
        let Some((mut partial, Some((begun, arrived)))) = claimed else { return Ok(None) };
        let same = match self.is_version(key, &begun).await {
            Err(error) if error.passes() => return Err(error),
            same => same.unwrap_or(false),
        };
        if !is_temporary(&begun.temporary) || begun.range == 0 {
            partial.take_over();
            return Ok(None);
        }
        let (destination, path, stop) = (destination.clone(), path.clone(), self.stop.clone());
        blocking(move || {
            let ticket = destination.ticket();
            let Some(mut landing) = Landing::reopen(ticket, &path, &begun.temporary, begun.size) else {
                return Ok(None);
            };
            partial.take_over();
            if !same {
                // Dropped, it is removed, and so is the note.
                return Ok(None);
            }
            partial.left_by(&stop);
            landing.is_noted(&stop);
            let modified = begun.modified.as_deref().and_then(mtime::parse);
            let head = Head { size: begun.size, etag: Some(begun.etag), expected: begun.expected, modified };
            let ranges = Ranges::new(begun.size, begun.range);
            let large = Large { head, landing, partial: Some(Arc::new(partial)), ranges };
            for (index, crc) in arrived {
                large.check(index, crc)?;
            }
            Ok(Some(large))
        })
        .await
    }

    /// Whether the object is the version that a download began with.
    async fn is_version(&self, key: &FolderKey, begun: &Begun) -> Result<bool, FolderError> {
        let wanted = self.wanted(key);
        if begun.version != wanted.version_id() {
            return Ok(false);
        }
        let reply = self.folder.head(&wanted).await?;
        Ok(reply.e_tag() == Some(&begun.etag) && size(reply.content_length()) == Some(begun.size))
    }

    /// Fetches what is missing, and gives the file its name. `first` brings the whole object already.
    pub(super) async fn finish_large(
        &self,
        key: &FolderKey,
        large: Large,
        first: Option<Reader>,
    ) -> Result<u64, FolderError> {
        self.progress.moved(large.ranges.arrived_bytes());
        let large = Arc::new(large);
        let mut running = JoinSet::new();
        let filled = self.fill_ranges(key, &large, first, &mut running).await;
        // A range that is still on its way would write to a file that is given up.
        running.shutdown().await;
        let large = Arc::into_inner(large).expect("who else held it has been shut down");
        if let Err(error) = filled {
            if error.passes()
                && large.ranges.arrived_bytes() > 0
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
        large: &Arc<Large>,
        first: Option<Reader>,
        running: &mut JoinSet<Result<(), FolderError>>,
    ) -> Result<(), FolderError> {
        let rate = &self.limits.rate;
        let first = first.unwrap_or_else(|| Reader::of(&self.folder, self.wanted(key), &large.head.etag, 0..0, rate));
        // Taken before others look: what it has asked for already would be of no use.
        let taken = large.ranges.take_first();
        running.spawn(self.connection(large).forward(first, taken));
        loop {
            while large.ranges.are_left()
                && let Some(spare) = self.limits.spare()
            {
                let folder = self.folder.clone();
                running.spawn(self.connection(large).backward(folder, self.wanted(key), spare));
            }
            tokio::select! {
                // Perhaps a connection is free by now.
                () = large.ranges.range_ended() => {}
                done = running.join_next() => match done {
                    Some(done) => done.unwrap_or(Err(FolderError::Interrupted))?,
                    None => return Ok(()),
                },
            }
        }
    }

    fn connection(&self, large: &Arc<Large>) -> Connection {
        Connection { large: large.clone(), limits: self.limits.clone(), progress: self.progress.clone() }
    }
}

/// What brings ranges, one after the other.
struct Connection {
    large: Arc<Large>,
    limits: Limits,
    progress: Arc<Progress>,
}

impl Connection {
    /// All that nobody else brings, from the first byte on.
    async fn forward(self, mut reader: Reader, mut taken: Option<usize>) -> Result<(), FolderError> {
        while let Some(index) = taken {
            reader.go_to(self.large.ranges.bytes(index));
            self.fetch(&mut reader, index).await?;
            taken = self.large.ranges.take_first();
        }
        Ok(())
    }

    /// Some from the end, as long as nobody else needs the leave.
    async fn backward(self, folder: Folder, wanted: Wanted, mut leave: Spare) -> Result<(), FolderError> {
        loop {
            let taken = self.large.ranges.take_last(if self.limits.are_widest() { MOST } else { 1 });
            if taken.is_empty() {
                return Ok(());
            }
            let ranges = &self.large.ranges;
            let bytes = ranges.bytes(taken.start).start..ranges.bytes(taken.end - 1).end;
            let mut reader = Reader::of(&folder, wanted.clone(), &self.large.head.etag, bytes, &self.limits.rate);
            for index in taken {
                self.fetch(&mut reader, index).await?;
            }
            drop(leave);
            match self.limits.spare() {
                Some(spare) => leave = spare,
                None => return Ok(()),
            }
        }
    }

    async fn fetch(&self, reader: &mut Reader, index: usize) -> Result<(), FolderError> {
        let Large { head, landing, partial, ranges } = &*self.large;
        let sum = match (partial, &head.expected) {
            (None, None) => Sum::Nothing,
            (_, expected) => Sum::of_pieces(expected.as_ref()),
        };
        let bytes = ranges.bytes(index);
        let flight = self.limits.departs(bytes.end - bytes.start);
        let piece = fill(reader, bytes.end, landing.writer(), sum, &self.progress).await?.piece();
        flight.arrived();
        if let (Some(partial), Some(piece)) = (partial.clone(), piece) {
            blocking(move || {
                partial.arrived(index, piece.crc());
                Ok(())
            })
            .await?;
        }
        ranges.arrived(index, piece);
        Ok(())
    }
}

impl Large {
    /// Reads a range of the temporary file again; what is not what arrived is no range.
    fn check(&self, index: usize, crc: u64) -> Result<(), FolderError> {
        let mut sum = Sum::of_pieces(self.head.expected.as_ref());
        self.landing.read(self.ranges.bytes(index), |bytes| sum.update(bytes))?;
        if let Some(piece) = sum.piece().filter(|piece| piece.crc() == crc) {
            self.ranges.found(index, piece);
        }
        Ok(())
    }

    /// Compares all of it with what S3 keeps.
    fn verify(&self, key: &FolderKey) -> Result<(), FolderError> {
        let Some(expected) = &self.head.expected else { return Ok(()) };
        if expected.combines() {
            let same = expected.matches_pieces(self.ranges.pieces());
            return if same { Ok(()) } else { Err(FolderError::damaged(key, expected)) };
        }
        let mut sum = Sum::in_order(Some(expected));
        self.landing.read(0..self.head.size, |bytes| sum.update(bytes))?;
        verify(key, &self.head, sum)
    }
}
