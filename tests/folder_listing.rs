//! Listings of many keys at the binary's edge: whatever the folders look like, each key once, in order.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use common::{ALICE, PRODUCTION, Stage};
use securecart_sandbox::{Effect, Fault, Options, Service};

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
    let mut between = numbered(288, &|n| format!("{:02}/{n}", n / 12));
    between.extend(numbered(12, &|n| format!("{:02}.txt", 2 * n)));
    let mut before = numbered(240, &|n| format!("a{:02}/{n}", n / 12));
    before.extend(numbered(60, &|n| format!("b{n}")));
    vec![
        ("one level of objects", numbered(95, &|n| format!("{n:04}"))),
        ("folders of a page each", numbered(120, &|n| format!("{:02}/{n}", n / 10))),
        ("folders of many pages", numbered(150, &|n| format!("{}/{n}", n % 3))),
        ("many folders of two", numbered(130, &|n| format!("{:03}/{}", n / 2, n % 2))),
        ("all in one folder in one folder", numbered(120, &|n| format!("only/one/{}/{n}", n % 11))),
        ("folders among objects", mixed),
        ("keys beside the folders' names", beside),
        ("one large folder among small ones", lopsided),
        ("single objects between folders of a page each", between),
        ("folders of a page each and then objects", before),
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
fn small_folders_are_listed_together_and_objects_of_one_level_by_one() {
    let stage = stage(None);
    for n in 0..400 {
        store(&stage, &format!("small/{:03}/{n}", n / 2));
        store(&stage, &format!("flat/{n}"));
    }
    // Small ones: of each 10 folders two pages and the one that ends them, and 20 pages of the level. Flat: 40
    // pages, and what was asked of the level until that was known to be useless.
    for (tree, most) in [("small", 110), ("flat", 50)] {
        stage.sandbox.reset_counters();
        assert_eq!(listed(&stage, &[&format!("{tree}/")]).len(), 400);
        let asked = stage.calls("s3:ListObjectsV2");
        assert!((40..=most).contains(&asked), "{tree}: {asked}");
    }
}

fn policy_of_one_prefix() -> String {
    let usual = include_str!("sandbox/policies/folder.json");
    let one = usual.replace("\"s3:prefix\": \"${aws:userid}/*\"", "\"s3:prefix\": \"${aws:userid}/\"");
    assert_ne!(one, usual);
    one
}

#[test]
fn a_policy_that_names_one_prefix_alone_is_enough() {
    let stage = stage(Some(policy_of_one_prefix()));
    let mut keys: Vec<String> = (0..200).map(|n| format!("{:02}/{n}", n / 10)).collect();
    // What is right before a folder's keys, and the first of them.
    keys.extend((0..20).flat_map(|n| [format!("{n:02}.\u{10ffff}x"), format!("{n:02}/")]));
    for key in &keys {
        store(&stage, key);
    }
    keys.sort_unstable();
    assert_eq!(listed(&stage, &[]), keys);
}

/// Every list from one on is refused, or that one alone.
fn refuse_from(stage: &Stage, list: usize, only_that: bool) {
    let invalid = Fault::new(Effect::Status { status: 400, code: "InvalidRequest".into() });
    let fault = invalid.on(Service::S3, "ListObjectsV2").after(u32::try_from(list).unwrap());
    stage.sandbox.clear_faults();
    stage.sandbox.fault(if only_that { fault.times(1) } else { fault });
}

#[test]
fn a_list_that_fails_anywhere_is_an_error_and_never_a_shorter_listing() {
    let stage = stage(None);
    for (tree, of) in [("large", 12), ("small", 2), ("huge", 60)] {
        let count = 240;
        let mut keys: Vec<String> = (0..count).map(|n| format!("{tree}/{:03}/{n}", n / of)).collect();
        keys.iter().for_each(|key| store(&stage, key));
        keys.sort_unstable();
        for list in (0..count / 10).step_by(4) {
            for only_that in [true, false] {
                refuse_from(&stage, list, only_that);
                let ran = stage.run(&["ls", "-r", "--json", &format!("{tree}/")]);
                let told: Vec<String> =
                    ran.json_lines().iter().map(|line| line["path"].as_str().unwrap().to_owned()).collect();
                let context = format!("{tree}, list {list}: {ran}");
                if only_that && ran.code == 0 {
                    // What failed was only to help.
                    assert!(told == keys, "{context}");
                } else {
                    assert!(ran.code == 1 && ran.stderr.contains("InvalidRequest"), "{context}");
                    assert!(keys.starts_with(&told) && (only_that || told != keys), "{context}");
                }
            }
        }
        stage.sandbox.clear_faults();
    }
}

#[test]
fn a_folder_that_cannot_be_listed_ends_every_command_with_its_error() {
    let stage = stage(None);
    for n in 0..480 {
        store(&stage, &format!("{:02}/{n:03}", n / 12));
    }
    std::fs::create_dir(stage.path("out")).unwrap();
    std::fs::write(stage.path("out/own"), "x").unwrap();
    let failing = Fault::new(Effect::Status { status: 400, code: "InvalidRequest".into() });
    // Its second page, and its first.
    for after in [1, 0] {
        stage.sandbox.clear_faults();
        stage.sandbox.fault(failing.clone().on(Service::S3, "ListObjectsV2").about("/30/").after(after));
        let ran = stage.run(&["ls", "-r"]);
        let before = 30 * 12 + 10 * usize::try_from(after).unwrap();
        assert_eq!((ran.code, ran.stdout.lines().count()), (1, before), "{ran}");
        stage.sandbox.clear_faults();
        stage.sandbox.fault(failing.clone().on(Service::S3, "ListObjectsV2").about("/30/").after(after));
        let ran = stage.run(&["get", "-r", "--delete", "--yes", "./", "out/"]);
        assert!(ran.code == 1 && stage.path("out/own").exists(), "{ran}");
    }
    // What a folder's own prefix is denied is listed as part of the whole.
    stage.sandbox.clear_faults();
    let denied = Fault::new(Effect::Status { status: 403, code: "AccessDenied".into() });
    stage.sandbox.fault(denied.on(Service::S3, "ListObjectsV2").about("/30/"));
    assert_eq!(listed(&stage, &[]).len(), 480);
}
