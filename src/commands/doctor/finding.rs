//! One line of the report, for people and as JSON.

use crate::error::{Error, Kind, Result};
use crate::ui::{Ui, size};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Warn,
    Fail,
}

/// The outcome of one check; the JSON form is documented in the help.
#[derive(Debug, Clone, serde::Serialize)]
pub(super) struct Finding {
    check: &'static str,
    state: State,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    who: Option<&'static str>,
}

impl Finding {
    pub(super) fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, state: State::Ok, message: message.into(), hint: None, who: None }
    }

    pub(super) fn warn(check: &'static str, message: impl Into<String>) -> Self {
        Self { state: State::Warn, ..Self::ok(check, message) }
    }

    /// A failure, with whom to turn to.
    pub(super) fn fail(check: &'static str, error: &Error) -> Self {
        let who = match error.kind {
            Kind::Denied => "your AWS administrator",
            Kind::Network => "you, or whoever runs your network",
            _ => "you",
        };
        let hint = error.hint.clone();
        Self { state: State::Fail, hint, who: Some(who), ..Self::ok(check, error.message.as_str()) }
    }

    #[must_use]
    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    fn for_people(&self) -> String {
        let state = match self.state {
            State::Ok => "ok  ",
            State::Warn => "warn",
            State::Fail => "FAIL",
        };
        let mut text = format!("{state}  {:<18}  {}", self.check, self.message);
        if let Some(who) = self.who {
            text.push_str(&format!("\n      {:<18}  to be fixed by {who}", ""));
        }
        if let Some(hint) = &self.hint {
            text.push_str(&format!("\n      {:<18}  {hint}", ""));
        }
        text
    }
}

/// The findings so far; each is shown when it is there.
pub(super) struct Report<'a> {
    ui: &'a Ui,
    json: bool,
    failed: u64,
}

impl<'a> Report<'a> {
    pub(super) fn new(ui: &'a Ui, json: bool) -> Self {
        Self { ui, json, failed: 0 }
    }

    pub(super) fn add(&mut self, finding: Finding) -> Result<()> {
        self.failed += u64::from(finding.state == State::Fail);
        if self.json { self.ui.data_json(&finding) } else { self.ui.data(finding.for_people()) }
    }

    /// # Errors
    /// [`Kind::Failed`] when a check failed.
    pub(super) fn verdict(self) -> Result<()> {
        match self.failed {
            0 => Ok(()),
            failed => Err(Error::new(Kind::Failed, format!("{} failed", size::counted(failed, "check")))),
        }
    }
}
