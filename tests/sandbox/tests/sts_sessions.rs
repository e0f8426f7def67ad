//! MFA, session tags, session policies and source identities, asked with the AWS SDK.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;

use std::time::Duration;

use aws_sdk_sts::types::{PolicyDescriptorType, Tag};
use common::*;
use securecart_sandbox::{Keys, RoleSpec, Sandbox};

const DOCS: &str = "arn:aws:iam::333333333333:role/Docs";
const NEXT: &str = "arn:aws:iam::111111111111:role/Next";

fn role(account: &str, name: &str, statement: &str, policy: &str) -> RoleSpec {
    RoleSpec {
        account: account.into(),
        name: name.into(),
        trust: format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#),
        policy: policy.into(),
        max_session_secs: 7200,
    }
}

fn keys(given: Option<&aws_sdk_sts::types::Credentials>) -> Keys {
    let given = given.unwrap();
    Keys {
        access_key_id: given.access_key_id().into(),
        secret_access_key: given.secret_access_key().into(),
        session_token: Some(given.session_token().into()),
        expiration: None,
    }
}

fn user(sandbox: &Sandbox, name: &str) -> aws_sdk_sts::Client {
    sts(sandbox, &sandbox.user_keys(name).unwrap())
}

const ANY: &str = include_str!("../policies/admin.json");

#[tokio::test(flavor = "multi_thread")]
async fn a_session_with_mfa_may_what_the_policy_asks_mfa_for() {
    let sandbox = start();
    let dana = user(&sandbox, "dana");
    let id = dana.get_caller_identity().send().await.unwrap().user_id().unwrap().to_owned();
    let put = |keys: Keys| {
        let key = format!("{id}/f");
        s3(&sandbox, &keys).put_object().bucket(sandbox.bucket()).key(key).body(b"x".to_vec().into()).send()
    };
    assert_eq!(code(put(sandbox.user_keys("dana").unwrap()).await), "AccessDenied");
    let without = dana.get_session_token().send().await.unwrap();
    assert_eq!(code(put(keys(without.credentials())).await), "AccessDenied");
    let (serial, shown) = sandbox.mfa("dana").unwrap();
    assert_eq!(serial, "arn:aws:iam::333333333333:mfa/dana");
    let ask = |serial: &str, code: &str| dana.get_session_token().serial_number(serial).token_code(code).send();
    let with = ask(&serial, &shown).await.unwrap();
    assert!(put(keys(with.credentials())).await.is_ok());
    // A session's own folder is the user's.
    let who = sts(&sandbox, &keys(with.credentials())).get_caller_identity().send().await.unwrap();
    assert_eq!(who.user_id(), Some(id.as_str()));

    assert_eq!(code(ask(&serial, &shown).await), "AccessDenied", "a code is good for one use");
    sandbox.advance(Duration::from_secs(30));
    let (_, next) = sandbox.mfa("dana").unwrap();
    assert_eq!(code(ask("arn:aws:iam::333333333333:mfa/other", &next).await), "AccessDenied");
    assert_eq!(code(ask(&serial, "000000").await), "AccessDenied");
    assert_eq!(code(ask(&serial, "12345").await), "ValidationError");
    assert_eq!(code(dana.get_session_token().serial_number(&serial).send().await), "AccessDenied");
    assert_eq!(
        code(user(&sandbox, "ci").get_session_token().serial_number(&serial).token_code(&next).send().await),
        "AccessDenied"
    );
    assert!(ask(&serial, &next).await.is_ok(), "what was refused did not use it up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_wants_mfa_takes_a_code_or_a_session_with_one() {
    let sandbox = start();
    let condition =
        r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"},"NumericLessThan":{"aws:MultiFactorAuthAge":"3600"}}"#;
    let trust = format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":"333333333333"}},"Action":"sts:AssumeRole","Condition":{condition}}}"#
    );
    sandbox.add_role(role(PRODUCTION, "Docs", &trust, ANY)).unwrap();
    let dana = user(&sandbox, "dana");
    let assume = |client: &aws_sdk_sts::Client| client.assume_role().role_arn(DOCS).role_session_name("dana");
    assert_eq!(code(assume(&dana).send().await), "AccessDenied");
    let (serial, shown) = sandbox.mfa("dana").unwrap();
    let assumed = assume(&dana).serial_number(&serial).token_code(&shown).send().await.unwrap();
    sandbox.advance(Duration::from_secs(30));
    let (_, shown) = sandbox.mfa("dana").unwrap();
    let session = dana.get_session_token().serial_number(&serial).token_code(&shown).send().await.unwrap();
    let session = sts(&sandbox, &keys(session.credentials()));
    assert!(assume(&session).send().await.is_ok());
    assert!(assume(&session).duration_seconds(7200).send().await.is_ok(), "a user's session is no chain");
    // It doesn't pass on from role to role.
    let trust = trust.replace("333333333333", DOCS);
    sandbox.add_role(role("111111111111", "Next", &trust, ANY)).unwrap();
    let chained = sts(&sandbox, &keys(assumed.credentials()));
    assert_eq!(code(chained.assume_role().role_arn(NEXT).role_session_name("dana").send().await), "AccessDenied");
}

