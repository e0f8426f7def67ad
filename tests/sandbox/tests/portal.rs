//! Accounts, roles and credentials, asked with the AWS SDK.

#![allow(clippy::unwrap_used)]

mod common;

use std::time::Duration;

use common::signin::sign_in;
use common::*;
use securecart_sandbox::Options;

#[tokio::test(flavor = "multi_thread")]
async fn a_person_sees_only_what_is_assigned() {
    let sandbox = start();
    let (_, _, tokens) = sign_in(&sandbox, BOB).await;
    let token = tokens.access_token().unwrap();
    let portal = portal(&sandbox);
    let accounts = portal.list_accounts().access_token(token).send().await.unwrap();
    let ids: Vec<_> = accounts.account_list().iter().map(|it| it.account_id().unwrap()).collect();
    assert_eq!(ids, [PRODUCTION]);
    let roles = portal.list_account_roles().access_token(token).account_id(PRODUCTION).send().await.unwrap();
    assert_eq!(roles.role_list()[0].role_name(), Some("DocsUser"));
    let get = |account: &str, role: &str| {
        portal.get_role_credentials().access_token(token).account_id(account).role_name(role).send()
    };
    assert_eq!(code(get(PRODUCTION, "Admin").await), "ForbiddenException");
    assert_eq!(code(get("111111111111", "DocsUser").await), "ForbiddenException");
    let unknown = portal.list_account_roles().access_token(token).account_id("999999999999").send().await;
    assert_eq!(code(unknown), "ResourceNotFoundException");
    let keys = get(PRODUCTION, "DocsUser").await.unwrap();
    let expiration = keys.role_credentials().unwrap().expiration();
    assert!(expiration > 1_000_000_000_000, "milliseconds, not seconds: {expiration}");
    assert_eq!(sandbox.state().role_credentials, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn hundreds_of_accounts_come_in_pages() {
    let sandbox = start_with(Options { extra_accounts: 250, ..Options::default() });
    let (_, _, tokens) = sign_in(&sandbox, ALICE).await;
    let portal = portal(&sandbox);
    let mut pages =
        portal.list_accounts().access_token(tokens.access_token().unwrap()).max_results(100).into_paginator().send();
    let mut sizes = Vec::new();
    while let Some(page) = pages.next().await {
        sizes.push(page.unwrap().account_list().len());
    }
    assert_eq!(sizes, [100, 100, 53]);
    for (size, next) in [(0, None), (101, None), (10, Some("forged"))] {
        let refused = portal
            .list_accounts()
            .access_token(tokens.access_token().unwrap())
            .max_results(size)
            .set_next_token(next.map(Into::into))
            .send()
            .await;
        assert_eq!(code(refused), "InvalidRequestException");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_wrong_old_revoked_or_signed_out_is_refused() {
    let sandbox = start();
    let portal = portal(&sandbox);
    let list = |token: &str| portal.list_accounts().access_token(token).send();
    assert_eq!(code(list("forged").await), "UnauthorizedException");
    let (_, _, tokens) = sign_in(&sandbox, ALICE).await;
    assert!(list(tokens.access_token().unwrap()).await.is_ok());
    sandbox.advance(Duration::from_secs(3600));
    assert_eq!(code(list(tokens.access_token().unwrap()).await), "UnauthorizedException");
    let (_, _, tokens) = sign_in(&sandbox, ALICE).await;
    sandbox.revoke_access_tokens();
    assert_eq!(code(list(tokens.access_token().unwrap()).await), "UnauthorizedException");
    let (oidc, client, tokens) = sign_in(&sandbox, ALICE).await;
    portal.logout().access_token(tokens.access_token().unwrap()).send().await.unwrap();
    assert_eq!(code(list(tokens.access_token().unwrap()).await), "UnauthorizedException");
    let refreshed = common::signin::token(&oidc, &client, "refresh_token")
        .refresh_token(tokens.refresh_token().unwrap())
        .send()
        .await;
    assert_eq!(code(refreshed), "InvalidGrantException");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_requests_a_second_are_refused() {
    let sandbox = start_with(Options { portal_requests_per_second: Some(2), ..Options::default() });
    let (_, _, tokens) = sign_in(&sandbox, ALICE).await;
    let portal = portal(&sandbox);
    let mut refused = 0;
    for _ in 0..8 {
        let listed = portal.list_accounts().access_token(tokens.access_token().unwrap()).send().await;
        refused += usize::from(listed.is_err_and(|it| it.into_service_error().is_too_many_requests_exception()));
    }
    assert!(refused >= 2, "{refused} of 8 in at most two seconds");
}
