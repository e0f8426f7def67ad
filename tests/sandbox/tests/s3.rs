//! The caller's own folder, asked with the AWS SDK.

#![allow(clippy::unwrap_used)]

mod common;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, ChecksumMode, ChecksumType, CompletedMultipartUpload, CompletedPart, Delete, ObjectIdentifier,
    ServerSideEncryption,
};
use common::*;
use securecart_sandbox::Sandbox;

const BUCKET: &str = "securecart-user-docs";
const MIB: usize = 1024 * 1024;

/// A person's client and folder, with its slash.
fn folder(sandbox: &Sandbox, person: &str, role: &str) -> (Client, String) {
    let keys = sandbox.role_credentials(person, PRODUCTION, role).unwrap();
    (s3(sandbox, &keys), format!("{}/", sandbox.user_id(person, PRODUCTION, role)))
}

async fn put(s3: &Client, key: &str, body: &[u8]) -> String {
    match s3.put_object().bucket(BUCKET).key(key).body(ByteStream::from(body.to_vec())).send().await {
        Ok(_) => "ok".into(),
        Err(error) => error.code().unwrap_or("no code").into(),
    }
}

async fn get(s3: &Client, key: &str) -> Result<Vec<u8>, String> {
    match s3.get_object().bucket(BUCKET).key(key).send().await {
        Ok(reply) => Ok(reply.body.collect().await.unwrap().to_vec()),
        Err(error) => Err(error.code().unwrap_or("no code").into()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_has_their_own_folder_and_no_other() {
    let sandbox = start();
    let (alice, hers) = folder(&sandbox, ALICE, "DocsUser");
    let (bob, his) = folder(&sandbox, BOB, "DocsUser");
    let key = format!("{hers}a");
    assert_eq!(put(&alice, &key, b"x").await, "ok");
    assert_eq!(get(&alice, &key).await.unwrap(), b"x");
    assert_eq!(put(&bob, &key, b"y").await, "AccessDenied");
    assert_eq!(get(&bob, &key).await, Err("AccessDenied".into()));
    assert_eq!(put(&bob, &format!("{his}../{key}"), b"y").await, "ok", "two dots are only text to S3");
    assert_eq!(put(&alice, hers.trim_end_matches('/'), b"y").await, "AccessDenied");
    let list = |client: &Client, prefix: Option<&str>| {
        client.list_objects_v2().bucket(BUCKET).set_prefix(prefix.map(Into::into)).send()
    };
    assert_eq!(list(&alice, Some(&hers)).await.unwrap().key_count(), Some(1));
    for prefix in [None, Some(""), Some(hers.trim_end_matches('/')), Some(&*his), Some("AROA")] {
        assert_eq!(code(list(&alice, prefix).await), "AccessDenied", "{prefix:?}");
    }
    assert_eq!(code(alice.get_bucket_location().bucket(BUCKET).send().await), "AccessDenied");
    assert_eq!(code(alice.list_buckets().send().await), "AccessDenied");
    assert_eq!(code(alice.list_multipart_uploads().bucket(BUCKET).send().await), "AccessDenied");
    let status = alice.head_bucket().bucket(BUCKET).send().await.unwrap_err().raw_response().unwrap().status().as_u16();
    assert_eq!(status, 403);
    assert_eq!(sandbox.state().requests_of("s3", "HeadBucket"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_object_is_404_only_where_listing_is_allowed() {
    let sandbox = start();
    let (alice, hers) = folder(&sandbox, ALICE, "DocsUser");
    assert_eq!(get(&alice, &format!("{hers}none")).await, Err("NoSuchKey".into()));
    assert_eq!(get(&alice, "none").await, Err("AccessDenied".into()));
    let head = alice.head_object().bucket(BUCKET).key(format!("{hers}none")).send().await;
    assert!(head.unwrap_err().into_service_error().is_not_found());
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_reads() {
    let sandbox = start();
    let (alice, hers) = folder(&sandbox, ALICE, "ReadOnly");
    let key = format!("{hers}a");
    sandbox.put_object(BUCKET, &key, "x").unwrap();
    assert_eq!(get(&alice, &key).await.unwrap(), b"x");
    assert_eq!(put(&alice, &key, b"y").await, "AccessDenied");
    assert_eq!(code(alice.delete_object().bucket(BUCKET).key(&key).send().await), "AccessDenied");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_kept_exactly_as_they_are() {
    let sandbox = start();
    let (alice, hers) = folder(&sandbox, ALICE, "DocsUser");
    let odd = ["a", "a/", "a//b", "a/b", "../x", "./y", "z\\w", "ü +&=%20?#", "tab\tnl\n", "*", "~'()!"];
    for name in odd {
        assert_eq!(put(&alice, &format!("{hers}{name}"), name.as_bytes()).await, "ok", "{name:?}");
    }
    for name in odd {
        assert_eq!(get(&alice, &format!("{hers}{name}")).await.unwrap(), name.as_bytes(), "{name:?}");
    }
    let mut wanted: Vec<String> = odd.iter().map(|name| format!("{hers}{name}")).collect();
    wanted.sort_unstable();
    assert_eq!(sandbox.keys(BUCKET), wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn listings_are_paged_without_gap_or_repetition() {
    let sandbox = start();
    let (alice, hers) = folder(&sandbox, ALICE, "DocsUser");
    sandbox.generate_objects(BUCKET, &format!("{hers}n/"), 2345, 3).unwrap();
    let mut pages = alice.list_objects_v2().bucket(BUCKET).prefix(&hers).into_paginator().send();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        keys.extend(page.unwrap().contents().iter().map(|it| it.key().unwrap().to_owned()));
    }
    assert_eq!(keys, sandbox.keys(BUCKET));
    let rolled = alice.list_objects_v2().bucket(BUCKET).prefix(&hers).delimiter("/").send().await.unwrap();
    assert_eq!(rolled.common_prefixes()[0].prefix(), Some(&*format!("{hers}n/")));
    assert_eq!((rolled.key_count(), rolled.is_truncated()), (Some(1), Some(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_checksum_is_verified_and_given_back_for_the_whole_object_only() {
    let sandbox = start();
    let (alice, hers) = folder(&sandbox, ALICE, "DocsUser");
    let key = format!("{hers}sum");
    for algorithm in ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] {
        let algorithm = ChecksumAlgorithm::from(algorithm);
        let body = ByteStream::from_static(b"hello");
        alice.put_object().bucket(BUCKET).key(&key).checksum_algorithm(algorithm).body(body).send().await.unwrap();
        let get = alice.get_object().bucket(BUCKET).key(&key).checksum_mode(ChecksumMode::Enabled);
        let whole = get.clone().send().await.unwrap();
        assert!(whole.checksum_type() == Some(&ChecksumType::FullObject));
        assert_eq!(whole.body.collect().await.unwrap().to_vec(), b"hello");
        let part = get.range("bytes=1-2").send().await.unwrap();
        assert_eq!((part.checksum_type(), part.content_range()), (None, Some("bytes 1-2/5")));
    }
    let wrong =
        alice.put_object().bucket(BUCKET).key(&key).checksum_crc32("AAAAAA==").body(ByteStream::from_static(b"hello"));
    assert_eq!(code(wrong.send().await), "BadDigest");
    let wrong = alice.put_object().bucket(BUCKET).key(&key).content_md5("1B2M2Y8AsgTpgAmY7PhCfg==");
    assert_eq!(code(wrong.body(ByteStream::from_static(b"hello")).send().await), "BadDigest");
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_hold() {
    let sandbox = start();
    let (alice, hers) = folder(&sandbox, ALICE, "DocsUser");
    let key = format!("{hers}c");
    let new =
        || alice.put_object().bucket(BUCKET).key(&key).if_none_match("*").body(ByteStream::from_static(b"1")).send();
    let etag = new().await.unwrap().e_tag().unwrap().to_owned();
    assert_eq!(code(new().await), "PreconditionFailed");
    let get = || alice.get_object().bucket(BUCKET).key(&key);
    assert!(get().if_match(&etag).send().await.is_ok());
    assert_eq!(code(get().if_match("\"other\"").send().await), "PreconditionFailed");
    let unchanged = get().if_none_match(&etag).send().await.unwrap_err();
    assert_eq!(unchanged.raw_response().unwrap().status().as_u16(), 304);
    assert_eq!(code(get().range("bytes=5-").send().await), "InvalidRange");
}

#[tokio::test(flavor = "multi_thread")]
async fn encryption_and_metadata_come_back() {
    let sandbox = start();
    let (alice, hers) = folder(&sandbox, ALICE, "DocsUser");
    let key = format!("{hers}m");
    alice
        .put_object()
        .bucket(BUCKET)
        .key(&key)
        .content_type("text/x-test")
        .metadata("who", "me")
        .server_side_encryption(ServerSideEncryption::AwsKms)
        .ssekms_key_id("key-1")
        .body(ByteStream::from_static(b"1"))
        .send()
        .await
        .unwrap();
    let head = alice.head_object().bucket(BUCKET).key(&key).send().await.unwrap();
    assert_eq!(head.content_type(), Some("text/x-test"));
    assert_eq!(head.metadata().unwrap()["who"], "me");
    assert_eq!(head.ssekms_key_id(), Some("key-1"));
    assert_eq!(head.server_side_encryption(), Some(&ServerSideEncryption::AwsKms));
    assert_eq!(head.content_length(), Some(1));
}

async fn upload(s3: &Client, key: &str, parts: &[Vec<u8>]) -> (String, CompletedMultipartUpload) {
    let upload = s3
        .create_multipart_upload()
        .bucket(BUCKET)
        .key(key)
        .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
        .checksum_type(ChecksumType::FullObject)
        .send()
        .await
        .unwrap();
    let id = upload.upload_id().unwrap().to_owned();
    let mut done = CompletedMultipartUpload::builder();
    for (number, part) in (1..).zip(parts) {
        let sent = s3
            .upload_part()
            .bucket(BUCKET)
            .key(key)
            .upload_id(&id)
            .part_number(number)
            .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
            .body(ByteStream::from(part.clone()))
            .send()
            .await
            .unwrap();
        done = done.parts(CompletedPart::builder().part_number(number).set_e_tag(sent.e_tag).build());
    }
    (id, done.build())
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_in_parts_follow_the_rules() {
    let sandbox = start();
    let (alice, hers) = folder(&sandbox, ALICE, "DocsUser");
    let key = format!("{hers}big");
    let complete = |id: &str, parts: CompletedMultipartUpload| {
        alice.complete_multipart_upload().bucket(BUCKET).key(&key).upload_id(id).multipart_upload(parts)
    };
    let (id, parts) = upload(&alice, &key, &[vec![1; 100], vec![2; 100]]).await;
    assert_eq!(code(complete(&id, parts).send().await), "EntityTooSmall");
    assert_eq!(sandbox.state().open_uploads.len(), 1);
    alice.abort_multipart_upload().bucket(BUCKET).key(&key).upload_id(&id).send().await.unwrap();
    assert_eq!(sandbox.state().open_uploads.len(), 0);
    assert_eq!(code(alice.list_parts().bucket(BUCKET).key(&key).upload_id(&id).send().await), "NoSuchUpload");

    let (id, parts) = upload(&alice, &key, &[vec![1; 5 * MIB], vec![2; 100]]).await;
    let listed = alice.list_parts().bucket(BUCKET).key(&key).upload_id(&id).send().await.unwrap();
    assert_eq!(listed.parts().iter().map(|it| it.size().unwrap()).collect::<Vec<_>>(), [5 * MIB as i64, 100]);
    let mut reversed = parts.clone();
    reversed.parts.as_mut().unwrap().reverse();
    assert_eq!(code(complete(&id, reversed).send().await), "InvalidPartOrder");
    let mut forged = parts.clone();
    forged.parts.as_mut().unwrap()[0].e_tag = Some("\"forged\"".into());
    assert_eq!(code(complete(&id, forged).send().await), "InvalidPart");
    assert_eq!(code(complete(&id, parts.clone()).checksum_crc64_nvme("AAAAAAAAAAA=").send().await), "BadDigest");
    let done = complete(&id, parts).if_none_match("*").send().await.unwrap();
    assert!(done.e_tag().unwrap().ends_with("-2\""));
    assert!(done.checksum_crc64_nvme().is_some());
    assert_eq!(sandbox.object(BUCKET, &key).unwrap().len(), 5 * MIB + 100);
    let tail = alice.get_object().bucket(BUCKET).key(&key).part_number(2).send().await.unwrap();
    assert_eq!((tail.content_length(), tail.parts_count()), (Some(100), Some(2)));

    let (id, parts) = upload(&alice, &key, &[vec![3; 10]]).await;
    assert_eq!(code(complete(&id, parts).if_none_match("*").send().await), "PreconditionFailed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_deletes_what_is_allowed_and_names_what_is_not() {
    let sandbox = start();
    let (alice, hers) = folder(&sandbox, ALICE, "DocsUser");
    let mine = format!("{hers}a");
    sandbox.put_object(BUCKET, &mine, "x").unwrap();
    sandbox.put_object(BUCKET, "other", "x").unwrap();
    let id = |key: &str| ObjectIdentifier::builder().key(key).build().unwrap();
    let delete = Delete::builder().objects(id(&mine)).objects(id("other")).build().unwrap();
    let reply = alice.delete_objects().bucket(BUCKET).delete(delete).send().await.unwrap();
    assert_eq!(reply.deleted()[0].key(), Some(&*mine));
    assert_eq!((reply.errors()[0].key(), reply.errors()[0].code()), (Some("other"), Some("AccessDenied")));
    assert_eq!(sandbox.keys(BUCKET), ["other"]);
    let many = (0..1001).map(|number| id(&format!("{hers}{number}")));
    let delete = Delete::builder().set_objects(Some(many.collect())).build().unwrap();
    assert_eq!(code(alice.delete_objects().bucket(BUCKET).delete(delete).send().await), "MalformedXML");
}

#[tokio::test(flavor = "multi_thread")]
async fn copies_need_both_ends() {
    let sandbox = start();
    let (alice, hers) = folder(&sandbox, ALICE, "DocsUser");
    sandbox.put_object(BUCKET, &format!("{hers}a"), "x").unwrap();
    sandbox.put_object(BUCKET, "other", "x").unwrap();
    let copy = |from: String| alice.copy_object().bucket(BUCKET).key(format!("{hers}b")).copy_source(from).send();
    copy(format!("{BUCKET}/{hers}a")).await.unwrap();
    assert_eq!(sandbox.object(BUCKET, &format!("{hers}b")).unwrap(), b"x");
    assert_eq!(code(copy(format!("{BUCKET}/other")).await), "AccessDenied");
    assert_eq!(code(copy(format!("{BUCKET}/{hers}none")).await), "NoSuchKey");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_regions_and_clocks_that_are_wrong_are_named() {
    let sandbox = start();
    let good = sandbox.role_credentials(ALICE, PRODUCTION, "DocsUser").unwrap();
    let key = format!("{}/a", sandbox.user_id(ALICE, PRODUCTION, "DocsUser"));
    sandbox.put_object(BUCKET, &key, "x").unwrap();
    let ask = |keys: &securecart_sandbox::Keys| s3(&sandbox, keys).get_object().bucket(BUCKET).key(&key).send();
    assert!(ask(&good).await.is_ok());
    let mut keys = good.clone();
    keys.secret_access_key.push('x');
    assert_eq!(code(ask(&keys).await), "SignatureDoesNotMatch");
    keys = securecart_sandbox::Keys { session_token: Some("x".into()), ..good.clone() };
    assert_eq!(code(ask(&keys).await), "InvalidToken");
    keys = securecart_sandbox::Keys { session_token: None, ..good.clone() };
    assert_eq!(code(ask(&keys).await), "InvalidAccessKeyId");
    let far = s3_in(&sandbox, &good, "us-west-2").get_object().bucket(BUCKET).key(&key).send().await;
    let far = far.unwrap_err();
    let body = String::from_utf8(far.raw_response().unwrap().body().bytes().unwrap().to_vec()).unwrap();
    assert!(
        body.contains("<Code>AuthorizationHeaderMalformed</Code>") && body.contains("<Region>eu-central-1</Region>")
    );
    sandbox.set_skew(-16 * 60);
    assert_eq!(code(ask(&good).await), "RequestTimeTooSkewed");
    sandbox.set_skew(0);
    sandbox.advance(std::time::Duration::from_secs(3601));
    assert_eq!(code(ask(&good).await), "ExpiredToken");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unsigned_look_at_a_bucket_tells_only_its_region() {
    let sandbox = start();
    let head = |bucket: &str| browser().head(format!("{}/{bucket}", sandbox.url())).send();
    let reply = head(BUCKET).await.unwrap();
    assert_eq!(
        (reply.status().as_u16(), &reply.headers()["x-amz-bucket-region"]),
        (403, &"eu-central-1".parse().unwrap())
    );
    assert_eq!(head("no-such-bucket").await.unwrap().status(), 404);
    sandbox.put_object(BUCKET, "public", "x").unwrap();
    let get = browser().get(format!("{}/{BUCKET}/public", sandbox.url())).send().await.unwrap();
    assert_eq!(get.status(), 403);
}