#[tokio::test(flavor = "multi_thread")]
async fn transitive_tags_and_the_source_identity_stay_through_a_chain() {
    let sandbox = start();
    let all = r#"["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]"#;
    let trust = |who: &str, condition: &str| {
        format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{who}"}},"Action":{all}{condition}}}"#)
    };
    sandbox.add_role(role(PRODUCTION, "Docs", &trust("333333333333", ""), ANY)).unwrap();
    let wants = r#","Condition":{"StringEquals":{"aws:PrincipalTag/team":"docs","aws:SourceIdentity":"dora"},
        "Null":{"aws:PrincipalTag/other":"false","aws:RequestTag/team":"true"}}"#;
    sandbox.add_role(role("111111111111", "Next", &trust(DOCS, wants), ANY)).unwrap();
    let tag = |key: &str, value: &str| Tag::builder().key(key).value(value).build().unwrap();
    let admin = user(&sandbox, "admin");
    let first = admin
        .assume_role()
        .role_arn(DOCS)
        .role_session_name("dora")
        .source_identity("dora")
        .tags(tag("team", "docs"))
        .tags(tag("other", "x"))
        .transitive_tag_keys("team");
    let assumed = first.clone().send().await.unwrap();
    let chained = sts(&sandbox, &keys(assumed.credentials()));
    let next = |client: &aws_sdk_sts::Client| client.assume_role().role_arn(NEXT).role_session_name("dora");
    let second = next(&chained).send().await.unwrap();
    assert_eq!(second.source_identity(), Some("dora"));
    assert_eq!(code(next(&chained).tags(tag("Team", "sales")).send().await), "InvalidParameterValue");
    assert_eq!(code(next(&chained).source_identity("eve").send().await), "AccessDenied");
    // In the second session only what is transitive is left.
    let trust = trust(
        NEXT,
        r#","Condition":{"StringEquals":{"aws:PrincipalTag/team":"docs"},"Null":{"aws:PrincipalTag/other":"true"}}"#,
    );
    sandbox.add_role(role(PRODUCTION, "Docs", &trust, ANY)).unwrap();
    let third = sts(&sandbox, &keys(second.credentials()));
    assert!(third.assume_role().role_arn(DOCS).role_session_name("dora").send().await.is_ok());
    assert_eq!(code(first.transitive_tag_keys("unasked").send().await), "ValidationError");
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_and_a_source_identity_must_be_trusted_too() {
    let sandbox = start();
    let trust = r#"{"Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"sts:AssumeRole"}"#;
    sandbox.add_role(role(PRODUCTION, "Docs", trust, ANY)).unwrap();
    let admin = user(&sandbox, "admin");
    let assume = || admin.assume_role().role_arn(DOCS).role_session_name("dora");
    assert!(assume().send().await.is_ok());
    let tag = Tag::builder().key("team").value("docs").build().unwrap();
    assert_eq!(code(assume().tags(tag).send().await), "AccessDenied");
    assert_eq!(code(assume().source_identity("dora").send().await), "AccessDenied");
}

#[tokio::test(flavor = "multi_thread")]
async fn session_policies_narrow_a_role_and_never_widen_it() {
    let sandbox = start();
    let trust = r#"{"Effect":"Allow","Principal":{"AWS":"333333333333"},"Action":"sts:AssumeRole"}"#;
    sandbox.add_role(role(PRODUCTION, "Docs", trust, include_str!("../policies/folder.json"))).unwrap();
    let admin = user(&sandbox, "admin");
    let assume = || admin.assume_role().role_arn(DOCS).role_session_name("dora");
    let arn =
        |name: &str| PolicyDescriptorType::builder().arn(format!("arn:aws:iam::333333333333:policy/{name}")).build();
    let narrowed = assume().policy_arns(arn("DocsReadOnly")).send().await.unwrap();
    let id = narrowed.assumed_role_user().unwrap().assumed_role_id().to_owned();
    let put = |keys: Keys, key: String| {
        s3(&sandbox, &keys).put_object().bucket(sandbox.bucket()).key(key).body(b"x".to_vec().into()).send()
    };
    assert_eq!(code(put(keys(narrowed.credentials()), format!("{id}/f")).await), "AccessDenied");
    let list = s3(&sandbox, &keys(narrowed.credentials()));
    assert!(list.list_objects_v2().bucket(sandbox.bucket()).prefix(format!("{id}/")).send().await.is_ok());
    // Together they allow what any of them allows, of what the role may.
    let both = assume().policy_arns(arn("DocsReadOnly")).policy(ANY).send().await.unwrap();
    assert!(put(keys(both.credentials()), format!("{id}/f")).await.is_ok());
    assert_eq!(code(put(keys(both.credentials()), "other/f".into()).await), "AccessDenied");
    assert_eq!(code(assume().policy_arns(arn("None")).send().await), "ValidationError");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_users_own_keys_get_sessions_and_federated_users() {
    let sandbox = start();
    let role = sts(&sandbox, &sandbox.role_credentials(ALICE, "111111111111", "Admin").unwrap());
    assert_eq!(code(role.get_session_token().send().await), "AccessDenied");
    assert_eq!(code(role.get_federation_token().name("dora").send().await), "AccessDenied");
    let broker = user(&sandbox, "broker");
    let session = sts(&sandbox, &keys(broker.get_session_token().send().await.unwrap().credentials()));
    assert_eq!(code(session.get_federation_token().name("dora").send().await), "AccessDenied");
    let ask = |secs: i32| broker.get_federation_token().name("dora").duration_seconds(secs).send();
    assert_eq!(code(ask(899).await), "ValidationError");
    assert_eq!(code(ask(129_601).await), "ValidationError");
    // Without a policy it is somebody who may do nothing.
    let nobody = ask(129_600).await.unwrap();
    assert_eq!(nobody.federated_user().unwrap().federated_user_id(), "333333333333:dora");
    let s3 = s3(&sandbox, &keys(nobody.credentials()));
    let list = s3.list_objects_v2().bucket(sandbox.bucket()).prefix("333333333333:dora/").send().await;
    assert_eq!(code(list), "AccessDenied");
}
