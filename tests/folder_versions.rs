//! `ls --versions` and `get --version-id` at the binary's edge, on a bucket with versioning.
#![cfg(unix)]
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests are tests too")]

mod common;
#[path = "common/downloads.rs"]
mod downloads;

use std::process::{Command, Stdio};

use common::{ALICE, PRODUCTION, Ran, Stage, eventually};
use securecart_sandbox::options::FOLDER_POLICY_WITH_OPTIONS;
use securecart_sandbox::{Effect, Options};
use serde_json::Value;

fn stage(policy: Option<&str>) -> Stage {
    let options = Options {
        auto_approve: Some(ALICE.to_owned()),
        versioning: true,
        docs_policy: policy.map(str::to_owned),
        ..Options::default()
    };
    let stage = Stage::with(options);
    stage.configure(&[("account_id", &format!("{PRODUCTION:?}")), ("role_name", "\"DocsUser\"")]);
    stage.login();
    stage
}

/// With the optional permissions.
fn allowed() -> Stage {
    stage(Some(FOLDER_POLICY_WITH_OPTIONS))
}

fn store(stage: &Stage, path: &str, content: impl Into<Vec<u8>>) {
    stage.sandbox.put_object(stage.sandbox.bucket(), &format!("{}{path}", stage.folder()), content).unwrap();
}

/// The ids of the versions of one path, the newest first, and which of them are delete markers.
fn versions(stage: &Stage, path: &str) -> Vec<(String, bool)> {
    let ran = stage.run(&["ls", "--versions", "--json", "--literal", path]);
    assert_eq!(ran.code, 0, "{ran}");
    let of = |line: &Value| (line["version_id"].as_str().unwrap().to_owned(), line["delete_marker"] == true);
    ran.json_lines().iter().filter(|line| line["path"] == path).map(of).collect()
}

#[test]
fn versions_and_delete_markers_are_listed_the_newest_first() {
    let stage = allowed();
    for content in ["one", "two…"] {
        store(&stage, "2026/a.txt", content);
    }
    assert_eq!(stage.run(&["rm", "2026/a.txt"]).code, 0);
    store(&stage, "2026/a.txt.bak", "x");
    store(&stage, "b", "b");
    assert!(!stage.run(&["ls", "-r"]).stdout.contains("a.txt\n"));

    let ran = stage.run(&["ls", "--versions", "2026/a.txt", "--json"]);
    let lines = ran.json_lines();
    let told: Vec<_> = lines.iter().map(|line| (&line["path"], &line["is_latest"], &line["size"])).collect();
    let path = Value::from("2026/a.txt");
    let (yes, no) = (Value::from(true), Value::from(false));
    assert_eq!(told, [(&path, &yes, &Value::Null), (&path, &no, &6.into()), (&path, &no, &3.into())], "{ran}");
    let marker = &lines[0];
    assert!(marker["delete_marker"] == true && marker["type"] == "version" && marker.get("etag").is_none(), "{ran}");
    assert!(
        lines[1]["modified"].is_string() && lines[1]["etag"].is_string() && lines[1]["storage_class"] == "STANDARD"
    );

    let ran = stage.run(&["ls", "--versions", "2026/"]);
    let rows: Vec<&str> = ran.stdout.lines().collect();
    assert_eq!(rows.len(), 4, "{ran}");
    assert!(rows[0].trim_start().starts_with("-  20") && rows[0].contains("  deleted  "), "{ran}");
    assert!(rows[1].starts_with("       6 B  20") && rows[1].ends_with("  2026/a.txt"), "{ran}");
    let id = lines[1]["version_id"].as_str().unwrap();
    assert!(rows[1].contains(id) && !rows[1].contains("latest") && rows[3].contains("  latest   "), "{ran}");
    assert_eq!(ran.stderr, "3 versions, 1 delete marker, 10 B\n");

    // The top level, and everything below it.
    let ran = stage.run(&["ls", "--versions"]);
    let rows: Vec<&str> = ran.stdout.lines().collect();
    assert!(rows.len() == 2 && rows[0].ends_with("  2026/") && rows[1].ends_with("  b"), "{ran}");
    assert_eq!(ran.stderr, "1 version, 1 folder, 1 B\n");
    assert_eq!(stage.run(&["ls", "--versions", "-r"]).stdout.lines().count(), 5);
    assert_eq!(stage.run(&["ls", "--versions", "missing"]).code, 1);
}

