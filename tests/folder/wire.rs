//! What really goes over the wire, read from the socket.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};

use aws_credential_types::Credentials;
use securecart::folder::{FixedSession, Folder, TransferOptions};
use securecart_sandbox::{Options, Sandbox};

use crate::stage::{Stage, settings, until};

/// Answers every request with 404, and gives back the requests' heads.
fn listen() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = Vec::new();
            let mut byte = [0];
            while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
                request.push(byte[0]);
            }
            let head = String::from_utf8(request).unwrap();
            let length =
                head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |n| n.parse().unwrap());
            stream.read_exact(&mut vec![0; length]).unwrap();
            let _ = stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            if sender.send(head).is_err() {
                return;
            }
        }
    });
    (url, lines)
}

fn open(settings: securecart::folder::FolderSettings) -> Folder {
    let session = FixedSession(Credentials::new("AKIA", "secret", None, None, "test"));
    Folder::open(settings, aws_smithy_http_client::Builder::new().build_http(), Arc::new(session))
}

#[tokio::test]
async fn an_upload_says_what_the_profile_and_the_flags_ask_for() {
    use securecart::config::profile::{Encryption, RequestChecksums};
    use securecart::folder::upload::{ByteSource, Source, UploadOptions, upload};

    let sandbox = Sandbox::start(Options::default()).unwrap();
    let (url, heads) = listen();
    let send = async |options: UploadOptions, request_checksums| {
        let folder = open(securecart::folder::FolderSettings { request_checksums, ..settings(&sandbox, &url) });
        let key = folder.prefix().key("a.html", false).unwrap();
        let source = vec![Source::Stream(ByteSource::new(std::io::Cursor::new("content"), "-"))];
        let progress = Arc::new(securecart::folder::progress::Progress::default());
        let stop = securecart::folder::stop::Stop::default();
        upload(&folder, source, &key, &options, &stop, &progress, |_| {}).await.unwrap();
        heads.recv().unwrap()
    };
    let plain = send(UploadOptions::default(), RequestChecksums::WhenSupported).await;
    assert!(!plain.contains("x-amz-meta-"), "a stream has no time: {plain}");
    for header in ["content-type: text/html", "x-amz-checksum-crc64nvme: ", "x-amz-content-sha256: UNSIGNED-PAYLOAD"] {
        assert!(plain.contains(header), "{header} is missing: {plain}");
    }
    for header in ["if-none-match", "x-amz-server-side-encryption", "aws-chunked", "x-amz-trailer"] {
        assert!(!plain.contains(header), "{header} is there: {plain}");
    }
    let kms = UploadOptions {
        transfer: TransferOptions { no_clobber: true, ..TransferOptions::default() },
        encryption: Some(Encryption::Kms { key_id: Some("alias/docs".into()) }),
        content_type: Some("text/x-odd".into()),
        ..UploadOptions::default()
    };
    let kms = send(kms, RequestChecksums::WhenRequired).await;
    for header in [
        "x-amz-server-side-encryption: aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id: alias/docs",
        "if-none-match: *",
        "content-type: text/x-odd",
    ] {
        assert!(kms.contains(header), "{header} is missing: {kms}");
    }
    assert!(!kms.contains("checksum"), "{kms}");
    let metadata = ["Project=blue", "mtime=7"].map(|text| text.parse().unwrap());
    let tags = ["cost centre=a/b", "x="].map(|text| text.parse().unwrap());
    let class = Some("standard_ia".parse().unwrap());
    let dressed = UploadOptions {
        transfer: TransferOptions { limit_rate: Some("1M".parse().unwrap()), ..TransferOptions::default() },
        attributes: securecart::folder::attributes::Attributes::new(class, &metadata, &tags).unwrap(),
        ..UploadOptions::default()
    };
    let dressed = send(dressed, RequestChecksums::WhenSupported).await;
    for header in [
        "x-amz-storage-class: STANDARD_IA",
        "x-amz-meta-project: blue",
        "x-amz-meta-mtime: 7",
        "x-amz-tagging: cost%20centre=a%2Fb&x=",
        "content-length: 7",
        "x-amz-content-sha256: UNSIGNED-PAYLOAD",
    ] {
        assert!(dressed.contains(header), "{header} is missing: {dressed}");
    }
    let s3 = UploadOptions { encryption: Some(Encryption::S3), ..UploadOptions::default() };
    assert!(send(s3, RequestChecksums::WhenSupported).await.contains("x-amz-server-side-encryption: AES256"));
}

/// Takes uploads over connections that stay open, and counts these.
fn count_connections() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::Relaxed);
            let mut stream = BufReader::new(stream.unwrap());
            std::thread::spawn(move || {
                let (mut length, mut line) = (0, String::new());
                while stream.read_line(&mut line).is_ok_and(|read| read > 0) {
                    if let Some(number) = line.strip_prefix("content-length: ") {
                        length = number.trim().parse().unwrap();
                    }
                    if line == "\r\n" {
                        stream.read_exact(&mut vec![0; length]).unwrap();
                        let _ =
                            stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\netag: \"x\"\r\ncontent-length: 0\r\n\r\n");
                    }
                    line.clear();
                }
            });
        }
    });
    (url, connections)
}

