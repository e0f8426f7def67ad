//! Which files of trees take part, and what a one-way sync removes.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use securecart::folder::download::{DownloadOptions, Mirror as LocalMirror};
use securecart::folder::filter::Filter;
use securecart::folder::outcome::Status;
use securecart::folder::stop::Stop;
use securecart::folder::upload::{Mirror, UploadOptions};
use securecart::folder::{FolderError, TransferOptions};
use securecart_sandbox::{Effect, Fault, Service};

use crate::stage::Stage;

fn filter(include: &[&str], exclude: &[&str]) -> Filter {
    let patterns = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<_>>();
    Filter::new(&patterns(include), &patterns(exclude), None).unwrap()
}

fn up(filter: &Filter, mirror: &Arc<Mirror>) -> UploadOptions {
    UploadOptions {
        transfer: TransferOptions { recursive: true, filter: filter.clone(), ..TransferOptions::default() },
        mirror: Some(mirror.clone()),
        ..UploadOptions::default()
    }
}

fn down(filter: &Filter, mirror: &Arc<LocalMirror>) -> DownloadOptions {
    DownloadOptions {
        transfer: TransferOptions { recursive: true, filter: filter.clone(), ..TransferOptions::default() },
        mirror: Some(mirror.clone()),
        ..DownloadOptions::default()
    }
}

async fn surplus(stage: &Stage, mirror: &Mirror, filter: &Filter) -> Vec<String> {
    let found = mirror.surplus(&stage.folder, filter).await.unwrap();
    found.iter().map(|object| object.key.relative().to_owned()).collect()
}

#[tokio::test]
async fn filters_choose_the_files_of_a_tree_both_ways() {
    let stage = Stage::new();
    for name in ["d/a.rs", "d/b.txt", "d/target/c.rs", "d/sub/e.rs", "d/sub/f.txt"] {
        stage.write(name, "x");
    }
    let chosen = filter(&["*.rs"], &["target/", "/sub/f*"]);
    stage.put(&[&stage.path("d")], "", &up(&chosen, &Arc::default())).await.all_done(2);
    assert_eq!(stage.paths(), ["d/a.rs", "d/sub/e.rs"]);
    stage.store("d/target/c.rs", "x");
    stage.store("d/b.txt", "x");
    stage.get(&["d"], &stage.path("out"), &down(&chosen, &Arc::default())).await.all_done(2);
    stage.get(&["d/"], &stage.path("flat"), &down(&filter(&[], &["/sub"]), &Arc::default())).await.all_done(3);
    let files = stage.files();
    let below = |top: &str| files.iter().filter(|file| file.starts_with(top)).cloned().collect::<Vec<_>>();
    assert_eq!(below("out/"), ["out/d/a.rs", "out/d/sub/e.rs"]);
    assert_eq!(below("flat/"), ["flat/a.rs", "flat/b.txt", "flat/target/c.rs"]);
}

#[cfg(unix)]
#[tokio::test]
async fn an_excluded_directory_is_not_even_opened() {
    let stage = Stage::new();
    stage.write("d/a", "x");
    stage.write("d/closed/b", "x");
    let closed = stage.path("d/closed");
    let mode = |mode| std::os::unix::fs::PermissionsExt::from_mode(mode);
    std::fs::set_permissions(&closed, mode(0o000)).unwrap();
    let ran = stage.put(&[&stage.path("d")], "", &up(&filter(&[], &["closed"]), &Arc::default())).await;
    std::fs::set_permissions(&closed, mode(0o755)).unwrap();
    ran.all_done(1);
}

#[tokio::test]
async fn newer_looks_at_the_file_on_the_way_up_and_at_the_object_on_the_way_down() {
    let stage = Stage::new();
    let old = stage.write("d/old", "x");
    stage.write("d/new", "x");
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    std::fs::File::options().write(true).open(old).unwrap().set_modified(long_ago).unwrap();
    let since = |text: &str| Filter::new(&[], &[], Some(text.parse().unwrap())).unwrap();
    let (past, future) = (since("2020-01-01T00:00:00Z"), since("9000-01-01T00:00:00Z"));
    let mirror = Arc::default();
    stage.store("d/old", "stored before");
    stage.put(&[&stage.path("d")], "", &up(&past, &mirror)).await.all_done(1);
    assert!(surplus(&stage, &mirror, &past).await.is_empty(), "what is too old is still there");
    stage.get(&["d"], &stage.path("out"), &down(&future, &Arc::default())).await.all_done(0);
    stage.get(&["d"], &stage.path("out"), &down(&past, &Arc::default())).await.all_done(2);
}

