//! What is advised after a failure can be done as it stands.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests are tests too")]
#![cfg(unix)]

mod common;
#[path = "common/saml.rs"]
mod saml;
#[path = "common/terminal.rs"]
mod terminal;

use common::{ALICE, PRODUCTION, ROLE, Stage};
use saml::Scene;
use securecart_sandbox::{Effect, Fault, Options, Service};

/// Two profiles of one portal, neither with a role; `docs` is the default one.
fn two_profiles() -> Stage {
    let stage = Stage::with(Options { auto_approve: Some(ALICE.to_owned()), ..Options::default() });
    let docs = std::fs::read_to_string(stage.path("config.toml")).unwrap();
    let second = docs.replace("[profile.docs]", "[profile.second]");
    std::fs::write(stage.path("config.toml"), format!("default_profile = \"docs\"\n{docs}{second}")).unwrap();
    stage
}

#[test]
fn a_command_to_sign_in_names_the_profile_unless_it_is_the_default_one() {
    let stage = two_profiles();
    for (profile, login) in [(None, "securecart login"), (Some("second"), "securecart login --profile second")] {
        let with = |words: &[&'static str]| [words, &profile.map_or(vec![], |name| vec!["--profile", name])].concat();
        let ran = stage.run(&with(&["login"]));
        assert_eq!(ran.code, 2, "{ran}");
        assert!(
            ran.stderr.contains(&format!("hint: name one with `{login} --account-id ID --role-name NAME`")),
            "{ran}"
        );
        let ran = stage.run(&with(&["login", "--account-id", PRODUCTION, "--role-name", "Nobody"]));
        assert_eq!(ran.code, 5, "{ran}");
        assert!(ran.stderr.contains(&format!("`{login} --choose`")), "{ran}");
    }
    // The variable may be gone by the time the advice is followed.
    let mut command = stage.command(&["login"]);
    command.env("SECURECART_PROFILE", "second");
    let ran = common::Ran::of(command);
    assert!(ran.stderr.contains("`securecart login --profile second --account-id"), "{ran}");
}

#[test]
fn status_says_how_to_choose_a_role_for_the_profile_it_is_about() {
    let stage = two_profiles();
    let ran = stage.run(&["login", "--account-id", PRODUCTION, "--role-name", ROLE]);
    assert_eq!(ran.code, 0, "{ran}");
    let ran = stage.run(&["status"]);
    assert!(ran.stdout.contains("no role chosen yet: run `securecart login --profile second`\n"), "{ran}");
}

#[test]
fn without_a_terminal_a_saml_sign_in_says_how_to_hand_in_name_and_password() {
    let scene = Scene::at(Stage::with(Options::default()), "/realms/sandbox/protocol/saml/clients/aws", "alice", "");
    let ran = scene.run(&["login", "--profile", "other"]);
    assert_eq!(ran.code, 4, "{ran}");
    assert!(ran.stderr.contains("there is no terminal to ask on: Password for"), "{ran}");
    let hint =
        "hint: run `securecart login --profile other` in a terminal, or give `--username NAME` and `--password-fd N`";
    assert!(ran.stderr.contains(hint), "{ran}");
}

#[test]
fn what_went_to_standard_output_damaged_is_to_be_thrown_away() {
    let stage = Stage::signed_in();
    let content: Vec<u8> =
        (0..20_u32 << 20).map(|at| u8::try_from(at.wrapping_mul(2_654_435_761) >> 24).unwrap()).collect();
    std::fs::write(stage.path("big"), &content).unwrap();
    assert_eq!(stage.run(&["put", "big"]).code, 0);
    let fault = || stage.sandbox.fault(Fault::new(Effect::Corrupt { at: 500 }).on(Service::S3, "GetObject").times(1));
    fault();
    let ran = stage.run(&["get", "big", "-"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(!ran.stdout.is_empty() && ran.stderr.contains("`big` arrived damaged"), "{}", ran.stderr);
    assert!(ran.stderr.contains("hint: what was printed is damaged or incomplete: throw it away"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("nothing was written"), "{}", ran.stderr);
    fault();
    let ran = stage.run(&["get", "big", "copy"]);
    assert!(ran.code == 1 && ran.stderr.contains("hint: nothing was written"), "{ran}");
}
