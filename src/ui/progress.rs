//! A progress bar that a person sees only when there is time to see it, and that leaves nothing behind.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::narrow::Narrow;
use super::{Ui, size};
use crate::folder::progress::Progress;

/// What is over sooner needs no bar.
const DELAY: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_millis(100);
const DRAWS_A_SECOND: u8 = 20;

/// A bar on standard error that follows counters; erased when dropped.
#[derive(Debug)]
pub struct Bar {
    bar: ProgressBar,
    running: Option<(mpsc::Sender<()>, JoinHandle<()>)>,
}

impl Bar {
    /// Follows `progress`, if standard error is a terminal and nobody asked for quiet.
    pub fn follow(ui: &Ui, progress: &Arc<Progress>) -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        if ui.quiet || !ui.stderr_is_terminal {
            return Self { bar, running: None };
        }
        bar.set_style(style());
        let (stop, stopped) = mpsc::channel();
        let (shown, progress) = (bar.clone(), progress.clone());
        let thread = std::thread::spawn(move || {
            let start = Instant::now();
            while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(TICK) {
                if start.elapsed() >= DELAY && shown.is_hidden() {
                    shown.set_draw_target(ProgressDrawTarget::term_like_with_hz(
                        Box::new(Narrow::stderr()),
                        DRAWS_A_SECOND,
                    ));
                }
                draw(&shown, &progress, start.elapsed());
            }
            shown.finish_and_clear();
        });
        Self { bar, running: Some((stop, thread)) }
    }

    /// Erases it when the process ends without dropping it. It waits while the bar is out of the way.
    pub fn eraser(&self) -> impl FnOnce() + Send + 'static {
        let bar = self.bar.clone();
        move || bar.finish_and_clear()
    }

    /// Prints or asks while the bar is out of the way.
    pub fn aside<T>(&self, print: impl FnOnce() -> T) -> T {
        self.bar.suspend(print)
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.running.take() {
            drop(stop);
            let _ = thread.join();
        }
    }
}

fn style() -> ProgressStyle {
    let template = "{bar:24} {msg}";
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ")
}

fn draw(bar: &ProgressBar, progress: &Progress, time: Duration) {
    let (moved, all) = (progress.bytes.load(Ordering::Relaxed), progress.total_bytes.load(Ordering::Relaxed));
    let (files, total) = (progress.files.load(Ordering::Relaxed), progress.total_files.load(Ordering::Relaxed));
    bar.set_length(all);
    bar.set_position(moved);
    let mut told = format!("{} of {}  {}", size::human(moved), size::human(all), size::rate(moved, time));
    if total > 1 {
        told.push_str(&format!("  {files} of {total} files"));
    }
    bar.set_message(told);
}
