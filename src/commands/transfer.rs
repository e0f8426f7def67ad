//! What `get`, `put` and `rm` have in common: they can be stopped, they tell of each file, and they sum up.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Zoned;
use tokio::task::JoinHandle;

use crate::cli::folder::{TransferArgs, TreeArgs};
use crate::error::{Error, Kind, Result};
use crate::folder::TransferOptions;
use crate::folder::equal::Compare;
use crate::folder::filter::Filter;
use crate::folder::journal::Journal;
use crate::folder::outcome::{Action, Outcome, Status, Totals};
use crate::folder::progress::Progress;
use crate::folder::stop::{Leave, Stop};
#[cfg(unix)]
use crate::process;
use crate::ui::Ui;
use crate::ui::progress::Bar;
use crate::ui::prompt::Ask as _;
use crate::ui::size;
use crate::ui::transfers::{self, Line, Summary};

/// One run over many files, as it is told.
#[derive(Debug)]
pub(super) struct Telling<'u> {
    ui: &'u Ui,
    json: bool,
    action: Action,
    dry_run: bool,
    totals: Totals,
    last: Option<String>,
    /// The first file's failure: alone, it is how the command ends, and told then.
    held: Option<String>,
    started: Instant,
    bar: Bar,
    listener: JoinHandle<()>,
    broken: Option<Error>,
    pub(super) stop: Stop,
    pub(super) progress: Arc<Progress>,
}

impl<'u> Telling<'u> {
    /// Begins: from now on Ctrl-C and a request to terminate stop the work rather than the process; the second one ends
    /// the process.
    pub(super) fn begin(ui: &'u Ui, json: bool, action: Action, dry_run: bool, totals: Totals) -> Self {
        let (stop, progress) = (Stop::default(), Arc::new(Progress::default()));
        let bar = Bar::follow(ui, &progress);
        let (stopping, erase) = (stop.clone(), bar.eraser());
        let listener = tokio::spawn(async move {
            stopping.stop_and_leave(signalled().await);
            tokio::time::sleep(SAME_SIGNAL).await;
            signalled().await;
            end_at_once(erase).await;
        });
        Self {
            ui,
            json,
            action,
            dry_run,
            totals,
            last: None,
            held: None,
            started: Instant::now(),
            bar,
            listener,
            broken: None,
            stop,
            progress,
        }
    }

    /// Whether no file has failed so far.
    pub(super) fn nothing_failed(&self) -> bool {
        self.totals.failed == 0 && self.broken.is_none()
    }

    /// Asks the person something, with the bar out of the way.
    pub(super) fn ask(&self, question: &str) -> Result<bool> {
        let Some(prompt) = self.ui.prompt() else { return Ok(false) };
        self.bar.aside(|| prompt.confirm(question, false))
    }

    /// Tells of one file.
    pub(super) fn report(&mut self, outcome: &Outcome) {
        self.totals.count(outcome);
        if self.json {
            if let Err(error) = self.ui.data_json(&Line::File(outcome)) {
                // Nobody listens: there is no point in going on.
                self.broken.get_or_insert(error);
                self.stop.stop();
            }
            return;
        }
        let ui = self.ui;
        if let Some(first) = self.held.take() {
            self.bar.aside(|| ui.warn(first));
        }
        let line = transfers::line(outcome, ui.stderr_is_terminal);
        match outcome.status {
            Status::Failed if self.totals.all() == 1 => self.held = Some(line),
            Status::Failed => self.bar.aside(|| ui.warn(&line)),
            // On a terminal the bar says that it goes on, and a thousand lines would say no more.
            Status::Skipped if ui.stderr_is_terminal && outcome.is_equal() => {}
            Status::Done if ui.stderr_is_terminal => self.last = Some(line),
            Status::Planned => {
                let shown = if ui.stdout_is_terminal { transfers::line(outcome, true) } else { line };
                if let Err(error) = ui.data(shown) {
                    self.broken.get_or_insert(error);
                    self.stop.stop();
                }
            }
            Status::Done | Status::Skipped => self.bar.aside(|| ui.say(&line)),
        }
    }

    /// Sums up, and says how the command ends.
    pub(super) fn finish(self, result: Result<()>) -> Result<()> {
        self.listener.abort();
        drop(self.bar);
        if let Some(error) = self.broken {
            return Err(error);
        }
        let time = self.started.elapsed();
        if self.json {
            let (action, totals) = (self.action, &self.totals);
            self.ui.data_json(&Line::Summary(Summary { action, totals, seconds: time.as_secs_f64() }))?;
        } else if result.is_ok() || self.totals.done > 0 {
            let only = self.totals.done == 1 && self.totals.failed + self.totals.skipped == 0;
            if let Some(line) = self.last.filter(|_| only) {
                self.ui.say(line);
            }
            self.ui.say(transfers::summary(self.action, &self.totals, time, self.dry_run));
        }
        if let (Err(_), Some(first)) = (&result, self.held) {
            self.ui.warn(first);
        }
        result.and_then(|()| self.totals.verdict())
    }
}

