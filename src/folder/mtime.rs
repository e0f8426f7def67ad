//! When a file was last modified, kept with its object. Pure.
//!
//! S3 knows only when an object was stored. The file's own time travels as `x-amz-meta-mtime`: seconds since 1970 as a
//! decimal fraction with up to nine places, a `-` in front for times before. Source: rclone's documentation,
//! "S3: Modification times"; tools that know of it agree on this form.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

/// The name of the user metadata, without `x-amz-meta-`.
pub(super) const NAME: &str = "mtime";

/// A time as metadata says it.
pub(super) fn written(time: SystemTime) -> String {
    let (sign, distance) = match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => ("", after),
        Err(before) => ("-", before.duration()),
    };
    let nanos = format!("{:09}", distance.subsec_nanos());
    let places = nanos.trim_end_matches('0');
    let point = if places.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{places}", distance.as_secs())
}

/// The time that an object's metadata says; `None` when it says none that can be read.
pub(super) fn read(metadata: Option<&HashMap<String, String>>) -> Option<SystemTime> {
    // Some servers keep the capitals that a client sent.
    let text = metadata?.iter().find(|(name, _)| name.eq_ignore_ascii_case(NAME))?.1;
    parse(text.trim())
}

/// A time that [`written`] wrote.
pub(super) fn parse(text: &str) -> Option<SystemTime> {
    let (before, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (seconds, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if seconds.is_empty() || !(seconds.bytes().chain(fraction.bytes())).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let nanos: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let distance = Duration::new(seconds.parse().ok()?, nanos.parse().ok()?);
    if before { SystemTime::UNIX_EPOCH.checked_sub(distance) } else { SystemTime::UNIX_EPOCH.checked_add(distance) }
}

/// Whether two times are one, as far as file systems and other tools keep them: to the microsecond.
pub(super) fn same(a: SystemTime, b: SystemTime) -> bool {
    let apart = a.duration_since(b).unwrap_or_else(|error| error.duration());
    apart < Duration::from_micros(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64, nanos: u32) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::new(seconds, nanos)
    }

    #[test]
    fn times_are_written_as_a_decimal_fraction_and_read_back() {
        for (time, text) in [
            (at(0, 0), "0"),
            (at(1_586_883_407, 218_390_000), "1586883407.21839"),
            (at(1_586_883_407, 1), "1586883407.000000001"),
            (SystemTime::UNIX_EPOCH - Duration::new(1, 500_000_000), "-1.5"),
        ] {
            assert_eq!(written(time), text);
            assert_eq!(parse(text), Some(time));
        }
        assert_eq!(parse("1586883407.218390000"), Some(at(1_586_883_407, 218_390_000)));
        assert_eq!(parse("1586883407.2183900001234"), Some(at(1_586_883_407, 218_390_000)));
    }

    #[test]
    fn what_is_no_time_is_no_time() {
        for text in ["", "-", ".5", "1e9", "2026-01-31", "+1", "1.5.5", "99999999999999999999999", "NaN", "1.-5"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
        let named = |name: &str| HashMap::from([(name.to_owned(), "7".to_owned())]);
        assert_eq!(read(Some(&named("Mtime"))), Some(at(7, 0)));
        assert_eq!(read(Some(&named("other"))), None);
        assert_eq!(read(None), None);
    }
}
