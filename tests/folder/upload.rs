use securecart::config::profile::RequestChecksums;
use securecart::folder::outcome::Status;
use securecart::folder::stop::Stop;
use securecart::folder::upload::{ByteSource, Source, UploadOptions};
use securecart::folder::{FolderError, TransferOptions};
use securecart_sandbox::{Effect, Fault, Service};

use crate::stage::{Stage, noise, until};

fn tree() -> UploadOptions {
    UploadOptions::from(TransferOptions { recursive: true, ..TransferOptions::default() })
}

#[tokio::test]
async fn a_file_goes_where_cp_would_put_it() {
    let stage = Stage::new();
    let (a, b) = (stage.write("a.txt", "a"), stage.write("b.txt", "bb"));
    let plain = UploadOptions::default();
    stage.put(&[&a], "", &plain).await.all_done(1);
    stage.put(&[&a], "2026/", &plain).await.all_done(1);
    stage.put(&[&a], "2026/q1", &plain).await.all_done(1);
    stage.put(&[&a, &b], "both/", &plain).await.all_done(2);
    assert_eq!(stage.paths(), ["2026/a.txt", "2026/q1", "a.txt", "both/a.txt", "both/b.txt"]);
    assert_eq!(stage.stored("both/b.txt").unwrap(), b"bb");
    let ran = stage.put(&[&a, &b], "both", &plain).await;
    assert!(matches!(ran.ended, Err(FolderError::Usage { .. })));
}

