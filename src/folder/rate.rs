//! How fast bytes may move: one budget for everything that a command transfers, both of sizes that a person types.

use std::pin::Pin;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};

use super::content::{Content, Sending};
use super::progress::Sent;

/// Why a text is no size that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SizeError {
    /// It can't be read.
    #[error("write a number of bytes, or of K, M, G or T (1024, 1024², …) such as `16M`")]
    Malformed,
    /// S3 has no such parts.
    #[error("a part has 5 MiB to 5 GiB")]
    PartSize,
    /// So slow that connections would be taken for dead.
    #[error("the slowest rate is 1 KiB a second")]
    TooSlow,
}

/// `17`, `16M`, `16MiB`, `1.5G`.
fn parse_size(typed: &str) -> Result<u64, SizeError> {
    let at = typed.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(typed.len());
    let (number, unit) = typed.split_at(at);
    let shift = match unit.trim_start().to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        "T" | "TB" | "TIB" => 40,
        _ => return Err(SizeError::Malformed),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str| if text.len() <= 6 { text.parse::<u64>().ok() } else { None };
    let whole: u64 = whole.parse().map_err(|_| SizeError::Malformed)?;
    let parts = digits(fraction).ok_or(SizeError::Malformed)? << shift;
    let parts = parts / 10_u64.pow(u32::try_from(fraction.len()).unwrap_or(0));
    whole.checked_mul(1 << shift).and_then(|bytes| bytes.checked_add(parts)).ok_or(SizeError::Malformed)
}

/// The size of parts that was asked for, in bytes: 5 MiB to 5 GiB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartSize(u64);

impl PartSize {
    /// In bytes.
    pub fn bytes(self) -> u64 {
        self.0
    }
}

impl FromStr for PartSize {
    type Err = SizeError;

    fn from_str(typed: &str) -> Result<Self, SizeError> {
        match parse_size(typed)? {
            bytes if (5 << 20..=5 << 30).contains(&bytes) => Ok(Self(bytes)),
            _ => Err(SizeError::PartSize),
        }
    }
}

/// Bytes a second, at least 1,024.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit(u64);

impl FromStr for RateLimit {
    type Err = SizeError;

    fn from_str(typed: &str) -> Result<Self, SizeError> {
        match parse_size(typed.strip_suffix("/s").unwrap_or(typed))? {
            bytes if bytes >= 1024 => Ok(Self(bytes)),
            _ => Err(SizeError::TooSlow),
        }
    }
}

/// What one connection should have of the rate, so that none is taken for dead while it waits for its turn.
const SHARE: u64 = 64 << 10;

/// The budget that all workers share.
#[derive(Debug)]
pub(super) struct Rate {
    per_second: u64,
    next: Mutex<Instant>,
}

impl Rate {
    pub(super) fn new(limit: RateLimit) -> Self {
        Self { per_second: limit.0, next: Mutex::new(Instant::now()) }
    }

    /// Bytes a second.
    pub(super) fn per_second(&self) -> u64 {
        self.per_second
    }

    /// How many connections make sense at this rate.
    pub(super) fn connections(&self) -> usize {
        usize::try_from(self.per_second / SHARE).unwrap_or(usize::MAX).max(1)
    }

    /// Takes so many bytes out of the budget; they may move from this time on. Nothing is saved up while nothing moves.
    pub(super) fn reserve(&self, bytes: u64) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let at = (*next).max(Instant::now());
        let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(self.per_second);
        *next = at + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        at
    }

    /// A body that keeps to the rate, each time it is sent, and tells what is taken of it.
    pub(super) fn body(self: &Arc<Self>, content: Content, sent: Arc<Sent>) -> ByteStream {
        let rate = self.clone();
        ByteStream::new(SdkBody::retryable(move || {
            let left = Sending::of(content.clone(), sent.clone());
            SdkBody::from_body_1_x(Slowly { rate: rate.clone(), left, waiting: None })
        }))
    }
}

/// Bytes that leave a chunk at a time.
struct Slowly {
    rate: Arc<Rate>,
    left: Sending,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Slowly {
    fn chunk(&self) -> usize {
        usize::try_from(self.rate.per_second).unwrap_or(usize::MAX).min(16 << 10).min(self.left.left())
    }
}

impl Body for Slowly {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let chunk = self.chunk();
        if chunk == 0 {
            return Poll::Ready(None);
        }
        if self.waiting.is_none() {
            let at = self.rate.reserve(chunk as u64);
            self.waiting = Some(Box::pin(sleep_until(at)));
        }
        if let Some(waiting) = &mut self.waiting {
            ready!(waiting.as_mut().poll(context));
        }
        self.waiting = None;
        Poll::Ready(Some(Ok(Frame::data(self.left.take(chunk)))))
    }

    fn is_end_stream(&self) -> bool {
        self.left.left() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left.left() as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::super::progress::{Progress, Tally};
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        for (typed, bytes) in [
            ("0", 0),
            ("17", 17),
            ("1K", 1024),
            ("16MiB", 16 << 20),
            ("1.5g", 3 << 29),
            ("8 MB", 8 << 20),
            ("2t", 2 << 40),
        ] {
            assert_eq!(parse_size(typed), Ok(bytes), "{typed}");
        }
        for typed in ["", "M", "-1", "1e9", "16X", "99999999999999999999", "99999999T", "1.5.5", ".5"] {
            assert_eq!(parse_size(typed), Err(SizeError::Malformed), "{typed}");
        }
        assert_eq!("4M".parse::<PartSize>(), Err(SizeError::PartSize));
        assert_eq!("5M".parse::<PartSize>().map(PartSize::bytes), Ok(5 << 20));
        assert_eq!("6G".parse::<PartSize>(), Err(SizeError::PartSize));
        assert_eq!("2M/s".parse::<RateLimit>(), Ok(RateLimit(2 << 20)));
        assert_eq!("10".parse::<RateLimit>(), Err(SizeError::TooSlow));
    }

    #[tokio::test(start_paused = true)]
    async fn all_who_share_a_rate_together_keep_to_it() {
        let rate = Arc::new(Rate::new("1M".parse().unwrap()));
        let start = Instant::now();
        let progress = Arc::<Progress>::default();
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let tally = Tally::new(&progress, 1 << 20);
            let body = rate.body(Content::from(Bytes::from(vec![0; 1 << 20])), tally.sent());
            workers.spawn(async move {
                let moved = body.collect().await.unwrap().into_bytes().len();
                tally.arrived();
                moved
            });
        }
        while let Some(moved) = workers.join_next().await {
            assert_eq!(moved.unwrap(), 1 << 20);
        }
        assert_eq!(progress.bytes.load(Ordering::Relaxed), 4 << 20);
        let took = start.elapsed();
        assert!((Duration::from_millis(3900)..Duration::from_millis(4500)).contains(&took), "{took:?}");
        assert_eq!(rate.connections(), 16);
    }
}
