//! Which sets of parts a writer may leave behind if it stops halfway. Pure.
//!
//! Written as one line a set, generation and number of parts: `00112233aabbccdd 12`. Nothing in it is secret.

use std::fmt;

use super::envelope::{Generation, Header, MOST_PARTS};

/// Sets of parts, of which at most one is in use.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Leftovers(Vec<(Generation, u32)>);

impl Leftovers {
    /// These and the parts of one more header.
    pub(super) fn with(&self, header: Header) -> Self {
        let mut sets = self.0.clone();
        sets.push((header.generation, header.parts));
        Self(sets)
    }

    /// The generation and number of parts of each set.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Generation, u32)> {
        self.0.iter().copied()
    }

    /// Reads what was written; lines that can't be understood are skipped.
    pub(super) fn parse(text: &str) -> Self {
        let set = |line: &str| {
            let (generation, parts) = line.split_once(' ')?;
            let generation = Generation(u64::from_str_radix(generation, 16).ok()?.to_be_bytes());
            Some((generation, parts.parse().ok().filter(|parts| *parts <= MOST_PARTS)?))
        };
        Self(text.lines().filter_map(set).collect())
    }
}

impl fmt::Display for Leftovers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|(generation, parts)| writeln!(f, "{:016x} {parts}", u64::from_be_bytes(generation.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_come_back_and_nonsense_is_skipped() {
        let header = |byte| Header::describe(Generation([byte; 8]), b"abc", 1).unwrap();
        let sets = Leftovers::default().with(header(1)).with(header(0xab));
        assert_eq!(sets.to_string(), "0101010101010101 3\nabababababababab 3\n");
        assert_eq!(Leftovers::parse(&sets.to_string()), sets);
        assert_eq!(Leftovers::parse("no\n1 x\n1 999999999\n\n"), Leftovers::default());
    }
}
