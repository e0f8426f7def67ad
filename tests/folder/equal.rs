//! What is there already and equal is not transferred again, and files keep their time.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::types::ChecksumAlgorithm;
use securecart::folder::TransferOptions;
use securecart::folder::download::DownloadOptions;
use securecart::folder::equal::Compare;
use securecart::folder::outcome::Status;
use securecart::folder::upload::UploadOptions;

use crate::stage::{Stage, noise};

fn up(compare: Compare) -> UploadOptions {
    UploadOptions::from(TransferOptions { recursive: true, compare, ..TransferOptions::default() })
}

fn down(compare: Compare) -> DownloadOptions {
    DownloadOptions::from(TransferOptions { recursive: true, compare, ..TransferOptions::default() })
}

fn calls(stage: &Stage, operations: &[&str]) -> Vec<u64> {
    let state = stage.sandbox.state();
    operations.iter().map(|operation| state.requests_of("s3", operation)).collect()
}

const TREE: &[(&str, &str)] = &[("d/a", "one"), ("d/b", "two"), ("d/sub/c", "three"), ("d/empty", "")];

#[tokio::test]
async fn a_tree_that_is_put_again_sends_only_what_changed() {
    let stage = Stage::new();
    for (name, content) in TREE {
        stage.write(name, content);
    }
    let top = stage.path("d");
    stage.put(&[&top], "", &up(Compare::Content)).await.all_done(4);
    stage.sandbox.reset_counters();
    let ran = stage.put(&[&top], "", &up(Compare::Content)).await;
    assert_eq!((ran.count(Status::Skipped), ran.outcomes.len()), (4, 4), "{:?}", ran.outcomes);
    assert!(ran.outcomes.iter().all(|outcome| outcome.reason.as_deref() == Some("equal")));
    assert_eq!(calls(&stage, &["PutObject", "HeadObject", "ListObjectsV2"]), [0, 0, 1]);
    // Of the same size, and other content.
    stage.write("d/b", "TWO");
    stage.write("d/new", "new");
    let ran = stage
        .put(&[&top], "", &UploadOptions::from(TransferOptions { dry_run: true, ..up(Compare::Content).transfer }))
        .await;
    assert_eq!((ran.count(Status::Skipped), ran.count(Status::Planned)), (3, 2), "{:?}", ran.outcomes);
    let ran = stage.put(&[&top], "", &up(Compare::Content)).await;
    assert_eq!((ran.count(Status::Skipped), ran.count(Status::Done)), (3, 2), "{:?}", ran.outcomes);
    assert_eq!(stage.stored("d/b").unwrap(), b"TWO");
    stage.put(&[&top], "", &up(Compare::Nothing)).await.all_done(5);
}

#[tokio::test]
async fn a_tree_that_is_fetched_again_fetches_only_what_changed() {
    let stage = Stage::new();
    for (name, content) in TREE {
        stage.store(name, *content);
    }
    let out = stage.path("out");
    stage.get(&["d"], &out, &down(Compare::Content)).await.all_done(4);
    stage.sandbox.reset_counters();
    let ran = stage.get(&["d"], &out, &down(Compare::Content)).await;
    assert_eq!((ran.count(Status::Skipped), ran.outcomes.len()), (4, 4), "{:?}", ran.outcomes);
    assert_eq!(calls(&stage, &["GetObject", "HeadObject"]), [0, 0]);
    stage.write("out/d/a", "ONE");
    stage.store("d/b", "longer");
    let ran = stage
        .get(&["d"], &out, &DownloadOptions::from(TransferOptions { dry_run: true, ..down(Compare::Content).transfer }))
        .await;
    assert_eq!((ran.count(Status::Skipped), ran.count(Status::Planned)), (2, 2), "{:?}", ran.outcomes);
    assert_eq!(stage.read("out/d/a").unwrap(), b"ONE");
    let ran = stage.get(&["d"], &out, &down(Compare::Content)).await;
    assert_eq!((ran.count(Status::Skipped), ran.count(Status::Done)), (2, 2), "{:?}", ran.outcomes);
    assert_eq!((stage.read("out/d/a").unwrap(), stage.read("out/d/b").unwrap()), (b"one".into(), b"longer".into()));
    stage.get(&["d"], &out, &down(Compare::Nothing)).await.all_done(4);
}

