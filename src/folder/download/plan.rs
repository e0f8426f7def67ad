//! From what was asked for to the files that are to be written, as listings tell of them.

use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::mpsc;

use super::super::equal::{Compare, Listed};
use super::super::error::FolderError;
use super::super::filter::Filter;
use super::super::key::FolderKey;
use super::super::listing::{Depth, Entry, Object};
use super::super::local_path::{Claims, LocalPath, Platform, UnsafeName};
use super::super::outcome::{Action, Outcome};
use super::super::pool::{Planned, blocking};
use super::destination::Destination;
use super::object::Context;
use super::reader::ADD_RECURSIVE;
use super::{DownloadOptions, Place};

/// One object to fetch.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) key: FolderKey,
    pub(super) destination: Arc<Destination>,
    pub(super) path: LocalPath,
    /// What a listing told; then the size is part of the total.
    pub(super) listed: Option<Listed>,
}

/// Nobody takes plans any more.
struct Closed;

/// Finds the files, one after the other.
pub(super) struct Planner {
    context: Arc<Context>,
    place: Place,
    /// None when nothing is to be written and there is no such directory yet.
    destination: Option<Arc<Destination>>,
    recursive: bool,
    filter: Filter,
    mirrored: bool,
    claims: Claims,
    /// Directories below the destination that a folder stands for.
    trees: Vec<Vec<String>>,
    plans: mpsc::Sender<Planned<Job>>,
}

impl Planner {
    pub(super) fn new(
        context: Arc<Context>,
        place: Place,
        destination: Option<Arc<Destination>>,
        options: &DownloadOptions,
        plans: mpsc::Sender<Planned<Job>>,
    ) -> Self {
        let ignores_case = match &destination {
            Some(destination) if options.transfer.recursive && !options.transfer.dry_run => destination.ignores_case(),
            _ => cfg!(any(windows, target_os = "macos")),
        };
        let claims = Claims::new(ignores_case);
        let (recursive, filter, mirrored) =
            (options.transfer.recursive, options.transfer.filter.clone(), options.mirror.is_some());
        Self { context, place, destination, recursive, filter, mirrored, claims, trees: Vec::new(), plans }
    }

    /// Plans all; gives back the trees and the names that were found in them, unless nobody takes plans any more.
    pub(super) async fn run(mut self, sources: Vec<FolderKey>) -> Option<(Vec<Vec<String>>, Claims)> {
        for source in sources {
            let planned = if self.recursive { self.tree(&source).await } else { self.single(&source).await };
            planned.ok()?;
        }
        Some((self.trees, self.claims))
    }

    async fn single(&mut self, key: &FolderKey) -> Result<(), Closed> {
        let path = match &self.place.file {
            Some(path) => Ok(path.clone()),
            None if key.is_folder() => Err(FolderError::is_folder(key, ADD_RECURSIVE)),
            None => LocalPath::from_key(key.name().unwrap_or_default(), Platform::HERE)
                .map_err(|reason| FolderError::UnsafeName { key: key.to_string(), reason }),
        };
        match path {
            Ok(path) => self.plan(key, path, None).await,
            Err(error) => self.failed(key, error).await,
        }
    }

    /// `docs` is the object and the folder of that name; `docs/` is what is in the folder.
    async fn tree(&mut self, source: &FolderKey) -> Result<(), Closed> {
        let mut found = false;
        let mut strip = source.as_str().len();
        if !source.is_folder() {
            strip -= source.name().map_or(0, str::len);
            match self.context.folder.find(source).await {
                Ok(Some(object)) => {
                    found = true;
                    self.listed(&object, strip, strip).await?;
                }
                Ok(None) => {}
                Err(error) => return self.failed(source, error).await,
            }
        }
        let prefix = match source.as_folder() {
            Ok(prefix) => prefix,
            Err(error) => return self.failed(source, error.into()).await,
        };
        let top = prefix.as_str().len();
        if let Ok(tree) = tree_names(&prefix.as_str()[strip..]) {
            self.trees.push(tree);
        }
        let mut pages = self.context.folder.list(&prefix, Depth::Everything);
        while let Some(page) = pages.next().await {
            match page {
                Ok(entries) => {
                    for entry in entries {
                        let Entry::Object(object) = entry else { continue };
                        found = true;
                        self.listed(&object, strip, top).await?;
                    }
                }
                Err(error) => return self.failed(source, error).await,
            }
        }
        if found || source.is_root() { Ok(()) } else { self.failed(source, FolderError::not_found(source)).await }
    }

