//! The lock between processes: one holder, quick hand-over, free when its holder is killed.
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use securecart::error::{Explain, Kind};
use securecart::keychain::{Lock, LockError};

/// In a process that these tests start: the state directory, and what to do there.
const CHILD: &str = "SECURECART_TEST_LOCK";

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(100);

fn child(state: &Path, role: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_process_of_its_own", "--nocapture"])
        .env(CHILD, format!("{role}:{}", state.display()))
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Does nothing unless another test has started it.
#[test]
fn a_process_of_its_own() {
    let Ok(told) = std::env::var(CHILD) else { return };
    let (role, state) = told.split_once(':').unwrap();
    let state = Path::new(state);
    let guard = Lock::acquire(state, "shared", LONG).unwrap();
    match role {
        "hold" => {
            std::fs::write(state.join("held"), "").unwrap();
            std::thread::sleep(LONG);
        }
        "count" => {
            let count: u32 = std::fs::read_to_string(state.join("count")).unwrap().parse().unwrap();
            std::thread::yield_now();
            std::fs::write(state.join("count"), (count + 1).to_string()).unwrap();
        }
        "adopt" => {
            // The first attempt fails; whoever waited adopts that instead of trying again.
            if guard.note().is_none() {
                let tries = state.join("tries");
                let before = std::fs::read_to_string(&tries).unwrap_or_default();
                std::fs::write(&tries, before + "x").unwrap();
                guard.leave_note("refused").unwrap();
            }
        }
        other => panic!("{other}"),
    }
}

fn run_all(state: &Path, role: &str, number: usize) -> Duration {
    let started = Instant::now();
    let children: Vec<_> = (0..number).map(|_| child(state, role)).collect();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    started.elapsed()
}

#[test]
fn two_hundred_processes_take_turns() {
    let state = tempfile::tempdir().unwrap();
    std::fs::write(state.path().join("count"), "0").unwrap();
    let took = run_all(state.path(), "count", 200);
    assert_eq!(std::fs::read_to_string(state.path().join("count")).unwrap(), "200");
    println!("measured: 200 processes took turns in {took:?}");
}

#[test]
fn those_who_waited_read_the_note_of_the_one_who_tried() {
    let state = tempfile::tempdir().unwrap();
    run_all(state.path(), "adopt", 50);
    assert_eq!(std::fs::read_to_string(state.path().join("tries")).unwrap(), "x");
}

#[test]
fn two_hundred_waiters_are_woken_without_delay() {
    let state = tempfile::tempdir().unwrap();
    let (inside, turns) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let first = Lock::acquire(state.path(), "a", LONG).unwrap();
    let waited = std::thread::scope(|scope| {
        let waiters: Vec<_> = (0..200)
            .map(|_| {
                scope.spawn(|| {
                    let _guard = Lock::acquire(state.path(), "a", LONG).unwrap();
                    assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two holders");
                    turns.fetch_add(1, Ordering::SeqCst);
                    inside.fetch_sub(1, Ordering::SeqCst);
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(500));
        let started = Instant::now();
        drop(first);
        waiters.into_iter().for_each(|waiter| waiter.join().unwrap());
        started.elapsed()
    });
    println!("measured: 200 waiters one after the other in {waited:?}");
    assert_eq!(turns.into_inner(), 200);
    assert!(waited < Duration::from_secs(2), "{waited:?}");
}

#[test]
fn a_killed_holder_frees_the_lock_at_once() {
    let state = tempfile::tempdir().unwrap();
    let mut holder = child(state.path(), "hold");
    while !state.path().join("held").exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let started = Instant::now();
    let refused = Lock::acquire(state.path(), "shared", SHORT).err().unwrap();
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert_eq!(refused, LockError::TimedOut { name: "shared".to_owned(), waited: SHORT });
    assert_eq!(refused.kind(), Kind::Failed);
    holder.kill().unwrap();
    holder.wait().unwrap();
    let started = Instant::now();
    Lock::acquire(state.path(), "shared", LONG).unwrap();
    assert!(started.elapsed() < Duration::from_secs(1));
}

#[test]
fn a_waiter_that_gave_up_does_not_get_the_lock_later() {
    let state = tempfile::tempdir().unwrap();
    let holder = Lock::acquire(state.path(), "a", SHORT).unwrap();
    assert!(Lock::acquire(state.path(), "a", SHORT).is_err());
    drop(holder);
    Lock::acquire(state.path(), "a", Duration::from_secs(5)).unwrap();
}

#[test]
fn names_do_not_disturb_each_other_and_may_be_anything() {
    let state = tempfile::tempdir().unwrap();
    let names = ["", "a", "../../etc/passwd", "\0\n", "a b", &"x".repeat(10_000)];
    let held: Vec<_> = names.iter().map(|name| Lock::acquire(state.path(), name, SHORT).unwrap()).collect();
    assert_eq!(std::fs::read_dir(state.path().join("locks")).unwrap().count(), held.len());
    assert_eq!(std::fs::read_dir(state.path()).unwrap().count(), 1);
}

#[test]
fn a_note_outlives_its_holder_and_is_replaced_cut_and_cleared() {
    let state = tempfile::tempdir().unwrap();
    let lock = || Lock::acquire(state.path(), "a", SHORT).unwrap();
    let note = || lock().note().map(|(_, note)| note);
    assert_eq!(note(), None);
    let before = std::time::SystemTime::now();
    lock().leave_note("a long first note\nof two lines").unwrap();
    let (when, text) = lock().note().unwrap();
    assert_eq!(text, "a long first note\nof two lines");
    assert!(when + Duration::from_secs(2) > before);
    lock().leave_note("short").unwrap();
    assert_eq!(note().unwrap(), "short");
    lock().leave_note(&"é".repeat(3000)).unwrap();
    assert_eq!(note().unwrap(), "é".repeat(2048));
    lock().leave_note("").unwrap();
    assert_eq!(note(), None);
}

#[test]
fn a_half_written_note_is_none() {
    let state = tempfile::tempdir().unwrap();
    let lock = || Lock::acquire(state.path(), "a", SHORT).unwrap();
    lock().leave_note("whole").unwrap();
    let file = std::fs::read_dir(state.path().join("locks")).unwrap().next().unwrap().unwrap().path();
    for damaged in [&b"who"[..], b"\xff\n", &[b'x'; 10_000]] {
        std::fs::write(&file, damaged).unwrap();
        assert_eq!(lock().note(), None);
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_see_the_locks() {
    use std::os::unix::fs::PermissionsExt;
    let state = tempfile::tempdir().unwrap();
    drop(Lock::acquire(state.path(), "a", SHORT).unwrap());
    let locks = state.path().join("locks");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&locks), 0o700);
    assert_eq!(mode(&std::fs::read_dir(&locks).unwrap().next().unwrap().unwrap().path()), 0o600);
}
