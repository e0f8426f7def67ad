//! What need not be transferred: the object and the file are equal already.
//!
//! Sizes come first. Then content, by the strongest thing that S3 says without sending it: an ETag that is the MD5 of
//! the file's bytes (listings tell it, so most files cost no request), else a checksum of the whole object, else the
//! modification time that was kept with it. What can't be shown to be equal is transferred.
//!
//! Source: API reference of `Object`: an ETag is the MD5 of the content unless the object was uploaded in parts or is
//! encrypted with KMS or a customer's key.

use std::collections::HashMap;
use std::fs::File;
use std::hash::{BuildHasher as _, RandomState};
use std::io::{self, Read as _};
use std::sync::Arc;
use std::time::SystemTime;

use md5::{Digest as _, Md5};
use tokio::sync::OnceCell;

use super::checksum::{Expected, Sum};
use super::client::Folder;
use super::error::FolderError;
use super::key::FolderKey;
use super::listing::{Depth, Entry, Object};
use super::mtime;
use super::pool::blocking;
use super::reply::size;

/// How to find out that the destination has a file already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compare {
    /// Not at all: everything is transferred.
    #[default]
    Nothing,
    /// Files of the same size are equal.
    Size,
    /// Files of the same size and content are equal.
    Content,
}

/// What a listing says of one object, as far as a comparison needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) size: u64,
    /// The ETag, where it can be an MD5.
    md5: Option<[u8; 16]>,
}

impl Listed {
    pub(super) fn of(object: &Object) -> Self {
        Self { size: object.size, md5: object.etag.as_deref().and_then(read_md5) }
    }
}

fn read_md5(etag: &str) -> Option<[u8; 16]> {
    let hex = etag.trim_matches('"');
    if hex.len() != 32 || !hex.is_ascii() {
        return None;
    }
    let mut md5 = [0; 16];
    for (index, byte) in md5.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&hex[2 * index..2 * index + 2], 16).ok()?;
    }
    Some(md5)
}

/// The objects that are below a key, listed when the first of them is asked about.
///
/// It keeps 40 bytes an object: a hash of the key, not the key. Two keys that clash by chance are told apart by their
/// content, or at worst one file is transferred again.
#[derive(Debug)]
pub(super) struct Below {
    prefix: FolderKey,
    hasher: RandomState,
    objects: OnceCell<Result<HashMap<u64, Listed>, FolderError>>,
}

impl Below {
    pub(super) fn new(prefix: FolderKey) -> Self {
        Self { prefix, hasher: RandomState::new(), objects: OnceCell::new() }
    }

    /// What is there under this key. Where the policy allows no listing, nothing is known to be there.
    ///
    /// # Errors
    /// Whatever ended the listing; the same for everybody who asks.
    pub(super) async fn find(&self, folder: &Folder, key: &FolderKey) -> Result<Option<Listed>, FolderError> {
        let objects = self.objects.get_or_init(|| self.list(folder)).await.as_ref().map_err(Clone::clone)?;
        Ok(objects.get(&self.hasher.hash_one(key.as_str())).copied())
    }

    async fn list(&self, folder: &Folder) -> Result<HashMap<u64, Listed>, FolderError> {
        let mut objects = HashMap::new();
        let mut pages = folder.list(&self.prefix, Depth::Everything);
        while let Some(page) = pages.next().await {
            let page = match page {
                Err(FolderError::Denied { .. }) => return Ok(HashMap::new()),
                page => page?,
            };
            for entry in page {
                if let Entry::Object(object) = entry {
                    objects.insert(self.hasher.hash_one(object.key.as_str()), Listed::of(&object));
                }
            }
        }
        Ok(objects)
    }
}

/// A local file to compare: open, and what was seen when it was opened.
#[derive(Debug, Clone)]
pub(super) struct Local {
    pub(super) file: Arc<File>,
    pub(super) len: u64,
    pub(super) modified: Option<SystemTime>,
}

