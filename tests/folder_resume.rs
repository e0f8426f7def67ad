//! Transfers that are cut short at the binary's edge: what is sent again, and what is left behind.
#![cfg(unix)]
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests are tests too")]

mod common;
#[path = "common/downloads.rs"]
mod downloads;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Ran, Stage, eventually, files};
use securecart_sandbox::{Effect, Fault, Service};

const PARTS: u64 = 8;
const STORED: u64 = 3;
const PART: u64 = 5 << 20;

/// Eight parts of 5 MiB, each with bytes of its own.
fn content() -> Vec<u8> {
    (0..PARTS * PART).map(|at| u8::try_from((at >> 20) + at % 97).unwrap_or(0)).collect()
}

const PUT: [&str; 6] = ["put", "big", "--part-size", "5M", "--jobs", "2"];

/// Starts an upload, lets three parts arrive, and cuts it short while two more are on their way.
fn cut_short(stage: &Stage, signal: &str) -> Ran {
    let stall = Fault::new(Effect::Latency { ms: 60_000 }).on(Service::S3, "UploadPart");
    stage.sandbox.fault(Fault { after: u32::try_from(STORED).unwrap(), ..stall });
    let child = stage.command(&PUT).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    eventually("three parts", || {
        let state = stage.sandbox.state();
        (state.open_uploads.first()?.parts == STORED && state.requests_of("s3", "UploadPart") == STORED + 2)
            .then_some(())
    });
    assert!(Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap().success());
    let ran = Ran::from(child.wait_with_output().unwrap());
    stage.sandbox.clear_faults();
    stage.sandbox.reset_counters();
    ran
}

fn stage() -> Stage {
    let stage = Stage::signed_in();
    std::fs::write(stage.path("big"), content()).unwrap();
    stage
}

fn stored(stage: &Stage) -> Option<Vec<u8>> {
    stage.sandbox.object(stage.sandbox.bucket(), &format!("{}big", stage.folder()))
}

fn journal(stage: &Stage) -> Vec<std::path::PathBuf> {
    files(&stage.state().join("uploads"))
}

