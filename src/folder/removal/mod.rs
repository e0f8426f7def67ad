//! Removing objects, a thousand a request, several requests at once, while the listing goes on.

mod remover;

use std::sync::Arc;

use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use self::remover::Remover;
use super::client::Folder;
use super::error::FolderError;
use super::key::FolderKey;
use super::listing::{Depth, Entry, Pages};
use super::outcome::{Action, Outcome};
use super::pool::DEFAULT_JOBS;
use super::progress::Progress;
use super::stop::Stop;

/// Keys in one `DeleteObjects`. Source: API reference of `DeleteObjects`.
const BATCH: usize = 1000;

/// Requests at once. Each makes S3 do a thousand things, and more than a few meet `SlowDown`.
const BATCHES_AT_ONCE: usize = 6;

/// How to remove.
#[derive(Debug, Clone, Default)]
pub struct RemovalOptions {
    /// Everything below too.
    pub recursive: bool,
    /// The targets come from a listing: they need not be looked for.
    pub listed: bool,
    /// Only say what would be done.
    pub dry_run: bool,
}

/// How much there is to remove, as far as was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Objects.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Counting stopped: there are more.
    pub more: bool,
}

/// Counts what a recursive removal would remove, up to a limit of objects.
///
/// # Errors
/// Any of S3's.
pub async fn count(folder: &Folder, targets: &[FolderKey], limit: u64) -> Result<Count, FolderError> {
    let mut count = Count::default();
    for target in targets {
        let mut found = Finder::new(folder, target);
        while let Some(objects) = found.next().await? {
            for (_, bytes) in objects {
                count.objects += 1;
                count.bytes += bytes;
            }
            if count.objects > limit {
                count.more = true;
                return Ok(count);
            }
        }
    }
    Ok(count)
}

/// Removes `targets`, telling `report` of each key. One that fails doesn't stop the others.
///
/// # Errors
/// When the whole folder is named without `recursive`. When told to stop; requests that are under way then may still be carried out.
pub async fn remove(
    folder: &Folder,
    targets: Vec<FolderKey>,
    options: &RemovalOptions,
    stop: &Stop,
    progress: &Arc<Progress>,
    mut report: impl FnMut(Outcome),
) -> Result<(), FolderError> {
    if !options.recursive && targets.iter().any(FolderKey::is_root) {
        return Err(FolderError::Usage {
            message: "that is your whole folder".into(),
            hint: "`securecart rm -r .` removes everything in it",
        });
    }
    let remover = Arc::new(Remover::new(folder));
    let (batches, mut inbox) = mpsc::channel::<Vec<Outcome>>(2);
    let planner = Planner { folder: folder.clone(), options: options.clone(), batch: Vec::new(), batches };
    let mut running = JoinSet::new();
    running.spawn(async move {
        planner.run(targets).await;
        Vec::new()
    });
    let mut planning = true;
    while planning || !running.is_empty() {
        tokio::select! {
            biased;
            () = stop.stopped() => {
                running.shutdown().await;
                return Err(FolderError::Interrupted);
            }
            Some(done) = running.join_next(), if !running.is_empty() => {
                for outcome in done.unwrap_or_default() {
                    progress.ended();
                    report(outcome);
                }
            }
            // The planner is one of those that run.
            batch = inbox.recv(), if planning && running.len() <= BATCHES_AT_ONCE => match batch {
                Some(batch) => {
                    for outcome in &batch {
                        progress.planned(outcome.bytes);
                    }
                    let (remover, dry_run) = (remover.clone(), options.dry_run);
                    running.spawn(async move { if dry_run { batch } else { remover.batch(batch).await } });
                }
                None => planning = false,
            },
        }
    }
    Ok(())
}

/// Gathers keys into batches. Each key travels as the outcome it will have if all goes well.
struct Planner {
    folder: Folder,
    options: RemovalOptions,
    batch: Vec<Outcome>,
    batches: mpsc::Sender<Vec<Outcome>>,
}

