//! Versioning and tags, asked with the AWS SDK.

#![allow(clippy::unwrap_used)]

mod common;

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use common::*;
use securecart_sandbox::options::FOLDER_POLICY_WITH_OPTIONS;
use securecart_sandbox::{Options, Sandbox};

const BUCKET: &str = "securecart-user-docs";

fn versioned(policy: Option<&str>) -> (Sandbox, Client, String) {
    let sandbox =
        start_with(Options { versioning: true, docs_policy: policy.map(str::to_owned), ..Options::default() });
    let keys = sandbox.role_credentials(ALICE, PRODUCTION, "DocsUser").unwrap();
    let hers = format!("{}/", sandbox.user_id(ALICE, PRODUCTION, "DocsUser"));
    let client = s3(&sandbox, &keys);
    (sandbox, client, hers)
}

/// An administrator's client.
fn admin(sandbox: &Sandbox) -> Client {
    s3(sandbox, &sandbox.user_keys("admin").unwrap())
}

async fn put(s3: &Client, key: &str, body: &'static str) -> String {
    let put = s3.put_object().bucket(BUCKET).key(key).body(body.as_bytes().to_vec().into()).send();
    put.await.unwrap().version_id.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_is_read_by_its_id_and_a_delete_marker_is_not() {
    let (_sandbox, alice, hers) = versioned(Some(FOLDER_POLICY_WITH_OPTIONS));
    let key = format!("{hers}a");
    let (first, second) = (put(&alice, &key, "1").await, put(&alice, &key, "22").await);
    let deleted = alice.delete_object().bucket(BUCKET).key(&key).send().await.unwrap();
    let marker = deleted.version_id().unwrap().to_owned();
    assert_eq!(deleted.delete_marker(), Some(true));
    for (id, size) in [(&first, 1), (&second, 2)] {
        let got = alice.get_object().bucket(BUCKET).key(&key).version_id(id).send().await.unwrap();
        assert_eq!((got.version_id(), got.content_length()), (Some(id.as_str()), Some(size)));
        let head = alice.head_object().bucket(BUCKET).key(&key).version_id(id).send().await.unwrap();
        assert_eq!((head.version_id(), head.content_length()), (Some(id.as_str()), Some(size)));
    }
    let gone = alice.get_object().bucket(BUCKET).key(&key).send().await.unwrap_err();
    assert_eq!(gone.code(), Some("NoSuchKey"));
    assert_eq!(gone.raw_response().unwrap().headers().get("x-amz-delete-marker"), Some("true"));
    let of_marker = alice.get_object().bucket(BUCKET).key(&key).version_id(&marker).send().await.unwrap_err();
    assert_eq!(
        (of_marker.code(), of_marker.raw_response().unwrap().status().as_u16()),
        (Some("MethodNotAllowed"), 405)
    );
    let get = |id: &str| alice.get_object().bucket(BUCKET).key(&key).version_id(id).send();
    assert_eq!(code(get(&"0".repeat(32)).await), "NoSuchVersion");
    assert_eq!(code(get("nonsense").await), "InvalidArgument");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_versions_go_on_at_both_markers() {
    let (sandbox, alice, hers) = versioned(Some(FOLDER_POLICY_WITH_OPTIONS));
    let mut made = Vec::new();
    for key in ["a", "d/x", "d/y", "z"] {
        for _ in 0..3 {
            made.push((format!("{hers}{key}"), put(&alice, &format!("{hers}{key}"), "x").await));
        }
    }
    made.sort_by(|a, b| a.0.cmp(&b.0));
    made.chunk_by_mut(|a, b| a.0 == b.0).for_each(<[_]>::reverse);
    for page_size in [1, 2, 5, 12] {
        let (mut seen, mut key, mut id) = (Vec::new(), None, None);
        loop {
            let list = alice.list_object_versions().bucket(BUCKET).prefix(&hers).max_keys(page_size);
            let page = list.set_key_marker(key).set_version_id_marker(id).send().await.unwrap();
            seen.extend(page.versions().iter().map(|it| (it.key().unwrap().into(), it.version_id().unwrap().into())));
            (key, id) = (page.next_key_marker().map(Into::into), page.next_version_id_marker().map(Into::into));
            if page.is_truncated() != Some(true) {
                break;
            }
        }
        assert_eq!(seen, made, "{page_size} a page");
    }
    let rolled = alice.list_object_versions().bucket(BUCKET).prefix(&hers).delimiter("/").max_keys(4);
    let page = rolled.clone().send().await.unwrap();
    assert_eq!((page.versions().len(), page.common_prefixes().len(), page.is_truncated()), (3, 1, Some(true)));
    let rest = rolled.key_marker(page.next_key_marker().unwrap()).send().await.unwrap();
    assert_eq!((rest.versions().len(), rest.common_prefixes().len(), rest.is_truncated()), (3, 0, Some(false)));
    let alone = alice.list_object_versions().bucket(BUCKET).prefix(&hers).version_id_marker(&made[0].1).send().await;
    assert_eq!(code(alone), "InvalidArgument");
    drop(sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_have_permissions_of_their_own_and_the_folder_s_prefix() {
    let (sandbox, alice, hers) = versioned(None);
    let key = format!("{hers}a");
    let id = put(&alice, &key, "1").await;
    let list = |prefix: &str| alice.list_object_versions().bucket(BUCKET).prefix(prefix).send();
    assert_eq!(code(list(&hers).await), "AccessDenied");
    assert_eq!(code(alice.get_object().bucket(BUCKET).key(&key).version_id(&id).send().await), "AccessDenied");
    assert_eq!(code(alice.delete_object().bucket(BUCKET).key(&key).version_id(&id).send().await), "AccessDenied");
    let one = ObjectIdentifier::builder().key(&key).version_id(&id).build().unwrap();
    let delete = Delete::builder().objects(one).build().unwrap();
    let refused = alice.delete_objects().bucket(BUCKET).delete(delete).send().await.unwrap();
    assert_eq!(refused.errors()[0].code(), Some("AccessDenied"));
    let (_other, alice, hers) = versioned(Some(FOLDER_POLICY_WITH_OPTIONS));
    let list = |prefix: &str| alice.list_object_versions().bucket(BUCKET).prefix(prefix).send();
    assert!(list(&hers).await.is_ok() && list(&format!("{hers}a")).await.is_ok());
    for outside in ["", "AROA", hers.trim_end_matches('/')] {
        assert_eq!(code(list(outside).await), "AccessDenied", "{outside:?}");
    }
    drop(sandbox);
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_a_version_brings_the_one_before_back() {
    let (sandbox, alice, hers) = versioned(Some(FOLDER_POLICY_WITH_OPTIONS));
    let key = format!("{hers}a");
    put(&alice, &key, "1").await;
    let marker = alice.delete_object().bucket(BUCKET).key(&key).send().await.unwrap().version_id.unwrap();
    assert_eq!(sandbox.object(BUCKET, &key), None);
    let removed = admin(&sandbox).delete_object().bucket(BUCKET).key(&key).version_id(&marker).send().await.unwrap();
    assert_eq!(removed.delete_marker(), Some(true));
    assert_eq!(sandbox.object(BUCKET, &key), Some(b"1".to_vec()));
}
