use securecart::config::FolderTemplate;
use securecart::folder::listing::{Depth, Entry};
use securecart::folder::{Facts, FolderError, FolderPrefix};
use securecart_sandbox::{Effect, Fault, Service};

use crate::stage::{ACCOUNT, BOB, ROLE, Stage};

async fn list(stage: &Stage, path: &str, depth: Depth) -> Vec<String> {
    let mut pages = stage.folder.list(&stage.key(path), depth);
    let mut paths = Vec::new();
    while let Some(page) = pages.next().await {
        paths.extend(page.unwrap().iter().map(|entry| match entry {
            Entry::Object(object) => format!("{} {}", object.key.relative(), object.size),
            Entry::Version(version) => panic!("nobody asked for {version:?}"),
            Entry::Folder(key) => key.relative().to_owned(),
        }));
    }
    paths
}

#[tokio::test]
async fn a_level_shows_objects_and_folders_in_order_and_everything_shows_all() {
    let stage = Stage::new();
    for (path, content) in [("a", "1"), ("b/c", "22"), ("b/d/e", "333"), ("c", ""), ("b", "4")] {
        stage.store(path, content);
    }
    assert_eq!(list(&stage, "", Depth::Level).await, ["a 1", "b 1", "b/", "c 0"]);
    assert_eq!(list(&stage, "b/", Depth::Level).await, ["b/c 2", "b/d/"]);
    assert_eq!(list(&stage, "", Depth::Everything).await, ["a 1", "b 1", "b/c 2", "b/d/e 3", "c 0"]);
}

#[tokio::test]
async fn any_key_survives_the_listing() {
    let stage = Stage::new();
    let keys = [
        "//x",
        "../up",
        "a b+c",
        "a/../b",
        "a\u{1}b\nc\rd",
        "back\\slash",
        "per%20cent",
        "q?#&<>\"'",
        "tail/",
        "ü日本",
    ];
    for key in keys {
        stage.store(key, "x");
    }
    let mut expected: Vec<String> = keys.iter().map(|key| format!("{key} 1")).collect();
    expected.sort();
    assert_eq!(list(&stage, "", Depth::Everything).await, expected);
    for key in keys {
        assert!(stage.folder.find(&stage.key(key)).await.unwrap().is_some(), "{key:?}");
    }
}

#[tokio::test]
async fn several_pages_come_one_after_the_other() {
    let stage = Stage::new();
    stage.sandbox.generate_objects(stage.sandbox.bucket(), &format!("{}many/", stage.own), 2500, 1).unwrap();
    let mut pages = stage.folder.list(&stage.key("many/"), Depth::Everything);
    let mut sizes = Vec::new();
    while let Some(page) = pages.next().await {
        sizes.push(page.unwrap().len());
    }
    assert_eq!(sizes, [1000, 1000, 500]);
}

#[tokio::test]
async fn finding_is_exact() {
    let stage = Stage::new();
    stage.store("report-1", "x");
    stage.store("report/x", "x");
    assert_eq!(stage.folder.find(&stage.key("report")).await, Ok(None));
    stage.store("report", "xyz");
    assert_eq!(stage.folder.find(&stage.key("report")).await.unwrap().unwrap().size, 3);
}

#[tokio::test]
async fn only_lists_of_the_own_prefix_with_its_slash_are_sent() {
    let stage = Stage::new();
    stage.store("a", "1");
    list(&stage, "", Depth::Level).await;
    list(&stage, "", Depth::Everything).await;
    stage.folder.find(&stage.key("a")).await.unwrap();
    let state = stage.sandbox.state();
    let calls: Vec<_> = state.calls.iter().filter(|call| call.service == "s3").collect();
    assert!(!calls.is_empty());
    for call in calls {
        assert_eq!(call.operation, "ListObjectsV2");
        assert!(call.subject.as_deref().is_some_and(|prefix| prefix.starts_with(&stage.own)), "{call:?}");
        assert_eq!(call.status, 200);
    }
}

#[tokio::test]
async fn another_persons_folder_would_be_denied_by_aws_too() {
    let stage = Stage::with(|settings| {
        let user_id = settings.prefix.as_str().trim_end_matches('/').replace("alice@example.com", BOB);
        let bob = Facts { user_id, ..Facts::default() };
        settings.prefix = FolderPrefix::resolve(&FolderTemplate::default(), &bob).unwrap();
    });
    assert_ne!(stage.own, format!("{}/", stage.sandbox.user_id(crate::stage::ALICE, ACCOUNT, ROLE)));
    let mut pages = stage.folder.list(&stage.key(""), Depth::Level);
    assert!(matches!(pages.next().await, Some(Err(FolderError::Denied { .. }))));
}

#[tokio::test]
async fn a_listing_ends_with_the_error_of_any_of_its_lists() {
    let stage = Stage::new();
    for folder in ["a", "b", "c", "d", "e", "f"] {
        let prefix = format!("{}{folder}/", stage.own);
        stage.sandbox.generate_objects(stage.sandbox.bucket(), &prefix, 2500, 1).unwrap();
    }
    let invalid = Effect::Status { status: 400, code: "InvalidRequest".into() };
    stage.sandbox.fault(Fault::new(invalid).on(Service::S3, "ListObjectsV2").after(8));
    let mut pages = stage.folder.list(&stage.key(""), Depth::Everything);
    let error = loop {
        match pages.next().await.unwrap() {
            Ok(page) => assert!(!page.is_empty()),
            Err(error) => break error,
        }
    };
    assert!(matches!(&error, FolderError::Service { code, .. } if code == "InvalidRequest"), "{error}");
    stage.sandbox.clear_faults();
    assert!(pages.next().await.is_none());
}
