//! Signing in, asked with the AWS SDK and clicked through as a browser would.

#![allow(clippy::unwrap_used)]

mod common;

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use common::signin::{DEVICE, REDIRECT, register, sign_in, start_device, token};
use common::*;
use securecart_sandbox::{Options, Sandbox};
use sha2::{Digest, Sha256};

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn slow() -> Options {
    Options { interval_secs: 5, ..Options::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn device_flow_is_pending_until_approved_and_its_code_works_once() {
    let sandbox = start_with(Options { interval_secs: 0, ..Options::default() });
    let oidc = oidc(&sandbox);
    let client = register(&oidc, &sandbox).await;
    let device = start_device(&oidc, &sandbox, &client).await;
    let poll = || token(&oidc, &client, DEVICE).device_code(device.device_code().unwrap()).send();
    assert_eq!(code(poll().await), "AuthorizationPendingException");
    assert_eq!(sandbox.state().pending_user_codes, [device.user_code().unwrap()]);
    sandbox.approve(device.user_code().unwrap(), ALICE).unwrap();
    let tokens = poll().await.unwrap();
    assert_eq!((tokens.token_type(), tokens.expires_in()), (Some("Bearer"), 3600));
    assert!(tokens.refresh_token().is_some());
    assert_eq!(code(poll().await), "InvalidGrantException");
    assert_eq!((sandbox.state().sign_ins, sandbox.state().approvals), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn polling_faster_than_the_interval_is_told_to_slow_down() {
    let sandbox = start_with(slow());
    let oidc = oidc(&sandbox);
    let client = register(&oidc, &sandbox).await;
    let device = start_device(&oidc, &sandbox, &client).await;
    assert_eq!(device.interval(), 5);
    let poll = || token(&oidc, &client, DEVICE).device_code(device.device_code().unwrap()).send();
    assert_eq!(code(poll().await), "AuthorizationPendingException");
    assert_eq!(code(poll().await), "SlowDownException");
    // The interval is 10 s now: 6 s are not enough, 11 are.
    sandbox.advance(Duration::from_secs(6));
    assert_eq!(code(poll().await), "SlowDownException");
    sandbox.advance(Duration::from_secs(16));
    assert_eq!(code(poll().await), "AuthorizationPendingException");
}

#[tokio::test(flavor = "multi_thread")]
async fn denied_and_expired_device_codes_say_so() {
    let sandbox = start_with(Options { interval_secs: 0, ..Options::default() });
    let oidc = oidc(&sandbox);
    let client = register(&oidc, &sandbox).await;
    let denied = start_device(&oidc, &sandbox, &client).await;
    sandbox.deny(denied.user_code().unwrap()).unwrap();
    let late = start_device(&oidc, &sandbox, &client).await;
    let poll = |it: &str| token(&oidc, &client, DEVICE).device_code(it).send();
    assert_eq!(code(poll(denied.device_code().unwrap()).await), "AccessDeniedException");
    sandbox.advance(Duration::from_secs(601));
    assert_eq!(code(poll(late.device_code().unwrap()).await), "ExpiredTokenException");
    assert!(sandbox.approve(late.user_code().unwrap(), ALICE).is_err());
    assert_eq!(code(poll("unknown").await), "InvalidGrantException");
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_clients_and_start_urls_are_refused() {
    let sandbox = start();
    let oidc = oidc(&sandbox);
    let client = register(&oidc, &sandbox).await;
    let start = |id: &str, secret: &str, url: &str| {
        oidc.start_device_authorization().client_id(id).client_secret(secret).start_url(url).send()
    };
    let (id, secret) = (client.client_id().unwrap(), client.client_secret().unwrap());
    assert_eq!(code(start("nobody", secret, &sandbox.start_url()).await), "InvalidClientException");
    assert_eq!(code(start(id, "wrong", &sandbox.start_url()).await), "InvalidClientException");
    assert_eq!(code(start(id, secret, "https://other.awsapps.com/start").await), "InvalidRequestException");
    sandbox.forget_clients();
    assert_eq!(code(start(id, secret, &sandbox.start_url()).await), "InvalidClientException");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_works_once_and_its_reuse_is_counted() {
    let sandbox = start();
    let (oidc, client, first) = sign_in(&sandbox, ALICE).await;
    let refresh = |it: String| token(&oidc, &client, "refresh_token").refresh_token(it).send();
    let second = refresh(first.refresh_token().unwrap().into()).await.unwrap();
    assert_ne!(first.refresh_token(), second.refresh_token());
    assert_eq!(code(refresh(first.refresh_token().unwrap().into()).await), "InvalidGrantException");
    assert_eq!((sandbox.state().refreshes, sandbox.state().refresh_reuses), (1, 1));
    // The winner's token still works, so a loser of the race can adopt it.
    let third = refresh(second.refresh_token().unwrap().into()).await.unwrap();
    sandbox.revoke_refresh_tokens();
    assert_eq!(code(refresh(third.refresh_token().unwrap().into()).await), "InvalidGrantException");
}

#[tokio::test(flavor = "multi_thread")]
async fn reuse_can_revoke_the_whole_sign_in() {
    let sandbox = start_with(Options { revoke_on_refresh_reuse: true, ..Options::default() });
    let (oidc, client, first) = sign_in(&sandbox, ALICE).await;
    let refresh = |it: String| token(&oidc, &client, "refresh_token").refresh_token(it).send();
    let second = refresh(first.refresh_token().unwrap().into()).await.unwrap();
    assert_eq!(code(refresh(first.refresh_token().unwrap().into()).await), "InvalidGrantException");
    assert_eq!(code(refresh(second.refresh_token().unwrap().into()).await), "InvalidGrantException");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_ends_whatever_is_refreshed() {
    let sandbox = start_with(Options { session_secs: 7200, ..Options::default() });
    let (oidc, client, first) = sign_in(&sandbox, ALICE).await;
    sandbox.advance(Duration::from_secs(7000));
    let refresh = |it: String| token(&oidc, &client, "refresh_token").refresh_token(it).send();
    let second = refresh(first.refresh_token().unwrap().into()).await.unwrap();
    assert!(second.expires_in() <= 200, "no token outlives its session");
    sandbox.advance(Duration::from_secs(300));
    assert_eq!(code(refresh(second.refresh_token().unwrap().into()).await), "InvalidGrantException");
}

fn authorize_url(sandbox: &Sandbox, client_id: &str, redirect: &str, extra: &[(&str, &str)]) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let mut parameters: HashMap<&str, &str> = HashMap::from([
        ("response_type", "code"),
        ("client_id", client_id),
        ("redirect_uri", redirect),
        ("state", "s t&te"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("scopes", "sso:account:access"),
    ]);
    parameters.extend(extra.iter().copied());
    let mut url = url::Url::parse(&format!("{}/authorize", sandbox.url())).unwrap();
    url.query_pairs_mut().extend_pairs(parameters);
    url.into()
}

fn returned(reply: &reqwest::Response) -> HashMap<String, String> {
    assert_eq!(reply.status(), 302);
    let location = reply.headers()["location"].to_str().unwrap();
    url::Url::parse(location).unwrap().query_pairs().into_owned().collect()
}

const CALLBACK: &str = "http://127.0.0.1:49152/oauth/callback";

#[tokio::test(flavor = "multi_thread")]
async fn a_person_clicks_through_pkce() {
    let sandbox = start();
    let oidc = oidc(&sandbox);
    let client = register(&oidc, &sandbox).await;
    let url = authorize_url(&sandbox, client.client_id().unwrap(), CALLBACK, &[]);
    let page = browser().get(&url).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let html = page.text().await.unwrap();
    assert!(html.contains("Allow") && html.contains(ALICE));
    // What the form holds is what its address held.
    let mut form: HashMap<String, String> = url::Url::parse(&url).unwrap().query_pairs().into_owned().collect();
    form.insert("person".into(), ALICE.into());
    form.insert("decision".into(), "allow".into());
    let post = format!("{}/authorize", sandbox.url());
    let reply = browser().post(&post).form(&form).send().await.unwrap();
    let back = returned(&reply);
    assert_eq!(back["state"], "s t&te");
    let exchange = |verifier: &str, redirect: &str, it: &str| {
        token(&oidc, &client, "authorization_code").code(it).code_verifier(verifier).redirect_uri(redirect).send()
    };
    let tokens = exchange(VERIFIER, CALLBACK, &back["code"]).await.unwrap();
    assert!(tokens.refresh_token().is_some());
    // A code that comes twice revokes what it gave.
    assert_eq!(code(exchange(VERIFIER, CALLBACK, &back["code"]).await), "InvalidGrantException");
    let listed = portal(&sandbox).list_accounts().access_token(tokens.access_token().unwrap()).send().await;
    assert_eq!(code(listed), "UnauthorizedException");
    form.insert("decision".into(), "deny".into());
    let reply = browser().post(&post).form(&form).send().await.unwrap();
    assert_eq!(returned(&reply)["error"], "access_denied");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_verifier_or_redirect_uses_the_code_up() {
    let sandbox = start_with(Options { auto_approve: Some(ALICE.into()), ..Options::default() });
    let oidc = oidc(&sandbox);
    let client = register(&oidc, &sandbox).await;
    let wrong = "wrong-wrong-wrong-wrong-wrong-wrong-wrong-wrong";
    for (verifier, redirect) in [(wrong, CALLBACK), (VERIFIER, REDIRECT)] {
        let url = authorize_url(&sandbox, client.client_id().unwrap(), CALLBACK, &[]);
        let back = returned(&browser().get(&url).send().await.unwrap());
        let exchange = |verifier: &str, redirect: &str| {
            token(&oidc, &client, "authorization_code")
                .code(back["code"].clone())
                .code_verifier(verifier)
                .redirect_uri(redirect)
                .send()
        };
        assert_eq!(code(exchange(verifier, redirect).await), "InvalidGrantException");
        assert_eq!(code(exchange(VERIFIER, CALLBACK).await), "InvalidGrantException");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authorization_request_that_cannot_be_trusted_is_not_redirected() {
    let sandbox = start_with(Options { auto_approve: Some(ALICE.into()), ..Options::default() });
    let client = register(&oidc(&sandbox), &sandbox).await;
    let id = client.client_id().unwrap();
    for (id, redirect) in [("nobody", CALLBACK), (id, "http://127.0.0.1:1/other"), (id, "http://evil.example/cb")] {
        let reply = browser().get(authorize_url(&sandbox, id, redirect, &[])).send().await.unwrap();
        assert_eq!(reply.status(), 400);
    }
    for extra in [("code_challenge_method", "plain"), ("code_challenge", "short"), ("response_type", "token")] {
        let reply = browser().get(authorize_url(&sandbox, id, CALLBACK, &[extra])).send().await.unwrap();
        assert!(returned(&reply).contains_key("error"), "{extra:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_enters_a_user_code_and_allows() {
    let sandbox = start_with(Options { interval_secs: 0, ..Options::default() });
    let oidc = oidc(&sandbox);
    let client = register(&oidc, &sandbox).await;
    let device = start_device(&oidc, &sandbox, &client).await;
    let page = browser().get(device.verification_uri().unwrap()).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("user_code"));
    let complete = browser().get(device.verification_uri_complete().unwrap()).send().await.unwrap();
    assert!(complete.text().await.unwrap().contains("Allow"));
    let form = |person: &str| {
        let fields = [("user_code", device.user_code().unwrap()), ("person", person), ("decision", "allow")];
        browser().post(device.verification_uri().unwrap()).form(&fields).send()
    };
    assert_eq!(form("<b>nobody</b>").await.unwrap().status(), 400);
    assert_eq!(form(ALICE).await.unwrap().status(), 200);
    let tokens = token(&oidc, &client, DEVICE).device_code(device.device_code().unwrap()).send().await;
    assert!(tokens.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_down_can_be_asked_for_and_carries_both_names() {
    let sandbox = start();
    let (oidc, client, tokens) = sign_in(&sandbox, ALICE).await;
    let effect = securecart_sandbox::Effect::Status { status: 400, code: "SlowDownException".into() };
    sandbox.fault(
        securecart_sandbox::Fault::new(effect)
            .on(securecart_sandbox::Service::Oidc, "CreateToken")
            .about("refresh_token")
            .times(1),
    );
    let refresh = || token(&oidc, &client, "refresh_token").refresh_token(tokens.refresh_token().unwrap()).send();
    let refused = refresh().await.unwrap_err().into_service_error();
    assert!(refused.is_slow_down_exception());
    assert!(format!("{refused:?}").contains("slow_down"));
    assert!(refresh().await.is_ok(), "a refused request uses nothing up");
}
