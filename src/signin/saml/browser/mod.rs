//! Signing in with the person's own browser: whatever the provider asks for there, what it finally posts to AWS is taken
//! before it is sent.
//!
//! The browser is an installed Chrome, Edge or Chromium with a profile directory of its own, driven over the Chrome
//! DevTools Protocol through a pair of pipes: no port that another process could attach to, and nothing is downloaded.
//! What the protocol's messages say is never logged: they hold the assertion and cookies.
//!
//! Source: the protocol's reference, domains Target, Fetch and Storage; Chromium's `--remote-debugging-pipe`.

mod cookies;
mod devtools;
mod error;
mod intercept;
mod program;
mod walk;
mod wire;

#[cfg(unix)]
#[path = "process_unix.rs"]
mod process;
#[cfg(not(unix))]
#[path = "process_other.rs"]
mod process;

pub use error::BrowserError;
pub use intercept::{Paused, Verdict, saml_response};
pub use program::BrowserChoice;
pub use wire::Frames;

use std::path::Path;
use std::time::Duration;

use url::Url;

use self::process::Browser;
use self::walk::Walk;
use super::assertion::SamlResponse;
use super::error::SamlError;
use super::jar::Jar;
use crate::error::Result;
use crate::signin::Interaction;

/// How long a person may take: as long as with a device code.
pub const PATIENCE: Duration = Duration::from_secs(600);

/// A sign-in with a browser.
pub struct BrowserSignIn<'a> {
    /// Which browser, and how it is started.
    pub choice: &'a BrowserChoice,
    /// Where the browser keeps its profile: what stays there makes the next sign-in silent.
    pub profile: &'a Path,
    /// Forget the sessions that the browser has from earlier.
    pub anew: bool,
    /// Cookies from earlier: browsers drop those that end with the session when their window closes.
    pub jar: Jar,
}

impl BrowserSignIn<'_> {
    /// Opens the application's URL and waits for the provider's response: that, and the cookies there are then.
    ///
    /// The browser ends with this, however this ends, and leaves its profile directory only.
    ///
    /// # Errors
    /// [`BrowserError`] and [`SamlError::Assertion`], in their general form.
    pub async fn run(self, start: &Url, person: &dyn Interaction) -> Result<(SamlResponse, Jar)> {
        let program = self.choice.find()?;
        let mut browser = Browser::start(&program, &self.choice.flags, self.profile)?;
        let name = program.file_stem().unwrap_or_default().to_string_lossy();
        let minutes = PATIENCE.as_secs() / 60;
        person.say(&format!("Sign in in the window of {name} that opens now; it is waited for, up to {minutes} min"));
        let (from, to) = browser.pipes();
        let mut walk = Walk::new(from, to);
        let walked = async {
            walk.begin(if self.anew { None } else { Some(&self.jar) }, start).await?;
            walk.response().await
        };
        let walked = tokio::time::timeout(PATIENCE, walked).await;
        let posted = match walked {
            Err(_) => Err(BrowserError::TimedOut { minutes }),
            Ok(Err(BrowserError::Ended)) => Err(browser.why_it_ended(walk.has_begun())),
            Ok(walked) => walked,
        };
        let jar = match &posted {
            Ok(_) => walk.cookies().await.unwrap_or_default(),
            Err(_) => Jar::default(),
        };
        walk.close().await;
        let response = SamlResponse::parse(posted?.expose()).map_err(SamlError::from)?;
        Ok((response, jar))
    }
}
