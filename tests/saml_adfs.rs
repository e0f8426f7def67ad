//! Signing in with ADFS and its second steps, against the sandbox's.
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

const APPLICATION: &str = "/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=urn:amazon:webservices";

fn scene(user: &str, more: &str) -> Scene {
    Scene::at(Stage::with(Options::default()), APPLICATION, user, more)
}

fn login(user: &str) -> (Scene, Ran) {
    let scene = scene(user, "");
    let ran = scene.login_with(&format!("{user}pw"), &[]);
    (scene, ran)
}

#[test]
fn a_password_alone_takes_the_fewest_requests_and_stays_signed_in() {
    let (scene, ran) = login("alice");
    assert_eq!(ran.code, 0, "{ran}");
    // The page, the password, where it leads; and STS.
    assert_eq!(scene.requests(), 4, "{:?}", scene.sandbox.state().requests);
    // A session of 8 hours that was to be kept lives longer.
    scene.sandbox.advance(Duration::from_secs(9 * 3600));
    scene.sandbox.reset_counters();
    let renewed = scene.run(&["credential-process"]);
    assert_eq!(renewed.code, 0, "{renewed}");
    assert_eq!(scene.requests(), 2, "{:?}", scene.sandbox.state().requests);

    let scene = self::scene("alice", "remember_device = false");
    assert_eq!(scene.login_with("alicepw", &[]).code, 0);
    scene.sandbox.advance(Duration::from_secs(9 * 3600));
    let ended = scene.run(&["credential-process", "--profile", "other"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (4, ""), "{ended}");
}

#[test]
fn every_end_has_a_message_of_its_own() {
    for (user, code, words) in [
        ("erin", 5, "the password has expired"),
        ("gina", 5, "was not approved: The request was denied."),
        ("ivy", 5, "denies access: You do not have permission to use this application."),
        ("jack", 5, "Your account is locked out."),
        ("lena", 1, "A certificate or Duo, which can't be done in a terminal"),
    ] {
        let (_scene, ran) = login(user);
        assert_eq!(ran.code, code, "{user}: {ran}");
        assert!(ran.stderr.contains(words), "{user}: {ran}");
        assert!(ran.stderr.contains("hint: "), "{user}: {ran}");
    }
    let wrong = scene("alice", "");
    let ran = wrong.login_with("wrong", &[]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("did not accept the user name and password: Incorrect user ID"), "{ran}");
    assert_eq!(wrong.calls("idp:POST adfs/ls/IdpInitiatedSignOn.aspx"), 1, "sent once");
    let windows = Scene::at(Stage::with(Options::default()), "/adfs/ls/wia", "alice", "").login_with("alicepw", &[]);
    assert!(windows.stderr.contains("Windows integrated sign-in, which can't be done in a terminal"), "{windows}");
}

#[test]
fn pushes_are_waited_for_with_the_number_shown_once() {
    let (_scene, ran) = login("frank");
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains("|     4   2     |"), "{ran}");
    assert_eq!(ran.stderr.matches("Choose 42 in Microsoft Authenticator").count(), 1, "{ran}");
    let (scene, ran) = login("quin");
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(scene.calls("idp:POST adfs/ls/IdpInitiatedSignOn.aspx"), 2, "the password, and one that waits");
    assert!(ran.stderr.contains("Approve the sign-in on your other device"), "{ran}");
}

#[test]
fn a_second_step_is_chosen_from_a_menu_or_by_the_profile() {
    let menu = scene("bob", "");
    let mut terminal = menu.terminal(&[]);
    terminal.answer("Password for 127.0.0.1", "bobpw").answer("Which second factor?", "company");
    terminal.answer("One-time code", "1").answer("That is not the code.", &menu.code("bob"));
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains("Duo"), "only what can be done: {screen}");
    let push = scene("bob", "mfa = \"app\"").login_with("bobpw", &[]);
    assert_eq!(push.code, 0, "{push}");
}

