//! People who sign in at the company's OpenID Connect provider, against the sandbox.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]
#![cfg(unix)]

mod common;

use std::time::Duration;

use common::waiting::Waiting;
use common::{ALICE, BOB, Browser, Ran, Stage, browse, eventually};
use securecart_sandbox::{CLIENT_ID, Effect, Fault, Options, Service};

const ROLE: &str = "arn:aws:iam::333333333333:role/CompanyDocs";

/// A sandbox with one profile of the company's provider.
fn stage(options: Options) -> Stage {
    let stage = Stage::with(options);
    configure(&stage, "");
    stage
}

fn configure(stage: &Stage, more: &str) {
    let text = format!(
        "[profile.docs]\nmethod = \"oidc\"\nissuer = {:?}\nclient_id = \"{CLIENT_ID}\"\nrole_arn = \"{ROLE}\"\n\
         region = {:?}\nbucket = {:?}\nendpoint_url = {:?}\n{more}",
        stage.sandbox.issuer(),
        stage.sandbox.region(),
        stage.sandbox.bucket(),
        stage.sandbox.url()
    );
    std::fs::write(stage.path("config.toml"), text).unwrap();
}

fn approving() -> Options {
    Options { auto_approve: Some(ALICE.to_owned()), ..Options::default() }
}

/// The ID token and the credentials end, as AWS sees it.
fn end_tokens(stage: &Stage) {
    stage.sandbox.advance(Duration::from_secs(3700));
    stage.sandbox.expire_role_credentials();
}

/// Credentials that are due at once: every command renews.
const SHORT: &str = "session_duration = \"15m\"\n";

#[test]
fn a_device_code_signs_in_and_the_folder_is_named_after_the_person() {
    let stage = stage(approving());
    let ran = stage.login();
    assert_eq!(ran.stdout, "");
    assert!(ran.stderr.contains("Only enter a code that you asked for yourself"), "{ran}");
    let user_id = stage.run(&["whoami", "--json"]).user_id();
    assert!(user_id.ends_with(&format!(":{ALICE}")), "{user_id}");
    std::fs::write(stage.path("a.txt"), "a").unwrap();
    assert_eq!(stage.run(&["put", "a.txt", "2026/"]).code, 0);
    assert_eq!(stage.sandbox.keys(stage.sandbox.bucket()), [format!("{user_id}/2026/a.txt")]);
    let status = stage.run(&["status", "--json"]).json_lines()[0].clone();
    assert_eq!(
        (&status["method"], &status["signed_in"], &status["renewable"]),
        (&"oidc".into(), &true.into(), &true.into())
    );
    assert_eq!(status["start_url"], stage.sandbox.issuer());
    // It lives on: nobody is asked again.
    stage.login();
    assert_eq!((stage.calls("issuer:DeviceAuthorization"), stage.sandbox.state().sign_ins), (1, 1));
    assert_eq!(stage.run(&["login", "--force"]).code, 0);
    assert_eq!(stage.sandbox.state().sign_ins, 2);
    let ran = stage.run(&["doctor"]);
    assert!(ran.code == 0 && ran.stdout.contains("network: provider"), "{ran}");
}

#[test]
fn the_browser_brings_the_code_with_pkce() {
    let stage = stage(approving());
    let browser = Browser::new(&stage);
    let mut command = stage.command(&["login"]);
    command.env("BROWSER", &browser.script);
    std::thread::scope(|scope| {
        let running = scope.spawn(|| Ran::of(command));
        let url = eventually("the browser", || browser.urls().first().cloned());
        for part in
            ["/company/authorize?", "code_challenge_method=S256", "&nonce=", "&state=", "scope=openid+offline_access"]
        {
            assert!(url.contains(part), "{part}: {url}");
        }
        let (status, page) = browse(&url);
        assert!(status == 200 && page.contains("You are signed in"), "{page}");
        let ran = running.join().unwrap();
        assert!(ran.code == 0 && ran.stderr.contains(ALICE), "{ran}");
    });
    assert_eq!(stage.calls("issuer:DeviceAuthorization"), 0);
}

