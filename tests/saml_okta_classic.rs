//! Signing in with Okta's classic pipeline, against the sandbox's.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;
#[path = "common/saml.rs"]
mod saml;
#[path = "common/terminal.rs"]
mod terminal;

use std::time::Duration;

use common::{Ran, Stage};
use saml::Scene;
use securecart_sandbox::Options;

fn scene(user: &str, more: &str) -> Scene {
    Scene::at(Stage::with(Options { okta_classic: true, ..Options::default() }), "/okta/app", user, more)
}

fn login(user: &str) -> (Scene, Ran) {
    let scene = scene(user, "");
    let ran = scene.login_with(&format!("{user}pw"), &[]);
    (scene, ran)
}

#[test]
fn a_password_alone_takes_the_fewest_requests_and_renews_silently() {
    let (scene, ran) = login("alice");
    assert_eq!(ran.code, 0, "{ran}");
    // The page, the pipeline, the password, the application; and STS.
    assert_eq!(scene.requests(), 5, "{:?}", scene.sandbox.state().requests);
    scene.sandbox.reset_counters();
    let renewed = scene.run(&["credential-process"]);
    assert_eq!(renewed.code, 0, "{renewed}");
    assert_eq!(scene.requests(), 2, "the application and STS: {:?}", scene.sandbox.state().requests);
    scene.sandbox.advance(Duration::from_secs(9 * 3600));
    let ended = scene.run(&["credential-process", "--profile", "other"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (4, ""), "{ended}");
}

#[test]
fn a_wrong_password_is_sent_once() {
    let scene = scene("alice", "");
    let ran = scene.login_with("wrong", &[]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("did not accept the user name and password: Authentication failed"), "{ran}");
    assert_eq!(scene.calls("idp:POST api/v1/authn"), 1);
}

#[test]
fn an_account_that_is_locked_is_told_from_a_wrong_password() {
    let scene = scene("jack", "");
    let ran = scene.login_with("wrong", &[]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("has locked the account: The account is locked"), "{ran}");
    assert!(ran.stderr.contains("hint: wait, or ask the provider's administrator to unlock it"), "{ran}");
    assert_eq!(scene.calls("idp:POST api/v1/authn"), 1);
}

#[test]
fn every_end_has_a_message_of_its_own() {
    for (user, code, words) in [
        ("erin", 5, "the password has expired"),
        ("gina", 5, "it was rejected on the other device"),
        ("hank", 4, "waited in vain"),
        ("ivy", 5, "denies access: User is not assigned to this application."),
        ("jack", 5, "has locked the account"),
        ("lena", 1, "Security key or passkey or Duo, which can't be done in a terminal"),
        ("nora", 5, "wants a second factor or the account to be set up first"),
        ("otto", 6, "asks to slow down"),
    ] {
        let (_scene, ran) = login(user);
        assert_eq!(ran.code, code, "{user}: {ran}");
        assert!(ran.stderr.contains(words), "{user}: {ran}");
        assert!(ran.stderr.contains("hint: "), "{user}: {ran}");
    }
    assert!(login("lena").1.stderr.contains("`--browser`"));
    let (_scene, warned) = login("karl");
    assert_eq!(warned.code, 0, "{warned}");
    assert!(warned.stderr.contains("ends in 4 days"), "{warned}");
}

#[test]
fn the_number_to_match_is_shown_large() {
    let (_scene, ran) = login("frank");
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains("|     4   2     |"), "{ran}");
    assert_eq!(ran.stderr.matches("Choose 42 in Okta Verify").count(), 1, "{ran}");
}

#[test]
fn factors_come_from_a_menu_the_profile_or_a_flag() {
    let nobody = scene("bob", "").login_with("bobpw", &[]);
    assert_eq!(nobody.code, 2, "{nobody}");
    assert!(nobody.stderr.contains("Okta Verify: push (Pixel 9)"), "{nobody}");
    assert!(!nobody.stderr.contains("Duo") && !nobody.stderr.contains("passkey"), "only what can be done: {nobody}");

    let menu = scene("bob", "");
    let mut terminal = menu.terminal(&[]);
    terminal.answer("Password for 127.0.0.1", "bobpw").answer("Which second factor?", "Google");
    terminal.answer("Code from Google Authenticator", "1");
    terminal.answer("Invalid Passcode/Answer", &menu.code("bob"));
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("`mfa = \"totp\"`"), "how not to be asked again: {screen}");

    let push = scene("bob", "mfa = \"push\"").login_with("bobpw", &[]);
    assert_eq!(push.code, 0, "{push}");
    assert!(push.stderr.contains("Approve the sign-in with Okta Verify: push (Pixel 9)"), "{push}");

    let question = scene("bob", "mfa = \"question\"");
    let mut terminal = question.terminal(&[]);
    terminal.answer("Password", "bobpw").answer("What is your favourite colour?", "blue");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains("blue"), "{screen}");
}

