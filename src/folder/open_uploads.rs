//! The multipart uploads that are under way, so that none is left behind.
//!
//! An upload that is neither completed nor aborted is invisible and costs money for ever. So the id of each is noted
//! here before its first part is sent, and whoever stops the work calls [`Folder::abort_open_uploads`]. Those of files
//! that S3 has a part of stay for another run, where a [`journal`](super::journal) notes them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::client::Folder;
use super::error::FolderError;
use super::journal::{Claim, Identity};
use super::key::FolderKey;
use super::reply::Op;

/// How long the end of the program waits for S3 to confirm that uploads are gone.
pub(super) const ABORT_PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug)]
struct Open {
    key: FolderKey,
    /// Where it is noted for another run.
    claim: Option<Arc<Claim>>,
    /// S3 has a part of it.
    begun: bool,
}

#[derive(Debug)]
pub(super) struct OpenUploads {
    /// By upload id.
    open: Mutex<HashMap<String, Open>>,
    /// Those that were cut short and can go on.
    kept: Mutex<Vec<FolderKey>>,
    /// Creations whose answer, and with it the id, isn't known yet.
    pending: watch::Sender<usize>,
}

impl Default for OpenUploads {
    fn default() -> Self {
        Self { open: Mutex::default(), kept: Mutex::default(), pending: watch::Sender::new(0) }
    }
}

impl OpenUploads {
    fn open(&self) -> std::sync::MutexGuard<'_, HashMap<String, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The upload exists no more: it was completed or aborted.
    pub(super) fn closed(&self, upload_id: &str) {
        let open = self.open().remove(upload_id);
        if let Some(claim) = open.and_then(|open| open.claim) {
            claim.forget();
        }
    }

    /// An upload of an earlier run goes on.
    pub(super) fn reopened(&self, upload_id: &str, key: &FolderKey, claim: &Arc<Claim>, begun: bool) {
        let open = Open { key: key.clone(), claim: Some(claim.clone()), begun };
        self.open().insert(upload_id.to_owned(), open);
    }

    /// S3 has a part.
    pub(super) fn part_stored(&self, upload_id: &str) {
        if let Some(open) = self.open().get_mut(upload_id) {
            open.begun = true;
        }
    }

    /// Leaves an upload that was cut short to another run, if that is noted and worth it.
    pub(super) fn keep(&self, upload_id: &str) -> bool {
        let mut open = self.open();
        if !open.get(upload_id).is_some_and(|open| open.begun && open.claim.is_some()) {
            return false;
        }
        if let Some(Open { key, .. }) = open.remove(upload_id) {
            self.kept.lock().unwrap_or_else(PoisonError::into_inner).push(key);
        }
        true
    }

    /// Leaves all that were cut short to another run, as far as that is possible.
    pub(super) fn keep_all(&self) {
        for (id, _) in self.list() {
            self.keep(&id);
        }
    }

    fn list(&self) -> Vec<(String, FolderKey)> {
        self.open().iter().map(|(id, open)| (id.clone(), open.key.clone())).collect()
    }
}

impl Folder {
    /// Starts an upload in a task of its own: if the caller is cancelled while S3's answer is on its way,
    /// the id is noted all the same.
    pub(super) async fn begin_upload(
        &self,
        key: FolderKey,
        claim: Option<(Arc<Claim>, Identity)>,
        create: impl Future<Output = Result<String, FolderError>> + Send + 'static,
    ) -> Result<String, FolderError> {
        let folder = self.clone();
        self.uploads().pending.send_modify(|count| *count += 1);
        let task = tokio::spawn(async move {
            let created = create.await;
            if let Ok(id) = &created {
                // An entry that can't be written costs the next run some parts, and nothing else.
                let noted = claim.filter(|(claim, identity)| claim.begin(identity, id).is_ok());
                let claim = noted.map(|(claim, _)| claim);
                folder.uploads().open().insert(id.clone(), Open { key, claim, begun: false });
            }
            folder.uploads().pending.send_modify(|count| *count -= 1);
            created
        });
        task.await.unwrap_or(Err(FolderError::Interrupted))
    }

    /// Aborts one upload.
    ///
    /// # Errors
    /// When S3 didn't confirm it.
    pub(super) async fn abort_upload(&self, key: &FolderKey, upload_id: &str) -> Result<(), FolderError> {
        let op = Op::new("AbortMultipartUpload", key);
        let result = self
            .call(&op, |client| {
                client.abort_multipart_upload().bucket(self.bucket()).key(key.as_str()).upload_id(upload_id).send()
            })
            .await;
        let gone = matches!(&result, Err(FolderError::Service { code, .. }) if code == "NoSuchUpload");
        if result.is_ok() || gone {
            self.uploads().closed(upload_id);
            return Ok(());
        }
        result.map(drop)
    }

    /// Aborts every upload that is open, within `ABORT_PATIENCE`; gives back the keys of those that may remain. A person
    /// who interrupts leaves nothing behind: only what nobody decided (a kill, a shutdown, a lost network) goes on in
    /// another run.
    pub async fn abort_open_uploads(&self) -> Vec<FolderKey> {
        let work = async {
            let mut pending = self.uploads().pending.subscribe();
            // The sender lives in `self`, so waiting can't fail.
            let _ = pending.wait_for(|count| *count == 0).await;
            let aborts = self.uploads().list().into_iter().map(|(id, key)| {
                let folder = self.clone();
                async move { folder.abort_upload(&key, &id).await }
            });
            futures_util::future::join_all(aborts).await;
        };
        let _ = tokio::time::timeout(ABORT_PATIENCE, work).await;
        self.unfinished_uploads()
    }

    /// The keys of uploads that were cut short, and that the same command goes on with.
    pub fn resumable_uploads(&self) -> Vec<FolderKey> {
        self.uploads().kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The keys of uploads that S3 has neither completed nor confirmed to be gone.
    pub fn unfinished_uploads(&self) -> Vec<FolderKey> {
        self.uploads().list().into_iter().map(|(_, key)| key).collect()
    }
}
