//! Bytes that are held in memory until they are sent: in segments of one size that are used again and again, so that
//! what is held is all that is ever allocated.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

use super::progress::Sent;
use super::window::{self, UNIT, Window};

/// Bytes of a segment. A small file touches no more of it than it has.
const SEGMENT: usize = UNIT;

/// A buffer that belongs to a pool.
type Buffer = Box<[u8]>;

/// The segments of one command.
#[derive(Clone)]
pub(super) struct Segments {
    window: Arc<Window>,
    free: Arc<Mutex<Vec<Buffer>>>,
}

impl fmt::Debug for Segments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Segments({:?})", self.window)
    }
}

impl Segments {
    /// As many as the window has room for.
    pub(super) fn new(window: Arc<Window>) -> Self {
        Self { window, free: Arc::default() }
    }

    /// Waits until so many bytes may be held. More than there are segments for may still be held, when nothing else is.
    pub(super) async fn room(&self, bytes: usize) -> Room {
        Room { leave: self.window.room(bytes).await, free: self.free.clone() }
    }
}

/// Leave to hold so many bytes.
pub(super) struct Room {
    leave: window::Room,
    free: Arc<Mutex<Vec<Buffer>>>,
}

impl Room {
    /// Holds `len` bytes that `read` puts into one buffer after the other; it is told how far from the beginning each is.
    ///
    /// # Errors
    /// The first of `read`'s.
    pub(super) fn fill<E>(
        mut self,
        len: usize,
        mut read: impl FnMut(&mut [u8], usize) -> Result<(), E>,
    ) -> Result<Content, E> {
        let mut segments = Vec::with_capacity(len.div_ceil(SEGMENT));
        for at in (0..len).step_by(SEGMENT) {
            let mut segment = self.segment();
            segment.len = SEGMENT.min(len - at);
            read(&mut segment.buffer[..segment.len], at)?;
            segments.push(Bytes::from_owner(segment));
        }
        Ok(Content { segments, len })
    }

    /// Holds what was read already, for as long as it is held.
    pub(super) fn keep(self, pieces: Vec<Bytes>) -> Content {
        let len = pieces.iter().map(Bytes::len).sum();
        let leave = Arc::new(self.leave);
        let kept = |bytes| Bytes::from_owner(Kept { bytes, _leave: leave.clone() });
        Content { segments: pieces.into_iter().map(kept).collect(), len }
    }

    fn segment(&mut self) -> Segment {
        let kept = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let buffer = kept.unwrap_or_else(|| vec![0; SEGMENT].into());
        Segment { buffer, len: 0, leave: self.leave.split(), free: self.free.clone() }
    }
}

/// A buffer in use; it goes back when nobody holds a part of it any more.
struct Segment {
    buffer: Buffer,
    len: usize,
    leave: Option<window::Room>,
    free: Arc<Mutex<Vec<Buffer>>>,
}

impl AsRef<[u8]> for Segment {
    fn as_ref(&self) -> &[u8] {
        &self.buffer[..self.len]
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        // One beyond the bound is not kept.
        if self.leave.is_some() {
            let buffer = std::mem::take(&mut self.buffer);
            self.free.lock().unwrap_or_else(PoisonError::into_inner).push(buffer);
        }
    }
}

struct Kept {
    bytes: Bytes,
    _leave: Arc<window::Room>,
}

impl AsRef<[u8]> for Kept {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Bytes in order, cheap to clone.
#[derive(Debug, Clone, Default)]
pub(super) struct Content {
    segments: Vec<Bytes>,
    len: usize,
}

impl Content {
    /// How many bytes.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// The pieces, one after the other.
    pub(super) fn pieces(&self) -> impl Iterator<Item = &[u8]> {
        self.segments.iter().map(AsRef::as_ref)
    }