#[tokio::test]
async fn size_only_takes_the_size_for_the_whole_truth() {
    let stage = Stage::new();
    stage.write("d/a", "one");
    stage.write("d/b", "two");
    stage.store("d/a", "ONE");
    stage.store("d/b", "longer");
    let ran = stage.put(&[&stage.path("d")], "", &up(Compare::Size)).await;
    assert_eq!((ran.count(Status::Skipped), ran.count(Status::Done)), (1, 1));
    assert_eq!((stage.stored("d/a").unwrap(), stage.stored("d/b").unwrap()), (b"ONE".into(), b"two".into()));
    stage.write("d/b", "TWO");
    let ran = stage.get(&["d"], &stage.path(""), &down(Compare::Size)).await;
    assert_eq!(ran.count(Status::Skipped), 2, "{:?}", ran.outcomes);
    assert_eq!(stage.read("d/b").unwrap(), b"TWO");
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_in_parts_are_compared_by_their_checksum() {
    let stage = Stage::new();
    let mut content = noise(17 << 20);
    stage.write("d/big", &content);
    let top = stage.path("d");
    stage.put(&[&top], "", &up(Compare::Content)).await.all_done(1);
    stage.sandbox.reset_counters();
    assert_eq!(stage.put(&[&top], "", &up(Compare::Content)).await.count(Status::Skipped), 1);
    assert_eq!(stage.get(&["d"], &stage.path(""), &down(Compare::Content)).await.count(Status::Skipped), 1);
    assert_eq!(calls(&stage, &["UploadPart", "GetObject", "HeadObject"]), [0, 0, 2]);
    content[9 << 20] ^= 1;
    stage.write("d/big", &content);
    stage.put(&[&top], "", &up(Compare::Content)).await.all_done(1);
    assert!(stage.stored("d/big").unwrap() == content);
}

#[tokio::test]
async fn files_that_were_typed_are_compared_one_by_one_and_only_with_recursive() {
    let stage = Stage::new();
    let file = stage.write("a", "one");
    stage.store("a", "one");
    assert_eq!(stage.put(&[&file], "", &up(Compare::Content)).await.count(Status::Skipped), 1);
    let plain = UploadOptions::from(TransferOptions { recursive: false, ..up(Compare::Content).transfer });
    stage.put(&[&file], "", &plain).await.all_done(1);
    let plain = DownloadOptions::from(TransferOptions { recursive: false, ..down(Compare::Content).transfer });
    stage.get(&["a"], &stage.path(""), &plain).await.all_done(1);
}

#[tokio::test]
async fn a_listing_that_fails_fails_the_files_and_one_that_is_refused_does_not() {
    use securecart_sandbox::{Effect, Fault, Service};
    let stage = Stage::new();
    stage.write("d/a", "one");
    stage.write("d/b", "two");
    for (code, status, done) in [("AccessDenied", 403, 2), ("InvalidRequest", 400, 0)] {
        let refuse = Effect::Status { status, code: code.into() };
        stage.sandbox.fault(Fault::new(refuse).on(Service::S3, "ListObjectsV2"));
        let ran = stage.put(&[&stage.path("d")], "", &up(Compare::Content)).await;
        assert_eq!((ran.count(Status::Done), ran.count(Status::Failed)), (done, 2 - done), "{:?}", ran.outcomes);
        stage.sandbox.clear_faults();
    }
}

fn set_time(path: &str, time: SystemTime) {
    std::fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_modification_time_goes_up_and_comes_back() {
    let stage = Stage::new();
    let time = SystemTime::UNIX_EPOCH + Duration::new(1_586_883_407, 218_390_000);
    for len in [3, 2 << 20, 17 << 20] {
        let file = stage.write("there/x", noise(len));
        set_time(&file, time);
        stage.put(&[&file], "x", &UploadOptions::default()).await.all_done(1);
        stage.get(&["x"], &stage.path("back"), &DownloadOptions::default()).await.all_done(1);
        let back = std::fs::metadata(stage.path("back")).unwrap().modified().unwrap();
        assert_eq!(back, time, "{len} bytes");
    }
    // What was stored without one gets the time of its arrival.
    stage.store("y", "y");
    stage.get(&["y"], &stage.path("y"), &DownloadOptions::default()).await.all_done(1);
    let age = std::fs::metadata(stage.path("y")).unwrap().modified().unwrap().elapsed().unwrap_or_default();
    assert!(age < Duration::from_secs(3600));
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_at_the_destination_is_not_compared_but_replaced() {
    let stage = Stage::new();
    stage.store("d/a", "one");
    stage.write("elsewhere", "one");
    std::fs::create_dir_all(stage.path("out/d")).unwrap();
    std::os::unix::fs::symlink(stage.path("elsewhere"), stage.path("out/d/a")).unwrap();
    stage.get(&["d"], &stage.path("out"), &down(Compare::Content)).await.all_done(1);
    assert!(!std::fs::symlink_metadata(stage.path("out/d/a")).unwrap().is_symlink());
}

#[tokio::test]
async fn where_no_checksum_can_be_compared_the_size_and_the_kept_time_decide() {
    let stage = Stage::new();
    let (content, part) = (noise(6 << 20), 5 << 20);
    let kept = [("mtime", "1700000000.5")];
    // Neither an MD5 nor a checksum of the whole: all that is known is the time.
    stage.store_in_parts("d/big", &content, part, &ChecksumAlgorithm::Sha256, &kept).await;
    let mut other = content.clone();
    other[17] ^= 1;
    let path = stage.write("out/d/big", &other);
    let touch = |nanos: u64| {
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_nanos(1_700_000_000_000_000_000 + nanos)).unwrap();
    };
    touch(500_000_999);
    let ran = stage.get(&["d"], &stage.path("out"), &down(Compare::Content)).await;
    assert_eq!(ran.count(Status::Skipped), 1, "within a microsecond: {:?}", ran.outcomes);
    touch(500_002_000);
    stage.get(&["d"], &stage.path("out"), &down(Compare::Content)).await.all_done(1);
    assert!(stage.read("out/d/big").unwrap() == content);
    let found = std::fs::metadata(&path).unwrap().modified().unwrap();
    assert_eq!(found, SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_500));
    // The other way: another size is always another file.
    stage.write("out/d/big", &other[1..]);
    touch(500_000_000);
    stage.get(&["d"], &stage.path("out"), &down(Compare::Content)).await.all_done(1);
}
