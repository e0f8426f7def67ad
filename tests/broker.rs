//! `securecart broker-token` against the sandbox's STS and S3.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]
#![cfg(unix)]

mod common;

use std::fs;
use std::process::Command;

use common::{PRODUCTION, Ran, Stage};
use securecart_sandbox::Options;

fn stage(more: &str) -> Stage {
    let stage = Stage::with(Options::default());
    let sandbox = &stage.sandbox;
    let text = format!(
        "default_profile = \"broker\"\n[profile.broker]\nmethod = \"aws\"\ncredential_source = \"Environment\"\nregion = \
         \"{0}\"\nbucket = {1:?}\nendpoint_url = {2:?}\n{more}\n[profile.holder]\nmethod = \"aws\"\ncredential_source = \
         \"Environment\"\nregion = \"{0}\"\nbucket = {1:?}\nendpoint_url = {2:?}\n",
        sandbox.region(),
        sandbox.bucket(),
        sandbox.url(),
    );
    fs::write(stage.path("config.toml"), text).unwrap();
    stage
}

/// The binary with the broker's keys.
fn broker(stage: &Stage, words: &str) -> Command {
    let keys = stage.sandbox.user_keys("broker").unwrap();
    let mut command = stage.command(&words.split(' ').collect::<Vec<_>>());
    command.env("AWS_ACCESS_KEY_ID", keys.access_key_id).env("AWS_SECRET_ACCESS_KEY", keys.secret_access_key);
    command
}

/// The binary with what the broker handed out, and nothing else.
fn holder(stage: &Stage, token: &serde_json::Value, words: &[&str]) -> Ran {
    let mut command = stage.command(words);
    for (name, key) in [
        ("AWS_ACCESS_KEY_ID", "AccessKeyId"),
        ("AWS_SECRET_ACCESS_KEY", "SecretAccessKey"),
        ("AWS_SESSION_TOKEN", "SessionToken"),
    ] {
        command.env(name, token[key].as_str().unwrap());
    }
    command.env("SECURECART_PROFILE", "holder");
    Ran::of(command)
}

#[test]
fn the_holder_has_the_named_folder_and_the_neighbours_is_denied() {
    let stage = stage("");
    let token = |name: &str| {
        let ran = Ran::of(broker(&stage, &format!("broker-token --name {name} --duration 1h --json")));
        assert_eq!(ran.code, 0, "{ran}");
        assert!(ran.stderr.contains(&format!("s3://securecart-user-docs/{PRODUCTION}:{name}/")), "{ran}");
        ran.json_lines()[0].clone()
    };
    let (dora, emil) = (token("dora"), token("emil"));
    fs::write(stage.path("f"), "mine").unwrap();
    assert_eq!(holder(&stage, &dora, &["put", "f"]).code, 0);
    let key = format!("{PRODUCTION}:dora/f");
    assert_eq!(stage.sandbox.object(stage.sandbox.bucket(), &key).as_deref(), Some(&b"mine"[..]));
    assert_eq!(holder(&stage, &dora, &["get", "f", "-"]).stdout, "mine");
    assert!(holder(&stage, &dora, &["ls"]).stdout.contains('f'));
    let who = holder(&stage, &dora, &["whoami", "--json"]).json_lines()[0].clone();
    assert_eq!(who["user_id"], format!("{PRODUCTION}:dora"));
    assert_eq!(who["role_name"], serde_json::Value::Null);

    // emil, whose own folder is another, asks S3 for dora's with a client of his own: the policy refuses him.
    assert!(!holder(&stage, &emil, &["ls"]).stdout.contains('f'));
    for (bucket_path, allowed) in [("dora", false), ("emil", true)] {
        let prefix = format!("{PRODUCTION}:{bucket_path}/");
        let status = signed_list(&stage, &emil, &prefix);
        assert_eq!(status == 200, allowed, "{prefix}: {status}");
    }
    assert_eq!(holder(&stage, &dora, &["rm", "f"]).code, 0);
    assert_eq!(stage.sandbox.object(stage.sandbox.bucket(), &key), None);
}

