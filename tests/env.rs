//! `securecart env` against the sandbox, read by real shells.
#![allow(clippy::print_stderr, missing_docs, clippy::unwrap_used, clippy::panic)]
#![cfg(unix)]

mod common;

use std::process::Command;

use common::{Ran, Stage};

/// The AWS variables after a shell with some of its own read what `env` prints.
fn read_by(stage: &Stage, program: &str, script: &str) -> Option<Vec<String>> {
    if Command::new(program).arg("-c").arg("true").output().is_err() {
        eprintln!("skipped: no {program} here");
        return None;
    }
    let ours = stage.command(&[]);
    let mut shell = Command::new(program);
    shell.args(["-c", script]).env_clear().env("AWS_PROFILE", "other").env("AWS_SECURITY_TOKEN", "other");
    shell.envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
    shell.env("SECURECART", env!("CARGO_BIN_EXE_securecart")).current_dir(stage.home.path());
    let ran = Ran::of(shell);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{program}: {ran}");
    let mut lines: Vec<String> =
        ran.stdout.lines().filter(|line| line.starts_with("AWS_")).map(ToOwned::to_owned).collect();
    lines.sort();
    Some(lines)
}

#[test]
fn real_shells_take_the_credentials_and_drop_what_would_win_over_them() {
    let stage = Stage::signed_in();
    let kept = stage.run(&["credential-process"]).json_lines()[0].clone();
    let text = |key: &str| kept[key].as_str().unwrap().to_owned();
    let mut wanted = vec![
        format!("AWS_ACCESS_KEY_ID={}", text("AccessKeyId")),
        format!("AWS_SECRET_ACCESS_KEY={}", text("SecretAccessKey")),
        format!("AWS_SESSION_TOKEN={}", text("SessionToken")),
        format!("AWS_CREDENTIAL_EXPIRATION={}", text("Expiration")),
        format!("AWS_ACCOUNT_ID={}", common::PRODUCTION),
        format!("AWS_REGION={}", stage.sandbox.region()),
        format!("AWS_DEFAULT_REGION={}", stage.sandbox.region()),
        format!("AWS_ENDPOINT_URL={}", stage.sandbox.url()),
    ];
    wanted.sort();
    let eval = |shell: &str| format!("eval \"$(\"$SECURECART\" env --shell {shell})\"; env");
    let scripts = [("bash", eval("bash")), ("dash", eval("sh")), ("zsh", eval("zsh"))];
    for (program, script) in scripts.iter().cloned().chain([("fish", "$SECURECART env -s fish | source; env".into())]) {
        if let Some(lines) = read_by(&stage, program, &script) {
            assert_eq!(lines, wanted, "{program}");
        }
    }
}

#[test]
fn unset_takes_everything_out_again_and_needs_nobody_signed_in() {
    let stage = Stage::new();
    let before = "export AWS_ACCESS_KEY_ID=x AWS_REGION=y AWS_ROLE_ARN=z 'AWS_ENDPOINT_URL_S3=u'; ";
    let script = format!("{before} eval \"$(\"$SECURECART\" env --shell bash --unset)\"; env");
    assert_eq!(read_by(&stage, "bash", &script), Some(Vec::new()));
    let fish = "set -gx AWS_REGION y; $SECURECART env -s fish --unset | source; env";
    assert!(read_by(&stage, "fish", fish).is_none_or(|lines| lines.is_empty()));
}

#[test]
fn the_shell_is_the_persons_own() {
    let stage = Stage::signed_in();
    let run = |shell: &str| {
        let mut command = stage.command(&["env"]);
        command.env("SHELL", shell);
        Ran::of(command)
    };
    assert!(run("/bin/zsh").stdout.starts_with("export AWS_ACCESS_KEY_ID='ASIA"));
    assert!(run("/usr/bin/fish").stdout.starts_with("set -gx AWS_ACCESS_KEY_ID 'ASIA"));
    let ran = run("/bin/tcsh");
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran}");
    assert!(ran.stderr.contains("`securecart env --shell bash`"), "{ran}");
}

#[test]
fn a_variable_with_a_name_that_is_a_command_is_not_repeated() {
    let stage = Stage::signed_in();
    let mut command = stage.command(&["env", "--shell", "bash"]);
    command.env("AWS_ROLE_X; touch pwned", "x").env("AWS_ROLE_ARN", "x");
    let ran = Ran::of(command);
    assert!(ran.stdout.starts_with("unset AWS_ROLE_ARN\nexport "), "{ran}");
    assert!(!ran.stdout.contains("pwned"), "{ran}");
}

#[test]
fn json_and_nushell_are_one_record() {
    let stage = Stage::signed_in();
    let json = stage.run(&["env", "--shell", "json"]);
    assert_eq!(json.json_lines()[0]["AWS_ACCOUNT_ID"], common::PRODUCTION);
    assert_eq!(stage.run(&["env", "--shell", "nushell"]).stdout, json.stdout);
    let unset = stage.run(&["env", "--shell", "nu", "--unset"]).json_lines()[0].clone();
    assert!(unset.as_array().unwrap().iter().any(|name| name == "AWS_SESSION_TOKEN"), "{unset}");
}

#[test]
fn in_github_actions_secrets_are_masked_and_left_for_later_steps() {
    let stage = Stage::signed_in();
    let kept = stage.run(&["credential-process"]).json_lines()[0].clone();
    let file = stage.path("github_env");
    std::fs::write(&file, "EARLIER=1\n").unwrap();
    let run = || {
        let mut command = stage.command(&["env", "--shell", "github-actions"]);
        command.env("GITHUB_ENV", &file);
        Ran::of(command)
    };
    let ran = run();
    let text = |key: &str| kept[key].as_str().unwrap();
    let masks = ["AccessKeyId", "SecretAccessKey", "SessionToken"].map(|key| format!("::add-mask::{}\n", text(key)));
    assert_eq!((ran.code, ran.stdout, ran.stderr), (0, masks.concat(), String::new()));
    let written = std::fs::read_to_string(&file).unwrap();
    let (first, rest) = written.split_once('\n').unwrap();
    assert_eq!(first, "EARLIER=1");
    let (name, rest) = rest.split_once("<<").unwrap();
    let (delimiter, rest) = rest.split_once('\n').unwrap();
    assert_eq!(name, "AWS_ACCESS_KEY_ID");
    assert_eq!(delimiter.len(), 36);
    assert!(rest.starts_with(&format!("{}\n{delimiter}\nAWS_SECRET_ACCESS_KEY<<{delimiter}\n", text("AccessKeyId"))));

    // Without the file nothing is printed for anyone to see, not even the masks.
    std::fs::remove_file(&file).unwrap();
    let ran = run();
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{}", ran.stderr);
    let ran = stage.run(&["env", "--shell", "github-actions"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("GITHUB_ENV is not set"), "{ran}");
}