    /// A body that can be sent any number of times, and tells what is taken of it; one segment is told when it arrives.
    pub(super) fn body(self, sent: Arc<Sent>) -> ByteStream {
        match <[Bytes; 1]>::try_from(self.segments) {
            Ok([only]) => ByteStream::from(only),
            Err(segments) => {
                let content = Self { segments, len: self.len };
                ByteStream::new(SdkBody::retryable(move || {
                    SdkBody::from_body_1_x(Sending::of(content.clone(), sent.clone()))
                }))
            }
        }
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        Self { len: bytes.len(), segments: vec![bytes] }
    }
}

/// What is left to send.
pub(super) struct Sending {
    segments: std::vec::IntoIter<Bytes>,
    first: Bytes,
    left: usize,
    sent: Arc<Sent>,
    has_begun: bool,
}

impl Sending {
    pub(super) fn of(content: Content, sent: Arc<Sent>) -> Self {
        let segments = content.segments.into_iter();
        Self { segments, first: Bytes::new(), left: content.len, sent, has_begun: false }
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> usize {
        self.left
    }

    /// The next bytes, at most so many; none at the end.
    pub(super) fn take(&mut self, most: usize) -> Bytes {
        while self.first.is_empty() {
            match self.segments.next() {
                Some(next) => self.first = next,
                None => return Bytes::new(),
            }
        }
        let taken = self.first.split_to(most.min(self.first.len()));
        self.left -= taken.len();
        if !std::mem::replace(&mut self.has_begun, true) {
            self.sent.begins();
        }
        self.sent.took(taken.len());
        taken
    }
}

impl Body for Sending {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let next = self.take(usize::MAX);
        Poll::Ready((!next.is_empty()).then(|| Ok(Frame::data(next))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::super::progress::Tally;
    use super::*;

    fn noted(buffer: &mut [u8], at: usize) -> Result<(), ()> {
        for (n, byte) in buffer.iter_mut().enumerate() {
            *byte = u8::try_from((at + n) % 251).unwrap();
        }
        Ok(())
    }

    #[tokio::test]
    async fn segments_are_used_again_and_bound_what_is_held() {
        let window = Arc::new(Window::new(4 * SEGMENT, false, None));
        let segments = Segments::new(window.clone());
        let held = segments.room(3 * SEGMENT - 1).await.fill(3 * SEGMENT - 1, noted).unwrap();
        assert_eq!((held.len(), held.pieces().count(), window.free_units()), (3 * SEGMENT - 1, 3, 1));
        let copy = held.clone();
        drop(held);
        assert_eq!(window.free_units(), 1, "a copy holds it too");
        let tally = Tally::new(&Arc::default(), 3 * SEGMENT as u64 - 1);
        let sent = copy.body(tally.sent()).collect().await.unwrap().into_bytes();
        assert!(sent.iter().enumerate().all(|(at, byte)| usize::from(*byte) == at % 251));
        assert_eq!((window.free_units(), segments.free.lock().unwrap().len()), (4, 3));
        // More than there may be goes alone, and isn't kept.
        let large = segments.room(6 * SEGMENT).await.fill(6 * SEGMENT, noted).unwrap();
        assert_eq!((large.pieces().count(), window.free_units()), (6, 0));
        drop(large);
        assert_eq!((window.free_units(), segments.free.lock().unwrap().len()), (4, 4));
    }

    #[tokio::test]
    async fn what_could_not_be_read_gives_its_room_back() {
        let window = Arc::new(Window::new(4 * SEGMENT, false, None));
        let segments = Segments::new(window.clone());
        let read = |_: &mut [u8], at: usize| if at == 0 { Ok(()) } else { Err("broken") };
        assert_eq!(segments.room(2 * SEGMENT).await.fill(2 * SEGMENT, read).unwrap_err(), "broken");
        let kept = segments.room(10).await.keep(vec![Bytes::from_static(b"01234"), Bytes::from_static(b"56789")]);
        assert_eq!((kept.len(), window.free_units()), (10, 3));
        drop(kept);
        assert_eq!(window.free_units(), 4);
    }
}
