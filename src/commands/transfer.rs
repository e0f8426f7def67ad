//! What `get`, `put` and `rm` have in common: they can be stopped, they tell of each file, and they sum up.

use std::sync::Arc;
use std::time::Instant;

use tokio::task::JoinHandle;

use crate::error::{Error, Kind, Result};
use crate::folder::FolderError;
use crate::folder::outcome::{Action, Outcome, Progress, Status, Totals};
use crate::folder::stop::Stop;
use crate::ui::Ui;
use crate::ui::progress::Bar;
use crate::ui::transfers::{self, Line, Summary};

/// One run over many files, as it is told.
#[derive(Debug)]
pub(super) struct Telling<'u> {
    ui: &'u Ui,
    json: bool,
    action: Action,
    totals: Totals,
    last: Option<String>,
    started: Instant,
    bar: Bar,
    listener: JoinHandle<()>,
    broken: Option<Error>,
    pub(super) stop: Stop,
    pub(super) progress: Arc<Progress>,
}

impl<'u> Telling<'u> {
    /// Begins: from now on Ctrl-C and a request to terminate stop the work rather than the process.
    pub(super) fn begin(ui: &'u Ui, json: bool, action: Action) -> Self {
        let (stop, progress) = (Stop::default(), Arc::new(Progress::default()));
        let stopping = stop.clone();
        let listener = tokio::spawn(async move {
            signalled().await;
            stopping.stop();
        });
        Self {
            ui,
            json,
            action,
            totals: Totals::default(),
            last: None,
            started: Instant::now(),
            bar: Bar::follow(ui, &progress),
            listener,
            broken: None,
            stop,
            progress,
        }
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
        let line = transfers::line(outcome, ui.stderr_is_terminal);
        match outcome.status {
            Status::Failed => self.bar.aside(|| ui.warn(&line)),
            // On a terminal the bar says that it goes on, and a thousand lines would say no more.
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
    pub(super) fn finish(self, result: Result<(), FolderError>) -> Result<()> {
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
            self.ui.say(transfers::summary(self.action, &self.totals, time));
        }
        match result {
            Err(FolderError::Interrupted) => Err(Error::new(Kind::Interrupted, "interrupted")),
            Err(error) => Err(error.into()),
            Ok(()) => self.totals.verdict(),
        }
    }
}

/// Returns when the person or the system wants the work to end.
async fn signalled() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()), signal(SignalKind::hangup()));
        if let (Ok(mut interrupt), Ok(mut terminate), Ok(mut hangup)) = signals {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
