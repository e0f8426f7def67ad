//! `method = "aws"`: credentials from the environment, a container, an instance or an AWS profile, and MFA for IAM users.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]
#![cfg(unix)]

mod common;
#[path = "common/terminal.rs"]
mod terminal;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::time::Duration;

use common::{PRODUCTION, Ran, Stage};
use securecart_sandbox::{Effect, Fault, Options, RoleSpec, Service};
use terminal::Terminal;

const SERIAL: &str = "arn:aws:iam::333333333333:mfa/dana";

/// One profile, `docs`, with these keys.
fn stage(more: &[(&str, &str)]) -> Stage {
    let stage = Stage::with(Options::default());
    fs::write(stage.path("config.toml"), profile(&stage, "docs", more)).unwrap();
    stage
}

fn profile(stage: &Stage, name: &str, more: &[(&str, &str)]) -> String {
    let mut text = format!(
        "[profile.{name}]\nregion = \"{}\"\nbucket = {:?}\nendpoint_url = {:?}\n",
        stage.sandbox.region(),
        stage.sandbox.bucket(),
        stage.sandbox.url(),
    );
    if !more.iter().any(|(key, _)| *key == "source") {
        text.push_str("method = \"aws\"\n");
    }
    for (key, value) in more {
        text.push_str(&format!("{key} = {value}\n"));
    }
    text
}

/// The binary where nothing is kept but what the profile says, and nothing is there but what is given.
fn command(stage: &Stage, words: &str) -> Command {
    let mut command = stage.command(&words.split(' ').collect::<Vec<_>>());
    command.env_remove("SECURECART_KEYCHAIN").env("AWS_EC2_METADATA_DISABLED", "true");
    command
}

fn with_user(mut command: Command, stage: &Stage, user: &str) -> Command {
    let keys = stage.sandbox.user_keys(user).unwrap();
    command.env("AWS_ACCESS_KEY_ID", keys.access_key_id).env("AWS_SECRET_ACCESS_KEY", keys.secret_access_key);
    command
}

fn ok(command: Command) -> Ran {
    let ran = Ran::of(command);
    assert_eq!(ran.code, 0, "{ran}");
    ran
}

/// A user's own folder in which `put` and `get` work.
fn uses_its_folder(stage: &Stage, user_id: &str, command: impl Fn(&str) -> Command) {
    fs::write(stage.path("f"), "mine").unwrap();
    ok(command("put f"));
    assert_eq!(stage.sandbox.object(stage.sandbox.bucket(), &format!("{user_id}/f")).as_deref(), Some(&b"mine"[..]));
    assert_eq!(ok(command("get f -")).stdout, "mine");
}

#[test]
fn keys_in_the_environment_open_the_users_folder_and_are_kept_nowhere() {
    let stage = stage(&[("credential_source", "\"Environment\"")]);
    let run = |words: &str| with_user(command(&stage, words), &stage, "ci");
    let who = ok(run("whoami --json")).json_lines()[0].clone();
    assert_eq!(who["arn"], "arn:aws:iam::333333333333:user/ci");
    assert_eq!(who["role_name"], serde_json::Value::Null);
    uses_its_folder(&stage, who["user_id"].as_str().unwrap(), run);
    // What is handed on ends: the keys themselves never are.
    let keys = stage.sandbox.user_keys("ci").unwrap();
    for words in ["credential-process", "env --shell bash", "exec -- env", "whoami -vvv", "login"] {
        let ran = ok(run(words));
        for text in [&ran.stdout, &ran.stderr] {
            assert!(!text.contains(&keys.access_key_id) && !text.contains(&keys.secret_access_key), "{words}: {ran}");
        }
    }
    let process = ok(run("credential-process")).json_lines()[0].clone();
    assert!(process["AccessKeyId"].as_str().unwrap().starts_with("ASIA"), "{process}");
    assert!(process["SessionToken"].is_string() && process["Expiration"].is_string(), "{process}");
    assert!(common::sealed(&stage).is_empty(), "nothing is kept");
    let status = ok(run("status"));
    assert!(
        status.stdout.contains("gets credentials by itself, when they are needed")
            && status.stdout.contains("the environment"),
        "{status}"
    );
}

