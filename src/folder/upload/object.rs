//! One file or stream into one object.
//!
//! Small content is one request, which S3 does wholly or not at all. Larger content goes in parts.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::SystemTime;

use aws_sdk_s3::types::{ServerSideEncryption, StorageClass};

use super::super::attributes::Attributes;
use super::super::checksum::{self, Piece};
use super::super::client::Folder;
use super::super::content::Content;
use super::super::equal::{Below, Compare, Listed, equal};
use super::super::error::FolderError;
use super::super::key::FolderKey;
use super::super::mtime;
use super::super::pool::{Limits, blocking};
use super::super::progress::{Progress, Tally};
use super::super::reply::Op;
use super::super::transfer::TransferOptions;
use super::parts;
use super::rest::Rest;
use super::source::{ByteSource, LocalFile, Place};
use crate::config::profile::Encryption;

/// What every upload of one command shares.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) folder: Folder,
    pub(super) limits: Limits,
    pub(super) progress: Arc<Progress>,
    pub(super) options: TransferOptions,
    pub(super) attributes: Attributes,
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
    pub(super) content_type: Option<String>,
    pub(super) encryption: Option<ServerSideEncryption>,
    pub(super) kms_key_id: Option<String>,
    pub(super) if_none_match: Option<String>,
    pub(super) metadata: Option<HashMap<String, String>>,
    pub(super) class: Option<StorageClass>,
    pub(super) tagging: Option<String>,
}

impl Headers {
    /// A request that stores an object with them.
    pub(super) fn op(&self, name: &'static str, key: &FolderKey) -> Op {
        let op = Op::new(name, key);
        if self.tagging.is_some() { op.needing("s3:PutObjectTagging") } else { op }
    }

    /// All of it as a text that is the same whenever it is.
    pub(super) fn in_order(&self, checksums: bool) -> String {
        let metadata: BTreeMap<_, _> = self.metadata.iter().flatten().collect();
        format!(
            "{:?} {:?} {:?} {:?} {:?} {metadata:?} {checksums}",
            self.content_type, self.encryption, self.kms_key_id, self.class, self.tagging
        )
    }
}

impl Context {
    pub(super) fn headers(&self, key: &FolderKey, modified: Option<SystemTime>) -> Headers {
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
            if_none_match: self.options.no_clobber.then(|| "*".to_owned()),
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
        if self.options.dry_run {
            return self.would_send(key, file.len(), below).await;
        }
        self.send(key, file).await.map(Sent::Done)
    }

    /// What a dry run tells of so many bytes that would go to this key.
    pub(super) async fn would_send(
        &self,
        key: &FolderKey,
        bytes: u64,
        below: Option<&Below>,
    ) -> Result<Sent, FolderError> {
        self.keep_existing(key, below).await?;
        Ok(Sent::Planned(bytes))
    }

    async fn is_there(&self, key: &FolderKey, file: &LocalFile, below: Option<&Below>) -> Result<bool, FolderError> {
        let compare = self.options.compare();
        if compare == Compare::Nothing {
            return Ok(false);
        }
        let Some(listed) = self.listed(key, below).await? else { return Ok(false) };
        equal(&self.folder, key, listed, &file.to_compare(), compare).await
    }

    /// What is stored under this key, as far as the caller may know.
    async fn listed(&self, key: &FolderKey, below: Option<&Below>) -> Result<Option<Listed>, FolderError> {
        match below {
            Some(below) => below.find(&self.folder, key).await,
            None => match self.folder.find(key).await {
                Err(FolderError::Denied { .. }) => Ok(None),
                found => Ok(found?.as_ref().map(Listed::of)),
            },
        }
    }

    async fn send(&self, key: &FolderKey, file: Arc<LocalFile>) -> Result<u64, FolderError> {
        let (len, modified) = (file.len(), file.modified());
        if len > parts::MAX_OBJECT {
            return Err(FolderError::TooLarge { what: key.to_string() });
        }
        if len > parts::single(self.options.part_size) {
            self.keep_existing(key, None).await?;
            self.in_parts(key, Rest::File { file, at: 0 }, modified).await?;
            return Ok(len);
        }
        let len = usize::try_from(len).expect("it is at most the size of a single upload");
        let room = self.limits.memory(len).await;
        let _request = self.limits.request().await;
        let (content, crc) = blocking(move || {
            let content = file.read_at(room, 0, len)?;
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
        let single =
            usize::try_from(parts::stream_part_size(0, self.options.part_size)).expect("a part fits in memory");
        let first = source.take(self.limits.memory(single).await, single).await?;
        if first.len() < single {
            let crc = checksum::crc64(&first);
            let len = first.len() as u64;
            let _request = self.limits.request().await;
            self.at_once(key, first, crc, None).await?;
            return Ok(len);
        }
        self.keep_existing(key, None).await?;
        self.in_parts(key, Rest::Stream { source, first: Some(first) }, None).await
    }

    /// With `--no-clobber`, tells of an object that exists before much is sent, or where nothing is to be. That none appears
    /// meanwhile is S3's to decide when the upload is completed.
    async fn keep_existing(&self, key: &FolderKey, below: Option<&Below>) -> Result<(), FolderError> {
        if self.options.no_clobber && self.listed(key, below).await?.is_some() {
            return Err(FolderError::Exists { what: key.to_string() });
        }
        Ok(())
    }

    async fn at_once(
        &self,
        key: &FolderKey,
        content: Content,
        crc: Piece,
        modified: Option<SystemTime>,
    ) -> Result<(), FolderError> {
        let headers = self.headers(key, modified);
        let op = headers.op("PutObject", key);
        let checksum = self.folder.sends_checksums().then(|| crc.crc64_base64());
        let len = content.len() as u64;
        let (flight, tally) = (self.limits.departs(len), Tally::new(&self.progress, len));
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
                    .body(self.limits.body(content.clone(), &tally))
                    .customize()
                    .config_override(flight.patience())
                    // The checksum and TLS guard the content; hashing it once more for the signature costs the most time of all.
                    .disable_payload_signing()
                    .send()
            })
            .await?;
        flight.arrived();
        tally.arrived();
        Ok(())
    }
}
