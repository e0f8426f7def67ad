//! One file or stream into one object.
//!
//! Small content is one request, which S3 does wholly or not at all. Larger content goes in parts, and the object
//! appears when the upload is completed; an upload that doesn't get that far is aborted (see `open_uploads`).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::SystemTime;

use aws_sdk_s3::types::{
    ChecksumAlgorithm, ChecksumMode, ChecksumType, CompletedMultipartUpload, CompletedPart, ServerSideEncryption,
    StorageClass,
};
use bytes::Bytes;
use tokio::task::JoinSet;

use super::super::attributes::Attributes;
use super::super::checksum::{self, Piece};
use super::super::client::Folder;
use super::super::equal::{Below, Compare, Listed, equal};
use super::super::error::FolderError;
use super::super::journal::{Claim, Identity, Journal};
use super::super::key::FolderKey;
use super::super::mtime;
use super::super::outcome::Progress;
use super::super::pool::{Limits, blocking};
use super::super::rate::PartSize;
use super::super::reply::Op;
use super::content::{Content, Held};
use super::parts;
use super::source::{ByteSource, LocalFile, Place};
use crate::config::profile::Encryption;

/// What every upload of one command shares.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) folder: Folder,
    pub(super) limits: Limits,
    pub(super) progress: Arc<Progress>,
    pub(super) no_clobber: bool,
    pub(super) compare: Compare,
    pub(super) dry_run: bool,
    pub(super) part_size: Option<PartSize>,
    pub(super) attributes: Attributes,
    pub(super) journal: Option<Journal>,
    pub(super) content_type: Option<String>,
    pub(super) encryption: Option<Encryption>,
}

/// How it ended for a file that was sent, or wasn't for a good reason; with its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// It is stored.
    Done(u64),
    /// It was stored already.
    Equal(u64),
    /// It would have been sent, but for `--dry-run`.
    Planned(u64),
}

/// What an object is stored with.
#[derive(Debug, Clone)]
pub(super) struct Headers {
    content_type: Option<String>,
    encryption: Option<ServerSideEncryption>,
    kms_key_id: Option<String>,
    if_none_match: Option<String>,
    metadata: Option<HashMap<String, String>>,
    class: Option<StorageClass>,
    tagging: Option<String>,
}

impl Headers {
    /// All of it as a text that is the same whenever it is.
    pub(super) fn in_order(&self, checksums: bool) -> String {
        let metadata: BTreeMap<_, _> = self.metadata.iter().flatten().collect();
        format!(
            "{:?} {:?} {:?} {:?} {:?} {metadata:?} {checksums}",
            self.content_type, self.encryption, self.kms_key_id, self.class, self.tagging
        )
    }
}

/// A part that has arrived.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) number: i32,
    pub(super) etag: Option<String>,
    pub(super) piece: Piece,
}

impl Context {
    fn headers(&self, key: &FolderKey, modified: Option<SystemTime>) -> Headers {
        let guessed = || mime_guess::from_path(key.relative()).first_raw().map(str::to_owned);
        let (encryption, kms_key_id) = match &self.encryption {
            None => (None, None),
            Some(Encryption::S3) => (Some(ServerSideEncryption::Aes256), None),
            Some(Encryption::Kms { key_id }) => (Some(ServerSideEncryption::AwsKms), key_id.clone()),
        };
        let mut metadata = self.attributes.metadata.clone();
        if let Some(time) = modified {
            // Whoever names a time means it.
            metadata.entry(mtime::NAME.to_owned()).or_insert_with(|| mtime::written(time));
        }
        Headers {
            content_type: self.content_type.clone().or_else(guessed),
            encryption,
            kms_key_id,
            if_none_match: self.no_clobber.then(|| "*".to_owned()),
            metadata: (!metadata.is_empty()).then_some(metadata),
            class: self.attributes.class.clone(),
            tagging: self.attributes.tagging.clone(),
        }
    }

