//! Signing in with Keycloak's pages, against the sandbox's.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;
#[path = "common/saml.rs"]
mod saml;
#[path = "common/terminal.rs"]
mod terminal;

use std::time::Duration;

use common::Stage;
use saml::Scene;
use securecart_sandbox::Options;

fn scene(user: &str, more: &str) -> Scene {
    realm("sandbox", user, more)
}

fn realm(realm: &str, user: &str, more: &str) -> Scene {
    Scene::at(Stage::with(Options::default()), &format!("/realms/{realm}/protocol/saml/clients/aws"), user, more)
}

#[test]
fn a_password_alone_takes_the_fewest_requests_and_stays_signed_in() {
    let scene = scene("alice", "");
    let ran = scene.login_with("alicepw", &[]);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(scene.requests(), 3, "the page, the password and STS: {:?}", scene.sandbox.state().requests);
    scene.sandbox.advance(Duration::from_secs(9 * 3600));
    let renewed = scene.run(&["credential-process", "--profile", "other"]);
    assert_eq!(renewed.code, 0, "what is remembered lives longer: {renewed}");
}

#[test]
fn every_end_has_a_message_of_its_own() {
    for (user, code, words) in [
        ("erin", 5, "the password has expired"),
        ("nora", 5, "wants a second factor or the account to be set up first"),
        ("theo", 5, "wants its terms to be accepted first"),
        ("pia", 5, "wants your profile to be completed first"),
        ("vera", 5, "wants your e-mail address to be verified first"),
        ("rob", 5, "wants recovery codes to be set up first"),
        ("mona", 1, "a security key or passkey, which can't be done in a terminal"),
    ] {
        let ran = scene(user, "").login_with(&format!("{user}pw"), &[]);
        assert_eq!(ran.code, code, "{user}: {ran}");
        assert!(ran.stderr.contains(words), "{user}: {ran}");
        assert!(ran.stderr.contains("hint: "), "{user}: {ran}");
    }
    let scene = scene("alice", "");
    let ran = scene.login_with("wrong", &[]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("did not accept the user name and password: Invalid username or password."), "{ran}");
    assert_eq!(scene.calls("idp:POST realms/sandbox/login-actions/authenticate"), 1, "sent once");
}

#[test]
fn a_code_comes_from_the_device_that_is_chosen() {
    let scene = scene("bob", "");
    let mut terminal = scene.terminal(&[]);
    terminal.answer("Password", "bobpw").answer("Which device?", "tablet").answer("One-time code", "1");
    terminal.answer("Invalid authenticator code.", &scene.code("bob"));
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
}

#[test]
fn a_security_key_gives_way_to_what_a_terminal_can_do() {
    let scene = scene("lena", "mfa = \"authenticator app\"");
    let mut terminal = scene.terminal(&[]);
    terminal.answer("Password", "lenapw").answer("One-time code", &scene.code("lena"));
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    // Who chooses the key anyway is told, and not led in circles.
    let scene = self::scene("lena", "");
    let mut terminal = scene.terminal(&[]);
    terminal.answer("Password", "lenapw").answer("Which second factor?", "Passkey");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 1, "{screen}");
    assert!(screen.contains("a security key or passkey, which can't be done in a terminal"), "{screen}");
}

#[test]
fn a_name_alone_comes_first_where_the_realm_wants_it_so() {
    let steps = realm("steps", "alice", "");
    let ran = steps.login_with("alicepw", &[]);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(steps.requests(), 4, "the page, the name, the password and STS: {:?}", steps.sandbox.state().requests);
    let wrong = realm("steps", "alice", "");
    let ran = wrong.login_with("wrong", &[]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("did not accept the user name and password: Invalid password."), "{ran}");
    assert_eq!(wrong.calls("idp:POST realms/sandbox/login-actions/authenticate"), 2, "the name and the password, once");
    let nobody = realm("steps", "alice", "");
    nobody.reconfigure("alice@example.com", "nobody@elsewhere.example");
    let ran = nobody.login_with("alicepw", &[]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("did not accept the user name: Invalid username or email."), "{ran}");
    assert!(ran.stderr.contains("`--username`"), "{ran}");
    assert_eq!(nobody.calls("idp:POST realms/sandbox/login-actions/authenticate"), 1, "sent once");
}

