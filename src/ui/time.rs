//! Points in time, for people. Pure but for the time zone.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// Local date and time, to the minute.
pub fn local(time: Timestamp) -> String {
    time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// `until 2026-11-22 14:05 (in 59 min)`, or since when it is over.
pub fn until(time: Timestamp, now: Timestamp) -> String {
    let left = time.duration_since(now);
    if left.is_positive() {
        format!("until {} (in {})", local(time), rough(left))
    } else {
        format!("expired {} ({} ago)", local(time), rough(left.abs()))
    }
}

fn rough(duration: SignedDuration) -> String {
    match duration.as_mins() {
        0 => format!("{} s", duration.as_secs()),
        minutes @ 1..=119 => format!("{minutes} min"),
        minutes if minutes < 48 * 60 => format!("{} h", minutes / 60),
        minutes => format!("{} days", minutes / (24 * 60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_told_in_the_unit_a_person_would_use() {
        for (seconds, told) in [(5, "5 s"), (60, "1 min"), (7199, "119 min"), (7200, "2 h"), (3 * 86400, "3 days")] {
            assert_eq!(rough(SignedDuration::from_secs(seconds)), told);
        }
    }

    #[test]
    fn what_is_over_is_not_called_valid() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        assert!(until(at(100), at(40)).starts_with("until "));
        assert!(until(at(100), at(100)).starts_with("expired "));
    }
}
