//! What an item's bytes look like in a store: the value itself, or the list of its parts. Pure.
//!
//! A small value follows a four-byte mark. A large one is kept in numbered parts whose names carry a random
//! *generation*, and the item holds only this header, all numbers big-endian:
//!
//! ```text
//! "SCK" 'P'  generation: 8 bytes  parts: u32  length: u64  SHA-256 of the value: 32 bytes
//! "SCK" 'V'  the value
//! ```
//!
//! A new value gets a new generation, so the parts of the old one stay whole until the header has changed.

use sha2::{Digest, Sha256};

use crate::secret::SecretBytes;

const VALUE: &[u8; 4] = b"SCKV";
const PARTS: &[u8; 4] = b"SCKP";
const HEADER_LEN: usize = 4 + 8 + 4 + 8 + 32;

/// The largest value kept in parts, in bytes, and the most parts: whatever is written in a header, it asks no reader
/// for more.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
pub(super) const MOST_PARTS: u32 = 100_000;

/// Names one set of parts; random, so that no two writers ever share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Generation(pub [u8; 8]);

impl Generation {
    /// The name of one of its parts.
    pub(super) fn part_name(self, item: &str, index: u32) -> String {
        format!("{item}#{:016x}.{index}", u64::from_be_bytes(self.0))
    }
}

/// Where the parts of a large value are, and how to tell that they are all there and belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Header {
    /// Which set of parts.
    pub generation: Generation,
    /// How many there are.
    pub parts: u32,
    /// The length of the value in bytes.
    pub length: u64,
    /// The SHA-256 of the value.
    pub digest: [u8; 32],
}

/// What an item holds.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Envelope {
    /// The value itself.
    Value(SecretBytes),
    /// The header of a value kept in parts.
    Parts(Header),
}

/// The bytes to store for a value that fits into one item.
pub(super) fn encode_value(value: &[u8]) -> SecretBytes {
    let mut bytes = SecretBytes::new(Vec::with_capacity(VALUE.len() + value.len()));
    bytes.extend_from_slice(VALUE);
    bytes.extend_from_slice(value);
    bytes
}

/// The largest value that fits into one item of `limit` bytes.
pub(super) const fn room_for_value(limit: usize) -> usize {
    limit.saturating_sub(VALUE.len())
}

impl Header {
    /// The header of a value in parts of `part_len` bytes; `None` when it is too large.
    pub(super) fn describe(generation: Generation, value: &[u8], part_len: usize) -> Option<Self> {
        let parts = u32::try_from(value.len().div_ceil(part_len)).ok().filter(|parts| *parts <= MOST_PARTS)?;
        let length = Some(value.len() as u64).filter(|length| *length <= MOST_BYTES)?;
        Some(Self { generation, parts, length, digest: Sha256::digest(value).into() })
    }

    /// The bytes to store.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_LEN);
        bytes.extend_from_slice(PARTS);
        bytes.extend_from_slice(&self.generation.0);
        bytes.extend_from_slice(&self.parts.to_be_bytes());
        bytes.extend_from_slice(&self.length.to_be_bytes());
        bytes.extend_from_slice(&self.digest);
        bytes
    }

    /// The names of the parts, in order.
    pub(super) fn part_names(&self, item: &str) -> impl Iterator<Item = String> {
        let (generation, item) = (self.generation, item.to_owned());
        (0..self.parts).map(move |index| generation.part_name(&item, index))
    }

    /// Whether these bytes are the value the header was made for.
    pub(super) fn matches(&self, value: &[u8]) -> bool {
        self.length == value.len() as u64 && self.digest == <[u8; 32]>::from(Sha256::digest(value))
    }
}

/// What the stored bytes say; `None` when we did not write them.
pub(super) fn decode(bytes: &[u8]) -> Option<Envelope> {
    let (mark, rest) = bytes.split_first_chunk::<4>()?;
    match mark {
        VALUE => Some(Envelope::Value(SecretBytes::new(rest.to_vec()))),
        PARTS => decode_header(rest).map(Envelope::Parts),
        _ => None,
    }
}

