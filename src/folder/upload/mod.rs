//! Uploading: files, directory trees, or a stream.

mod mirror;
mod multipart;
mod object;
mod parts;
mod rest;
mod resume;
mod source;
mod walk;

use std::cell::RefCell;
use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::mpsc;

pub use self::mirror::Mirror;
use self::object::{Context, Sent};
pub use self::source::ByteSource;
use self::source::Place;
use self::walk::{Found, shown, walk};
use super::attributes::Attributes;
use super::client::Folder;
use super::equal::{Below, Compare};
use super::error::FolderError;
use super::filter::Filter;
use super::key::FolderKey;
use super::outcome::{Action, Outcome, Status};
use super::pool::{self, Limits, Planned};
use super::progress::Progress;
use super::stop::Stop;
use super::transfer::TransferOptions;
use crate::config::profile::Encryption;

/// How to upload.
#[derive(Debug, Clone, Default)]
pub struct UploadOptions {
    /// What holds in either direction.
    pub transfer: TransferOptions,
    /// With `recursive`: where to note what the trees hold, for a one-way sync.
    pub mirror: Option<Arc<Mirror>>,
    /// What all objects are stored with.
    pub attributes: Attributes,
    /// The content type of all; guessed from each name when absent.
    pub content_type: Option<String>,
    /// Server-side encryption; nothing is asked for when absent.
    pub encryption: Option<Encryption>,
}

impl From<TransferOptions> for UploadOptions {
    fn from(transfer: TransferOptions) -> Self {
        Self { transfer, ..Self::default() }
    }
}

/// Something to upload.
#[derive(Debug)]
pub enum Source {
    /// A file or directory as it was typed.
    Path(String),
    /// Bytes until they end.
    Stream(ByteSource),
}

#[derive(Debug)]
struct Job {
    key: FolderKey,
    shown: String,
    content: JobContent,
    /// What is stored where the file's tree goes; files that were typed are asked about one by one.
    below: Option<Arc<Below>>,
}

#[derive(Debug)]
enum JobContent {
    File(Place),
    Stream(ByteSource),
}

/// Uploads `sources` to `target`, telling `report` of each file as it ends. One that fails doesn't stop the others.
///
/// One file goes to the key itself, or into it when it ends with `/` or is the folder itself; several files, and
/// directories, always go into it. With `recursive`, `site` becomes `target/site/…` and `site/` becomes `target/…`.
///
/// # Errors
/// When the target can't be used for these sources, or when told to stop. Then no upload is left unfinished, or
/// [`Folder::unfinished_uploads`] and [`Folder::resumable_uploads`] say which.
pub async fn upload(
    folder: &Folder,
    sources: Vec<Source>,
    target: &FolderKey,
    options: &UploadOptions,
    stop: &Stop,
    progress: &Arc<Progress>,
    mut report: impl FnMut(Outcome),
) -> Result<(), FolderError> {
    let asked = &options.transfer;
    let into = asked.recursive || sources.len() > 1 || target.is_folder();
    if into && !target.is_folder() && !asked.recursive {
        return Err(FolderError::Usage {
            message: format!("`{target}` is not a folder, and several files go there"),
            hint: "the last path is the destination; end it with `/` to make it a folder, or type `.` for the top of yours",
        });
    }
    let target = if into { target.as_folder()? } else { target.clone() };
    if target.is_folder() && sources.iter().any(|source| matches!(source, Source::Stream(_))) {
        return Err(FolderError::Usage {
            message: "standard input has no name".into(),
            hint: "name the object: `securecart put - backup.tar`",
        });
    }
    let context = Arc::new(Context {
        folder: folder.clone(),
        limits: Limits::new(asked.jobs, asked.limit_rate),
        progress: progress.clone(),
        options: asked.clone(),
        attributes: options.attributes.clone(),
        content_type: options.content_type.clone(),
        encryption: options.encryption.clone(),
    });
    let (plans, inbox) = mpsc::channel(pool::BACKLOG);
    let planner = Planner {
        target,
        recursive: asked.recursive,
        filter: asked.filter.clone(),
        mirror: options.mirror.clone(),
        context: context.clone(),
        // One source alone has no name twice.
        claims: RefCell::new((sources.len() > 1).then(HashSet::new)),
        hasher: RandomState::new(),
        plans,
    };
    // Reading directories blocks, so the planner has a thread; it ends when nobody takes its plans.
    std::thread::spawn(move || planner.run(sources));
    let work = |job: Job| send(context.clone(), job);
    let mut failed = false;
    let noting = |outcome: Outcome| {
        failed |= outcome.status == Status::Failed;
        report(outcome);
    };
    let result = pool::drive(stop, &context.limits, progress, inbox, work, noting).await;
    if stop.keeps() {
        folder.uploads().keep_all();
    }
    // Those of failed files too, where the first attempt to abort them failed as well.
    if result.is_err() || !folder.unfinished_uploads().is_empty() {
        folder.abort_open_uploads().await;
    }
    if let (Ok(()), false, Some(mirror)) = (&result, failed, &options.mirror) {
        mirror.complete();
    }
    result
}

