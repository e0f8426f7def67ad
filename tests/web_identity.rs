//! Where ID tokens come from besides GitHub Actions, and what is said when there is none or STS refuses it.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]
#![cfg(unix)]

mod common;

use std::process::Command;

use common::Ran;
use common::runner::{ROLE, Runner, SUBJECT};
use securecart_sandbox::{CI_AUDIENCE, IdTokenSpec};

#[test]
fn the_token_may_be_in_a_file_or_a_variable() {
    let runner = Runner::new();
    let token = runner.token("repo:example/docs:environment:prod");
    let ran = Ran::of(runner.in_pod(&token, &["put", "-r", "build/", "reports/"]));
    assert_eq!(ran.code, 0, "{ran}");
    assert!(runner.sandbox.keys(runner.sandbox.bucket())[0].contains(":repo-example-docs-environment-prod-"));
    // GitLab's, by the name of its variable; the subject of another project is another folder.
    let gitlab = runner.token("project_path:example/docs:ref_type:branch:ref:main");
    let mut command = runner.bare(&["whoami", "--json"]);
    command.env("SECURECART_ROLE_ARN", ROLE).env("SECURECART_TOKEN_ENV", "AWS_TOKEN").env("AWS_TOKEN", &gitlab);
    let ran = Ran::of(command);
    assert_eq!(ran.code, 0, "{ran}");
    let user = ran.user_id();
    assert!(user.contains(":project_path-example-docs-ref_type-branch-"), "{user}");
    assert_eq!(user.split_once(':').unwrap().1.len(), 64);
    // A name that was given is the session's.
    for variable in ["SECURECART_ROLE_SESSION_NAME", "AWS_ROLE_SESSION_NAME"] {
        let mut command = runner.in_pod(&token, &["whoami", "--json"]);
        command.env(variable, "nightly@docs");
        let ran = Ran::of(command);
        assert!(ran.user_id().ends_with(":nightly@docs"), "{ran}");
    }
}

#[test]
fn the_file_that_comes_with_a_role_goes_with_that_role() {
    let runner = Runner::new();
    // A runner in a pod: the pod has a role of its own, and the job another.
    let pod = runner.token("repo:example/docs:pod");
    let with_job = |mut command: Command| {
        command
            .env("ACTIONS_ID_TOKEN_REQUEST_URL", &runner.job.request_url)
            .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", &runner.job.request_token);
        command
    };
    let who = |command: Command| Ran::of(command).user_id();
    let args = ["whoami", "--json"];
    assert!(who(with_job(runner.in_pod(&pod, &args))).contains(":repo-example-docs-pod-"));
    let mut both = with_job(runner.in_pod(&pod, &args));
    both.env("SECURECART_ROLE_ARN", ROLE);
    assert!(who(both).contains(":repo-example-docs-ref-refs-heads-main-"));
}

