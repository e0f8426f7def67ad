//! What a machine in AWS finds beside it: EC2's instance metadata, version 2 only, and a container's credentials.
//!
//! Owns the tokens of both. The machine's role is one and the same, under the instance's id.
//!
//! Source: *EC2 User Guide*, "Use the Instance Metadata Service"; *AWS SDKs and Tools reference*, "Container credential
//! provider".

use std::sync::Arc;

use http::{Method, StatusCode};
use serde_json::json;

use crate::front::WholeRequest;
use crate::http_reply::{self, Reply};
use crate::org::{CI_POLICY, PRODUCTION, Role, RoleSpec};
use crate::principal::Principal;
use crate::world::World;

const ROLE: &str = "Machine";
const INSTANCE: &str = "i-0a1b2c3d4e5f67890";
/// What the container's environment holds.
const CONTAINER_TOKEN: &str = "sandbox-container-token";
const CONTAINER_PATH: &str = "/v2/credentials/sandbox";
/// Good for every session with the metadata: it shows that it was asked for by PUT.
const METADATA_TOKEN: &str = "sandbox-metadata-token==";

fn role() -> Arc<Role> {
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},
        "Action":"sts:AssumeRole"}]}"#;
    let (account, name) = (PRODUCTION.to_owned(), ROLE.to_owned());
    let spec = RoleSpec { account, name, trust: trust.into(), policy: CI_POLICY.into(), max_session_secs: 43_200 };
    Arc::new(Role::parse(spec).expect("the sandbox's own policies are well-formed"))
}

/// `aws:userid` of the machine.
pub(crate) fn machine_user_id() -> String {
    Principal::in_role(&role(), INSTANCE).user_id
}

/// Answers one request.
pub(crate) fn answer(world: &World, request: &WholeRequest) -> Reply {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let path = request.uri().path();
    let get = *request.method() == Method::GET;
    if path.starts_with("/v2/credentials/") {
        return match path {
            CONTAINER_PATH if get && header("authorization") == Some(CONTAINER_TOKEN) => credentials(world, false),
            CONTAINER_PATH => refuse(StatusCode::UNAUTHORIZED),
            _ => refuse(StatusCode::NOT_FOUND),
        };
    }
    // Behind a proxy nobody is the instance.
    if header("x-forwarded-for").is_some() {
        return refuse(StatusCode::FORBIDDEN);
    }
    if path == "/latest/api/token" {
        let life = header("x-aws-ec2-metadata-token-ttl-seconds").and_then(|life| life.parse::<u32>().ok());
        return match life {
            Some(life @ 1..=21_600) if *request.method() == Method::PUT => {
                let mut reply = http_reply::with_body(StatusCode::OK, "text/plain", METADATA_TOKEN.as_bytes().to_vec());
                reply.headers_mut().insert("x-aws-ec2-metadata-token-ttl-seconds", life.into());
                reply
            }
            _ => refuse(StatusCode::BAD_REQUEST),
        };
    }
    if header("x-aws-ec2-metadata-token") != Some(METADATA_TOKEN) {
        return refuse(StatusCode::UNAUTHORIZED);
    }
    match path.strip_prefix("/latest/meta-data/iam/security-credentials/") {
        Some("") if get => http_reply::with_body(StatusCode::OK, "text/plain", ROLE.as_bytes().to_vec()),
        Some(ROLE) if get => credentials(world, true),
        _ => refuse(StatusCode::NOT_FOUND),
    }
}

fn credentials(world: &World, of_instance: bool) -> Reply {
    let keys = world.keys().issue(Principal::in_role(&role(), INSTANCE), world.clock.now(), 21_600);
    let mut answer = json!({
        "AccessKeyId": keys.access_key_id,
        "SecretAccessKey": keys.secret_access_key,
        "Token": keys.session_token,
        "Expiration": keys.expiration.map(|it| it.to_string()),
    });
    if of_instance {
        answer["Code"] = "Success".into();
        answer["Type"] = "AWS-HMAC".into();
        answer["LastUpdated"] = world.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string().into();
    }
    http_reply::json(StatusCode::OK, &answer)
}

fn refuse(status: StatusCode) -> Reply {
    http_reply::page(status, "Refused", "<p>The request was refused.</p>")
}