    /// One object of a listing; `strip` is the length of what the destination stands for, `top` that of the folder
    /// whose tree it is in.
    async fn listed(&mut self, object: &Object, strip: usize, top: usize) -> Result<(), Closed> {
        let below = &object.key.as_str()[strip..];
        if below.is_empty() && object.size == 0 {
            // The marker that some tools make for the folder itself.
            return Ok(());
        }
        if let Some(name) = below.strip_suffix('/')
            && object.size == 0
        {
            return if self.filter.takes_directory(object.key.as_str()[top..].trim_end_matches('/')) {
                self.marker(&object.key, name).await
            } else {
                Ok(())
            };
        }
        let modified = object.modified.map(SystemTime::from);
        if !(self.filter.takes(&object.key.as_str()[top..]) && self.filter.takes_time(modified)) {
            // Its file, if there is one, isn't only here.
            if self.mirrored
                && let Ok(path) = LocalPath::from_key(below, Platform::HERE)
            {
                self.claims.note(&path);
            }
            return Ok(());
        }
        match LocalPath::from_key(below, Platform::HERE) {
            Ok(path) => self.plan(&object.key, path, Some(Listed::of(object))).await,
            Err(reason) => self.unsafe_name(&object.key, reason).await,
        }
    }

    /// An empty object whose key ends with `/` stands for a directory.
    async fn marker(&mut self, key: &FolderKey, name: &str) -> Result<(), Closed> {
        let claimed = LocalPath::from_key(name, Platform::HERE)
            .and_then(|path| self.claims.claim_directory(&path).map(|()| path));
        let path = match claimed {
            Ok(path) => path,
            Err(reason) => return self.unsafe_name(key, reason).await,
        };
        let Some(destination) = self.destination.clone().filter(|_| !self.context.options.dry_run) else {
            return Ok(());
        };
        match blocking(move || destination.make_directory(&path)).await {
            Ok(()) => Ok(()),
            Err(error) => self.failed(key, error).await,
        }
    }

    async fn plan(&mut self, key: &FolderKey, path: LocalPath, listed: Option<Listed>) -> Result<(), Closed> {
        if let Err(reason) = self.claims.claim(&path) {
            return self.unsafe_name(key, reason).await;
        }
        let compared = listed.is_some() && self.context.options.compare() != Compare::Nothing;
        let destination = self.destination.clone().filter(|_| compared || !self.context.options.dry_run);
        let Some(destination) = destination else { return self.dry(key, &path, listed).await };
        self.context.progress.planned(listed.map_or(0, |listed| listed.size));
        self.send(Planned::Job(Job { key: key.clone(), destination, path, listed })).await
    }

    async fn dry(&mut self, key: &FolderKey, path: &LocalPath, listed: Option<Listed>) -> Result<(), Closed> {
        let size = match listed {
            Some(listed) => listed.size,
            None => match self.context.size(key).await {
                Ok(size) => size,
                Err(error) => return self.failed(key, error).await,
            },
        };
        let local = self.place.shown(path);
        let exists = self.context.options.no_clobber && std::fs::symlink_metadata(&local).is_ok();
        let outcome = if exists {
            let error = FolderError::Exists { what: local.clone() };
            Outcome::failed(Action::Download, key.relative(), Some(local), error)
        } else {
            Outcome::planned(Action::Download, key, Some(local), size)
        };
        self.send(Planned::Ended(outcome)).await
    }

    async fn unsafe_name(&self, key: &FolderKey, reason: UnsafeName) -> Result<(), Closed> {
        self.failed(key, FolderError::UnsafeName { key: key.to_string(), reason }).await
    }

    async fn failed(&self, key: &FolderKey, error: FolderError) -> Result<(), Closed> {
        self.send(Planned::Ended(Outcome::failed(Action::Download, key.relative(), None, error))).await
    }

    async fn send(&self, planned: Planned<Job>) -> Result<(), Closed> {
        self.plans.send(planned).await.map_err(|_| Closed)
    }
}

/// The directories that lead to a tree, below the destination; none for the destination itself.
fn tree_names(below: &str) -> Result<Vec<String>, UnsafeName> {
    let Some(path) = below.strip_suffix('/') else { return Ok(Vec::new()) };
    let path = LocalPath::from_key(path, Platform::HERE)?;
    Ok(path.directories().iter().cloned().chain([path.file_name().to_owned()]).collect())
}
