//! Checksums of objects: what is sent with an upload, and how a download is compared. Pure.
//!
//! CRCs of consecutive pieces can be combined into that of the whole, so pieces may travel in any order.
//! Source: S3 user guide, "Checking object integrity" (full-object checksums, big-endian bytes in base64).

mod sum;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crc_fast::{CrcAlgorithm, checksum, checksum_combine};
use serde::{Deserialize, Serialize};

pub(super) use self::sum::Sum;
use super::content::Content;

/// CRC64NVME of some bytes as S3 writes it.
pub(super) fn crc64(content: &Content) -> Piece {
    let mut digest = crc_fast::Digest::new(CrcAlgorithm::Crc64Nvme);
    content.pieces().for_each(|bytes| digest.update(bytes));
    Piece { crc: digest.finalize(), len: content.len() as u64 }
}

/// The CRC of a piece of an object, and the piece's length in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    crc: u64,
    len: u64,
}

impl Piece {
    /// A piece whose CRC is known.
    pub(super) fn known(crc: u64, len: u64) -> Self {
        Self { crc, len }
    }

    /// Its CRC.
    pub(super) fn crc(self) -> u64 {
        self.crc
    }

    /// Its length in bytes.
    pub(super) fn len(self) -> u64 {
        self.len
    }

    /// CRC64NVME in base64, the form of `x-amz-checksum-crc64nvme`.
    pub(super) fn crc64_base64(self) -> String {
        BASE64.encode(self.crc.to_be_bytes())
    }
}

/// CRC64NVME in base64 of the object that consecutive pieces make.
pub(super) fn whole_crc64(pieces: impl IntoIterator<Item = Piece>) -> String {
    combine(CrcAlgorithm::Crc64Nvme, pieces).crc64_base64()
}

fn combine(algorithm: CrcAlgorithm, pieces: impl IntoIterator<Item = Piece>) -> Piece {
    let mut pieces = pieces.into_iter();
    let first = pieces.next().unwrap_or_else(|| Piece { crc: checksum(algorithm, b""), len: 0 });
    pieces.fold(first, |whole, next| Piece {
        crc: checksum_combine(algorithm, whole.crc, next.crc, next.len),
        len: whole.len + next.len,
    })
}

/// A checksum that S3 keeps with an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Expected {
    algorithm: Algorithm,
    base64: String,
    /// It is the checksum of the checksums of parts. Source: S3 user guide, "Composite checksums".
    parts: Option<Parts>,
}

/// How an object was cut into parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Parts {
    count: u64,
    /// Bytes of each but the last; S3 tells it only when it is asked about parts.
    size: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Algorithm {
    Crc64Nvme,
    Crc32,
    Crc32C,
    Sha1,
    Sha256,
}

impl Algorithm {
    fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32C => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Sha1 | Self::Sha256 => None,
        }
    }

    /// A CRC as S3 writes it: a CRC32 is the low half.
    fn crc_bytes(self, crc: u64) -> Vec<u8> {
        let bytes = crc.to_be_bytes();
        if self == Self::Crc64Nvme { bytes.to_vec() } else { bytes[4..].to_vec() }
    }
}

impl Expected {
    /// What a reply to `GetObject` says of the whole object; `None` when it says nothing.
    pub(super) fn of(reply: &GetObjectOutput) -> Option<Self> {
        Self::choose([
            reply.checksum_crc64_nvme(),
            reply.checksum_crc32_c(),
            reply.checksum_crc32(),
            reply.checksum_sha256(),
            reply.checksum_sha1(),
        ])
    }

    /// What a reply to `HeadObject` says of the whole object; `None` when it says nothing.
    pub(super) fn of_head(reply: &HeadObjectOutput) -> Option<Self> {
        Self::choose([
            reply.checksum_crc64_nvme(),
            reply.checksum_crc32_c(),
            reply.checksum_crc32(),
            reply.checksum_sha256(),
            reply.checksum_sha1(),
        ])
    }

    fn choose(told: [Option<&str>; 5]) -> Option<Self> {
        use Algorithm::{Crc32, Crc32C, Crc64Nvme, Sha1, Sha256};
        let algorithms = [Crc64Nvme, Crc32C, Crc32, Sha256, Sha1];
        let (algorithm, text) =
            algorithms.into_iter().zip(told).find_map(|(algorithm, text)| Some((algorithm, text?)))?;
        let Some((base64, count)) = text.split_once('-') else {
            return Some(Self { algorithm, base64: text.to_owned(), parts: None });
        };
        let parts = Some(Parts { count: count.parse().ok()?, size: None });
        Some(Self { algorithm, base64: base64.to_owned(), parts })
    }

    /// How many parts the object has, where their size must be known to compare.
    pub(super) fn parts(&self) -> Option<u64> {
        self.parts.map(|parts| parts.count)
    }

    /// The same, now that the size of the parts is known.
    pub(super) fn with_part_size(mut self, size: u64) -> Self {
        if let Some(parts) = &mut self.parts {
            parts.size = Some(size);
        }
        self
    }