async fn send(context: Arc<Context>, job: Job) -> Outcome {
    let sent = match job.content {
        JobContent::File(place) => context.file(&job.key, place, job.shown.clone(), job.below.as_deref()).await,
        JobContent::Stream(_) if context.options.dry_run => context.would_send(&job.key, 0, None).await,
        JobContent::Stream(source) => context.stream(&job.key, source).await.map(Sent::Done),
    };
    match sent {
        Ok(Sent::Done(bytes)) => Outcome::done(Action::Upload, &job.key, Some(job.shown), bytes),
        Ok(Sent::Equal(bytes)) => {
            context.progress.not_moved(bytes);
            Outcome::equal(Action::Upload, &job.key, Some(job.shown))
        }
        Ok(Sent::Planned(bytes)) => Outcome::planned(Action::Upload, &job.key, Some(job.shown), bytes),
        Err(error) => Outcome::failed(Action::Upload, job.key.relative(), Some(job.shown), error),
    }
}

/// From what was typed to the files that are to be sent.
struct Planner {
    target: FolderKey,
    recursive: bool,
    filter: Filter,
    mirror: Option<Arc<Mirror>>,
    context: Arc<Context>,
    /// Which keys are taken, eight bytes a key, where two files could have the same.
    claims: RefCell<Option<HashSet<u64>>>,
    hasher: RandomState,
    plans: mpsc::Sender<Planned<Job>>,
}

impl Planner {
    fn run(self, sources: Vec<Source>) {
        for source in sources {
            let planned = match source {
                Source::Stream(source) => {
                    self.plan(self.target.clone(), "-".into(), 0, JobContent::Stream(source), None)
                }
                Source::Path(typed) => self.typed(&typed),
            };
            if planned.is_err() {
                return;
            }
        }
    }

    fn typed(&self, typed: &str) -> Result<(), ()> {
        let path = PathBuf::from(typed);
        let found = match std::fs::metadata(&path) {
            Ok(found) => found,
            Err(error) => return self.failed("", typed, FolderError::local("could not open", typed, &error)),
        };
        if found.is_dir() {
            if self.recursive {
                return self.tree(typed, &path);
            }
            let error = FolderError::Usage {
                message: format!("`{typed}` is a directory"),
                hint: "add `-r` to upload all that is in it",
            };
            return self.failed("", typed, error);
        }
        let key = match self.key_for(&path, typed) {
            Ok(key) => key,
            Err(error) => return self.failed("", typed, error),
        };
        // It may lie in a tree that is mirrored.
        if let Some(mirror) = &self.mirror {
            mirror.saw(&key);
        }
        if self.recursive && !self.takes(key.name().unwrap_or_default(), found.modified().ok()) {
            return Ok(());
        }
        if found.is_file() {
            return self.plan(key, shown(&path), found.len(), JobContent::File(Place::Typed(path)), None);
        }
        self.special(key, typed, &path, &found)
    }

