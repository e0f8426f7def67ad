//! Signing in with Okta's Identity Engine, against the sandbox's.
#![cfg(unix)]
#![allow(missing_docs)]

mod common;
#[path = "common/terminal.rs"]
mod terminal;

use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use common::{Ran, Stage};
use securecart_sandbox::Options;
use terminal::Terminal;

/// A profile `docs` of somebody at the sandbox's Okta.
fn stage(user: &str, more: &str) -> Stage {
    let stage = Stage::with(Options::default());
    let sandbox = &stage.sandbox;
    let common = format!(
        "method = \"saml\"\nurl = {:?}\nusername = \"{user}@example.com\"\nregion = {:?}\nendpoint_url = {:?}\n\
         account_id = \"333333333333\"\n",
        sandbox.okta_url(),
        sandbox.region(),
        sandbox.url(),
    );
    let text = format!(
        "default_profile = \"docs\"\n[profile.docs]\n{common}session_duration = \"15m\"\n{more}\n[profile.other]\n{common}"
    );
    std::fs::write(stage.path("config.toml"), text).expect("our own directory");
    stage
}

fn login_with(stage: &Stage, password: &str, args: &[&str]) -> Ran {
    let args: Vec<&str> = ["login", "--password-fd", "0"].iter().chain(args).copied().collect();
    let mut command = stage.command(&args);
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("the binary starts");
    let _ = child.stdin.take().expect("a pipe").write_all(format!("{password}\n").as_bytes());
    Ran::from(child.wait_with_output().expect("it ends"))
}

/// Gives the application a policy, such as to ask for the name first, and for the password on a page of its own.
fn policy(stage: &Stage, policy: &str) {
    let path = stage.path("config.toml");
    let text = std::fs::read_to_string(&path).expect("our own file");
    std::fs::write(path, text.replace("/okta/app", &format!("/okta/app?{policy}"))).expect("our own file");
}

fn login(user: &str) -> (Stage, Ran) {
    let stage = stage(user, "");
    let ran = login_with(&stage, &format!("{user}pw"), &[]);
    (stage, ran)
}

#[test]
fn a_password_alone_takes_the_fewest_requests_and_renews_silently() {
    let (stage, ran) = login("alice");
    assert_eq!(ran.code, 0, "{ran}");
    // The page, introspect, identify, the redirect and where it leads; and STS.
    assert_eq!(stage.sandbox.state().requests.values().sum::<u64>(), 6, "{:?}", stage.sandbox.state().requests);
    let renewed = stage.run(&["credential-process"]);
    assert_eq!(renewed.code, 0, "{renewed}");
    assert_eq!(stage.calls("idp:POST idx/identify"), 1, "nobody was asked");
    stage.sandbox.advance(Duration::from_secs(9 * 3600));
    assert_eq!(stage.run(&["credential-process", "--profile", "other"]).code, 0, "kept signed in, beyond 8 hours");
    let (stage, _) = login("alice");
    stage.sandbox.advance(Duration::from_secs(25 * 3600));
    let ended = stage.run(&["credential-process", "--profile", "other"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (4, ""), "{ended}");
    assert!(ended.stderr.contains("securecart login --profile other"), "{ended}");
}

#[test]
fn the_number_to_match_is_shown_large_before_it_is_waited_for() {
    let (_stage, ran) = login("frank");
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains("|     4   2     |"), "{ran}");
    assert_eq!(ran.stderr.matches("Choose 42 in Okta Verify").count(), 1, "{ran}");
}

#[test]
fn a_wrong_password_is_sent_once() {
    for first in [false, true] {
        let stage = stage("alice", "");
        if first {
            policy(&stage, "identifier-first");
        }
        let ran = login_with(&stage, "wrong", &[]);
        assert_eq!(ran.code, 5, "{ran}");
        assert!(ran.stderr.contains("did not accept the user name and password: Unable to sign in"), "{ran}");
        assert_eq!(stage.calls("idp:POST idx/identify"), 1);
        assert_eq!(stage.calls("idp:POST idx/challenge/answer"), u64::from(first));
    }
    let stage = stage("alice", "");
    policy(&stage, "identifier-first");
    let ran = login_with(&stage, "alicepw", &[]);
    assert_eq!(ran.code, 0, "{ran}");
}

