//! Listings of many keys at the binary's edge: whatever the folders look like, each key once, in order.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use common::{ALICE, PRODUCTION, Stage};
use securecart_sandbox::Options;

/// Keys that a page has here, so that few keys make many pages.
const PAGE: i32 = 10;

fn stage(policy: Option<String>) -> Stage {
    let options =
        Options { auto_approve: Some(ALICE.to_owned()), list_page: PAGE, docs_policy: policy, ..Options::default() };
    let stage = Stage::with(options);
    stage.configure(&[("account_id", &format!("{PRODUCTION:?}")), ("role_name", "\"DocsUser\"")]);
    stage.login();
    stage
}

fn store(stage: &Stage, key: &str) {
    stage
        .sandbox
        .put_object(stage.sandbox.bucket(), &format!("{}{key}", stage.folder()), key.as_bytes().to_vec())
        .unwrap();
}

fn listed(stage: &Stage, args: &[&str]) -> Vec<String> {
    let ran = stage.run(&[&["ls", "-r", "--json"], args].concat());
    assert_eq!(ran.code, 0, "{ran}");
    let own =
        |line: &serde_json::Value| line["key"].as_str().unwrap().strip_prefix(&stage.folder()).unwrap().to_owned();
    ran.json_lines().iter().map(own).collect()
}

/// Trees of many shapes, by name.
fn trees() -> Vec<(&'static str, Vec<String>)> {
    let numbered = |count: usize, of: &dyn Fn(usize) -> String| (0..count).map(of).collect::<Vec<_>>();
    let mut mixed = numbered(90, &|n| format!("{}/{n:03}", n % 7));
    mixed.extend(numbered(40, &|n| format!("{:02}.txt", n * 3)));
    mixed.extend(numbered(30, &|n| format!("3/deep/{}/{n}", n % 4)));
    let beside = [
        "a",
        "a/",
        "a/b",
        "a.",
        "a.txt",
        "a0",
        "a!",
        "a/\u{10ffff}",
        "a\u{10ffff}",
        "b//c",
        "b/",
        "\u{1}/x",
        "ü/y",
        "ü",
    ];
    let mut beside: Vec<String> = beside.iter().map(ToString::to_string).collect();
    beside.extend(numbered(60, &|n| format!("a/{n}")));
    beside.extend(numbered(20, &|n| format!("c{n}/x")));
    let mut lopsided = numbered(150, &|n| format!("big/{}/{n}", n % 9));
    lopsided.extend(numbered(12, &|n| format!("s{n}/one")));
    vec![
        ("one level of objects", numbered(95, &|n| format!("{n:04}"))),
        ("folders of a page each", numbered(120, &|n| format!("{:02}/{n}", n / 10))),
        ("folders of many pages", numbered(150, &|n| format!("{}/{n}", n % 3))),
        ("many folders of two", numbered(130, &|n| format!("{:03}/{}", n / 2, n % 2))),
        ("all in one folder in one folder", numbered(120, &|n| format!("only/one/{}/{n}", n % 11))),
        ("folders among objects", mixed),
        ("keys beside the folders' names", beside),
        ("one large folder among small ones", lopsided),
    ]
}

#[test]
fn every_key_is_listed_once_and_in_order_whatever_the_folders_look_like() {
    let stage = stage(None);
    for (name, mut keys) in trees() {
        let tree = name.replace(' ', "-");
        for key in &keys {
            store(&stage, &format!("{tree}/{key}"));
        }
        keys.sort_unstable();
        let keys: Vec<String> = keys.into_iter().map(|key| format!("{tree}/{key}")).collect();
        assert_eq!(listed(&stage, &[&tree]), keys, "{name}");
    }
    let mut all: Vec<String> = trees()
        .iter()
        .flat_map(|(name, keys)| keys.iter().map(move |key| format!("{}/{key}", name.replace(' ', "-"))))
        .collect();
    all.sort_unstable();
    assert_eq!(listed(&stage, &[]), all);
    let ran =
        stage.run(&["rm", "-r", "--yes", "many-folders-of-two/", "lopsided", "one-large-folder-among-small-ones/"]);
    assert_eq!(ran.code, 1, "{ran}");
    let gone = |key: &String| !key.starts_with("many-folders-of-two/") && !key.starts_with("one-large-folder");
    all.retain(gone);
    assert_eq!(listed(&stage, &[]), all);
}

#[test]
fn folders_are_listed_several_at_once_and_with_few_requests_more() {
    let stage = stage(None);
    for n in 0..400 {
        store(&stage, &format!("{:02}/{n}", n / 10));
    }
    stage.sandbox.reset_counters();
    assert_eq!(listed(&stage, &[]).len(), 400);
    let (calls, asked) = (stage.sandbox.state().calls, stage.calls("s3:ListObjectsV2"));
    assert!(calls.iter().any(|call| call.subject.as_deref() == Some(&format!("{}39/", stage.folder()))), "{calls:?}");
    // 40 pages, 4 of the level, and what was under way when that was known.
    assert!((40..=50).contains(&asked), "{asked}");
}

#[test]
fn a_policy_that_names_one_prefix_alone_is_enough() {
    let usual = include_str!("sandbox/policies/folder.json");
    let one = usual.replace("\"s3:prefix\": \"${aws:userid}/*\"", "\"s3:prefix\": \"${aws:userid}/\"");
    assert_ne!(one, usual);
    let stage = stage(Some(one));
    let mut keys: Vec<String> = (0..200).map(|n| format!("{:02}/{n}", n / 10)).collect();
    for key in &keys {
        store(&stage, key);
    }
    keys.sort_unstable();
    assert_eq!(listed(&stage, &[]), keys);
}
