//! A body made of pieces already in memory.
//!
//! Owns handing them out with a known length, so that the reply has a `Content-Length`.

use std::collections::VecDeque;

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use s3s::stream::{ByteStream, RemainingLength};

use crate::http_reply::BoxError;

pub(super) struct Chunks(VecDeque<Bytes>);

impl Chunks {
    pub(super) fn of(chunks: Vec<Bytes>) -> Self {
        Self(chunks.into())
    }
}

impl Stream for Chunks {
    type Item = Result<Bytes, BoxError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(self.0.pop_front().map(Ok))
    }
}

impl ByteStream for Chunks {
    fn remaining_length(&self) -> RemainingLength {
        RemainingLength::new_exact(self.0.iter().map(Bytes::len).sum())
    }
}