#[test]
fn temporary_credentials_are_used_as_they_are() {
    let stage = stage(&[]);
    let keys = stage.sandbox.role_credentials(common::ALICE, PRODUCTION, "DocsUser").unwrap();
    let run = |words: &str| {
        let mut command = with_user(command(&stage, words), &stage, "ci");
        command.env("AWS_ACCESS_KEY_ID", &keys.access_key_id).env("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key);
        command.env("AWS_SESSION_TOKEN", keys.session_token.as_ref().unwrap());
        command
    };
    uses_its_folder(&stage, stage.folder().trim_end_matches('/'), run);
    assert_eq!(ok(run("credential-process")).json_lines()[0]["AccessKeyId"], keys.access_key_id);
    assert_eq!(stage.calls("sts:GetSessionToken"), 0);
    stage.sandbox.expire_role_credentials();
    let ran = Ran::of(run("whoami"));
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{ran}");
    assert!(ran.stderr.contains("renew them where they come from"), "{ran}");
}

#[test]
fn other_keys_in_the_environment_are_somebody_else_at_once() {
    let stage = stage(&[("keychain", "\"file\"")]);
    let who = |user: &str| {
        let ran = ok(with_user(command(&stage, "whoami --json"), &stage, user));
        ran.json_lines()[0]["arn"].as_str().unwrap().to_owned()
    };
    assert!(who("ci").ends_with("user/ci"));
    assert!(who("admin").ends_with("user/admin"));
    assert!(who("ci").ends_with("user/ci"));
}

#[test]
fn an_instance_and_a_container_give_their_roles_credentials() {
    let machine = |source: &str| stage(&[("credential_source", source)]);
    let on_instance = machine("\"Ec2InstanceMetadata\"");
    let run = |words: &str| {
        let mut command = command(&on_instance, words);
        command.env_remove("AWS_EC2_METADATA_DISABLED");
        // No proxy gets to see the token.
        command.env("HTTP_PROXY", "http://127.0.0.1:9").env("http_proxy", "http://127.0.0.1:9");
        command.env("AWS_EC2_METADATA_SERVICE_ENDPOINT", on_instance.sandbox.url());
        command
    };
    uses_its_folder(&on_instance, &on_instance.sandbox.machine_user_id(), run);

    let in_container = machine("\"EcsContainer\"");
    let run = |words: &str| {
        let mut command = command(&in_container, words);
        command.env("HTTP_PROXY", "http://127.0.0.1:9");
        let url = format!("{}/v2/credentials/sandbox", in_container.sandbox.url());
        command.env("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
        command.env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "sandbox-container-token");
        command
    };
    uses_its_folder(&in_container, &in_container.sandbox.machine_user_id(), run);
    let mut wrong = run("whoami");
    wrong.env("AWS_CONTAINER_AUTHORIZATION_TOKEN", "guessed");
    let ran = Ran::of(wrong);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran}");
    assert!(!ran.stderr.contains("guessed"), "{ran}");
}

#[test]
fn an_aws_profile_gives_keys_or_asks_a_program() {
    let stage = stage(&[("aws_profile", "\"old-keys\"")]);
    let keys = stage.sandbox.user_keys("ci").unwrap();
    fs::create_dir(stage.path(".aws")).unwrap();
    let credentials = format!(
        "[old-keys]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        keys.access_key_id, keys.secret_access_key
    );
    fs::write(stage.path(".aws/credentials"), &credentials).unwrap();
    let ran = ok(command(&stage, "whoami --json"));
    assert_eq!(ran.json_lines()[0]["arn"], "arn:aws:iam::333333333333:user/ci");

    // The same through a program, and through another profile's `source_profile`.
    fs::remove_file(stage.path(".aws/credentials")).unwrap();
    let json = format!(
        r#"{{"Version":1,"AccessKeyId":"{}","SecretAccessKey":"{}"}}"#,
        keys.access_key_id, keys.secret_access_key
    );
    fs::write(stage.path("keys.json"), json).unwrap();
    let process = format!("[profile old-keys]\ncredential_process = cat {}\n", stage.path("keys.json").display());
    fs::write(stage.path(".aws/config"), &process).unwrap();
    assert_eq!(ok(command(&stage, "whoami --json")).json_lines()[0]["arn"], "arn:aws:iam::333333333333:user/ci");

    fs::write(stage.path(".aws/config"), "[profile old-keys]\ncredential_process = sh -c 'echo refused >&2; exit 3'\n")
        .unwrap();
    let ran = Ran::of(command(&stage, "whoami"));
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{ran}");
    assert!(ran.stderr.contains("AWS profile `old-keys`") && ran.stderr.contains("refused"), "{ran}");
}