#[test]
fn codes_are_sent_by_text_call_and_mail_and_can_be_sent_again() {
    for (factor, from) in [
        ("sms", "Text message (+1 XXX-XXX-4601)"),
        ("call", "Phone call (+1 XXX-XXX-4602)"),
        ("email", "E-mail (b...b@example.com)"),
    ] {
        let scene = scene("bob", "mfa = \"push\"");
        let mut terminal = scene.terminal(&["--mfa", factor]);
        terminal.answer("Password", "bobpw").answer(&format!("Code from {from} (Enter alone sends another)"), "");
        terminal.answer("Code from", "999").answer("Code from", &scene.code("bob"));
        let (code, screen) = terminal.finish();
        assert_eq!(code, 0, "{factor}: {screen}");
        assert!(screen.contains("Invalid Passcode/Answer"), "{screen}");
        assert_eq!(scene.calls(&format!("idp:POST api/v1/authn/factors/{factor}/verify/resend")), 1, "{factor}");
    }
    let hardware = scene("bob", "mfa = \"securid\"");
    let mut terminal = hardware.terminal(&[]);
    terminal.answer("Password", "bobpw").answer("Code from RSA SecurID", &hardware.code("bob"));
    assert_eq!(terminal.finish().0, 0);
}

#[test]
fn a_code_that_was_sent_a_moment_ago_can_still_be_typed() {
    let scene = scene("rita", "");
    let mut terminal = scene.terminal(&[]);
    terminal.answer("Password", "ritapw").answer("Code from Text message (+1 XXX-XXX-4603)", "");
    terminal.answer("A message was sent a moment ago.", &scene.code("rita"));
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
}

#[test]
fn a_factor_can_be_another_provider() {
    let scene = scene("vera", "");
    let mut terminal = scene.terminal(&[]);
    terminal.answer("Password for 127.0.0.1", "verapw").answer("Password for 127.0.0.1", "verapw");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
}

#[test]
fn three_wrong_codes_are_enough() {
    let scene = scene("bob", "mfa = \"totp\"");
    let mut terminal = scene.terminal(&[]);
    terminal.answer("Password", "bobpw");
    for _ in 0..3 {
        terminal.answer("Code from Google Authenticator", "1");
    }
    let (code, screen) = terminal.finish();
    assert_eq!(code, 5, "{screen}");
    assert!(screen.contains("did not accept the code: Invalid Passcode/Answer"), "{screen}");
}

#[test]
fn a_remembered_device_is_asked_for_no_factor_even_when_signing_in_anew() {
    let remembered = scene("bob", "mfa = \"push\"");
    assert_eq!(remembered.login_with("bobpw", &[]).code, 0);
    let again = remembered.login_with("bobpw", &["--force"]);
    assert_eq!(again.code, 0, "{again}");
    assert!(!again.stderr.contains("Approve"), "{again}");
    assert_eq!(remembered.calls("idp:POST api/v1/authn"), 2, "signed in anew");

    let forgotten = scene("bob", "mfa = \"push\"\nremember_device = false");
    assert_eq!(forgotten.login_with("bobpw", &[]).code, 0);
    let again = forgotten.login_with("bobpw", &["--force"]);
    assert!(again.stderr.contains("Approve"), "{again}");
}

#[test]
fn an_application_that_wants_more_than_the_session_asks_for_a_factor() {
    let scene = scene("bob", "mfa = \"push\"\nremember_device = false");
    assert_eq!(scene.login_with("bobpw", &[]).code, 0);
    let path = scene.path("config.toml");
    let text = std::fs::read_to_string(&path).expect("our own file");
    std::fs::write(path, text.replace("/okta/app", "/okta/app?step-up")).expect("our own file");
    let silent = scene.run(&["credential-process"]);
    assert_eq!(silent.code, 4, "{silent}");
    let ran = scene.login_typing("", &[]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains("Approve"), "{ran}");
    assert_eq!(scene.calls("idp:GET .well-known/okta-organization"), 1, "its state token tells the pipeline");
}
