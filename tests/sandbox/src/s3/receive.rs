//! A body on its way in.
//!
//! Owns reading it to its end and the checks of what was promised about it.

use bytes::Bytes;
use futures_util::StreamExt as _;
use http::StatusCode;
use s3s::dto::StreamingBlob;
use s3s::{S3Error, S3ErrorCode, S3Result, TrailingHeaders, s3_error};

use super::checksum::{self, Algorithm, Given, Mismatch, Sum};

/// The largest object one request may carry.
const PUT_MOST: u64 = 5 * 1024 * 1024 * 1024;
pub(super) fn mismatch((code, message): Mismatch) -> S3Error {
    let mut error = S3Error::with_message(code.parse().unwrap_or(S3ErrorCode::InvalidRequest), message);
    error.set_status_code(StatusCode::BAD_REQUEST);
    error
}

/// Reads a body to its end and checks what was promised about it.
pub(super) async fn receive(
    body: Option<StreamingBlob>,
    length: Option<i64>,
    trailers: Option<TrailingHeaders>,
    announced: Option<&http::HeaderValue>,
    mut given: Given,
    usual: Algorithm,
) -> S3Result<(Vec<Bytes>, u64, [u8; 16], Sum)> {
    let mut chunks = Vec::new();
    let mut size = 0;
    if let Some(mut body) = body {
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| broken_body(&error.to_string()))?;
            size += chunk.len() as u64;
            if size > PUT_MOST {
                return Err(s3_error!(EntityTooLarge));
            }
            chunks.push(chunk);
        }
    }
    if length.is_some_and(|length| u64::try_from(length) != Ok(size)) {
        return Err(s3_error!(IncompleteBody));
    }
    if let Some(trailers) = trailers {
        trailers.read(|headers| given.add_trailers(headers));
    }
    let announced = announced.and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !announced.split(',').all(|name| given.has_announced(name.trim())) {
        let mut error = S3Error::with_message(
            S3ErrorCode::Custom("MalformedTrailerError".into()),
            "The request contained trailing data that was not well-formed or did not conform to our published schema.",
        );
        error.set_status_code(StatusCode::BAD_REQUEST);
        return Err(error);
    }
    let md5 = checksum::md5(&chunks);
    let sum = given.check(&chunks, &md5, usual).map_err(mismatch)?;
    Ok((chunks, size, md5, sum))
}

/// The error for a body that ended early or was not what its signature said.
fn broken_body(why: &str) -> S3Error {
    if why.contains("Sha256Mismatch") {
        let mut error = S3Error::with_message(
            S3ErrorCode::Custom("XAmzContentSHA256Mismatch".into()),
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        );
        error.set_status_code(StatusCode::BAD_REQUEST);
        error
    } else if why.contains("SignatureMismatch") {
        s3_error!(SignatureDoesNotMatch, "A chunk's signature does not match.")
    } else {
        s3_error!(IncompleteBody, "You did not provide the number of bytes specified by the Content-Length HTTP header")
    }
}