    /// Uploads a file unless an equal object is there; `below` knows what is.
    pub(super) async fn file(
        &self,
        key: &FolderKey,
        place: Place,
        shown: String,
        below: Option<&Below>,
    ) -> Result<Sent, FolderError> {
        let file = Arc::new(blocking(move || LocalFile::open(&place, &shown)).await?);
        if self.is_there(key, &file, below).await? {
            return Ok(Sent::Equal(file.len()));
        }
        if self.dry_run {
            return Ok(Sent::Planned(file.len()));
        }
        self.send(key, file).await.map(Sent::Done)
    }

    async fn is_there(&self, key: &FolderKey, file: &LocalFile, below: Option<&Below>) -> Result<bool, FolderError> {
        if self.compare == Compare::Nothing {
            return Ok(false);
        }
        let listed = match below {
            Some(below) => below.find(&self.folder, key).await?,
            None => match self.folder.find(key).await {
                Err(FolderError::Denied { .. }) => None,
                found => found?.as_ref().map(Listed::of),
            },
        };
        let Some(listed) = listed else { return Ok(false) };
        equal(&self.folder, key, listed, &file.to_compare(), self.compare).await
    }

    async fn send(&self, key: &FolderKey, file: Arc<LocalFile>) -> Result<u64, FolderError> {
        let (len, modified) = (file.len(), file.modified());
        if len > parts::MAX_OBJECT {
            return Err(FolderError::TooLarge { what: key.to_string() });
        }
        if len > parts::single(self.part_size) {
            self.keep_existing(key).await?;
            self.in_parts(key, Content::File { file, at: 0 }, modified).await?;
            return Ok(len);
        }
        let len = usize::try_from(len).expect("it is at most the size of a single upload");
        let _memory = self.limits.memory(len).await;
        let _request = self.limits.request().await;
        let (content, crc) = blocking(move || {
            let content = file.read_at(0, len)?;
            file.check_unchanged()?;
            let crc = checksum::crc64(&content);
            Ok((content, crc))
        })
        .await?;
        self.at_once(key, content, crc, modified).await?;
        Ok(len as u64)
    }

    /// Uploads a stream, and says how many bytes it had.
    pub(super) async fn stream(&self, key: &FolderKey, mut source: ByteSource) -> Result<u64, FolderError> {
        let single = usize::try_from(parts::stream_part_size(0, self.part_size)).expect("a part fits in memory");
        let memory = self.limits.memory(single).await;
        let first = source.take(single).await?;
        if first.len() < single {
            let crc = checksum::crc64(&first);
            let len = first.len() as u64;
            let _request = self.limits.request().await;
            self.at_once(key, first, crc, None).await?;
            return Ok(len);
        }
        self.keep_existing(key).await?;
        self.in_parts(key, Content::Stream { source, first: Some((first, memory)) }, None).await
    }

    /// With `--no-clobber`, tells of an object that exists before much is sent. That none appears meanwhile is
    /// S3's to decide when the upload is completed.
    async fn keep_existing(&self, key: &FolderKey) -> Result<(), FolderError> {
        if self.no_clobber && self.folder.find(key).await?.is_some() {
            return Err(FolderError::Exists { what: key.to_string() });
        }
        Ok(())
    }

    async fn at_once(
        &self,
        key: &FolderKey,
        content: Bytes,
        crc: Piece,
        modified: Option<SystemTime>,
    ) -> Result<(), FolderError> {
        let op = Op::new("PutObject", key);
        let headers = self.headers(key, modified);
        let checksum = self.folder.sends_checksums().then(|| crc.crc64_base64());
        let len = content.len() as u64;
        self.folder
            .call(&op, |client| {
                client
                    .put_object()
                    .bucket(self.folder.bucket())
                    .key(key.as_str())
                    .set_content_type(headers.content_type.clone())
                    .set_server_side_encryption(headers.encryption.clone())
                    .set_ssekms_key_id(headers.kms_key_id.clone())
                    .set_if_none_match(headers.if_none_match.clone())
                    .set_metadata(headers.metadata.clone())
                    .set_storage_class(headers.class.clone())
                    .set_tagging(headers.tagging.clone())
                    .set_checksum_crc64_nvme(checksum.clone())
                    .body(self.limits.body(content.clone()))
                    .customize()
                    .config_override(self.limits.patience())
                    // The checksum and TLS guard the content; hashing it once more for the signature costs the most time of all.
                    .disable_payload_signing()
                    .send()
            })
            .await?;
        self.progress.moved(len);
        Ok(())
    }

