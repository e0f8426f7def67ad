//! Bodies that go wrong on the way.
//!
//! Owns truncation and corruption of a reply in flight; its headers keep promising the whole.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use tokio::time::{Sleep, sleep};

use super::Cut;
use crate::http_reply::{BoxError, ReplyBody};

/// The server drops what it hasn't sent when a body fails, so the cut waits for what came before.
const FLUSH: Duration = Duration::from_millis(50);

/// Lets this many bytes through, then cuts the connection.
pub(super) fn truncated(inner: ReplyBody, bytes: u64) -> ReplyBody {
    Spoilt { cut_at: Some(bytes), ..Spoilt::of(inner) }.boxed_unsync()
}

/// Lets this many bytes through, then waits for ever.
pub(super) fn stalled(inner: ReplyBody, bytes: u64) -> ReplyBody {
    Spoilt { cut_at: Some(bytes), stalls: true, ..Spoilt::of(inner) }.boxed_unsync()
}

/// Flips the bits of one byte.
pub(super) fn corrupted(inner: ReplyBody, at: u64) -> ReplyBody {
    Spoilt { flip_at: Some(at), ..Spoilt::of(inner) }.boxed_unsync()
}

struct Spoilt {
    inner: ReplyBody,
    seen: u64,
    cut_at: Option<u64>,
    stalls: bool,
    flip_at: Option<u64>,
    flushing: Option<Pin<Box<Sleep>>>,
}

impl Spoilt {
    fn of(inner: ReplyBody) -> Self {
        Self { inner, seen: 0, cut_at: None, stalls: false, flip_at: None, flushing: None }
    }
}

impl Body for Spoilt {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.cut_at == Some(self.seen) {
            if self.stalls {
                return Poll::Pending;
            }
            let flushing = self.flushing.get_or_insert_with(|| Box::pin(sleep(FLUSH)));
            return flushing.as_mut().poll(cx).map(|()| Some(Err(Box::new(Cut) as BoxError)));
        }
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        let Poll::Ready(Some(Ok(frame))) = polled else {
            return polled;
        };
        let Ok(mut data) = frame.into_data() else {
            return Poll::Ready(None);
        };
        let from = self.seen;
        if let Some(cut_at) = self.cut_at {
            data.truncate(usize::try_from(cut_at - from).unwrap_or(usize::MAX));
        }
        if let Some(index) = self.flip_at.and_then(|at| at.checked_sub(from)).and_then(|it| usize::try_from(it).ok())
            && index < data.len()
        {
            let mut flipped = BytesMut::from(&data[..]);
            flipped[index] ^= 0xff;
            data = flipped.freeze();
        }
        self.seen += data.len() as u64;
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
