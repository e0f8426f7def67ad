//! `securecart exec` against the sandbox.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]
#![cfg(unix)]

mod common;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use common::{Ran, Stage};
use rustix::process::{Pid, Signal, kill_process};
use securecart_sandbox::Options;

/// The environment a command was given.
fn environment(ran: &Ran) -> BTreeMap<String, String> {
    assert_eq!(ran.code, 0, "{ran}");
    let pairs = ran.stdout.lines().filter_map(|line| line.split_once('='));
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn the_command_gets_the_credentials_and_nothing_that_selects_others() {
    let stage = Stage::signed_in();
    let kept = stage.run(&["credential-process"]).json_lines()[0].clone();
    let mut command = stage.command(&["exec", "--", "env"]);
    for (name, value) in [
        ("AWS_PROFILE", "other"),
        ("AWS_ACCESS_KEY_ID", "AKIAOTHER"),
        ("AWS_SECURITY_TOKEN", "other"),
        ("AWS_ROLE_ARN", "arn:aws:iam::111111111111:role/Other"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/other"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:9/other"),
        ("AWS_ENDPOINT_URL_DYNAMODB", "https://other.example"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_PAGER", "cat"),
        ("AWS_MAX_ATTEMPTS", "7"),
    ] {
        command.env(name, value);
    }
    let given = environment(&Ran::of(command));
    let aws: BTreeMap<&str, &str> =
        given.iter().filter(|(name, _)| name.starts_with("AWS_")).map(|(name, value)| (&**name, &**value)).collect();
    let url = stage.sandbox.url();
    let text = |key: &str| kept[key].as_str().unwrap();
    assert_eq!(
        aws,
        BTreeMap::from([
            ("AWS_ACCESS_KEY_ID", text("AccessKeyId")),
            ("AWS_SECRET_ACCESS_KEY", text("SecretAccessKey")),
            ("AWS_SESSION_TOKEN", text("SessionToken")),
            ("AWS_CREDENTIAL_EXPIRATION", text("Expiration")),
            ("AWS_ACCOUNT_ID", common::PRODUCTION),
            ("AWS_REGION", stage.sandbox.region()),
            ("AWS_DEFAULT_REGION", stage.sandbox.region()),
            ("AWS_ENDPOINT_URL", url.as_str()),
            ("AWS_PAGER", "cat"),
            ("AWS_MAX_ATTEMPTS", "7"),
        ])
    );
    assert!(!given.contains_key("SECURECART_PASSPHRASE"));
}

#[test]
fn the_command_takes_our_place_with_its_own_exit_code_limits_and_files() {
    let stage = Stage::signed_in();
    let script = "echo $$; ulimit -S -c; ulimit -H -c; ls /proc/self/fd | wc -l; exit 42";
    let mut child =
        stage.command(&["exec", "--", "sh", "-c", script]).stdout(Stdio::piped()).spawn().expect("the binary starts");
    let pid = child.id();
    let mut told = String::new();
    child.stdout.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(42));
    let mut outer = Command::new("sh");
    outer.args(["-c", "ulimit -S -c; ulimit -H -c; ls /proc/self/fd | wc -l"]).stdin(Stdio::null());
    let outer = String::from_utf8(outer.output().unwrap().stdout).unwrap();
    assert_eq!(told, format!("{pid}\n{outer}"));
}

#[test]
fn a_limit_of_core_dumps_reaches_the_command_as_it_was_set() {
    let stage = Stage::signed_in();
    for mode in [&["exec", "--"][..], &["exec", "--serve", "--"]] {
        let ours = stage.command(mode);
        let mut outer = Command::new("sh");
        outer.args(["-c", "ulimit -S -c 4; exec \"$@\"", "sh"]).arg(ours.get_program()).args(ours.get_args());
        outer.args(["sh", "-c", "ulimit -S -c"]).env_clear().stdin(Stdio::null());
        outer.envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let ran = Ran::of(outer);
        assert_eq!((ran.code, ran.stdout.as_str()), (0, "4\n"), "{ran}");
    }
}

#[test]
fn what_cannot_be_started_exits_127_or_126_and_says_why() {
    let stage = Stage::signed_in();
    std::fs::write(stage.path("data"), "x").unwrap();
    for mode in [&["exec", "--"][..], &["exec", "--serve", "--"]] {
        let ran = stage.run(&[mode, &["no-such-program"]].concat());
        assert_eq!(ran.code, 127, "{ran}");
        assert!(ran.stderr.contains("there is no program `no-such-program`"), "{ran}");
        let ran = stage.run(&[mode, &["./data"]].concat());
        assert_eq!(ran.code, 126, "{ran}");
        assert!(ran.stderr.contains("`./data` can't be started"), "{ran}");
    }
}

#[test]
fn without_a_sign_in_nothing_is_started() {
    let stage = Stage::new();
    for mode in [&["exec"][..], &["exec", "--serve"]] {
        let ran = stage.run(&[mode, &["--", "touch", "started"]].concat());
        assert_eq!(ran.code, 4, "{ran}");
        assert!(ran.stderr.contains("`securecart login --profile docs`"), "{ran}");
        assert!(!stage.path("started").exists());
    }
}

#[test]
fn options_behind_the_command_are_its_own() {
    let stage = Stage::signed_in();
    let ran = stage.run(&["exec", "echo", "--serve", "-p", "x", "--", "--help"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "--serve -p x -- --help\n"), "{ran}");
}

/// A command that waits below `exec --serve`, and what it was told.
struct Served {
    child: Child,
    uri: String,
    token: String,
}

impl Served {
    fn start(stage: &Stage) -> Self {
        let script = "echo $AWS_CONTAINER_CREDENTIALS_FULL_URI $AWS_CONTAINER_AUTHORIZATION_TOKEN; cat >/dev/null";
        let mut child = stage
            .command(&["exec", "--serve", "--", "sh", "-c", script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let (uri, token) = line.trim().split_once(' ').expect(&line);
        Self { uri: uri.to_owned(), token: token.to_owned(), child }
    }

    /// Asks as an SDK does, with these lines in the head.
    fn ask(&self, start: &str, host: &str, token: &str) -> (u16, String) {
        let address = self.uri.strip_prefix("http://").unwrap().split_once('/').unwrap().0;
        let mut stream = TcpStream::connect(address).unwrap();
        let host = if host.is_empty() { address } else { host };
        write!(stream, "{start} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {token}\r\n\r\n").unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").expect(&reply);
        (head[9..12].parse().unwrap(), body.to_owned())
    }

    fn credentials(&self) -> serde_json::Value {
        let (status, body) = self.ask("GET /credentials", "", &self.token);
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    fn end(mut self) -> Ran {
        drop(self.child.stdin.take());
        Ran::from(self.child.wait_with_output().unwrap())
    }
}

#[test]
fn served_credentials_are_in_no_environment_and_need_the_token() {
    let stage = Stage::signed_in();
    let given = environment(&stage.run(&["exec", "--serve", "--", "env"]));
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
        assert!(!given.contains_key(name), "{given:?}");
    }
    assert_eq!(given["AWS_REGION"], stage.sandbox.region());

    let served = Served::start(&stage);
    let kept = stage.run(&["credential-process"]).json_lines()[0].clone();
    let got = served.credentials();
    assert!(served.uri.starts_with("http://127.0.0.1:"));
    assert_eq!(got["AccessKeyId"], kept["AccessKeyId"]);
    assert_eq!(got["SecretAccessKey"], kept["SecretAccessKey"]);
    assert_eq!(got["Token"], kept["SessionToken"]);
    assert_eq!(got["Expiration"], kept["Expiration"]);
    for (start, host, token, status) in [
        ("GET /credentials", "", "wrong", 403),
        ("GET /credentials", "evil.example", served.token.as_str(), 403),
        ("GET /", "", served.token.as_str(), 404),
        ("POST /credentials", "", served.token.as_str(), 405),
    ] {
        let (answered, body) = served.ask(start, host, token);
        assert_eq!(answered, status, "{start}");
        assert!(!body.contains("Secret"), "{body}");
    }
    assert_eq!(served.end().code, 0);
}

/// Role credentials that last a few seconds.
fn short_lived() -> Stage {
    let options =
        Options { auto_approve: Some(common::ALICE.to_owned()), role_credential_secs: 3, ..Options::default() };
    let stage = Stage::with(options);
    stage.configure(&[("account_id", "\"333333333333\""), ("role_name", "\"DocsUser\"")]);
    stage.login();
    stage
}

#[test]
fn the_endpoint_renews_as_long_as_the_command_runs() {
    let stage = short_lived();
    let served = Served::start(&stage);
    let first = served.credentials();
    std::thread::sleep(Duration::from_secs(4));
    let second = served.credentials();
    assert_ne!(first["AccessKeyId"], second["AccessKeyId"]);
    let expires: jiff::Timestamp = second["Expiration"].as_str().unwrap().parse().unwrap();
    assert!(expires > jiff::Timestamp::now());

    // The session ends: SDKs are told so with a code that they don't try again after, and the person once.
    stage.sandbox.revoke_access_tokens();
    stage.sandbox.revoke_refresh_tokens();
    std::thread::sleep(Duration::from_secs(4));
    for _ in 0..2 {
        let (status, body) = served.ask("GET /credentials", "", &served.token);
        assert_eq!(status, 401, "{body}");
        assert!(body.contains("`securecart login --profile docs`"), "{body}");
    }
    let ran = served.end();
    assert_eq!(ran.stderr.matches("error: not signed in").count(), 1, "{ran}");
}

#[test]
fn signals_are_passed_on_and_the_code_tells_of_one_that_ended_the_command() {
    let stage = Stage::signed_in();
    let script = "trap 'echo got it; exit 7' TERM; echo ready; for i in $(seq 100); do sleep 0.05; done; exit 9";
    let start = |script: &str| {
        let mut child = stage
            .command(&["exec", "--serve", "--", "sh", "-c", script])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = [0; 6];
        child.stdout.as_mut().unwrap().read_exact(&mut ready).unwrap();
        child
    };
    let child = start(script);
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.stdout.as_str()), (7, "got it\n"), "{ran}");

    let child = start("echo ready; exec sleep 5");
    kill_process(Pid::from_child(&child), Signal::HUP).unwrap();
    assert_eq!(Ran::from(child.wait_with_output().unwrap()).code, 128 + 1);
}

#[test]
fn a_default_profile_that_sdks_would_prefer_is_hidden_and_only_then() {
    let stage = Stage::signed_in();
    std::fs::create_dir(stage.path(".aws")).unwrap();
    std::fs::write(stage.path(".aws/config"), "[default]\noutput = json\n").unwrap();
    std::fs::write(stage.path(".aws/credentials"), "[default]\naws_access_key_id = AKIAOTHER\n").unwrap();
    let ran = stage.run(&["exec", "--serve", "--", "env"]);
    let given = environment(&ran);
    assert_eq!(given["AWS_SHARED_CREDENTIALS_FILE"], "/dev/null");
    assert!(!given.contains_key("AWS_CONFIG_FILE"));
    assert!(ran.stderr.contains("its default profile has aws_access_key_id (line 2)"), "{ran}");

    std::fs::write(stage.path(".aws/config"), "[default]\ncredential_process = /usr/bin/other\n").unwrap();
    let given = environment(&stage.run(&["exec", "--serve", "--", "env"]));
    assert_eq!(given["AWS_CONFIG_FILE"], "/dev/null");
    // Credentials in the environment win over either file.
    assert!(!environment(&stage.run(&["exec", "--", "env"])).contains_key("AWS_CONFIG_FILE"));
}

#[test]
fn the_endpoints_token_is_not_for_a_proxy() {
    let stage = Stage::signed_in();
    let given = |pairs: &[(&str, &str)]| {
        let mut command = stage.command(&["exec", "--serve", "--", "env"]);
        command.envs(pairs.iter().copied());
        environment(&Ran::of(command)).get("NO_PROXY").cloned()
    };
    assert_eq!(given(&[]), None);
    assert_eq!(given(&[("HTTP_PROXY", "http://127.0.0.1:1")]).as_deref(), Some("127.0.0.1"));
    let both = [("ALL_PROXY", "http://127.0.0.1:1"), ("NO_PROXY", "intranet.example")];
    assert_eq!(given(&both).as_deref(), Some("intranet.example,127.0.0.1"));
}
