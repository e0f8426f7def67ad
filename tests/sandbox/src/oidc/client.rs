//! `RegisterClient`: public clients, as a CLI is one.
//!
//! Owns what a registration may contain, and how a redirect URI is matched later.

use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::{Value, json};
use url::{Host, Url};

use super::Refusal;
use super::registry::Client;
use crate::random;
use crate::world::World;

/// The grants this service has.
pub(super) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
pub(super) const AUTHORIZATION_CODE: &str = "authorization_code";
pub(super) const REFRESH_TOKEN: &str = "refresh_token";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Registration {
    client_name: Option<String>,
    client_type: Option<String>,
    #[serde(default)]
    scopes: Option<Vec<String>>,
    #[serde(default)]
    grant_types: Option<Vec<String>>,
    #[serde(default)]
    redirect_uris: Option<Vec<String>>,
    #[serde(default)]
    issuer_url: Option<String>,
}

pub(super) fn register(world: &World, asked: Registration) -> Result<Value, Refusal> {
    if asked.client_name.is_none_or(|name| name.trim().is_empty()) {
        return Err(Refusal::new("InvalidRequestException", "clientName is required"));
    }
    if asked.client_type.as_deref() != Some("public") {
        return Err(Refusal::new("InvalidClientMetadataException", "clientType must be public"));
    }
    let scopes = asked.scopes.unwrap_or_default();
    if let Some(unknown) = scopes.iter().find(|scope| !scope.starts_with("sso:") && *scope != "openid") {
        return Err(Refusal::new("InvalidScopeException", format!("Unknown scope {unknown}")));
    }
    // Without grantTypes a client is registered as before there were any: for devices.
    let grant_types = asked.grant_types.unwrap_or_else(|| vec![DEVICE_CODE.into(), REFRESH_TOKEN.into()]);
    if let Some(unknown) =
        grant_types.iter().find(|it| ![DEVICE_CODE, AUTHORIZATION_CODE, REFRESH_TOKEN].contains(&it.as_str()))
    {
        return Err(Refusal::new("UnsupportedGrantTypeException", format!("Unknown grant type {unknown}")));
    }
    let redirect_uris = asked.redirect_uris.unwrap_or_default();
    if let Some(bad) = redirect_uris.iter().find(|it| !may_be_registered(it)) {
        return Err(Refusal::new("InvalidRedirectUriException", format!("Invalid redirect URI {bad}")));
    }
    if grant_types.iter().any(|it| it == AUTHORIZATION_CODE) {
        if redirect_uris.is_empty() {
            return Err(Refusal::new("InvalidRequestException", "redirectUris are required for authorization_code"));
        }
        if !asked.issuer_url.as_deref().is_some_and(|url| is_start_url(world, url)) {
            return Err(Refusal::new("InvalidRequestException", "issuerUrl is not this organisation's"));
        }
    }
    let now = world.clock.now();
    let expires = now + SignedDuration::from_secs(world.options.client_secs.into());
    let secret = random::token("");
    let client = Client { secret: secret.clone(), expires, scopes, grant_types, redirect_uris };
    let id = world.registry().add_client(client);
    Ok(json!({
        "clientId": id,
        "clientSecret": secret,
        "clientIdIssuedAt": now.as_second(),
        "clientSecretExpiresAt": expires.as_second(),
    }))
}

/// Finds the client whose id and secret these are.
pub(super) fn authenticate(world: &World, id: &str, secret: &str) -> Result<Client, Refusal> {
    world
        .registry()
        .client(id, world.clock.now())
        .filter(|client| client.secret == secret)
        .cloned()
        .ok_or_else(|| Refusal::new("InvalidClientException", "Invalid client"))
}

/// Whether this is the organisation's start URL; browsers leave a slash or `#/` behind it.
pub(super) fn is_start_url(world: &World, url: &str) -> bool {
    let bare = url.strip_suffix("/#/").or_else(|| url.strip_suffix("/#")).or_else(|| url.strip_suffix('/'));
    bare.unwrap_or(url) == world.start_url()
}

fn may_be_registered(uri: &str) -> bool {
    Url::parse(uri)
        .is_ok_and(|url| url.fragment().is_none() && (is_loopback(&url) || (url.scheme() == "https" && url.has_host())))
}

/// RFC 8252, section 7.3: plain http to the loopback address itself; `localhost` is not
/// recommended there and not taken here.
fn is_loopback(url: &Url) -> bool {
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            _ => false,
        }
}

/// Whether a redirect URI is one of the registered: exactly, but for the port of a loopback
/// address (RFC 8252, section 7.3).
pub(super) fn may_redirect_to(client: &Client, uri: &str) -> bool {
    let Ok(asked) = Url::parse(uri) else {
        return false;
    };
    client.redirect_uris.iter().any(|registered| {
        let Ok(registered) = Url::parse(registered) else {
            return false;
        };
        if !is_loopback(&registered) {
            return registered == asked && asked.fragment().is_none();
        }
        asked.scheme() == registered.scheme()
            && asked.host() == registered.host()
            && asked.path() == registered.path()
            && asked.query() == registered.query()
            && asked.fragment().is_none()
            && asked.username().is_empty()
            && asked.password().is_none()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(uri: &str) -> Client {
        Client {
            secret: String::new(),
            expires: jiff::Timestamp::MAX,
            scopes: Vec::new(),
            grant_types: Vec::new(),
            redirect_uris: vec![uri.into()],
        }
    }

    #[test]
    fn a_loopback_redirect_may_use_any_port_but_only_its_path() {
        let client = client("http://127.0.0.1/oauth/callback");
        assert!(may_redirect_to(&client, "http://127.0.0.1:49152/oauth/callback"));
        assert!(may_redirect_to(&client, "http://127.0.0.1/oauth/callback"));
        for bad in [
            "http://127.0.0.1:49152/oauth/callback/",
            "http://127.0.0.1:49152/oauth",
            "http://localhost:49152/oauth/callback",
            "http://127.0.0.2:49152/oauth/callback",
            "https://127.0.0.1:49152/oauth/callback",
            "http://127.0.0.1:49152/oauth/callback?x=1",
            "http://a@127.0.0.1:49152/oauth/callback",
            "http://example.com/oauth/callback",
        ] {
            assert!(!may_redirect_to(&client, bad), "{bad}");
        }
    }

    #[test]
    fn only_https_and_loopback_can_be_registered() {
        assert!(may_be_registered("http://127.0.0.1/cb") && may_be_registered("https://example.com/cb"));
        assert!(!may_be_registered("http://localhost/cb") && !may_be_registered("http://example.com/cb"));
        assert!(!may_be_registered("https://example.com/cb#x") && !may_be_registered("cb"));
    }
}