#[test]
fn a_person_approves_denies_or_takes_too_long() {
    let stage = stage(Options { device_code_secs: 3, ..Options::default() });
    let waiting = Waiting::start(&stage, &["login", "--device-code"]);
    stage.sandbox.approve(&waiting.user_code, BOB).unwrap();
    let ran = waiting.finish();
    assert!(ran.code == 0 && ran.stderr.contains(BOB), "{ran}");
    let waiting = Waiting::start(&stage, &["login", "--force"]);
    stage.sandbox.deny(&waiting.user_code).unwrap();
    let ran = waiting.finish();
    assert!(ran.code == 5 && ran.stderr.contains("denied"), "{ran}");
    let ran = Waiting::start(&stage, &["login", "--force"]).finish();
    assert!(ran.code == 4 && ran.stderr.contains("nobody finished"), "{ran}");
}

#[test]
fn a_session_renews_silently_with_a_fresh_id_token() {
    let stage = stage(approving());
    configure(&stage, SHORT);
    stage.login();
    let asked = || (stage.calls("sts:AssumeRoleWithWebIdentity"), stage.sandbox.state().refreshes);
    assert_eq!(asked(), (1, 0));
    // The ID token still lives: it is exchanged again.
    assert_eq!(stage.run(&["credential-process"]).code, 0);
    assert_eq!(asked(), (2, 0));
    // It has ended: STS says so, the refresh token brings another, and once for however many ask.
    stage.sandbox.advance(Duration::from_secs(3700));
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..6).map(|_| scope.spawn(|| stage.run(&["credential-process"]))).collect();
        for caller in callers {
            let ran = caller.join().unwrap();
            assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran}");
        }
    });
    assert_eq!(stage.sandbox.state().refreshes, 1);
    // And the next one renews with what came with it.
    end_tokens(&stage);
    assert_eq!(stage.run(&["ls"]).code, 0);
    assert_eq!((stage.sandbox.state().refreshes, stage.sandbox.state().sign_ins), (2, 1));
}

