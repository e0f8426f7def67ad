//! Signing in through OneLogin's API, against the sandbox's.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;
#[path = "common/saml.rs"]
mod saml;
#[path = "common/terminal.rs"]
mod terminal;

use common::{Ran, Stage};
use saml::Scene;
use securecart_sandbox::Options;

const API: &str = "provider = \"onelogin\"\nclient_id = \"sandbox-client\"\napp_id = \"123456\"\n";

fn scene(user: &str, more: &str) -> Scene {
    Scene::at(Stage::with(Options::default()), "/trust/saml2/launch/1", user, &format!("{API}{more}"))
}

/// Hands in both secrets.
fn login_with(scene: &Scene, password: &str, args: &[&str]) -> Ran {
    let secret = scene.path("client-secret");
    std::fs::write(&secret, "onelogin-secret\n").expect("our own directory");
    let binary = env!("CARGO_BIN_EXE_securecart");
    let script = format!("exec {binary} login --password-fd 0 --client-secret-fd 4 \"$@\" 4< {}", secret.display());
    let environment = scene.command(&[]);
    let mut command = std::process::Command::new("sh");
    command.env_clear().envs(environment.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.args(["-c", &script, "login"]).args(args).current_dir(scene.home.path());
    let piped = command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut child = piped.stderr(std::process::Stdio::piped()).spawn().expect("a shell");
    let _ = std::io::Write::write_all(&mut child.stdin.take().expect("a pipe"), format!("{password}\n").as_bytes());
    Ran::from(child.wait_with_output().expect("it ends"))
}

#[test]
fn a_password_alone_takes_the_fewest_requests_and_the_client_secret_is_kept() {
    let scene = scene("alice", "");
    let ran = login_with(&scene, "alicepw", &[]);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(scene.requests(), 3, "a token, the response, STS: {:?}", scene.sandbox.state().requests);
    // As `status` has it: nothing is left that could renew them.
    let until = ran.stderr.lines().find(|line| line.starts_with("  until    ")).expect("it says how long");
    assert!(!until.contains("then renewed"), "{ran}");
    let status = scene.run(&["status", "--profile", "docs"]);
    assert!(status.stdout.contains("signed in until the credentials expire"), "{status}");
    // The secret is in the keychain now, and only there.
    let again = scene.login_with("alicepw", &[]);
    assert_eq!(again.code, 0, "{again}");
    for path in common::files(scene.home.path()).iter().filter(|path| !path.ends_with("client-secret")) {
        let kept = std::fs::read(path).unwrap_or_default();
        assert!(!kept.windows(15).any(|window| window == b"onelogin-secret"), "{}", path.display());
    }
    // There is no session to renew with.
    scene.run(&["logout"]);
    let ended = scene.run(&["credential-process"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (4, ""), "{ended}");
    let forgotten = scene.login_with("alicepw", &[]);
    assert_eq!(forgotten.code, 4, "{forgotten}");
    assert!(forgotten.stderr.contains("Secret of the provider's API client"), "{forgotten}");
}

#[test]
fn every_end_has_a_message_of_its_own() {
    for (user, code, words) in [
        ("erin", 5, "the password has expired"),
        ("gina", 5, "was not approved: Authentication rejected by the user"),
        ("ivy", 5, "denies access: User does not have access to this app"),
        ("jack", 5, "has locked the account"),
        ("lena", 1, "Duo Duo Security or WebAuthn, which can't be done in a terminal"),
    ] {
        let ran = login_with(&scene(user, "mfa = \"push\""), &format!("{user}pw"), &[]);
        assert_eq!(ran.code, code, "{user}: {ran}");
        assert!(ran.stderr.contains(words), "{user}: {ran}");
        assert!(ran.stderr.contains("hint: "), "{user}: {ran}");
    }
    let wrong = scene("alice", "");
    let ran = login_with(&wrong, "wrong", &[]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("did not accept the user name and password"), "{ran}");
    assert_eq!(wrong.calls("idp:POST api/2/saml_assertion"), 1, "sent once");

    let other = Scene::at(Stage::with(Options::default()), "/x", "alice", &API.replace("123456", "7"));
    let ran = login_with(&other, "alicepw", &[]);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("Invalid app id") && ran.stderr.contains("`app_id`"), "{ran}");
    assert_eq!(other.calls("idp:POST api/2/saml_assertion"), 1, "not again: that locks accounts");

    let client = Scene::at(Stage::with(Options::default()), "/x", "alice", &API.replace("sandbox-client", "x"));
    let ran = login_with(&client, "alicepw", &[]);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("Authentication Failure"), "{ran}");
    assert_eq!(client.calls("idp:POST api/2/saml_assertion"), 0, "no password is sent");

    let missing = Scene::at(Stage::with(Options::default()), "/x", "alice", "provider = \"onelogin\"");
    let ran = missing.login_with("alicepw", &[]);
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("client_id"), "{ran}");
}

#[test]
fn a_push_notifies_once_and_is_then_only_looked_at() {
    let scene = scene("frank", "mfa = \"push\"");
    let ran = login_with(&scene, "frankpw", &[]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains("Approve the sign-in with OneLogin Protect"), "{ran}");
    assert_eq!(scene.calls("idp:POST api/2/saml_assertion/verify_factor"), 4);
}

#[test]
fn codes_come_from_a_menu_and_can_be_sent_again() {
    let menu = scene("bob", "");
    assert_eq!(login_with(&menu, "bobpw", &[]).code, 2, "there is no terminal to choose on");
    let mut terminal = menu.terminal(&[]);
    terminal.answer("Secret of the provider's API client", "onelogin-secret").answer("Password", "bobpw");
    terminal.answer("Which second factor?", "Google").answer("Code from Google Authenticator", "1");
    terminal.answer("Failed authentication with this factor", &menu.code("bob"));
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains("Duo") && !screen.contains("onelogin-secret"), "{screen}");

    let locked = scene("bob", "mfa = \"totp\"");
    let mut terminal = locked.terminal(&[]);
    terminal.answer("Secret", "onelogin-secret").answer("Password", "bobpw");
    terminal.answer("Code from OneLogin Protect", "1").answer("Code from OneLogin Protect", "2");
    terminal.answer("Code from OneLogin Protect", "3");
    let (code, screen) = terminal.finish();
    assert!(code == 5 && screen.contains("has locked the account"), "{screen}");

    let sms = scene("bob", "mfa = \"sms\"");
    let mut terminal = sms.terminal(&[]);
    terminal.answer("Secret", "onelogin-secret").answer("Password", "bobpw");
    terminal
        .answer("Code from OneLogin SMS (Enter alone sends another)", "")
        .answer("Code from OneLogin SMS", &sms.code("bob"));
    assert_eq!(terminal.finish().0, 0);
    assert_eq!(sms.calls("idp:POST api/2/saml_assertion/verify_factor"), 3);
}
