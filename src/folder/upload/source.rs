//! What is uploaded: a file that must stay as it is while it is read, or a stream.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;
use cap_fs_ext::{FollowSymlinks, OpenOptionsFollowExt as _};
use cap_std::fs::{Dir, OpenOptions};
use tokio::sync::mpsc;

use super::super::content::{Content, Room};
use super::super::equal::Local;
use super::super::error::FolderError;
use super::super::read_at::read_exact_at;

/// Where a file is.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// As the person named it: links in it are theirs.
    Typed(PathBuf),
    /// Found in a directory: never through a link.
    Found { directory: Arc<Dir>, name: String },
}

/// A regular file, open for reading.
#[derive(Debug)]
pub(super) struct LocalFile {
    file: Arc<File>,
    shown: String,
    state: State,
}

/// What changes when somebody writes to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct State {
    len: u64,
    modified: Option<SystemTime>,
}

impl State {
    fn of(file: &File) -> io::Result<(Self, bool)> {
        let found = file.metadata()?;
        Ok((Self { len: found.len(), modified: found.modified().ok() }, found.is_file()))
    }
}

impl LocalFile {
    /// Opens it. A pipe or device that took a file's place since it was looked at doesn't make us wait.
    pub(super) fn open(place: &Place, shown: &str) -> Result<Self, FolderError> {
        let failed = |error: io::Error| FolderError::local("could not open", shown, &error);
        let file = match place {
            Place::Typed(path) => File::open(path).map_err(failed)?,
            Place::Found { directory, name } => {
                let mut options = OpenOptions::new();
                options.read(true).follow(FollowSymlinks::No);
                #[cfg(unix)]
                {
                    use cap_std::fs::OpenOptionsExt as _;
                    options.custom_flags(i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0));
                }
                directory.open_with(name, &options).map_err(failed)?.into_std()
            }
        };
        let (state, is_file) = State::of(&file).map_err(failed)?;
        if !is_file {
            return Err(FolderError::LocalName { path: shown.to_owned(), problem: "is not a regular file" });
        }
        Ok(Self { file: Arc::new(file), shown: shown.to_owned(), state })
    }

    /// The same file, to be compared with what is stored.
    pub(super) fn to_compare(&self) -> Local {
        Local { file: self.file.clone(), len: self.state.len, modified: self.state.modified }
    }

    /// Its name for people.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// When it was last written to, as of when it was opened.
    pub(super) fn modified(&self) -> Option<SystemTime> {
        self.state.modified
    }

    /// Bytes, when it was opened.
    pub(super) fn len(&self) -> u64 {
        self.state.len
    }

    /// Reads a part of it.
    pub(super) fn read_at(&self, room: Room, offset: u64, len: usize) -> Result<Content, FolderError> {
        room.fill(len, |buffer, at| read_exact_at(&self.file, buffer, offset + at as u64)).map_err(|error| {
            if error.kind() == io::ErrorKind::UnexpectedEof {
                FolderError::ChangedLocally { what: self.shown.clone() }
            } else {
                FolderError::local("could not read", &self.shown, &error)
            }
        })
    }

    /// Makes certain that nobody wrote to it since it was opened.
    pub(super) fn check_unchanged(&self) -> Result<(), FolderError> {
        match State::of(&self.file) {
            Ok((state, _)) if state == self.state => Ok(()),
            Ok(_) => Err(FolderError::ChangedLocally { what: self.shown.clone() }),
            Err(error) => Err(FolderError::local("could not read", &self.shown, &error)),
        }
    }
}

/// Bytes whose number isn't known, read by a thread of their own: nobody can be made to stop waiting for standard input.
#[derive(Debug)]
pub struct ByteSource {
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    rest: Bytes,
    shown: String,
}

/// Bytes of a stream that are held in one buffer. A pipe gives much less at a time; a buffer for each such piece would
/// take many times the memory of what is held.
const CHUNK: usize = 256 << 10;

