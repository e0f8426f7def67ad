//! Checksums of objects and parts.
//!
//! Owns their algorithms and how a request's digests are checked. Source: *Amazon S3 User Guide*,
//! "Checking object integrity".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderMap;
use md5::{Digest, Md5};
use s3s::crypto::{Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};

/// An error code and its message.
pub(super) type Mismatch = (&'static str, &'static str);

const BAD_DIGEST: Mismatch =
    ("BadDigest", "The Content-MD5 or checksum value that you specified did not match what the server received.");
const INVALID_DIGEST: Mismatch =
    ("InvalidDigest", "The Content-MD5 or checksum value that you specified is not valid.");
const SEVERAL: Mismatch =
    ("InvalidRequest", "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
const MISSING: Mismatch =
    ("InvalidRequest", "Missing required header for this request: Content-MD5 OR x-amz-checksum-*");

/// The algorithms S3 takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    fn header(self) -> String {
        format!("x-amz-checksum-{}", self.name().to_ascii_lowercase())
    }

    fn digest<'a>(self, chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
        fn run<'a, C: s3s::crypto::Checksum>(chunks: impl IntoIterator<Item = &'a [u8]>) -> Vec<u8> {
            let mut state = C::new();
            chunks.into_iter().for_each(|chunk| state.update(chunk));
            state.finalize().as_ref().to_vec()
        }
        match self {
            Self::Crc32 => run::<Crc32>(chunks),
            Self::Crc32c => run::<Crc32c>(chunks),
            Self::Crc64Nvme => run::<Crc64Nvme>(chunks),
            Self::Sha1 => run::<Sha1>(chunks),
            Self::Sha256 => run::<Sha256>(chunks),
        }
    }
}

/// A checksum of known algorithm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sum {
    pub algorithm: Algorithm,
    /// Base64; for a composite one with `-` and the number of parts.
    pub value: String,
    pub composite: bool,
}

impl Sum {
    pub(crate) fn of<'a>(algorithm: Algorithm, chunks: impl IntoIterator<Item = &'a [u8]>) -> Self {
        Self { algorithm, value: STANDARD.encode(algorithm.digest(chunks)), composite: false }
    }

    /// The checksum of the parts' checksums.
    pub(super) fn composite<'a>(algorithm: Algorithm, parts: impl Iterator<Item = &'a Self>) -> Self {
        let raw: Vec<Vec<u8>> = parts.map(|it| STANDARD.decode(&it.value).unwrap_or_default()).collect();
        let mut sum = Self::of(algorithm, raw.iter().map(Vec::as_slice));
        sum.value = format!("{}-{}", sum.value, raw.len());
        sum.composite = true;
        sum
    }

    pub(super) fn type_name(&self) -> &'static str {
        if self.composite { "COMPOSITE" } else { "FULL_OBJECT" }
    }
}

/// The digests a request came with.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub md5: Option<String>,
    pub sums: Vec<(Algorithm, String)>,
    /// Named by `x-amz-sdk-checksum-algorithm` without a value.
    pub wanted: Option<Algorithm>,
}

impl Given {
    /// Adds what came as trailers after the body.
    pub(super) fn add_trailers(&mut self, trailers: &HeaderMap) {
        for algorithm in Algorithm::ALL {
            if let Some(value) = trailers.get(algorithm.header()).and_then(|value| value.to_str().ok()) {
                self.sums.retain(|(it, _)| *it != algorithm);
                self.sums.push((algorithm, value.trim().into()));
            }
        }
    }

    /// Whether a trailer the request announced has arrived.
    pub(super) fn has_announced(&self, header: &str) -> bool {
        Algorithm::ALL.into_iter().all(|it| !header.eq_ignore_ascii_case(&it.header()) || self.has(it))
    }

    fn has(&self, algorithm: Algorithm) -> bool {
        self.sums.iter().any(|(it, _)| *it == algorithm)
    }

    /// Checks the digests against the body and gives the checksum to keep: the one that was sent,
    /// else CRC64NVME, which S3 adds by itself.
    pub(super) fn check(&self, chunks: &[Bytes], md5: &[u8; 16], usual: Algorithm) -> Result<Sum, Mismatch> {
        if let Some(text) = &self.md5 {
            let sent = STANDARD.decode(text).ok().filter(|it| it.len() == 16).ok_or(INVALID_DIGEST)?;
            if sent != md5 {
                return Err(BAD_DIGEST);
            }
        }
        let body = || chunks.iter().map(|chunk| &chunk[..]);
        match &self.sums[..] {
            [] => Ok(Sum::of(self.wanted.unwrap_or(usual), body())),
            [(algorithm, sent)] => {
                let sum = Sum::of(*algorithm, body());
                if STANDARD.decode(sent).map(|it| it.len()).ok() != STANDARD.decode(&sum.value).map(|it| it.len()).ok()
                {
                    return Err(INVALID_DIGEST);
                }
                if sum.value == *sent { Ok(sum) } else { Err(BAD_DIGEST) }
            }
            _ => Err(SEVERAL),
        }
    }
}

/// MD5 of a body in pieces.
pub(super) fn md5(chunks: &[Bytes]) -> [u8; 16] {
    let mut state = Md5::new();
    chunks.iter().for_each(|chunk| state.update(chunk));
    state.finalize().into()
}

/// Checks a body that has to come with a digest in its headers, as that of `DeleteObjects` has.
pub(super) fn check_header_digest(headers: &HeaderMap, body: &Bytes) -> Result<(), Mismatch> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let given = Given {
        md5: text("content-md5"),
        sums: Algorithm::ALL.into_iter().filter_map(|it| Some((it, text(&it.header())?))).collect(),
        wanted: None,
    };
    if given.md5.is_none() && given.sums.is_empty() {
        // Sent in chunks, the digest follows as a trailer, which `s3s` reads.
        return if headers.contains_key("x-amz-trailer") { Ok(()) } else { Err(MISSING) };
    }
    let chunks = [body.clone()];
    given.check(&chunks, &md5(&chunks), Algorithm::Crc32).map(drop)
}

/// Collects the digests of an input that has S3's five checksum fields.
macro_rules! given {
    ($input:expr) => {{
        use $crate::s3::checksum::Algorithm;
        [
            (Algorithm::Crc32, $input.checksum_crc32.clone()),
            (Algorithm::Crc32c, $input.checksum_crc32c.clone()),
            (Algorithm::Crc64Nvme, $input.checksum_crc64nvme.clone()),
            (Algorithm::Sha1, $input.checksum_sha1.clone()),
            (Algorithm::Sha256, $input.checksum_sha256.clone()),
        ]
        .into_iter()
        .filter_map(|(algorithm, value)| Some((algorithm, value?)))
        .collect::<Vec<(Algorithm, String)>>()
    }};
}

/// Writes a checksum into an output that has S3's five checksum fields.
macro_rules! show {
    ($output:expr, $sum:expr) => {{
        use $crate::s3::checksum::Algorithm;
        let field = match $sum.algorithm {
            Algorithm::Crc32 => &mut $output.checksum_crc32,
            Algorithm::Crc32c => &mut $output.checksum_crc32c,
            Algorithm::Crc64Nvme => &mut $output.checksum_crc64nvme,
            Algorithm::Sha1 => &mut $output.checksum_sha1,
            Algorithm::Sha256 => &mut $output.checksum_sha256,
        };
        *field = Some($sum.value.clone());
    }};
}

pub(super) use {given, show};
