//! `securecart ls`, `get`, `put` and `rm` at the binary's edge: what is printed where, and how it ends.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests are tests too")]

mod common;

use std::io::Write as _;
use std::process::{Command, Stdio};

use common::{Ran, Stage, eventually};
use securecart_sandbox::{Effect, Fault, Service};

fn store(stage: &Stage, path: &str, content: &str) {
    let key = format!("{}{path}", stage.folder());
    stage.sandbox.put_object(stage.sandbox.bucket(), &key, content).unwrap();
}

fn stored(stage: &Stage, path: &str) -> Option<Vec<u8>> {
    stage.sandbox.object(stage.sandbox.bucket(), &format!("{}{path}", stage.folder()))
}

fn write(stage: &Stage, name: &str, content: impl AsRef<[u8]>) {
    std::fs::write(stage.path(name), content).unwrap();
}

fn piped(mut command: Command, input: &[u8]) -> Ran {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
    child.stdin.take().unwrap().write_all(input).unwrap();
    Ran::from(child.wait_with_output().unwrap())
}

#[test]
fn a_file_goes_there_and_back_and_away() {
    let stage = Stage::signed_in();
    write(&stage, "report.txt", "hello");
    let ran = stage.run(&["put", "report.txt", "2026/"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{ran}");
    assert!(ran.stderr.contains("upload: report.txt → 2026/report.txt"), "{ran}");
    assert!(ran.stderr.contains("uploaded 1 file, 5 B in"), "{ran}");
    let ran = stage.run(&["ls", "2026"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stdout.starts_with("       5 B  20") && ran.stdout.ends_with("  2026/report.txt\n"), "{ran}");
    assert_eq!(ran.stderr, "1 object, 5 B\n");
    let ran = stage.run(&["-q", "get", "2026/report.txt", "back.txt"]);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""), "{ran}");
    assert_eq!(std::fs::read(stage.path("back.txt")).unwrap(), b"hello");
    let ran = stage.run(&["rm", "2026/report.txt"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains("remove: 2026/report.txt\nremoved 1 object"), "{ran}");
    assert_eq!(stored(&stage, "2026/report.txt"), None);
}

#[test]
fn standard_streams_carry_bytes_and_nothing_else() {
    let stage = Stage::signed_in();
    let ran = piped(stage.command(&["put", "-", "piped"]), b"\0\xffbytes");
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(stored(&stage, "piped").unwrap(), b"\0\xffbytes");
    let output = stage.command(&["get", "piped", "-", "--json"]).output().unwrap();
    assert_eq!(output.stdout, b"\0\xffbytes");
    let ran = piped(stage.command(&["put", "-"]), b"x");
    assert_eq!(ran.code, 2, "{ran}");
}

#[test]
fn paths_outside_the_folder_exit_5_before_any_request() {
    let stage = Stage::signed_in();
    write(&stage, "x", "x");
    stage.sandbox.reset_counters();
    let bob = format!("{}/x", stage.sandbox.user_id(common::BOB, common::PRODUCTION, common::ROLE));
    for path in ["../x", "/x", "a/../../x", "%2e%2e/x", "s3://bucket/x", bob.as_str()] {
        for args in [
            vec!["ls", path],
            vec!["get", path, "-"],
            vec!["put", "x", path],
            vec!["rm", path],
            vec!["rm", "-ry", path],
        ] {
            let ran = stage.run(&args);
            assert_eq!(ran.code, 5, "{args:?}: {ran}");
            assert!(ran.stderr.contains("outside your own folder"), "{ran}");
            assert!(ran.stderr.contains("hint: "), "{ran}");
        }
    }
    let requests = stage.sandbox.state().requests;
    assert!(requests.keys().all(|operation| !operation.starts_with("s3:")), "{requests:?}");
    let ran = stage.run(&["ls", &stage.folder()]);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("already relative"), "{ran}");
}

#[test]
fn literal_reaches_the_oddest_key_of_the_own_folder() {
    let stage = Stage::signed_in();
    store(&stage, "../x", "odd");
    let ran = stage.run(&["get", "--literal", "../x", "-"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "odd"), "{ran}");
    assert_eq!(stage.run(&["ls", "--literal", "../x"]).code, 0);
    assert_eq!(stage.run(&["rm", "--literal", "../x"]).code, 0);
    assert_eq!(stored(&stage, "../x"), None);
}

#[test]
fn json_is_one_object_a_line() {
    let stage = Stage::signed_in();
    store(&stage, "a\nb", "12345");
    store(&stage, "d/e", "1");
    let lines = stage.run(&["ls", "--json"]).json_lines();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["path"], "a\nb");
    assert_eq!(lines[0]["size"], 5);
    assert_eq!(lines[0]["key"], format!("{}a\nb", stage.folder()));
    assert!(lines[0]["modified"].as_str().unwrap().ends_with('Z'));
    assert_eq!((lines[1]["type"].as_str(), lines[1]["path"].as_str()), (Some("folder"), Some("d/")));
    let ran = stage.run(&["get", "d/e", "missing", "out/", "--json"]);
    assert_eq!(ran.code, 1, "{ran}");
    let lines = ran.json_lines();
    let of = |path: &str| lines.iter().find(|line| line["path"] == path).unwrap();
    assert_eq!((of("d/e")["status"].as_str(), of("d/e")["bytes"].as_u64()), (Some("done"), Some(1)));
    assert_eq!(of("missing")["error"]["kind"], "failed");
    let last = lines.last().unwrap();
    assert_eq!(
        (last["type"].as_str(), last["done"].as_u64(), last["failed"].as_u64()),
        (Some("summary"), Some(1), Some(1))
    );
    let lines = stage.run(&["rm", "-ry", ".", "--json"]).json_lines();
    assert_eq!(lines.last().unwrap()["done"], 2);
}

