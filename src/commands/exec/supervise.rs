//! Starting the command: instead of this process, or below it with its signals passed on.

use std::io;
use std::process::{Command, ExitStatus};

use crate::process::unlimited;

/// The command takes this process's place: its signals, its terminal and its exit code are its own. Returns only when
/// that fails. Files of this process are closed, since the standard library opens all of them close-on-exec.
#[cfg(unix)]
pub(super) fn replace_this_process(mut command: Command) -> io::Result<u8> {
    use std::os::unix::process::CommandExt as _;
    Err(unlimited(|| command.exec()))
}

/// Where a process can't be replaced, it waits for the other.
#[cfg(not(unix))]
pub(super) fn replace_this_process(command: Command) -> io::Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(run(command))
}

/// Runs the command to its end, and gives its exit code.
#[cfg(unix)]
pub(super) async fn run(mut command: Command) -> io::Result<u8> {
    use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
    use tokio::signal::unix::{SignalKind, signal};

    // They are caught before the command is there, so that none is lost.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut quit = signal(SignalKind::quit())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hangup = signal(SignalKind::hangup())?;
    let mut user1 = signal(SignalKind::user_defined1())?;
    let mut user2 = signal(SignalKind::user_defined2())?;

    let mut child = unlimited(|| command.spawn())?;
    let pid = Pid::from_child(&child);
    let (ended, mut end) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        // The child stays a zombie, so its number is nobody else's while signals may still be sent to it.
        while let Err(rustix::io::Errno::INTR) = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)
        {
        }
        let _ = ended.send(());
    });
    loop {
        let signal = tokio::select! {
            _ = &mut end => break,
            _ = interrupt.recv() => Signal::INT,
            _ = quit.recv() => Signal::QUIT,
            _ = terminate.recv() => Signal::TERM,
            _ = hangup.recv() => Signal::HUP,
            _ = user1.recv() => Signal::USR1,
            _ = user2.recv() => Signal::USR2,
        };
        // What is typed on a terminal reaches the whole group in its foreground, and so the command already: many
        // programs take a second Ctrl-C as an order to stop at once.
        if !(matches!(signal, Signal::INT | Signal::QUIT) && in_foreground()) {
            let _ = kill_process(pid, signal);
        }
    }
    Ok(code(child.wait()?))
}

/// Whether this process is in the foreground of its terminal.
#[cfg(unix)]
fn in_foreground() -> bool {
    let Ok(terminal) = std::fs::File::open("/dev/tty") else { return false };
    rustix::termios::tcgetpgrp(&terminal).is_ok_and(|group| group == rustix::process::getpgrp())
}

/// Runs the command to its end, and gives its exit code. Ctrl-C reaches every process of a console by itself.
#[cfg(not(unix))]
pub(super) async fn run(mut command: Command) -> io::Result<u8> {
    let mut child = unlimited(|| command.spawn())?;
    let waiting = tokio::task::spawn_blocking(move || child.wait());
    tokio::pin!(waiting);
    loop {
        tokio::select! {
            ended = &mut waiting => return Ok(code(ended.map_err(io::Error::other)??)),
            _ = tokio::signal::ctrl_c() => {}
        }
    }
}

/// The exit code, as shells have it.
fn code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(u8::MAX);
    }
    // Windows has 32 bits for it, of which a code that doesn't fit here is still a failure.
    status.code().map_or(1, |code| u8::try_from(code).unwrap_or(1))
}
