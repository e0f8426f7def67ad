//! Which ranges of a large object have arrived, and who brings the others.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::super::checksum::Piece;
use super::super::pool::CONNECTIONS;

/// The ranges of one object, shared by the connections that bring them.
///
/// One connection takes them from the first on, one by one. The others take some from the end, fewer as fewer are left, so
/// that all end at about the same time.
#[derive(Debug)]
pub(super) struct Ranges {
    size: u64,
    /// Bytes of each range but the last.
    range: u64,
    state: Mutex<State>,
    ended: Notify,
}

#[derive(Debug)]
struct State {
    /// Of each range, whether it has arrived, and its checksum where one was made.
    there: Vec<Option<Option<Piece>>>,
    /// What nobody brings yet, besides those in it that an earlier run brought.
    untaken: Range<usize>,
}

impl State {
    fn is_left(&self, index: usize) -> bool {
        self.untaken.contains(&index) && self.there.get(index).is_some_and(Option::is_none)
    }

    /// What nobody brings yet, in order.
    fn left(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.untaken.clone().filter(|index| self.is_left(*index))
    }
}

impl Ranges {
    /// An object of so many bytes, of which nothing is here yet.
    pub(super) fn new(size: u64, range: u64) -> Self {
        let count = usize::try_from(size.div_ceil(range)).unwrap_or(usize::MAX);
        let state = State { there: vec![None; count], untaken: 0..count };
        Self { size, range, state: Mutex::new(state), ended: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where a range is in the object.
    pub(super) fn bytes(&self, index: usize) -> Range<u64> {
        let start = (index as u64).saturating_mul(self.range).min(self.size);
        start..start.saturating_add(self.range).min(self.size)
    }

    /// Notes a range that an earlier run brought.
    pub(super) fn found(&self, index: usize, piece: Piece) {
        if let Some(there) = self.state().there.get_mut(index) {
            *there = Some(Some(piece));
        }
    }

    /// Notes a range that was brought.
    pub(super) fn arrived(&self, index: usize, piece: Option<Piece>) {
        if let Some(there) = self.state().there.get_mut(index) {
            *there = Some(piece);
        }
        self.ended.notify_one();
    }

    /// Returns when a range has ended.
    pub(super) async fn range_ended(&self) {
        self.ended.notified().await;
    }

    /// Whether there are ranges that nobody brings.
    pub(super) fn are_left(&self) -> bool {
        self.state().left().next().is_some()
    }

    /// The first of those that nobody brings.
    pub(super) fn take_first(&self) -> Option<usize> {
        let mut state = self.state();
        let first = state.left().next()?;
        state.untaken.start = first + 1;
        Some(first)
    }

    /// Some of the last ones, one after the other, at most so many; none when none is left.
    pub(super) fn take_last(&self, most: usize) -> Range<usize> {
        let mut state = self.state();
        let share = (state.left().count() / (2 * CONNECTIONS)).clamp(1, most);
        let Some(last) = state.left().next_back() else { return 0..0 };
        let first = (0..last).rev().take(share - 1).take_while(|index| state.is_left(*index)).last().unwrap_or(last);
        state.untaken.end = first;
        first..last + 1
    }

    /// Bytes of the ranges that are here.
    pub(super) fn arrived_bytes(&self) -> u64 {
        let here = |(index, there): (usize, &Option<_>)| there.is_some().then(|| self.bytes(index));
        self.state().there.iter().enumerate().filter_map(here).map(|bytes| bytes.end - bytes.start).sum()
    }

    /// The checksums of the ranges that are here, in order.
    pub(super) fn pieces(&self) -> Vec<Piece> {
        self.state().there.iter().filter_map(|there| there.flatten()).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whoever takes ranges in whatever order: each is taken once, and all are.
        #[test]
        fn each_range_is_brought_by_one(
            size in 1_u64..500,
            range in 1_u64..20,
            found in proptest::collection::vec(0_usize..600, 0..20),
            takes in proptest::collection::vec(any::<bool>(), 0..40),
        ) {
            let ranges = Ranges::new(size, range);
            for index in &found {
                ranges.found(*index, Piece::known(0, 1));
            }
            let count = usize::try_from(size.div_ceil(range)).unwrap();
            let mut taken: Vec<usize> = found.into_iter().filter(|index| *index < count).collect();
            taken.sort_unstable();
            taken.dedup();
            for from_the_front in takes {
                if from_the_front {
                    let Some(index) = ranges.take_first() else { continue };
                    taken.push(index);
                } else {
                    let run = ranges.take_last(3);
                    prop_assert!(run.len() <= 3);
                    taken.extend(run);
                }
            }
            while let Some(index) = ranges.take_first() {
                taken.push(index);
            }
            prop_assert!(!ranges.are_left() && ranges.take_last(3).is_empty());
            taken.sort_unstable();
            prop_assert_eq!(taken, (0..count).collect::<Vec<_>>());
            let bytes: u64 = (0..count).map(|index| ranges.bytes(index).end - ranges.bytes(index).start).sum();
            prop_assert_eq!(bytes, size);
        }
    }
}