#[test]
fn what_was_killed_goes_on_and_sends_only_what_s3_lacks() {
    // A system that goes down and a connection that is lost say nothing of what a person wants.
    for signal in ["KILL", "TERM", "HUP"] {
        let stage = stage();
        let ran = cut_short(&stage, signal);
        let told = signal == "KILL" || (ran.code == 130 && ran.stderr.contains("go on with the upload of `big`"));
        assert!(told, "{signal}: {ran}");
        assert_eq!(journal(&stage).len(), 1, "{signal}");
        let ran = stage.run(&PUT);
        assert_eq!(ran.code, 0, "{ran}");
        assert_eq!(stage.calls("s3:UploadPart"), PARTS - STORED, "{signal}");
        assert_eq!(stage.calls("s3:CreateMultipartUpload"), 0, "{signal}");
        assert!(stored(&stage).unwrap() == content());
        assert!(journal(&stage).is_empty() && stage.sandbox.state().open_uploads.is_empty());
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_it_was_started_not_to_hear_does_not_stop_it() {
    let stage = stage();
    stage.sandbox.fault(Fault::new(Effect::Latency { ms: 500 }).on(Service::S3, "UploadPart"));
    let put = stage.command(&PUT);
    let mut nohup = Command::new("sh");
    nohup.args(["-c", "trap '' HUP INT; exec \"$0\" \"$@\""]).arg(put.get_program()).args(put.get_args());
    nohup.env_clear().envs(put.get_envs().filter_map(|(name, value)| Some((name, value?))));
    nohup.current_dir(put.get_current_dir().unwrap());
    let child = nohup.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    eventually("a part", || (stage.calls("s3:UploadPart") > 0).then_some(()));
    for signal in ["-HUP", "-INT"] {
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    }
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 0, "{ran}");
    assert!(stored(&stage).unwrap() == content());
}

#[test]
fn an_interrupt_leaves_nothing_behind() {
    let stage = stage();
    let ran = cut_short(&stage, "INT");
    assert_eq!(ran.code, 130, "{ran}");
    assert!(journal(&stage).is_empty() && stage.sandbox.state().open_uploads.is_empty());
    let ran = stage.run(&PUT);
    assert_eq!((ran.code, stage.calls("s3:UploadPart")), (0, PARTS), "{ran}");
    assert!(stored(&stage).unwrap() == content());
}

fn interrupt(child: &std::process::Child) {
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn a_second_interrupt_ends_it_at_once_and_the_same_one_twice_does_not() {
    let stage = stage();
    let stall = |operation| Fault::new(Effect::Latency { ms: 60_000 }).on(Service::S3, operation);
    stage.sandbox.fault(stall("UploadPart"));
    stage.sandbox.fault(stall("AbortMultipartUpload"));
    for (pause, confirmed) in [(Duration::ZERO, true), (Duration::from_secs(1), false)] {
        stage.sandbox.reset_counters();
        let child = stage.command(&PUT).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        eventually("a part", || (stage.calls("s3:UploadPart") > 0).then_some(()));
        interrupt(&child);
        eventually("the end of it", || (stage.calls("s3:AbortMultipartUpload") > 0).then_some(()));
        std::thread::sleep(pause);
        interrupt(&child);
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!(ran.code, 130, "{ran}");
        assert_eq!(ran.stderr.contains("S3 did not confirm"), confirmed, "{ran}");
    }
}

#[test]
fn an_interrupt_does_not_wait_for_a_renewal_that_waits_for_another_process() {
    let stage = stage();
    let expired = Effect::Status { status: 400, code: "ExpiredToken".into() };
    stage.sandbox.fault(Fault::new(expired).on(Service::S3, "CreateMultipartUpload"));
    let locks: Vec<_> = files(&stage.state().join("locks"));
    let held: Vec<_> = locks.iter().map(|path| std::fs::File::open(path).unwrap()).collect();
    held.iter().for_each(|lock| lock.lock().unwrap());
    let child = stage.command(&PUT).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    eventually("an answer", || (stage.calls("s3:CreateMultipartUpload") > 0).then_some(()));
    std::thread::sleep(Duration::from_millis(500));
    let started = Instant::now();
    interrupt(&child);
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 130, "{ran}");
    assert!(started.elapsed() < Duration::from_secs(15), "{:?}", started.elapsed());
}

#[test]
fn a_file_that_is_another_now_starts_over_and_the_old_upload_is_aborted() {
    let stage = stage();
    cut_short(&stage, "KILL");
    let mut other = content();
    other[0] ^= 1;
    std::fs::write(stage.path("big"), &other).unwrap();
    let ran = stage.run(&PUT);
    assert_eq!((ran.code, stage.calls("s3:UploadPart")), (0, PARTS), "{ran}");
    assert!(stored(&stage).unwrap() == other);
    assert!(journal(&stage).is_empty() && stage.sandbox.state().open_uploads.is_empty());
}

#[test]
fn an_old_upload_that_may_not_be_aborted_does_not_keep_the_file_from_going_up() {
    let stage = stage();
    cut_short(&stage, "KILL");
    std::fs::write(stage.path("big"), [content(), content()].concat()).unwrap();
    let denied = Effect::Status { status: 403, code: "AccessDenied".into() };
    stage.sandbox.fault(Fault::new(denied).on(Service::S3, "AbortMultipartUpload"));
    let ran = stage.run(&PUT);
    assert_eq!((ran.code, stage.calls("s3:AbortMultipartUpload")), (0, 1), "{ran}");
    assert!(stored(&stage).unwrap().len() == 2 * content().len());
}

#[test]
fn a_server_that_fails_leaves_the_upload_to_another_run() {
    let stage = stage();
    let failing = Effect::Status { status: 502, code: String::new() };
    stage.sandbox.fault(Fault::new(failing).on(Service::S3, "UploadPart").after(3));
    let ran = stage.run(&PUT);
    // A part that is refused before it is read breaks the connection, if it wasn't sent by then.
    assert!(ran.code == 1 || ran.stderr.contains("the connection broke"), "{ran}");
    assert!(ran.stderr.contains("run the same command again to go on with the upload of `big`"), "{ran}");
    let kept = stage.sandbox.state().open_uploads[0].parts;
    stage.sandbox.clear_faults();
    stage.sandbox.reset_counters();
    let ran = stage.run(&PUT);
    assert_eq!((ran.code, stage.calls("s3:UploadPart")), (0, PARTS - kept), "{ran}");
    assert!(stored(&stage).unwrap() == content());
}

#[test]
fn parts_that_are_not_the_files_bytes_are_sent_again() {
    let stage = stage();
    cut_short(&stage, "KILL");
    // Other bytes under the same name, size and time: nothing but the parts' checksums can tell.
    let time = std::fs::metadata(stage.path("big")).unwrap().modified().unwrap();
    let mut other = content();
    other[6 << 20] ^= 1;
    std::fs::write(stage.path("big"), &other).unwrap();
    std::fs::File::options().write(true).open(stage.path("big")).unwrap().set_modified(time).unwrap();
    let ran = stage.run(&PUT);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(stage.calls("s3:UploadPart") > PARTS - STORED, "the second part is another now");
    assert!(stored(&stage).unwrap() == other);
}

#[test]
fn an_upload_that_is_gone_from_s3_starts_over() {
    let stage = stage();
    cut_short(&stage, "KILL");
    let entry = &journal(&stage)[0];
    let text = std::fs::read_to_string(entry).unwrap();
    let open = stage.sandbox.state().open_uploads[0].upload_id.clone();
    std::fs::write(entry, text.replace(&open, "gone")).unwrap();
    let ran = stage.run(&PUT);
    assert_eq!((ran.code, stage.calls("s3:UploadPart")), (0, PARTS), "{ran}");
}

#[test]
fn uploads_older_than_a_day_can_be_given_up() {
    let stage = stage();
    cut_short(&stage, "KILL");
    let ran = stage.run(&["put", "--abort-stale"]);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(ran.stderr.contains("aborted 0 unfinished uploads"), "{ran}");
    let entry = &journal(&stage)[0];
    let mut noted: serde_json::Value = serde_json::from_slice(&std::fs::read(entry).unwrap()).unwrap();
    noted["began"] = "2020-01-01T00:00:00Z".into();
    std::fs::write(entry, noted.to_string()).unwrap();
    let ran = stage.run(&["put", "--abort-stale"]);
    assert!(ran.stderr.contains("aborted 1 unfinished upload\n"), "{ran}");
    assert!(journal(&stage).is_empty() && stage.sandbox.state().open_uploads.is_empty());
    assert_eq!(stage.run(&["put"]).code, 2);
    assert_eq!(stage.run(&["put", "big", "--abort-stale"]).code, 2);
}

const GET: [&str; 7] = ["get", "big", "out", "--part-size", "5M", "--jobs", "2"];

fn stage_with_object() -> Stage {
    let stage = Stage::signed_in();
    store(&stage, content());
    stage
}

fn store(stage: &Stage, content: Vec<u8>) {
    stage.sandbox.put_object(stage.sandbox.bucket(), &format!("{}big", stage.folder()), content).unwrap();
}

/// What notes of a download there are: a line for what it is, and one for each range that arrived.
fn noted(stage: &Stage) -> usize {
    let notes = files(&stage.state().join("downloads"));
    notes.first().map_or(0, |note| std::fs::read_to_string(note).unwrap_or_default().lines().count())
}

fn temporary(stage: &Stage) -> Vec<std::path::PathBuf> {
    let is_part = |path: &std::path::PathBuf| path.extension().is_some_and(|extension| extension == "part");
    files(stage.home.path()).into_iter().filter(is_part).collect()
}

/// Starts a download, lets three ranges arrive, and cuts it short while two more are on their way.
fn get_cut_short(stage: &Stage, signal: &str) -> Ran {
    downloads::spoil(stage, STORED, |bytes| Effect::Stall { bytes });
    let child = stage.command(&GET).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = usize::try_from(STORED).unwrap() + 1;
    eventually("three ranges", || (noted(stage) == lines && stage.calls("s3:GetObject") == STORED + 1).then_some(()));
    assert!(Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap().success());
    let ran = Ran::from(child.wait_with_output().unwrap());
    stage.sandbox.clear_faults();
    stage.sandbox.reset_counters();
    ran
}

/// Runs the download again, and tells what was asked for: the first byte, and the one after the last.
fn get_again(stage: &Stage) -> (u64, u64) {
    let ran = stage.run(&GET);
    assert_eq!(ran.code, 0, "{ran}");
    assert!(temporary(stage).is_empty() && noted(stage) == 0);
    downloads::asked(stage, PARTS * PART)
}

fn arrived(stage: &Stage) -> Option<Vec<u8>> {
    std::fs::read(stage.path("out")).ok()
}

#[test]
fn a_killed_download_goes_on_and_fetches_only_what_is_missing() {
    for signal in ["KILL", "TERM", "HUP"] {
        let stage = stage_with_object();
        get_cut_short(&stage, signal);
        assert!(arrived(&stage).is_none() && temporary(&stage).len() == 1, "{signal}");
        assert_eq!(get_again(&stage), (PART, (PARTS - 2) * PART), "{signal}");
        assert!(arrived(&stage).unwrap() == content());
    }
}

#[test]
fn an_interrupted_download_leaves_nothing_behind() {
    let stage = stage_with_object();
    let ran = get_cut_short(&stage, "INT");
    assert_eq!(ran.code, 130, "{ran}");
    assert!(arrived(&stage).is_none() && temporary(&stage).is_empty() && noted(&stage) == 0);
}

#[test]
fn an_interrupt_before_a_download_goes_on_leaves_it_to_another_run() {
    let stage = stage_with_object();
    get_cut_short(&stage, "KILL");
    stage.sandbox.fault(Fault::new(Effect::Latency { ms: 60_000 }).on(Service::S3, "HeadObject"));
    let child = stage.command(&GET).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    eventually("the question whether it is the same", || (stage.calls("s3:HeadObject") > 0).then_some(()));
    interrupt(&child);
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!(ran.code, 130, "{ran}");
    assert_eq!((temporary(&stage).len(), noted(&stage) > 1), (1, true));
    stage.sandbox.clear_faults();
    stage.sandbox.reset_counters();
    assert_eq!(get_again(&stage), (PART, (PARTS - 2) * PART));
    assert!(arrived(&stage).unwrap() == content());
}

#[test]
fn a_download_of_an_object_that_is_another_now_starts_over() {
    let stage = stage_with_object();
    get_cut_short(&stage, "KILL");
    let mut other = content();
    other[0] ^= 1;
    store(&stage, other.clone());
    assert_eq!(get_again(&stage), (0, PARTS * PART));
    assert!(arrived(&stage).unwrap() == other);
}

#[test]
fn ranges_that_are_not_what_arrived_are_fetched_again() {
    let stage = stage_with_object();
    get_cut_short(&stage, "KILL");
    let file = std::fs::File::options().write(true).open(&temporary(&stage)[0]).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, b"\xff\xfe\xfd", 7).unwrap();
    assert_eq!(get_again(&stage), (0, (PARTS - 2) * PART));
    assert!(arrived(&stage).unwrap() == content());
}

