//! Who may become whom, asked with the AWS SDK.

#![allow(clippy::unwrap_used)]

mod common;

use common::*;

#[tokio::test(flavor = "multi_thread")]
async fn role_credentials_name_their_person() {
    let sandbox = start();
    let keys = sandbox.role_credentials(ALICE, PRODUCTION, "DocsUser").unwrap();
    let identity = sts(&sandbox, &keys).get_caller_identity().send().await.unwrap();
    assert_eq!(identity.user_id().unwrap(), sandbox.user_id(ALICE, PRODUCTION, "DocsUser"));
    assert_eq!(identity.account(), Some(PRODUCTION));
    assert!(identity.arn().unwrap().starts_with("arn:aws:sts::333333333333:assumed-role/AWSReservedSSO_DocsUser_"));
}

const ROLE: &str = "arn:aws:iam::333333333333:role/Docs";

fn folder_role(trust: &str) -> securecart_sandbox::RoleSpec {
    securecart_sandbox::RoleSpec {
        account: PRODUCTION.into(),
        name: "Docs".into(),
        trust: format!(r#"{{"Version":"2012-10-17","Statement":[{trust}]}}"#),
        policy: include_str!("../policies/folder.json").into(),
        max_session_secs: 7200,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_assumed_only_as_its_trust_says() {
    let sandbox = start();
    sandbox
        .add_role(folder_role(
            r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::333333333333:root"},"Action":"sts:AssumeRole",
                "Condition":{"StringEquals":{"sts:ExternalId":"e1"},"StringLike":{"sts:RoleSessionName":"${aws:username}-*"}}}"#,
        ))
        .unwrap();
    let ci = sts(&sandbox, &sandbox.user_keys("ci").unwrap());
    let assume = |name: &str, external: Option<&str>, secs: i32| {
        ci.assume_role()
            .role_arn(ROLE)
            .role_session_name(name)
            .set_external_id(external.map(Into::into))
            .duration_seconds(secs)
            .send()
    };
    let assumed = assume("ci-1", Some("e1"), 7200).await.unwrap();
    assert!(assumed.assumed_role_user().unwrap().assumed_role_id().ends_with(":ci-1"));
    assert_eq!(code(assume("ci-1", None, 900).await), "AccessDenied");
    assert_eq!(code(assume("ci-1", Some("other"), 900).await), "AccessDenied");
    assert_eq!(code(assume("alice", Some("e1"), 900).await), "AccessDenied");
    assert_eq!(code(assume("ci-1", Some("e1"), 7201).await), "ValidationError");
    assert_eq!(code(assume("ci-1", Some("e1"), 899).await), "ValidationError");
    assert_eq!(code(assume("ci 1", Some("e1"), 900).await), "ValidationError");
    // The account is trusted, but the broker's own policy says nothing of sts:AssumeRole.
    let broker = sts(&sandbox, &sandbox.user_keys("broker").unwrap());
    let refused = broker.assume_role().role_arn(ROLE).role_session_name("broker-1").external_id("e1").send().await;
    assert_eq!(code(refused), "AccessDenied");
    let missing = ci.assume_role().role_arn("arn:aws:iam::333333333333:role/None").role_session_name("ci-1").send();
    assert_eq!(code(missing.await), "AccessDenied");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chained_session_lasts_an_hour_at_most() {
    let sandbox = start();
    sandbox
        .add_role(folder_role(r#"{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole"}"#))
        .unwrap();
    let admin = sts(&sandbox, &sandbox.role_credentials(ALICE, "111111111111", "Admin").unwrap());
    let assume =
        |secs: i32| admin.assume_role().role_arn(ROLE).role_session_name("alice").duration_seconds(secs).send();
    assert!(assume(3600).await.is_ok());
    assert_eq!(code(assume(3601).await), "ValidationError");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_federated_user_has_the_intersection_and_a_folder_by_name() {
    let sandbox = start();
    let broker = sts(&sandbox, &sandbox.user_keys("broker").unwrap());
    let policy = include_str!("../policies/folder.json");
    let dora = broker.get_federation_token().name("dora").policy(policy).send().await.unwrap();
    let given = dora.credentials().unwrap();
    let keys = securecart_sandbox::Keys {
        access_key_id: given.access_key_id().into(),
        secret_access_key: given.secret_access_key().into(),
        session_token: Some(given.session_token().into()),
        expiration: None,
    };
    let s3 = s3(&sandbox, &keys);
    let put = |key: &str| s3.put_object().bucket(sandbox.bucket()).key(key).body(b"x".to_vec().into()).send();
    assert!(put("333333333333:dora/f").await.is_ok());
    assert_eq!(code(put("333333333333:other/f").await), "AccessDenied");
    assert_eq!(code(sts(&sandbox, &keys).get_session_token().send().await), "AccessDenied");
    let malformed = broker.get_federation_token().name("dora").policy("{").send().await;
    assert_eq!(code(malformed), "MalformedPolicyDocument");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_are_forged_or_past_their_end_are_refused_by_name() {
    let sandbox = start();
    let good = sandbox.role_credentials(ALICE, PRODUCTION, "DocsUser").unwrap();
    let ask = |keys: &securecart_sandbox::Keys| sts(&sandbox, keys).get_caller_identity().send();
    let mut forged = good.clone();
    forged.secret_access_key.push('x');
    assert_eq!(code(ask(&forged).await), "SignatureDoesNotMatch");
    forged = securecart_sandbox::Keys { session_token: Some("x".into()), ..good.clone() };
    assert_eq!(code(ask(&forged).await), "InvalidClientTokenId");
    forged = securecart_sandbox::Keys { session_token: None, ..good.clone() };
    assert_eq!(code(ask(&forged).await), "InvalidClientTokenId");
    sandbox.set_skew(16 * 60);
    assert_eq!(code(ask(&good).await), "SignatureDoesNotMatch");
    sandbox.set_skew(0);
    assert!(ask(&good).await.is_ok());
    sandbox.expire_role_credentials();
    assert_eq!(code(ask(&good).await), "ExpiredToken");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_token_at_all_is_refused() {
    let sandbox = start();
    let sts = sts(&sandbox, &sandbox.user_keys("ci").unwrap());
    let web = sts
        .assume_role_with_web_identity()
        .role_arn(ROLE)
        .role_session_name("someone")
        .web_identity_token("a.b.c")
        .send()
        .await;
    assert_eq!(code(web), "InvalidIdentityToken");
}

#[tokio::test(flavor = "multi_thread")]
async fn trust_in_the_caller_itself_suffices_within_an_account_and_not_across() {
    let sandbox = start();
    let docs = |account: &str| sandbox.role_credentials(ALICE, account, "DocsUser").unwrap();
    for (account, wanted) in [(PRODUCTION, Ok(())), ("222222222222", Err("AccessDenied".to_owned()))] {
        let arn = sandbox.role_arn(account, "DocsUser");
        sandbox
            .add_role(folder_role(&format!(
                r#"{{"Effect":"Allow","Principal":{{"AWS":"{arn}"}},"Action":"sts:AssumeRole"}}"#
            )))
            .unwrap();
        // DocsUser's own policy says nothing of sts:AssumeRole.
        let assume = sts(&sandbox, &docs(account)).assume_role().role_arn(ROLE).role_session_name("alice").send();
        let outcome = assume.await;
        assert_eq!(if outcome.is_ok() { Ok(()) } else { Err(code(outcome)) }, wanted);
    }
}
