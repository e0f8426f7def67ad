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
    Scene::at(Stage::with(Options::default()), "/realms/sandbox/protocol/saml/clients/aws", user, more)
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