impl ByteSource {
    /// Starts to read. `shown` names the stream in messages.
    pub fn new(mut reader: impl Read + Send + 'static, shown: impl Into<String>) -> Self {
        let (sender, chunks) = mpsc::channel(8);
        std::thread::spawn(move || {
            loop {
                let chunk = read_chunk(&mut reader);
                // Who was told the end is not asked again: a terminal would wait for it to be typed twice.
                let last = chunk.as_ref().map_or(true, |chunk| chunk.len() < CHUNK);
                let nothing = chunk.as_ref().is_ok_and(Bytes::is_empty);
                if nothing || sender.blocking_send(chunk).is_err() || last {
                    return;
                }
            }
        });
        Self { chunks, rest: Bytes::new(), shown: shown.into() }
    }

    /// The next `len` bytes, fewer only at the end.
    pub(super) async fn take(&mut self, room: Room, len: usize) -> Result<Content, FolderError> {
        let (mut pieces, mut left) = (Vec::new(), len);
        while left > 0 {
            if self.rest.is_empty() {
                match self.chunks.recv().await {
                    Some(Ok(chunk)) => self.rest = chunk,
                    Some(Err(error)) => return Err(FolderError::local("could not read", &self.shown, &error)),
                    None => break,
                }
            }
            let piece = self.rest.split_to(left.min(self.rest.len()));
            left -= piece.len();
            pieces.push(piece);
        }
        Ok(room.keep(pieces))
    }
}

/// Reads until the buffer is full; fewer bytes only at the end.
fn read_chunk(reader: &mut impl Read) -> io::Result<Bytes> {
    let (mut chunk, mut filled) = (vec![0; CHUNK], 0);
    while filled < CHUNK {
        match reader.read(&mut chunk[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    chunk.truncate(filled);
    chunk.shrink_to_fit();
    Ok(Bytes::from(chunk))
}

#[cfg(test)]
mod tests {
    use super::super::super::pool::Limits;
    use super::*;

    /// Gives little at a time, as a pipe does, and must not be asked for more after its end.
    struct Pipe {
        left: usize,
        ended: bool,
    }

    impl Read for Pipe {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            assert!(!self.ended, "it would wait for another end");
            let read = buffer.len().min(self.left).min(1000);
            self.left -= read;
            self.ended = read == 0;
            Ok(read)
        }
    }

    #[tokio::test]
    async fn what_a_pipe_gives_is_held_in_few_buffers_and_its_end_is_read_once() {
        let mut source = ByteSource::new(Pipe { left: 3 * CHUNK + 10, ended: false }, "-");
        let room = Limits::new(None, None).memory(4 * CHUNK).await;
        let taken = source.take(room, 4 * CHUNK).await.unwrap();
        assert_eq!(taken.pieces().map(<[u8]>::len).collect::<Vec<_>>(), [CHUNK, CHUNK, CHUNK, 10]);
        assert!(source.chunks.recv().await.is_none(), "its end is the end");
        let mut even = ByteSource::new(Pipe { left: CHUNK, ended: false }, "-");
        let room = Limits::new(None, None).memory(4 * CHUNK).await;
        assert_eq!(even.take(room, 4 * CHUNK).await.unwrap().pieces().count(), 1);
    }

    #[tokio::test]
    async fn a_stream_is_cut_where_it_is_asked_to_be() {
        let content: Vec<u8> = (0..3_000_000_u32).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let mut source = ByteSource::new(io::Cursor::new(content.clone()), "-");
        let (mut read, limits) = (Vec::new(), Limits::new(None, None));
        for len in [1, 1_500_000, 10, 2_000_000] {
            let taken = source.take(limits.memory(len).await, len).await.unwrap();
            read.extend_from_slice(&taken.pieces().collect::<Vec<_>>().concat());
        }
        assert_eq!(read, content);
        assert_eq!(source.take(limits.memory(1).await, 1).await.unwrap().len(), 0);
    }

    #[tokio::test]
    async fn a_file_that_was_written_to_is_noticed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a");
        std::fs::write(&path, "1234").unwrap();
        let file = LocalFile::open(&Place::Typed(path.clone()), "a").unwrap();
        assert!(file.check_unchanged().is_ok());
        std::fs::write(&path, "12").unwrap();
        assert!(matches!(
            file.read_at(Limits::new(None, None).memory(4).await, 0, 4),
            Err(FolderError::ChangedLocally { .. })
        ));
        assert!(matches!(file.check_unchanged(), Err(FolderError::ChangedLocally { .. })));
    }
}
