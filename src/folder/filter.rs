//! Which files of a tree take part: patterns of names, and how new they are. Pure.
//!
//! The rule, whatever the order on the command line: a file takes part if it matches an `--include` (or there is none),
//! and matches no `--exclude`, and is newer than `--newer`. Patterns read as in a `.gitignore`, but for `!`, which has
//! no meaning here:
//!
//! - A pattern is matched against the path below the tree's top, with `/` between names, on every system.
//! - Without a `/` it matches a name at any depth; with one in front or between, the path from the top.
//! - `*`, `?` and `[a-z]` match within a name, `**` any number of directories, `{a,b}` either.
//! - What matches a directory holds for all that is in it; a `/` at the end matches nothing but directories.
//! - Capitals count. A backslash takes the next character as it is.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

/// A pattern that can be matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    typed: String,
    /// What it names, files and directories alike.
    named: globset::Glob,
    /// All that is in the directories it names.
    inside: globset::Glob,
    only_directories: bool,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It has nothing to match.
    #[error("the pattern is empty")]
    Empty,
    /// It can't be read, and what the reader said.
    #[error("{0}")]
    Malformed(String),
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(typed: &str) -> Result<Self, PatternError> {
        let only_directories = typed.ends_with('/');
        let path = typed.trim_end_matches('/');
        let anchored = path.contains('/');
        let path = path.trim_start_matches('/');
        if path.is_empty() {
            return Err(PatternError::Empty);
        }
        let from_top = if anchored { path.to_owned() } else { format!("**/{path}") };
        let glob = |text: &str| {
            let glob = GlobBuilder::new(text).literal_separator(true).backslash_escape(true).build();
            glob.map_err(|error| PatternError::Malformed(error.kind().to_string()))
        };
        let (named, inside) = (glob(&from_top)?, glob(&format!("{from_top}/**"))?);
        Ok(Self { typed: typed.to_owned(), named, inside, only_directories })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.typed)
    }
}

/// Since when something must have been modified, as it was typed.
#[derive(Debug, Clone)]
pub enum Since {
    /// A point in time.
    At(Timestamp),
    /// A local date, or date and time.
    Local(DateTime),
    /// So long before now.
    Ago(Span),
}

/// Why a text is no time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write a date (`2026-01-31`, `2026-01-31T12:00:00Z`) or an age (`90m`, `12h`, `7d`, `2w`)")]
pub struct SinceError;

impl FromStr for Since {
    type Err = SinceError;

    fn from_str(typed: &str) -> Result<Self, SinceError> {
        if let Ok(at) = typed.parse() {
            return Ok(Self::At(at));
        }
        if let Ok(local) = typed.parse() {
            return Ok(Self::Local(local));
        }
        let span: Span = typed.parse().map_err(|_| SinceError)?;
        if span.is_negative() || span.is_zero() { Err(SinceError) } else { Ok(Self::Ago(span)) }
    }
}

impl Since {
    /// The point in time, as seen from now; `None` when it is before all times that can be told.
    pub fn resolve(&self, now: &Zoned) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(*at),
            Self::Local(local) => in_zone(*local, now.time_zone()),
            Self::Ago(span) => now.checked_sub(*span).ok().map(|then| then.timestamp()),
        }
    }
}

fn in_zone(local: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    local.to_zoned(zone.clone()).ok().map(|then| then.timestamp())
}

/// Which files of a tree take part.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    include: Option<GlobSet>,
    exclude: GlobSet,
    exclude_directories: GlobSet,
    newer: Option<Timestamp>,
}

impl Filter {
    /// From what was asked for; without patterns and time, everything takes part.
    ///
    /// # Errors
    /// [`PatternError::Malformed`] when the patterns together are too large to match.
    pub fn new(include: &[Pattern], exclude: &[Pattern], newer: Option<Timestamp>) -> Result<Self, PatternError> {
        let include = if include.is_empty() { None } else { Some(set(include.iter().flat_map(Pattern::globs))?) };
        Ok(Self {
            include,
            exclude: set(exclude.iter().flat_map(Pattern::globs))?,
            exclude_directories: set(exclude.iter().map(|pattern| &pattern.named))?,
            newer,
        })
    }

    /// Whether a path below the tree's top takes part, as far as its name decides.
    pub fn takes(&self, below: &str) -> bool {
        self.include.as_ref().is_none_or(|include| include.is_match(below)) && !self.exclude.is_match(below)
    }

    /// Whether anything in a directory can take part: what is excluded need not be looked into.
    pub(super) fn takes_directory(&self, below: &str) -> bool {
        !self.exclude_directories.is_match(below)
    }

    /// Whether something modified then is new enough; what has no time is.
    pub fn takes_time(&self, modified: Option<SystemTime>) -> bool {
        match (self.newer, modified) {
            (Some(newer), Some(modified)) => modified > SystemTime::from(newer),
            _ => true,
        }
    }
}

