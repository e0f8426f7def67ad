//! A server that answers what no honest S3 would.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use aws_credential_types::Credentials;
use securecart::folder::download::{DownloadOptions, Target, download};
use securecart::folder::listing::Depth;
use securecart::folder::stop::Stop;
use securecart::folder::{FixedSession, Folder, FolderError};
use securecart_sandbox::{Options, Sandbox};

use crate::stage::settings;

/// Answers every request with this body.
fn always(body: String) -> String {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\nconnection: close";
    answering(std::iter::repeat(format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())))
}

/// Gives one answer after the other, a connection each.
pub(crate) fn answering(answers: impl Iterator<Item = String> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (stream, answer) in listener.incoming().zip(answers) {
            let mut stream = BufReader::new(stream.unwrap());
            let mut line = String::new();
            while stream.read_line(&mut line).unwrap() > 2 {
                line.clear();
            }
            let _ = stream.get_mut().write_all(answer.as_bytes());
        }
    });
    url
}

fn open(sandbox: &Sandbox, body: impl FnOnce(&str) -> String) -> Folder {
    let own = settings(sandbox, &sandbox.url()).prefix.as_str().to_owned();
    open_at(sandbox, &always(body(&own)))
}

pub(crate) fn open_at(sandbox: &Sandbox, endpoint: &str) -> Folder {
    let session = FixedSession(Credentials::new("AKIA", "secret", None, None, "test"));
    let http = aws_smithy_http_client::Builder::new().build_http();
    Folder::open(settings(sandbox, endpoint), http, Arc::new(session))
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
    let folder = open(&sandbox, |_| "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>".into());
    let mut pages = folder.list(&folder.prefix().root(), Depth::Everything);
    assert_eq!(refused(pages.next().await), "a page without its end");
}

#[tokio::test]
async fn a_page_that_leads_to_itself_is_not_asked_for_for_ever() {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    for (tag, next) in [("ListBucketResult", "NextContinuationToken"), ("ListVersionsResult", "NextKeyMarker")] {
        let folder =
            open(&sandbox, |own| format!("<{tag}><IsTruncated>true</IsTruncated><{next}>{own}a</{next}></{tag}>"));
        let root = folder.prefix().root();
        let mut pages = match tag {
            "ListBucketResult" => folder.list(&root, Depth::Level),
            _ => folder.list_versions(&root, Depth::Level),
        };
        assert!(pages.next().await.unwrap().unwrap().is_empty());
        assert_eq!(refused(pages.next().await), "a page that leads to itself");
    }
}

