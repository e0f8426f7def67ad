//! The keychain against real stores: GNOME Keyring on a D-Bus of its own, and the kernel's keyring.
//!
//! A test that needs a peer starts itself again inside it (see `tests/peers/`). Without the peer it says
//! `skipped: …`; when `SECURECART_PEERS` lists the peer (`gnome-keyring,keyutils`) its absence is a failure.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "the helpers of tests are tests too")]

use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use securecart::config::profile::StoreChoice;
use securecart::error::{Explain, Kind};
use securecart::keychain::{Keychain, KeychainError};
use securecart::secret::Secret;

/// Set in the process that runs inside a peer.
const INSIDE: &str = "SECURECART_TEST_INSIDE";

/// The promise is 2 s a call; a busy machine may take a little longer to notice.
const BOUND: Duration = Duration::from_millis(2500);

fn keychain(choice: StoreChoice, state: &Path) -> Keychain {
    Keychain::open(choice, state, || Err(KeychainError::NoPassphrase))
}

fn loaded(keychain: &Keychain, item: &str) -> Option<Vec<u8>> {
    keychain.load(item).unwrap().map(|bytes| bytes.to_vec())
}

/// Runs the body in this same test, started again by `start` (a peer's script, or `env`).
fn again(test: &str, mut start: Command, body: impl FnOnce()) {
    if std::env::var_os(INSIDE).is_some() {
        return body();
    }
    let exe = std::env::current_exe().unwrap();
    let output = start.arg(exe).args(["--exact", test, "--nocapture"]).env(INSIDE, "1").output().unwrap();
    let Output { status, stdout, stderr } = &output;
    let (stdout, stderr) = (String::from_utf8_lossy(stdout), String::from_utf8_lossy(stderr));
    assert!(status.success() && stdout.contains("1 passed"), "inside the peer:\n{stdout}\n{stderr}");
    print!(
        "{}",
        stdout.lines().filter(|line| line.starts_with("measured:")).fold(String::new(), |all, l| all + l + "\n")
    );
}

/// As [`again`], inside a peer in some state; skipped when its program isn't installed.
fn inside(peer: &str, program: &str, state: &str, test: &str, body: impl FnOnce()) {
    let found = std::env::split_paths(&std::env::var_os("PATH").unwrap()).any(|dir| dir.join(program).exists());
    if !found {
        let wanted = std::env::var("SECURECART_PEERS").unwrap_or_default();
        assert!(!wanted.split(',').any(|name| name == peer), "{peer} is not installed");
        println!("skipped: {peer} not installed");
        return;
    }
    let mut start = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers").join(format!("{peer}.sh")));
    start.arg(state);
    for variable in ["DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "DISPLAY"] {
        start.env_remove(variable);
    }
    again(test, start, body);
}

fn gnome_keyring(state: &str, test: &str, body: impl FnOnce()) {
    inside("gnome-keyring", "gnome-keyring-daemon", state, test, body);
}

fn keyutils(state: &str, test: &str, body: impl FnOnce()) {
    inside("keyutils", "keyctl", state, test, body);
}

/// Calls each operation; all must fail alike, within the bound, as a keychain failure with advice.
fn all_fail(choice: StoreChoice, like: fn(&KeychainError) -> bool) -> KeychainError {
    let state = tempfile::tempdir().unwrap();
    let calls: [fn(&Keychain) -> Option<KeychainError>; 3] = [
        |keychain| keychain.load("absent").err(),
        |keychain| keychain.save("a", b"secret").err(),
        |keychain| keychain.remove("absent").err(),
    ];
    let mut told = None;
    for call in calls {
        let started = Instant::now();
        let error = call(&keychain(choice, state.path())).expect("the call must fail");
        assert!(started.elapsed() < BOUND, "{error} took {:?}", started.elapsed());
        assert!(like(&error), "{error:?}");
        assert_eq!(error.kind(), Kind::Keychain);
        assert!(error.hint().unwrap().contains('`'));
        println!("measured: {error} after {:?}", started.elapsed());
        told = Some(error);
    }
    told.unwrap()
}

