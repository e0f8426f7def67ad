//! What the URL that a person pastes is of. Pure.

use std::str::FromStr;

use crate::config::names::{InvalidName, SafeUrl, StartUrl};

/// Places to sign in at, told apart by what portals and OpenID Connect configurations look like.
pub(super) enum SignInUrl {
    Portal(StartUrl),
    Application(SafeUrl),
    Issuer(SafeUrl),
}

/// An issuer, or the address of its configuration.
pub(super) struct IssuerUrl(pub(super) SafeUrl);

impl FromStr for IssuerUrl {
    type Err = InvalidName;
    fn from_str(typed: &str) -> std::result::Result<Self, InvalidName> {
        typed.trim().strip_suffix(CONFIGURATION).unwrap_or(typed).parse().map(Self)
    }
}

/// Where a provider tells of itself. OpenID Connect Discovery, section 4.
const CONFIGURATION: &str = "/.well-known/openid-configuration";

impl FromStr for SignInUrl {
    type Err = InvalidName;
    fn from_str(typed: &str) -> std::result::Result<Self, InvalidName> {
        let url: SafeUrl = typed.parse()?;
        if url.as_str().ends_with(CONFIGURATION) {
            return typed.parse().map(|IssuerUrl(url)| Self::Issuer(url));
        }
        let host = url.as_url().host_str().unwrap_or_default();
        let ends = [".awsapps.com", ".awsapps.cn", ".app.aws", "signin.aws.amazon.com", "console.aws.amazon.com"];
        let path = url.as_url().path().trim_end_matches('/');
        if ends.iter().any(|end| host.ends_with(end)) || path.ends_with("/start") {
            return typed.parse().map(Self::Portal);
        }
        Ok(Self::Application(url))
    }
}
