//! One file or stream into one object, in parts.
//!
//! The object appears when the upload is completed; an upload that doesn't get that far is aborted (see
//! `open_uploads`), or left to another run.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::SystemTime;

use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumType, CompletedMultipartUpload, CompletedPart};
use tokio::task::JoinSet;

use super::super::checksum::{self, Piece};
use super::super::client::Folder;
use super::super::error::FolderError;
use super::super::journal::{Claim, Identity};
use super::super::key::FolderKey;
use super::super::pool::{Limits, blocking};
use super::super::progress::{Progress, Tally};
use super::super::reply::Op;
use super::object::Context;
use super::rest::{Held, Rest};
use super::source::LocalFile;

/// A part that has arrived.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) number: i32,
    pub(super) etag: Option<String>,
    pub(super) piece: Piece,
}

impl Context {
    /// Sends it all, and says how many bytes it had.
    pub(super) async fn in_parts(
        &self,
        key: &FolderKey,
        content: Rest,
        modified: Option<SystemTime>,
    ) -> Result<u64, FolderError> {
        let claim = match &content {
            Rest::File { file, .. } => self.claim(key, file, &self.headers(key, modified)).await,
            Rest::Stream { .. } => None,
        };
        let kept = match (&claim, &content) {
            (Some((claim, identity)), Rest::File { file, .. }) => self.resume(key, claim, identity, file).await?,
            _ => None,
        };
        let (upload_id, kept) = match kept {
            Some(kept) => kept,
            None => (self.begin(key, modified, claim).await?, Vec::new()),
        };
        let result: Result<u64, FolderError> = async {
            let (parts, file) = self.send_parts(key, &upload_id, content, kept).await?;
            if let Some(file) = file {
                blocking(move || file.check_unchanged()).await?;
            }
            let len = parts.iter().map(|part| part.piece.len()).sum();
            self.complete(key, &upload_id, parts).await?;
            Ok(len)
        }
        .await;
        match &result {
            Ok(_) => self.folder.uploads().closed(&upload_id),
            Err(error) if error.passes() && self.folder.uploads().keep(&upload_id) => {}
            // What can't be aborted now stays noted, and is tried again at the end.
            Err(_) => drop(self.folder.abort_upload(key, &upload_id).await),
        }
        result
    }

    async fn begin(
        &self,
        key: &FolderKey,
        modified: Option<SystemTime>,
        claim: Option<(Arc<Claim>, Identity)>,
    ) -> Result<String, FolderError> {
        let (folder, headers, owned) = (self.folder.clone(), self.headers(key, modified), key.clone());
        let create = async move {
            let op = headers.op("CreateMultipartUpload", &owned);
            let checksums = folder.sends_checksums();
            let reply = folder
                .call(&op, |client| {
                    client
                        .create_multipart_upload()
                        .bucket(folder.bucket())
                        .key(owned.as_str())
                        .set_content_type(headers.content_type.clone())
                        .set_server_side_encryption(headers.encryption.clone())
                        .set_ssekms_key_id(headers.kms_key_id.clone())
                        .set_metadata(headers.metadata.clone())
                        .set_storage_class(headers.class.clone())
                        .set_tagging(headers.tagging.clone())
                        .set_checksum_algorithm(checksums.then_some(ChecksumAlgorithm::Crc64Nvme))
                        .set_checksum_type(checksums.then_some(ChecksumType::FullObject))
                        .send()
                })
                .await?;
            reply.upload_id.ok_or_else(|| op.odd("no upload id"))
        };
        self.folder.begin_upload(key.clone(), claim, create).await
    }

    /// Sends the parts, several at once, no more than memory allows; gives them back in order.
    async fn send_parts(
        &self,
        key: &FolderKey,
        upload_id: &str,
        mut content: Rest,
        kept: Vec<Part>,
    ) -> Result<(Vec<Part>, Option<Arc<LocalFile>>), FolderError> {
        let mut running = JoinSet::new();
        let sent = self.send_all(key, upload_id, &mut content, kept, &mut running).await;
        // A part that is still on its way would outlive the abort that follows a failure.
        running.shutdown().await;
        let mut sent = sent?;
        sent.sort_by_key(|part| part.number);
        Ok((sent, content.into_file()))
    }

