//! A listing under way: pages in the order of keys, fetched ahead of who reads them.

use std::sync::Arc;

use futures_util::FutureExt as _;
use tokio::sync::{Semaphore, mpsc};

use super::super::client::Folder;
use super::super::error::FolderError;
use super::super::key::FolderKey;
use super::super::reply::Op;
use super::range::Range;
use super::spread::{Tally, Turn, behind, spread};
use super::{Depth, Entry, Marker, Page, What};

/// Lists at once.
const REQUESTS: usize = 8;

/// Pages that wait to be read of one range, besides the one that its task holds.
const AHEAD: usize = 1;

type Batch = Result<Vec<Entry>, FolderError>;

/// A listing under way. Memory doesn't grow with the number of keys: of each range that is listed at once, two pages of
/// at most 1,000 are held.
#[derive(Debug)]
pub struct Pages {
    first: mpsc::Receiver<Batch>,
    /// What comes behind that.
    later: mpsc::Receiver<Turn>,
    turn: Option<Box<Pages>>,
    failed: bool,
}

impl Pages {
    /// The next page, in the order of keys; `None` after the last. A call that is cancelled loses nothing.
    ///
    /// # Errors
    /// Any of S3's; the listing ends with it.
    pub async fn next(&mut self) -> Option<Batch> {
        while !self.failed {
            let batch = match &mut self.turn {
                Some(turn) => Box::pin(turn.next()).await,
                None => self.first.recv().await,
            };
            if let Some(batch) = batch {
                self.failed = batch.is_err();
                return Some(batch);
            }
            self.turn = None;
            match self.later.recv().await? {
                Turn::Entries(entries) => return Some(Ok(entries)),
                Turn::Pages(pages) => self.turn = Some(pages),
            }
        }
        None
    }

    pub(in super::super) fn begin(folder: &Folder, prefix: &FolderKey, depth: Depth, what: What) -> Self {
        let requests = Arc::new(Semaphore::new(REQUESTS));
        let lister = Lister { folder: folder.clone(), depth, what, requests, tally: Arc::default() };
        lister.start(Range::of(prefix), Turns::FromTheFirstPage)
    }
}

/// When a range may be listed by several at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turns {
    /// It is being read.
    FromTheFirstPage,
    /// It is listed ahead of its turn, which has come when its second page is wanted.
    FromTheSecondPage,
    Never,
}

/// What all tasks of one listing share.
#[derive(Debug, Clone)]
pub(super) struct Lister {
    folder: Folder,
    depth: Depth,
    what: What,
    requests: Arc<Semaphore>,
    pub(super) tally: Arc<Tally>,
}

impl Lister {
    /// Begins to list a range.
    pub(super) fn start(&self, range: Range, turns: Turns) -> Pages {
        self.start_walk(range, None, 0, turns)
    }

    /// Begins to list a folder ahead of its turn. Should the policy not allow to name it as a prefix, then as a range of
    /// the prefix that is allowed.
    pub(super) fn start_folder(&self, folder: &FolderKey, wide: Range) -> Pages {
        self.start_walk(Range::of(folder), Some(wide), 1, Turns::FromTheSecondPage)
    }

    /// Begins to list so many folders together, ahead of their turn.
    pub(super) fn start_group(&self, range: Range, folders: usize) -> Pages {
        self.start_walk(range, None, folders, Turns::Never)
    }

    fn start_walk(&self, range: Range, instead: Option<Range>, folders: usize, turns: Turns) -> Pages {
        let (out, first) = mpsc::channel(AHEAD);
        let (turn, later) = mpsc::channel(REQUESTS);
        let splits = self.depth == Depth::Everything && matches!(self.what, What::Objects) && turns != Turns::Never;
        let wait = if turns == Turns::FromTheSecondPage { 2 } else { 1 };
        let walk = Walk {
            lister: self.clone(),
            range,
            instead,
            folders,
            out,
            split: splits.then_some(Split { later: turn, wait, level: None }),
        };
        tokio::spawn(walk.run());
        Pages { first, later, turn: None, failed: false }
    }

