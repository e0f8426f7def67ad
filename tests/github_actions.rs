//! A GitHub Actions job end to end: nothing but environment variables, nothing left behind.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]
#![cfg(unix)]

mod common;

use std::path::{Path, PathBuf};
use std::process::Stdio;

use common::runner::Runner;
use common::{PRODUCTION, Ran};
use securecart_sandbox::{CI_AUDIENCE, Effect, Fault, Service};

/// A user without an entry in the user database, as many a container runs its jobs as.
const NOBODY_KNOWN: u32 = 1_234_567_890;

#[test]
fn a_job_uploads_its_build_and_leaves_nothing_behind() {
    let runner = Runner::new();
    let ran = runner.run(&["put", "-r", "build/", "reports/"]);
    assert_eq!(ran.code, 0, "{ran}");
    let folder = runner.user_id();
    assert!(folder.contains(":repo-example-docs-ref-refs-heads-main-"), "{folder}");
    let keys = runner.sandbox.keys(runner.sandbox.bucket());
    assert_eq!(keys, [format!("{folder}/reports/assets/app.js"), format!("{folder}/reports/index.html")]);
    let ran = runner.run(&["ls", "-r", "--json"]);
    assert_eq!((ran.code, ran.json_lines().len()), (0, 2), "{ran}");
    let ran = runner.run(&["get", "reports/index.html", "-"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "<p>hello"), "{ran}");
    let ran = runner.run(&["rm", "-r", "reports", "--yes"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(runner.sandbox.keys(runner.sandbox.bucket()).is_empty());
    assert_eq!(runner.left_behind(), Vec::<PathBuf>::new());
    // Each command got a token of its own, for AWS and nobody else.
    let calls = runner.sandbox.state().calls;
    let tokens: Vec<_> = calls.iter().filter(|call| call.operation == "JobToken").collect();
    assert_eq!(tokens.len(), 5);
    assert!(tokens.iter().all(|call| call.subject.as_deref() == Some(CI_AUDIENCE) && call.status == 200));
}

#[test]
fn every_command_about_credentials_works_in_a_job() {
    let runner = Runner::new();
    let ran = runner.run(&["credential-process"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran}");
    assert_eq!(ran.json_lines()[0]["AccountId"], PRODUCTION);
    let ran = runner.run(&["whoami"]);
    assert!(ran.code == 0 && ran.stdout.contains("role     CiDocs"), "{ran}");
    let ran = runner.run(&["exec", "--", "/usr/bin/env"]);
    assert!(ran.code == 0 && ran.stdout.contains("AWS_SESSION_TOKEN="), "{ran}");
    let ran = runner.run(&["exec", "--serve", "--", "/usr/bin/env"]);
    assert!(ran.code == 0 && ran.stdout.contains("AWS_CONTAINER_CREDENTIALS_FULL_URI="), "{ran}");
    let ran = runner.run(&["status"]);
    assert!(ran.code == 0 && ran.stdout.contains("gets credentials by itself"), "{ran}");
    assert!(ran.stdout.contains("token from   GitHub Actions") && ran.stdout.contains("memory"), "{ran}");
    let ran = runner.run(&["login"]);
    assert!(ran.code == 0 && ran.stderr.contains("kept in  nothing"), "{ran}");
    let ran = runner.run(&["doctor"]);
    assert!(ran.code == 0 && ran.stdout.contains("the environment names a role"), "{ran}");
    assert!(ran.stdout.contains("ok    folder: multipart"), "{ran}");
    let ran = runner.run(&["logout"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(runner.left_behind(), Vec::<PathBuf>::new());
}

#[test]
fn what_later_steps_get_is_masked_in_the_log() {
    let runner = Runner::new();
    let ran = runner.run(&["env", "--shell", "github-actions"]);
    assert_eq!(ran.code, 0, "{ran}");
    let text = std::fs::read_to_string(runner.path("github_env")).unwrap();
    let value = |name: &str| {
        let (_, rest) = text.split_once(&format!("{name}<<")).unwrap();
        rest.lines().nth(1).unwrap().to_owned()
    };
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
        assert!(ran.stdout.contains(&format!("::add-mask::{}\n", value(name))), "{name} {ran}");
    }
    assert_eq!(ran.stdout.lines().filter(|line| !line.starts_with("::add-mask::")).count(), 0, "{ran}");
    assert_eq!(value("AWS_REGION"), runner.sandbox.region());
}

#[test]
fn no_log_holds_a_token() {
    let runner = Runner::new();
    let mut verbose = runner.in_job(&["put", "-vvv", "-r", "build/", "reports/"]);
    verbose.env("RUST_LOG", "trace").env("LOG_SENSITIVE_BODIES", "true");
    let ran = Ran::of(verbose);
    assert_eq!(ran.code, 0, "{ran}");
    let all = ran.stdout + &ran.stderr;
    for secret in [runner.job.request_token.as_str(), "eyJ", "WebIdentityToken", "Bearer"] {
        assert!(!all.contains(secret), "{secret}: {all}");
    }
}

#[test]
fn a_home_that_is_missing_or_not_ours_is_not_needed() {
    let runner = Runner::new();
    for home in [None, Some("/nonexistent/home"), Some("/proc")] {
        let mut command = runner.in_job(&["put", "-r", "build/", "reports/"]);
        match home {
            None => command.env_remove("HOME"),
            Some(home) => command.env("HOME", home),
        };
        let ran = Ran::of(command);
        assert_eq!(ran.code, 0, "{home:?} {ran}");
    }
}

#[test]
fn logout_all_without_any_home_is_done_with_nothing_to_do() {
    use std::os::unix::process::CommandExt as _;
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can become a user whom the system knows no home of");
        return;
    }
    let runner = Runner::new();
    let mut command = runner.in_job(&["logout", "--all"]);
    command.env_remove("HOME").current_dir("/").uid(NOBODY_KNOWN);
    let ran = match command.output() {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            eprintln!("skipped: where this was built is closed to other users");
            return;
        }
        output => Ran::from(output.unwrap()),
    };
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains("0 kept items removed"), "{ran}");
}

#[test]
fn renewal_fetches_a_fresh_token() {
    let runner = Runner::new();
    let mut command = runner.in_job(&["put", "--part-size", "5M", "--jobs", "1", "big", "big"]);
    std::fs::write(runner.path("workspace/big"), vec![7; 16 << 20]).unwrap();
    // S3 calls the credentials expired when all parts are there.
    let expired = Effect::Status { status: 400, code: "ExpiredToken".into() };
    runner.sandbox.fault(Fault::new(expired).on(Service::S3, "CompleteMultipartUpload").times(1));
    command.stdout(Stdio::null());
    let ran = Ran::of(command);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!((runner.calls("issuer:JobToken"), runner.calls("sts:AssumeRoleWithWebIdentity")), (2, 2));
    assert_eq!(runner.sandbox.state().objects[0].size, 16 << 20);
}

#[test]
fn a_slow_start_of_the_jobs_endpoint_is_waited_for_and_a_refusal_is_not() {
    let runner = Runner::new();
    let fault = |status: u16, times: u32| {
        Fault::new(Effect::Status { status, code: "x".into() }).on(Service::Issuer, "JobToken").times(times)
    };
    runner.sandbox.fault(fault(503, 2));
    assert_eq!(runner.run(&["whoami"]).code, 0);
    assert_eq!(runner.calls("issuer:JobToken"), 3);
    runner.sandbox.fault(fault(403, 1));
    let ran = runner.run(&["whoami"]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("id-token: write"), "{ran}");
    assert_eq!(runner.calls("issuer:JobToken"), 4);
    // So does STS, when it can't reach the provider.
    let unreachable = Effect::Status { status: 400, code: "IDPCommunicationError".into() };
    runner.sandbox.fault(Fault::new(unreachable).on(Service::Sts, "AssumeRoleWithWebIdentity").times(1));
    assert_eq!(runner.run(&["whoami"]).code, 0);
}

#[test]
fn a_workspace_is_not_searched_for_settings() {
    let runner = Runner::new();
    // What a pull request could put there.
    std::fs::write(runner.path("workspace/config.toml"), "[profile.evil]\n").unwrap();
    std::fs::create_dir_all(runner.path("workspace/items")).unwrap();
    assert_eq!(runner.run(&["logout", "--all"]).code, 0);
    assert_eq!(runner.run(&["whoami"]).code, 0);
    assert!(!Path::new(&runner.path("workspace/locks")).exists());
}
