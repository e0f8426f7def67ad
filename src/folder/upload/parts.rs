//! How an upload is cut into parts. Pure.
//!
//! Source: S3 user guide, "Amazon S3 multipart upload limits".

/// The smallest part, but for the last.
const MIN_PART: u64 = 5 << 20;
/// The largest part.
const MAX_PART: u64 = 5 << 30;
/// Parts of one upload.
const MAX_PARTS: u64 = 10_000;
/// The part size where nothing speaks for another.
const USUAL_PART: u64 = 8 << 20;
/// Uploads up to this size are one request: most files are, and it is the only kind that is atomic by itself.
pub(super) const SINGLE: u64 = 16 << 20;
/// The largest object, 48.8 TiB.
pub(super) const MAX_OBJECT: u64 = MAX_PART * MAX_PARTS;

/// The size of the parts for an object of known size, in bytes: such that 10,000 are enough.
pub(super) fn part_size(object: u64) -> u64 {
    let needed = object.div_ceil(MAX_PARTS);
    let whole_mib = needed.div_ceil(1 << 20) << 20;
    whole_mib.clamp(USUAL_PART, MAX_PART)
}

/// The size of the next part of a stream whose end isn't known: it doubles every thousand parts, so that small
/// streams take little memory and 10,000 parts reach the largest object that memory could ever hold.
pub(super) fn stream_part_size(index: u64) -> u64 {
    (USUAL_PART << (index / 1000).min(9)).clamp(MIN_PART, MAX_PART)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_parts_always_suffice() {
        for object in [0, 1, SINGLE, 80 << 30, (80 << 30) + 1, 1 << 40, 48 << 40, MAX_OBJECT] {
            let part = part_size(object);
            assert!((MIN_PART..=MAX_PART).contains(&part), "{object}");
            assert!(object.div_ceil(part) <= MAX_PARTS, "{object}");
        }
        assert_eq!(part_size(1 << 30), USUAL_PART);
    }

    #[test]
    fn a_stream_may_reach_eight_tebibytes() {
        let reach: u64 = (0..MAX_PARTS).map(stream_part_size).sum();
        assert!(reach > 7 << 40);
        assert_eq!(stream_part_size(0), USUAL_PART);
    }
}