    /// The folders and objects of one level, without what is in the folders.
    fn level(&self, prefix: &FolderKey) -> Pages {
        // What is counted there is not what is listed.
        let lister = Self { depth: Depth::Level, tally: Arc::default(), ..self.clone() };
        lister.start(Range::of(prefix), Turns::Never)
    }

    async fn page(&self, range: &Range, next: Option<Marker>) -> Result<Page, FolderError> {
        let _permit = self.requests.acquire().await;
        let asked = next.clone();
        let page = match self.what {
            What::Objects => {
                self.folder.page(&range.prefix, self.depth, range.start_after().as_deref(), next, None).await?
            }
            What::Versions => self.folder.page_of_versions(&range.prefix, self.depth, next).await?,
        };
        if page.next.is_some() && page.next == asked {
            return Err(Op::new("List", &range.prefix).odd("a page that leads to itself"));
        }
        Ok(page)
    }
}

/// Lists one range page by page, and leaves the rest of it to others once it is known where folders begin.
struct Walk {
    lister: Lister,
    range: Range,
    /// What to list where that is denied.
    instead: Option<Range>,
    /// The folders that it is all of; 0 for something else.
    folders: usize,
    out: mpsc::Sender<Batch>,
    /// None when nobody helps, or others do already.
    split: Option<Split>,
}

/// What it takes to leave the rest of a range to others.
struct Split {
    /// Where they are lined up.
    later: mpsc::Sender<Turn>,
    /// The page with which the range's turn has come.
    wait: usize,
    /// The folders and objects of the level where the range may be split.
    level: Option<Pages>,
}

impl Walk {
    async fn run(mut self) {
        let (mut next, mut keys) = (None, 0);
        for number in 1_usize.. {
            let page = tokio::select! {
                biased;
                () = self.out.closed() => return,
                page = self.lister.page(&self.range, next.take()) => page,
            };
            let instead = self.instead.take();
            let mut page = match (page, instead) {
                (Ok(page), _) => page,
                (Err(FolderError::Denied { .. }), Some(instead)) => {
                    (self.range, self.split) = (instead, None);
                    continue;
                }
                (Err(error), _) => {
                    let _ = self.out.send(Err(error)).await;
                    return;
                }
            };
            let ended = self.range.cut(&mut page.entries) || page.next.is_none();
            self.lister.tally.page(page.entries.len());
            keys += page.entries.len();
            if ended || self.folders == 0 {
                self.lister.tally.add(self.folders, std::mem::take(&mut keys));
            }
            let last = page.entries.last().map(|entry| entry.key().clone());
            let in_order = page.entries.is_sorted_by(|one, other| one.key().as_str() <= other.key().as_str());
            if self.out.send(Ok(page.entries)).await.is_err() || ended {
                return;
            }
            next = page.next;
            if !in_order {
                self.split = None;
            }
            if let Some(last) = last
                && self.split.as_ref().is_some_and(|split| number >= split.wait)
            {
                self.leave_rest_to_others(&last).await;
            }
        }
    }

    /// Looks where folders begin behind the last key; what is from there on is for others to list. Where that isn't known
    /// yet, the next page asks again.
    async fn leave_rest_to_others(&mut self, last: &FolderKey) {
        let Some(split) = &mut self.split else { return };
        let level = split.level.get_or_insert_with(|| self.lister.level(&self.range.prefix));
        let Some(found) = level.next().now_or_never() else { return };
        let Some(Ok(found)) = found else {
            self.split = None;
            return;
        };
        if let [Entry::Folder(only)] = &*found {
            // All there is may be in one folder; what counts then is where the folders in it begin.
            if last.as_str().starts_with(only.as_str()) && level.next().await.is_none() {
                *level = self.lister.level(only);
            } else {
                self.split = None;
            }
            return;
        }
        let Some(rest) = behind(found, last, &self.lister.tally) else {
            self.split = None;
            return;
        };
        let Some(first) = rest.front() else { return };
        self.range.until = Some(first.key().clone());
        if let Some(Split { later, level: Some(level), .. }) = self.split.take() {
            tokio::spawn(spread(self.lister.clone(), self.range.prefix.clone(), level, rest, later));
        }
    }
}
