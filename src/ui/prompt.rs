//! Questions on the terminal: asked on stderr, answered on stdin.
//!
//! Ctrl-C while a question is open becomes [`Kind::Interrupted`], with the cursor and the terminal's modes as they
//! were, and whoever asked decides what to undo. For that the interrupt signal is caught from the first question
//! on: a command that goes on for long after one listens to `tokio::signal::ctrl_c` itself.

use std::io;
use std::sync::OnceLock;

use dialoguer::console::{Key, Term};
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Confirm, FuzzySelect, Input};
use zeroize::Zeroizing;

use super::drawn::Drawn;
use super::escape;
use crate::error::{Error, Kind, Result};
use crate::secret::Secret;

/// What is wrong with an answer, said below the question until it is right.
pub type Check<'a> = &'a dyn Fn(&str) -> Result<(), String>;

/// Who answers questions: a person at a terminal, or a test.
pub trait Ask {
    /// A line of text. Enter alone gives the default, or nothing when that is allowed.
    ///
    /// # Errors
    /// [`Kind::Interrupted`] after Ctrl-C or when the terminal is gone, [`Kind::Failed`] when it doesn't work.
    fn input(&self, question: &str, default: Option<&str>, check: Check<'_>) -> Result<String>;

    /// Yes or no.
    ///
    /// # Errors
    /// As [`Ask::input`].
    fn confirm(&self, question: &str, default: bool) -> Result<bool>;

    /// One of a list, found by typing parts of it: its index. Ctrl-C and Esc take the list off the screen.
    ///
    /// # Errors
    /// As [`Ask::input`]; [`Kind::Interrupted`] after Esc too.
    fn choose(&self, question: &str, items: &[String], default: usize) -> Result<usize>;
}

/// The person at this process's terminal. Ask only when [`super::Ui::can_ask`].
#[derive(Debug, Clone, Copy)]
pub struct Prompt {
    colour: bool,
}

impl Prompt {
    /// Gets ready to ask; `colour` is false with `NO_COLOR` or on a dumb terminal.
    pub fn new(colour: bool) -> Self {
        Self { colour }
    }

    /// A secret, without echo. Ctrl-U starts over.
    ///
    /// # Errors
    /// As [`Ask::input`].
    pub fn password(&self, question: &str) -> Result<Secret> {
        let term = Term::stderr();
        term.write_str(&format!("{}: ", escape::name(question))).map_err(failed)?;
        let typed = read_secretly(&term);
        // The line end that was typed was not echoed.
        let _ = term.write_line("");
        typed
    }

    fn theme(&self) -> Box<dyn Theme> {
        if self.colour { Box::new(ColorfulTheme::default()) } else { Box::new(SimpleTheme) }
    }
}

impl Ask for Prompt {
    fn input(&self, question: &str, default: Option<&str>, check: Check<'_>) -> Result<String> {
        catch_interrupts();
        let theme = self.theme();
        let mut input = Input::<String>::with_theme(theme.as_ref())
            .with_prompt(escape::name(question))
            .allow_empty(true)
            .validate_with(|typed: &String| check(typed.trim()));
        if let Some(default) = default {
            input = input.default(default.to_owned());
        }
        answered(input.interact_text()).map(|typed| typed.trim().to_owned())
    }

    fn confirm(&self, question: &str, default: bool) -> Result<bool> {
        catch_interrupts();
        let theme = self.theme();
        let confirm = Confirm::with_theme(theme.as_ref()).with_prompt(escape::name(question)).default(default);
        // Who types `y` presses Enter too, and that would be left for whoever reads next.
        answered(confirm.wait_for_newline(true).interact())
    }

    fn choose(&self, question: &str, items: &[String], default: usize) -> Result<usize> {
        catch_interrupts();
        let (theme, term) = (self.theme(), Term::stderr());
        let drawn = Drawn::new(theme.as_ref(), &term);
        let items = items.iter().map(|item| escape::name(item));
        let select = FuzzySelect::with_theme(&drawn).with_prompt(escape::name(question)).items(items);
        let chosen = select.default(default).interact_on_opt(&term).map_err(|dialoguer::Error::IO(error)| {
            let _ = term.clear_last_lines(drawn.rows());
            let _ = term.show_cursor();
            failed(error)
        });
        // Esc chooses nothing, and has cleared the list.
        chosen?.ok_or_else(interrupted)
    }
}

/// Reads keys until Enter; the terminal shows nothing meanwhile.
fn read_secretly(term: &Term) -> Result<Secret> {
    let mut typed = Zeroizing::new(String::with_capacity(1024));
    loop {
        match term.read_key_raw().map_err(failed)? {
            Key::Enter => return Ok(Secret::new(typed.as_str())),
            Key::CtrlC => return Err(interrupted()),
            // Ctrl-D on an empty line is the end of input.
            Key::Char('\u{4}') if typed.is_empty() => return Err(interrupted()),
            Key::Char('\u{15}') => typed.clear(),
            Key::Backspace => drop(typed.pop()),
            // A string that grows is copied and leaves its old bytes behind, so it never grows.
            Key::Char(c) if !c.is_control() && typed.len() + c.len_utf8() <= typed.capacity() => typed.push(c),
            _ => {}
        }
    }
}

fn answered<T>(answer: dialoguer::Result<T>) -> Result<T> {
    answer.map_err(|dialoguer::Error::IO(error)| {
        let term = Term::stderr();
        let _ = term.show_cursor();
        let _ = term.write_line("");
        failed(error)
    })
}

fn failed(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::Interrupted | io::ErrorKind::UnexpectedEof => interrupted(),
        _ => Error::new(Kind::Failed, format!("could not ask on this terminal: {error}")),
    }
}

fn interrupted() -> Error {
    Error::new(Kind::Interrupted, "interrupted")
}

/// Makes SIGINT something other than the end of the process: `console` reads Ctrl-C as a key and raises the signal
/// itself, before anyone could put the cursor back.
fn catch_interrupts() {
    static RUNTIME: OnceLock<Option<tokio::runtime::Runtime>> = OnceLock::new();
    RUNTIME.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
        let guard = runtime.enter();
        // The handler stays when the listener goes. Without one, Ctrl-C ends the process: safe, but less tidy.
        #[cfg(unix)]
        drop(tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt()));
        #[cfg(windows)]
        drop(tokio::signal::windows::ctrl_c());
        drop(guard);
        Some(runtime)
    });
}
