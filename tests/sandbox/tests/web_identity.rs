//! Which ID tokens STS takes, asked with the AWS SDK.

#![allow(clippy::unwrap_used)]

mod common;

use std::time::Duration;

use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityOutput;
use common::*;
use securecart_sandbox::{Algorithm, IdTokenSpec, OidcProviderSpec, RoleSpec, Sandbox};

const CI_ROLE: &str = "arn:aws:iam::333333333333:role/CiDocs";
const SUBJECT: &str = "repo:example/docs:ref:refs/heads/main";

fn spec() -> IdTokenSpec {
    IdTokenSpec::new("actions", SUBJECT, securecart_sandbox::CI_AUDIENCE)
}

async fn assume(
    sandbox: &Sandbox,
    role: &str,
    name: &str,
    token: &str,
    secs: Option<i32>,
) -> Result<AssumeRoleWithWebIdentityOutput, String> {
    let config = aws_sdk_sts::Config::builder()
        .behavior_version(aws_sdk_sts::config::BehaviorVersion::latest())
        .region(aws_sdk_sts::config::Region::new(sandbox.region().to_owned()))
        .endpoint_url(sandbox.url())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .retry_config(aws_sdk_sts::config::retry::RetryConfig::disabled());
    let client = aws_sdk_sts::Client::from_conf(config.build());
    let asked = client
        .assume_role_with_web_identity()
        .role_arn(role)
        .role_session_name(name)
        .web_identity_token(token)
        .set_duration_seconds(secs)
        .send()
        .await;
    match asked {
        Ok(reply) => Ok(reply),
        failed => Err(code(failed)),
    }
}

