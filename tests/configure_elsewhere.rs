//! `configure` for profiles whose credentials come from another profile, or are there already.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use common::{ALICE, PRODUCTION, Ran, Stage};
use securecart_sandbox::{Options, RoleSpec};

const POLICY: &str = include_str!("sandbox/policies/ci.json");
const DOCS: &str = "arn:aws:iam::333333333333:role/Docs";
const READ_ONLY: &str = "arn:aws:iam::333333333333:policy/DocsReadOnly";
const DANA: &str = "arn:aws:iam::333333333333:mfa/dana";

fn stage() -> Stage {
    let stage = Stage::with(Options { auto_approve: Some(ALICE.to_owned()), ..Options::default() });
    stage.configure(&[("account_id", &format!("{PRODUCTION:?}")), ("role_name", "\"DocsUser\"")]);
    let text = fs::read_to_string(stage.path("config.toml")).unwrap();
    fs::write(stage.path("config.toml"), format!("default_profile = \"docs\"\n{text}")).unwrap();
    stage
}

/// Writes the profile `new`.
fn configure(stage: &Stage, more: &[&str]) -> Ran {
    let fixed = ["configure", "--profile", "new", "--no-aws-config", "--endpoint-url", &stage.sandbox.url()];
    stage.run(&[&fixed, more].concat())
}

#[test]
fn a_role_of_another_profile_is_configured_and_works() {
    let stage = stage();
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{}"}},
            "Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],"Condition":{{"StringEquals":
            {{"sts:ExternalId":"agreed-on","sts:RoleSessionName":"alice"}}}}}}]}}"#,
        stage.sandbox.role_arn(PRODUCTION, "DocsUser")
    );
    let (account, name) = (PRODUCTION.into(), "Docs".into());
    stage.sandbox.add_role(RoleSpec { account, name, trust, policy: POLICY.into(), max_session_secs: 43_200 }).unwrap();
    stage.login();
    let said = ["--external-id", "agreed-on", "--role-session-name", "alice", "--bucket", stage.sandbox.bucket()];
    let ran = configure(&stage, &[&["--source", "docs", "--role-arn", DOCS], said.as_slice()].concat());
    assert_eq!(ran.code, 0, "{ran}");
    let whoami = stage.run(&["whoami", "--json", "--profile", "new"]);
    assert_eq!(whoami.code, 0, "{whoami}");
    assert_eq!(whoami.json_lines()[0]["arn"], "arn:aws:sts::333333333333:assumed-role/Docs/alice");

    // One setting of it can be changed, and the rest stays.
    let ran = configure(&stage, &["--external-id", "another"]);
    assert_eq!(ran.code, 0, "{ran}");
    let text = fs::read_to_string(stage.path("config.toml")).unwrap();
    assert!(text.contains("source = \"docs\"") && text.contains("external_id = \"another\""), "{text}");
    stage.run(&["logout", "--profile", "new"]);
    stage.login();
    let refused = stage.run(&["whoami", "--profile", "new"]);
    assert_eq!(refused.code, 5, "the option is what AWS was told: {refused}");
}

