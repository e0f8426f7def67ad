//! Chains of roles against the sandbox's STS: `source`, `role_arn` and what goes with them.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]
#![cfg(unix)]

mod common;

use std::process::Stdio;
use std::time::Duration;

use common::{ALICE, BOB, DEV, PRODUCTION, Ran, Stage};
use securecart_sandbox::{Options, RoleSpec, Sandbox};

/// A role whose folder policy is the product's own, and that may assume further ones.
const POLICY: &str = include_str!("sandbox/policies/ci.json");
const DOCS: &str = "arn:aws:iam::333333333333:role/Docs";

fn add_role(sandbox: &Sandbox, account: &str, name: &str, trusted: &str, condition: &str) {
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{trusted}"}},
            "Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"],"Condition":{condition}}}]}}"#
    );
    let (account, name) = (account.into(), name.into());
    sandbox.add_role(RoleSpec { account, name, trust, policy: POLICY.into(), max_session_secs: 43_200 }).unwrap();
}

/// alice signs in to `docs`, whose role is trusted by the role of `chained`.
fn stage(more: &[(&str, &str)], condition: &str) -> Stage {
    let stage = Stage::with(Options { auto_approve: Some(ALICE.to_owned()), ..Options::default() });
    add_role(&stage.sandbox, PRODUCTION, "Docs", &stage.sandbox.role_arn(PRODUCTION, "DocsUser"), condition);
    stage.configure(&[("account_id", &format!("{PRODUCTION:?}")), ("role_name", "\"DocsUser\"")]);
    append(&stage, "chained", "docs", DOCS, more);
    stage
}

fn append(stage: &Stage, name: &str, source: &str, role: &str, more: &[(&str, &str)]) {
    let path = stage.path("config.toml");
    let mut text = std::fs::read_to_string(&path).unwrap();
    if !text.contains("default_profile") {
        text = format!("default_profile = \"docs\"\n{text}");
    }
    text.push_str(&format!(
        "[profile.{name}]\nsource = {source:?}\nrole_arn = {role:?}\nbucket = {:?}\nendpoint_url = {:?}\n",
        stage.sandbox.bucket(),
        stage.sandbox.url()
    ));
    for (key, value) in more {
        text.push_str(&format!("{key} = {value}\n"));
    }
    std::fs::write(path, text).unwrap();
}

fn run(stage: &Stage, words: &str) -> Ran {
    stage.run(&words.split(' ').collect::<Vec<_>>())
}

fn ok(stage: &Stage, words: &str) -> Ran {
    let ran = run(stage, words);
    assert_eq!(ran.code, 0, "{words}: {ran}");
    ran
}

fn whoami(stage: &Stage, profile: &str) -> serde_json::Value {
    ok(stage, &format!("whoami --json --profile {profile}")).json_lines()[0].clone()
}

#[test]
fn one_login_serves_the_chain_and_the_folder_has_the_persons_name() {
    let stage = stage(&[], "{}");
    let login = ok(&stage, "login --profile chained");
    assert!(login.stderr.contains("role     Docs") && login.stderr.contains(ALICE), "{login}");
    let who = whoami(&stage, "chained");
    let user_id = who["user_id"].as_str().unwrap();
    assert!(user_id.ends_with(&format!(":{ALICE}")), "{who}");
    assert_eq!(who["role_name"], "Docs");
    // The source is signed in too, as who it is.
    assert_eq!(whoami(&stage, "docs")["user_id"], stage.sandbox.user_id(ALICE, PRODUCTION, "DocsUser"));

    std::fs::write(stage.path("f"), "mine").unwrap();
    ok(&stage, "put f --profile chained");
    assert_eq!(stage.sandbox.object(stage.sandbox.bucket(), &format!("{user_id}/f")).as_deref(), Some(&b"mine"[..]));
    // Kept: neither the portal nor STS is asked for each command.
    let assumed = stage.calls("sts:AssumeRole");
    let process = ok(&stage, "credential-process --profile chained").json_lines()[0].clone();
    assert_eq!(process["AccountId"], PRODUCTION);
    assert_eq!(stage.calls("sts:AssumeRole"), assumed);
    let exec = ok(&stage, "exec --profile chained -- env");
    assert!(exec.stdout.contains(&format!("AWS_ACCESS_KEY_ID={}", process["AccessKeyId"].as_str().unwrap())), "{exec}");
    assert!(
        ok(&stage, "env --shell bash --profile chained").stdout.contains(process["SessionToken"].as_str().unwrap())
    );
}