fn decode_header(bytes: &[u8]) -> Option<Header> {
    let (generation, rest) = bytes.split_first_chunk::<8>()?;
    let (parts, rest) = rest.split_first_chunk::<4>()?;
    let (length, rest) = rest.split_first_chunk::<8>()?;
    let digest = rest.try_into().ok()?;
    let (parts, length) = (u32::from_be_bytes(*parts), u64::from_be_bytes(*length));
    let sane = (1..=MOST_PARTS).contains(&parts) && length <= MOST_BYTES;
    sane.then_some(Header { generation: Generation(*generation), parts, length, digest })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_stored_form_does_not_change() {
        assert_eq!(encode_value(b"x").as_slice(), b"SCKVx");
        let header = Header::describe(Generation([1, 2, 3, 4, 5, 6, 7, 8]), b"abc", 2).unwrap();
        let bytes = header.encode();
        assert_eq!(bytes[..24], *b"SCKP\x01\x02\x03\x04\x05\x06\x07\x08\0\0\0\x02\0\0\0\0\0\0\0\x03");
        assert_eq!(bytes[24..28], [0xba, 0x78, 0x16, 0xbf], "SHA-256 of abc, FIPS 180-2 example");
        assert_eq!(bytes.len(), HEADER_LEN);
        assert_eq!(header.part_names("a").collect::<Vec<_>>(), ["a#0102030405060708.0", "a#0102030405060708.1"]);
    }

    #[test]
    fn bytes_that_we_did_not_write_are_not_ours() {
        for bytes in [&b""[..], b"SCK", b"SCKP", b"SCKX1234", b"{\"AccessKeyId\":1}"] {
            assert!(decode(bytes).is_none());
        }
        let header = Header::describe(Generation([0; 8]), b"abc", 1).unwrap();
        for hostile in
            [Header { parts: 0, ..header }, Header { parts: u32::MAX, ..header }, Header { length: u64::MAX, ..header }]
        {
            assert!(decode(&hostile.encode()).is_none(), "a reader would be kept busy for hours");
        }
    }

    proptest! {
        #[test]
        fn a_value_comes_back(value: Vec<u8>) {
            let Some(Envelope::Value(back)) = decode(&encode_value(&value)) else { panic!("not a value") };
            prop_assert_eq!(back.as_slice(), value.as_slice());
        }

        #[test]
        fn a_header_comes_back(generation: [u8; 8], value in prop::collection::vec(any::<u8>(), 1..500), part in 1usize..50) {
            let header = Header::describe(Generation(generation), &value, part).unwrap();
            prop_assert!(header.matches(&value));
            let Some(Envelope::Parts(back)) = decode(&header.encode()) else { panic!("not a header") };
            prop_assert_eq!(back, header);
        }

        #[test]
        fn any_bytes_are_decoded_without_panic(bytes: Vec<u8>) {
            let _ = decode(&bytes);
        }

        #[test]
        fn a_header_cut_short_or_made_longer_is_refused(cut in 0usize..HEADER_LEN, extra in 1usize..9) {
            let bytes = Header::describe(Generation([7; 8]), b"value", 2).unwrap().encode();
            prop_assert!(decode(&bytes[..cut]).is_none());
            let mut longer = bytes;
            longer.resize(HEADER_LEN + extra, 0);
            prop_assert!(decode(&longer).is_none());
        }

        #[test]
        fn a_changed_value_does_not_match(value in prop::collection::vec(any::<u8>(), 1..100), at: prop::sample::Index) {
            let header = Header::describe(Generation([7; 8]), &value, 10).unwrap();
            let mut other = value.clone();
            other[at.index(value.len())] ^= 1;
            prop_assert!(!header.matches(&other));
        }
    }
}