#[test]
fn what_the_owner_of_a_role_asks_for_is_given_as_options_and_kept() {
    let stage = stage();
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{}"}},
            "Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],"Condition":{{"StringEquals":
            {{"aws:RequestTag/team":"docs","sts:SourceIdentity":"alice"}}}}}}]}}"#,
        stage.sandbox.role_arn(PRODUCTION, "DocsUser")
    );
    let (account, name) = (PRODUCTION.into(), "Docs".into());
    stage.sandbox.add_role(RoleSpec { account, name, trust, policy: POLICY.into(), max_session_secs: 43_200 }).unwrap();
    stage.login();
    let role = ["--source", "docs", "--role-arn", DOCS, "--bucket", stage.sandbox.bucket()];
    let asked = ["--source-identity", "alice", "--session-tag", "team=docs", "--session-tag", "stage=test"];
    let ran = configure(&stage, &[role.as_slice(), &asked, &["--transitive-tag", "team"]].concat());
    assert_eq!(ran.code, 0, "{ran}");
    let ran = stage.run(&["ls", "--profile", "new"]);
    assert_eq!(ran.code, 0, "{ran}");
    let text = fs::read_to_string(stage.path("config.toml")).unwrap();
    assert!(text.contains("tags = { stage = \"test\", team = \"docs\" }\ntransitive_tags = [\"team\"]\n"), "{text}");

    // A policy limits the session; how a person lays it out in the file stays when something else changes.
    let nothing = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}"#;
    assert_eq!(configure(&stage, &["--policy", nothing]).code, 0);
    let ran = stage.run(&["ls", "--profile", "new"]);
    assert_eq!(ran.code, 5, "the policy is what AWS was told: {ran}");
    let text = fs::read_to_string(stage.path("config.toml")).unwrap().replace("policy = '{", "policy = '{  ");
    assert!(text.contains("policy = '{  "), "{text}");
    fs::write(stage.path("config.toml"), &text).unwrap();
    assert_eq!(configure(&stage, &["--external-id", "x:1"]).code, 0);
    assert_eq!(fs::read_to_string(stage.path("config.toml")).unwrap(), format!("{text}external_id = \"x:1\"\n"));

    // Tags that are given anew replace those that were there.
    assert_eq!(configure(&stage, &["--session-tag", "team=else", "--policy-arn", READ_ONLY]).code, 0);
    let text = fs::read_to_string(stage.path("config.toml")).unwrap();
    assert!(text.contains("tags = { team = \"else\" }\n") && text.contains(READ_ONLY), "{text}");
    let ran = stage.run(&["ls", "--profile", "new"]);
    assert_eq!(ran.code, 5, "{ran}");
}

#[test]
fn an_iam_users_keys_with_a_program_for_the_codes_are_configured_and_work() {
    let stage = stage();
    let user = stage.sandbox.user_keys("dana").unwrap();
    fs::create_dir(stage.path(".aws")).unwrap();
    let keys =
        format!("[dana]\naws_access_key_id={}\naws_secret_access_key={}\n", user.access_key_id, user.secret_access_key);
    fs::write(stage.path(".aws/credentials"), keys).unwrap();
    let program = stage.path("code");
    fs::write(&program, "#!/bin/sh\n[ \"$1\" = --single ] && cat \"$2\"\n").unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).unwrap();
    let shown = stage.path("shown");
    fs::write(&shown, stage.sandbox.mfa("dana").unwrap().1).unwrap();

    let command = ["--mfa-command", program.to_str().unwrap(), "--single", shown.to_str().unwrap()];
    let region = ["--region", stage.sandbox.region()];
    let what = ["--from-aws-profile", "dana", "--mfa-serial", DANA];
    let ran = configure(&stage, &[region.as_slice(), &what, &command].concat());
    assert_eq!(ran.code, 0, "{ran}");
    let whoami = stage.run(&["whoami", "--json", "--profile", "new"]);
    assert_eq!(whoami.json_lines()[0]["arn"], "arn:aws:iam::333333333333:user/dana", "{whoami}");
    let text = fs::read_to_string(stage.path("config.toml")).unwrap();
    assert!(text.contains("method = \"aws\"\n") && text.contains("mfa_command = ["), "{text}");
    assert!(!text.contains(&user.secret_access_key), "its keys stay where they are");
    // Doing it twice is doing it once.
    assert_eq!(configure(&stage, &[region.as_slice(), &what, &command].concat()).code, 0);
    assert_eq!(fs::read_to_string(stage.path("config.toml")).unwrap(), text);
}

