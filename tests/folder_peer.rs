//! The folder on an S3 that isn't ours, with only a per-user policy: put, ls, get and rm, small, large and odd.
//!
//! It runs where `SECURECART_PEER_S3` names an endpoint, and `SECURECART_PEER_BUCKET`, `SECURECART_PEER_FOLDER` (with
//! its `/`), `SECURECART_PEER_KEY_ID` and `SECURECART_PEER_SECRET` say whose folder it is. Elsewhere it says that it
//! was skipped.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests are tests too")]

use std::sync::Arc;

use aws_credential_types::Credentials;
use securecart::config::FolderTemplate;
use securecart::config::profile::RequestChecksums;
use securecart::folder::download::{DownloadOptions, Target, download};
use securecart::folder::listing::{Depth, Entry};
use securecart::folder::outcome::{Outcome, Progress, Status};
use securecart::folder::removal::{RemovalOptions, remove};
use securecart::folder::stop::Stop;
use securecart::folder::upload::{ByteSource, Source, UploadOptions, upload};
use securecart::folder::{Facts, FixedSession, Folder, FolderPrefix, FolderSettings};

fn peer(folder: &str) -> Option<Folder> {
    let endpoint = std::env::var("SECURECART_PEER_S3").ok()?;
    let set = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let facts = Facts { user_id: folder.trim_end_matches('/').to_owned(), ..Facts::default() };
    let settings = FolderSettings {
        bucket: set("SECURECART_PEER_BUCKET").parse().unwrap(),
        region: "us-east-1".parse().unwrap(),
        region_is_configured: false,
        prefix: FolderPrefix::resolve(&FolderTemplate::default(), &facts).unwrap(),
        endpoint: Some(endpoint.parse().unwrap()),
        path_style: true,
        request_checksums: RequestChecksums::WhenRequired,
        encryption: None,
    };
    let keys = Credentials::new(set("SECURECART_PEER_KEY_ID"), set("SECURECART_PEER_SECRET"), None, None, "peer");
    let http = aws_smithy_http_client::Builder::new().build_http();
    Some(Folder::open(settings, http, Arc::new(FixedSession(keys))))
}

async fn put(folder: &Folder, path: &str, content: &[u8], options: &UploadOptions) -> Vec<Outcome> {
    let key = folder.prefix().key(path, true).unwrap();
    let source = vec![Source::Stream(ByteSource::new(std::io::Cursor::new(content.to_vec()), "-"))];
    let mut outcomes = Vec::new();
    let (stop, progress) = (Stop::default(), Arc::new(Progress::default()));
    upload(folder, source, &key, options, &stop, &progress, |outcome| outcomes.push(outcome)).await.unwrap();
    outcomes
}

async fn get(folder: &Folder, path: &str, to: &str, recursive: bool) -> Vec<Outcome> {
    let key = folder.prefix().key(path, true).unwrap();
    let options = DownloadOptions { recursive, ..DownloadOptions::default() };
    let mut outcomes = Vec::new();
    let (stop, progress) = (Stop::default(), Arc::new(Progress::default()));
    let target = Target::Path(Some(to.to_owned()));
    download(folder, vec![key], target, &options, &stop, &progress, |outcome| outcomes.push(outcome)).await.unwrap();
    outcomes
}

async fn empty(folder: &Folder) -> Vec<Outcome> {
    let options = RemovalOptions { recursive: true, dry_run: false };
    let mut outcomes = Vec::new();
    let (stop, progress) = (Stop::default(), Arc::new(Progress::default()));
    let all = vec![folder.prefix().root()];
    remove(folder, all, &options, &stop, &progress, |outcome| outcomes.push(outcome)).await.unwrap();
    outcomes
}

async fn list(folder: &Folder, depth: Depth) -> Vec<String> {
    let mut pages = folder.list(&folder.prefix().root(), depth);
    let mut paths = Vec::new();
    while let Some(page) = pages.next().await {
        paths.extend(page.unwrap().iter().map(|entry: &Entry| entry.key().relative().to_owned()));
    }
    paths
}

