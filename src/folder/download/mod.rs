//! Downloading: keys to files, folders to directory trees, or objects to a stream.
//!
//! An object appears under its local name only when all of it has arrived and been checked; see `landing`.

mod destination;
mod landing;
mod large;
mod mirror;
mod object;
mod parts;
mod plan;
mod ranges;
mod reader;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::mpsc;

use self::destination::Destination;
pub(super) use self::landing::is_temporary;
pub use self::mirror::{Mirror, Surplus};
use self::object::Context;
use self::plan::{Job, Planner};
use super::client::Folder;
use super::error::FolderError;
use super::key::FolderKey;
use super::local_path::LocalPath;
use super::outcome::{Action, Outcome, Status};
use super::pool::{self, Limits, blocking};
use super::progress::Progress;
use super::rate::PartSize;
use super::stop::Stop;
use super::transfer::TransferOptions;
use super::version::VersionId;
use crate::error::Result as AnyResult;

/// How to download.
#[derive(Debug, Clone, Default)]
pub struct DownloadOptions {
    /// What holds in either direction.
    pub transfer: TransferOptions,
    /// With `recursive`: where to note what the folders hold, for a one-way sync.
    pub mirror: Option<Arc<Mirror>>,
    /// Which version of the one object; the newest when absent.
    pub version: Option<VersionId>,
}

impl From<TransferOptions> for DownloadOptions {
    fn from(transfer: TransferOptions) -> Self {
        Self { transfer, ..Self::default() }
    }
}

/// What takes the bytes of a stream, in order. It may block.
pub type Sink = Arc<dyn Fn(&[u8]) -> AnyResult<()> + Send + Sync>;

/// Where downloads go.
#[derive(Clone)]
pub enum Target {
    /// What was typed, or nothing: the current directory.
    Path(Option<String>),
    /// A stream, to which all objects are written one after the other.
    Stream(Sink),
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "Path({path:?})"),
            Self::Stream(_) => f.write_str("Stream"),
        }
    }
}

/// Downloads `sources`, telling `report` of each file as it ends. One that fails doesn't stop the others.
///
/// # Errors
/// When the destination can't be used at all, or when told to stop; then no temporary file is left.
pub async fn download(
    folder: &Folder,
    sources: Vec<FolderKey>,
    target: Target,
    options: &DownloadOptions,
    stop: &Stop,
    progress: &Arc<Progress>,
    report: impl FnMut(Outcome),
) -> Result<(), FolderError> {
    let asked = &options.transfer;
    let context = Arc::new(Context {
        folder: folder.clone(),
        limits: Limits::new(asked.jobs, asked.limit_rate),
        progress: progress.clone(),
        stop: stop.clone(),
        range: asked.part_size.map_or(object::RANGE, PartSize::bytes),
        version: options.version.clone(),
        options: asked.clone(),
    });
    if let Some(journal) = asked.journal.clone() {
        blocking(move || {
            journal.prune_downloads(Timestamp::now(), is_temporary);
            Ok(())
        })
        .await?;
    }
    match target {
        Target::Stream(write) => stream(&context, &sources, write, options, stop, report).await,
        Target::Path(path) => files(context, sources, path, options, stop, report).await,
    }
}

async fn stream(
    context: &Arc<Context>,
    sources: &[FolderKey],
    write: Sink,
    options: &DownloadOptions,
    stop: &Stop,
    mut report: impl FnMut(Outcome),
) -> Result<(), FolderError> {
    if options.transfer.recursive || sources.iter().any(FolderKey::is_root) {
        return Err(FolderError::Usage {
            message: "a whole folder can't go to standard output".into(),
            hint: "name its objects, or a directory to download into",
        });
    }
    for key in sources {
        let local = Some("-".to_owned());
        let work = async {
            if options.transfer.dry_run {
                return Ok(Outcome::planned(Action::Download, key, local.clone(), context.size(key).await?));
            }
            let bytes = context.to_stream(key, write.clone()).await?;
            Ok(Outcome::done(Action::Download, key, local.clone(), bytes))
        };
        let ended: Result<Outcome, FolderError> = tokio::select! {
            biased;
            () = stop.stopped() => return Err(FolderError::Interrupted),
            ended = work => ended,
        };
        match ended {
            Ok(outcome) => report(outcome),
            // Nobody reads any more: the rest is of no use either.
            Err(error @ FolderError::Output(_)) => return Err(error),
            Err(error) => {
                let error = match error {
                    FolderError::ChangedRemotely { .. } | FolderError::Damaged { .. } => {
                        FolderError::Printed(Box::new(error))
                    }
                    error => error,
                };
                report(Outcome::failed(Action::Download, key.relative(), local.clone(), error));
            }
        }
    }
    Ok(())
}