/// The status of a listing that a client other than ours asks for.
fn signed_list(stage: &Stage, token: &serde_json::Value, prefix: &str) -> u16 {
    use aws_credential_types::Credentials;
    use aws_sdk_s3::config::{BehaviorVersion, Region};
    let text = |key: &str| token[key].as_str().unwrap().to_owned();
    let credentials =
        Credentials::new(text("AccessKeyId"), text("SecretAccessKey"), Some(text("SessionToken")), None, "test");
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(stage.sandbox.region().to_owned()))
        .endpoint_url(stage.sandbox.url())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .force_path_style(true)
        .credentials_provider(credentials);
    let client = aws_sdk_s3::Client::from_conf(config.build());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    match runtime.block_on(client.list_objects_v2().bucket(stage.sandbox.bucket()).prefix(prefix).send()) {
        Ok(_) => 200,
        Err(error) => error.raw_response().map_or(0, |reply| reply.status().as_u16()),
    }
}

#[test]
fn it_lasts_as_long_as_asked_and_is_exported_as_env_does() {
    let stage = stage("");
    let ran = Ran::of(broker(&stage, "broker-token --name dora --duration 36h --shell bash"));
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stdout.contains("export AWS_SESSION_TOKEN='"), "{ran}");
    let until = ran.stdout.lines().find(|line| line.contains("EXPIRATION")).unwrap();
    let until: jiff::Timestamp = until.split('\'').nth(1).unwrap().parse().unwrap();
    let hours = until.duration_since(jiff::Timestamp::now()).as_secs() / 3600;
    assert!((35..=36).contains(&hours), "{until}");
    for (words, said) in [
        ("broker-token --name dora --duration 37h", "36h"),
        ("broker-token --name d", "2 to 32"),
        ("broker-token --name a/b", "2 to 32"),
        ("broker-token", "--name"),
    ] {
        let ran = Ran::of(broker(&stage, words));
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{words}: {ran}");
        assert!(ran.stderr.contains(said), "{words}: {ran}");
    }
    assert_eq!(stage.calls("sts:GetFederationToken"), 1);
}

#[test]
fn only_an_iam_users_own_keys_make_federated_users() {
    let stage = stage("");
    let keys = stage.sandbox.role_credentials(common::ALICE, PRODUCTION, "DocsUser").unwrap();
    let mut command = broker(&stage, "broker-token --name dora --json");
    command.env("AWS_ACCESS_KEY_ID", &keys.access_key_id).env("AWS_SECRET_ACCESS_KEY", &keys.secret_access_key);
    command.env("AWS_SESSION_TOKEN", keys.session_token.unwrap());
    let ran = Ran::of(command);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran}");
    assert!(ran.stderr.contains("IAM user's own keys"), "{ran}");
    // A user who may not: what AWS says of it.
    let keys = stage.sandbox.user_keys("ci").unwrap();
    let mut command = broker(&stage, "broker-token --name dora --json");
    command.env("AWS_ACCESS_KEY_ID", keys.access_key_id).env("AWS_SECRET_ACCESS_KEY", keys.secret_access_key);
    let ran = Ran::of(command);
    assert_eq!((ran.code, ran.stdout.as_str()), (5, ""), "{ran}");
    let sso = Stage::signed_in();
    assert_eq!(sso.run(&["broker-token", "--name", "dora", "--json"]).code, 2);
}

#[test]
fn a_folder_that_a_federated_user_can_not_have_is_refused_before_anything_is_made() {
    let stage = stage("folder = \"${aws:username}/\"\n");
    let ran = Ran::of(broker(&stage, "broker-token --name dora --json"));
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran}");
    assert!(ran.stderr.contains("${aws:username}"), "{ran}");
    assert_eq!(stage.calls("sts:GetFederationToken"), 0);
}
