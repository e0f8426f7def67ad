//! `securecart doctor` against the sandbox, healthy and not.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]
#![cfg(unix)]

mod common;

use std::collections::BTreeMap;

use common::{Ran, Stage};
use securecart_sandbox::{Effect, Fault, Service};

/// The state of each check.
fn states(ran: &Ran) -> BTreeMap<String, String> {
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    ran.json_lines().iter().map(|line| (text(&line["check"]), text(&line["state"]))).collect()
}

/// What is kept, apart from locks and the list of names.
fn kept(stage: &Stage) -> Vec<std::path::PathBuf> {
    let mut files = common::files(&stage.state());
    files.retain(|file| !file.to_string_lossy().contains("/locks/") && file.extension().is_none_or(|it| it != "jsonl"));
    files
}

/// Nothing of the probes is left: no object, no upload.
fn nothing_left(stage: &Stage) {
    let state = stage.sandbox.state();
    assert_eq!((state.objects, state.open_uploads), (Vec::new(), Vec::new()));
}

#[test]
fn a_healthy_setup_passes_every_check_and_nothing_is_left_behind() {
    let stage = Stage::signed_in();
    assert_eq!(stage.run(&["configure", "--profile", "docs", "--bucket", stage.sandbox.bucket()]).code, 0);
    let before = kept(&stage);
    let ran = stage.run(&["doctor", "--json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran}");
    assert!(!before.is_empty());
    assert_eq!(kept(&stage), before, "no item is left in the keychain");
    let states = states(&ran);
    for check in [
        "config",
        "aws config",
        "keychain",
        "network: sso-oidc",
        "clock",
        "session",
        "credentials",
        "sts",
        "folder",
        "folder: list",
        "folder: put",
        "folder: get",
        "folder: delete",
        "folder: multipart",
    ] {
        assert_eq!(states.get(check).map(String::as_str), Some("ok"), "{check}: {ran}");
    }
    nothing_left(&stage);
    // Nothing was asked for but what the policy of one's own folder is about.
    let calls = stage.sandbox.state().calls;
    assert!(
        calls
            .iter()
            .filter(|call| call.service == "s3" && call.principal.is_some())
            .all(|call| call.status < 300 || call.operation == "AbortMultipartUpload"),
        "{calls:?}"
    );
}

#[test]
fn each_refusal_is_told_with_who_can_fix_it_and_nothing_is_stored_that_could_not_be_removed() {
    let deny = |operation: &str| {
        Fault::new(Effect::Status { status: 403, code: "AccessDenied".into() }).on(Service::S3, operation)
    };
    for (operation, failed, not_tried) in [
        ("ListObjectsV2", "folder: list", vec![]),
        ("PutObject", "folder: put", vec!["folder: get"]),
        ("GetObject", "folder: get", vec![]),
        ("DeleteObject", "folder: delete", vec!["folder: put", "folder: get"]),
        ("CreateMultipartUpload", "folder: multipart", vec![]),
        ("AbortMultipartUpload", "folder: multipart", vec![]),
    ] {
        let stage = Stage::signed_in();
        stage.sandbox.fault(deny(operation));
        let ran = stage.run(&["doctor", "--json"]);
        assert_eq!(ran.code, 1, "{operation}: {ran}");
        let states = states(&ran);
        let not_ok: Vec<&str> = states
            .iter()
            .filter(|(check, state)| check.starts_with("folder") && *state != "ok")
            .map(|(check, _)| check.as_str())
            .collect();
        let mut wanted = not_tried.clone();
        wanted.push(failed);
        wanted.sort_unstable();
        assert_eq!(not_ok, wanted, "{operation}: {ran}");
        let line = ran.json_lines().into_iter().find(|line| line["check"] == failed).unwrap();
        assert_eq!((line["state"].as_str(), line["who"].as_str()), (Some("fail"), Some("your AWS administrator")));
        nothing_left(&stage);
    }
}

#[test]
fn nobody_signed_in_is_told_as_such() {
    let stage = Stage::new();
    let ran = stage.run(&["doctor"]);
    assert_eq!(ran.code, 1, "{ran}");
    assert!(ran.stdout.contains("FAIL  credentials"), "{ran}");
    assert!(ran.stdout.contains("to be fixed by you\n"), "{ran}");
    assert!(ran.stdout.contains("`securecart login --profile docs`"), "{ran}");
    assert!(ran.stderr.contains("1 check failed"), "{ran}");
}

#[test]
fn a_clock_that_is_off_is_the_clocks_fault() {
    let stage = Stage::signed_in();
    stage.sandbox.set_skew(20 * 60);
    let ran = stage.run(&["doctor"]);
    assert!(ran.stdout.contains("FAIL  clock") && ran.stdout.contains("clock is 20 min behind"), "{ran}");
}

#[test]
fn servers_that_do_not_answer_and_settings_that_are_wrong_are_named() {
    let stage = Stage::signed_in();
    stage.configure(&[("endpoint_url_sts", "\"http://127.0.0.1:1\"")]);
    let ran = stage.run(&["doctor", "--json"]);
    assert_eq!(ran.code, 1, "{ran}");
    let states = states(&ran);
    assert_eq!(states["network: sts"], "fail", "{ran}");
    assert_eq!(states["network: sso-oidc"], "ok", "{ran}");

    stage.configure(&[("nonsense", "1")]);
    let ran = stage.run(&["doctor", "--json"]);
    assert_eq!((ran.code, ran.json_lines().len()), (1, 1), "{ran}");
    assert!(ran.stdout.contains("nonsense"), "{ran}");

    stage.configure(&[]);
    let mut command = stage.command(&["doctor", "--json"]);
    command.env("SECURECART_PASSPHRASE", "wrong");
    let ran = Ran::of(command);
    assert!(ran.json_lines().iter().any(|line| line["check"] == "keychain" && line["state"] == "fail"), "{ran}");
}