impl Pattern {
    fn globs(&self) -> impl Iterator<Item = &globset::Glob> {
        [Some(&self.inside), (!self.only_directories).then_some(&self.named)].into_iter().flatten()
    }
}

fn set<'g>(globs: impl Iterator<Item = &'g globset::Glob>) -> Result<GlobSet, PatternError> {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        set.add(glob.clone());
    }
    set.build().map_err(|error| PatternError::Malformed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(texts: &[&str]) -> Vec<Pattern> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn matched(pattern: &str) -> Vec<&'static str> {
        let exclude = Filter::new(&[], &patterns(&[pattern]), None).unwrap();
        let paths = ["a.txt", "b.TXT", "d/a.txt", "d/e/a.txt", "d/e/b", "e/f", "x/d/e/b", "d.txt/in", ".hidden", "a*"];
        paths.into_iter().filter(|path| !exclude.takes(path)).collect()
    }

    #[test]
    fn patterns_read_as_in_a_gitignore() {
        assert_eq!(matched("*.txt"), ["a.txt", "d/a.txt", "d/e/a.txt", "d.txt/in"]);
        assert_eq!(matched("/*.txt"), ["a.txt", "d.txt/in"]);
        assert_eq!(matched("*.txt/"), ["d.txt/in"]);
        assert_eq!(matched("d/*.txt"), ["d/a.txt"]);
        assert_eq!(matched("d/**/*.txt"), ["d/a.txt", "d/e/a.txt"]);
        assert_eq!(matched("e"), ["d/e/a.txt", "d/e/b", "e/f", "x/d/e/b"]);
        assert_eq!(matched("/e"), ["e/f"]);
        assert_eq!(matched("d/e"), ["d/e/a.txt", "d/e/b"]);
        assert_eq!(matched("**/d/e/b"), ["d/e/b", "x/d/e/b"]);
        assert_eq!(matched("{a,b}.{txt,TXT}"), ["a.txt", "b.TXT", "d/a.txt", "d/e/a.txt"]);
        assert_eq!(matched("a\\*"), ["a*"]);
        assert_eq!(matched("[.]hidden"), [".hidden"]);
        assert_eq!(matched("*").len(), 10);
    }

    #[test]
    fn an_exclude_wins_over_an_include() {
        let filter = Filter::new(&patterns(&["*.txt", "keep/"]), &patterns(&["b*", "keep/not"]), None).unwrap();
        for (path, taken) in [("a.txt", true), ("b.txt", false), ("c", false), ("keep/c", true), ("keep/not/x", false)]
        {
            assert_eq!(filter.takes(path), taken, "{path}");
        }
    }

    #[test]
    fn excluded_directories_are_not_looked_into() {
        let filter = Filter::new(&[], &patterns(&["node_modules/", "/top", "?", "*.o/x"]), None).unwrap();
        for (directory, taken) in
            [("a/node_modules", false), ("top", false), ("a/top", true), ("ab", true), ("a", false), ("b.o", true)]
        {
            assert_eq!(filter.takes_directory(directory), taken, "{directory}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused_when_it_is_typed() {
        for text in ["", "/", "//", "[a", "{a"] {
            assert!(text.parse::<Pattern>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn newer_takes_dates_times_and_ages() {
        let now: Zoned = "2026-02-01T12:00:00+01:00[Europe/Berlin]".parse().unwrap();
        for (typed, at) in [
            ("2026-01-31", "2026-01-30T23:00:00Z"),
            ("2026-01-31T12:00", "2026-01-31T11:00:00Z"),
            ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"),
            ("90m", "2026-02-01T09:30:00Z"),
            ("12h", "2026-01-31T23:00:00Z"),
            ("7d", "2026-01-25T11:00:00Z"),
            ("2w", "2026-01-18T11:00:00Z"),
            ("1 day 2 hours", "2026-01-31T09:00:00Z"),
        ] {
            let since: Since = typed.parse().unwrap();
            assert_eq!(since.resolve(&now), Some(at.parse().unwrap()), "{typed}");
        }
        for typed in ["", "7", "-7d", "0s", "yesterday", "2026-13-01", "7d ago"] {
            assert!(typed.parse::<Since>().is_err(), "{typed:?}");
        }
        let filter = Filter::new(&[], &[], Some("2026-01-31T00:00:00Z".parse().unwrap())).unwrap();
        let at = |text: &str| Some(SystemTime::from(text.parse::<Timestamp>().unwrap()));
        assert!(filter.takes_time(at("2026-01-31T00:00:01Z")) && filter.takes_time(None));
        assert!(!filter.takes_time(at("2026-01-31T00:00:00Z")));
    }
}
