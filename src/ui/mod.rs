//! What a person or a script sees: stdout is data, stderr is everything else, and both go through [`Ui`].
//!
//! It never decides anything, and no room but `commands` and `main` uses it.

mod drawn;
pub mod escape;
pub mod listing;
mod narrow;
pub mod passphrase;
pub mod progress;
pub mod prompt;
pub mod shell;
pub mod size;
pub mod table;
mod terminal;
pub mod time;
pub mod transfers;

use std::fmt::Display;
use std::io::{self, IsTerminal as _, Write as _};

use crate::error::{Error, Kind, Result};

use prompt::Prompt;
pub use terminal::Terminal;

/// The streams of this process, and how talkative to be.
#[derive(Debug, Clone)]
pub struct Ui {
    /// Say nothing but data and errors.
    pub quiet: bool,
    /// Standard output is a terminal.
    pub stdout_is_terminal: bool,
    /// Standard error is a terminal: progress bars make sense.
    pub stderr_is_terminal: bool,
    /// Standard input and error are a terminal: questions can be asked.
    pub can_ask: bool,
    /// The person wants colour.
    pub colour: bool,
}

impl Ui {
    /// Looks at this process's streams.
    pub fn from_process(quiet: bool, colour: bool) -> Self {
        let stderr_is_terminal = io::stderr().is_terminal();
        Self {
            quiet,
            stdout_is_terminal: io::stdout().is_terminal(),
            stderr_is_terminal,
            can_ask: stderr_is_terminal && io::stdin().is_terminal(),
            colour,
        }
    }

    /// Somebody to ask, where somebody is.
    pub fn prompt(&self) -> Option<Prompt> {
        self.can_ask.then(|| Prompt::new(self.colour))
    }

    /// Writes one line of data to stdout.
    ///
    /// # Errors
    /// [`Kind::OutputClosed`] when the reader went away; [`Kind::Failed`] on any other write error (a full disk).
    pub fn data(&self, line: impl Display) -> Result<()> {
        self.data_bytes(format!("{line}\n").as_bytes())
    }

    /// Writes bytes of data to stdout and flushes them.
    ///
    /// # Errors
    /// As [`Ui::data`].
    pub fn data_bytes(&self, bytes: &[u8]) -> Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(stdout_error)
    }

    /// Writes a report as one line of JSON.
    ///
    /// # Errors
    /// As [`Ui::data`].
    pub fn data_json(&self, report: &impl serde::Serialize) -> Result<()> {
        self.data(serde_json::to_string(report).expect("reports are plain data"))
    }

    /// Tells the person something, on stderr, unless `--quiet`.
    pub fn say(&self, line: impl Display) {
        if !self.quiet {
            self.err_line(&line);
        }
    }

    /// Warns, on stderr, even with `--quiet`.
    pub fn warn(&self, line: impl Display) {
        self.err_line(&format_args!("warning: {line}"));
    }

    /// Reports a failure and its advice, on stderr.
    pub fn error(&self, error: &Error) {
        if error.kind == Kind::OutputClosed {
            return;
        }
        self.err_line(&format_args!("error: {}", error.message));
        if let Some(hint) = &error.hint {
            self.err_line(&format_args!("hint: {hint}"));
        }
    }

    fn err_line(&self, line: &dyn Display) {
        // Nothing can be done about a closed stderr, and nothing must panic because of it.
        let text = line.to_string();
        let text = if self.stderr_is_terminal { escape::lines(&text).into_owned() } else { text };
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}

/// What a failed write to stdout means.
pub fn stdout_error(error: io::Error) -> Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        Error::new(Kind::OutputClosed, "standard output was closed")
    } else {
        Error::new(Kind::Failed, format!("could not write to standard output: {error}"))
    }
}