async fn files(
    context: Arc<Context>,
    sources: Vec<FolderKey>,
    typed: Option<String>,
    options: &DownloadOptions,
    stop: &Stop,
    mut report: impl FnMut(Outcome),
) -> Result<(), FolderError> {
    let place = Place::choose(typed.as_deref(), sources.len(), options.transfer.recursive)?;
    let (directory, dry_run) = (place.directory.clone(), options.transfer.dry_run);
    let destination =
        blocking(
            move || {
                if dry_run { Ok(Destination::existing(&directory)) } else { Destination::open(&directory).map(Some) }
            },
        );
    let destination = destination.await?.map(Arc::new);
    let (plans, inbox) = mpsc::channel(pool::BACKLOG);
    let planner = Planner::new(context.clone(), place, destination.clone(), options, plans);
    let (said, planned) = tokio::sync::oneshot::channel();
    let planning = AbortOnDrop(tokio::spawn(async move {
        // Nobody asks for it after a failure.
        let _ = said.send(planner.run(sources).await);
    }));
    let work = |job: Job| fetch(context.clone(), job);
    let mut failed = false;
    let noting = |outcome: Outcome| {
        failed |= outcome.status == Status::Failed;
        report(outcome);
    };
    let result = pool::drive(stop, &context.limits, &context.progress, inbox, work, noting).await;
    if let (Ok(()), false, Some(mirror)) = (&result, failed, &options.mirror)
        && let Ok(Some((trees, claims))) = planned.await
    {
        mirror.complete(destination.clone(), trees, claims);
    }
    drop(planning);
    if result.is_err()
        && let Some(destination) = destination
    {
        // Files that were being made when the stop came are removed by whoever made them.
        let _ = tokio::time::timeout(std::time::Duration::from_secs(2), destination.settled()).await;
    }
    result
}

async fn fetch(context: Arc<Context>, job: Job) -> Outcome {
    let local = Some(job.destination.shown(&job.path));
    // Held until the file is complete: other connections help large files with what is left.
    let _permit = context.limits.request().await;
    match context.is_there(&job.key, job.listed, &job.destination, &job.path).await {
        Ok(false) => {}
        Ok(true) => {
            context.progress.not_moved(job.listed.map_or(0, |listed| listed.size));
            return Outcome::equal(Action::Download, &job.key, local);
        }
        Err(error) => return Outcome::failed(Action::Download, job.key.relative(), local, error),
    }
    if context.options.dry_run {
        let size = job.listed.map_or(0, |listed| listed.size);
        return Outcome::planned(Action::Download, &job.key, local, size);
    }
    // One object alone needs no room, and a listing is what tells of the others.
    let size = job.listed.map_or(0, |listed| listed.size);
    let _room = context.limits.room(size).await;
    match context.to_file(&job.key, &job.destination, &job.path, job.listed).await {
        Ok(bytes) => Outcome::done(Action::Download, &job.key, local, bytes),
        Err(error) => Outcome::failed(Action::Download, job.key.relative(), local, error),
    }
}

/// A planner has nothing to do once its work has ended.
struct AbortOnDrop(tokio::task::JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// What the destination that was typed means.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    directory: PathBuf,
    /// The file's name there, when the destination names a file and not a directory.
    file: Option<LocalPath>,
}

impl Place {
    /// A directory when it is one, when it ends like one, or when it must be one; otherwise a file's name.
    fn choose(typed: Option<&str>, sources: usize, recursive: bool) -> Result<Self, FolderError> {
        let typed = typed.unwrap_or(".");
        let path = PathBuf::from(typed);
        let directory = |directory: PathBuf| Ok(Self { directory, file: None });
        let ends_like_one = typed.ends_with(std::path::is_separator);
        if recursive || ends_like_one || path.is_dir() {
            return directory(path);
        }
        if sources > 1 {
            return Err(FolderError::Usage {
                message: format!("`{typed}` is not a directory, and several files go there"),
                hint: "the last path is the destination; end it with `/` to make it a directory",
            });
        }
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { return directory(path) };
        let parent = match path.parent() {
            Some(parent) if parent.as_os_str().is_empty() => PathBuf::from("."),
            Some(parent) => parent.to_owned(),
            None => return directory(path),
        };
        Ok(Self { directory: parent, file: Some(LocalPath::from_person(name)) })
    }

    fn shown(&self, path: &LocalPath) -> String {
        let below = path.to_string();
        if self.directory == std::path::Path::new(".") {
            below
        } else {
            self.directory.join(below).display().to_string()
        }
    }
}
