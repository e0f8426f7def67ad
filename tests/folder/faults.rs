use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use securecart::error::Kind;
use securecart::folder::download::DownloadOptions;
use securecart::folder::outcome::Status;
use securecart::folder::stop::Stop;
use securecart::folder::upload::UploadOptions;
use securecart::folder::{FolderError, TransferOptions};
use securecart_sandbox::{Effect, Fault, Options, Sandbox, Service};

use crate::liar::{answering, open_at};
use crate::stage::{Stage, noise, until};

fn status(status: u16, code: &str) -> Effect {
    Effect::Status { status, code: code.into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn credentials_that_expire_midway_are_renewed_once_for_all_workers() {
    let stage = Stage::new();
    for number in 0..60 {
        stage.store(&format!("d/{number:02}"), noise(2000));
    }
    stage.folder.find(&stage.key("d/00")).await.unwrap();
    assert_eq!(stage.renewals.load(Ordering::SeqCst), 1);
    stage.sandbox.expire_role_credentials();
    let tree = DownloadOptions::from(TransferOptions { recursive: true, ..TransferOptions::default() });
    stage.get(&["d"], &stage.path("out"), &tree).await.all_done(60);
    assert_eq!(stage.renewals.load(Ordering::SeqCst), 2);
    // In the middle of many parts.
    let content = noise(60 << 20);
    let path = stage.write("big", &content);
    stage.sandbox.fault(Fault::new(Effect::Latency { ms: 100 }).on(Service::S3, "UploadPart"));
    let sandbox = stage.sandbox.clone();
    let expire = tokio::spawn(async move {
        until("a part was sent", || sandbox.state().requests_of("s3", "UploadPart") > 0).await;
        sandbox.expire_role_credentials();
    });
    let ran = stage.put(&[&path], "big", &UploadOptions::default()).await;
    ran.all_done(1);
    assert_eq!(ran.moved, content.len() as u64, "parts that were sent again are told once");
    expire.await.unwrap();
    assert!(stage.stored("big").unwrap() == content);
    assert_eq!(stage.renewals.load(Ordering::SeqCst), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_breaks_goes_on_at_the_byte_reached() {
    let stage = Stage::new();
    for len in [500_000, 12 << 20, 30 << 20] {
        let content = noise(len);
        stage.store("x", content.clone());
        stage.sandbox.fault(Fault::new(Effect::Truncate { bytes: 100_000 }).on(Service::S3, "GetObject").times(3));
        let ran = stage.get(&["x"], &stage.path("x"), &DownloadOptions::default()).await;
        ran.all_done(1);
        assert_eq!(ran.moved, len as u64, "nothing is fetched twice");
        assert!(stage.read("x").unwrap() == content, "{len} bytes");
        stage.sandbox.clear_faults();
    }
}

#[tokio::test]
async fn a_damaged_object_is_not_written() {
    let stage = Stage::new();
    for len in [1000, 20 << 20] {
        let path = stage.write("source", noise(len));
        stage.put(&[&path], "x", &UploadOptions::default()).await.all_done(1);
        stage.write("out/x", "old");
        stage.sandbox.fault(Fault::new(Effect::Corrupt { at: 500 }).on(Service::S3, "GetObject").times(1));
        let ran = stage.get(&["x"], &stage.path("out/x"), &DownloadOptions::default()).await;
        assert_eq!(ran.failures(), ["`x` arrived damaged: its CRC64NVME checksum is wrong"], "{len} bytes");
        assert_eq!(stage.read("out/x").unwrap(), b"old");
        assert_eq!(stage.files(), ["out/x", "source"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_replaced_midway_is_an_error_and_the_old_file_stays() {
    let stage = Stage::new();
    stage.store("x", noise(200 << 20));
    let other = noise(150 << 20);
    stage.write("x", "old");
    stage.sandbox.fault(Fault::new(Effect::Latency { ms: 1500 }).on(Service::S3, "GetObject").after(3));
    let (sandbox, key) = (stage.sandbox.clone(), format!("{}x", stage.own));
    let replace = tokio::spawn(async move {
        until("ranges were asked for", || sandbox.state().requests_of("s3", "GetObject") > 3).await;
        sandbox.put_object(sandbox.bucket(), &key, other).unwrap();
    });
    let ran = stage.get(&["x"], &stage.path("x"), &DownloadOptions::default()).await;
    replace.await.unwrap();
    assert_eq!(ran.failures(), ["`x` changed in S3 while it was downloaded"]);
    assert_eq!(stage.read("x").unwrap(), b"old");
    assert_eq!(stage.files(), ["x"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_download_leaves_no_half_file() {
    let stage = Stage::new();
    stage.store("x", noise(100 << 20));
    stage.sandbox.fault(Fault::new(Effect::Latency { ms: 500 }).on(Service::S3, "GetObject").after(2));
    let stop = Stop::default();
    let (directory, stopping) = (stage.home.path().to_owned(), stop.clone());
    let watch = tokio::spawn(async move {
        until("a temporary file was there", || std::fs::read_dir(&directory).unwrap().count() > 0).await;
        stopping.stop();
    });
    let ran = stage.get_until(&["x"], &stage.path("x"), &DownloadOptions::default(), &stop).await;
    watch.await.unwrap();
    assert_eq!(ran.ended, Err(FolderError::Interrupted));
    assert!(stage.files().is_empty(), "{:?}", stage.files());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_or_broken_s3_is_tried_again() {
    let stage = Stage::new();
    stage.store("x", "content");
    let path = stage.write("y", "content");
    for effect in [status(503, "SlowDown"), status(500, "InternalError"), Effect::Drop, Effect::DropReply] {
        for operation in ["GetObject", "PutObject"] {
            stage.sandbox.fault(Fault::new(effect.clone()).on(Service::S3, operation).times(2));
        }
        stage.get(&["x"], &stage.path("x"), &DownloadOptions::default()).await.all_done(1);
        stage.put(&[&path], "y", &UploadOptions::default()).await.all_done(1);
        stage.sandbox.clear_faults();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_completion_whose_answer_was_lost_is_still_a_success() {
    let stage = Stage::new();
    let content = noise(20 << 20);
    let path = stage.write("big", &content);
    stage.sandbox.fault(Fault::new(Effect::DropReply).on(Service::S3, "CompleteMultipartUpload").times(1));
    stage.put(&[&path], "big", &UploadOptions::default()).await.all_done(1);
    assert!(stage.stored("big").unwrap() == content);
    assert!(stage.sandbox.state().open_uploads.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_cannot_be_sent_aborts_the_upload() {
    let stage = Stage::new();
    let path = stage.write("big", noise(40 << 20));
    stage.sandbox.fault(Fault::new(status(403, "AccessDenied")).on(Service::S3, "UploadPart").after(2));
    let ran = stage.put(&[&path], "big", &UploadOptions::default()).await;
    assert_eq!(ran.count(Status::Failed), 1);
    assert_eq!(ran.outcomes[0].error.as_ref().unwrap().kind, Kind::Denied);
    let state = stage.sandbox.state();
    assert!(state.open_uploads.is_empty(), "{:?}", state.open_uploads);
    assert!(stage.folder.unfinished_uploads().is_empty());
}

#[tokio::test]
async fn a_clock_that_is_off_is_corrected_once() {
    for skew in [-3600, 3600] {
        let stage = Stage::new();
        stage.store("x", "content");
        stage.sandbox.set_skew(skew);
        stage.get(&["x"], &stage.path("x"), &DownloadOptions::default()).await.all_done(1);
    }
}

#[tokio::test]
async fn the_wrong_region_is_followed_or_named() {
    let follow = Stage::with(|settings| settings.region = "us-east-1".parse().unwrap());
    assert_eq!(follow.folder.find(&follow.key("x")).await, Ok(None));
    let fixed = Stage::with(|settings| {
        settings.region = "us-east-1".parse().unwrap();
        settings.region_is_configured = true;
    });
    let error = fixed.folder.find(&fixed.key("x")).await.unwrap_err();
    assert!(matches!(&error, FolderError::WrongRegion { actual, .. } if actual == "eu-central-1"), "{error}");
}

#[tokio::test]
async fn a_bucket_that_is_not_there_and_a_server_that_is_not_there_say_so() {
    let nowhere = Stage::with(|settings| settings.bucket = "no-such-bucket-here".parse().unwrap());
    let error = nowhere.folder.find(&nowhere.key("x")).await.unwrap_err();
    assert!(matches!(error, FolderError::NoSuchBucket { .. } | FolderError::Denied { .. }), "{error}");
    let silent = Stage::with(|settings| settings.endpoint = Some("http://127.0.0.1:9".parse().unwrap()));
    let error = silent.folder.find(&silent.key("x")).await.unwrap_err();
    assert!(matches!(error, FolderError::Network { .. }), "{error}");
    assert!(error.to_string().contains("connect"), "{error}");
}

#[tokio::test]
async fn a_refused_object_is_told_apart_from_a_missing_one() {
    let stage = Stage::new();
    stage.store("there", "x");
    stage.sandbox.fault(Fault::new(status(403, "AccessDenied")).on(Service::S3, "GetObject"));
    let ran = stage.get(&["there", "missing"], &stage.path("out/"), &DownloadOptions::default()).await;
    assert_eq!(ran.failures(), ["AWS refused GetObject on `there`", "`missing` is not in your folder"]);
    stage.sandbox.fault(Fault::new(status(403, "AccessDenied")).on(Service::S3, "ListObjectsV2"));
    let ran = stage.get(&["there"], &stage.path("out/"), &DownloadOptions::default()).await;
    assert_eq!(ran.failures(), ["`there` was not found, or is not yours to see"]);
}

#[tokio::test]
async fn when_s3_is_busy_for_longer_than_the_sdk_tries_the_next_request_waits_and_then_succeeds() {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    let answer = |status: &str, body: &str| {
        let length = body.len();
        format!(
            "HTTP/1.1 {status}\r\ncontent-type: application/xml\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
        )
    };
    let busy = answer(
        "503 Slow Down",
        "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>",
    );
    let fine = answer("200 OK", "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>");
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = asked.clone();
    let answers =
        std::iter::repeat_n(busy, 5).chain([fine]).inspect(move |_| noted.lock().unwrap().push(Instant::now()));
    let folder = open_at(&sandbox, &answering(answers));
    assert_eq!(folder.find(&folder.prefix().root()).await, Ok(None));
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 6);
    let pause = asked[5] - asked[4];
    assert!(pause >= Duration::from_millis(240), "only {pause:?}");
}