#[test]
fn a_chain_is_renewed_silently_hop_by_hop_once() {
    let stage = stage(&[], "{}");
    ok(&stage, "login --profile chained");
    let before = whoami(&stage, "chained");
    stage.sandbox.expire_role_credentials();
    stage.sandbox.reset_counters();
    // S3 is who says that they have ended; both hops are renewed.
    ok(&stage, "ls --profile chained");
    assert_eq!(stage.calls("sts:AssumeRole"), 2, "refused once, with the source's ended credentials");
    assert_eq!(whoami(&stage, "chained")["user_id"], before["user_id"]);

    // Any number of callers renew once.
    let items: Vec<_> = common::sealed(&stage);
    assert!(items.len() >= 3, "a session and two profiles: {items:?}");
    for name in ["docs", "chained"] {
        ok(&stage, &format!("logout --profile {name}"));
    }
    ok(&stage, "login");
    stage.sandbox.reset_counters();
    let callers: Vec<_> = (0..8)
        .map(|_| {
            let mut command = stage.command(&["credential-process", "--profile", "chained"]);
            std::thread::spawn(move || Ran::from(command.output().unwrap()))
        })
        .collect();
    let keys: Vec<_> =
        callers.into_iter().map(|it| it.join().unwrap().json_lines()[0]["AccessKeyId"].clone()).collect();
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    assert_eq!(stage.calls("sts:AssumeRole"), 1);
}

#[test]
fn any_number_of_hops_keep_the_name() {
    let stage = stage(&[], "{}");
    add_role(&stage.sandbox, DEV, "Second", DOCS, "{}");
    add_role(&stage.sandbox, PRODUCTION, "Third", "arn:aws:iam::111111111111:role/Second", "{}");
    append(&stage, "second", "chained", "arn:aws:iam::111111111111:role/Second", &[]);
    append(&stage, "third", "second", "arn:aws:iam::333333333333:role/Third", &[]);
    let login = ok(&stage, "login --profile third");
    assert!(login.stderr.contains("role     Third"), "{login}");
    let who = whoami(&stage, "third");
    assert!(who["arn"].as_str().unwrap().ends_with(&format!("assumed-role/Third/{ALICE}")), "{who}");
    // A profile in the middle was kept for itself.
    stage.sandbox.reset_counters();
    ok(&stage, "credential-process --profile second");
    assert_eq!(stage.calls("sts:AssumeRole"), 0, "each hop is kept for itself");
    stage.sandbox.expire_role_credentials();
    ok(&stage, "ls --profile third");
    assert_eq!(
        stage.calls("sts:AssumeRole"),
        3 + 3,
        "each was tried once with the ended credentials of the one before"
    );
}

#[test]
fn what_the_roles_owner_asks_for_is_sent() {
    let condition = r#"{"StringEquals":{"sts:ExternalId":"e:1/x","sts:RoleSessionName":"reports","sts:SourceIdentity":"alice",
        "aws:RequestTag/team":"docs"},"ForAllValues:StringEquals":{"sts:TransitiveTagKeys":["team"]}}"#;
    let all = [
        ("external_id", "\"e:1/x\""),
        ("role_session_name", "\"reports\""),
        ("source_identity", "\"alice\""),
        ("tags", "{ team = \"docs\", stage = \"x\" }"),
        ("transitive_tags", "[\"team\"]"),
    ];
    let good = stage(&all, condition);
    ok(&good, "login --profile chained");
    assert!(whoami(&good, "chained")["user_id"].as_str().unwrap().ends_with(":reports"));
    for missing in 0..all.len() - 1 {
        let mut some = all.to_vec();
        some.remove(missing);
        if missing == 3 {
            some.pop();
        }
        let stage = stage(&some, condition);
        let ran = run(&stage, "login --profile chained");
        assert_eq!((ran.code, ran.stdout.as_str()), (5, ""), "without {}: {ran}", all[missing].0);
        assert!(ran.stderr.contains("doesn't let you assume arn:aws:iam::333333333333:role/Docs"), "{ran}");
        assert!(ran.stderr.contains("`external_id`"), "{ran}");
    }
}

#[test]
fn session_policies_narrow_the_role() {
    let stage = stage(&[("policy_arns", "[\"arn:aws:iam::333333333333:policy/DocsReadOnly\"]")], "{}");
    ok(&stage, "login --profile chained");
    ok(&stage, "ls --profile chained");
    std::fs::write(stage.path("f"), "mine").unwrap();
    assert_eq!(run(&stage, "put f --profile chained").code, 5);
    let inline = "'''{ \"Version\": \"2012-10-17\", \"Statement\": [ { \"Effect\": \"Allow\", \"Action\": \"s3:*\", \
                  \"Resource\": \"*\" } ] }'''";
    append(&stage, "wide", "docs", DOCS, &[("policy", inline)]);
    ok(&stage, "put f --profile wide");
}

#[test]
fn another_setting_is_another_session() {
    let stage = stage(&[], "{}");
    ok(&stage, "login --profile chained");
    let path = stage.path("config.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}role_session_name = \"other\"\n")).unwrap();
    assert!(whoami(&stage, "chained")["user_id"].as_str().unwrap().ends_with(":other"));
}