#[test]
fn each_thing_that_is_missing_or_refused_is_said() {
    let runner = Runner::new();
    let try_with = |changes: &[(&str, Option<&str>)], code: i32, words: &[&str]| {
        let mut command = runner.in_job(&["put", "-r", "build/", "reports/"]);
        for (name, value) in changes {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        let ran = Ran::of(command);
        assert_eq!(ran.code, code, "{words:?} {ran}");
        assert!(ran.stdout.is_empty() && !ran.stderr.contains("hunter2"), "{ran}");
        for word in words {
            assert!(ran.stderr.contains(word), "{word}: {ran}");
        }
    };
    const URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
    const BEARER: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
    try_with(&[(URL, None), (BEARER, None)], 2, &["no GitHub Actions job", "id-token: write", "SECURECART_TOKEN_FILE"]);
    try_with(&[(BEARER, None)], 2, &["ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set"]);
    try_with(&[(URL, Some("http://evil.example/x"))], 2, &[URL, "plain http"]);
    try_with(&[("AWS_REGION", None)], 2, &["no region", "SECURECART_REGION"]);
    try_with(&[("SECURECART_BUCKET", None)], 2, &["no bucket", "SECURECART_BUCKET"]);
    try_with(&[("SECURECART_ROLE_ARN", Some("CiDocs"))], 2, &["SECURECART_ROLE_ARN", "ARN"]);
    let (env, file) = ("SECURECART_TOKEN_ENV", "SECURECART_TOKEN_FILE");
    try_with(&[(env, Some("NO_SUCH"))], 2, &["NO_SUCH", "id_tokens:"]);
    try_with(&[(file, Some("/nonexistent/token"))], 2, &["/nonexistent/token"]);
    try_with(&[(file, Some("t")), (env, Some("T"))], 2, &[env, file]);
    try_with(&[(env, Some("T")), ("T", Some("hunter2"))], 1, &["the variable T", "not an ID token"]);
    // What STS refuses, each in its own words.
    let other = runner.token("repo:other/project:ref:refs/heads/main");
    try_with(&[(env, Some("T")), ("T", Some(&other))], 5, &["AccessDenied", "CiDocs", "trust policy"]);
    let late = IdTokenSpec { lifetime_secs: -1, ..IdTokenSpec::new("actions", SUBJECT, CI_AUDIENCE) };
    let late = runner.sandbox.id_token(&late);
    try_with(&[(env, Some("T")), ("T", Some(&late))], 5, &["has expired"]);
    try_with(&[("SECURECART_AUDIENCE", Some("somebody"))], 5, &["InvalidIdentityToken", "Incorrect token audience"]);
    // What climbs out of the folder costs no token.
    let before = runner.calls("issuer:JobToken");
    let ran = runner.run(&["put", "build/index.html", "../x"]);
    assert!(ran.code == 5 && ran.stderr.contains("outside"), "{ran}");
    assert_eq!(runner.calls("issuer:JobToken"), before);
}

#[test]
fn a_profile_of_the_file_may_say_the_same() {
    let runner = Runner::new();
    let config = |more: &str| {
        let text = format!("[profile.ci]\nmethod = \"oidc\"\nrole_arn = \"{ROLE}\"\nregion = \"eu-central-1\"\n{more}");
        std::fs::write(runner.path("config.toml"), text).unwrap();
    };
    let run = |args: &[&str], more: &[(&str, &str)]| {
        let mut command = runner.in_job(args);
        command.env_remove("SECURECART_ROLE_ARN").env("SECURECART_CONFIG", runner.path("config.toml"));
        command.env("PATH", "/usr/bin:/bin").envs(more.iter().copied());
        Ran::of(command)
    };
    let args = ["whoami", "--json"];
    config("");
    let ran = run(&args, &[]);
    assert!(ran.code == 0 && ran.user_id().contains(":repo-example-docs-ref-"), "{ran}");
    config("role_session_name = \"nightly\"\nsession_duration = \"2h\"");
    let ran = run(&args, &[("AWS_ROLE_SESSION_NAME", "below")]);
    assert!(ran.user_id().ends_with(":nightly"), "{ran}");
    std::fs::write(runner.path("token"), runner.token("repo:example/docs:file")).unwrap();
    config(&format!("token_file = {:?}", runner.path("token")));
    assert!(run(&args, &[]).user_id().contains(":repo-example-docs-file-"));
    config("token_env = \"T\"");
    assert!(run(&args, &[("T", &runner.token("repo:example/docs:variable"))]).user_id().contains("-variable-"));
    config(&format!("token_command = [\"cat\", {:?}]", runner.path("token")));
    assert!(run(&args, &[]).user_id().contains(":repo-example-docs-file-"));
    // A role that is named for the job is the one, where the profile is named too.
    config("role_session_name = \"x1\"");
    let ran = run(
        &["--profile", "ci", "whoami", "--json"],
        &[("SECURECART_ROLE_ARN", "arn:aws:iam::333333333333:role/None")],
    );
    assert!(ran.code == 5 && ran.stderr.contains("role/None"), "{ran}");

    for (more, words) in [
        ("token_file = 'a'\ntoken_env = 'B'", "`token_file` and `token_env`"),
        ("token_env = 'a b'", "name of the environment variable"),
        ("token_command = []", "names no program"),
        ("token_command = 'get-token'", "a list of texts"),
        ("token_file = ''", "empty"),
        ("role_session_name = 'a b'", "role session name"),
        ("audience = ''", "audience"),
        ("issuer = 'https://login.example.com'", "no `client_id`"),
        ("issuer = 'http://login.example.com'\nclient_id = 'x'", "plain http"),
    ] {
        config(more);
        let ran = run(&args, &[]);
        assert!(ran.code == 2 && ran.stderr.contains(words), "{more}: {ran}");
    }
    std::fs::write(runner.path("config.toml"), "[profile.ci]\nmethod = \"oidc\"\nregion = \"eu-central-1\"\n").unwrap();
    let ran = run(&args, &[]);
    assert!(ran.code == 2 && ran.stderr.contains("no `role_arn`"), "{ran}");
}

#[test]
fn what_is_kept_on_request_is_never_another_jobs() {
    let runner = Runner::new();
    let keep = |mut command: Command| {
        command
            .env("SECURECART_KEYCHAIN", "file")
            .env("SECURECART_PASSPHRASE", common::PASSPHRASE)
            .env("SECURECART_STATE_DIR", runner.path("state"));
        Ran::of(command)
    };
    let args = ["whoami", "--json"];
    let first = keep(runner.in_job(&args)).user_id();
    assert_eq!(keep(runner.in_job(&args)).user_id(), first);
    assert_eq!(runner.calls("sts:AssumeRoleWithWebIdentity"), 1);
    // Another job on the same runner.
    let other = runner.sandbox.start_job("repo:example/docs:pull_request");
    let mut command = runner.in_job(&args);
    command
        .env("ACTIONS_ID_TOKEN_REQUEST_URL", &other.request_url)
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", &other.request_token);
    assert!(keep(command).user_id().contains(":repo-example-docs-pull_request-"));
    // And another token in the same variable.
    let with_token = |subject: &str| {
        let mut command = runner.in_job(&args);
        command.env("SECURECART_TOKEN_ENV", "T").env("T", runner.token(subject));
        keep(command).user_id()
    };
    assert!(with_token("repo:example/docs:one").contains("-one-"));
    let before = runner.calls("sts:AssumeRoleWithWebIdentity");
    assert!(with_token("repo:example/docs:one").contains("-one-"));
    assert_eq!(runner.calls("sts:AssumeRoleWithWebIdentity"), before);
    assert!(with_token("repo:example/docs:two").contains("-two-"));
}