#[test]
fn the_secret_service_keeps_items_of_any_size() {
    gnome_keyring("unlocked", "the_secret_service_keeps_items_of_any_size", || {
        let state = tempfile::tempdir().unwrap();
        let first = keychain(StoreChoice::Auto, state.path());
        assert_eq!(first.store_name(), Ok("Secret Service"));
        assert_eq!(loaded(&first, "a"), None);
        assert_eq!(first.remove("a"), Ok(false));
        for value in [vec![], b"\0\xff{}".to_vec(), vec![7; 1024 * 1024], b"short again".to_vec()] {
            first.save("a", &value).unwrap();
            assert_eq!(loaded(&keychain(StoreChoice::Keychain, state.path()), "a"), Some(value));
        }
        first.save("b", b"2").unwrap();
        assert_eq!(first.items().unwrap(), ["a", "b"]);
        let started = Instant::now();
        for _ in 0..20 {
            loaded(&keychain(StoreChoice::Keychain, state.path()), "a").unwrap();
        }
        println!("measured: load, connecting each time: {:?}", started.elapsed() / 20);
        assert_eq!((first.remove("a"), first.remove("a")), (Ok(true), Ok(false)));
        assert_eq!(loaded(&first, "b").unwrap(), b"2");
    });
}

#[test]
fn four_hundred_processes_load_at_once() {
    many_load_at_once("four_hundred_processes_load_at_once", 400, || {});
}

#[test]
fn a_store_that_hesitates_for_longer_than_one_process_waits_fails_none_of_those_in_its_queue() {
    let test = "a_store_that_hesitates_for_longer_than_one_process_waits_fails_none_of_those_in_its_queue";
    many_load_at_once(test, 50, || {
        let daemon = std::env::var("GNOME_KEYRING_PID").unwrap();
        for (signal, pause) in [("-STOP", 2500), ("-CONT", 0)] {
            assert!(Command::new("kill").args([signal, &daemon]).status().unwrap().success());
            std::thread::sleep(Duration::from_millis(pause));
        }
    });
}