#[test]
fn brokers_are_followed_where_the_realm_has_no_form() {
    let one = realm("one-broker", "alice", "").login_with("alicepw", &[]);
    assert_eq!(one.code, 0, "{one}");
    let told = realm("brokered", "alice", "home_realm = \"partner\"").login_with("alicepw", &[]);
    assert_eq!(told.code, 0, "{told}");
    let asked = realm("brokered", "alice", "");
    let mut terminal = asked.terminal(&[]);
    terminal.answer("Which organisation are you from?", "The partner").answer("Password for 127.0.0.1", "alicepw");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    assert!(screen.contains("`home_realm = \"The partner one\"`"), "{screen}");
    // The page's own form comes first.
    let both = realm("both", "alice", "").login_with("alicepw", &[]);
    assert_eq!(both.code, 0, "{both}");
}

#[test]
fn whom_a_broker_sends_back_is_told_and_not_led_in_circles() {
    let scene = realm("refusing", "alice", "");
    let ran = scene.login_with("alicepw", &[]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("denies access: You are nobody's."), "{ran}");
    assert_eq!(scene.calls("idp:GET realms/refusing/protocol/saml/clients/aws"), 2, "there and back");
}

#[test]
fn a_broker_on_another_host_gets_no_password() {
    let thief = Stage::with(Options::default());
    let path = format!("/realms/one-broker/protocol/saml/clients/aws?partner={}", thief.sandbox.idp_url());
    let ran = Scene::at(Stage::with(Options::default()), &path, "alice", "").login_with("alicepw", &[]);
    assert_eq!(ran.code, 5, "{ran}");
    let port = thief.sandbox.url().rsplit(':').next().unwrap_or_default().to_owned();
    assert!(
        ran.stderr.contains(&format!("127.0.0.1:{port} asks for a password, and is not one of the provider's own")),
        "{ran}"
    );
    assert_eq!(thief.calls("idp:POST password"), 0);
}

#[test]
fn a_sign_in_that_took_too_long_begins_again_once() {
    let slow = scene("bob", "");
    let mut terminal = slow.terminal(&[]);
    terminal.answer("Password", "bobpw").answer("Which device?", "tablet").shows("One-time code");
    slow.sandbox.advance(Duration::from_secs(600));
    terminal.answer("", "1").shows("begins again").answer("Password", "bobpw");
    terminal.answer("One-time code", &slow.code("bob"));
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    let never = scene("walt", "");
    let mut terminal = never.terminal(&[]);
    terminal.answer("Password", "waltpw").shows("begins again").answer("Password", "waltpw");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 4, "{screen}");
    assert!(screen.contains("the sign-in page of 127.0.0.1") && screen.contains("has expired"), "{screen}");
    assert_eq!(never.calls("idp:POST realms/sandbox/login-actions/authenticate"), 2, "sent as often as it was typed");
    // Nobody is there to type it again.
    let handed_in = scene("walt", "").login_with("waltpw", &[]);
    assert_ne!(handed_in.code, 0, "{handed_in}");
}

#[test]
fn recovery_codes_and_organisations_are_asked_for() {
    let codes = scene("rita", "");
    let mut terminal = codes.terminal(&[]);
    terminal.answer("Password", "ritapw").answer("Recovery code #3", "1");
    terminal.answer("Invalid recovery authentication code", "recoverycode");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    let told = scene("olaf", "home_realm = \"Acme\"").login_with("olafpw", &[]);
    assert_eq!(told.code, 0, "{told}");
    let asked = scene("olaf", "");
    let mut terminal = asked.terminal(&[]);
    terminal.answer("Password", "olafpw").answer("Which organisation are you from?", "Acme");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
}