#[test]
fn trees_that_are_there_already_are_skipped_and_counted() {
    let stage = Stage::signed_in();
    std::fs::create_dir(stage.path("site")).unwrap();
    for name in ["a", "b", "c"] {
        write(&stage, &format!("site/{name}"), name);
    }
    assert_eq!(stage.run(&["put", "-r", "site"]).code, 0);
    let ran = stage.run(&["put", "-r", "site"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains("skipped: site/a → site/a (equal)"), "{ran}");
    assert!(ran.stderr.contains("uploaded 0 files, 0 B in") && ran.stderr.contains(", 3 skipped"), "{ran}");
    let lines = stage.run(&["get", "-r", "site", ".", "--json"]).json_lines();
    assert_eq!((lines[0]["status"].as_str(), lines[0]["reason"].as_str()), (Some("skipped"), Some("equal")));
    assert_eq!(lines.last().unwrap()["skipped"], 3);
    write(&stage, "site/a", "A");
    let ran = stage.run(&["get", "-r", "site", ".", "--size-only"]);
    assert!(ran.stderr.contains(", 3 skipped"), "{ran}");
    let ran = stage.run(&["get", "-r", "site", ".", "--force"]);
    assert!(ran.stderr.contains("downloaded 3 files"), "{ran}");
    assert_eq!(std::fs::read(stage.path("site/a")).unwrap(), b"a");
}

#[test]
fn delete_needs_a_yes_before_anything_is_done() {
    let stage = Stage::signed_in();
    std::fs::create_dir(stage.path("site")).unwrap();
    write(&stage, "site/a", "a");
    store(&stage, "site/old", "old");
    store(&stage, "other", "other");
    let ran = stage.run(&["put", "-r", "site", "--delete"]);
    assert_eq!((ran.code, stored(&stage, "site/a")), (2, None), "{ran}");
    assert!(ran.stderr.contains("`--dry-run`, then add `--yes`"), "{ran}");
    let ran = stage.run(&["put", "-r", "site", "--delete", "--dry-run"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stdout.contains("would upload: site/a → site/a\nwould remove: site/old\n"), "{ran}");
    assert!(ran.stderr.contains("would upload 1 file, 1 B, would delete 1"), "{ran}");
    assert!(stored(&stage, "site/old").is_some());
    let ran = stage.run(&["put", "-r", "site", "--delete", "--yes", "--json"]);
    let last = ran.json_lines().pop().unwrap();
    assert_eq!(
        (last["done"].as_u64(), last["deleted"].as_u64(), last["delete_planned"].as_u64()),
        (Some(1), Some(1), Some(0))
    );
    assert_eq!((stored(&stage, "site/old"), stored(&stage, "other").is_some()), (None, true));
    write(&stage, "site/mine", "mine");
    let ran = stage.run(&["get", "-r", "site/", "site", "--delete"]);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(stage.path("site/mine").exists());
    let ran = stage.run(&["get", "-r", "site/", "--delete", "--yes"]);
    assert_eq!(ran.code, 2, "{ran}");
    let ran = stage.run(&["get", "-r", "site/", "site", "--delete", "--yes"]);
    assert!(ran.stderr.contains("remove: site/mine") && ran.stderr.contains(", deleted 1, 1 skipped"), "{ran}");
    assert!(!stage.path("site/mine").exists() && stage.path("config.toml").exists());
    for args in [["--delete", "--yes"], ["--yes", "-r"], ["--exclude", "x"], ["--include", "[a"], ["--newer", "soon"]] {
        let ran = stage.run(&[&["put", "site/a"], &args[..]].concat());
        assert_eq!(ran.code, 2, "{args:?}: {ran}");
    }
}

#[test]
fn missing_things_exit_1_and_say_so() {
    let stage = Stage::signed_in();
    for args in [vec!["ls", "missing"], vec!["get", "missing", "-"], vec!["get", "missing"], vec!["put", "missing"]] {
        let ran = stage.run(&args);
        assert_eq!(ran.code, 1, "{args:?}: {ran}");
        assert!(ran.stderr.contains("missing"), "{ran}");
    }
    let ran = stage.run(&["ls"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{ran}");
}

#[test]
fn a_variable_without_a_value_is_not_the_whole_folder() {
    let stage = Stage::signed_in();
    store(&stage, "d/a", "x");
    write(&stage, "file", "x");
    for args in [
        &["rm", "-r", "", "--yes"][..],
        &["rm", "d/a", ""],
        &["put", "-r", ".", "", "--delete", "--yes"],
        &["put", "file", ""],
        &["get", "-r", "", "out"],
        &["ls", ""],
        &["ls", "--literal", ""],
    ] {
        let ran = stage.run(args);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{args:?}: {ran}");
        assert!(ran.stderr.contains("the path is empty") && ran.stderr.contains("`.` is your whole"), "{ran}");
    }
    assert!(stored(&stage, "d/a").is_some() && stored(&stage, "file").is_none());
    assert_eq!(stage.run(&["put", "file", "--literal"]).code, 0, "no destination is the top of the folder");
    assert_eq!(stage.run(&["ls", "--literal"]).stdout.lines().count(), 2);
}

#[test]
fn a_name_that_stands_for_no_object_is_told_as_what_it_is() {
    let stage = Stage::signed_in();
    store(&stage, "d/a", "x");
    for (args, code, said) in [
        (&["rm", "d"][..], 2, "`d` is a folder"),
        (&["get", "d"], 2, "`d` is a folder"),
        (&["rm", "missing"], 1, "`missing` is not in your folder"),
        (&["rm", "-r", "missing", "--yes"], 1, "`missing` is not in your folder"),
    ] {
        let ran = stage.run(args);
        assert_eq!(ran.code, code, "{args:?}: {ran}");
        assert!(ran.stderr.contains(said), "{args:?}: {ran}");
    }
    assert!(stored(&stage, "d/a").is_some());
}

#[test]
fn sums_are_told_of_all_or_not_at_all() {
    let stage = Stage::signed_in();
    store(&stage, "d/a", "x");
    let ran = stage.run(&["ls", "missing"]);
    assert!(ran.code == 1 && !ran.stderr.contains("0 objects"), "{ran}");
    let ran = stage.run(&["get", "-r", "d", ".", "--dry-run", "--include", "none"]);
    assert!(ran.code == 0 && ran.stderr.ends_with("would download 0 files, 0 B\n"), "{ran}");
    let ran = stage.run(&["rm", "-r", "d", "--dry-run"]);
    assert!(ran.stderr.ends_with("would remove 1 object, 1 B\n"), "{ran}");
}

#[test]
fn removing_many_needs_a_yes() {
    let stage = Stage::signed_in();
    store(&stage, "d/a", "x");
    let ran = stage.run(&["rm", "-r", "d"]);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("--yes"), "{ran}");
    let ran = stage.run(&["rm", "."]);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("rm -r ."), "{ran}");
    assert!(stored(&stage, "d/a").is_some());
    let ran = stage.run(&["rm", "-r", "d", "--dry-run"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "would remove: d/a\n"), "{ran}");
    assert!(stored(&stage, "d/a").is_some());
    assert_eq!(stage.run(&["rm", "-r", "d", "--yes"]).code, 0);
    assert!(stored(&stage, "d/a").is_none());
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let stage = Stage::signed_in();
    stage.sandbox.generate_objects(stage.sandbox.bucket(), &format!("{}many/", stage.folder()), 5000, 1).unwrap();
    let mut child = stage.command(&["ls", "-r"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.stderr.contains("error")), (1, false), "{ran}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_and_terminate_exit_130_and_leave_nothing() {
    for signal in ["INT", "TERM"] {
        let stage = Stage::signed_in();
        write(&stage, "big", vec![7; 40 << 20]);
        // No part arrives: there is nothing worth going on with.
        stage.sandbox.fault(Fault::new(Effect::Latency { ms: 60_000 }).on(Service::S3, "UploadPart"));
        let mut command = stage.command(&["put", "big"]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        eventually("a part", || (stage.calls("s3:UploadPart") > 0).then_some(()));
        let id = child.id().to_string();
        assert!(Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap().success());
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!(ran.code, 130, "{ran}");
        assert!(stage.sandbox.state().open_uploads.is_empty());
        assert!(common::files(&stage.state().join("uploads")).is_empty());
        assert_eq!(stored(&stage, "big"), None);
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_download_leaves_no_file() {
    let stage = Stage::signed_in();
    let key = format!("{}big", stage.folder());
    stage.sandbox.put_object(stage.sandbox.bucket(), &key, vec![7; 60 << 20]).unwrap();
    stage.sandbox.fault(Fault::new(Effect::Latency { ms: 800 }).on(Service::S3, "GetObject").after(2));
    std::fs::create_dir(stage.path("out")).unwrap();
    let mut command = stage.command(&["get", "big", "out/"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    eventually("a temporary file", || (!common::files(&stage.path("out")).is_empty()).then_some(()));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 130, "{ran}");
    assert!(common::files(&stage.path("out")).is_empty());
}

#[test]
fn what_climbs_out_is_refused_before_anybody_is_asked_anything() {
    let stage = common::Stage::new();
    for args in [
        &["ls", "../bob"][..],
        &["get", "a/../../x", "."],
        &["put", "a.txt", "/x"],
        &["rm", "%2e%2e/x"],
        &["ls", "s3://securecart-user-docs/x"],
        &["rm", "AROAEXAMPLEEXAMPLE001:bob@example.com/x"],
    ] {
        let ran = stage.run(args);
        assert_eq!(ran.code, 5, "{args:?}: {ran}");
    }
    assert_eq!(stage.sandbox.state().requests.values().sum::<u64>(), 0);
    // Nobody is signed in, which is what an honest path is told.
    assert_eq!(stage.run(&["ls", "x"]).code, 4);
}

#[test]
fn what_s3_would_refuse_is_a_wrong_command_line() {
    let stage = common::Stage::signed_in();
    std::fs::write(stage.path("a.txt"), "a").unwrap();
    for (flags, said) in [
        (&["--storage-class", "COLD"][..], "STANDARD_IA"),
        (&["--metadata", "x"], "NAME=VALUE"),
        (&["--metadata", "x=1", "--metadata", "X=2"], "`x` is given twice"),
        (&["--tag", "aws:x=1"], "aws:"),
        (&["--part-size", "1M"], "5 MiB to 5 GiB"),
        (&["--limit-rate", "fast"], "16M"),
    ] {
        let ran = stage.run(&[&["put", "a.txt"], flags].concat());
        assert_eq!(ran.code, 2, "{ran}");
        assert!(ran.stderr.contains(said), "{ran}");
    }
    let ran = stage.run(&["put", "a.txt", "--storage-class", "standard_ia", "--metadata", "k=v"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(stage.run(&["ls", "--json"]).stdout.contains("STANDARD_IA"));
    // The sandbox's policy, like many, has no `s3:PutObjectTagging`.
    let ran = stage.run(&["put", "a.txt", "--tag", "k=v"]);
    assert_eq!(ran.code, 5, "{ran}");
}

#[test]
fn encryption_is_asked_for_by_profile_or_flag() {
    let stage = common::Stage::signed_in();
    std::fs::write(stage.path("a.txt"), "a").unwrap();
    let wrong = stage.run(&["put", "a.txt", "--encryption", "AES256", "--kms-key-id", "alias/docs"]);
    assert_eq!(wrong.code, 2, "{wrong}");
    for flags in [&["--encryption", "AES256"][..], &["--encryption", "aws:kms", "--kms-key-id", "alias/docs"]] {
        let ran = stage.run(&[&["put", "a.txt"], flags].concat());
        assert_eq!(ran.code, 0, "{ran}");
    }
}

#[test]
fn a_failure_alone_is_told_once_and_failures_alike_end_alike() {
    let stage = Stage::signed_in();
    for path in ["a", "b", "c"] {
        store(&stage, path, "x");
    }
    for operation in ["DeleteObject", "DeleteObjects"] {
        let refused = Effect::Status { status: 403, code: "AccessDenied".into() };
        stage.sandbox.fault(Fault::new(refused).on(Service::S3, operation));
    }
    let ran = stage.run(&["rm", "a"]);
    assert_eq!((ran.code, ran.stderr.matches("AWS refused").count()), (5, 1), "{ran}");
    let ran = stage.run(&["rm", "a", "b", "c"]);
    assert_eq!((ran.code, ran.stderr.matches("AWS refused").count()), (5, 3), "{ran}");
    assert!(ran.stderr.contains("error: 3 of 3 failed\n"), "{ran}");
    stage.sandbox.clear_faults();
    std::fs::write(stage.path("here"), "x").unwrap();
    let ran = stage.run(&["put", "here", "missing", "x/"]);
    assert_eq!((ran.code, ran.stderr.contains("error: 1 of 2 failed\n")), (1, true), "{ran}");
}
