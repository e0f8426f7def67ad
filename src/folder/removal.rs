//! Removing objects, a thousand a request, several requests at once, while the listing goes on.

use std::sync::Arc;

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use futures_util::StreamExt as _;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::client::Folder;
use super::error::FolderError;
use super::key::FolderKey;
use super::listing::{Depth, Entry};
use super::outcome::{Action, Outcome, Progress};
use super::reply::Op;
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
                    let (folder, dry_run) = (folder.clone(), options.dry_run);
                    running.spawn(async move { if dry_run { batch } else { remove_batch(&folder, batch).await } });
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
        for target in targets {
            if !self.options.recursive {
                self.add(&target, 0).await;
                continue;
            }
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
                        self.push(Outcome::failed(Action::Remove, target.relative(), None, error)).await;
                        break;
                    }
                }
            }
            if !found && !target.is_root() {
                let error = FolderError::not_found(&target);
                self.push(Outcome::failed(Action::Remove, target.relative(), None, error)).await;
            }
        }
        self.flush().await;
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

/// What a name stands for in a recursive removal: the object itself and all in the folder of that name.
struct Finder {
    folder: Folder,
    exact: Option<FolderKey>,
    below: Option<FolderKey>,
    pages: Option<super::listing::Pages>,
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
            Entry::Folder(_) => None,
        });
        Ok(Some(objects.collect()))
    }
}

/// Whether a key can stand in the XML of `DeleteObjects`. Source: XML 1.0, "Characters".
fn fits_in_xml(key: &str) -> bool {
    key.chars().all(|c| !matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'))
}

async fn remove_batch(folder: &Folder, batch: Vec<Outcome>) -> Vec<Outcome> {
    let (mut known, rest): (Vec<Outcome>, Vec<Outcome>) =
        batch.into_iter().partition(|outcome| outcome.error.is_some());
    let (plain, odd): (Vec<Outcome>, Vec<Outcome>) = rest.into_iter().partition(|outcome| fits_in_xml(&outcome.path));
    known.extend(remove_singly(folder, odd).await);
    match plain.len() {
        0 => {}
        1 => known.extend(remove_singly(folder, plain).await),
        _ => known.extend(remove_many(folder, plain).await),
    }
    known
}

fn failed(outcome: Outcome, error: FolderError) -> Outcome {
    Outcome::failed(Action::Remove, outcome.path, None, error)
}

async fn remove_one(folder: &Folder, key: &FolderKey, outcome: Outcome) -> Outcome {
    let op = Op::new("DeleteObject", key);
    let removed =
        folder.call(&op, |client| client.delete_object().bucket(folder.bucket()).key(key.as_str()).send()).await;
    match removed {
        Ok(_) => outcome,
        Err(error) => failed(outcome, error),
    }
}

/// Requests at once for one batch, where a batch can't be one request.
const SINGLY_AT_ONCE: usize = 10;

async fn remove_singly(folder: &Folder, batch: Vec<Outcome>) -> Vec<Outcome> {
    let removals = batch.into_iter().map(|outcome| async move {
        match folder.prefix().key(&outcome.path, true) {
            Ok(key) => remove_one(folder, &key, outcome).await,
            Err(error) => failed(outcome, error.into()),
        }
    });
    futures_util::stream::iter(removals).buffer_unordered(SINGLY_AT_ONCE).collect().await
}

async fn remove_many(folder: &Folder, batch: Vec<Outcome>) -> Vec<Outcome> {
    let full = |path: &str| format!("{}{path}", folder.prefix());
    let objects = batch.iter().filter_map(|outcome| ObjectIdentifier::builder().key(full(&outcome.path)).build().ok());
    let Ok(delete) = Delete::builder().set_objects(Some(objects.collect())).quiet(true).build() else { return batch };
    let what = batch.first().map_or_else(String::new, |first| format!("{} (and {} more)", first.path, batch.len() - 1));
    let op = Op { name: "DeleteObjects", what };
    let reply =
        folder.call(&op, |client| client.delete_objects().bucket(folder.bucket()).delete(delete.clone()).send()).await;
    let reply = match reply {
        Ok(reply) => reply,
        // AWS asks the policy about each key and answers for each. Ceph RGW asks it about the bucket first, where a
        // per-user policy allows nothing.
        Err(FolderError::Denied { .. }) => return remove_singly(folder, batch).await,
        Err(error) => return batch.into_iter().map(|outcome| failed(outcome, error.clone())).collect(),
    };
    let mut errors: std::collections::HashMap<&str, FolderError> = reply
        .errors()
        .iter()
        .filter_map(|error| {
            let key = error.key()?;
            let what = key.strip_prefix(folder.prefix().as_str()).unwrap_or(key).to_owned();
            let message = error.message().unwrap_or_default().to_owned();
            let error = match error.code().unwrap_or_default() {
                "AccessDenied" => FolderError::Denied { operation: "DeleteObject", what, message },
                code => FolderError::Service { operation: "DeleteObject", what, code: code.to_owned(), message },
            };
            Some((key, error))
        })
        .collect();
    batch
        .into_iter()
        .map(|outcome| match errors.remove(full(&outcome.path).as_str()) {
            Some(error) => failed(outcome, error),
            None => outcome,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_xml_cannot_hold_are_removed_one_by_one() {
        assert!(fits_in_xml("a & b <c> ü 日本"));
        for key in ["a\u{1}", "a\nb", "a\rb", "\t", "\u{7f}", "\u{ffff}"] {
            assert!(!fits_in_xml(key), "{key:?}");
        }
    }
}
