//! `-v`: what is told of what is being done.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests are tests too")]

mod common;

use common::Stage;
use securecart_sandbox::{Effect, Fault, Service};

#[test]
fn a_sign_in_tells_which_host_is_asked() {
    let stage = Stage::new();
    let quiet = stage.run(&["login", "--force"]);
    assert!(quiet.code == 0 && !quiet.stderr.contains("asks a service"), "{quiet}");
    let ran = stage.run(&["login", "--force", "-v"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains("INFO asks a service host=\"127.0.0.1\"\n"), "{ran}");
}

#[test]
fn a_transfer_tells_its_folder_and_what_is_done_again_and_with_vv_each_request() {
    let stage = Stage::signed_in();
    std::fs::write(stage.path("report"), "x").unwrap();
    let slow = Effect::Status { status: 503, code: "SlowDown".to_owned() };
    stage.sandbox.fault(Fault::new(slow).on(Service::S3, "PutObject").times(4));
    let ran = stage.run(&["put", "report", "2026/", "-v"]);
    assert_eq!(ran.code, 0, "{ran}");
    let folder = format!("INFO your folder bucket={} prefix={:?}", stage.sandbox.bucket(), stage.folder());
    assert!(ran.stderr.contains(&folder), "{ran}");
    let told = |what: &str| ran.stderr.matches(what).count();
    assert_eq!(told("INFO a service can't answer now host=\"127.0.0.1\" status=503\n"), 4, "{ran}");
    assert_eq!(told("INFO asks a service host=\"127.0.0.1\"\n"), 1, "once is enough: {ran}");
    assert!(!ran.stderr.contains("DEBUG"), "{ran}");
    let ran = stage.run(&["get", "2026/report", "back", "-vv"]);
    assert!(ran.code == 0 && ran.stderr.contains("DEBUG GetObject path=\"2026/report\"\n"), "{ran}");
    // Nothing of all this where nobody asked for it.
    let ran = stage.run(&["get", "2026/report", "again"]);
    assert!(ran.code == 0 && !ran.stderr.contains("INFO") && !ran.stderr.contains("DEBUG"), "{ran}");
}
