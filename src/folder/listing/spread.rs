//! Listing what is behind by several at once: folder by folder, or several small ones together.
//!
//! Only a page of the listing before tells S3 where the next one begins, so one listing is one request after the other.
//! Where folders begin is known from a listing of their level; from there on others can list, and who reads gets all of it
//! in the order of keys.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::mpsc;

use super::super::key::FolderKey;
use super::Entry;
use super::pages::{Lister, Pages, Turns};
use super::range::Range;

/// What is read when its turn comes.
#[derive(Debug)]
pub(super) enum Turn {
    /// Objects that the listing of the level told.
    Entries(Vec<Entry>),
    /// What others list.
    Pages(Box<Pages>),
}

/// How many keys folders have here.
#[derive(Debug, Default)]
pub(super) struct Tally {
    keys: AtomicUsize,
    folders: AtomicUsize,
    /// Keys of the longest page: as many as the server gives at once.
    page: AtomicUsize,
}

impl Tally {
    pub(super) fn page(&self, keys: usize) {
        self.page.fetch_max(keys, Ordering::Relaxed);
    }

    /// So many folders had so many keys.
    pub(super) fn add(&self, folders: usize, keys: usize) {
        self.keys.fetch_add(keys, Ordering::Relaxed);
        self.folders.fetch_add(folders, Ordering::Relaxed);
    }

    /// How many folders to list together, so that a request brings about a page of keys; 1 for folders of a page each.
    fn together(&self) -> usize {
        let (keys, folders) = (self.keys.load(Ordering::Relaxed), self.folders.load(Ordering::Relaxed));
        let (page, each) = (self.page.load(Ordering::Relaxed).max(1), (keys / folders.max(1)).max(1));
        if each >= page / 2 { 1 } else { 2 * page / each }
    }
}

/// What of a page of a level's listing is wholly behind a key; none where that is not worth the requests: among many
/// objects of the level itself, its listing is as long as the one it is to shorten.
pub(super) fn behind(found: Vec<Entry>, last: &FolderKey, tally: &Tally) -> Option<VecDeque<Entry>> {
    worth_it(&found).then_some(())?;
    let mut rest = VecDeque::from(found);
    let count = rest.len();
    rest.retain(|entry| entry.key().as_str() > last.as_str());
    tally.add(count - rest.len(), 0);
    Some(rest)
}

fn worth_it(found: &[Entry]) -> bool {
    2 * found.iter().filter(|entry| matches!(entry, Entry::Folder(_))).count() >= found.len()
}

/// Lines up what is from the first of `rest` on to the end of the prefix. Ends early when nobody reads any more.
pub(super) async fn spread(
    lister: Lister,
    prefix: FolderKey,
    mut level: Pages,
    mut rest: VecDeque<Entry>,
    later: mpsc::Sender<Turn>,
) {
    let mut all = false;
    let all_behind = |from: Option<&Entry>| Range { from: from.map(|entry| entry.key().clone()), ..Range::of(&prefix) };
    while !rest.is_empty() {
        let together = lister.tally.together();
        // One more, so that it is known where they end.
        while !all && rest.len() <= together {
            match level.next().await {
                None => all = true,
                Some(Ok(found)) if worth_it(&found) => rest.extend(found),
                // Then one lists what is left.
                Some(_) => {
                    let pages = lister.start(all_behind(rest.front()), Turns::Never);
                    let _ = later.send(Turn::Pages(Box::new(pages))).await;
                    return;
                }
            }
        }
        let turn = if together == 1 {
            match rest.pop_front() {
                Some(Entry::Folder(folder)) => {
                    let until = rest.front().map(|entry| entry.key().clone());
                    let wide = Range { from: Some(folder.clone()), until, ..Range::of(&prefix) };
                    Turn::Pages(Box::new(lister.start_folder(&folder, wide)))
                }
                Some(entry) => Turn::Entries(vec![entry]),
                None => return,
            }
        } else {
            let group: Vec<Entry> = rest.drain(..together.min(rest.len())).collect();
            let until = rest.front().map(|entry| entry.key().clone());
            let range = Range { until, ..all_behind(group.first()) };
            Turn::Pages(Box::new(lister.start_group(range, group.len())))
        };
        if later.send(turn).await.is_err() {
            return;
        }
    }
}
