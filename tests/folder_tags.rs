//! `put --tag` at the binary's edge, with and without `s3:PutObjectTagging`.
#![allow(missing_docs)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "helpers of tests are tests too")]

mod common;

use std::collections::BTreeMap;

use common::{ALICE, PRODUCTION, Stage};
use securecart_sandbox::Options;
use securecart_sandbox::options::FOLDER_POLICY_WITH_OPTIONS;

fn stage(policy: Option<&str>) -> Stage {
    let stage = Stage::with(Options {
        auto_approve: Some(ALICE.to_owned()),
        docs_policy: policy.map(str::to_owned),
        ..Options::default()
    });
    stage.configure(&[("account_id", &format!("{PRODUCTION:?}")), ("role_name", "\"DocsUser\"")]);
    stage.login();
    std::fs::write(stage.path("small"), "x").unwrap();
    std::fs::write(stage.path("large"), vec![7; 11 << 20]).unwrap();
    stage
}

/// One request, and several: each is another S3 operation that takes the tags.
const FILES: [(&str, &str); 2] = [("small", "s3:PutObject"), ("large", "s3:CreateMultipartUpload")];

#[test]
fn tags_are_stored_with_objects_of_one_request_and_of_many() {
    let stage = stage(Some(FOLDER_POLICY_WITH_OPTIONS));
    for (file, operation) in FILES {
        let tags = ["--tag", "cost centre=R/D + Söhne", "--tag", "empty="];
        let ran = stage.run(&[&["put", file, "--part-size", "5M"], &tags[..]].concat());
        assert_eq!((ran.code, stage.calls(operation)), (0, 1), "{ran}");
        let state = stage.sandbox.state();
        let object = state.objects.iter().find(|object| object.key.ends_with(file)).unwrap();
        let wanted = [("cost centre", "R/D + Söhne"), ("empty", "")].map(|(name, value)| (name.into(), value.into()));
        assert_eq!(object.tags, BTreeMap::from(wanted));
    }
}

#[test]
fn without_the_permission_nothing_is_stored_and_it_is_named() {
    let stage = stage(None);
    for (file, _) in FILES {
        let ran = stage.run(&["put", file, "--part-size", "5M", "--tag", "k=v"]);
        assert_eq!(ran.code, 5, "{ran}");
        let said = format!("your role's policy has no `s3:PutObjectTagging` for `{file}`");
        assert!(ran.stderr.contains(&said) && ran.stderr.contains("can add `s3:PutObjectTagging`"), "{ran}");
    }
    let state = stage.sandbox.state();
    assert!(state.objects.is_empty() && state.open_uploads.is_empty());
    // Without tags the permission is not needed.
    assert_eq!(stage.run(&["put", "small", "large", "x/"]).code, 0);
}

#[test]
fn a_put_that_is_refused_for_another_reason_does_not_blame_the_tags() {
    let policy = FOLDER_POLICY_WITH_OPTIONS.replace("\"s3:PutObject\",", "");
    let stage = stage(Some(&policy));
    let ran = stage.run(&["put", "small", "--tag", "k=v"]);
    assert_eq!(ran.code, 5, "{ran}");
    assert!(ran.stderr.contains("AWS refused PutObject on `small`"), "{ran}");
    assert!(!ran.stderr.contains("has no `s3:PutObjectTagging`"), "{ran}");
}
