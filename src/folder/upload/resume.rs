//! Going on with an upload that an earlier run began: with the parts that S3 has and that are the file's bytes.

use std::sync::Arc;

use md5::{Digest as _, Md5};

use super::super::checksum;
use super::super::error::FolderError;
use super::super::journal::{Claim, Identity};
use super::super::key::FolderKey;
use super::super::pool::blocking;
use super::super::reply::{Op, size};
use super::multipart::Part;
use super::object::{Context, Headers};
use super::parts;
use super::source::LocalFile;

impl Context {
    /// Takes the journal's entry for a file, where there is a journal and nobody else has the entry.
    pub(super) async fn claim(
        &self,
        key: &FolderKey,
        file: &LocalFile,
        headers: &Headers,
    ) -> Option<(Arc<Claim>, Identity)> {
        let journal = self.options.journal.clone()?;
        let part_size = parts::part_size(file.len(), self.options.part_size);
        let stored_with = headers.in_order(self.folder.sends_checksums());
        let bucket = self.folder.bucket();
        let identity = Identity::new(bucket, key.as_str(), file.shown(), file.len(), part_size, &stored_with)
            .with_time(file.modified());
        let asked = identity.clone();
        // Without a journal it is still an upload.
        let claim = blocking(move || Ok(journal.claim(&asked).ok().flatten())).await.ok().flatten()?;
        Some((Arc::new(claim), identity))
    }

    /// The upload that the entry names and the parts of it that need not be sent again. One that isn't for this file as
    /// it is now, is aborted.
    pub(super) async fn resume(
        &self,
        key: &FolderKey,
        claim: &Arc<Claim>,
        identity: &Identity,
        file: &Arc<LocalFile>,
    ) -> Result<Option<(String, Vec<Part>)>, FolderError> {
        let Some(entry) = &claim.found else { return Ok(None) };
        if entry.identity != *identity {
            // The entry is about to name another upload: this one is aborted now, or never found again. Where that isn't
            // allowed, it would be no more allowed to any later run.
            return match self.folder.abort_upload(key, &entry.upload_id).await {
                Err(error) if error.passes() => Err(error),
                _ => Ok(None),
            };
        }
        let parts = match self.kept_parts(key, &entry.upload_id, identity.part_size, file).await {
            Err(FolderError::Service { code, .. }) if code == "NoSuchUpload" => return Ok(None),
            // Where the policy allows no `s3:ListMultipartUploadParts`, the parts are of no use.
            Err(FolderError::Denied { .. }) => {
                let _ = self.folder.abort_upload(key, &entry.upload_id).await;
                return Ok(None);
            }
            parts => parts?,
        };
        self.folder.uploads().reopened(&entry.upload_id, key, claim, !parts.is_empty());
        Ok(Some((entry.upload_id.clone(), parts)))
    }

    async fn kept_parts(
        &self,
        key: &FolderKey,
        upload_id: &str,
        part_size: u64,
        file: &Arc<LocalFile>,
    ) -> Result<Vec<Part>, FolderError> {
        let op = Op::new("ListParts", key);
        let (mut kept, mut after) = (Vec::new(), None);
        loop {
            let reply = self
                .folder
                .call(&op, |client| {
                    client
                        .list_parts()
                        .bucket(self.folder.bucket())
                        .key(key.as_str())
                        .upload_id(upload_id)
                        .set_part_number_marker(after.clone())
                        .send()
                })
                .await?;
            for part in reply.parts() {
                kept.extend(self.kept_part(part, part_size, file).await?);
            }
            after = reply.next_part_number_marker().map(str::to_owned);
            if reply.is_truncated() != Some(true) || after.is_none() {
                return Ok(kept);
            }
        }
    }

    /// A part that S3 has, if it is what the file has in its place.
    async fn kept_part(
        &self,
        part: &aws_sdk_s3::types::Part,
        part_size: u64,
        file: &Arc<LocalFile>,
    ) -> Result<Option<Part>, FolderError> {
        let number = part.part_number().unwrap_or(0);
        let Some(offset) = u64::try_from(number - 1).ok().and_then(|index| index.checked_mul(part_size)) else {
            return Ok(None);
        };
        let len = part_size.min(file.len().saturating_sub(offset));
        if len == 0 || size(part.size()) != Some(len) {
            return Ok(None);
        }
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let room = self.limits.memory(len).await;
        let (file, etag) = (file.clone(), part.e_tag().map(str::to_owned));
        let sum = part.checksum_crc64_nvme().map(str::to_owned);
        blocking(move || {
            let content = file.read_at(room, offset, len)?;
            let piece = checksum::crc64(&content);
            let same = match (&sum, &etag) {
                (Some(sum), _) => *sum == piece.crc64_base64(),
                (None, Some(etag)) => {
                    let mut hash = Md5::new();
                    content.pieces().for_each(|bytes| hash.update(bytes));
                    let md5: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
                    etag.trim_matches('"') == md5
                }
                (None, None) => false,
            };
            Ok(same.then_some(Part { number, etag, piece }))
        })
        .await
    }
}