    async fn send_all(
        &self,
        key: &FolderKey,
        upload_id: &str,
        content: &mut Rest,
        kept: Vec<Part>,
        running: &mut JoinSet<Result<Part, FolderError>>,
    ) -> Result<Vec<Part>, FolderError> {
        let there: HashSet<i32> = kept.iter().map(|part| part.number).collect();
        self.progress.moved(kept.iter().map(|part| part.piece.len()).sum());
        let mut sent = kept;
        let mut number = 0;
        loop {
            while there.contains(&(number + 1)) {
                content.skip(self.options.part_size);
                number += 1;
            }
            let Some(piece) = content.next(&self.limits, self.options.part_size, number).await? else { break };
            number += 1;
            let request = self.limits.request().await;
            let (folder, key, upload_id) = (self.folder.clone(), key.clone(), upload_id.to_owned());
            let (limits, progress) = (self.limits.clone(), self.progress.clone());
            running.spawn(async move {
                let part = send_part(&folder, &limits, &progress, &key, &upload_id, number, piece).await;
                drop(request);
                if part.is_ok() {
                    folder.uploads().part_stored(&upload_id);
                }
                part
            });
            // A part that failed ends the upload before more is read.
            while let Some(done) = running.try_join_next() {
                sent.push(done.unwrap_or(Err(FolderError::Interrupted))?);
            }
        }
        while let Some(done) = running.join_next().await {
            sent.push(done.unwrap_or(Err(FolderError::Interrupted))?);
        }
        Ok(sent)
    }

    async fn complete(&self, key: &FolderKey, upload_id: &str, parts: Vec<Part>) -> Result<(), FolderError> {
        let op = Op::new("CompleteMultipartUpload", key);
        let checksums = self.folder.sends_checksums();
        let whole = checksum::whole_crc64(parts.iter().map(|part| part.piece));
        let count = parts.len();
        let completed = parts.into_iter().map(|part| {
            let crc = checksums.then(|| part.piece.crc64_base64());
            CompletedPart::builder().part_number(part.number).set_e_tag(part.etag).set_checksum_crc64_nvme(crc).build()
        });
        let upload = CompletedMultipartUpload::builder().set_parts(Some(completed.collect())).build();
        let result = self
            .folder
            .call(&op, |client| {
                client
                    .complete_multipart_upload()
                    .bucket(self.folder.bucket())
                    .key(key.as_str())
                    .upload_id(upload_id)
                    .multipart_upload(upload.clone())
                    .set_checksum_crc64_nvme(checksums.then(|| whole.clone()))
                    .set_checksum_type(checksums.then_some(ChecksumType::FullObject))
                    .set_if_none_match(self.options.no_clobber.then(|| "*".to_owned()))
                    .send()
            })
            .await;
        match result {
            Ok(_) => Ok(()),
            // The answer to an earlier attempt may have been lost: then the upload is gone because it is complete.
            Err(FolderError::Service { code, .. })
                if code == "NoSuchUpload" && self.is_stored(key, count, checksums.then_some(&whole)).await =>
            {
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Whether the object is what was uploaded, in so many parts.
    async fn is_stored(&self, key: &FolderKey, parts: usize, crc: Option<&String>) -> bool {
        let Ok(reply) = self.folder.head(&key.into()).await else { return false };
        match (crc, reply.checksum_crc64_nvme()) {
            (Some(sent), Some(stored)) => sent == stored,
            _ => reply.e_tag().is_some_and(|etag| etag.trim_matches('"').ends_with(&format!("-{parts}"))),
        }
    }
}

async fn send_part(
    folder: &Folder,
    limits: &Limits,
    progress: &Arc<Progress>,
    key: &FolderKey,
    upload_id: &str,
    number: i32,
    (content, piece): Held,
) -> Result<Part, FolderError> {
    let op = Op::new("UploadPart", key);
    let crc = folder.sends_checksums().then(|| piece.crc64_base64());
    let (flight, tally) = (limits.departs(piece.len()), Tally::new(progress, piece.len()));
    let reply = folder
        .call(&op, |client| {
            client
                .upload_part()
                .bucket(folder.bucket())
                .key(key.as_str())
                .upload_id(upload_id)
                .part_number(number)
                .set_checksum_crc64_nvme(crc.clone())
                .body(limits.body(content.clone(), &tally))
                .customize()
                .config_override(flight.patience())
                .disable_payload_signing()
                .send()
        })
        .await?;
    flight.arrived();
    tally.arrived();
    Ok(Part { number, etag: reply.e_tag, piece })
}