#[tokio::test]
async fn a_server_that_ignores_what_pins_the_version_gets_no_mixture_written() {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    let first = "HTTP/1.1 200 OK\r\netag: \"a\"\r\ncontent-length: 10\r\nconnection: close\r\n\r\n01234";
    for (second, said) in [
        (
            "HTTP/1.1 206 Partial Content\r\netag: \"b\"\r\ncontent-range: bytes 5-9/10\r\ncontent-length: 5",
            "`x` changed in S3 while it was downloaded",
        ),
        ("HTTP/1.1 200 OK\r\netag: \"a\"\r\ncontent-length: 10", "S3 answered another range than asked for"),
        (
            "HTTP/1.1 206 Partial Content\r\netag: \"a\"\r\ncontent-range: bytes 0-4/10\r\ncontent-length: 5",
            "S3 answered another range than asked for",
        ),
    ] {
        let answers = [first.to_owned(), format!("{second}\r\nconnection: close\r\n\r\nabcdefghij")];
        let folder = open_at(&sandbox, &answering(answers.into_iter()));
        let home = tempfile::tempdir().unwrap();
        let (key, target) = (folder.prefix().key("x", false).unwrap(), home.path().join("x"));
        std::fs::write(&target, "old").unwrap();
        let to = Target::Path(Some(target.to_str().unwrap().to_owned()));
        let (options, stop, progress) = (DownloadOptions::default(), Stop::default(), Arc::default());
        let mut told = Vec::new();
        download(&folder, vec![key], to, &options, &stop, &progress, |outcome| told.push(outcome)).await.unwrap();
        let message = &told[0].error.as_ref().unwrap().message;
        assert!(message.starts_with(said), "{message}");
        assert_eq!(std::fs::read(&target).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
    }
}

#[tokio::test]
async fn a_listing_without_an_order_is_read_page_by_page() {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    let own = settings(&sandbox, &sandbox.url()).prefix.as_str().to_owned();
    // S3's directory buckets list in an order of their own, and know no `start-after`.
    let keys: Vec<String> = (0..60).map(|n| format!("{}/{n:02}", (n / 6) * 7 % 10)).collect();
    let listing = keys.clone();
    let asked = Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = asked.clone();
    let url = serving(move |query| {
        let from: usize = query("continuation-token").map_or(0, |token| token.parse().unwrap());
        noted.lock().unwrap().push(query("start-after"));
        let (tag, name, all) = match query("delimiter") {
            Some(_) => {
                let mut folders: Vec<String> = listing.iter().map(|key| key[..2].to_owned()).collect();
                folders.dedup();
                ("CommonPrefixes", "Prefix", folders)
            }
            None => ("Contents", "Key", listing.clone()),
        };
        let below = query("prefix").unwrap().strip_prefix(&own).unwrap().to_owned();
        let all: Vec<&String> = all.iter().filter(|key| key.starts_with(&below)).collect();
        let page = &all[from..all.len().min(from + 10)];
        let entries: String = page.iter().map(|key| format!("<{tag}><{name}>{own}{key}</{name}></{tag}>")).collect();
        let more = from + 10 < all.len();
        let next = format!("<NextContinuationToken>{}</NextContinuationToken>", from + 10);
        format!(
            "<ListBucketResult><IsTruncated>{more}</IsTruncated>{}{entries}</ListBucketResult>",
            if more { next } else { String::new() }
        )
    });
    let folder = open_at(&sandbox, &url);
    let mut pages = folder.list(&folder.prefix().root(), Depth::Everything);
    let mut listed = Vec::new();
    while let Some(page) = pages.next().await {
        listed.extend(page.unwrap().iter().map(|entry| entry.key().relative().to_owned()));
    }
    assert_eq!(listed, keys);
    assert!(asked.lock().unwrap().iter().all(Option::is_none));
}

#[tokio::test]
async fn the_markers_of_a_page_of_versions_are_sent_back_as_they_were_meant() {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    let own = settings(&sandbox, &sandbox.url()).prefix.as_str().to_owned();
    let (own, asked) = (own.replace('@', "%40"), Arc::new(std::sync::Mutex::new(Vec::new())));
    let noted = asked.clone();
    let url = serving(move |query| {
        let markers = (query("key-marker"), query("version-id-marker"));
        let first = markers == (None, None);
        noted.lock().unwrap().push(markers);
        let next =
            format!("<NextKeyMarker>{own}a%2Bb+c</NextKeyMarker><NextVersionIdMarker>%2B+</NextVersionIdMarker>");
        let next = if first { next } else { String::new() };
        let page = format!("<EncodingType>url</EncodingType><IsTruncated>{first}</IsTruncated>{next}");
        format!("<ListVersionsResult>{page}</ListVersionsResult>")
    });
    let folder = open_at(&sandbox, &url);
    let mut pages = folder.list_versions(&folder.prefix().root(), Depth::Everything);
    while let Some(page) = pages.next().await {
        assert!(page.unwrap().is_empty());
    }
    let key = format!("{}a+b c", folder.prefix().as_str());
    // A version's id is not encoded.
    assert_eq!(*asked.lock().unwrap(), [(None, None), (Some(key), Some("%2B+".to_owned()))]);
}

/// Answers each list with what its query asks for.
fn serving(answer: impl Fn(&dyn Fn(&str) -> Option<String>) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let base: url::Url = url.parse().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.unwrap());
            let (mut asked, mut line) = (String::new(), String::new());
            let _ = stream.read_line(&mut asked);
            while stream.read_line(&mut line).is_ok_and(|length| length > 2) {
                line.clear();
            }
            let asked = base.join(asked.split(' ').nth(1).unwrap_or_default()).unwrap();
            let value = |name: &str| asked.query_pairs().find(|(own, _)| own == name).map(|(_, value)| value.into());
            let body = answer(&value);
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/xml\r\nconnection: close\r\ncontent-length";
            let _ = stream.get_mut().write_all(format!("{head}: {}\r\n\r\n{body}", body.len()).as_bytes());
        }
    });
    url
}
