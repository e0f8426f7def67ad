//! The person at the terminal, as sign-in sees them.

use std::sync::mpsc;
use std::time::Duration;

use super::Ui;
use super::prompt::{Ask as _, Prompt};
use crate::error::{Error, Kind, Result};
use crate::secret::Secret;
use crate::signin::Interaction;

/// How long a browser may take to fail before it is taken to have opened.
const BROWSER_START: Duration = Duration::from_millis(1500);

/// Asks and tells on the terminal.
#[derive(Debug, Clone)]
pub struct Terminal {
    ui: Option<Ui>,
}

impl Terminal {
    /// The terminal of this process.
    pub fn new(ui: &Ui) -> Self {
        Self { ui: Some(ui.clone()) }
    }

    /// Nobody: says and asks nothing, but can open a browser.
    pub fn silent() -> Self {
        Self { ui: None }
    }
}

impl Terminal {
    /// Somebody who can type an answer.
    fn prompt(&self, question: &str) -> Result<Prompt> {
        self.ui.as_ref().and_then(Ui::prompt).ok_or_else(|| {
            Error::new(Kind::NotSignedIn, format!("there is no terminal to ask on: {question}"))
                .with_hint("run `securecart login` in a terminal")
        })
    }
}

impl Interaction for Terminal {
    fn say(&self, line: &str) {
        if let Some(ui) = &self.ui {
            // What to do next is not chatter: `--quiet` doesn't hide it.
            Ui { quiet: false, ..ui.clone() }.say(line);
        }
    }

    fn open_browser(&self, url: &str) -> bool {
        let (sender, opened) = mpsc::channel();
        let url = url.to_owned();
        // Text browsers return when the person leaves them: the listener must run meanwhile.
        std::thread::spawn(move || sender.send(webbrowser::open(&url).is_ok()));
        opened.recv_timeout(BROWSER_START).unwrap_or(true)
    }

    fn choose(&self, question: &str, choices: &[String]) -> Result<usize> {
        match &self.ui {
            Some(ui) if ui.can_ask => Prompt::new(ui.colour).choose(question, choices, 0),
            _ => {
                let some: Vec<&str> = choices.iter().take(20).map(String::as_str).collect();
                let more = choices.len().saturating_sub(some.len());
                let more = if more > 0 { format!("\n  … and {more} more") } else { String::new() };
                let list = format!("{}{more}", some.join("\n  "));
                if question != crate::signin::WHICH_ROLE {
                    let problem = format!("{question}, and there is no terminal to choose on:\n  {list}");
                    return Err(Error::usage(problem).with_hint("name one with `--mfa`, or `mfa` in the profile"));
                }
                let problem =
                    format!("several roles are assigned to you, and there is no terminal to choose on:\n  {list}");
                Err(Error::usage(problem)
                    .with_hint("name one with `securecart login --account-id ID --role-name NAME`"))
            }
        }
    }

    fn ask(&self, question: &str, default: Option<&str>) -> Result<String> {
        self.prompt(question)?.input(question, default, &|_| Ok(()))
    }

    fn ask_secret(&self, question: &str) -> Result<Secret> {
        self.prompt(question)?.password(question)
    }
}
