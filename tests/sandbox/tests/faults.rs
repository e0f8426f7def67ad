//! The sandbox misbehaves exactly as it is told.

#![allow(clippy::unwrap_used)]

mod common;

use std::time::{Duration, Instant};

use common::signin::sign_in;
use common::*;
use securecart_sandbox::{Effect, Fault, Sandbox, Service};

const BUCKET: &str = "securecart-user-docs";

fn seeded() -> (Sandbox, aws_sdk_s3::Client, String) {
    let sandbox = start();
    let key = format!("{}/a", sandbox.user_id(ALICE, PRODUCTION, "DocsUser"));
    sandbox.put_object(BUCKET, &key, "0123456789").unwrap();
    let s3 = s3(&sandbox, &sandbox.role_credentials(ALICE, PRODUCTION, "DocsUser").unwrap());
    (sandbox, s3, key)
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_come_in_each_services_own_words() {
    let (sandbox, s3, key) = seeded();
    let status = |service, operation, status, error: &str| {
        sandbox.fault(Fault::new(Effect::Status { status, code: error.into() }).on(service, operation).times(1));
    };
    let get = || s3.get_object().bucket(BUCKET).key(&key).send();
    status(Service::S3, "GetObject", 503, "SlowDown");
    assert_eq!(code(get().await), "SlowDown");
    assert!(get().await.is_ok(), "only once");
    let (_, _, tokens) = sign_in(&sandbox, ALICE).await;
    status(Service::Portal, "ListAccounts", 429, "TooManyRequestsException");
    let listed = portal(&sandbox).list_accounts().access_token(tokens.access_token().unwrap()).send().await;
    assert_eq!(code(listed), "TooManyRequestsException");
    status(Service::Oidc, "RegisterClient", 500, "InternalServerException");
    let registered = oidc(&sandbox).register_client().client_name("x").client_type("public").send().await;
    assert_eq!(code(registered), "InternalServerException");
    status(Service::Sts, "GetCallerIdentity", 503, "ServiceUnavailable");
    let keys = sandbox.user_keys("ci").unwrap();
    assert_eq!(code(sts(&sandbox, &keys).get_caller_identity().send().await), "ServiceUnavailable");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_break_on_the_way() {
    let (sandbox, s3, key) = seeded();
    let get = || s3.get_object().bucket(BUCKET).key(&key).send();
    sandbox.fault(Fault::new(Effect::Truncate { bytes: 4 }).on(Service::S3, "GetObject").times(1));
    let cut = get().await.unwrap();
    assert_eq!(cut.content_length(), Some(10));
    assert!(cut.body.collect().await.is_err());
    sandbox.fault(Fault::new(Effect::Corrupt { at: 3 }).on(Service::S3, "GetObject").about(&key).times(1));
    let bad = get().await.unwrap();
    // The client asked for checksums, as it does by itself, and notices.
    assert!(bad.body.collect().await.is_err());
    assert_eq!(get().await.unwrap().body.collect().await.unwrap().to_vec(), b"0123456789");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_drop_before_or_after_the_work() {
    let (sandbox, s3, key) = seeded();
    let other = format!("{key}2");
    let put = || s3.put_object().bucket(BUCKET).key(&other).body(b"x".to_vec().into()).send();
    sandbox.fault(Fault::new(Effect::Drop).on(Service::S3, "PutObject").times(1));
    assert!(put().await.is_err());
    assert!(sandbox.object(BUCKET, &other).is_none());
    sandbox.fault(Fault::new(Effect::DropReply).on(Service::S3, "PutObject").times(1));
    assert!(put().await.is_err());
    assert!(sandbox.object(BUCKET, &other).is_some());
    assert_eq!(sandbox.state().requests_of("s3", "PutObject"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn latency_is_added_and_rules_can_be_forgotten() {
    let (sandbox, s3, key) = seeded();
    sandbox.fault(Fault::new(Effect::Latency { ms: 300 }).on(Service::S3, "GetObject"));
    let timed = async || {
        let begun = Instant::now();
        s3.get_object().bucket(BUCKET).key(&key).send().await.unwrap();
        begun.elapsed()
    };
    assert!(timed().await >= Duration::from_millis(300));
    sandbox.clear_faults();
    assert!(timed().await < Duration::from_millis(300));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_date_header_shows_the_skewed_clock() {
    let sandbox = start();
    sandbox.set_skew(3600);
    let reply = browser().get(sandbox.start_url()).send().await.unwrap();
    let date = reply.headers()["date"].to_str().unwrap();
    let shown = jiff::fmt::rfc2822::parse(date).unwrap().timestamp();
    let ahead = shown.duration_since(jiff::Timestamp::now()).as_secs();
    assert!((3590..=3600).contains(&ahead), "{ahead}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_can_be_driven_over_http() {
    let sandbox = start();
    let post = |path: &str, body: &str| {
        browser().post(format!("{}/_sandbox/{path}", sandbox.url())).body(body.to_owned()).send()
    };
    let ok = async |path: &str, body: &str| assert_eq!(post(path, body).await.unwrap().status(), 200, "{path} {body}");
    ok("faults", r#"{"service":"s3","effect":"drop"}"#).await;
    ok("clock", r#"{"advance_secs":10,"skew_secs":-5}"#).await;
    ok("revoke", r#"{"access_tokens":true,"refresh_tokens":true,"role_credentials":true,"clients":true}"#).await;
    ok("objects", r#"{"key":"a//b","body":"x"}"#).await;
    ok("objects", r#"{"prefix":"n/","count":3,"size":2}"#).await;
    ok("credentials", r#"{"person":"bob@example.com","account":"333333333333","role":"DocsUser"}"#).await;
    ok("reset-counters", "{}").await;
    assert_eq!(post("approve", r#"{"user_code":"X","person":"bob@example.com"}"#).await.unwrap().status(), 400);
    assert_eq!(
        post("credentials", r#"{"person":"bob@example.com","account":"333333333333","role":"Admin"}"#)
            .await
            .unwrap()
            .status(),
        400
    );
    assert_eq!(sandbox.keys(BUCKET), ["a//b", "n/000000", "n/000001", "n/000002"]);
    let state = browser().get(format!("{}/_sandbox/state", sandbox.url())).send().await.unwrap();
    let state: securecart_sandbox::State = state.json().await.unwrap();
    assert_eq!(state.objects.len(), 4);
}