#[test]
fn an_aws_profile_that_asks_us_is_refused_rather_than_waited_for() {
    let stage = stage(&[("aws_profile", "\"admin\"")]);
    fs::create_dir(stage.path(".aws")).unwrap();
    let text = "[profile docs]\ncredential_process = securecart credential-process --profile docs\n\
                [profile admin]\nsource_profile = docs\nrole_arn = arn:aws:iam::333333333333:role/X\n";
    fs::write(stage.path(".aws/config"), text).unwrap();
    let ran = Ran::of(command(&stage, "credential-process"));
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran}");
    assert!(ran.stderr.contains("from AWS profile `admin`, which gets them from securecart's profile `docs`"), "{ran}");
}

#[test]
fn nothing_anywhere_is_not_signed_in() {
    let stage = stage(&[]);
    let ran = Ran::of(command(&stage, "ls"));
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{ran}");
    assert!(ran.stderr.contains("there are no AWS credentials in the environment, a profile, a container"), "{ran}");
}

/// dana's keys are in an AWS profile; her policy wants MFA.
fn dana(more: &[(&str, &str)]) -> Stage {
    let mut keys = vec![("aws_profile", "\"dana\""), ("mfa_serial", "\"arn:aws:iam::333333333333:mfa/dana\"")];
    keys.extend(more);
    let stage = stage(&keys);
    let user = stage.sandbox.user_keys("dana").unwrap();
    fs::create_dir(stage.path(".aws")).unwrap();
    let text =
        format!("[dana]\naws_access_key_id={}\naws_secret_access_key={}\n", user.access_key_id, user.secret_access_key);
    fs::write(stage.path(".aws/credentials"), text).unwrap();
    stage
}