    /// A pipe, such as a shell's `<(…)`, is a stream; devices and sockets are nothing to upload.
    fn special(&self, key: FolderKey, typed: &str, path: &Path, found: &std::fs::Metadata) -> Result<(), ()> {
        #[cfg(unix)]
        if std::os::unix::fs::FileTypeExt::is_fifo(&found.file_type()) {
            return match std::fs::File::open(path) {
                Ok(file) => self.plan(key, typed.to_owned(), 0, JobContent::Stream(ByteSource::new(file, typed)), None),
                Err(error) => self.failed("", typed, FolderError::local("could not open", typed, &error)),
            };
        }
        let _ = (path, found);
        let error = FolderError::LocalName { path: typed.to_owned(), problem: "is not a regular file" };
        self.failed(key.relative(), typed, error)
    }

    fn key_for(&self, path: &Path, typed: &str) -> Result<FolderKey, FolderError> {
        if !self.target.is_folder() {
            return Ok(self.target.clone());
        }
        let name = path.file_name().and_then(|name| name.to_str()).ok_or_else(|| FolderError::LocalName {
            path: typed.to_owned(),
            problem: "has no name that an object could have",
        })?;
        Ok(self.target.append(name)?)
    }

    /// `site` arrives with its name, `site/`, `.` and `..` without.
    fn tree(&self, typed: &str, top: &Path) -> Result<(), ()> {
        let contents_only = typed.ends_with(std::path::is_separator) || typed == "." || top.file_name().is_none();
        let base = if contents_only {
            Ok(self.target.clone())
        } else {
            self.key_for(top, typed).and_then(|key| Ok(key.as_folder()?))
        };
        let base = match base {
            Ok(base) => base,
            Err(error) => return self.failed("", typed, error),
        };
        let there = Arc::new(Below::new(base.clone()));
        if let Some(mirror) = &self.mirror {
            mirror.tree(&base);
        }
        walk(top, &self.filter, |found| match found {
            Found::File { place, below, shown, len, modified } => match base.append(&below) {
                Ok(key) => {
                    if let Some(mirror) = &self.mirror {
                        mirror.saw(&key);
                    }
                    if !self.takes(&below, modified) {
                        return Ok(());
                    }
                    self.plan(key, shown, len, JobContent::File(place), Some(there.clone()))
                }
                Err(error) => self.failed("", &shown, error.into()),
            },
            Found::Skipped { below, shown, reason } => {
                if let (Some(mirror), Ok(key)) = (&self.mirror, base.append(&below)) {
                    mirror.saw_closed(&key);
                }
                if !self.filter.takes(&below) {
                    return Ok(());
                }
                self.send(Planned::Ended(Outcome::skipped(Action::Upload, "", Some(shown), reason)))
            }
            Found::Failed { shown, error } => self.failed("", &shown, error),
        })
    }

    fn takes(&self, below: &str, modified: Option<SystemTime>) -> bool {
        self.filter.takes(below) && self.filter.takes_time(modified)
    }

    fn plan(
        &self,
        key: FolderKey,
        shown: String,
        len: u64,
        content: JobContent,
        below: Option<Arc<Below>>,
    ) -> Result<(), ()> {
        if !self.claim(&key) {
            let problem = "has the same name in your folder as another file that is uploaded";
            return self.failed(key.relative(), &shown, FolderError::LocalName { path: shown.clone(), problem });
        }
        let options = &self.context.options;
        let compared = options.compare() != Compare::Nothing && !matches!(content, JobContent::Stream(_));
        if options.dry_run && !options.no_clobber && !compared {
            return self.send(Planned::Ended(Outcome::planned(Action::Upload, &key, Some(shown), len)));
        }
        self.context.progress.planned(len);
        self.send(Planned::Job(Job { key, shown, content, below }))
    }

    /// Whether no other file has taken this key.
    fn claim(&self, key: &FolderKey) -> bool {
        let name = self.hasher.hash_one(key.as_str());
        self.claims.borrow_mut().as_mut().is_none_or(|claims| claims.insert(name))
    }

    fn failed(&self, path: &str, shown: &str, error: FolderError) -> Result<(), ()> {
        self.send(Planned::Ended(Outcome::failed(Action::Upload, path, Some(shown.to_owned()), error)))
    }

    fn send(&self, planned: Planned<Job>) -> Result<(), ()> {
        self.plans.blocking_send(planned).map_err(drop)
    }
}