#[tokio::test]
async fn connections_are_used_again() {
    use securecart::folder::upload::{Source, UploadOptions, upload};

    let sandbox = Sandbox::start(Options::default()).unwrap();
    let (url, connections) = count_connections();
    let folder = open(settings(&sandbox, &url));
    let tree = tempfile::tempdir().unwrap();
    for number in 0..400 {
        std::fs::write(tree.path().join(number.to_string()), vec![0; number * 100]).unwrap();
    }
    let options = UploadOptions::default();
    let key = folder.prefix().key("tree/", false).unwrap();
    let progress = Arc::new(securecart::folder::progress::Progress::default());
    let stop = securecart::folder::stop::Stop::default();
    let sources = (0..400).map(|number| Source::Path(format!("{}/{number}", tree.path().display()))).collect();
    upload(&folder, sources, &key, &options, &stop, &progress, |outcome| assert_eq!(outcome.error, None))
        .await
        .unwrap();
    let connections = connections.load(Ordering::Relaxed);
    assert!(connections <= 2 * 64, "{connections} for 400 files");
}

/// Takes a request's head and some of its body, and never answers.
fn never_answering() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1 << 16]);
            held.push(stream);
        }
    });
    url
}

#[tokio::test]
async fn what_is_sent_of_a_file_counts_before_it_has_arrived() {
    use securecart::folder::upload::{Source, UploadOptions, upload};

    let stage = Stage::new();
    let folder = open(settings(&stage.sandbox, &never_answering()));
    let source = vec![Source::Path(stage.write("large", vec![0; 12 << 20]))];
    let (key, options) = (folder.prefix().key("large", false).unwrap(), UploadOptions::default());
    let progress = Arc::new(securecart::folder::progress::Progress::default());
    let moved = || progress.bytes.load(Ordering::Relaxed);
    let stop = securecart::folder::stop::Stop::default();
    let uploading = upload(&folder, source, &key, &options, &stop, &progress, |_| {});
    let watching = async {
        until("some of it is told", || moved() > 0).await;
        stop.stop();
    };
    let (ended, ()) = tokio::join!(uploading, watching);
    assert!(matches!(ended, Err(securecart::folder::FolderError::Interrupted)));
    assert_eq!(moved(), 0, "it was sent for nothing");
}

#[tokio::test]
async fn dots_in_keys_reach_the_server_as_they_are() {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    let (url, heads) = listen();
    let settings = settings(&sandbox, &url);
    let own = settings.prefix.as_str().replace(':', "%3A").replace('@', "%40");
    let folder = open(settings);
    for (typed, sent) in [
        ("../../../other/x", "../../../other/x"),
        ("a/../b", "a/../b"),
        ("./x", "./x"),
        ("..", ".."),
        ("/x", "/x"),
        ("//x//", "//x//"),
        ("%2e%2e/x", "%252e%252e/x"),
        ("..\\x", "..%5Cx"),
    ] {
        let key = folder.prefix().key(typed, true).unwrap();
        let progress = Arc::new(securecart::folder::progress::Progress::default());
        let target = securecart::folder::download::Target::Stream(Arc::new(|_| Ok(())));
        let options = securecart::folder::download::DownloadOptions::default();
        let stop = securecart::folder::stop::Stop::default();
        securecart::folder::download::download(&folder, vec![key], target, &options, &stop, &progress, |_| {})
            .await
            .unwrap();
        let head = heads.recv().unwrap();
        let path = head.split(' ').nth(1).unwrap().split('?').next().unwrap().to_owned();
        assert!(heads.recv().unwrap().contains("list-type=2"), "what isn't there may be a folder");
        assert_eq!(path, format!("/{}/{own}{sent}", sandbox.bucket()), "{typed:?}");
    }
}

#[tokio::test]
async fn odd_keys_name_the_same_object_for_every_command() {
    let stage = Stage::new();
    let file = stage.write("source", "content");
    for key in
        ["../up", "a/../b", "/lead", "//two", "./dot", "..", ".", "a\u{1}\n", "%2e%2e/x", "back\\slash", "sp ace+plus"]
    {
        let plain = securecart::folder::upload::UploadOptions::default();
        stage.put(&[&file], key, &plain).await.all_done(1);
        assert_eq!(stage.paths(), [key], "stored literally");
        let plain = securecart::folder::download::DownloadOptions::default();
        stage.get(&[key], &stage.path("back"), &plain).await.all_done(1);
        assert_eq!(stage.read("back").unwrap(), b"content");
        stage.rm(&[key], &securecart::folder::removal::RemovalOptions::default()).await.all_done(1);
        assert!(stage.paths().is_empty());
    }
}