#[tokio::test]
async fn an_upload_knows_what_only_the_folder_has() {
    let stage = Stage::new();
    stage.write("d/a", "x");
    stage.write("d/sub/b", "x");
    #[cfg(unix)]
    std::os::unix::fs::symlink("elsewhere", stage.path("d/link")).unwrap();
    for key in ["d/old", "d/sub/old", "d/keep.log", "d/marker/", "d", "d-2", "e", "other/d/x", "d//", "d/a/x"] {
        stage.store(key, if key.ends_with('/') { "" } else { "x" });
    }
    #[cfg(unix)]
    stage.store("d/link/behind", "x");
    let chosen = filter(&[], &["*.log"]);
    let mirror = Arc::default();
    let ran = stage.put(&[&stage.path("d")], "", &up(&chosen, &mirror)).await;
    assert_eq!((ran.count(Status::Done), ran.count(Status::Failed)), (2, 0));
    assert_eq!(surplus(&stage, &mirror, &chosen).await, ["d/a/x", "d/old", "d/sub/old"]);
}

#[tokio::test]
async fn a_download_that_was_cut_short_is_not_uploaded_and_its_name_is_left_alone() {
    let stage = Stage::new();
    stage.write("d/a", "x");
    stage.write("d/.securecart-0123456789abcdef.part", "half of it");
    for key in ["d/.securecart-0123456789abcdef.part", "d/.securecart-fedcba9876543210.part"] {
        stage.store(key, "of an earlier upload");
    }
    let mirror = Arc::default();
    let ran = stage.put(&[&stage.path("d")], "", &up(&filter(&[], &[]), &mirror)).await;
    assert_eq!((ran.count(Status::Done), ran.count(Status::Skipped), ran.count(Status::Failed)), (1, 1, 0));
    assert_eq!(stage.stored("d/.securecart-0123456789abcdef.part").unwrap(), b"of an earlier upload");
    let surplus = surplus(&stage, &mirror, &filter(&[], &[])).await;
    assert_eq!(surplus, ["d/.securecart-fedcba9876543210.part"]);
}

#[tokio::test]
async fn nothing_is_surplus_unless_everything_went_well() {
    let stage = Stage::new();
    stage.write("d/a", "x");
    stage.store("d/old", "x");
    let refuse = || Fault::new(Effect::Status { status: 403, code: "AccessDenied".into() });
    // A transfer, and a source that isn't there.
    stage.sandbox.fault(refuse().on(Service::S3, "PutObject"));
    for sources in [vec![stage.path("d")], vec![stage.path("missing")]] {
        let mirror = Arc::default();
        let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
        assert_eq!(stage.put(&sources, "", &up(&Filter::default(), &mirror)).await.count(Status::Failed), 1);
        assert_eq!(mirror.surplus(&stage.folder, &Filter::default()).await, Err(FolderError::NotMirrored));
    }
    // A transfer, a listing that ends early, and a folder that isn't there.
    stage.write("out/d/mine", "x");
    stage.store("d/b", "x");
    for (operation, source) in [("GetObject", "d"), ("ListObjectsV2", "d"), ("None", "missing")] {
        stage.sandbox.clear_faults();
        stage.sandbox.fault(refuse().on(Service::S3, operation).times(2));
        let mirror = Arc::default();
        let ran = stage.get(&[source], &stage.path("out"), &down(&Filter::default(), &mirror)).await;
        assert!(ran.count(Status::Failed) > 0);
        assert_eq!(mirror.surplus(&Filter::default(), &Stop::default()).await.unwrap_err(), FolderError::NotMirrored);
    }
    // A listing that fails afterwards.
    stage.sandbox.clear_faults();
    let mirror = Arc::default();
    stage.put(&[&stage.path("d")], "", &up(&Filter::default(), &mirror)).await.all_done(1);
    stage.sandbox.fault(refuse().on(Service::S3, "ListObjectsV2"));
    assert!(matches!(mirror.surplus(&stage.folder, &Filter::default()).await, Err(FolderError::Denied { .. })));
}

