//! `securecart credential-process` against the sandbox.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use std::process::Stdio;
use std::time::Duration;

use common::{Browser, Ran, Stage};
use securecart_sandbox::{Effect, Fault, Options, Service};

#[test]
fn it_prints_version_1_once_and_nothing_else() {
    let stage = Stage::signed_in();
    let ran = stage.run(&["credential-process"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran}");
    let lines = ran.json_lines();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["Version"], 1);
    for key in ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "AccountId"] {
        assert!(lines[0][key].is_string(), "{key}: {ran}");
    }
    assert!(lines[0]["Expiration"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn fresh_credentials_cost_no_request() {
    let stage = Stage::signed_in();
    stage.sandbox.reset_counters();
    let first = stage.run(&["credential-process"]);
    let second = stage.run(&["credential-process"]);
    assert_eq!(first.stdout, second.stdout);
    assert_eq!(stage.sandbox.state().requests.values().sum::<u64>(), 0);
}

#[test]
fn not_signed_in_exits_4_with_the_exact_command_and_no_output() {
    let stage = Stage::new();
    let ran = stage.run(&["credential-process"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{ran}");
    assert!(ran.stderr.contains("`securecart login --profile docs`"), "{ran}");
}

/// Role credentials of 16 min: fresh for one minute only.
fn short_lived() -> Stage {
    let stage = Stage::with(Options {
        auto_approve: Some(common::ALICE.to_owned()),
        role_credential_secs: 905,
        ..Options::default()
    });
    stage.configure(&[("account_id", "\"333333333333\""), ("role_name", "\"DocsUser\"")]);
    stage.login();
    std::thread::sleep(Duration::from_secs(6));
    stage.sandbox.reset_counters();
    stage
}

#[test]
fn under_15_minutes_they_are_renewed_silently() {
    let stage = short_lived();
    let ran = stage.run(&["credential-process"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(stage.calls("portal:GetRoleCredentials"), 1);
}

#[test]
fn when_renewal_fails_the_old_ones_are_handed_out_while_valid() {
    let stage = short_lived();
    stage.sandbox.fault(Fault::new(Effect::Drop).on(Service::Portal, "GetRoleCredentials"));
    let ran = stage.run(&["credential-process"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(ran.json_lines().len(), 1);
    let tried = stage.calls("portal:GetRoleCredentials");
    assert!(tried > 0);
    // A moment later it is not tried again.
    assert_eq!(stage.run(&["credential-process"]).code, 0);
    assert_eq!(stage.calls("portal:GetRoleCredentials"), tried);
}

#[test]
fn after_signing_in_again_an_earlier_failure_holds_nobody_back() {
    let stage = short_lived();
    stage.sandbox.fault(Fault::new(Effect::Drop).on(Service::Portal, "GetRoleCredentials"));
    assert_eq!(stage.run(&["credential-process"]).code, 0);
    stage.sandbox.clear_faults();
    stage.login();
    std::thread::sleep(Duration::from_secs(6));
    stage.sandbox.reset_counters();
    assert_eq!(stage.run(&["credential-process"]).code, 0);
    assert_eq!(stage.calls("portal:GetRoleCredentials"), 1, "it was renewed");
}

#[test]
fn a_refresh_token_is_rotated_and_the_new_one_is_kept() {
    let stage = Stage::with(Options {
        auto_approve: Some(common::ALICE.to_owned()),
        role_credential_secs: 900,
        access_token_secs: 901,
        ..Options::default()
    });
    stage.configure(&[("account_id", "\"333333333333\""), ("role_name", "\"DocsUser\"")]);
    stage.login();
    std::thread::sleep(Duration::from_secs(2));
    for _ in 0..3 {
        let ran = stage.run(&["credential-process"]);
        assert_eq!(ran.code, 0, "{ran}");
        std::thread::sleep(Duration::from_secs(2));
    }
    let state = stage.sandbox.state();
    assert!(state.refreshes >= 3, "{}", state.refreshes);
    assert_eq!(state.refresh_reuses, 0);
}

#[test]
fn a_token_the_portal_rejects_is_forgotten_and_renewed_once() {
    let stage = short_lived();
    stage.sandbox.revoke_access_tokens();
    let ran = stage.run(&["credential-process"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(stage.sandbox.state().refreshes, 1);
}

#[test]
fn a_session_that_has_ended_exits_4_once_the_credentials_have_expired() {
    let stage = Stage::with(Options {
        auto_approve: Some(common::ALICE.to_owned()),
        role_credential_secs: 3,
        ..Options::default()
    });
    stage.configure(&[("account_id", "\"333333333333\""), ("role_name", "\"DocsUser\"")]);
    stage.login();
    stage.sandbox.revoke_access_tokens();
    stage.sandbox.revoke_refresh_tokens();
    std::thread::sleep(Duration::from_secs(4));
    let ran = stage.run(&["credential-process"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{ran}");
    // It is not asked about again: the token is forgotten.
    stage.sandbox.reset_counters();
    assert_eq!(stage.run(&["credential-process"]).code, 4);
    assert_eq!(stage.sandbox.state().requests.values().sum::<u64>(), 0);
}

/// Starts many at once, and waits for them all.
fn stampede(stage: &Stage, count: usize, prepare: impl Fn(&mut std::process::Command)) -> Vec<Ran> {
    let children: Vec<_> = (0..count)
        .map(|_| {
            let mut command = stage.command(&["credential-process"]);
            prepare(&mut command);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    children.into_iter().map(|child| Ran::from(child.wait_with_output().unwrap())).collect()
}

#[test]
fn two_hundred_processes_with_expired_credentials_make_one_renewal() {
    let stage = short_lived();
    let runs = stampede(&stage, 200, |_| {});
    let first = runs[0].json_lines()[0].clone();
    for ran in &runs {
        assert_eq!(ran.code, 0, "{ran}");
        assert_eq!(ran.json_lines()[0], first);
    }
    assert_eq!(stage.calls("portal:GetRoleCredentials"), 1);
}

#[test]
fn a_holder_that_is_killed_delays_nobody() {
    let stage = short_lived();
    stage.sandbox.fault(Fault::new(Effect::Latency { ms: 8000 }).on(Service::Portal, "GetRoleCredentials").times(1));
    let mut holder =
        stage.command(&["credential-process"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    common::eventually("the holder's request", || (stage.calls("portal:GetRoleCredentials") == 1).then_some(()));
    let waiter = stage.command(&["credential-process"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(300));
    let killed = std::time::Instant::now();
    holder.kill().unwrap();
    holder.wait().unwrap();
    let ran = Ran::from(waiter.wait_with_output().unwrap());
    assert_eq!(ran.code, 0, "{ran}");
    assert!(killed.elapsed() < Duration::from_secs(6), "it did not wait out the holder's 8 s");
}

#[test]
fn with_auto_login_one_browser_opens_for_all() {
    let stage = Stage::new();
    stage.configure(&[("account_id", "\"333333333333\""), ("role_name", "\"DocsUser\""), ("auto_login", "true")]);
    let browser = Browser::new(&stage);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let url = common::eventually("the browser", || browser.urls().first().cloned());
            std::thread::sleep(Duration::from_secs(1));
            assert_eq!(common::browse(&url).0, 200);
        });
        for ran in stampede(&stage, 40, |command| {
            command.env("BROWSER", &browser.script);
        }) {
            assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran}");
        }
    });
    assert_eq!(browser.urls().len(), 1);
}

#[test]
fn without_auto_login_no_browser_opens() {
    let stage = Stage::new();
    let browser = Browser::new(&stage);
    let mut command = stage.command(&["credential-process"]);
    command.env("BROWSER", &browser.script);
    assert_eq!(Ran::of(command).code, 4);
    assert!(browser.urls().is_empty());
}

#[test]
fn nothing_on_disk_is_readable() {
    let stage = Stage::signed_in();
    let secrets = stage.run(&["credential-process"]).json_lines()[0].clone();
    let files = common::files(stage.home.path());
    assert!(!files.is_empty());
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        for secret in ["SecretAccessKey", "SessionToken"] {
            let secret = secrets[secret].as_str().unwrap().as_bytes();
            assert!(!bytes.windows(secret.len()).any(|part| part == secret), "{}", path.display());
        }
    }
}

#[test]
fn a_closed_stdout_is_no_panic() {
    let stage = Stage::signed_in();
    let mut command = stage.command(&["credential-process"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert!(ran.code == 0 || ran.code == 1, "{ran}");
    assert!(!ran.stderr.contains("panicked"), "{ran}");
}