#[test]
fn every_end_has_a_message_of_its_own() {
    for (user, code, words) in [
        ("dave", 1, "asks for Duo Security, which can't be done in a terminal"),
        ("dora", 5, "its security requirements: macos upgrade os version 15 (https://help.example.com/)"),
        ("erin", 5, "the password has expired"),
        ("gina", 5, "it was rejected on the other device"),
        ("hank", 4, "has expired"),
        ("ivy", 5, "denies access: You do not have permission to perform the requested action."),
        ("jack", 5, "has locked the account: Your account is locked."),
        ("lena", 1, "a security key or passkey, which can't be done in a terminal"),
        ("nora", 5, "wants a second factor or the account to be set up first"),
        ("quin", 5, "has suspended the second factor"),
    ] {
        let (_stage, ran) = login(user);
        assert_eq!(ran.code, code, "{user}: {ran}");
        assert!(ran.stderr.contains(words), "{user}: {ran}");
        assert!(ran.stderr.contains("hint: "), "{user}: {ran}");
    }
    let soon = login("karl").1;
    assert_eq!(soon.code, 0, "a password that expires soon is good today: {soon}");
    assert!(soon.stderr.contains("ends in 3 days"), "{soon}");
}

#[test]
fn a_device_that_okta_looks_for_first_is_declined() {
    let stage = stage("alice", "");
    policy(&stage, "probed");
    let ran = login_with(&stage, "alicepw", &[]);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(stage.calls("idp:POST idx/authenticators/poll/cancel"), 1);
    assert_eq!(stage.calls("idp:POST idx/authenticators/poll"), 0);
}

#[test]
fn a_name_that_okta_does_not_know_is_sent_once() {
    let stage = stage("alice", "");
    stage.reconfigure("alice@example.com", "nobody@elsewhere.example");
    policy(&stage, "identifier-first");
    let ran = login_with(&stage, "alicepw", &[]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("did not accept the user name: There is no such account."), "{ran}");
    assert_eq!(ran.stderr.matches("There is no such account.").count(), 1, "{ran}");
    assert_eq!(stage.calls("idp:POST idx/identify"), 1);
}

#[test]
fn a_captcha_is_for_a_browser_and_nothing_is_sent() {
    let stage = stage("alice", "");
    policy(&stage, "captcha");
    let ran = login_with(&stage, "alicepw", &[]);
    assert_eq!(ran.code, 1, "{ran}");
    assert!(ran.stderr.contains("asks for a captcha") && ran.stderr.contains("`--browser`"), "{ran}");
    assert_eq!(stage.calls("idp:POST idx/identify"), 0);
}

#[test]
fn another_provider_is_gone_to_where_it_is_the_only_one_or_wished_for() {
    for (wanted, more) in [("federated", ""), ("either", "home_realm = \"other one\"")] {
        let stage = stage("alice", more);
        policy(&stage, wanted);
        let ran = login_with(&stage, "alicepw", &[]);
        assert_eq!(ran.code, 0, "{wanted}: {ran}");
        assert_eq!(stage.calls("idp:POST idx/identify"), 0, "{wanted}");
    }
}

#[test]
fn another_provider_that_refused_is_not_asked_again() {
    let stage = stage("alice", "");
    policy(&stage, "returned");
    let ran = login_with(&stage, "alicepw", &[]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("ended the sign-in: The Other One does not know you."), "{ran}");
    assert_eq!(stage.calls("idp:GET idx/elsewhere"), 0);
}

#[test]
fn a_code_that_is_good_more_than_once_is_not_shown() {
    let stage = stage("tess", "");
    let mut terminal = Terminal::start(stage.command(&["login"]));
    let code = stage.sandbox.one_time_code("tess@example.com");
    terminal.answer("Password", "tesspw").answer("Code from Temporary Access Code", &code);
    let (exit, screen) = terminal.finish();
    assert_eq!(exit, 0, "{screen}");
    assert!(!screen.contains(&code), "{screen}");
}