#[tokio::test]
async fn a_download_removes_only_files_of_its_own_trees() {
    let stage = Stage::new();
    for key in ["d/a", "d/sub/b", "d/keep.log"] {
        stage.store(key, "x");
    }
    for name in ["out/d/old", "out/d/sub/old", "out/d/gone/deep", "out/d/keep.log", "out/d/own.log", "out/beside"] {
        stage.write(name, "mine");
    }
    stage.write("out/d/.securecart-0123456789abcdef.part", "another download");
    stage.write("outside/file", "mine");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(stage.path("outside"), stage.path("out/d/link")).unwrap();
        std::os::unix::fs::symlink(stage.path("outside/file"), stage.path("out/d/filelink")).unwrap();
    }
    let chosen = filter(&[], &["*.log"]);
    for dry_run in [true, false] {
        let mirror = Arc::default();
        let mut options = down(&chosen, &mirror);
        options.transfer.dry_run = dry_run;
        let ran = stage.get(&["d"], &stage.path("out"), &options).await;
        assert_eq!(ran.count(Status::Failed), 0, "{:?}", ran.outcomes);
        let surplus = mirror.surplus(&chosen, &Stop::default()).await.unwrap().unwrap();
        assert_eq!((surplus.count(), surplus.bytes()), (3, 12));
        let before = stage.files();
        let mut told = Vec::new();
        surplus.remove(dry_run, &Stop::default(), |outcome| told.push(outcome)).await.unwrap();
        let wanted = if dry_run { Status::Planned } else { Status::Done };
        assert!(told.len() == 3 && told.iter().all(|outcome| outcome.status == wanted), "{told:?}");
        let gone: Vec<String> = before.into_iter().filter(|file| !stage.files().contains(file)).collect();
        let expected: &[&str] = if dry_run { &[] } else { &["out/d/gone/deep", "out/d/old", "out/d/sub/old"] };
        assert_eq!(gone, expected);
    }
    assert_eq!(stage.read("outside/file").unwrap(), b"mine");
}

#[tokio::test]
async fn a_file_that_was_typed_beside_a_tree_is_no_surplus() {
    let stage = Stage::new();
    stage.write("site/index", "x");
    let old = stage.write("robots", "x");
    stage.store("www/old", "x");
    let since = Filter::new(&[], &[], Some("9000-01-01T00:00:00Z".parse().unwrap())).unwrap();
    for (chosen, sent) in [(Filter::default(), 2), (since, 0)] {
        let mirror = Arc::default();
        stage.put(&[&stage.path("site/"), &old], "www", &up(&chosen, &mirror)).await.all_done(sent);
        assert_eq!(surplus(&stage, &mirror, &chosen).await, ["www/old"]);
    }
}

#[tokio::test]
async fn what_is_excluded_in_a_tree_within_another_stays() {
    let stage = Stage::new();
    let chosen = filter(&[], &["/cache", "/img/raw"]);
    // `/cache` of the inner tree, `/img/raw` of the outer one.
    for name in ["site/index", "img/logo", "img/cache/x", "img/raw"] {
        stage.write(name, "x");
    }
    for key in ["www/img/cache/x", "www/img/raw", "www/img/old"] {
        stage.store(key, "x");
    }
    for sources in [["site/", "img"], ["img", "site/"]] {
        let (mirror, sources) = (Arc::default(), sources.map(|source| stage.path(source)));
        let ran = stage.put(&[&sources[0], &sources[1]], "www", &up(&chosen, &mirror)).await;
        assert_eq!(ran.count(Status::Failed), 0);
        assert_eq!(surplus(&stage, &mirror, &chosen).await, ["www/img/old"]);
    }
    for key in ["site/index", "img/logo"] {
        stage.store(key, "x");
    }
    for name in ["out/img/cache/x", "out/img/raw", "out/img/old"] {
        stage.write(name, "x");
    }
    for sources in [["site/", "img"], ["img", "site/"]] {
        let mirror = Arc::default();
        let ran = stage.get(&sources, &stage.path("out"), &down(&chosen, &mirror)).await;
        assert_eq!(ran.count(Status::Failed), 0);
        let mut told = Vec::new();
        let only_here = mirror.surplus(&chosen, &Stop::default()).await.unwrap().unwrap();
        only_here.remove(true, &Stop::default(), |outcome| told.push(outcome.local.unwrap())).await.unwrap();
        assert_eq!(told, [stage.path("out/img/old")]);
    }
}

#[tokio::test]
async fn a_run_that_is_stopped_deletes_nothing_here() {
    let stage = Stage::new();
    stage.store("d/a", "x");
    stage.write("out/d/old", "mine");
    let (everything, stop) = (Filter::default(), Stop::default());
    let [first, second] = [Arc::default(), Arc::default()];
    for mirror in [&first, &second] {
        assert_eq!(stage.get(&["d"], &stage.path("out"), &down(&everything, mirror)).await.count(Status::Failed), 0);
    }
    let surplus = first.surplus(&everything, &stop).await.unwrap().unwrap();
    stop.stop();
    let removed = surplus.remove(false, &stop, |outcome| panic!("{outcome:?}")).await;
    assert_eq!(removed, Err(FolderError::Interrupted));
    assert_eq!(second.surplus(&everything, &stop).await.unwrap_err(), FolderError::Interrupted);
    assert_eq!(stage.read("out/d/old").unwrap(), b"mine");
}