async fn refused(sandbox: &Sandbox, token: &str) -> String {
    assume(sandbox, CI_ROLE, "job", token, None).await.map(drop).unwrap_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_either_algorithm_gives_a_session_of_its_own_folder() {
    let sandbox = start();
    for algorithm in [Algorithm::Rs256, Algorithm::Es256] {
        let token = sandbox.id_token(&IdTokenSpec { algorithm, ..spec() });
        let reply = assume(&sandbox, CI_ROLE, "job-1", &token, None).await.unwrap();
        assert_eq!(reply.subject_from_web_identity_token(), Some(SUBJECT));
        assert_eq!(reply.audience(), Some("sts.amazonaws.com"));
        let user_id = reply.assumed_role_user().unwrap().assumed_role_id().to_owned();
        assert!(user_id.ends_with(":job-1"), "{user_id}");
        let credentials = reply.credentials().unwrap();
        let keys = securecart_sandbox::Keys {
            access_key_id: credentials.access_key_id().into(),
            secret_access_key: credentials.secret_access_key().into(),
            session_token: Some(credentials.session_token().into()),
            expiration: None,
        };
        assert_eq!(sts(&sandbox, &keys).get_caller_identity().send().await.unwrap().user_id(), Some(user_id.as_str()));
        let put = |key: String| s3(&sandbox, &keys).put_object().bucket(sandbox.bucket()).key(key).send();
        put(format!("{user_id}/a")).await.unwrap();
        assert_eq!(code(put("somebody/a".into()).await), "AccessDenied");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_its_issuers_or_not_for_aws_is_refused() {
    let sandbox = start();
    let good = sandbox.id_token(&spec());
    assert!(assume(&sandbox, CI_ROLE, "job", &good, None).await.is_ok());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let mut parts: Vec<&str> = good.split('.').collect();
    let other = sandbox.id_token(&IdTokenSpec { subject: "repo:example/docs:x".into(), ..spec() });
    parts[1] = other.split('.').nth(1).unwrap();
    let ec = sandbox.id_token(&IdTokenSpec { algorithm: Algorithm::Es256, ..spec() });
    for (what, token) in [
        ("no signature", format!("{signed}.")),
        ("another's claims", parts.join(".")),
        ("another key's signature", format!("{signed}.{}", ec.rsplit_once('.').unwrap().1)),
        ("half a signature", format!("{signed}.{}", &signature[..signature.len() / 2])),
        ("an opaque token", "opaque-access-token".to_owned()),
        (
            "another audience",
            sandbox.id_token(&IdTokenSpec { audience: "https://github.com/example".into(), ..spec() }),
        ),
        (
            "an issuer nobody knows",
            sandbox.id_token(&IdTokenSpec { issuer: "https://evil.example/x".into(), ..spec() }),
        ),
        ("no subject", sandbox.id_token(&IdTokenSpec { subject: String::new(), ..spec() })),
    ] {
        assert_eq!(refused(&sandbox, &token).await, "InvalidIdentityToken", "{what}");
    }
    // A provider is known in the account that registered it, and nowhere else.
    let elsewhere = "arn:aws:iam::111111111111:role/CiDocs";
    let asked = assume(&sandbox, elsewhere, "job", &good, None).await.map(drop);
    assert_eq!(asked, Err("InvalidIdentityToken".to_owned()));
    // One whose keys can't be had.
    sandbox.add_oidc_provider(OidcProviderSpec {
        account: PRODUCTION.into(),
        issuer: "https://evil.example/x".into(),
        client_ids: vec![securecart_sandbox::CI_AUDIENCE.into()],
    });
    let token = sandbox.id_token(&IdTokenSpec { issuer: "https://evil.example/x".into(), ..spec() });
    assert_eq!(refused(&sandbox, &token).await, "InvalidIdentityToken");
}

#[tokio::test(flavor = "multi_thread")]
async fn time_and_duration_are_held_to() {
    let sandbox = start();
    let token = sandbox.id_token(&spec());
    assert_eq!(
        refused(&sandbox, &sandbox.id_token(&IdTokenSpec { lifetime_secs: -1, ..spec() })).await,
        "ExpiredTokenException"
    );
    let mut early = spec();
    early.claims.insert("nbf".into(), (jiff::Timestamp::now().as_second() + 3600).into());
    assert_eq!(refused(&sandbox, &sandbox.id_token(&early)).await, "InvalidIdentityToken");
    for (secs, outcome) in [(900, None), (7200, None), (7201, Some("ValidationError")), (899, Some("ValidationError"))]
    {
        let asked = assume(&sandbox, CI_ROLE, "job", &token, Some(secs)).await;
        assert_eq!(asked.err().as_deref(), outcome, "{secs}");
    }
    for name in ["j", "a b", "repo:example/docs", &"x".repeat(65)] {
        let asked = assume(&sandbox, CI_ROLE, name, &token, None).await;
        assert_eq!(asked.err().as_deref(), Some("ValidationError"), "{name}");
    }
    sandbox.advance(Duration::from_secs(301));
    assert_eq!(refused(&sandbox, &token).await, "ExpiredTokenException");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roles_trust_decides_by_subject_audience_and_session_name() {
    let sandbox = start();
    let role = |condition: &str, action: &str| {
        RoleSpec {
        account: PRODUCTION.into(),
        name: "Strict".into(),
        trust: format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{action},
               "Principal":{{"Federated":"arn:aws:iam::333333333333:oidc-provider/ISSUER"}},"Condition":{condition}}}]}}"#
        )
        .replace("ISSUER", sandbox.ci_issuer().trim_start_matches("http://")),
        policy: include_str!("../policies/folder.json").into(),
        max_session_secs: 3600,
    }
    };
    let token = sandbox.id_token(&spec());
    let strict = "arn:aws:iam::333333333333:role/Strict";
    let web = "\"sts:AssumeRoleWithWebIdentity\"";
    for (condition, action, name, outcome) in [
        (r#"{"StringEquals":{"ISSUER:sub":"repo:example/docs:ref:refs/heads/main"}}"#, web, "job", None),
        (r#"{"StringEquals":{"ISSUER:sub":"repo:example/docs:*"}}"#, web, "job", Some("AccessDenied")),
        (r#"{"StringLike":{"ISSUER:sub":"repo:example/docs:*"}}"#, web, "job", None),
        (r#"{"StringLike":{"ISSUER:sub":"repo:other/*"}}"#, web, "job", Some("AccessDenied")),
        (r#"{"StringEquals":{"ISSUER:aud":"somebody-else"}}"#, web, "job", Some("AccessDenied")),
        (r#"{"StringLike":{"sts:RoleSessionName":"job-*"}}"#, web, "job-7", None),
        (r#"{"StringLike":{"sts:RoleSessionName":"job-*"}}"#, web, "alice@example.com", Some("AccessDenied")),
        ("{}", "\"sts:AssumeRole\"", "job", Some("AccessDenied")),
    ] {
        sandbox.add_role(role(condition, action)).unwrap();
        let asked = assume(&sandbox, strict, name, &token, None).await;
        assert_eq!(asked.err().as_deref(), outcome, "{condition} {name}");
    }
    // Tags in the token must be allowed.
    let mut tagged = spec();
    let tags = serde_json::json!({ "principal_tags": { "team": ["docs"] } });
    tagged.claims.insert("https://aws.amazon.com/tags".into(), tags);
    let tagged = sandbox.id_token(&tagged);
    sandbox.add_role(role("{}", web)).unwrap();
    assert_eq!(assume(&sandbox, strict, "job", &tagged, None).await.err().as_deref(), Some("AccessDenied"));
    sandbox.add_role(role("{}", "[\"sts:AssumeRoleWithWebIdentity\",\"sts:TagSession\"]")).unwrap();
    assert!(assume(&sandbox, strict, "job", &tagged, None).await.is_ok());
    let none = assume(&sandbox, "arn:aws:iam::333333333333:role/None", "job", &token, None).await;
    assert_eq!(none.err().as_deref(), Some("AccessDenied"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_asks_with_its_own_bearer_token() {
    let sandbox = start();
    let job = sandbox.start_job(SUBJECT);
    let other = sandbox.start_job("repo:other/x:ref:refs/heads/main");
    let ask = |url: String, token: &str| browser().get(url).bearer_auth(token).send();
    let with_audience = format!("{}&audience=sts.amazonaws.com", job.request_url);
    let reply = ask(with_audience.clone(), &job.request_token).await.unwrap();
    let token = reply.json::<serde_json::Value>().await.unwrap()["value"].as_str().unwrap().to_owned();
    assert!(assume(&sandbox, CI_ROLE, "job", &token, None).await.is_ok());
    assert_eq!(ask(with_audience.clone(), &other.request_token).await.unwrap().status(), 401);
    assert_eq!(browser().get(&with_audience).send().await.unwrap().status(), 401);
    // Without an audience it is GitHub's own, which STS doesn't take.
    let reply = ask(job.request_url.clone(), &job.request_token).await.unwrap();
    let token = reply.json::<serde_json::Value>().await.unwrap()["value"].as_str().unwrap().to_owned();
    assert_eq!(refused(&sandbox, &token).await, "InvalidIdentityToken");
}