#[cfg(unix)]
#[tokio::test]
async fn a_tree_keeps_its_shape_and_links_are_left_out() {
    let stage = Stage::new();
    stage.write("site/index.html", "x");
    stage.write("site/img/a b%20.png", "x");
    stage.write("secret", "x");
    std::os::unix::fs::symlink(stage.path("secret"), stage.path("site/link")).unwrap();
    std::os::unix::fs::symlink(stage.path("site/img"), stage.path("site/dirlink")).unwrap();
    let ran = stage.put(&[&stage.path("site")], "www", &tree()).await;
    assert_eq!((ran.count(Status::Done), ran.count(Status::Skipped)), (2, 2));
    let ran = stage.put(&[&format!("{}/", stage.path("site"))], "flat", &tree()).await;
    assert_eq!(ran.count(Status::Done), 2);
    assert_eq!(
        stage.paths(),
        ["flat/img/a b%20.png", "flat/index.html", "www/site/img/a b%20.png", "www/site/index.html"]
    );
    let ran = stage.put(&[&stage.path("site")], "www/", &UploadOptions::default()).await;
    assert_eq!(ran.count(Status::Failed), 1);
    assert!(ran.failures()[0].contains("is a directory"));
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_any_size_arrive_whole() {
    let stage = Stage::new();
    for (len, parts) in [(0, 0), (1, 0), (16 << 20, 0), ((16 << 20) + 1, 3), ((24 << 20) + 7, 4)] {
        let content = noise(len);
        let path = stage.write("big", &content);
        stage.sandbox.reset_counters();
        let ran = stage.put(&[&path], "big", &UploadOptions::default()).await;
        ran.all_done(1);
        assert_eq!(ran.moved, len as u64);
        assert!(stage.stored("big").unwrap() == content, "{len} bytes");
        assert_eq!(stage.sandbox.state().requests_of("s3", "UploadPart"), parts, "{len} bytes");
    }
    assert!(stage.sandbox.state().open_uploads.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_part_size_can_be_chosen_both_ways() {
    let stage = Stage::new();
    let content = noise((11 << 20) + 1);
    let path = stage.write("big", &content);
    let part_size = Some("5M".parse().unwrap());
    stage
        .put(&[&path], "big", &UploadOptions::from(TransferOptions { part_size, ..TransferOptions::default() }))
        .await
        .all_done(1);
    stage
        .put_stream(
            content.clone(),
            "too",
            &UploadOptions::from(TransferOptions { part_size, ..TransferOptions::default() }),
        )
        .await
        .all_done(1);
    assert_eq!(stage.sandbox.state().requests_of("s3", "UploadPart"), 6);
    let options = securecart::folder::download::DownloadOptions::from(TransferOptions {
        part_size,
        ..TransferOptions::default()
    });
    stage.get(&["big"], &stage.path("back"), &options).await.all_done(1);
    // Where the machine is busy, one connection may bring two ranges.
    assert!((2..=3).contains(&stage.sandbox.state().requests_of("s3", "GetObject")));
    assert!(stage.read("back").unwrap() == content && stage.stored("too").unwrap() == content);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limited_rate_is_kept_both_ways_by_all_files_together() {
    let stage = Stage::new();
    let files: Vec<String> = (0..4).map(|n| stage.write(&format!("d/{n}"), noise(128 << 10))).collect();
    let sources: Vec<&str> = files.iter().map(String::as_str).collect();
    let limit_rate = Some("512K".parse().unwrap());
    // 512 KiB take a second, but for the last chunk. How much longer a busy machine takes is no matter.
    let least = std::time::Duration::from_millis(800);
    let start = std::time::Instant::now();
    stage
        .put(&sources, "d/", &UploadOptions::from(TransferOptions { limit_rate, ..TransferOptions::default() }))
        .await
        .all_done(4);
    assert!(start.elapsed() >= least, "{:?}", start.elapsed());
    assert_eq!(stage.stored("d/3").unwrap(), noise(128 << 10));
    let start = std::time::Instant::now();
    let options = securecart::folder::download::DownloadOptions::from(TransferOptions {
        limit_rate,
        recursive: true,
        ..TransferOptions::default()
    });
    stage.get(&["d"], &stage.path("out"), &options).await.all_done(4);
    assert!(start.elapsed() >= least, "{:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_of_any_length_arrive_whole() {
    let stage = Stage::new();
    for len in [0, 5, 8 << 20, (20 << 20) + 3] {
        let content = noise(len);
        stage.put_stream(content.clone(), "streamed", &UploadOptions::default()).await.all_done(1);
        assert!(stage.stored("streamed").unwrap() == content, "{len} bytes");
    }
    for (to, options) in [("", UploadOptions::default()), ("name", tree())] {
        let ran = stage.put_stream(vec![1], to, &options).await;
        assert!(matches!(ran.ended, Err(FolderError::Usage { .. })), "`{to}` is a folder");
    }
}

#[tokio::test]
async fn servers_that_refuse_checksums_get_none() {
    let stage = Stage::with(|settings| settings.request_checksums = RequestChecksums::WhenRequired);
    let content = noise(17 << 20);
    let (small, big) = (stage.write("small", "x"), stage.write("big", &content));
    stage.put(&[&small, &big], "", &UploadOptions::default()).await.all_done(2);
    assert!(stage.stored("big").unwrap() == content);
}

#[tokio::test]
async fn no_clobber_is_decided_by_s3() {
    let stage = Stage::new();
    stage.store("a", "old");
    stage.store("big", "old");
    let (a, big) = (stage.write("a", "new"), stage.write("big", noise(17 << 20)));
    let keep = UploadOptions::from(TransferOptions { no_clobber: true, ..TransferOptions::default() });
    let ran = stage.put(&[&a, &big], "", &keep).await;
    assert_eq!(ran.count(Status::Skipped), 2, "{:?}", ran.outcomes);
    assert_eq!(stage.stored("a").unwrap(), b"old");
    assert_eq!(stage.stored("big").unwrap(), b"old");
    stage.put(&[&a, &big], "fresh/", &keep).await.all_done(2);
    assert!(stage.sandbox.state().open_uploads.is_empty());
}

#[tokio::test]
async fn a_dry_run_knows_what_no_clobber_would_leave_alone() {
    let stage = Stage::new();
    stage.store("d/a", "old");
    stage.write("d/a", "new");
    stage.write("d/b", "new");
    let dry = TransferOptions { dry_run: true, no_clobber: true, ..TransferOptions::default() };
    let trees = UploadOptions::from(TransferOptions { recursive: true, ..dry.clone() });
    let files = UploadOptions::from(dry);
    let told = |ran: crate::stage::Ran| (ran.count(Status::Planned), ran.count(Status::Skipped));
    assert_eq!(told(stage.put(&[&stage.path("d")], "", &trees).await), (1, 1));
    assert_eq!(told(stage.put(&[&stage.path("d/a"), &stage.path("d/b")], "d/", &files).await), (1, 1));
    assert_eq!(told(stage.put_stream(vec![1], "d/a", &files).await), (0, 1));
    assert_eq!(stage.stored("d/a").unwrap(), b"old");
}

#[tokio::test]
async fn two_files_of_one_name_are_not_both_stored() {
    let stage = Stage::new();
    for name in ["a/r", "b/r", "b/s"] {
        stage.write(name, name);
    }
    let [a, b] = ["a/", "b/"].map(|name| stage.path(name));
    let ran = stage.put(&[&a, &b], "www", &tree()).await;
    assert_eq!((ran.count(Status::Done), ran.count(Status::Failed)), (2, 1), "{:?}", ran.outcomes);
    assert!(ran.failures()[0].contains("has the same name in your folder"), "{:?}", ran.failures());
    assert_eq!((stage.stored("www/r").unwrap(), stage.stored("www/s").unwrap()), (b"a/r".to_vec(), b"b/s".to_vec()));
    let ran = stage.put(&[&stage.path("a/r"), &stage.path("b/r")], "d/", &UploadOptions::default()).await;
    assert_eq!((ran.count(Status::Done), ran.count(Status::Failed)), (1, 1));
    assert_eq!(stage.stored("d/r").unwrap(), b"a/r");
}

#[tokio::test]
async fn what_somebody_else_is_changing_has_failed_and_was_not_skipped() {
    let stage = Stage::new();
    let file = stage.write("a", "new");
    let busy = Effect::Status { status: 409, code: "ConditionalRequestConflict".into() };
    stage.sandbox.fault(Fault::new(busy).on(Service::S3, "PutObject"));
    let keep = UploadOptions::from(TransferOptions { no_clobber: true, ..TransferOptions::default() });
    let ran = stage.put(&[&file], "a", &keep).await;
    assert_eq!(ran.count(Status::Failed), 1, "{:?}", ran.outcomes);
    assert!(ran.failures()[0].contains("somebody else was changing `a`"), "{:?}", ran.failures());
}

#[tokio::test]
async fn a_dry_run_sends_nothing() {
    let stage = Stage::new();
    stage.write("d/a", "123");
    let ran = stage
        .put(&[&stage.path("d")], "", &UploadOptions::from(TransferOptions { dry_run: true, ..tree().transfer }))
        .await;
    assert_eq!(ran.count(Status::Planned), 1);
    assert_eq!(ran.outcomes[0].path, "d/a");
    assert!(stage.sandbox.state().requests.is_empty());
}

#[tokio::test]
async fn a_missing_file_and_a_bad_name_do_not_stop_the_rest() {
    let stage = Stage::new();
    let good = stage.write("good", "x");
    let ran = stage.put(&[&stage.path("missing"), &good], "d/", &UploadOptions::default()).await;
    assert_eq!((ran.count(Status::Done), ran.count(Status::Failed)), (1, 1));
    assert!(!ran.failures()[0].contains("os error"), "{:?}", ran.failures());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changes_is_an_error_and_leaves_no_upload() {
    let stage = Stage::new();
    let path = stage.write("big", noise(40 << 20));
    stage.sandbox.fault(Fault::new(Effect::Latency { ms: 600 }).on(Service::S3, "UploadPart"));
    let (sandbox, file) = (stage.sandbox.clone(), path.clone());
    let change = tokio::spawn(async move {
        until("a part was sent", || sandbox.state().requests_of("s3", "UploadPart") > 0).await;
        let file = std::fs::OpenOptions::new().append(true).open(file).unwrap();
        std::io::Write::write_all(&mut &file, b"more").unwrap();
    });
    let ran = stage.put(&[&path], "big", &UploadOptions::default()).await;
    change.await.unwrap();
    assert!(ran.failures()[0].contains("changed while it was uploaded"), "{:?}", ran.failures());
    assert_eq!(stage.stored("big"), None);
    assert!(stage.sandbox.state().open_uploads.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_upload_leaves_nothing_behind() {
    for stop_after in ["CreateMultipartUpload", "UploadPart"] {
        let stage = Stage::new();
        let path = stage.write("big", noise(40 << 20));
        stage.sandbox.fault(Fault::new(Effect::Latency { ms: 400 }).on(Service::S3, stop_after));
        let stop = Stop::default();
        let (sandbox, stopping) = (stage.sandbox.clone(), stop.clone());
        let watch = tokio::spawn(async move {
            until("it was asked for", || sandbox.state().requests_of("s3", stop_after) > 0).await;
            stopping.stop();
        });
        let ran = stage.put_until(vec![Source::Path(path)], "big", &UploadOptions::default(), &stop).await;
        watch.await.unwrap();
        assert_eq!(ran.ended, Err(FolderError::Interrupted));
        let state = stage.sandbox.state();
        assert!(state.open_uploads.is_empty(), "{stop_after}: {:?}", state.open_uploads);
        assert_eq!(state.requests_of("s3", "AbortMultipartUpload"), 1, "{stop_after}");
        assert_eq!(stage.stored("big"), None);
        assert!(stage.folder.unfinished_uploads().is_empty());
    }
}

/// A reader that never says anything.
struct Silent;

impl std::io::Read for Silent {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        std::thread::park();
        Ok(0)
    }
}

#[tokio::test]
async fn waiting_for_standard_input_can_be_interrupted() {
    let stage = Stage::new();
    let stop = Stop::default();
    let stopping = stop.clone();
    tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        stopping.stop();
    });
    let source = vec![Source::Stream(ByteSource::new(Silent, "-"))];
    let ran = stage.put_until(source, "x", &UploadOptions::default(), &stop).await;
    assert_eq!(ran.ended, Err(FolderError::Interrupted));
}
