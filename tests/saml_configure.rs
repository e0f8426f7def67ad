//! `configure` and SAML providers: which product a URL belongs to, and what that one needs.
#![cfg(unix)]
#![allow(missing_docs, clippy::unwrap_used, clippy::panic)]

mod common;
#[path = "common/saml.rs"]
mod saml;
#[path = "common/terminal.rs"]
mod terminal;

use common::{Ran, Stage};
use saml::Scene;
use securecart_sandbox::{Effect, Fault, Options, Service};

fn configure(stage: &Stage, url: &str, more: &[&str]) -> Ran {
    let fixed = ["configure", "--profile", "new", "--region", "eu-central-1", "--no-aws-config", "--url", url];
    stage.run(&fixed.iter().chain(more).copied().collect::<Vec<_>>())
}

#[test]
fn the_url_alone_tells_the_product() {
    for (url, provider) in [
        ("https://acme.okta.com/home/amazon_aws/0oa1b2c3/272", Some("okta")),
        ("https://login.acme.com/app/amazon_aws/exk4z55o1f/sso/saml", Some("okta")),
        ("https://sts.acme.com/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=urn:amazon:webservices", Some("adfs")),
        ("https://id.acme.com/realms/staff/protocol/saml/clients/aws", Some("keycloak")),
        ("https://sso.acme.com/idp/startSSO.ping", None),
    ] {
        let stage = Stage::with(Options::default());
        let ran = configure(&stage, url, &[]);
        assert_eq!(ran.code, 0, "{url}: {ran}");
        let text = std::fs::read_to_string(stage.path("config.toml")).unwrap();
        assert!(text.contains(&format!("url = {url:?}\n")), "{text}");
        let line = provider.map(|provider| format!("provider = {provider:?}\n"));
        assert_eq!(text.matches("provider = ").count(), usize::from(line.is_some()), "{text}");
        assert!(line.is_none_or(|line| text.contains(&line)), "{text}");
    }
}

#[test]
fn onelogin_needs_its_api_client_and_says_so() {
    let stage = Stage::with(Options::default());
    let url = "https://acme.onelogin.com/trust/saml2/launch/1";
    let missing = configure(&stage, url, &[]);
    assert_eq!(missing.code, 2, "{missing}");
    assert!(missing.stderr.contains("`--client-id` and `--app-id` are missing"), "{missing}");
    let ran = configure(&stage, url, &["--client-id", "3e1f", "--app-id", "123456"]);
    assert_eq!(ran.code, 0, "{ran}");
    let text = std::fs::read_to_string(stage.path("config.toml")).unwrap();
    assert!(text.contains("provider = \"onelogin\"\nclient_id = \"3e1f\"\napp_id = \"123456\"\n"), "{text}");
}

#[test]
fn the_address_of_an_adfs_is_enough_to_sign_in() {
    let stage = Stage::with(Options::default());
    let (url, endpoint) = (format!("{}/adfs", stage.sandbox.url()), stage.sandbox.url());
    let more = ["--endpoint-url", endpoint.as_str(), "--account-id", "333333333333", "--username", "alice@example.com"];
    let ran = configure(&stage, &url, &more);
    assert_eq!(ran.code, 0, "{ran}");
    let signed_in = Scene(stage).login_with("alicepw", &["--profile", "new"]);
    assert_eq!(signed_in.code, 0, "{signed_in}");
}

#[test]
fn logout_ends_the_session_at_the_provider_where_it_has_an_address() {
    for (path, more, operation) in [
        ("/okta/app", "provider = \"okta\"", "idp:GET login/signout"),
        ("/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=urn:amazon:webservices", "", "idp:GET adfs/ls/"),
        (
            "/realms/sandbox/protocol/saml/clients/aws",
            "",
            "idp:POST realms/sandbox/protocol/openid-connect/logout/logout-confirm",
        ),
    ] {
        for args in [&["logout"][..], &["logout", "--all"]] {
            let scene = Scene::at(Stage::with(Options::default()), path, "alice", more);
            assert_eq!(scene.login_with("alicepw", &[]).code, 0);
            let out = scene.run(args);
            assert_eq!((out.code, out.stderr.contains("warning")), (0, false), "{out}");
            assert_eq!(scene.calls(operation), 1, "{:?}", scene.sandbox.state().requests);
        }
    }
    // A provider that can't be reached doesn't keep anybody from forgetting.
    let scene = Scene::at(Stage::with(Options::default()), "/okta/app", "alice", "provider = \"okta\"");
    assert_eq!(scene.login_with("alicepw", &[]).code, 0);
    scene.sandbox.fault(Fault::new(Effect::Drop).on(Service::Idp, "GET login/signout"));
    let out = scene.run(&["logout"]);
    assert_eq!(out.code, 0, "{out}");
    assert!(out.stderr.contains("could not be ended") && out.stderr.contains("Signed out of"), "{out}");
    assert_eq!(scene.run(&["credential-process"]).code, 4);
}

#[test]
fn logout_all_removes_what_a_forgotten_passphrase_sealed_of_a_provider() {
    let scene = Scene::at(Stage::with(Options::default()), "/okta/app", "alice", "provider = \"okta\"");
    assert_eq!(scene.login_with("alicepw", &[]).code, 0);
    let mut forgotten = scene.command(&["logout", "--all"]);
    forgotten.env("SECURECART_PASSPHRASE", "not that one");
    let out = Ran::of(forgotten);
    assert_eq!(out.code, 0, "{out}");
    assert!(common::sealed(&scene).is_empty());
}