impl Planner {
    async fn run(mut self, targets: Vec<FolderKey>) {
        match (self.options.recursive, self.options.listed) {
            (true, _) => self.trees(targets).await,
            (false, false) => self.named(targets).await,
            (false, true) => {
                for target in targets {
                    self.add(&target, 0).await;
                }
            }
        }
        self.flush().await;
    }

    /// Objects that somebody named. S3 would say of any name that it is removed now.
    async fn named(&mut self, targets: Vec<FolderKey>) {
        let folder = self.folder.clone();
        let looks = targets.into_iter().map(|target| {
            let folder = folder.clone();
            async move { (look(&folder, &target).await, target) }
        });
        let mut looks = futures_util::stream::iter(looks).buffered(usize::from(DEFAULT_JOBS));
        while let Some((found, target)) = looks.next().await {
            match found {
                Ok(bytes) => self.add(&target, bytes).await,
                Err(error) => self.fail(&target, error).await,
            }
        }
    }

    async fn trees(&mut self, targets: Vec<FolderKey>) {
        for target in targets {
            let mut finder = Finder::new(&self.folder, &target);
            let mut found = false;
            loop {
                match finder.next().await {
                    Ok(Some(objects)) => {
                        for (key, bytes) in objects {
                            found = true;
                            self.add(&key, bytes).await;
                        }
                    }
                    Ok(None) => break,
                    Err(error) => {
                        found = true;
                        self.fail(&target, error).await;
                        break;
                    }
                }
            }
            if !found && !target.is_root() {
                self.fail(&target, FolderError::not_found(&target)).await;
            }
        }
    }

    async fn fail(&mut self, target: &FolderKey, error: FolderError) {
        self.push(Outcome::failed(Action::Remove, target.relative(), None, error)).await;
    }

    async fn add(&mut self, key: &FolderKey, bytes: u64) {
        let outcome = if self.options.dry_run {
            Outcome::planned(Action::Remove, key, None, bytes)
        } else {
            Outcome::done(Action::Remove, key, None, bytes)
        };
        self.push(outcome).await;
    }

    async fn push(&mut self, outcome: Outcome) {
        self.batch.push(outcome);
        if self.batch.len() >= BATCH {
            self.flush().await;
        }
    }

    async fn flush(&mut self) {
        if !self.batch.is_empty() {
            // Nobody takes batches any more when the removal was stopped; this task is stopped then too.
            let _ = self.batches.send(std::mem::take(&mut self.batch)).await;
        }
    }
}

/// The bytes of the object of this name; none where the caller may not know.
async fn look(folder: &Folder, target: &FolderKey) -> Result<u64, FolderError> {
    let found = match folder.find(target).await {
        Err(FolderError::Denied { .. }) => return Ok(0),
        found => found?,
    };
    match found {
        Some(object) => Ok(object.size),
        None => Err(folder.missing(target, "add `-r` to remove all that is in it").await),
    }
}

/// What a name stands for in a recursive removal: the object itself and all in the folder of that name.
struct Finder {
    folder: Folder,
    exact: Option<FolderKey>,
    below: Option<FolderKey>,
    pages: Option<Pages>,
}

impl Finder {
    fn new(folder: &Folder, target: &FolderKey) -> Self {
        let exact = (!target.is_folder()).then(|| target.clone());
        // A name too long to have a `/` behind it has nothing below it.
        Self { folder: folder.clone(), exact, below: target.as_folder().ok(), pages: None }
    }

    async fn next(&mut self) -> Result<Option<Vec<(FolderKey, u64)>>, FolderError> {
        if let Some(exact) = self.exact.take()
            && let Some(object) = self.folder.find(&exact).await?
        {
            return Ok(Some(vec![(object.key, object.size)]));
        }
        if let Some(below) = self.below.take() {
            self.pages = Some(self.folder.list(&below, Depth::Everything));
        }
        let Some(pages) = &mut self.pages else { return Ok(None) };
        let Some(page) = pages.next().await else { return Ok(None) };
        let objects = page?.into_iter().filter_map(|entry| match entry {
            Entry::Object(object) => Some((object.key, object.size)),
            _ => None,
        });
        Ok(Some(objects.collect()))
    }
}
