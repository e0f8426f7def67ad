//! Checksums of objects: what is sent with an upload, and how a download is compared. Pure.
//!
//! CRCs of consecutive pieces can be combined into that of the whole, so pieces may travel in any order.
//! Source: S3 user guide, "Checking object integrity" (full-object checksums, big-endian bytes in base64).

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::ChecksumType;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crc_fast::{CrcAlgorithm, checksum, checksum_combine};
use sha2::{Digest as _, Sha256};

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

/// A checksum that S3 keeps with an object, of a kind that can be compared without knowing how it was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expected {
    algorithm: Algorithm,
    base64: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Crc64Nvme,
    Crc32,
    Crc32C,
    Sha256,
}

impl Algorithm {
    fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32C => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Sha256 => None,
        }
    }
}

impl Expected {
    /// What a reply to `GetObject` says of the whole object; `None` when it says nothing that can be compared.
    /// Composite checksums (of the parts' checksums) are such: the parts' sizes aren't in the reply.
    pub(super) fn of(reply: &GetObjectOutput) -> Option<Self> {
        Self::choose(
            reply.checksum_type(),
            [reply.checksum_crc64_nvme(), reply.checksum_crc32_c(), reply.checksum_crc32(), reply.checksum_sha256()],
        )
    }

    /// The same of a reply to `HeadObject`.
    pub(super) fn of_head(reply: &HeadObjectOutput) -> Option<Self> {
        Self::choose(
            reply.checksum_type(),
            [reply.checksum_crc64_nvme(), reply.checksum_crc32_c(), reply.checksum_crc32(), reply.checksum_sha256()],
        )
    }

    fn choose(kind: Option<&ChecksumType>, told: [Option<&str>; 4]) -> Option<Self> {
        if kind == Some(&ChecksumType::Composite) {
            return None;
        }
        let algorithms = [Algorithm::Crc64Nvme, Algorithm::Crc32C, Algorithm::Crc32, Algorithm::Sha256];
        let (algorithm, base64) =
            algorithms.into_iter().zip(told).find_map(|(algorithm, text)| Some((algorithm, text?)))?;
        (!base64.contains('-')).then(|| Self { algorithm, base64: base64.to_owned() })
    }

    /// S3's name of the algorithm.
    pub(super) fn name(&self) -> &'static str {
        match self.algorithm {
            Algorithm::Crc64Nvme => "CRC64NVME",
            Algorithm::Crc32 => "CRC32",
            Algorithm::Crc32C => "CRC32C",
            Algorithm::Sha256 => "SHA256",
        }
    }

    /// Whether pieces can be summed in any order; otherwise the bytes must come in order, all in one [`Sum`].
    pub(super) fn combines(&self) -> bool {
        self.algorithm.crc().is_some()
    }

    /// Whether the object that these consecutive pieces make is the one that was stored.
    pub(super) fn matches(&self, sums: Vec<Sum>) -> bool {
        let found = match self.algorithm.crc() {
            Some(algorithm) => {
                let whole = combine(algorithm, sums.iter().filter_map(Sum::piece));
                match self.algorithm {
                    Algorithm::Crc64Nvme => whole.crc64_base64(),
                    // A CRC32 is in the low half.
                    _ => BASE64.encode(&whole.crc.to_be_bytes()[4..]),
                }
            }
            None => match sums.into_iter().next() {
                Some(Sum::Sha256(hash)) => BASE64.encode(hash.finalize()),
                _ => return false,
            },
        };
        found == self.base64
    }
}

/// The running checksum of a piece that arrives in order.
#[derive(Debug, Clone)]
pub(super) enum Sum {
    Nothing,
    Crc(crc_fast::Digest, u64),
    Sha256(Sha256),
}

impl Sum {
    /// Of the kind that is expected, if any.
    pub(super) fn for_expected(expected: Option<&Expected>) -> Self {
        match expected.map(|expected| expected.algorithm) {
            None => Self::Nothing,
            Some(Algorithm::Sha256) => Self::Sha256(Sha256::new()),
            Some(algorithm) => match algorithm.crc() {
                Some(crc) => Self::Crc(crc_fast::Digest::new(crc), 0),
                None => Self::Nothing,
            },
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Nothing => {}
            Self::Crc(digest, len) => {
                digest.update(bytes);
                *len += bytes.len() as u64;
            }
            Self::Sha256(hash) => hash.update(bytes),
        }
    }

    fn piece(&self) -> Option<Piece> {
        match self {
            Self::Crc(digest, len) => Some(Piece { crc: digest.finalize(), len: *len }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
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

    fn sums(expected: &Expected, pieces: &[&[u8]]) -> Vec<Sum> {
        let sum = |piece: &&[u8]| {
            let mut sum = Sum::for_expected(Some(expected));
            sum.update(piece);
            sum
        };
        pieces.iter().map(sum).collect()
    }

    #[test]
    fn downloads_are_compared_with_whatever_the_object_carries() {
        let crc32c = GetObjectOutput::builder().checksum_crc32_c(BASE64.encode(CRC32C.to_be_bytes())).build();
        let expected = Expected::of(&crc32c).unwrap();
        assert!(expected.matches(sums(&expected, &[b"12345", b"6789"])));
        assert!(!expected.matches(sums(&expected, &[b"12345", b"678x"])));
        let sha = GetObjectOutput::builder().checksum_sha256(BASE64.encode(Sha256::digest(TEXT))).build();
        let expected = Expected::of(&sha).unwrap();
        assert!(!expected.combines());
        assert!(expected.matches(sums(&expected, &[TEXT])));
    }

    #[test]
    fn composite_checksums_are_left_alone() {
        let by_type = GetObjectOutput::builder().checksum_crc32("AAAA").checksum_type(ChecksumType::Composite).build();
        let by_form = GetObjectOutput::builder().checksum_crc32("AAAA-3").build();
        assert_eq!(Expected::of(&by_type), None);
        assert_eq!(Expected::of(&by_form), None);
    }
}
