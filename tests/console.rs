//! `securecart console` against the sandbox's federation endpoint.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]
#![cfg(unix)]

mod common;

use common::{Browser, Ran, Stage};
use securecart_sandbox::{Effect, Fault, Service};

#[test]
fn the_printed_address_opens_a_session_as_the_caller() {
    let stage = Stage::signed_in();
    let ran = stage.run(&["console", "--print", "--destination", "s3", "--duration", "8h"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{ran}");
    let (status, page) = common::browse(ran.stdout.trim());
    assert_eq!(status, 200);
    assert!(page.contains(stage.folder().trim_end_matches('/')), "{page}");
    assert!(page.contains("https://console.aws.amazon.com/s3/home?region=eu-central-1"), "{page}");
    let calls = stage.sandbox.state().calls;
    let call = calls.iter().find(|call| call.operation == "GetSigninToken").unwrap();
    assert_eq!(call.subject.as_deref(), Some("28800"));
}

#[test]
fn without_a_duration_the_session_lasts_as_long_as_the_credentials() {
    let stage = Stage::signed_in();
    assert_eq!(stage.run(&["console", "--print"]).code, 0);
    let calls = stage.sandbox.state().calls;
    assert_eq!(calls.iter().find(|call| call.operation == "GetSigninToken").unwrap().subject, None);
}

#[test]
fn the_browser_is_led_there_once_and_no_token_is_on_its_command_line() {
    let stage = Stage::signed_in();
    let browser = Browser::new(&stage);
    let mut command = stage.command(&["console", "--open"]);
    command.env("BROWSER", &browser.script);
    std::thread::scope(|scope| {
        let running = scope.spawn(|| Ran::of(command));
        let url = common::eventually("the browser", || browser.urls().first().cloned());
        assert!(url.starts_with("http://127.0.0.1:") && !url.contains("SigninToken"), "{url}");
        // A stranger who doesn't know the path gets nothing, and ends nothing.
        let origin = url.rsplit_once('/').unwrap().0;
        assert_eq!(common::browse(&format!("{origin}/")).0, 404);
        let (status, page) = common::browse(&url);
        assert_eq!(status, 200, "{page}");
        let ran = running.join().unwrap();
        assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{ran}");
        assert!(ran.stderr.contains("Opened the console as DocsUser"), "{ran}");
        assert_eq!(common::browse(&url).0, 0, "it is gone");
    });
}

#[test]
fn where_no_browser_opens_nothing_is_asked_for() {
    let stage = Stage::signed_in();
    let ran = stage.run(&["console"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran}");
    assert!(ran.stderr.contains("`securecart console --print`"), "{ran}");
    assert_eq!(stage.calls("signin:GetSigninToken"), 0);
}

#[test]
fn what_the_endpoint_refuses_is_explained_without_a_secret() {
    let stage = Stage::signed_in();
    stage
        .sandbox
        .fault(Fault::new(Effect::Status { status: 400, code: "x".into() }).on(Service::Signin, "GetSigninToken"));
    let ran = stage.run(&["console", "--print", "-vvv"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (5, ""), "{ran}");
    assert!(ran.stderr.contains("refused the credentials (HTTP 400)"), "{ran}");
    let kept = stage.run(&["credential-process"]).json_lines()[0].clone();
    for key in ["SecretAccessKey", "SessionToken"] {
        assert!(!ran.stderr.contains(kept[key].as_str().unwrap()), "{ran}");
    }
}

#[test]
fn a_destination_outside_of_the_console_is_refused() {
    let stage = Stage::signed_in();
    let ran = stage.run(&["console", "--print", "--destination", "https://evil.example/"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{ran}");
    assert_eq!(stage.calls("signin:GetSigninToken"), 0);
}
