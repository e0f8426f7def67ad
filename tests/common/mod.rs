//! What the tests of the binary share: a sandbox, a home of one's own, and the binary pointed at both.
#![allow(dead_code, unreachable_pub, missing_docs, clippy::panic, clippy::unwrap_used)]

pub mod runner;
pub mod waiting;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use securecart_sandbox::{Options, Sandbox};

pub const ALICE: &str = "alice@example.com";
pub const BOB: &str = "bob@example.com";
pub const PRODUCTION: &str = "333333333333";
pub const DEV: &str = "111111111111";
pub const ROLE: &str = "DocsUser";

/// A sandbox, and a home directory that is gone afterwards.
pub struct Stage {
    pub sandbox: Sandbox,
    pub home: tempfile::TempDir,
}

impl Stage {
    /// Signs everybody in as alice without asking; one profile, `docs`, with account and role pinned.
    pub fn new() -> Self {
        let stage = Self::with(Options { auto_approve: Some(ALICE.to_owned()), ..Options::default() });
        stage.configure(&[("account_id", &format!("{PRODUCTION:?}")), ("role_name", "\"DocsUser\"")]);
        stage
    }

    /// The same, signed in.
    pub fn signed_in() -> Self {
        let stage = Self::new();
        stage.login();
        stage
    }

    /// Any sandbox; one profile, `docs`, with neither account nor role.
    pub fn with(options: Options) -> Self {
        let sandbox = Sandbox::start(options).expect("a free port on loopback");
        let stage = Self { sandbox, home: tempfile::tempdir().expect("a temporary directory") };
        stage.configure(&[]);
        stage
    }

    /// Writes `config.toml` with one profile, `docs`, and further keys (values as TOML).
    pub fn configure(&self, more: &[(&str, &str)]) {
        let mut text = format!(
            "[profile.docs]\nmethod = \"sso\"\nstart_url = {:?}\nsso_region = \"{}\"\nregion = \"{}\"\nbucket = {:?}\n\
             endpoint_url = {:?}\n",
            self.sandbox.start_url(),
            self.sandbox.region(),
            self.sandbox.region(),
            self.sandbox.bucket(),
            self.sandbox.url(),
        );
        for (key, value) in more {
            text.push_str(&format!("{key} = {value}\n"));
        }
        std::fs::write(self.path("config.toml"), text).expect("our own directory");
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Changes what the configuration file says.
    pub fn reconfigure(&self, from: &str, to: &str) {
        let path = self.path("config.toml");
        let text = std::fs::read_to_string(&path).expect("our own file");
        assert!(text.contains(from), "{text}");
        std::fs::write(path, text.replace(from, to)).expect("our own directory");
    }

    pub fn state(&self) -> PathBuf {
        self.path("state")
    }

    /// alice's folder in Production.
    pub fn folder(&self) -> String {
        format!("{}/", self.sandbox.user_id(ALICE, PRODUCTION, ROLE))
    }

    /// The binary with these arguments, in an environment of its own: nothing of ours leaks in.
    pub fn command(&self, args: &[&str]) -> Command {
        #[cfg(unix)]
        pass_signals_on();
        let mut command = Command::new(env!("CARGO_BIN_EXE_securecart"));
        command
            .args(args)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("SECURECART_CONFIG", self.path("config.toml"))
            .env("SECURECART_STATE_DIR", self.state())
            .env("SECURECART_KEYCHAIN", "file")
            .env("SECURECART_PASSPHRASE", PASSPHRASE)
            .env("TZ", "UTC")
            .current_dir(self.home.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, args: &[&str]) -> Ran {
        Ran::of(self.command(args))
    }

    /// Signs in with a device code, which the sandbox approves by itself.
    pub fn login(&self) -> Ran {
        let ran = self.run(&["login"]);
        assert_eq!(ran.code, 0, "{ran}");
        ran
    }

    /// How often an operation was called, such as `oidc:CreateToken`.
    pub fn calls(&self, operation: &str) -> u64 {
        self.sandbox.state().requests.get(operation).copied().unwrap_or(0)
    }
}

/// An age identity: opens and seals without the cost that a passphrase needs. Only for tests.
pub const PASSPHRASE: &str = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";

/// What a run printed, and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    pub fn of(mut command: Command) -> Self {
        Self::from(command.output().expect("the binary starts"))
    }

    /// Each line of stdout as JSON.
    pub fn json_lines(&self) -> Vec<serde_json::Value> {
        self.stdout.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit {}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.stdout, self.stderr)
    }
}

/// Waits until something is there, for at most 20 s.
pub fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(started.elapsed() < Duration::from_secs(20), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Every file below a directory.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// What `BROWSER` is set to: it only notes the address, and the test goes there.
pub struct Browser {
    pub script: PathBuf,
    opened: PathBuf,
}

impl Browser {
    pub fn new(stage: &Stage) -> Self {
        let (script, opened) = (stage.path("browser"), stage.path("opened"));
        std::fs::write(&script, format!("#!/bin/sh\necho \"$1\" >> {}\n", opened.display()))
            .expect("our own directory");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&script, mode).expect("our own file");
        Self { script, opened }
    }

    /// The addresses it was sent to.
    pub fn urls(&self) -> Vec<String> {
        std::fs::read_to_string(&self.opened).unwrap_or_default().lines().map(ToOwned::to_owned).collect()
    }
}

/// Gets a page of a loopback server, following redirects: the last status and the last reply; 0 when nobody answers.
pub fn browse(url: &str) -> (u16, String) {
    let mut url = url::Url::parse(url).expect(url);
    for _ in 0..10 {
        let address = (url.host_str().expect("a host"), url.port().expect("a port"));
        let Ok(mut stream) = TcpStream::connect(address) else { return (0, String::new()) };
        let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let request =
            format!("GET {target} HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n\r\n", address.0, address.1);
        let mut reply = Vec::new();
        if stream.write_all(request.as_bytes()).is_err() || stream.read_to_end(&mut reply).is_err() {
            return (0, String::new());
        }
        let reply = String::from_utf8_lossy(&reply).into_owned();
        let status = reply.get(9..12).and_then(|digits| digits.parse().ok()).unwrap_or(0);
        let location = reply.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("location").then(|| value.trim().to_owned())
        });
        match location {
            Some(location) if (300..400).contains(&status) => url = url.join(&location).expect("a legal redirect"),
            _ => return (status, reply),
        }
    }
    panic!("too many redirects")
}

/// The encrypted files there are.
pub fn sealed(stage: &Stage) -> Vec<PathBuf> {
    files(&stage.state())
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "age"))
        .collect()
}

/// Has programs that are started from now on hear the signals that this one was started not to hear, as whoever runs the
/// tests in the background has it: what is listened to here begins anew in them.
///
/// Source: POSIX, execve.
#[cfg(unix)]
fn pass_signals_on() {
    use tokio::signal::unix::{SignalKind, signal};
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let _entered = runtime.enter();
        for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
            if securecart::process::ignores(kind.as_raw_value()) {
                drop(signal(kind).expect("a signal that can be listened to"));
            }
        }
    });
}