    /// S3's name of the algorithm.
    pub(super) fn name(&self) -> &'static str {
        match self.algorithm {
            Algorithm::Crc64Nvme => "CRC64NVME",
            Algorithm::Crc32 => "CRC32",
            Algorithm::Crc32C => "CRC32C",
            Algorithm::Sha1 => "SHA1",
            Algorithm::Sha256 => "SHA256",
        }
    }

    /// Whether pieces can be summed in any order; otherwise the bytes must come in order, all in one [`Sum`].
    pub(super) fn combines(&self) -> bool {
        self.combining().is_some()
    }

    /// What pieces are summed with in any order.
    fn combining(&self) -> Option<CrcAlgorithm> {
        self.algorithm.crc().filter(|_| self.parts.is_none())
    }

    /// Whether the object that these consecutive pieces make is the one that was stored.
    pub(super) fn matches_pieces(&self, pieces: impl IntoIterator<Item = Piece>) -> bool {
        let Some(algorithm) = self.combining() else { return false };
        BASE64.encode(self.algorithm.crc_bytes(combine(algorithm, pieces).crc)) == self.base64
    }

    /// Whether the bytes that went through a sum, all in order, are those that were stored.
    pub(super) fn matches(&self, sum: Sum) -> bool {
        sum.finish().is_some_and(|bytes| BASE64.encode(bytes) == self.base64)
    }
}

#[cfg(test)]
mod tests {
    use sha1::Digest as _;
    use sha2::{Digest as _, Sha256};

    use super::*;

    // Check values of the CRC catalogue for "123456789".
    const TEXT: &[u8] = b"123456789";
    const CRC64NVME: u64 = 0xae8b_1486_0a79_9888;
    const CRC32C: u32 = 0xe306_9283;

    #[test]
    fn a_whole_has_the_checksum_of_its_combined_parts() {
        let crc64 = |text: &'static [u8]| crc64(&Content::from(bytes::Bytes::from_static(text)));
        assert_eq!(crc64(TEXT).crc64_base64(), BASE64.encode(CRC64NVME.to_be_bytes()));
        assert_eq!(whole_crc64([crc64(b"1234"), crc64(b""), crc64(b"56789")]), BASE64.encode(CRC64NVME.to_be_bytes()));
        assert_eq!(whole_crc64([]), crc64(b"").crc64_base64());
    }

    #[test]
    fn downloads_are_compared_with_whatever_the_object_carries() {
        let crc32c = GetObjectOutput::builder().checksum_crc32_c(BASE64.encode(CRC32C.to_be_bytes())).build();
        let expected = Expected::of(&crc32c).unwrap();
        let pieces = |texts: &[&[u8]]| -> Vec<Piece> {
            texts.iter().filter_map(|text| summed(Sum::of_pieces(Some(&expected)), text).piece()).collect()
        };
        assert!(expected.combines() && expected.matches_pieces(pieces(&[b"12345", b"6789"])));
        assert!(!expected.matches_pieces(pieces(&[b"12345", b"678x"])));
        assert!(expected.matches(summed(Sum::in_order(Some(&expected)), TEXT)));
        let sha256 = BASE64.encode(Sha256::digest(TEXT));
        let sha1 = BASE64.encode(sha1::Sha1::digest(TEXT));
        for reply in [
            GetObjectOutput::builder().checksum_sha256(sha256).build(),
            GetObjectOutput::builder().checksum_sha1(sha1).build(),
        ] {
            let expected = Expected::of(&reply).unwrap();
            assert!(!expected.combines() && !expected.matches_pieces([]));
            assert!(expected.matches(summed(Sum::in_order(Some(&expected)), TEXT)));
            assert!(!expected.matches(summed(Sum::in_order(Some(&expected)), b"123456780")));
        }
    }

    fn summed(mut sum: Sum, text: &[u8]) -> Sum {
        // However the bytes come, the parts are cut where they were.
        text.chunks(2).for_each(|bytes| sum.update(bytes));
        sum
    }

    #[test]
    fn a_checksum_of_checksums_is_compared_once_the_size_of_parts_is_known() {
        let parts = [&TEXT[..4], &TEXT[4..8], &TEXT[8..]];
        let sha: Vec<u8> = parts.iter().flat_map(Sha256::digest).collect();
        let crc: Vec<u8> =
            parts.iter().flat_map(|part| (checksum(CrcAlgorithm::Crc32IsoHdlc, part) as u32).to_be_bytes()).collect();
        let crc = (checksum(CrcAlgorithm::Crc32IsoHdlc, &crc) as u32).to_be_bytes();
        for reply in [
            GetObjectOutput::builder().checksum_sha256(format!("{}-3", BASE64.encode(Sha256::digest(sha)))).build(),
            GetObjectOutput::builder().checksum_crc32(format!("{}-3", BASE64.encode(crc))).build(),
        ] {
            let expected = Expected::of(&reply).unwrap();
            assert_eq!((expected.parts(), expected.combines()), (Some(3), false));
            let expected = expected.with_part_size(4);
            assert!(expected.matches(summed(Sum::in_order(Some(&expected)), TEXT)));
            assert!(!expected.matches(summed(Sum::in_order(Some(&expected)), b"12345678x")));
            let wrong = expected.with_part_size(5);
            assert!(!wrong.matches(summed(Sum::in_order(Some(&wrong)), TEXT)));
        }
        assert_eq!(Expected::of(&GetObjectOutput::builder().checksum_crc32("AAAA-x").build()), None);
    }
}