    async fn in_parts(
        &self,
        key: &FolderKey,
        content: Content,
        modified: Option<SystemTime>,
    ) -> Result<u64, FolderError> {
        let claim = match &content {
            Content::File { file, .. } => self.claim(key, file, &self.headers(key, modified)).await,
            Content::Stream { .. } => None,
        };
        let kept = match (&claim, &content) {
            (Some((claim, identity)), Content::File { file, .. }) => self.resume(key, claim, identity, file).await?,
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
            let op = Op::new("CreateMultipartUpload", &owned);
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
            reply.upload_id.ok_or_else(|| FolderError::Service {
                operation: op.name,
                what: op.what.clone(),
                code: "no upload id".into(),
                message: String::new(),
            })
        };
        self.folder.begin_upload(key.clone(), claim, create).await
    }

    /// Sends the parts, several at once, no more than memory allows; gives them back in order.
    async fn send_parts(
        &self,
        key: &FolderKey,
        upload_id: &str,
        mut content: Content,
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
        content: &mut Content,
        kept: Vec<Part>,
        running: &mut JoinSet<Result<Part, FolderError>>,
    ) -> Result<Vec<Part>, FolderError> {
        let there: HashSet<i32> = kept.iter().map(|part| part.number).collect();
        self.progress.moved(kept.iter().map(|part| part.piece.len()).sum());
        let mut sent = kept;
        let mut number = 0;
        loop {
            while there.contains(&(number + 1)) {
                content.skip(self.part_size);
                number += 1;
            }
            let Some(piece) = content.next(&self.limits, self.part_size, number).await? else { break };
            number += 1;
            let request = self.limits.request().await;
            let (folder, key, upload_id) = (self.folder.clone(), key.clone(), upload_id.to_owned());
            let (progress, limits) = (self.progress.clone(), self.limits.clone());
            running.spawn(async move {
                let part = send_part(&folder, &limits, &key, &upload_id, number, piece).await;
                drop(request);
                if let Ok(part) = &part {
                    folder.uploads().part_stored(&upload_id);
                    progress.moved(part.piece.len());
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
                    .set_if_none_match(self.no_clobber.then(|| "*".to_owned()))
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
        let op = Op::new("HeadObject", key);
        let reply = self
            .folder
            .call(&op, |client| {
                client
                    .head_object()
                    .bucket(self.folder.bucket())
                    .key(key.as_str())
                    .checksum_mode(ChecksumMode::Enabled)
                    .send()
            })
            .await;
        let Ok(reply) = reply else { return false };
        match (crc, reply.checksum_crc64_nvme()) {
            (Some(sent), Some(stored)) => sent == stored,
            _ => reply.e_tag().is_some_and(|etag| etag.trim_matches('"').ends_with(&format!("-{parts}"))),
        }
    }
}

async fn send_part(
    folder: &Folder,
    limits: &Limits,
    key: &FolderKey,
    upload_id: &str,
    number: i32,
    (content, _memory): Held,
) -> Result<Part, FolderError> {
    let op = Op::new("UploadPart", key);
    let summed = content.clone();
    let piece = blocking(move || Ok(checksum::crc64(&summed))).await?;
    let crc = folder.sends_checksums().then(|| piece.crc64_base64());
    let reply = folder
        .call(&op, |client| {
            client
                .upload_part()
                .bucket(folder.bucket())
                .key(key.as_str())
                .upload_id(upload_id)
                .part_number(number)
                .set_checksum_crc64_nvme(crc.clone())
                .body(limits.body(content.clone()))
                .customize()
                .config_override(limits.patience())
                .disable_payload_signing()
                .send()
        })
        .await?;
    Ok(Part { number, etag: reply.e_tag, piece })
}