#[tokio::test(flavor = "multi_thread")]
async fn the_folder_works_on_a_server_that_is_not_ours() {
    let own = std::env::var("SECURECART_PEER_FOLDER").unwrap_or_default();
    let Some(folder) = peer(&format!("{own}few/")) else {
        println!("skipped: SECURECART_PEER_S3 is not set");
        return;
    };
    empty(&folder).await;
    let plain = UploadOptions::default();
    let big: Vec<u8> = (0..40_000_003_u32).map(|n| n.to_le_bytes()[(n % 3) as usize]).collect();
    let odd = ["//x", "a b+c", "a/../b", "../up", "a\u{1}b", "per%20cent", "q?#&<>\"'", "ü日本"];
    assert_eq!(put(&folder, "big", &big, &plain).await[0].status, Status::Done);
    for path in odd {
        let outcomes = put(&folder, path, b"odd", &plain).await;
        assert_eq!(outcomes[0].status, Status::Done, "{path:?}: {outcomes:?}");
    }
    let mut expected: Vec<&str> = odd.to_vec();
    expected.push("big");
    expected.sort_unstable();
    assert_eq!(list(&folder, Depth::Everything).await, expected);
    assert!(list(&folder, Depth::Level).await.contains(&"a/".to_owned()));

    let home = tempfile::tempdir().unwrap();
    let path = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    assert_eq!(get(&folder, "big", &path("big"), false).await[0].status, Status::Done);
    assert!(std::fs::read(path("big")).unwrap() == big);
    for key in odd {
        let outcomes = get(&folder, key, &path("odd"), false).await;
        assert_eq!(outcomes[0].status, Status::Done, "{key:?}: {outcomes:?}");
    }
    let outcomes = get(&folder, "", &path("tree"), true).await;
    let refused = outcomes.iter().filter(|outcome| outcome.status == Status::Failed).count();
    assert_eq!(refused, 3, "`//x`, `a/../b` and `../up` are no files: {outcomes:?}");

    let keep = UploadOptions { no_clobber: true, ..UploadOptions::default() };
    assert_eq!(put(&folder, "big", &big, &keep).await[0].status, Status::Skipped);
    let missing = get(&folder, "missing", &path("missing"), false).await;
    assert_eq!(missing[0].error.as_ref().unwrap().message, "`missing` is not in your folder");

    let removed = empty(&folder).await;
    assert!(removed.iter().all(|outcome| outcome.status == Status::Done), "{removed:?}");
    assert_eq!(removed.len(), odd.len() + 1);
    assert!(list(&folder, Depth::Everything).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_are_listed_and_removed() {
    let own = std::env::var("SECURECART_PEER_FOLDER").unwrap_or_default();
    let Some(folder) = peer(&format!("{own}many/")) else {
        println!("skipped: SECURECART_PEER_S3 is not set");
        return;
    };
    empty(&folder).await;
    let home = tempfile::tempdir().unwrap();
    for number in 0..2300 {
        std::fs::write(home.path().join(format!("{number:05}")), number.to_string()).unwrap();
    }
    let mut source = home.path().to_str().unwrap().to_owned();
    source.push(std::path::MAIN_SEPARATOR);
    let options = UploadOptions { recursive: true, ..UploadOptions::default() };
    let (stop, progress) = (Stop::default(), Arc::new(Progress::default()));
    let mut done = 0;
    let root = folder.prefix().root();
    let sources = vec![Source::Path(source)];
    let started = std::time::Instant::now();
    upload(&folder, sources, &root, &options, &stop, &progress, |outcome| {
        assert_eq!(outcome.status, Status::Done, "{outcome:?}");
        done += 1;
    })
    .await
    .unwrap();
    println!("put 2,300 files: {:?}", started.elapsed());
    assert_eq!(done, 2300);
    assert_eq!(list(&folder, Depth::Everything).await.len(), 2300);
    let started = std::time::Instant::now();
    let removed = empty(&folder).await;
    println!("rm 2,300 objects: {:?}", started.elapsed());
    assert!(removed.iter().all(|outcome| outcome.status == Status::Done), "{:?}", removed.first());
    assert!(list(&folder, Depth::Everything).await.is_empty());
}

#[tokio::test]
async fn somebody_elses_folder_is_refused_by_the_server_too() {
    let Some(folder) = peer("somebody-else/") else {
        println!("skipped: SECURECART_PEER_S3 is not set");
        return;
    };
    let mut pages = folder.list(&folder.prefix().root(), Depth::Level);
    let error = pages.next().await.unwrap().unwrap_err();
    assert!(error.to_string().contains("refused"), "{error}");
    let outcomes = put(&folder, "x", b"x", &UploadOptions::default()).await;
    assert_eq!(outcomes[0].error.as_ref().unwrap().kind, securecart::error::Kind::Denied);
}
