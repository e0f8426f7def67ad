//! What became of files, for people and as JSON. Pure.

use std::borrow::Cow;
use std::time::Duration;

use serde::Serialize;

use super::{escape, size};
use crate::folder::outcome::{Action, Outcome, Status, Totals};

/// One line of `--json`.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum Line<'o> {
    /// What became of one file.
    File(&'o Outcome),
    /// What became of all: the last line.
    Summary(Summary<'o>),
}

/// What became of all files.
#[derive(Debug, Serialize)]
pub struct Summary<'o> {
    /// What was done.
    pub action: Action,
    /// Counts and bytes.
    #[serde(flatten)]
    pub totals: &'o Totals,
    /// How long it took.
    pub seconds: f64,
}

fn verb(action: Action) -> &'static str {
    match action {
        Action::Download => "download",
        Action::Upload => "upload",
        Action::Remove => "remove",
    }
}

/// `upload: a.txt → 2026/a.txt`.
pub fn line(outcome: &Outcome, terminal: bool) -> String {
    let shown = |name: &str| if terminal { escape::name(name).into_owned() } else { name.to_owned() };
    let path = shown(&outcome.path);
    let local = outcome.local.as_deref().map(shown);
    let names = match (outcome.action, local) {
        (_, None) => path,
        (_, Some(local)) if path.is_empty() => local,
        (Action::Upload, Some(local)) => format!("{local} → {path}"),
        (_, Some(local)) => format!("{path} → {local}"),
    };
    let verb = verb(outcome.action);
    match outcome.status {
        Status::Done => format!("{verb}: {names}"),
        Status::Planned => format!("would {verb}: {names}"),
        Status::Skipped => format!("skipped: {names} ({})", outcome.reason.as_deref().unwrap_or("as asked")),
        Status::Failed => {
            let message = outcome.error.as_ref().map_or("", |error| error.message.as_str());
            let message = if terminal { escape::name(message) } else { Cow::Borrowed(message) };
            format!("failed: {names}: {message}")
        }
    }
}

/// `uploaded 3 files, 1.5 MiB in 0.3 s (5.0 MiB/s), 1 skipped, 2 failed`.
///
/// A dry run tells what would be done.
pub fn summary(action: Action, totals: &Totals, time: Duration, dry_run: bool) -> String {
    let what = if action == Action::Remove { "object" } else { "file" };
    let mut told = match action {
        _ if dry_run => {
            format!("would {} {}, {}", verb(action), size::counted(totals.planned, what), size::human(totals.bytes))
        }
        Action::Remove => format!("removed {}", size::counted(totals.done, "object")),
        _ => {
            let done = if action == Action::Upload { "uploaded" } else { "downloaded" };
            format!(
                "{done} {}, {} in {:.1} s ({})",
                size::counted(totals.done, "file"),
                size::human(totals.bytes),
                time.as_secs_f64(),
                size::rate(totals.bytes, time),
            )
        }
    };
    for (count, told_as) in [(totals.deleted, "deleted"), (totals.delete_planned, "would delete")] {
        match count {
            Some(count) if count > 0 => told.push_str(&format!(", {told_as} {count}")),
            _ => {}
        }
    }
    if totals.skipped > 0 {
        told.push_str(&format!(", {} skipped", totals.skipped));
    }
    if totals.failed > 0 {
        told.push_str(&format!(", {} failed", totals.failed));
    }
    told
}
