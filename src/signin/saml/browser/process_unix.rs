//! The browser's process: started with two pipes, ended with its owner.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use command_fds::{CommandFdExt as _, FdMapping};
use tokio::net::unix::pipe;

use super::error::BrowserError;
use crate::process::unlimited;

/// How long it may take to end once its pipes are closed.
const ENDING: Duration = Duration::from_secs(5);
/// As much of what it says is of interest when it can't be used.
const SAID: usize = 2048;
/// Source: Chromium's `--remote-debugging-pipe`: it reads from 3 and writes to 4.
const READS: i32 = 3;
const WRITES: i32 = 4;

/// A browser that runs until this is dropped.
pub(super) struct Browser {
    program: PathBuf,
    child: Child,
    pipes: Option<(pipe::Receiver, pipe::Sender)>,
    said: Arc<Mutex<VecDeque<u8>>>,
}

impl Browser {
    /// Starts it on an empty page.
    ///
    /// # Errors
    /// [`BrowserError::Profile`], [`BrowserError::NotUsable`].
    pub(super) fn start(program: &Path, flags: &[String], profile: &Path) -> Result<Self, BrowserError> {
        make_private(profile)
            .map_err(|error| BrowserError::Profile { path: profile.to_owned(), reason: error.to_string() })?;
        let unusable =
            |error: std::io::Error| BrowserError::NotUsable { program: program.to_owned(), reason: error.to_string() };
        let (theirs_in, ours_out) = std::io::pipe().map_err(unusable)?;
        let (ours_in, theirs_out) = std::io::pipe().map_err(unusable)?;
        let mut command = Command::new(program);
        command.args(["--remote-debugging-pipe", "--no-first-run", "--no-default-browser-check"]);
        command.args(["--hide-crash-restore-bubble", "--disable-sync"]);
        command.arg(format!("--user-data-dir={}", profile.display()));
        command.args(flags).arg("about:blank");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        // Ctrl-C is ours: the browser then ends in good order, because its pipes do.
        command.process_group(0);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("SECURECART_") || text.starts_with("AWS_") {
                command.env_remove(&name);
            }
        }
        let mappings = vec![
            FdMapping { parent_fd: OwnedFd::from(theirs_in), child_fd: READS },
            FdMapping { parent_fd: OwnedFd::from(theirs_out), child_fd: WRITES },
        ];
        command.fd_mappings(mappings).map_err(|error| unusable(std::io::Error::other(error.to_string())))?;
        let from = pipe::Receiver::from_owned_fd(ours_in.into()).map_err(unusable)?;
        let to = pipe::Sender::from_owned_fd(ours_out.into()).map_err(unusable)?;
        let mut child = unlimited(|| command.spawn()).map_err(unusable)?;
        // Closes the browser's ends of the pipes here, so that they end with it.
        drop(command);
        let said = Arc::default();
        if let Some(stderr) = child.stderr.take() {
            listen(stderr, Arc::clone(&said));
        }
        Ok(Self { program: program.to_owned(), child, pipes: Some((from, to)), said })
    }

    /// What it says and hears; once.
    pub(super) fn pipes(&mut self) -> (pipe::Receiver, pipe::Sender) {
        self.pipes.take().expect("asked for once")
    }

    /// Why its pipes ended: the person closed it, or it never was of use.
    pub(super) fn why_it_ended(&mut self, has_begun: bool) -> BrowserError {
        if has_begun {
            return BrowserError::Closed;
        }
        self.wait();
        let said: Vec<u8> = self.said.lock().map(|said| said.iter().copied().collect()).unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        let last = said.lines().rev().find(|line| !line.trim().is_empty());
        let clean = |line: &str| line.chars().filter(|c| !c.is_control()).take(200).collect::<String>();
        let reason = last.map_or_else(|| "it ended at once".to_owned(), clean);
        BrowserError::NotUsable { program: self.program.clone(), reason }
    }

    /// Waits until it has ended; whether it has.
    fn wait(&mut self) -> bool {
        let since = Instant::now();
        while since.elapsed() < ENDING {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return true;
            }
            thread::sleep(Duration::from_millis(10));
        }
        false
    }
}

impl Drop for Browser {
    /// It ends by itself when its pipes do, and then cleans up after itself; one that doesn't is killed.
    fn drop(&mut self) {
        self.pipes = None;
        if !self.wait() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Keeps the last of what it says. It also says things that are nobody's business, so this is shown only when it never
/// got as far as a page.
fn listen(mut stderr: impl std::io::Read + Send + 'static, said: Arc<Mutex<VecDeque<u8>>>) {
    thread::spawn(move || {
        let mut buffer = [0; 1024];
        while let Ok(count @ 1..) = stderr.read(&mut buffer) {
            let Ok(mut said) = said.lock() else { return };
            said.extend(&buffer[..count]);
            let more = said.len().saturating_sub(SAID);
            said.drain(..more);
        }
    });
}

/// A directory for this person alone.
fn make_private(path: &Path) -> std::io::Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
}
