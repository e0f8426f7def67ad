use http::HeaderMap;

use super::*;

/// The worked example of *Amazon S3 API Reference*, "Signature Calculations for the Authorization
/// Header: Transferring Payload in a Single Chunk", GET Object.
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn documented() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("host", "examplebucket.s3.amazonaws.com".parse().unwrap());
    headers.insert("range", "bytes=0-9".parse().unwrap());
    headers.insert("x-amz-content-sha256", EMPTY.parse().unwrap());
    headers.insert("x-amz-date", "20130524T000000Z".parse().unwrap());
    headers.insert(
        "authorization",
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
         SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,\
         Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
            .parse()
            .unwrap(),
    );
    headers
}

fn head(headers: &HeaderMap) -> Head<'_> {
    Head {
        method: "GET",
        path: "/test.txt",
        query: "",
        headers,
    }
}

#[test]
fn the_documented_example_fits() {
    let headers = documented();
    let claim = Claim::read(head(&headers)).unwrap();
    assert!(fits(head(&headers), &claim, EMPTY, SECRET));
    assert!(!fits(head(&headers), &claim, EMPTY, "another secret"));
    let other = Head {
        path: "/test2.txt",
        ..head(&headers)
    };
    assert!(!fits(other, &claim, EMPTY, SECRET));
}

#[test]
fn the_documented_presigned_url_fits() {
    let mut headers = HeaderMap::new();
    headers.insert("host", "examplebucket.s3.amazonaws.com".parse().unwrap());
    let query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    let head = Head {
        method: "GET",
        path: "/test.txt",
        query,
        headers: &headers,
    };
    let claim = Claim::read(head).unwrap();
    assert!(fits(head, &claim, "UNSIGNED-PAYLOAD", SECRET));
    let day = jiff::SignedDuration::from_hours(24);
    assert!(!claim.has_lapsed(claim.timestamp + day));
    assert!(claim.has_lapsed(claim.timestamp + day + jiff::SignedDuration::from_secs(1)));
}

#[test]
fn an_unsigned_amz_header_is_refused() {
    let mut headers = documented();
    headers.insert("x-amz-acl", "public-read".parse().unwrap());
    assert_eq!(
        Claim::read(head(&headers)),
        Err(ClaimError::NotSigned(vec!["x-amz-acl".into()]))
    );
}

#[test]
fn a_request_is_timely_for_a_quarter_of_an_hour_either_way() {
    let headers = documented();
    let claim = Claim::read(head(&headers)).unwrap();
    let at = |minutes: i64| claim.timestamp + jiff::SignedDuration::from_mins(minutes);
    assert!(claim.is_timely(at(15)) && claim.is_timely(at(-15)));
    assert!(!claim.is_timely(at(16)) && !claim.is_timely(at(-16)));
}

#[test]
fn version_two_signatures_are_not_supported() {
    let mut headers = HeaderMap::new();
    headers.insert(
        "authorization",
        "AWS AKIAIOSFODNN7EXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg="
            .parse()
            .unwrap(),
    );
    assert_eq!(Claim::read(head(&headers)), Err(ClaimError::Unsupported));
}