#[test]
fn factors_come_from_a_menu_the_profile_or_a_flag() {
    let menu = stage("bob", "");
    let mut terminal = Terminal::start(menu.command(&["login"]));
    terminal.answer("Password for 127.0.0.1", "bobpw").answer("Which second factor?", "Enter a code");
    terminal.answer("Code from Okta Verify", "1");
    let code = menu.sandbox.one_time_code("bob@example.com");
    terminal.answer("Code from Okta Verify", &code);
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("Invalid code. Try again."), "{screen}");
    assert!(!screen.contains("FastPass") && !screen.contains("Security Key"), "only what can be done: {screen}");

    let nobody = login_with(&stage("bob", ""), "bobpw", &[]);
    assert_eq!(nobody.code, 2, "{nobody}");
    assert!(nobody.stderr.contains("Okta Verify: Get a push notification"), "{nobody}");
    assert!(nobody.stderr.contains("`--mfa`"), "{nobody}");

    let push = login_with(&stage("bob", "mfa = \"push\""), "bobpw", &[]);
    assert_eq!(push.code, 0, "{push}");
    assert!(push.stderr.contains("Approve the sign-in in Okta Verify"), "{push}");

    let sms = stage("bob", "mfa = \"push\"");
    let mut terminal = Terminal::start(sms.command(&["login", "--mfa", "sms"]));
    terminal.answer("Password", "bobpw");
    terminal.answer("Code from Phone (+1 XXX-XXX-4601) (Enter alone sends another)", "");
    terminal.answer("Code from Phone (+1 XXX-XXX-4601)", &sms.sandbox.one_time_code("bob@example.com"));
    assert_eq!(terminal.finish().0, 0);

    let question = stage("bob", "mfa = \"question\"");
    let mut terminal = Terminal::start(question.command(&["login"]));
    terminal.answer("Password", "bobpw").answer("What is your favourite colour?", "blue");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains("blue"), "{screen}");

    // The one that Okta begins with gives way to the one that is wished for.
    let switched = stage("rosa", "mfa = \"totp\"");
    let mut terminal = Terminal::start(switched.command(&["login"]));
    terminal
        .answer("Password", "rosapw")
        .answer("Code from Okta Verify", &switched.sandbox.one_time_code("rosa@example.com"));
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains("Approve"), "{screen}");
    assert_eq!(login("rosa").1.code, 0, "without a wish, what Okta begins with is done");

    // FastPass is passed over for what a terminal can do.
    let fastpass = stage("mona", "mfa = \"code\"");
    let mut terminal = Terminal::start(fastpass.command(&["login"]));
    terminal.answer("Password", "monapw");
    terminal.answer("Code from Okta Verify", &fastpass.sandbox.one_time_code("mona@example.com"));
    assert_eq!(terminal.finish().0, 0);
}

/// A profile that signs in by device grant, as this client.
fn by_device(client: &str) -> Stage {
    let stage = Stage::with(Options { auto_approve: Some("alice@example.com".to_owned()), ..Options::default() });
    let sandbox = &stage.sandbox;
    let text = format!(
        "default_profile = \"docs\"\n[profile.docs]\nmethod = \"saml\"\nprovider = \"okta\"\nurl = {:?}\nregion = {:?}\nendpoint_url = {:?}\n\
         client_id = {client:?}\napp_id = \"0oasandboxaws\"\naccount_id = \"333333333333\"\nsession_duration = \"15m\"\n",
        sandbox.okta_url(),
        sandbox.region(),
        sandbox.url(),
    );
    std::fs::write(stage.path("config.toml"), text).expect("our own directory");
    stage
}

#[test]
fn a_device_grant_needs_no_password_and_leaves_a_session_that_renews() {
    let stage = by_device("0oasandboxnative");
    let ran = stage.run(&["login"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains("ABCDWXYZ") && ran.stderr.contains("Only enter a code that you asked for"), "{ran}");
    // The code, two looks, the exchange, the response; and STS.
    assert_eq!(stage.sandbox.state().requests.values().sum::<u64>(), 6, "{:?}", stage.sandbox.state().requests);
    let renewed = stage.run(&["credential-process"]);
    assert_eq!(renewed.code, 0, "{renewed}");
    assert_eq!(stage.calls("idp:POST oauth2/v1/device/authorize"), 1, "nobody was asked");
}

#[test]
fn a_device_grant_that_is_refused_or_runs_out_is_told() {
    for (client, code, words) in [
        ("0oadenied", 5, "denies access: The resource owner denied"),
        ("0oaexpires", 4, "waited in vain"),
        ("0oaother", 2, "The client is not known."),
    ] {
        let ran = by_device(client).run(&["login"]);
        assert_eq!(ran.code, code, "{client}: {ran}");
        assert!(ran.stderr.contains(words), "{client}: {ran}");
    }
}