#[test]
fn each_adapter_gets_its_code_under_its_own_name() {
    for (user, questions) in [
        ("olga", &["Verification code"][..]),
        ("rosa", &["Passcode", "Next code"]),
        ("sam", &["One-time code"]),
        ("tina", &["One-time code"]),
    ] {
        let scene = scene(user, "");
        let mut terminal = scene.terminal(&[]);
        terminal.answer("Password for 127.0.0.1", &format!("{user}pw"));
        let typed = scene.code(user);
        for question in questions {
            terminal.answer(question, &scene.code(user));
        }
        let (code, screen) = terminal.finish();
        assert_eq!(code, 0, "{user}: {screen}");
        assert!(user != "rosa" || !screen.contains(&typed), "SecurID's page hides it: {screen}");
    }
}

fn federated(kind: &str, user: &str, more: &str) -> Scene {
    Scene::at(Stage::with(Options::default()), &format!("{APPLICATION}&federation={kind}"), user, more)
}

#[test]
fn the_organisation_is_picked_by_itself_by_the_profile_or_by_the_person() {
    let one = federated("one", "alice", "").login_with("alicepw", &[]);
    assert_eq!(one.code, 0, "{one}");
    for wish in ["Active", "partner.example"] {
        let told = federated("tiles", "alice", &format!("home_realm = {wish:?}")).login_with("alicepw", &[]);
        assert_eq!(told.code, 0, "{wish}: {told}");
    }
    let asked = federated("tiles", "alice", "");
    let mut terminal = asked.terminal(&[]);
    terminal.answer("Which organisation are you from?", "Partner").answer("Password", "alicepw");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("`home_realm = \"Partner Ltd.\"`"), "{screen}");
    assert_eq!(asked.calls("idp:POST password"), 1, "at the partner's");
}

fn unnamed(parties: &str) -> Scene {
    let path = format!("/adfs/ls/IdpInitiatedSignOn.aspx{parties}");
    Scene::at(Stage::with(Options::default()), &path, "alice", "")
}

#[test]
fn an_address_without_an_application_leads_to_aws_or_to_a_list() {
    for parties in ["", "?parties=none"] {
        let scene = unnamed(parties);
        let ran = scene.login_with("alicepw", &[]);
        assert_eq!(ran.code, 0, "{parties}: {ran}");
        // Silently too: nobody is asked which.
        scene.sandbox.advance(Duration::from_secs(3600));
        let renewed = scene.run(&["credential-process", "--profile", "other"]);
        assert_eq!(renewed.code, 0, "{parties}: {renewed}");
    }
    for (parties, wish) in [("?parties=two", "new"), ("?parties=unnamed", "Cloud")] {
        let scene = unnamed(parties);
        let nobody = scene.login_with("alicepw", &[]);
        assert_eq!(nobody.code, 2, "{nobody}");
        let mut terminal = scene.terminal(&[]);
        terminal.answer("Which application is AWS?", wish).answer("Password", "alicepw");
        let (code, screen) = terminal.finish();
        assert_eq!(code, 0, "{screen}");
        assert!(screen.contains("as `loginToRp`"), "{screen}");
    }
    let wrong = unnamed("?parties=two");
    let mut terminal = wrong.terminal(&[]);
    terminal.answer("Which application is AWS?", "old");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 5, "{screen}");
    assert!(screen.contains("denies access: That application is not for you."), "{screen}");
}

#[test]
fn the_organisation_is_told_by_an_e_mail_address() {
    let email = federated("email", "alice", "").login_with("alicepw", &[]);
    assert_eq!(email.code, 0, "{email}");
    let unknown = federated("email", "zoe", "");
    let ran = unknown.login_with("zoepw", &[]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("did not accept the user name: Nobody is known by that address."), "{ran}");
    assert_eq!(unknown.calls("idp:POST adfs/ls/IdpInitiatedSignOn.aspx"), 1, "sent once");
    let both = federated("both", "alice", "");
    let mut terminal = both.terminal(&[]);
    terminal.answer("Which organisation are you from?", "e-mail").answer("Password", "alicepw");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
}
