use securecart::folder::FolderError;
use securecart::folder::outcome::Status;
use securecart::folder::removal::{self, Count, RemovalOptions};
use securecart_sandbox::{Effect, Fault, Service};

use crate::stage::Stage;

fn tree() -> RemovalOptions {
    RemovalOptions { recursive: true, ..RemovalOptions::default() }
}

#[tokio::test]
async fn a_name_stands_for_itself_and_with_recursive_for_what_is_below() {
    let stage = Stage::new();
    for path in ["a", "a/b", "a/c/d", "a-2", "b"] {
        stage.store(path, "x");
    }
    stage.rm(&["a"], &RemovalOptions::default()).await.all_done(1);
    assert_eq!(stage.paths(), ["a-2", "a/b", "a/c/d", "b"]);
    stage.store("a", "x");
    stage.rm(&["a"], &tree()).await.all_done(3);
    assert_eq!(stage.paths(), ["a-2", "b"]);
    let ran = stage.rm(&["a"], &tree()).await;
    assert_eq!(ran.failures(), ["`a` is not in your folder"]);
    let ran = stage.rm(&[""], &RemovalOptions::default()).await;
    assert!(matches!(ran.ended, Err(FolderError::Usage { .. })));
    stage.rm(&[""], &tree()).await.all_done(2);
    assert!(stage.paths().is_empty());
}

#[tokio::test]
async fn a_name_that_is_no_object_is_told() {
    let stage = Stage::new();
    for path in ["d/a", "b"] {
        stage.store(path, "123");
    }
    for dry_run in [true, false] {
        let options = RemovalOptions { dry_run, ..RemovalOptions::default() };
        let ran = stage.rm(&["d", "missing", "b", "d/"], &options).await;
        assert_eq!(ran.failures(), ["`d/` is a folder", "`d` is a folder", "`missing` is not in your folder"]);
        let gone = ran.outcomes.iter().find(|outcome| outcome.path == "b").unwrap();
        assert_eq!((gone.error.as_ref(), gone.bytes), (None, 3));
    }
    assert_eq!(stage.paths(), ["d/a"]);
    // Who may not look may still remove.
    stage.sandbox.fault(
        Fault::new(Effect::Status { status: 403, code: "AccessDenied".into() }).on(Service::S3, "ListObjectsV2"),
    );
    stage.rm(&["d/a"], &RemovalOptions::default()).await.all_done(1);
    assert!(stage.paths().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_go_in_one_request_and_other_people_keep_theirs() {
    let stage = Stage::new();
    let bucket = stage.sandbox.bucket();
    stage.sandbox.generate_objects(bucket, &format!("{}many/", stage.own), 2300, 1).unwrap();
    stage.sandbox.put_object(bucket, "AROAOTHER:bob/many/000000", "bob's").unwrap();
    stage.sandbox.reset_counters();
    let count = removal::count(&stage.folder, &[stage.key("many")], 10_000).await.unwrap();
    assert_eq!(count, Count { objects: 2300, bytes: 2300, more: false });
    assert!(removal::count(&stage.folder, &[stage.key("many")], 100).await.unwrap().more);
    stage.rm(&["many"], &tree()).await.all_done(2300);
    assert_eq!(stage.sandbox.state().requests_of("s3", "DeleteObjects"), 3);
    assert!(stage.paths().is_empty());
    assert_eq!(stage.sandbox.keys(bucket).len(), 1);
}

#[tokio::test]
async fn keys_of_any_kind_can_be_removed_together() {
    let stage = Stage::new();
    for key in
        ["//x", "../up", "a b+c", "a\u{1}b\nc\rd", "q?#&<>\"'", "tail/", "per%20cent", "ü日本", " lead", "trail "]
    {
        stage.store(key, "x");
    }
    stage.rm(&[""], &tree()).await.all_done(10);
    assert!(stage.paths().is_empty(), "{:?}", stage.paths());
}

#[tokio::test]
async fn a_dry_run_removes_nothing() {
    let stage = Stage::new();
    stage.store("a/b", "x");
    let dry = RemovalOptions { dry_run: true, ..tree() };
    let ran = stage.rm(&["a"], &dry).await;
    assert_eq!(ran.count(Status::Planned), 1);
    assert_eq!(stage.paths(), ["a/b"]);
}

#[tokio::test]
async fn a_failed_batch_is_told_for_each_of_its_keys() {
    let stage = Stage::new();
    for path in ["a/1", "a/2", "a/3"] {
        stage.store(path, "x");
    }
    let refuse = Effect::Status { status: 405, code: "MethodNotAllowed".into() };
    stage.sandbox.fault(Fault::new(refuse).on(Service::S3, "DeleteObjects").times(1));
    let ran = stage.rm(&["a"], &tree()).await;
    assert_eq!(ran.count(Status::Failed), 3);
    assert_eq!(stage.paths().len(), 3);
}

#[tokio::test]
async fn where_batches_are_refused_keys_are_removed_one_by_one() {
    let stage = Stage::new();
    for path in ["a/1", "a/2", "a/3"] {
        stage.store(path, "x");
    }
    let refuse = Effect::Status { status: 403, code: "AccessDenied".into() };
    stage.sandbox.fault(Fault::new(refuse.clone()).on(Service::S3, "DeleteObjects"));
    stage.sandbox.fault(Fault::new(refuse).on(Service::S3, "DeleteObject").about("a/2"));
    let ran = stage.rm(&["a"], &tree()).await;
    assert_eq!((ran.count(Status::Done), ran.count(Status::Failed)), (2, 1));
    assert_eq!(stage.paths(), ["a/2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_batches_are_refused_one_refusal_is_enough_for_the_run() {
    let stage = Stage::new();
    stage.sandbox.generate_objects(stage.sandbox.bucket(), &format!("{}many/", stage.own), 7300, 1).unwrap();
    let refused = Effect::Status { status: 403, code: "AccessDenied".into() };
    stage.sandbox.fault(Fault::new(refused).on(Service::S3, "DeleteObjects"));
    stage.rm(&["many"], &tree()).await.all_done(7300);
    assert!(stage.paths().is_empty());
    let state = stage.sandbox.state();
    assert_eq!(state.requests_of("s3", "DeleteObject"), 7300);
    // Those that were under way when the first was refused, and no more.
    assert!((1..=6).contains(&state.requests_of("s3", "DeleteObjects")), "{:?}", state.requests);
}
