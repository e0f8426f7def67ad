//! A server that answers what no honest S3 would.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use aws_credential_types::Credentials;
use securecart::folder::listing::Depth;
use securecart::folder::{FixedSession, Folder, FolderError};
use securecart_sandbox::{Options, Sandbox};

use crate::stage::settings;

/// Answers every request with this body.
fn always(body: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let mut line = String::new();
            while stream.read_line(&mut line).unwrap() > 2 {
                line.clear();
            }
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\nconnection: close";
            let stream = stream.get_mut();
            let _ = write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            let _ = stream.read(&mut [0]);
        }
    });
    url
}

fn open(sandbox: &Sandbox, body: impl FnOnce(&str) -> String) -> Folder {
    let own = settings(sandbox, &sandbox.url()).prefix.as_str().to_owned();
    let session = FixedSession(Credentials::new("AKIA", "secret", None, None, "test"));
    let http = aws_smithy_http_client::Builder::new().build_http();
    Folder::open(settings(sandbox, &always(body(&own))), http, Arc::new(session))
}

fn refused(error: Option<Result<Vec<securecart::folder::listing::Entry>, FolderError>>) -> String {
    match error {
        Some(Err(FolderError::Service { code, .. })) => code,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_listing_that_names_a_key_outside_the_folder_is_refused_whole() {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    let entry = |key: &str| format!("<Key>{key}</Key><VersionId>v</VersionId><IsLatest>true</IsLatest><Size>1</Size>");
    for (name, tag) in
        [("ListBucketResult", "Contents"), ("ListVersionsResult", "Version"), ("ListVersionsResult", "DeleteMarker")]
    {
        for outside in ["AROAEXAMPLE:bob@example.com/x", "", "x", "%2e%2e/x", "%ff"] {
            let folder = open(&sandbox, |own| {
                let entries =
                    [format!("{own}fine"), outside.to_owned()].map(|key| format!("<{tag}>{}</{tag}>", entry(&key)));
                format!("<{name}><EncodingType>url</EncodingType>{}</{name}>", entries.concat())
            });
            let root = folder.prefix().root();
            let mut pages = match name {
                "ListBucketResult" => folder.list(&root, Depth::Everything),
                _ => folder.list_versions(&root, Depth::Everything),
            };
            assert_eq!(refused(pages.next().await), "a key outside your folder", "{tag} {outside:?}");
            assert!(pages.next().await.is_none());
        }
    }
}

#[tokio::test]
async fn a_listing_that_ends_in_the_middle_is_not_taken_for_all_there_is() {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    let folder = open(&sandbox, |_| "<ListVersionsResult><IsTruncated>true</IsTruncated></ListVersionsResult>".into());
    let mut pages = folder.list_versions(&folder.prefix().root(), Depth::Everything);
    assert_eq!(refused(pages.next().await), "a page without its end");
}
