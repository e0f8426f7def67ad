//! Signing in, step by step.

#![allow(dead_code, unreachable_pub)]
#![allow(clippy::unwrap_used)]

use aws_sdk_ssooidc::Client;
use aws_sdk_ssooidc::operation::create_token::CreateTokenOutput;
use aws_sdk_ssooidc::operation::register_client::RegisterClientOutput;
use aws_sdk_ssooidc::operation::start_device_authorization::StartDeviceAuthorizationOutput;
use securecart_sandbox::Sandbox;

pub const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
pub const REDIRECT: &str = "http://127.0.0.1/oauth/callback";

pub async fn register(oidc: &Client, sandbox: &Sandbox) -> RegisterClientOutput {
    oidc.register_client()
        .client_name("test")
        .client_type("public")
        .scopes("sso:account:access")
        .grant_types(DEVICE)
        .grant_types("authorization_code")
        .grant_types("refresh_token")
        .redirect_uris(REDIRECT)
        .issuer_url(sandbox.start_url())
        .send()
        .await
        .unwrap()
}

pub async fn start_device(
    oidc: &Client,
    sandbox: &Sandbox,
    client: &RegisterClientOutput,
) -> StartDeviceAuthorizationOutput {
    oidc.start_device_authorization()
        .client_id(client.client_id().unwrap())
        .client_secret(client.client_secret().unwrap())
        .start_url(sandbox.start_url())
        .send()
        .await
        .unwrap()
}

/// A `CreateToken` request with the client filled in.
pub fn token(
    oidc: &Client,
    client: &RegisterClientOutput,
    grant: &str,
) -> aws_sdk_ssooidc::operation::create_token::builders::CreateTokenFluentBuilder {
    oidc.create_token()
        .client_id(client.client_id().unwrap())
        .client_secret(client.client_secret().unwrap())
        .grant_type(grant)
}

/// The whole device flow, approved past the pages.
pub async fn sign_in(sandbox: &Sandbox, person: &str) -> (Client, RegisterClientOutput, CreateTokenOutput) {
    let oidc = super::oidc(sandbox);
    let client = register(&oidc, sandbox).await;
    let device = start_device(&oidc, sandbox, &client).await;
    sandbox.approve(device.user_code().unwrap(), person).unwrap();
    let tokens = token(&oidc, &client, DEVICE).device_code(device.device_code().unwrap()).send().await.unwrap();
    (oidc, client, tokens)
}