#[test]
fn what_makes_no_sense_together_is_refused_in_words_and_nothing_is_written() {
    let stage = stage();
    let before = fs::read_to_string(stage.path("config.toml")).unwrap();
    let portal = ["--start-url", "https://example.awsapps.com/start", "--sso-region", "eu-west-1"];
    let with = |more: &[&'static str]| [portal.as_slice(), more].concat();
    let role = |more: &[&'static str]| [["--source", "docs", "--role-arn", DOCS].as_slice(), more].concat();
    for (options, said) in [
        (with(&["--source", "docs"]), "cannot be used with"),
        (with(&["--from-aws-profile", "old"]), "cannot be used with"),
        (vec!["--source", "docs", "--credential-source", "Environment"], "cannot be used with"),
        (vec!["--source", "docs", "--method", "sso", "--role-arn", DOCS], "assumes a role, and nothing else"),
        (vec!["--method", "aws", "--start-url", "https://example.awsapps.com/start"], "has `start_url`"),
        (vec!["--method", "oidc", "--credential-source", "EcsContainer"], "`credential_source` is for `--method aws`"),
        (vec!["--from-aws-profile", "old", "--role-arn", DOCS], "a role is assumed by a profile of its own"),
        (with(&["--external-id", "x:1"]), "`--external-id` is for a role"),
        (with(&["--session-tag", "team=docs"]), "`--session-tag` is for a role"),
        (with(&["--source-identity", "alice"]), "`--source-identity` is for a role"),
        (with(&["--policy", "{}"]), "`--policy` is for a role"),
        (with(&["--policy-arn", READ_ONLY]), "`--policy-arn` is for a role"),
        (with(&["--transitive-tag", "team"]), "`--transitive-tag` is for a role"),
        (role(&["--session-tag", "team"]), "is not KEY=VALUE"),
        (role(&["--session-tag", "team=a", "--session-tag", "team=b"]), "`team` is given twice"),
        (role(&["--transitive-tag", "team"]), "not one of the `tags`"),
        (role(&["--policy", "allow all"]), "is not a JSON object"),
        (role(&["--policy-arn", "ReadOnly"]), "is not an ARN"),
        (vec!["--all", "--session-tag", "team=docs"], "cannot be used with"),
        (with(&["--mfa-serial", DANA]), "`--mfa-serial` is for an IAM user's keys"),
        (vec!["--source", "docs", "--role-arn", DOCS, "--mfa-command", "ykman"], "needs the device"),
        (vec!["--source", "docs"], "`--role-arn` is missing"),
        (vec!["--method", "role"], "`--source` and `--role-arn` are missing"),
        (vec!["--from-aws-profile", "old"], "`--region` is missing"),
        (vec!["--source", "new", "--role-arn", DOCS], "new"),
        (vec!["--source", "nobody", "--role-arn", DOCS], "there is no profile `nobody`"),
        (vec!["--all", "--mfa-serial", DANA], "cannot be used with"),
    ] {
        let ran = configure(&stage, &options);
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{options:?}: {ran}");
        assert!(ran.stderr.contains(said), "{options:?}: {ran}");
        assert_eq!(fs::read_to_string(stage.path("config.toml")).unwrap(), before, "{options:?}");
    }
    // A profile that signs in doesn't become a role by an option, nor a role one that signs in.
    let ran = stage.run(&["configure", "--profile", "docs", "--source", "docs", "--role-arn", DOCS]);
    assert!(ran.code == 2 && ran.stderr.contains("this profile has `start_url`"), "{ran}");
    assert_eq!(configure(&stage, &["--source", "docs", "--role-arn", DOCS]).code, 0);
    let ran = configure(&stage, &portal);
    assert!(ran.code == 2 && ran.stderr.contains("this profile has `start_url`"), "{ran}");
}

#[test]
fn an_aws_profile_is_not_made_to_ask_itself() {
    let stage = stage();
    let old = ["configure", "--profile", "old", "--region", "eu-west-1", "--from-aws-profile", "old"];
    let ran = stage.run(&old);
    assert!(ran.code == 2 && ran.stderr.contains("from itself, through securecart"), "{ran}");
    assert!(!stage.path(".aws/config").exists());
    let ran = stage.run(&[old.as_slice(), &["--aws-profile", "old-session"]].concat());
    assert_eq!(ran.code, 0, "{ran}");
    assert!(fs::read_to_string(stage.path(".aws/config")).unwrap().contains("[profile old-session]"));
}
