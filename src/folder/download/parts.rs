//! How large the parts are that an object was uploaded in: only with that can a checksum of checksums be compared.

use super::super::checksum::Expected;
use super::super::client::Folder;
use super::super::reply::{Op, size};
use super::super::version::Wanted;

/// What is expected, with the size of the parts. `None` where S3 doesn't tell, or the parts differ in size, which no
/// tool makes: then there is nothing to compare with.
pub(super) async fn settle(
    folder: &Folder,
    wanted: &Wanted,
    etag: Option<&str>,
    size: u64,
    expected: Expected,
) -> Option<Expected> {
    let Some(count) = expected.parts() else { return Some(expected) };
    if count == 1 {
        return Some(expected.with_part_size(size.max(1)));
    }
    let (first, last) = (part(folder, wanted, etag, 1).await?, part(folder, wanted, etag, count).await?);
    let rest = first.checked_mul(count.checked_sub(1)?)?;
    (first > 0 && last <= first && rest.checked_add(last)? == size).then(|| expected.with_part_size(first))
}

/// The size of one part. Source: API reference of `HeadObject`, `partNumber`.
async fn part(folder: &Folder, wanted: &Wanted, etag: Option<&str>, number: u64) -> Option<u64> {
    let (op, number) = (Op::reading("HeadObject", wanted), i32::try_from(number).ok()?);
    let reply = folder
        .call(&op, |client| {
            client
                .head_object()
                .bucket(folder.bucket())
                .key(wanted.key.as_str())
                .set_version_id(wanted.version_id())
                .part_number(number)
                .set_if_match(etag.map(str::to_owned))
                .send()
        })
        .await;
    size(reply.ok()?.content_length())
}
