use aws_credential_types::Credentials;

use super::*;
use crate::config::FolderTemplate;
use crate::config::profile::RequestChecksums;
use crate::folder::{Facts, FixedSession, FolderPrefix, FolderSettings};

/// A reader of 100 bytes whose body is here already: each byte is its offset.
fn reader() -> Reader {
    let facts = Facts { user_id: "AROA1:me".into(), ..Facts::default() };
    let prefix = FolderPrefix::resolve(&FolderTemplate::default(), &facts).unwrap();
    let wanted = Wanted::from(&prefix.key("x", false).unwrap());
    let settings = FolderSettings {
        bucket: "docs".parse().unwrap(),
        region: "eu-central-1".parse().unwrap(),
        region_is_configured: false,
        prefix,
        endpoint: Some("http://127.0.0.1:9".parse().unwrap()),
        path_style: true,
        request_checksums: RequestChecksums::WhenSupported,
        encryption: None,
    };
    let session = FixedSession(Credentials::new("AKIA", "secret", None, None, "test"));
    let http = aws_smithy_http_client::Builder::new().build_http();
    let folder = Folder::open(settings, http, Arc::new(session));
    let body = ByteStream::from((0..100).collect::<Vec<u8>>());
    Reader { body: Some(body), ..Reader::of(&folder, wanted, &None, 0..100, &None) }
}

#[tokio::test]
async fn what_lies_beyond_a_limit_is_read_next() {
    let mut reader = reader();
    for limit in [30, 31, 100] {
        let start = u8::try_from(reader.position()).unwrap();
        let bytes = reader.chunk_until(limit).await.unwrap().unwrap();
        assert_eq!(bytes, (start..u8::try_from(limit).unwrap()).collect::<Vec<u8>>());
        assert_eq!(reader.chunk_until(limit).await, Ok(None));
        reader.go_to(limit..100);
    }
}

#[tokio::test]
async fn what_was_asked_for_is_not_used_for_another_place() {
    let mut whole = reader();
    whole.chunk_until(10).await.unwrap();
    // Part of the body waits in `held`, and its end in `body`.
    whole.go_to(10..50);
    assert!(!whole.held.is_empty() && whole.body.is_some());
    for elsewhere in [40..50, 10..101] {
        let mut reader = reader();
        reader.chunk_until(10).await.unwrap();
        reader.go_to(elsewhere.clone());
        assert!(reader.held.is_empty() && reader.body.is_none());
        assert_eq!((reader.position(), reader.end), (elsewhere.start, elsewhere.end));
    }
}
