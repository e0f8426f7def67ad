//! How an upload is cut into parts. Pure.
//!
//! Source: S3 user guide, "Amazon S3 multipart upload limits".

use super::super::rate::PartSize;

/// The smallest part, but for the last.
const MIN_PART: u64 = 5 << 20;
/// The largest part.
const MAX_PART: u64 = 5 << 30;
/// Parts of one upload.
const MAX_PARTS: u64 = 10_000;
/// The part size where nothing speaks for another.
const USUAL_PART: u64 = 8 << 20;
/// Uploads up to this size are one request: most files are, and it is the only kind that is atomic by itself.
const SINGLE: u64 = 16 << 20;
/// The largest object, 48.8 TiB.
pub(super) const MAX_OBJECT: u64 = MAX_PART * MAX_PARTS;

/// Content up to this many bytes is one request; with a part size that was asked for, up to that.
pub(super) fn single(asked: Option<PartSize>) -> u64 {
    asked.map_or(SINGLE, PartSize::bytes)
}

/// The size of the parts for an object of known size, in bytes: what was asked for, or more where 10,000 of these
/// aren't enough.
pub(super) fn part_size(object: u64, asked: Option<PartSize>) -> u64 {
    let needed = object.div_ceil(MAX_PARTS);
    let whole_mib = needed.div_ceil(1 << 20) << 20;
    whole_mib.clamp(asked.map_or(USUAL_PART, PartSize::bytes), MAX_PART)
}

/// The size of the next part of a stream whose end isn't known: it doubles every thousand parts, so that small
/// streams take little memory and 10,000 parts reach the largest object that memory could ever hold.
pub(super) fn stream_part_size(index: u64, asked: Option<PartSize>) -> u64 {
    (asked.map_or(USUAL_PART, PartSize::bytes) << (index / 1000).min(9)).clamp(MIN_PART, MAX_PART)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_parts_always_suffice() {
        for object in [0, 1, SINGLE, 80 << 30, (80 << 30) + 1, 1 << 40, 48 << 40, MAX_OBJECT] {
            let part = part_size(object, None);
            assert!((MIN_PART..=MAX_PART).contains(&part), "{object}");
            assert!(object.div_ceil(part) <= MAX_PARTS, "{object}");
        }
        assert_eq!(part_size(1 << 30, None), USUAL_PART);
        let asked = Some("5M".parse().unwrap());
        assert_eq!((part_size(1 << 30, asked), single(asked)), (5 << 20, 5 << 20));
        assert_eq!(part_size(10_000 * (5 << 20) + 1, asked), 6 << 20);
    }

    #[test]
    fn a_stream_may_reach_eight_tebibytes() {
        let reach: u64 = (0..MAX_PARTS).map(|index| stream_part_size(index, None)).sum();
        assert!(reach > 7 << 40);
        assert_eq!(stream_part_size(0, None), USUAL_PART);
    }
}
