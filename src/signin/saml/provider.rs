//! A product's own way of signing in, and which of them a sign-in tries.
//!
//! Each product is a file or folder of its own and knows no other. What none of them recognises is the form engine's.

use std::pin::Pin;

use url::Url;

use super::adfs::{self, Adfs};
use super::assertion::SamlResponse;
use super::dialogue::Dialogue;
use super::form::Request;
use super::form_engine::FormEngine;
use super::keycloak::{self, Keycloak};
use super::okta::{self, Okta};
use super::onelogin::{self, OneLogin};
use super::page::Page;
use crate::config::profile::{ProviderChoice, SamlSettings};
use crate::error::Result;

/// Which product a URL belongs to, as far as the URL alone tells.
pub fn product_of(url: &Url) -> Option<ProviderChoice> {
    match () {
        () if okta::is_its(url) => Some(ProviderChoice::Okta),
        () if adfs::is_its(url) => Some(ProviderChoice::Adfs),
        () if onelogin::is_its(url) => Some(ProviderChoice::OneLogin),
        () if keycloak::is_its(url) => Some(ProviderChoice::Keycloak),
        () => None,
    }
}

/// Where a product ends the session of whoever comes there; a URL tells which of its hosts and realms.
pub(super) fn sign_out_address(product: ProviderChoice, url: &Url) -> Option<Url> {
    match product {
        ProviderChoice::Okta => okta::sign_out_address(url),
        ProviderChoice::Adfs => adfs::sign_out_address(url),
        ProviderChoice::Keycloak => keycloak::sign_out_address(url),
        ProviderChoice::Auto | ProviderChoice::OneLogin | ProviderChoice::Form => None,
    }
}

/// The cookies that tell a remembered device without signing anybody in.
pub const DEVICE_COOKIES: &[&str] = &[okta::DEVICE_COOKIE];

/// A page that was fetched, and read.
pub(super) struct Opened {
    /// Where it came from, after all redirects.
    pub(super) url: Url,
    /// Its status.
    pub(super) status: u16,
    /// Its text.
    pub(super) text: String,
    /// What it is made of.
    pub(super) page: Page,
}

/// What a provider made of a page.
pub(super) enum Taken {
    /// To be fetched next.
    Next(Request),
    /// The same; a password is in it.
    NextWithSecret(Request),
    /// The end.
    Response(Box<SamlResponse>),
}

/// A step under way.
pub(super) type Taking<'t> = Pin<Box<dyn Future<Output = Result<Taken>> + 't>>;

/// One product's way of signing in. It may remember where a sign-in stands.
pub(super) trait Provider {
    /// Signs in through an API, before any page is fetched. `None` where the sign-in begins with a page.
    fn begin<'t>(&'t mut self, _start: &'t Url, _dialogue: &'t mut Dialogue<'_, '_>) -> Option<Taking<'t>> {
        None
    }

    /// Whether this page is one that it knows better than the form engine.
    fn recognises(&self, opened: &Opened) -> bool;

    /// Takes the sign-in from this page on, as far as it likes.
    fn take<'t>(&'t mut self, opened: &'t Opened, dialogue: &'t mut Dialogue<'_, '_>) -> Taking<'t>;
}

/// Those that a profile's sign-in tries, in this order; the last one takes everything.
pub(super) fn providers(settings: &SamlSettings) -> Vec<Box<dyn Provider>> {
    let may_be = |product| settings.provider == product || settings.provider == ProviderChoice::Auto;
    let mut providers: Vec<Box<dyn Provider>> = Vec::new();
    if may_be(ProviderChoice::Okta) {
        providers.push(Box::new(Okta::new(settings)));
    }
    if may_be(ProviderChoice::Adfs) {
        providers.push(Box::new(Adfs::new(settings)));
    }
    if may_be(ProviderChoice::Keycloak) {
        providers.push(Box::new(Keycloak::new(settings)));
    }
    if may_be(ProviderChoice::OneLogin) {
        providers.push(Box::new(OneLogin::new(settings)));
    }
    providers.push(Box::new(FormEngine::default()));
    providers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_alone_tells_the_product() {
        let product = |url: &str| product_of(&Url::parse(url).unwrap()).map(ProviderChoice::as_str);
        for (url, wanted) in [
            ("https://acme.okta.com/home/amazon_aws/0oa1b2c3/272", Some("okta")),
            ("https://acme.oktapreview.com/app/amazon_aws/exk1b2c3/sso/saml", Some("okta")),
            ("https://acme.okta-emea.com/", Some("okta")),
            ("https://login.acme.com/app/amazon_aws/exk4z55o1fFhnKIR5/sso/saml", Some("okta")),
            ("https://login.acme.com/home/amazon_aws/0oaabcdefghij/272", Some("okta")),
            ("https://sts.acme.com/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=urn:amazon:webservices", Some("adfs")),
            ("https://sts.acme.com/ADFS", Some("adfs")),
            ("https://acme.onelogin.com/trust/saml2/launch/123456", Some("onelogin")),
            ("https://id.acme.com/realms/staff/protocol/saml/clients/aws", Some("keycloak")),
            ("https://id.acme.com/auth/realms/staff/protocol/saml/clients/aws", Some("keycloak")),
            ("https://sso.acme.com/idp/startSSO.ping?PartnerSpId=urn:amazon:webservices", None),
            ("https://okta.com.evil.example/", None),
            ("https://evilokta.com/", None),
            ("https://app.acme.com/app/home/dashboard", None),
        ] {
            assert_eq!(product(url), wanted, "{url}");
        }
    }
}