/// Signs in with a code that this person approves.
fn login_as(stage: &Stage, person: &str, words: &[&str]) {
    let child = stage.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let code = common::eventually("a code", || stage.sandbox.state().pending_user_codes.first().cloned());
    stage.sandbox.approve(&code, person).unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 0, "{ran}");
}

#[test]
fn who_signs_in_next_does_not_get_the_last_ones_folder() {
    let stage = Stage::with(Options::default());
    add_role(&stage.sandbox, PRODUCTION, "Docs", &stage.sandbox.role_arn(PRODUCTION, "DocsUser"), "{}");
    stage.configure(&[("account_id", &format!("{PRODUCTION:?}")), ("role_name", "\"DocsUser\"")]);
    append(&stage, "chained", "docs", DOCS, &[]);
    login_as(&stage, ALICE, &["login", "--profile", "chained"]);
    assert!(whoami(&stage, "chained")["user_id"].as_str().unwrap().ends_with(ALICE));
    login_as(&stage, BOB, &["login", "--force", "--profile", "docs"]);
    assert!(whoami(&stage, "chained")["user_id"].as_str().unwrap().ends_with(BOB));
}

#[test]
fn nobody_signed_in_is_said_with_the_command_that_helps() {
    let stage = stage(&[], "{}");
    let ran = run(&stage, "credential-process --profile chained");
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{ran}");
    assert!(ran.stderr.contains("`securecart login --profile docs`"), "{ran}");
    let status = ok(&stage, "status --json --profile chained").json_lines()[0].clone();
    assert_eq!((&status["method"], &status["source"]), (&"role".into(), &"docs".into()));
    assert_eq!((&status["signed_in"], &status["renewable"]), (&false.into(), &false.into()), "{status}");
    ok(&stage, "login --profile chained");
    let status = ok(&stage, "status --json --profile chained").json_lines()[0].clone();
    assert_eq!((&status["signed_in"], &status["renewable"]), (&true.into(), &true.into()), "{status}");
    assert_eq!(status["role_name"], "Docs");
}

#[test]
fn logout_of_the_chain_is_logout_of_its_root_and_all_that_is_built_on_it() {
    let stage = stage(&[], "{}");
    ok(&stage, "login --profile chained");
    let ran = ok(&stage, "logout --profile chained");
    assert!(ran.stderr.contains(&format!("Signed out of {}", stage.sandbox.start_url())), "{ran}");
    assert_eq!(stage.calls("portal:Logout"), 1);
    for profile in ["docs", "chained"] {
        assert_eq!(run(&stage, &format!("credential-process --profile {profile}")).code, 4, "{profile}");
    }
    // And the other way round.
    ok(&stage, "login --profile chained");
    ok(&stage, "logout --profile docs");
    assert_eq!(run(&stage, "credential-process --profile chained").code, 4);
}

#[test]
fn the_console_takes_no_duration_for_a_chained_role() {
    let stage = stage(&[], "{}");
    ok(&stage, "login --profile chained");
    assert_eq!(common::browse(ok(&stage, "console --print --profile chained").stdout.trim()).0, 200);
    let ran = run(&stage, "console --print --duration 8h --profile chained");
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran}");
    assert!(ran.stderr.contains("another role assumed"), "{ran}");
}

#[test]
fn loops_and_hours_too_long_are_found_when_the_file_is_read() {
    let stage = stage(&[("session_duration", "\"8h\"")], "{}");
    let ran = run(&stage, "credential-process --profile chained");
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran}");
    assert!(ran.stderr.contains("limits to an hour") && ran.stderr.contains("assumed again silently"), "{ran}");
    append(&stage, "a", "b", DOCS, &[]);
    append(&stage, "b", "c", DOCS, &[]);
    append(&stage, "c", "a", DOCS, &[]);
    let ran = run(&stage, "credential-process --profile a");
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("`a` → `b` → `c` → `a`"), "{ran}");
    append(&stage, "d", "nobody", DOCS, &[]);
    let ran = run(&stage, "credential-process --profile d");
    assert_eq!(ran.code, 2, "{ran}");
    assert!(ran.stderr.contains("there is no profile `nobody`"), "{ran}");
    // One profile's mistake is not another's.
    assert_eq!(run(&stage, "login --profile docs").code, 0);
}

#[test]
fn a_throttled_sts_is_asked_again_and_a_failure_is_not_a_lost_session() {
    use securecart_sandbox::{Effect, Fault, Service};
    let stage = stage(&[], "{}");
    ok(&stage, "login --profile docs");
    let throttle = |times| {
        let effect = Effect::Status { status: 400, code: "Throttling".into() };
        stage.sandbox.fault(Fault { times, ..Fault::new(effect).on(Service::Sts, "AssumeRole") });
    };
    throttle(Some(1));
    ok(&stage, "credential-process --profile chained");
    stage.sandbox.advance(Duration::from_secs(1));
    assert_eq!(stage.calls("sts:AssumeRole"), 2);
}
