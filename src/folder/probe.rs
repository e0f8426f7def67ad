//! What the policy really allows in the folder, found by doing it, with nothing left behind.
//!
//! What removes things is tried first, on things that aren't there: S3 answers that as it would for a thing that is,
//! and where it refuses, nothing is stored that could not be removed.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;

use super::client::Folder;
use super::error::FolderError;
use super::key::FolderKey;
use super::reply::Op;
use crate::config::profile::Encryption;

const CONTENT: &[u8] = b"A test by securecart doctor, which removes it again.\n";
/// An identifier that S3 gives to no upload.
const NO_UPLOAD: &str = "securecart-doctor";

/// One thing that was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attempt {
    /// `ListObjectsV2` of the folder.
    List,
    /// `DeleteObject`.
    Delete,
    /// `PutObject`, encrypted as the profile says.
    Put,
    /// `GetObject`.
    Get,
    /// `CreateMultipartUpload` and `AbortMultipartUpload`.
    Multipart,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// It is allowed, and works.
    Works,
    /// It isn't, or doesn't.
    Fails(FolderError),
    /// It was not tried, because of another that failed.
    NotTried(Attempt),
}

/// Tries everything, under a key that is nobody's: in order, each with what came of it.
pub async fn probe(folder: &Folder, key: &FolderKey) -> Vec<(Attempt, Finding)> {
    let listed = folder.find(&folder.prefix().root()).await;
    let mut findings = vec![(Attempt::List, found(listed))];
    let deletable = remove(folder, key).await;
    let (put, get) = match &deletable {
        Ok(()) => {
            let stored = put(folder, key).await;
            let read = match &stored {
                Ok(()) => found(get(folder, key).await),
                Err(_) => Finding::NotTried(Attempt::Put),
            };
            (found(stored), read)
        }
        Err(_) => (Finding::NotTried(Attempt::Delete), Finding::NotTried(Attempt::Delete)),
    };
    // Once more, now that something is there. A put whose answer was lost may have stored it too.
    let deleted = match deletable {
        Ok(()) => remove(folder, key).await,
        refused => refused,
    };
    findings.extend([(Attempt::Put, put), (Attempt::Get, get), (Attempt::Delete, found(deleted))]);
    findings.push((Attempt::Multipart, found(multipart(folder, key).await)));
    findings
}

/// Removes what an interrupted [`probe`] may have left.
pub async fn clean_up(folder: &Folder, key: &FolderKey) {
    let _ = remove(folder, key).await;
    folder.abort_open_uploads().await;
}

fn found<T>(outcome: Result<T, FolderError>) -> Finding {
    match outcome {
        Ok(_) => Finding::Works,
        Err(error) => Finding::Fails(error),
    }
}

fn encryption(folder: &Folder) -> (Option<ServerSideEncryption>, Option<String>) {
    match folder.encryption() {
        None => (None, None),
        Some(Encryption::S3) => (Some(ServerSideEncryption::Aes256), None),
        Some(Encryption::Kms { key_id }) => (Some(ServerSideEncryption::AwsKms), key_id.clone()),
    }
}

async fn remove(folder: &Folder, key: &FolderKey) -> Result<(), FolderError> {
    let op = Op::new("DeleteObject", key);
    folder.call(&op, |client| client.delete_object().bucket(folder.bucket()).key(key.as_str()).send()).await.map(drop)
}

async fn put(folder: &Folder, key: &FolderKey) -> Result<(), FolderError> {
    let op = Op::new("PutObject", key);
    let (encryption, kms_key_id) = encryption(folder);
    let send = |client: aws_sdk_s3::Client| {
        let body = ByteStream::from_static(CONTENT);
        let put = client.put_object().bucket(folder.bucket()).key(key.as_str()).body(body);
        put.set_server_side_encryption(encryption.clone()).set_ssekms_key_id(kms_key_id.clone()).send()
    };
    folder.call(&op, send).await.map(drop)
}

async fn get(folder: &Folder, key: &FolderKey) -> Result<(), FolderError> {
    let op = Op::new("GetObject", key);
    let send = |client: aws_sdk_s3::Client| client.get_object().bucket(folder.bucket()).key(key.as_str()).send();
    let reply = folder.call(&op, send).await?;
    let other = || op.odd("other bytes than were stored");
    let bytes = reply.body.collect().await.map_err(|_| other())?.into_bytes();
    if bytes == CONTENT { Ok(()) } else { Err(other()) }
}

async fn multipart(folder: &Folder, key: &FolderKey) -> Result<(), FolderError> {
    folder.abort_upload(key, NO_UPLOAD).await?;
    let (owned, asking) = (key.clone(), folder.clone());
    let (encryption, kms_key_id) = encryption(folder);
    let create = async move {
        let op = Op::new("CreateMultipartUpload", &owned);
        let send = |client: aws_sdk_s3::Client| {
            let create = client.create_multipart_upload().bucket(asking.bucket()).key(owned.as_str());
            create.set_server_side_encryption(encryption.clone()).set_ssekms_key_id(kms_key_id.clone()).send()
        };
        let reply = asking.call(&op, send).await?;
        reply.upload_id.ok_or_else(|| op.odd("no upload id"))
    };
    let upload_id = folder.begin_upload(key.clone(), None, create).await?;
    folder.abort_upload(key, &upload_id).await
}