#[test]
fn a_session_that_the_provider_ended_asks_for_a_sign_in() {
    let stage = stage(approving());
    stage.login();
    stage.sandbox.revoke_refresh_tokens();
    end_tokens(&stage);
    for _ in 0..2 {
        let ran = stage.run(&["ls"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{ran}");
        assert!(ran.stderr.contains("securecart login --profile docs"), "{ran}");
    }
    assert_eq!(stage.calls("issuer:Token"), 2, "what the provider refused is not tried again");
    assert_eq!(stage.login().code, 0);
}

#[test]
fn a_provider_that_is_away_is_not_a_session_that_ended() {
    let stage = stage(approving());
    stage.login();
    end_tokens(&stage);
    let away = Effect::Status { status: 503, code: "temporarily_unavailable".into() };
    stage.sandbox.fault(Fault::new(away).on(Service::Issuer, "Token").times(1));
    let ran = stage.run(&["ls"]);
    assert!(ran.code == 1 && ran.stderr.contains("temporarily_unavailable"), "{ran}");
    assert_eq!(stage.run(&["ls"]).code, 0);
    assert_eq!(stage.sandbox.state().sign_ins, 1);
}

#[test]
fn one_sign_in_serves_every_role_and_logout_ends_it_at_the_provider() {
    let stage = stage(approving());
    let docs = std::fs::read_to_string(stage.path("config.toml")).unwrap();
    let other = docs
        .replace("profile.docs", "profile.other")
        .replace("CompanyDocs\"", "CompanyDocs\"\nrole_session_name = \"x1\"");
    std::fs::write(stage.path("config.toml"), format!("default_profile = \"docs\"\n{docs}{other}")).unwrap();
    stage.login();
    let ran = stage.run(&["--profile", "other", "whoami", "--json"]);
    assert!(ran.user_id().ends_with(":x1"), "{ran}");
    assert_eq!(stage.sandbox.state().sign_ins, 1);
    let ran = stage.run(&["logout"]);
    assert!(ran.code == 0 && ran.stderr.contains(&stage.sandbox.issuer()), "{ran}");
    let revoked = stage.sandbox.state().calls.into_iter().find(|call| call.operation == "Revoke").unwrap();
    assert_eq!((revoked.status, revoked.principal.as_deref()), (200, Some(ALICE)));
    for profile in ["docs", "other"] {
        assert_eq!(stage.run(&["--profile", profile, "credential-process"]).code, 4, "{profile}");
    }
    stage.login();
    assert_eq!(stage.run(&["logout", "--all"]).code, 0);
    assert_eq!(stage.calls("issuer:Revoke"), 2);
    assert!(common::sealed(&stage).is_empty());
}

#[test]
fn a_provider_that_is_not_what_the_profile_says_gets_nothing() {
    let stage = stage(approving());
    let config = std::fs::read_to_string(stage.path("config.toml")).unwrap();
    let login_with = |from: &str, to: &str| {
        std::fs::write(stage.path("config.toml"), config.replace(from, to)).unwrap();
        stage.run(&["login"])
    };
    // The CI service's document: it signs nobody in.
    let ran = login_with("/company", "/actions");
    assert!(ran.code == 1 && ran.stderr.contains("OpenID configuration"), "{ran}");
    let ran = login_with("/company", "/nowhere");
    assert!(ran.code == 1 && ran.stderr.contains("check `issuer`"), "{ran}");
    // Another name of the same server is another issuer.
    let ran = login_with("issuer = \"http://127.0.0.1", "issuer = \"http://localhost");
    assert!(ran.code == 1 && ran.stderr.contains("is another issuer's"), "{ran}");
    let ran = login_with(&format!("\"{CLIENT_ID}\""), "\"somebody\"");
    assert!(ran.code == 2 && ran.stderr.contains("does not take the client `somebody`"), "{ran}");
    assert_eq!(stage.calls("sts:AssumeRoleWithWebIdentity"), 0);
    let ran = login_with("role/CompanyDocs", "role/CiDocs");
    assert!(ran.code == 5 && ran.stderr.contains("role/CiDocs"), "{ran}");
}

#[test]
fn no_log_holds_what_a_sign_in_gave() {
    let stage = stage(approving());
    let ran = stage.run(&["login", "-vvv"]);
    assert_eq!(ran.code, 0, "{ran}");
    let all = format!("{}{}", ran.stdout, ran.stderr);
    for secret in ["eyJ", "refresh-", "opaque-", "id_token", "device_code"] {
        assert!(!all.contains(secret), "{secret}: {all}");
    }
    for file in common::files(stage.home.path()) {
        let bytes = std::fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("eyJ") && !text.contains("refresh-"), "{}", file.display());
    }
}

#[test]
fn configure_writes_what_login_takes() {
    let stage = Stage::with(approving());
    std::fs::remove_file(stage.path("config.toml")).unwrap();
    let (issuer, url) = (stage.sandbox.issuer(), stage.sandbox.url());
    let common = ["configure", "--profile", "docs", "--region", "eu-central-1", "--no-aws-config"];
    let run = |more: &[&str]| stage.run(&[&common, more].concat());
    let ran = run(&["--issuer", &issuer, "--role-arn", ROLE]);
    assert!(ran.code == 2 && ran.stderr.contains("`--client-id` is missing"), "{ran}");
    let ran = run(&["--issuer", &issuer, "--client-id", CLIENT_ID]);
    assert!(ran.code == 2 && ran.stderr.contains("`--role-arn` is missing"), "{ran}");
    let ran = run(&[
        "--issuer",
        &issuer,
        "--client-id",
        CLIENT_ID,
        "--role-arn",
        ROLE,
        "--bucket",
        stage.sandbox.bucket(),
        "--endpoint-url",
        &url,
    ]);
    assert_eq!(ran.code, 0, "{ran}");
    stage.login();
    assert_eq!(stage.run(&["ls"]).code, 0);
    // For jobs.
    for more in [&["--method", "oidc"][..], &["--token-env", "AWS_TOKEN"], &["--token-file", "/var/run/token"]] {
        let ran = stage.run(
            &[
                &["configure", "--profile", "ci", "--region", "eu-central-1", "--no-aws-config", "--role-arn", ROLE],
                more,
            ]
            .concat(),
        );
        assert_eq!(ran.code, 0, "{ran}");
        let text = std::fs::read_to_string(stage.path("config.toml")).unwrap();
        assert!(text.contains("method = \"oidc\""), "{text}");
        std::fs::write(stage.path("config.toml"), text.split("[profile.ci]").next().unwrap()).unwrap();
    }
}
