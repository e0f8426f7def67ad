//! Asking another program for a secret: its output, within limits of size and time.
//!
//! No shell is involved. Standard input is closed, and standard error stays the person's: it may say what to touch.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use crate::config::variable;
use crate::error::{Explain, Kind};
use crate::process::unlimited;
use crate::secret::Secret;

/// Why a program gave nothing usable. Its output is in none of these.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProgramError {
    /// It is not there, or the system doesn't start it.
    #[error("could not start `{program}`: {reason}")]
    CannotStart {
        /// The program, without its arguments.
        program: String,
        /// The operating system's words.
        reason: String,
    },
    /// It ended with a code of its own.
    #[error("`{program}` failed: {status}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: String,
    },
    /// It was stopped.
    #[error("`{program}` did not finish within {seconds} s")]
    TooSlow {
        /// The program.
        program: String,
        /// How long it was waited for.
        seconds: u64,
    },
    /// More than anybody asked for.
    #[error("`{program}` printed more than {limit} bytes")]
    TooMuch {
        /// The program.
        program: String,
        /// How much it might.
        limit: usize,
    },
    /// Not UTF-8.
    #[error("`{program}` printed what is not text")]
    NotText {
        /// The program.
        program: String,
    },
}

impl Explain for ProgramError {
    fn kind(&self) -> Kind {
        match self {
            ProgramError::CannotStart { .. } => Kind::Usage,
            _ => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            ProgramError::CannotStart { .. } => {
                Some("the command is a list: the program, then each argument; no shell is involved".to_owned())
            }
            _ => Some("run it by hand to see what it says".to_owned()),
        }
    }
}

/// Runs a program and gives what it printed, without white space around it.
///
/// # Errors
/// [`ProgramError`]. A program that is too slow is killed.
pub fn output(words: &[String], limit: usize, patience: Duration) -> Result<Secret, ProgramError> {
    let (name, arguments) = words.split_first().map_or((String::new(), &[][..]), |(name, rest)| (name.clone(), rest));
    let cannot = |error: std::io::Error| ProgramError::CannotStart { program: name.clone(), reason: error.to_string() };
    let mut command = Command::new(&name);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
    // What opens the file store is not for other programs.
    command.env_remove(variable::PASSPHRASE).env_remove(variable::PASSPHRASE_FD);
    let started = Instant::now();
    let mut child = unlimited(|| command.spawn()).map_err(cannot)?;
    let stdout = child.stdout.take();
    let (sender, receiver) = mpsc::sync_channel(1);
    // A thread, because reading can't be given a time limit. What it has read goes to the receiver or is wiped.
    std::thread::spawn(move || {
        let mut bytes = Zeroizing::new(Vec::with_capacity(limit + 1));
        let read = stdout.map(|pipe| pipe.take(limit as u64 + 1).read_to_end(&mut bytes));
        let _ = sender.send(read.transpose().map(|_| bytes));
    });
    let outcome = receiver.recv_timeout(patience);
    let printed = match outcome {
        Ok(Ok(bytes)) if bytes.len() > limit => Err(ProgramError::TooMuch { program: name.clone(), limit }),
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(error)) => Err(cannot(error)),
        Err(_) => Err(ProgramError::TooSlow { program: name.clone(), seconds: patience.as_secs() }),
    };
    // It has closed its output: it ends soon, or is ended.
    let status = loop {
        match child.try_wait().map_err(cannot)? {
            Some(status) => break Some(status),
            None if printed.is_err() || started.elapsed() > patience => {
                let _ = child.kill();
                let _ = child.wait();
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let bytes = printed?;
    match status {
        Some(status) if status.success() => {}
        Some(status) => return Err(ProgramError::Failed { program: name, status: status.to_string() }),
        None => return Err(ProgramError::TooSlow { program: name, seconds: patience.as_secs() }),
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| ProgramError::NotText { program: name })?;
    Ok(Secret::new(text.trim()))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn run(words: &[&str]) -> Result<Secret, ProgramError> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        output(&words, 100, Duration::from_millis(1500))
    }

    #[test]
    fn what_is_printed_is_given_without_a_shell() {
        assert_eq!(run(&["printf", " a $HOME;b\n\n"]).unwrap().expose(), "a $HOME;b");
        assert_eq!(run(&["true"]).unwrap().expose(), "");
    }

    #[test]
    fn each_way_to_fail_has_its_own_error_and_none_tells_the_output() {
        assert!(matches!(run(&["/nonexistent/program"]), Err(ProgramError::CannotStart { .. })));
        assert!(matches!(run(&[]), Err(ProgramError::CannotStart { .. })));
        assert!(matches!(run(&["printf", "%0200d", "7"]), Err(ProgramError::TooMuch { limit: 100, .. })));
        assert!(matches!(run(&["yes", "secret"]), Err(ProgramError::TooMuch { .. })));
        assert!(matches!(run(&["printf", "\\377"]), Err(ProgramError::NotText { .. })));
        let failed = run(&["sh", "-c", "echo secret; exit 3"]).unwrap_err();
        assert!(matches!(failed, ProgramError::Failed { .. }) && !failed.to_string().contains("secret"), "{failed}");
    }

    #[test]
    fn one_that_does_not_end_is_ended() {
        for words in [&["sleep", "60"][..], &["sh", "-c", "echo x; exec >&-; exec sleep 60"]] {
            let started = Instant::now();
            assert!(matches!(run(words), Err(ProgramError::TooSlow { .. })), "{words:?}");
            assert!(started.elapsed() < Duration::from_secs(20));
        }
    }
}