/// Signals that follow one another faster are one: `timeout` signals both process and group, and so do wrappers that
/// pass on what the terminal has sent to all.
const SAME_SIGNAL: Duration = Duration::from_millis(500);

/// Ends the process: who asks twice doesn't want to wait until what was begun is cleaned up.
async fn end_at_once(erase: impl FnOnce() + Send + 'static) {
    // The bar may be out of the way for a question, and not to be had.
    let _ = tokio::time::timeout(Duration::from_millis(100), tokio::task::spawn_blocking(erase)).await;
    #[allow(clippy::exit, reason = "nothing else ends what blocks")]
    std::process::exit(Kind::Interrupted.exit_code().into());
}

/// Returns when the person or the system wants the work to end. A person who presses Ctrl-C wants nothing of it; a system
/// that goes down, or a connection that is lost, doesn't say so.
///
/// What this process was started not to hear, as by `nohup`, is not listened to.
#[cfg(unix)]
async fn signalled() -> Leave {
    use tokio::signal::unix::{SignalKind, signal};
    let of = async |kind: SignalKind| {
        let listening = if process::ignores(kind.as_raw_value()) { None } else { signal(kind).ok() };
        match listening {
            Some(mut listening) => listening.recv().await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = of(SignalKind::interrupt()) => Leave::Nothing,
        _ = of(SignalKind::terminate()) => Leave::ForAnotherRun,
        _ = of(SignalKind::hangup()) => Leave::ForAnotherRun,
    }
}

/// Returns when the person wants the work to end.
#[cfg(not(unix))]
async fn signalled() -> Leave {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
    Leave::Nothing
}

/// How a run is told that may delete.
pub(super) fn begin<'u>(args: &TransferArgs, ui: &'u Ui, json: bool, action: Action) -> Telling<'u> {
    let totals = if args.tree.delete { Totals::with_deletions() } else { Totals::default() };
    Telling::begin(ui, json, action, args.dry_run, totals)
}

/// What either direction is asked for, as of now. What is cut short is noted in `journal`.
///
/// # Errors
/// [`crate::error::Kind::Usage`] for patterns or a time that can't be used.
pub(super) fn options(args: &TransferArgs, journal: Option<Journal>) -> Result<TransferOptions> {
    Ok(TransferOptions {
        recursive: args.recursive,
        no_clobber: args.no_clobber,
        compare: compare(&args.tree),
        filter: filter(&args.tree)?,
        dry_run: args.dry_run,
        jobs: args.jobs,
        part_size: args.part_size,
        limit_rate: args.limit_rate,
        journal,
    })
}

/// How `--force` and `--size-only` want equal files to be found.
fn compare(args: &TreeArgs) -> Compare {
    match (args.force, args.size_only) {
        (true, _) => Compare::Nothing,
        (false, true) => Compare::Size,
        (false, false) => Compare::Content,
    }
}

/// Which files take part, as of now.
///
/// # Errors
/// [`crate::error::Kind::Usage`] for patterns or a time that can't be used.
fn filter(args: &TreeArgs) -> Result<Filter> {
    let too_old = || Error::usage("`--newer` reaches back before all times").with_hint("leave it out");
    let now = Zoned::now();
    let newer = args.newer.as_ref().map(|since| since.resolve(&now).ok_or_else(too_old)).transpose()?;
    Filter::new(&args.include, &args.exclude, newer).map_err(|error| Error::usage(error.to_string()))
}

/// Makes certain, before anything is done, that somebody can say yes to what `--delete` does at the end.
///
/// # Errors
/// [`crate::error::Kind::Usage`] when nobody can.
pub(super) fn check_can_delete(args: &TransferArgs, ui: &Ui) -> Result<()> {
    if !args.tree.delete || args.tree.yes || args.dry_run || ui.can_ask {
        return Ok(());
    }
    Err(Error::usage("`--delete` needs a yes, and there is no terminal to ask on")
        .with_hint("look with `--dry-run`, then add `--yes`"))
}

/// Whether so many things may go. Nothing to delete needs no question.
///
/// # Errors
/// [`Kind::Interrupted`] when the person says no.
pub(super) fn agree_to_delete(
    args: &TransferArgs,
    telling: &Telling<'_>,
    count: u64,
    what: &str,
    bytes: u64,
) -> Result<bool> {
    if count == 0 {
        return Ok(false);
    }
    let question =
        format!("Delete {} that the source doesn't have ({})?", size::counted(count, what), size::human(bytes));
    if args.tree.yes || args.dry_run || telling.ask(&question)? {
        return Ok(true);
    }
    Err(Error::new(Kind::Interrupted, "nothing was deleted"))
}