#[test]
fn a_lost_network_leaves_the_download_to_another_run() {
    let stage = stage_with_object();
    downloads::spoil(&stage, STORED, |bytes| Effect::Truncate { bytes });
    let ran = stage.run(&GET);
    assert_eq!(ran.code, 6, "{ran}");
    assert!(ran.stderr.contains("run the same command again to go on with the download of `big`"), "{ran}");
    stage.sandbox.clear_faults();
    stage.sandbox.reset_counters();
    assert_eq!(get_again(&stage), (PART, (PARTS - 2) * PART));
    assert!(arrived(&stage).unwrap() == content());
}

#[test]
fn a_server_that_fails_leaves_the_download_to_another_run() {
    let stage = stage_with_object();
    let failing = Effect::Status { status: 502, code: String::new() };
    stage.sandbox.fault(Fault::new(Effect::Truncate { bytes: 7 << 20 }).on(Service::S3, "GetObject").times(1));
    stage.sandbox.fault(Fault::new(failing).on(Service::S3, "GetObject").after(1));
    let ran = stage.run(&GET);
    assert_eq!(ran.code, 1, "{ran}");
    assert!(ran.stderr.contains("run the same command again to go on with the download of `big`"), "{ran}");
    stage.sandbox.clear_faults();
    stage.sandbox.reset_counters();
    assert_eq!(get_again(&stage), (PART, PARTS * PART));
    assert!(arrived(&stage).unwrap() == content());
}

#[test]
fn one_connection_alone_asks_for_a_large_object_once() {
    let stage = stage_with_object();
    let ran = stage.run(&["get", "big", "out", "--part-size", "5M", "--jobs", "1"]);
    assert_eq!((ran.code, stage.calls("s3:GetObject")), (0, 1), "{ran}");
    assert!(arrived(&stage).unwrap() == content());
}
