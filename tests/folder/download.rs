use std::sync::{Arc, Mutex};

use aws_sdk_s3::types::ChecksumAlgorithm;
use securecart::error::{Error, Kind};
use securecart::folder::download::{DownloadOptions, Target, download};
use securecart::folder::outcome::Status;
use securecart::folder::progress::Progress;
use securecart::folder::stop::Stop;
use securecart::folder::upload::UploadOptions;
use securecart::folder::{FolderError, TransferOptions};
use securecart_sandbox::{Effect, Fault, Service};

use crate::stage::{Stage, noise};

fn tree() -> DownloadOptions {
    DownloadOptions::from(TransferOptions { recursive: true, ..TransferOptions::default() })
}

#[tokio::test]
async fn a_file_goes_where_cp_would_put_it() {
    let stage = Stage::new();
    stage.store("2026/report.txt", "hello");
    stage.store("b", "b");
    let plain = DownloadOptions::default();
    stage.get(&["2026/report.txt"], &stage.path("r.txt"), &plain).await.all_done(1);
    stage.get(&["2026/report.txt"], &stage.path(""), &plain).await.all_done(1);
    stage.get(&["2026/report.txt", "b"], &stage.path("new/dir/"), &plain).await.all_done(2);
    assert_eq!(stage.files(), ["new/dir/b", "new/dir/report.txt", "r.txt", "report.txt"]);
    assert_eq!(stage.read("r.txt").unwrap(), b"hello");
    let ran = stage.get(&["2026/report.txt", "b"], &stage.path("nowhere"), &plain).await;
    assert!(matches!(ran.ended, Err(FolderError::Usage { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn large_objects_arrive_whole_by_ranges() {
    let stage = Stage::new();
    for len in [0, 1, (1 << 20) - 1, (1 << 20) + 1, 16 << 20, (16 << 20) + 1, (40 << 20) + 12_345] {
        let content = noise(len);
        stage.store("big", content.clone());
        stage.sandbox.reset_counters();
        let ran = stage.get(&["big"], &stage.path("big"), &DownloadOptions::default()).await;
        ran.all_done(1);
        assert_eq!(ran.moved, len as u64);
        assert!(stage.read("big").unwrap() == content, "{len} bytes");
        let requests = stage.sandbox.state().requests_of("s3", "GetObject");
        // Where the machine is busy, one connection may bring several ranges.
        let expected = if len > 16 << 20 { 2..=len.div_ceil(8 << 20) as u64 } else { 1..=1 };
        assert!(expected.contains(&requests), "{requests} for {len} bytes");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_object_of_a_tree_is_asked_for_range_by_range() {
    let stage = Stage::new();
    let content = noise((40 << 20) + 12_345);
    stage.store("docs/big", content.clone());
    stage.store("docs/small", noise(16 << 20));
    let alone = DownloadOptions::from(TransferOptions { jobs: Some(1), ..tree().transfer });
    for (options, forbidden, requests) in [
        (&tree(), false, (1, 7)),
        (&alone, false, (1, 7)),
        // Whoever may not ask about it gets it whole.
        (&alone, true, (1, 2)),
    ] {
        stage.sandbox.reset_counters();
        if forbidden {
            let denied = Effect::Status { status: 403, code: "AccessDenied".into() };
            stage.sandbox.fault(Fault::new(denied).on(Service::S3, "HeadObject"));
        }
        stage.get(&["docs/"], &stage.path("docs"), options).await.all_done(2);
        assert!(stage.read("docs/big").unwrap() == content);
        let state = stage.sandbox.state();
        assert_eq!((state.requests_of("s3", "HeadObject"), state.requests_of("s3", "GetObject")), requests);
    }
}

#[tokio::test]
async fn a_tree_keeps_its_shape() {
    let stage = Stage::new();
    for path in ["docs/a", "docs/b/c", "docs/b/", "docs/", "docs", "docs-2/x", "other"] {
        let content = if path.ends_with('/') { "" } else { path };
        stage.store(path, content);
    }
    stage.get(&["docs/"], &stage.path("in"), &tree()).await.all_done(2);
    assert_eq!(stage.files(), ["in/a", "in/b/c"]);
    let ran = stage.get(&["docs-2", "other"], &stage.path("with"), &tree()).await;
    ran.all_done(2);
    assert_eq!(stage.files(), ["in/a", "in/b/c", "with/docs-2/x", "with/other"]);
    // An object and a folder of one name can't both be here: the second is refused, nothing is overwritten.
    let ran = stage.get(&["docs"], &stage.path("both"), &tree()).await;
    assert_eq!((ran.count(Status::Done), ran.count(Status::Failed)), (1, 4), "{:?}", ran.outcomes);
    assert_eq!(stage.read("both/docs").unwrap(), b"docs");
}

#[tokio::test]
async fn the_whole_folder_can_be_fetched() {
    let stage = Stage::new();
    stage.store("a", "1");
    stage.store("b/c", "2");
    stage.get(&[""], &stage.path("all"), &tree()).await.all_done(2);
    assert_eq!(stage.files(), ["all/a", "all/b/c"]);
    let ran = stage.get(&["missing"], &stage.path("all"), &tree()).await;
    assert_eq!(ran.failures(), ["`missing` is not in your folder"]);
    for dry_run in [false, true] {
        let one = DownloadOptions::from(TransferOptions { dry_run, ..TransferOptions::default() });
        let ran = stage.get(&["b", "b/", "missing"], &stage.path("some/"), &one).await;
        assert_eq!(ran.failures(), ["`b/` is a folder", "`b` is a folder", "`missing` is not in your folder"]);
    }
}

#[tokio::test]
async fn hostile_keys_write_nothing_outside_and_do_not_stop_the_rest() {
    let stage = Stage::new();
    let up = "../".repeat(12);
    let mut hostile: Vec<String> = [
        "../evil",
        "../../evil",
        "/evil",
        "//evil",
        "/etc/evil",
        "a/../../evil",
        "a/../evil",
        "./evil",
        "a/./evil",
        "..",
        ".",
        "a//evil",
        "a/..",
        "../out/evil",
    ]
    .map(str::to_owned)
    .to_vec();
    hostile.push(format!("{up}tmp/securecart-evil"));
    for depth in 1..150 {
        hostile.push(format!("{}evil{depth}", "../".repeat(depth)));
        hostile.push(format!("d{depth}/{}evil", "../".repeat(depth + 1)));
    }
    for key in &hostile {
        stage.store(key, "evil");
    }
    for good in ["good", "a/good", "file..txt", "...", "..hidden/x", "back\\..\\slash"] {
        stage.store(good, "good");
    }
    let ran = stage.get(&[""], &stage.path("out"), &tree()).await;
    assert_eq!(ran.count(Status::Failed), hostile.len());
    assert_eq!(ran.count(Status::Done), 6);
    assert_eq!(
        stage.files(),
        ["out/...", "out/..hidden/x", "out/a/good", "out/back\\..\\slash", "out/file..txt", "out/good"]
    );
    assert!(!std::path::Path::new("/tmp/securecart-evil").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn links_in_the_destination_are_not_followed() {
    let stage = Stage::new();
    stage.store("dir/file", "new");
    stage.store("ok", "ok");
    stage.write("outside/file", "old");
    stage.write("out/x", "");
    std::os::unix::fs::symlink(stage.path("outside"), stage.path("out/dir")).unwrap();
    // Nor those that stay inside: another object's directory is no place for this one.
    stage.store("sideways/file", "new");
    stage.write("out/inner/file", "old");
    std::os::unix::fs::symlink("inner", stage.path("out/sideways")).unwrap();
    let ran = stage.get(&[""], &stage.path("out"), &tree()).await;
    assert_eq!((ran.count(Status::Done), ran.count(Status::Failed)), (1, 2));
    assert!(ran.failures().iter().all(|failure| failure.contains("symbolic link")), "{:?}", ran.failures());
    assert_eq!(stage.read("outside/file").unwrap(), b"old");
    assert_eq!(stage.read("out/inner/file").unwrap(), b"old");
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_that_has_a_files_place_is_replaced_and_not_written_through() {
    let stage = Stage::new();
    let content = noise(3 << 20);
    stage.store("small", "new");
    stage.store("large", content.clone());
    stage.write("outside", "old");
    stage.write("out/other", "old");
    std::os::unix::fs::symlink("../outside", stage.path("out/small")).unwrap();
    std::os::unix::fs::symlink("other", stage.path("out/large")).unwrap();
    stage.get(&["small", "large"], &stage.path("out/"), &DownloadOptions::default()).await.all_done(2);
    assert_eq!((stage.read("outside").unwrap(), stage.read("out/other").unwrap()), (b"old".to_vec(), b"old".to_vec()));
    for (name, new) in [("small", b"new".to_vec()), ("large", content)] {
        assert!(!std::path::Path::new(&stage.path("out")).join(name).is_symlink());
        assert!(stage.read(&format!("out/{name}")).unwrap() == new);
    }
}

#[tokio::test]
async fn the_second_object_with_one_local_name_is_an_error() {
    let stage = Stage::new();
    stage.store("a/x", "first");
    stage.store("b/x", "second");
    let ran = stage.get(&["a/x", "b/x"], &stage.path("out/"), &DownloadOptions::default()).await;
    assert_eq!((ran.count(Status::Done), ran.count(Status::Failed)), (1, 1));
    assert_eq!(stage.read("out/x").unwrap(), b"first");
}

#[tokio::test]
async fn no_clobber_leaves_files_alone() {
    let stage = Stage::new();
    stage.store("a", "new");
    stage.store("b", "new");
    stage.write("a", "old");
    let keep = DownloadOptions::from(TransferOptions { no_clobber: true, ..TransferOptions::default() });
    let ran = stage.get(&["a", "b"], &stage.path(""), &keep).await;
    assert_eq!((ran.count(Status::Done), ran.count(Status::Skipped)), (1, 1));
    assert_eq!(stage.read("a").unwrap(), b"old");
    assert_eq!(stage.read("b").unwrap(), b"new");
    assert_eq!(stage.sandbox.state().requests_of("s3", "GetObject"), 1);
}

#[tokio::test]
async fn a_dry_run_writes_and_fetches_nothing() {
    let stage = Stage::new();
    stage.store("d/a", "12345");
    stage.store("../up", "x");
    let dry = DownloadOptions::from(TransferOptions { dry_run: true, ..tree().transfer });
    let ran = stage.get(&[""], &stage.path("out"), &dry).await;
    assert_eq!((ran.count(Status::Planned), ran.count(Status::Failed)), (1, 1));
    assert_eq!(ran.outcomes.iter().map(|outcome| outcome.bytes).sum::<u64>(), 5);
    let dry = DownloadOptions::from(TransferOptions { dry_run: true, ..TransferOptions::default() });
    let ran = stage.get(&["d/a", "missing"], &stage.path("out/"), &dry).await;
    assert_eq!((ran.count(Status::Planned), ran.count(Status::Failed)), (1, 1));
    assert!(stage.files().is_empty());
    assert_eq!(stage.sandbox.state().requests_of("s3", "GetObject"), 0);
}

#[tokio::test]
async fn a_missing_object_is_told_as_missing() {
    let stage = Stage::new();
    let ran = stage.get(&["missing"], &stage.path("x"), &DownloadOptions::default()).await;
    assert_eq!(ran.failures(), ["`missing` is not in your folder"]);
    assert!(stage.files().is_empty());
}

#[cfg(unix)]
#[tokio::test]
async fn devices_and_directories_are_not_replaced() {
    let stage = Stage::new();
    stage.store("a", "x");
    let ran = stage.get(&["a"], "/dev/null", &DownloadOptions::default()).await;
    assert!(ran.failures()[0].contains("device"), "{:?}", ran.failures());
    stage.write("a/inside", "kept");
    let ran = stage.get(&["a"], &stage.path(""), &DownloadOptions::default()).await;
    assert!(ran.failures()[0].contains("directory"), "{:?}", ran.failures());
    assert_eq!(stage.files(), ["a/inside"]);
}

async fn to_stream(stage: &Stage, paths: &[&str], limit: usize) -> (Vec<u8>, Result<(), FolderError>) {
    let written = Arc::new(Mutex::new(Vec::new()));
    let sink = written.clone();
    let target = Target::Stream(Arc::new(move |bytes| {
        let mut sink = sink.lock().unwrap();
        if sink.len() + bytes.len() > limit {
            return Err(Error::new(Kind::OutputClosed, "closed"));
        }
        sink.extend_from_slice(bytes);
        Ok(())
    }));
    let sources = paths.iter().map(|path| stage.key(path)).collect();
    let options = DownloadOptions::default();
    let (stop, progress) = (Stop::default(), Arc::new(Progress::default()));
    let ended = download(&stage.folder, sources, target, &options, &stop, &progress, |_| {}).await;
    let written = written.lock().unwrap().clone();
    (written, ended)
}

#[tokio::test]
async fn objects_can_be_streamed_one_after_the_other() {
    let stage = Stage::new();
    let big = noise(20 << 20);
    stage.store("a", "first ");
    stage.store("b", big.clone());
    let (written, ended) = to_stream(&stage, &["a", "b"], usize::MAX).await;
    assert_eq!(ended, Ok(()));
    assert!(written == [b"first ".to_vec(), big].concat());
    let (_, ended) = to_stream(&stage, &["b"], 1 << 20).await;
    assert!(matches!(ended, Err(FolderError::Output(error)) if error.kind == Kind::OutputClosed));
}

#[tokio::test]
async fn what_was_uploaded_with_a_checksum_is_compared_with_it() {
    let stage = Stage::new();
    let content = noise(17 << 20);
    let path = stage.write("big", &content);
    stage.put(&[&path], "big", &UploadOptions::default()).await.all_done(1);
    stage.get(&["big"], &stage.path("back"), &DownloadOptions::default()).await.all_done(1);
    assert!(stage.read("back").unwrap() == content);
}

#[tokio::test]
async fn checksums_of_any_kind_are_compared_with_what_arrives() {
    let stage = Stage::new();
    let content = noise((11 << 20) + 17);
    for algorithm in
        [ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Crc32C, ChecksumAlgorithm::Sha1, ChecksumAlgorithm::Sha256]
    {
        stage.store_in_parts("parts", &content, 5 << 20, &algorithm, &[]).await;
        // As a whole, in ranges, and in ranges that a listing's size leads to.
        let in_ranges = TransferOptions { part_size: "5M".parse().ok(), ..TransferOptions::default() };
        for options in [TransferOptions::default(), in_ranges.clone(), TransferOptions { recursive: true, ..in_ranges }]
        {
            let options = DownloadOptions::from(options);
            stage.get(&["parts"], &stage.path(""), &options).await.all_done(1);
            assert!(stage.read("parts").unwrap() == content, "{algorithm}");
            let corrupt = Effect::Corrupt { at: 3 << 20 };
            // Every answer, because the shortest range may be asked for first.
            stage.sandbox.fault(Fault::new(corrupt).on(Service::S3, "GetObject"));
            let ran = stage.get(&["parts"], &stage.path(""), &options).await;
            assert!(ran.failures()[0].contains("arrived damaged"), "{algorithm}: {:?}", ran.failures());
            stage.sandbox.clear_faults();
        }
    }
}
