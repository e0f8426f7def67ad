//! What this process does to protect its memory, and how the programs it starts are spared from it.

#[cfg(unix)]
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What the limit of core dumps was when this process started.
#[cfg(unix)]
static CORE_LIMIT: std::sync::OnceLock<Rlimit> = std::sync::OnceLock::new();

/// Forbids core dumps, and tracing by other processes of the same user, where the system can.
///
/// Only the soft limit of core dumps is lowered: the hard one could not be raised again for the command that `exec`
/// starts. Being dumpable or not isn't inherited: execve(2) sets it anew.
///
/// Source: prctl(2), `PR_SET_DUMPABLE`; setrlimit(2), `RLIMIT_CORE`.
pub fn harden() {
    #[cfg(unix)]
    {
        let before = CORE_LIMIT.get_or_init(|| getrlimit(Resource::Core));
        // A system that refuses is no reason to refuse the person.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: before.maximum });
    }
    #[cfg(target_os = "linux")]
    {
        let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable);
    }
}

/// Whether this process was started not to hear a signal, as `nohup` and a shell's `&` in scripts do. Known on Linux; elsewhere
/// every signal is taken to be wanted.
///
/// Source: proc_pid_status(5), `SigIgn`.
#[cfg(unix)]
pub fn ignores(signal: i32) -> bool {
    /// As of the start: whoever listens to a signal ignores it no more.
    static MASK: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
    let mask = MASK.get_or_init(|| {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
    });
    u32::try_from(signal - 1).is_ok_and(|bit| mask.checked_shr(bit).unwrap_or(0) & 1 == 1)
}

/// Starts another program under the limit of core dumps that this process was started with.
pub fn unlimited<T>(start: impl FnOnce() -> T) -> T {
    #[cfg(unix)]
    if let Some(before) = CORE_LIMIT.get() {
        let ours = getrlimit(Resource::Core);
        let _ = setrlimit(Resource::Core, *before);
        let started = start();
        let _ = setrlimit(Resource::Core, ours);
        return started;
    }
    start()
}