#[test]
fn a_code_is_asked_for_at_login_and_good_for_the_sessions_lifetime() {
    let stage = dana(&[]);
    let ran = stage.run(&["credential-process"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{ran}");
    assert!(ran.stderr.contains("`securecart login --profile docs`"), "{ran}");
    assert_eq!(stage.calls("sts:GetSessionToken"), 0);

    let (_, code) = stage.sandbox.mfa("dana").unwrap();
    let mut terminal = Terminal::start(stage.command(&["login"]));
    terminal.answer(&format!("Code of MFA device {SERIAL}"), "12345").answer("six digits", &code);
    let (exit, screen) = terminal.finish();
    assert_eq!(exit, 0, "{screen}");
    assert!(screen.contains("as       dana") && !screen.contains("then renewed"), "{screen}");
    assert!(!screen.contains(&code), "it is typed without being shown: {screen}");
    let id = stage.run(&["whoami", "--json"]).json_lines()[0]["user_id"].as_str().unwrap().to_owned();
    uses_its_folder(&stage, &id, |words| stage.command(&words.split(' ').collect::<Vec<_>>()));
    assert_eq!(stage.run(&["login"]).code, 0, "no code while the session lasts");
    assert_eq!(stage.calls("sts:GetSessionToken"), 1);
    // The session is as long as AWS's default.
    stage.sandbox.advance(Duration::from_secs(11 * 3600));
    assert_eq!(stage.run(&["ls"]).code, 0);
    let ran = stage.run(&["logout"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert_eq!(stage.run(&["credential-process"]).code, 4);
}

#[test]
fn a_refused_code_is_sent_once() {
    let stage = dana(&[]);
    let (_, code) = stage.sandbox.mfa("dana").unwrap();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let login = |code: &str| {
        let mut terminal = Terminal::start(stage.command(&["login"]));
        terminal.answer("Code of MFA device", code);
        terminal.finish()
    };
    let (exit, screen) = login(wrong);
    assert_eq!(exit, 5, "{screen}");
    assert!(screen.contains("STS refuses the MFA code") && screen.contains("next code"), "{screen}");
    assert_eq!(stage.calls("sts:GetSessionToken"), 1);
    // Nor when the answer is lost: the code may have been used.
    stage.sandbox.fault(Fault::new(Effect::DropReply).on(Service::Sts, "GetSessionToken"));
    assert_eq!(login(&code).0, 6);
    assert_eq!(stage.calls("sts:GetSessionToken"), 2);
}

/// A program that prints the code that dana's device shows.
fn code_program(stage: &Stage, script: &str) -> String {
    let path = stage.path("code");
    fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    format!("[{:?}, \"an argument; with $(signs)\"]", path.to_str().unwrap())
}

#[test]
fn a_program_tells_the_code_without_a_person() {
    let stage = dana(&[]);
    let command = code_program(&stage, &format!("echo \"$1\" > {0}/told; cat {0}/shown", stage.home.path().display()));
    let text = fs::read_to_string(stage.path("config.toml")).unwrap();
    fs::write(stage.path("config.toml"), format!("{text}mfa_command = {command}\n")).unwrap();
    fs::write(stage.path("shown"), format!("AWS:dana  {}\n", stage.sandbox.mfa("dana").unwrap().1)).unwrap();
    let ran = stage.run(&["credential-process"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran}");
    assert_eq!(
        fs::read_to_string(stage.path("told")).unwrap().trim(),
        "an argument; with $(signs)",
        "no shell reads it"
    );
    assert_eq!(stage.run(&["ls"]).code, 0);
    assert_eq!(stage.calls("sts:GetSessionToken"), 1, "kept");

    for (script, said) in [
        ("exit 3", "failed: exit status: 3"),
        ("echo none", "printed no code of six digits"),
        ("yes 1", "printed more than 4096 bytes"),
        ("exec sleep 60", "did not finish within 10 s"),
    ] {
        code_program(&stage, script);
        stage.run(&["logout"]);
        let ran = stage.run(&["credential-process"]);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{script}: {ran}");
        assert!(ran.stderr.contains(said), "{script}: {ran}");
    }
    assert_eq!(stage.calls("sts:GetSessionToken"), 1);
}

#[test]
fn a_role_that_wants_mfa_is_assumed_with_a_code() {
    let stage = dana(&[]);
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"333333333333"},
        "Action":"sts:AssumeRole","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}]}"#;
    let role = RoleSpec {
        account: PRODUCTION.into(),
        name: "Docs".into(),
        trust: trust.into(),
        policy: include_str!("sandbox/policies/folder.json").into(),
        max_session_secs: 43_200,
    };
    stage.sandbox.add_role(role).unwrap();
    let role = ("role_arn", "\"arn:aws:iam::333333333333:role/Docs\"");
    let serial = ("mfa_serial", "\"arn:aws:iam::333333333333:mfa/dana\"");
    let text = [
        profile(&stage, "keys", &[("aws_profile", "\"dana\"")]),
        profile(&stage, "direct", &[("source", "\"keys\""), role, serial, ("session_duration", "\"12h\"")]),
        profile(&stage, "bare", &[("source", "\"keys\""), role]),
        profile(&stage, "session", &[("aws_profile", "\"dana\""), serial]),
        profile(&stage, "through", &[("source", "\"session\""), role]),
    ];
    fs::write(stage.path("config.toml"), text.concat()).unwrap();
    let ran = stage.run(&["login", "--profile", "bare"]);
    assert_eq!(ran.code, 5, "{ran}");

    for (profile, asked) in [("direct", "sts:AssumeRole"), ("through", "sts:GetSessionToken")] {
        stage.sandbox.advance(Duration::from_secs(60));
        let before = stage.calls(asked);
        let mut terminal = Terminal::start(stage.command(&["login", "--profile", profile]));
        terminal.answer("Code of MFA device", &stage.sandbox.mfa("dana").unwrap().1);
        let (exit, screen) = terminal.finish();
        assert_eq!(exit, 0, "{profile}: {screen}");
        assert_eq!(stage.calls(asked), before + 1, "{profile}");
        let who = stage.run(&["whoami", "--json", "--profile", profile]).json_lines()[0].clone();
        assert!(who["arn"].as_str().unwrap().ends_with("assumed-role/Docs/dana"), "{who}");
    }
    // Kept until it ends; then only a person can tell the next code. A session renews its role without one.
    stage.sandbox.expire_role_credentials();
    assert_eq!(stage.run(&["ls", "--profile", "direct"]).code, 4);
}
