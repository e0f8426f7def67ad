//! What can go wrong with the person's browser.

use std::path::PathBuf;

use crate::config::variable;
use crate::error::{Explain, Kind};

/// A sign-in in the browser that did not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BrowserError {
    /// None is installed where they are looked for.
    #[error("no Chrome, Edge or Chromium was found")]
    NotFound,
    /// The one that was named isn't there.
    #[error("the browser `{}` was not found", .path.display())]
    NoSuchProgram {
        /// What was named.
        path: PathBuf,
    },
    /// Pipes can't be handed over to it.
    #[error("signing in with a browser of one's own is not possible on this system")]
    NoPipes,
    /// It can't be started, or ended before it was of any use.
    #[error("`{}` could not be used: {reason}", .program.display())]
    NotUsable {
        /// The browser.
        program: PathBuf,
        /// What it or the system said.
        reason: String,
    },
    /// Its profile directory can't be made.
    #[error("can't use the browser's profile directory `{}`: {reason}", .path.display())]
    Profile {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The person closed it.
    #[error("the browser was closed before the sign-in ended")]
    Closed,
    /// Nobody signed in.
    #[error("nobody signed in in the browser within {minutes} min")]
    TimedOut {
        /// How long it was waited for.
        minutes: u64,
    },
    /// It said something else than the protocol has.
    #[error("the browser can't be driven: {problem}")]
    Protocol {
        /// What is wrong; never what was said.
        problem: &'static str,
    },
    /// The pipe from it ended.
    #[error("the browser ended")]
    Ended,
}

impl Explain for BrowserError {
    fn kind(&self) -> Kind {
        match self {
            BrowserError::NotFound | BrowserError::NoSuchProgram { .. } | BrowserError::NoPipes => Kind::Usage,
            BrowserError::Closed | BrowserError::TimedOut { .. } | BrowserError::Ended => Kind::NotSignedIn,
            BrowserError::NotUsable { .. } | BrowserError::Profile { .. } | BrowserError::Protocol { .. } => {
                Kind::Failed
            }
        }
    }

    fn hint(&self) -> Option<String> {
        let (path, flags) = (variable::BROWSER_PATH, variable::BROWSER_FLAGS);
        Some(match self {
            BrowserError::NotFound => {
                format!("install one, or name it with `browser_path` in the profile or {path}")
            }
            BrowserError::NoSuchProgram { .. } => format!("set `browser_path` in the profile, or {path}"),
            BrowserError::NoPipes => "use `method = \"saml\"`, which asks in the terminal".to_owned(),
            BrowserError::NotUsable { .. } => {
                format!("it needs a display; as root in a container also `--no-sandbox` in {flags}")
            }
            BrowserError::Profile { .. } => "make sure that the directory belongs to you and has room".to_owned(),
            BrowserError::Closed | BrowserError::TimedOut { .. } | BrowserError::Ended => {
                "run `securecart login` again, and leave the window open until it closes by itself".to_owned()
            }
            BrowserError::Protocol { .. } => {
                format!("update the browser, or name another with `browser_path` in the profile or {path}")
            }
        })
    }
}