#[test]
fn thousands_of_versions_come_over_several_pages_without_gap_or_repetition() {
    let stage = allowed();
    for number in 0..1500 {
        store(&stage, "often", format!("{number}"));
    }
    let prefix = format!("{}many/", stage.folder());
    stage.sandbox.generate_objects(stage.sandbox.bucket(), &prefix, 1200, 3).unwrap();
    let keys = |ran: &Ran| -> Vec<(String, String)> {
        let text = |line: &Value, name: &str| line[name].as_str().unwrap().to_owned();
        ran.json_lines().iter().map(|line| (text(line, "path"), text(line, "version_id"))).collect()
    };
    stage.sandbox.reset_counters();
    let all = keys(&stage.run(&["ls", "--versions", "-r", "--json"]));
    assert_eq!((all.len(), stage.calls("s3:ListObjectVersions")), (2700, 3));
    assert!(all.is_sorted_by_key(|(path, _)| path.clone()));
    assert_eq!(all.iter().map(|(_, id)| id).collect::<std::collections::HashSet<_>>().len(), 2700);
    let often: Vec<_> = all.iter().filter(|(path, _)| path == "often").collect();
    let own = keys(&stage.run(&["ls", "--versions", "often", "--json"]));
    assert!(own.iter().eq(often.iter().copied()) && own.len() == 1500);
    // The oldest is the first that was stored, the newest the last.
    let get = |id: &str| stage.run(&["get", "often", "-", "--version-id", id]).stdout;
    assert_eq!((get(&own[0].1), get(&own[1499].1)), ("1499".to_owned(), "0".to_owned()));
}

#[test]
fn hostile_keys_are_listed_and_fetched_as_they_are_and_written_nowhere_else() {
    let stage = allowed();
    let odd = ["../x", "a b+c%20&=?#", "nl\nl", "\u{1}\u{1b}[2J", "a//b", "ü\u{202e}", "x/../../../etc/passwd"];
    for name in odd {
        store(&stage, name, "old");
        store(&stage, name, "new");
    }
    let ran = stage.run(&["ls", "--versions", "-r", "--json"]);
    assert_eq!(ran.json_lines().len(), 2 * odd.len(), "{ran}");
    for name in odd {
        let versions = versions(&stage, name);
        assert_eq!(versions.len(), 2, "{name:?}");
        let ran = stage.run(&["get", "--literal", "--version-id", &versions[1].0, name, "-"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, "old"), "{name:?}: {ran}");
    }
    let id = &versions(&stage, "x/../../../etc/passwd")[1].0;
    let ran = stage.run(&["get", "--literal", "--version-id", id, "x/../../../etc/passwd"]);
    assert_eq!((ran.code, std::fs::read(stage.path("passwd")).unwrap()), (0, b"old".to_vec()), "{ran}");
    stage.sandbox.reset_counters();
    assert_eq!(stage.run(&["ls", "--versions", "../"]).code, 5);
    assert_eq!(stage.run(&["get", "--version-id", "null", "../x", "-"]).code, 5);
    assert_eq!(stage.sandbox.state().requests.values().sum::<u64>(), 0);
}

/// 24 MiB that differ from version to version, and from place to place.
fn large(seed: u64) -> Vec<u8> {
    (0..24_u64 << 20).map(|at| u8::try_from(((at >> 20) + at % 97 + seed) % 251).unwrap()).collect()
}

#[test]
fn a_large_version_comes_in_ranges_and_goes_on_after_a_kill_whatever_is_newer() {
    let stage = allowed();
    store(&stage, "big", large(0));
    store(&stage, "big", large(1));
    let old = versions(&stage, "big")[1].0.clone();
    let get = ["get", "big", "--version-id", &old, "--part-size", "5M", "--jobs", "2"];
    downloads::spoil(&stage, 2, |bytes| Effect::Stall { bytes });
    stage.sandbox.reset_counters();
    let mut child = stage.command(&get).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let note = || {
        let notes = common::files(&stage.state().join("downloads"));
        let text = std::fs::read_to_string(notes.first()?).ok()?;
        (text.lines().count() == 3 && stage.calls("s3:GetObject") == 3).then_some(())
    };
    eventually("two ranges", note);
    assert!(Command::new("kill").args(["-KILL", &child.id().to_string()]).status().unwrap().success());
    child.wait().unwrap();
    stage.sandbox.clear_faults();
    store(&stage, "big", large(2));
    stage.sandbox.reset_counters();
    let ran = stage.run(&get);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(std::fs::read(stage.path("big")).unwrap() == large(0));
    assert_eq!(downloads::asked(&stage, 24 << 20), (5 << 20, 20 << 20), "what had arrived was kept");
    assert_eq!(stage.calls("s3:HeadObject"), 1);
    // The newest is another download, even to the same name.
    assert_eq!(stage.run(&["get", "big"]).code, 0);
    assert!(std::fs::read(stage.path("big")).unwrap() == large(2));
}

