//! The requests of one removal: a thousand keys each, or one where that is refused.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use futures_util::StreamExt as _;
use tokio::sync::Semaphore;

use super::super::client::Folder;
use super::super::error::FolderError;
use super::super::key::FolderKey;
use super::super::outcome::{Action, Outcome};
use super::super::pool::DEFAULT_JOBS;
use super::super::reply::Op;

/// Whether a key can stand in the XML of `DeleteObjects`. Source: XML 1.0, "Characters".
fn fits_in_xml(key: &str) -> bool {
    key.chars().all(|c| !matches!(c, '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'))
}

fn failed(outcome: Outcome, error: FolderError) -> Outcome {
    Outcome::failed(Action::Remove, outcome.path, None, error)
}

/// What sends the requests of one removal.
pub(super) struct Remover {
    folder: Folder,
    /// `DeleteObjects` was refused as a whole: no other batch tries it.
    one_by_one: AtomicBool,
    /// Bounds those that remove one object each.
    requests: Semaphore,
}

impl Remover {
    pub(super) fn new(folder: &Folder) -> Self {
        let (one_by_one, requests) = (AtomicBool::new(false), Semaphore::new(usize::from(DEFAULT_JOBS)));
        Self { folder: folder.clone(), one_by_one, requests }
    }

    /// Removes the keys of a batch; those that have failed already are passed through.
    pub(super) async fn batch(&self, batch: Vec<Outcome>) -> Vec<Outcome> {
        let (mut known, rest): (Vec<Outcome>, Vec<Outcome>) =
            batch.into_iter().partition(|outcome| outcome.error.is_some());
        let (plain, odd): (Vec<Outcome>, Vec<Outcome>) =
            rest.into_iter().partition(|outcome| fits_in_xml(&outcome.path));
        known.extend(self.singly(odd).await);
        match plain.len() {
            0 => {}
            2.. if !self.one_by_one.load(Ordering::Relaxed) => known.extend(self.together(plain).await),
            _ => known.extend(self.singly(plain).await),
        }
        known
    }

    async fn singly(&self, batch: Vec<Outcome>) -> Vec<Outcome> {
        let removals = batch.into_iter().map(|outcome| async move {
            match self.folder.prefix().key(&outcome.path, true) {
                Ok(key) => self.one(&key, outcome).await,
                Err(error) => failed(outcome, error.into()),
            }
        });
        futures_util::stream::iter(removals).buffer_unordered(usize::from(DEFAULT_JOBS)).collect().await
    }

    async fn one(&self, key: &FolderKey, outcome: Outcome) -> Outcome {
        let _turn = self.requests.acquire().await.expect("the semaphore is never closed");
        let (folder, op) = (&self.folder, Op::new("DeleteObject", key));
        let removed =
            folder.call(&op, |client| client.delete_object().bucket(folder.bucket()).key(key.as_str()).send()).await;
        match removed {
            Ok(_) => outcome,
            Err(error) => failed(outcome, error),
        }
    }

    async fn together(&self, batch: Vec<Outcome>) -> Vec<Outcome> {
        let folder = &self.folder;
        let full = |path: &str| format!("{}{path}", folder.prefix());
        let objects =
            batch.iter().filter_map(|outcome| ObjectIdentifier::builder().key(full(&outcome.path)).build().ok());
        let Ok(delete) = Delete::builder().set_objects(Some(objects.collect())).quiet(true).build() else {
            return batch;
        };
        let what =
            batch.first().map_or_else(String::new, |first| format!("{} (and {} more)", first.path, batch.len() - 1));
        let op = Op::new("DeleteObjects", what);
        let reply = folder
            .call(&op, |client| client.delete_objects().bucket(folder.bucket()).delete(delete.clone()).send())
            .await;
        let reply = match reply {
            Ok(reply) => reply,
            // AWS asks the policy about each key and answers for each. Ceph RGW asks it about the bucket first, where
            // a per-user policy allows nothing.
            Err(FolderError::Denied { .. }) => {
                self.one_by_one.store(true, Ordering::Relaxed);
                return self.singly(batch).await;
            }
            Err(error) => return batch.into_iter().map(|outcome| failed(outcome, error.clone())).collect(),
        };
        let mut errors: HashMap<&str, FolderError> =
            reply.errors().iter().filter_map(|error| self.told(error)).collect();
        batch
            .into_iter()
            .map(|outcome| match errors.remove(full(&outcome.path).as_str()) {
                Some(error) => failed(outcome, error),
                None => outcome,
            })
            .collect()
    }

    /// What S3 says of one key of a batch.
    fn told<'e>(&self, error: &'e aws_sdk_s3::types::Error) -> Option<(&'e str, FolderError)> {
        let key = error.key()?;
        let what = key.strip_prefix(self.folder.prefix().as_str()).unwrap_or(key).to_owned();
        let message = error.message().unwrap_or_default().to_owned();
        let error = match error.code().unwrap_or_default() {
            "AccessDenied" => FolderError::Denied { operation: "DeleteObject", what, message },
            code => Op::new("DeleteObject", what).service(code, message),
        };
        Some((key, error))
    }
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