/// Starts so many processes that each load an item, and does something to the store as they begin.
fn many_load_at_once(test: &str, number: usize, meanwhile: impl FnOnce()) {
    const STATE: &str = "SECURECART_TEST_STATE";
    gnome_keyring("unlocked", test, || {
        if let Some(state) = std::env::var_os(STATE) {
            while !Path::new(&state).join("go").exists() {
                std::thread::sleep(Duration::from_millis(20));
            }
            let found = loaded(&keychain(StoreChoice::Auto, Path::new(&state)), "a");
            return assert_eq!(found.unwrap(), b"shared");
        }
        let state = tempfile::tempdir().unwrap();
        keychain(StoreChoice::Auto, state.path()).save("a", b"shared").unwrap();
        let processes: Vec<_> = (0..number)
            .map(|_| {
                Command::new(std::env::current_exe().unwrap())
                    .args(["--exact", test, "--nocapture"])
                    .env(STATE, state.path())
                    .stdout(Stdio::null())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        std::thread::sleep(Duration::from_millis(500));
        let started = Instant::now();
        std::fs::write(state.path().join("go"), "").unwrap();
        meanwhile();
        let failed: Vec<_> = processes
            .into_iter()
            .map(|process| process.wait_with_output().unwrap())
            .filter(|output| !output.status.success())
            .map(|output| String::from_utf8_lossy(&output.stderr).into_owned())
            .collect();
        println!("measured: {number} processes load at once: {:?}", started.elapsed());
        assert!(failed.is_empty(), "{} failed: {}", failed.len(), failed[0]);
    });
}

#[test]
fn other_tools_find_the_item_and_duplicates_become_one() {
    gnome_keyring("unlocked", "other_tools_find_the_item_and_duplicates_become_one", || {
        let state = tempfile::tempdir().unwrap();
        let keychain = keychain(StoreChoice::Keychain, state.path());
        keychain.save("a", b"1").unwrap();
        let secret_tool = |args: &[&str]| {
            let script = format!("printf x | secret-tool {}", args.join(" "));
            Command::new("sh").args(["-c", &script]).output()
        };
        let found = secret_tool(&["lookup", "service", "securecart", "username", "a"]).unwrap();
        if !found.status.success() && found.stdout.is_empty() {
            println!("skipped: secret-tool not installed");
            return;
        }
        assert_eq!(found.stdout, b"SCKV1");
        let twin = ["store", "--label=twin", "service", "securecart", "username", "a", "extra", "yes"];
        assert!(secret_tool(&twin).unwrap().status.success());
        assert!(matches!(keychain.load("a"), Err(KeychainError::Damaged { .. })), "which one is ours?");
        keychain.save("a", b"2").unwrap();
        assert_eq!(loaded(&keychain, "a").unwrap(), b"2");
        assert!(secret_tool(&twin).unwrap().status.success());
        assert_eq!((keychain.remove("a"), keychain.load("a")), (Ok(true), Ok(None)));
    });
}

#[test]
fn a_locked_collection_is_reported_as_locked() {
    gnome_keyring("unlocked", "a_locked_collection_is_reported_as_locked", || {
        let state = tempfile::tempdir().unwrap();
        keychain(StoreChoice::Keychain, state.path()).save("a", b"1").unwrap();
        let lock = "dbus-send --session --print-reply --dest=org.freedesktop.secrets /org/freedesktop/secrets \
                    org.freedesktop.Secret.Service.Lock array:objpath:/org/freedesktop/secrets/collection/login";
        assert!(Command::new("sh").args(["-c", lock]).output().unwrap().status.success());
        // A desktop whose owner doesn't answer: asking it to unlock would wait for ever.
        let desktop = dbus::blocking::Connection::new_session().unwrap();
        desktop.request_name("org.gnome.keyring.SystemPrompter", false, true, false).unwrap();
        let locked = |error: &KeychainError| matches!(error, KeychainError::Locked { .. });
        let told = all_fail(StoreChoice::Keychain, locked);
        assert_eq!(told.to_string(), "Secret Service is locked");
        all_fail(StoreChoice::Auto, locked);
        let started = Instant::now();
        let error = keychain(StoreChoice::Keychain, state.path()).load("a").err().unwrap();
        assert!(locked(&error), "an item that is there: {error}");
        assert!(started.elapsed() < Duration::from_millis(500), "it took {:?}", started.elapsed());
    });
}

#[test]
fn a_secret_service_without_a_collection_is_reported_when_saving() {
    gnome_keyring("bare", "a_secret_service_without_a_collection_is_reported_when_saving", || {
        let state = tempfile::tempdir().unwrap();
        let keychain = keychain(StoreChoice::Keychain, state.path());
        assert_eq!(keychain.load("a"), Ok(None));
        assert_eq!(keychain.save("a", b"1"), Err(KeychainError::NoCollection));
    });
}

#[test]
fn a_d_bus_without_secret_service_is_no_store() {
    gnome_keyring("none", "a_d_bus_without_secret_service_is_no_store", || {
        let told = all_fail(StoreChoice::Keychain, |error| matches!(error, KeychainError::NoStore { .. }));
        assert!(told.to_string().contains("no Secret Service on D-Bus"), "{told}");
        assert!(told.hint().unwrap().contains("`--keychain file`"));
    });
}

#[test]
fn a_secret_service_that_stops_answering_is_timed_out() {
    gnome_keyring("unlocked", "a_secret_service_that_stops_answering_is_timed_out", || {
        let state = tempfile::tempdir().unwrap();
        let connected = keychain(StoreChoice::Keychain, state.path());
        connected.save("a", b"1").unwrap();
        let pid = std::env::var("GNOME_KEYRING_PID").unwrap();
        assert!(Command::new("kill").args(["-STOP", &pid]).status().unwrap().success());
        let timed_out = |error: &KeychainError| matches!(error, KeychainError::TimedOut { .. });
        let started = Instant::now();
        assert!(timed_out(&connected.load("a").err().unwrap()));
        assert!(started.elapsed() < BOUND);
        all_fail(StoreChoice::Keychain, timed_out);
    });
}

#[test]
fn a_d_bus_that_never_answers_is_timed_out_and_not_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("bus");
    // Accepts connections into its backlog, and never says anything.
    let _silent = UnixListener::bind(&path).unwrap();
    let mut start = Command::new("env");
    start.arg(format!("DBUS_SESSION_BUS_ADDRESS=unix:path={}", path.display()));
    again("a_d_bus_that_never_answers_is_timed_out_and_not_passed_over", start, || {
        for choice in [StoreChoice::Keychain, StoreChoice::Auto] {
            let told = all_fail(choice, |error| matches!(error, KeychainError::TimedOut { .. }));
            assert_eq!(told.to_string(), "Secret Service did not answer within 2 s");
        }
    });
}

#[test]
fn without_d_bus_there_is_no_store() {
    let mut start = Command::new("env");
    start.args(["-u", "DBUS_SESSION_BUS_ADDRESS", "-u", "XDG_RUNTIME_DIR", "-u", "DISPLAY"]);
    again("without_d_bus_there_is_no_store", start, || {
        let told = all_fail(StoreChoice::Keychain, |error| matches!(error, KeychainError::NoStore { .. }));
        assert!(told.to_string().contains("no D-Bus session"), "{told}");
        assert!(told.hint().unwrap().contains("`--keychain keyutils`"));
    });
}

#[test]
fn the_kernel_keyring_keeps_items() {
    keyutils("fresh", "the_kernel_keyring_keeps_items", || {
        let state = tempfile::tempdir().unwrap();
        let item = format!("test {}", std::process::id());
        let keychain = keychain(StoreChoice::Keyutils, state.path());
        assert_eq!(keychain.store_name(), Ok("kernel keyring"));
        assert_eq!(loaded(&keychain, &item), None);
        for len in [0, 10, 10_000, 4] {
            keychain.save(&item, &vec![7; len]).unwrap();
            assert_eq!(loaded(&keychain, &item), Some(vec![7; len]));
        }
        if let Err(error) = keychain.save(&item, &vec![7; 50_000]) {
            // In parts: fits where the user's quota has been raised, as it is for root.
            assert!(matches!(error, KeychainError::Full { .. }), "{error}");
        }
        let started = Instant::now();
        for _ in 0..100 {
            loaded(&keychain, &item).unwrap();
        }
        println!("measured: load from the kernel: {:?}", started.elapsed() / 100);
        assert_eq!((keychain.remove(&item), keychain.remove(&item)), (Ok(true), Ok(false)));
        assert_eq!(loaded(&keychain, &item), None);
    });
}

#[test]
fn sessions_of_one_user_share_a_key_of_the_kernel_keyring() {
    const ITEM: &str = "SECURECART_TEST_ITEM";
    let test = "sessions_of_one_user_share_a_key_of_the_kernel_keyring";
    keyutils("fresh", test, || {
        let state = tempfile::tempdir().unwrap();
        let keychain = keychain(StoreChoice::Keyutils, state.path());
        if let Ok(item) = std::env::var(ITEM) {
            keychain.save(&item, b"from the second session").unwrap();
            return assert_eq!(loaded(&keychain, &item).unwrap(), b"from the second session");
        }
        let item = format!("shared {}", std::process::id());
        keychain.save(&item, b"from the first session").unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/keyutils.sh");
        let second = Command::new(script)
            .arg("fresh")
            .arg(std::env::current_exe().unwrap())
            .args(["--exact", test, "--nocapture"])
            .env(ITEM, &item)
            .output()
            .unwrap();
        assert!(second.status.success(), "{}", String::from_utf8_lossy(&second.stderr));
        assert_eq!(loaded(&keychain, &item).unwrap(), b"from the second session");
        assert_eq!(keychain.remove(&item), Ok(true));
    });
}

#[test]
fn auto_uses_the_kernel_keyring_where_there_is_no_d_bus() {
    keyutils("fresh", "auto_uses_the_kernel_keyring_where_there_is_no_d_bus", || {
        let state = tempfile::tempdir().unwrap();
        assert_eq!(keychain(StoreChoice::Auto, state.path()).store_name(), Ok("kernel keyring"));
    });
}

#[test]
fn auto_tells_why_neither_store_is_there() {
    keyutils("revoked", "auto_tells_why_neither_store_is_there", || {
        let told = all_fail(StoreChoice::Auto, |error| matches!(error, KeychainError::NoStore { .. })).to_string();
        assert!(told.contains("no D-Bus session") && told.contains("no session keyring"), "{told}");
    });
}

#[test]
fn a_session_keyring_that_is_not_ours_is_no_session() {
    for state in ["revoked", "readonly"] {
        keyutils(state, "a_session_keyring_that_is_not_ours_is_no_session", || {
            let state = tempfile::tempdir().unwrap();
            let error = keychain(StoreChoice::Keyutils, state.path()).save("test", b"1").err().unwrap();
            assert_eq!(error, KeychainError::NoSession);
            assert!(error.hint().unwrap().contains("`keyctl session - bash`"));
        });
    }
}

#[test]
fn encrypted_files_work_at_their_real_cost() {
    let state = tempfile::tempdir().unwrap();
    let keychain =
        |passphrase: &'static str| Keychain::open(StoreChoice::File, state.path(), move || Ok(Secret::new(passphrase)));
    let started = Instant::now();
    keychain("right").save("a", b"secret").unwrap();
    println!("measured: save to an encrypted file: {:?}", started.elapsed());
    assert_eq!(loaded(&keychain("right"), "a").unwrap(), b"secret");
    assert_eq!(keychain("wrong").load("a").err(), Some(KeychainError::WrongPassphrase));
}