#[test]
fn what_is_left_of_another_version_is_not_gone_on_with() {
    let stage = allowed();
    // The same bytes, so that the ETag alone would not tell them apart.
    store(&stage, "big", large(0));
    store(&stage, "big", large(0));
    let ids = versions(&stage, "big");
    let get = |id| ["get", "big", "--version-id", id, "--part-size", "5M", "--jobs", "2"];
    downloads::spoil(&stage, 2, |bytes| Effect::Stall { bytes });
    let mut child = stage.command(&get(&ids[0].0)).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    eventually("two ranges", || {
        let notes = common::files(&stage.state().join("downloads"));
        let text = std::fs::read_to_string(notes.first()?).ok()?;
        (text.lines().count() == 3).then_some(())
    });
    assert!(Command::new("kill").args(["-KILL", &child.id().to_string()]).status().unwrap().success());
    child.wait().unwrap();
    stage.sandbox.clear_faults();
    stage.sandbox.reset_counters();
    let ran = stage.run(&get(&ids[1].0));
    assert_eq!((ran.code, downloads::asked(&stage, 24 << 20)), (0, (0, 24 << 20)), "{ran}");
    let left = common::files(stage.home.path()).into_iter().filter(|path| path.to_string_lossy().ends_with(".part"));
    assert_eq!(left.count(), 0);
}

#[test]
fn a_version_that_cannot_be_read_is_named() {
    let stage = allowed();
    store(&stage, "a.txt", "one");
    assert_eq!(stage.run(&["rm", "a.txt"]).code, 0);
    let ids = versions(&stage, "a.txt");
    assert!(ids[0].1 && !ids[1].1);
    let get = |id: &str, more: &[&str]| stage.run(&[&["get", "a.txt", "--version-id", id], more].concat());
    for more in [&[][..], &["--dry-run"], &["-"], &["-", "--dry-run"]] {
        let ran = get(&ids[0].0, more);
        let said = format!("version `{}` of `a.txt` is a delete marker", ids[0].0);
        assert!(ran.code == 1 && ran.stderr.contains(&said) && ran.stderr.contains("ls --versions"), "{more:?}: {ran}");
        for id in ["nonsense", &"0".repeat(32)] {
            let ran = get(id, more);
            let said = format!("`a.txt` has no version `{id}`");
            assert!(ran.code == 1 && ran.stderr.contains(&said), "{more:?}: {ran}");
        }
    }
    let ran = get(&ids[1].0, &["--dry-run"]);
    assert!(ran.code == 0 && ran.stdout.contains("would download: a.txt"), "{ran}");
    assert!(!stage.path("a.txt").exists());
    assert_eq!(get(&ids[1].0, &[]).code, 0);
    assert_eq!(std::fs::read(stage.path("a.txt")).unwrap(), b"one");
    for wrong in [&["-r"][..], &["b.txt", "out/"]] {
        stage.sandbox.reset_counters();
        let ran = get(&ids[1].0, wrong);
        assert!(ran.code == 2 && ran.stderr.contains("--version-id"), "{ran}");
        assert_eq!(stage.calls("s3:GetObject"), 0);
    }
    assert_eq!(get("a b", &[]).code, 2);
}

#[test]
fn what_the_policy_lacks_is_named_as_the_permission_to_ask_for() {
    let stage = stage(None);
    store(&stage, "a.txt", "one");
    let ran = stage.run(&["ls", "--versions"]);
    assert!(ran.code == 5 && ran.stdout.is_empty(), "{ran}");
    assert!(ran.stderr.contains("error: your role's policy has no `s3:ListBucketVersions` for `.`"), "{ran}");
    assert!(ran.stderr.contains("hint: whoever manages the role can add `s3:ListBucketVersions`"), "{ran}");
    let id = "0".repeat(32);
    for more in [&[][..], &["--dry-run"], &["-"]] {
        let ran = stage.run(&[&["get", "a.txt", "--version-id", &id], more].concat());
        assert_eq!(ran.code, 5, "{ran}");
        assert!(ran.stderr.contains("your role's policy has no `s3:GetObjectVersion` for `a.txt`"), "{ran}");
    }
    // The newest is as readable as ever.
    assert_eq!(stage.run(&["get", "a.txt", "-"]).stdout, "one");
}

#[test]
fn a_bucket_without_versioning_has_one_version_of_each_key() {
    let options = Options {
        auto_approve: Some(ALICE.to_owned()),
        docs_policy: Some(FOLDER_POLICY_WITH_OPTIONS.into()),
        ..Options::default()
    };
    let stage = Stage::with(options);
    stage.configure(&[("account_id", &format!("{PRODUCTION:?}")), ("role_name", "\"DocsUser\"")]);
    stage.login();
    store(&stage, "a.txt", "one");
    store(&stage, "a.txt", "two");
    assert_eq!(versions(&stage, "a.txt"), [("null".to_owned(), false)]);
    assert_eq!(stage.run(&["get", "a.txt", "-", "--version-id", "null"]).stdout, "two");
}