/// Whether an object and a file are equal. What can't be found out is a no.
///
/// # Errors
/// When the file can't be read, or S3 can't be asked.
pub(super) async fn equal(
    folder: &Folder,
    key: &FolderKey,
    listed: Listed,
    local: &Local,
    by: Compare,
) -> Result<bool, FolderError> {
    match by {
        Compare::Nothing => return Ok(false),
        _ if listed.size != local.len => return Ok(false),
        Compare::Size => return Ok(true),
        Compare::Content => {}
    }
    if let Some(md5) = listed.md5
        && read_all(local, key, Md5::new(), |hash, bytes| hash.update(bytes)).await?.finalize().as_slice() == md5
    {
        return Ok(true);
    }
    let Some(head) = head(folder, key).await? else { return Ok(false) };
    if head.size != Some(listed.size) {
        return Ok(false);
    }
    if let Some(expected) = head.expected {
        let sum = read_all(local, key, Sum::in_order(Some(&expected)), |sum, bytes| sum.update(bytes)).await?;
        return Ok(expected.matches(sum));
    }
    // The ETag was an MD5, and another one.
    if listed.md5.is_some() && !head.hides_md5 {
        return Ok(false);
    }
    Ok(matches!((head.modified, local.modified), (Some(kept), Some(found)) if mtime::same(kept, found)))
}

struct Head {
    size: Option<u64>,
    expected: Option<Expected>,
    modified: Option<SystemTime>,
    /// It is encrypted in a way that makes its ETag something else than an MD5.
    hides_md5: bool,
}

/// Asks about an object; `None` when it is gone, or may not be asked about.
async fn head(folder: &Folder, key: &FolderKey) -> Result<Option<Head>, FolderError> {
    let reply = match folder.head(&key.into()).await {
        Err(FolderError::NotFound { .. } | FolderError::Denied { .. } | FolderError::KmsDenied { .. }) => {
            return Ok(None);
        }
        reply => reply?,
    };
    Ok(Some(Head {
        size: size(reply.content_length()),
        // Of parts whose sizes aren't known here, nothing can be compared.
        expected: Expected::of_head(&reply).filter(|expected| expected.parts().is_none()),
        modified: mtime::read(reply.metadata()),
        hides_md5: reply.server_side_encryption().is_some_and(|kind| kind.as_str().starts_with("aws:kms"))
            || reply.sse_customer_algorithm().is_some(),
    }))
}

/// Bytes that are read at a time.
const READ: usize = 256 << 10;

/// Feeds all bytes of the file to a sum.
async fn read_all<S: Send + 'static>(
    local: &Local,
    key: &FolderKey,
    mut sum: S,
    mut add: impl FnMut(&mut S, &[u8]) + Send + 'static,
) -> Result<S, FolderError> {
    let (file, shown) = (local.file.clone(), key.to_string());
    let len = local.len;
    blocking(move || {
        let failed = |error: &io::Error| FolderError::local("could not read what is here of", &shown, error);
        // Another handle would share the position; only one comparison reads a file at a time.
        let mut file = &*file;
        io::Seek::rewind(&mut file).map_err(|error| failed(&error))?;
        let mut buffer = vec![0; READ];
        let mut rest = file.take(len);
        loop {
            match rest.read(&mut buffer) {
                Ok(0) => return Ok(sum),
                Ok(read) => add(&mut sum, &buffer[..read]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(failed(&error)),
            }
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_etag_of_one_part_can_be_an_md5() {
        assert_eq!(read_md5("\"d41d8cd98f00b204e9800998ecf8427e\"").map(|md5| md5[0]), Some(0xd4));
        for etag in ["\"d41d8cd98f00b204e9800998ecf8427e-2\"", "", "\"x\"", "\"zz1d8cd98f00b204e9800998ecf8427e\"", "é"]
        {
            assert_eq!(read_md5(etag), None, "{etag:?}");
        }
    }
}
