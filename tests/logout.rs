//! `securecart logout` against the sandbox.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use common::{Ran, Stage};

#[test]
fn logout_forgets_here_and_ends_the_session_there() {
    let stage = Stage::signed_in();
    let ran = stage.run(&["logout"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(stage.calls("portal:Logout"), 1);
    assert_eq!(stage.run(&["credential-process"]).code, 4);
    assert!(common::sealed(&stage).is_empty());
    let again = stage.run(&["logout"]);
    assert_eq!(again.code, 0, "{again}");
    assert!(again.stderr.contains("Nobody was signed in"), "{again}");
}

#[test]
fn logout_all_works_without_knowing_the_profiles() {
    let stage = Stage::signed_in();
    stage.configure(&[]);
    let ran = stage.run(&["logout", "--all"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(stage.calls("portal:Logout"), 1);
    assert!(common::sealed(&stage).is_empty());
}

#[test]
fn logout_all_removes_what_a_forgotten_passphrase_sealed() {
    let stage = Stage::signed_in();
    let mut forgotten = stage.command(&["logout", "--all"]);
    forgotten.env("SECURECART_PASSPHRASE", "not that one");
    let ran = Ran::of(forgotten);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains("could not be ended"), "{ran}");
    assert!(common::sealed(&stage).is_empty());
    // A new passphrase starts anew.
    let mut again = stage.command(&["login"]);
    again.env("SECURECART_PASSPHRASE", "another");
    assert_eq!(Ran::of(again).code, 0);
}
