//! The passphrase of the encrypted files: asked for on a terminal, or missing.
#![cfg(target_os = "linux")]
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests are tests too")]

mod common;
#[path = "common/terminal.rs"]
mod terminal;

use std::process::Command;

use common::{Ran, Stage, files, sealed};
use terminal::Terminal;

const QUESTION: &str = "Passphrase of the encrypted files:";
const AGAIN: &str = "The same passphrase again:";

/// The binary without a passphrase in its environment.
fn asking(stage: &Stage, args: &[&str]) -> Command {
    let mut command = stage.command(args);
    command.env_remove("SECURECART_PASSPHRASE");
    command
}

#[test]
fn ctrl_c_at_the_passphrase_stops_every_command_and_nothing_is_removed() {
    let stage = Stage::signed_in();
    // What a browser of ours would have left.
    std::fs::create_dir_all(stage.state().join("browser/idp")).unwrap();
    std::fs::write(stage.state().join("browser/idp/Cookies"), "x").unwrap();
    let before = (sealed(&stage), files(&stage.state()).len());
    for args in [&["logout", "--all"][..], &["logout"], &["status"], &["whoami"], &["doctor"], &["login"]] {
        let mut terminal = Terminal::start(asking(&stage, args));
        terminal.shows(QUESTION).press("\u{3}");
        let (code, screen) = terminal.finish();
        assert_eq!(code, 130, "{args:?}: {screen}");
        assert!(screen.contains("error: interrupted"), "{args:?}: {screen}");
        assert!(!screen.contains("hint:") && !screen.contains("Signed out"), "{args:?}: {screen}");
        assert_eq!(sealed(&stage), before.0, "{args:?}");
    }
    assert!(stage.state().join("browser/idp/Cookies").exists());
    assert_eq!(stage.calls("portal:Logout"), 0);
}

#[test]
fn an_empty_passphrase_seals_nothing_and_is_asked_for_again_three_times() {
    let stage = Stage::new();
    let mut terminal = Terminal::start(asking(&stage, &["login"]));
    terminal.answer(QUESTION, "").shows("the passphrase is empty").answer(QUESTION, "").answer(QUESTION, "");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 7, "{screen}");
    assert!(screen.contains("error: the passphrase is empty") && screen.contains("hint: run the command again"));
    assert!(sealed(&stage).is_empty());
}

#[test]
fn two_passphrases_that_differ_are_called_so_and_asked_for_again() {
    let stage = Stage::new();
    let mut terminal = Terminal::start(asking(&stage, &["login"]));
    terminal.answer(QUESTION, "correct horse").answer(AGAIN, "correct hoarse");
    terminal.shows("warning: the two passphrases are not the same");
    terminal.answer(QUESTION, "correct horse").answer(AGAIN, "correct horse");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
    assert!(!screen.contains("does not open"), "{screen}");
    let mut given = stage.command(&["whoami"]);
    given.env("SECURECART_PASSPHRASE", "correct horse");
    assert_eq!(Ran::of(given).code, 0);
}

#[test]
fn a_store_that_was_sealed_with_an_empty_passphrase_still_opens() {
    use securecart::config::profile::StoreChoice;
    use securecart::keychain::Keychain;
    use securecart::secret::Secret;

    let stage = Stage::new();
    Keychain::open(StoreChoice::File, &stage.state(), || Ok(Secret::new(""))).save("a", b"secret").unwrap();
    let mut terminal = Terminal::start(asking(&stage, &["login"]));
    terminal.answer(QUESTION, "");
    let (code, screen) = terminal.finish();
    assert_eq!(code, 0, "{screen}");
}

#[test]
fn without_a_passphrase_and_anybody_to_ask_the_variables_are_named() {
    let stage = Stage::signed_in();
    let ran = Ran::of(asking(&stage, &["credential-process"]));
    assert_eq!(ran.code, 7, "{ran}");
    assert!(ran.stdout.is_empty(), "{ran}");
    for told in ["and none was given", "`SECURECART_PASSPHRASE`", "`SECURECART_PASSPHRASE_FD`"] {
        assert!(ran.stderr.contains(told), "{told} is missing: {ran}");
    }
}
