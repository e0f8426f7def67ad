//! A product's own way of signing in, and which of them a sign-in tries.
//!
//! Each product is a file or folder of its own and knows no other. What none of them recognises is the form engine's.

use std::pin::Pin;

use url::Url;

use super::adfs::Adfs;
use super::assertion::SamlResponse;
use super::dialogue::Dialogue;
use super::form::Request;
use super::form_engine::FormEngine;
use super::keycloak::Keycloak;
use super::okta::{self, Okta};
use super::page::Page;
use crate::config::profile::{ProviderChoice, SamlSettings};
use crate::error::Result;

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
    providers.push(Box::new(FormEngine));
    providers
}
