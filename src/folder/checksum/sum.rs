//! The running checksum of bytes that arrive in order.

use crc_fast::Digest as Crc;
use sha1::{Digest as _, Sha1};
use sha2::{Digest as _, Sha256};

use super::{Algorithm, Expected, Piece};

/// The checksum of the bytes so far.
#[derive(Debug, Clone)]
pub(in super::super) enum Sum {
    /// Nobody will ask.
    Nothing,
    /// Of all of them.
    Whole(Box<Hash>),
    /// Of the checksums of parts of so many bytes.
    OfParts(Box<OfParts>),
}

#[derive(Debug, Clone)]
pub(in super::super) struct OfParts {
    algorithm: Algorithm,
    size: u64,
    left: u64,
    part: Hash,
    parts: Hash,
}

impl OfParts {
    fn new(algorithm: Algorithm, size: u64) -> Self {
        Self { algorithm, size, left: size, part: Hash::new(algorithm), parts: Hash::new(algorithm) }
    }

    fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let here = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
            self.part.update(&bytes[..here]);
            bytes = &bytes[here..];
            self.left -= here as u64;
            if self.left == 0 {
                let part = std::mem::replace(&mut self.part, Hash::new(self.algorithm));
                self.parts.update(&part.finish());
                self.left = self.size;
            }
        }
    }

    fn finish(mut self) -> Vec<u8> {
        if self.left < self.size {
            self.parts.update(&self.part.finish());
        }
        self.parts.finish()
    }
}

#[derive(Debug, Clone)]
pub(in super::super) enum Hash {
    Crc { algorithm: Algorithm, digest: Crc, len: u64 },
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Hash {
    fn new(algorithm: Algorithm) -> Self {
        match algorithm.crc() {
            Some(crc) => Self::Crc { algorithm, digest: Crc::new(crc), len: 0 },
            None if algorithm == Algorithm::Sha1 => Self::Sha1(Sha1::new()),
            None => Self::Sha256(Sha256::new()),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc { digest, len, .. } => {
                digest.update(bytes);
                *len += bytes.len() as u64;
            }
            Self::Sha1(hash) => hash.update(bytes),
            Self::Sha256(hash) => hash.update(bytes),
        }
    }

    fn piece(&self) -> Option<Piece> {
        match self {
            Self::Crc { digest, len, .. } => Some(Piece::known(digest.finalize(), *len)),
            _ => None,
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Self::Crc { algorithm, digest, .. } => algorithm.crc_bytes(digest.finalize()),
            Self::Sha1(hash) => hash.finalize().to_vec(),
            Self::Sha256(hash) => hash.finalize().to_vec(),
        }
    }
}

impl Sum {
    /// Of a whole object, for [`Expected::matches`].
    pub(in super::super) fn in_order(expected: Option<&Expected>) -> Self {
        let Some(expected) = expected else { return Self::Nothing };
        match expected.parts {
            None => Self::Whole(Box::new(Hash::new(expected.algorithm))),
            // One part is all of it.
            Some(parts) => {
                Self::OfParts(Box::new(OfParts::new(expected.algorithm, parts.size.unwrap_or(u64::MAX).max(1))))
            }
        }
    }

    /// Of a piece of an object: of the kind that [`Expected::matches_pieces`] wants, or where that wants none, of one that
    /// tells whether the piece is what it was.
    pub(in super::super) fn of_pieces(expected: Option<&Expected>) -> Self {
        let wanted = expected.filter(|expected| expected.combines()).map(|expected| expected.algorithm);
        Self::Whole(Box::new(Hash::new(wanted.unwrap_or(Algorithm::Crc64Nvme))))
    }

    pub(in super::super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Nothing => {}
            Self::Whole(hash) => hash.update(bytes),
            Self::OfParts(parts) => parts.update(bytes),
        }
    }

    /// What was summed, if it is a CRC.
    pub(in super::super) fn piece(&self) -> Option<Piece> {
        match self {
            Self::Whole(hash) => hash.piece(),
            _ => None,
        }
    }

    /// The bytes of the checksum.
    pub(super) fn finish(self) -> Option<Vec<u8>> {
        match self {
            Self::Nothing => None,
            Self::Whole(hash) => Some(hash.finish()),
            Self::OfParts(parts) => Some(parts.finish()),
        }
    }
}
