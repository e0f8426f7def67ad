//! Okta: its sign-in page is a program that talks JSON, and this is what it says.
//!
//! Two pipelines are two protocols. Identity Engine: page with a state token → `introspect` → one remediation after the
//! other → the address of the provider's response. Classic: `authn` → state tokens and factors → a session token.
//!
//! Source: the public replies and sources of Okta's sign-in widget; Okta's Authentication API reference.

mod classic;
mod device_grant;
mod factor;
mod message;
mod next;
mod reply;
mod token;
mod walk;

use serde_json::Value;
use url::Url;

use super::dialogue::Dialogue;
use super::error::SamlError;
use super::form::Request;
use super::provider::{Opened, Provider, Taken, Taking};
use super::visit::host;
use crate::config::profile::{ProviderChoice, SamlSettings};
use crate::error::Result;
use device_grant::Client;
use token::state_token;
use walk::Walk;

/// The cookie of a remembered device.
pub(super) const DEVICE_COOKIE: &str = "DT";
/// Ids and names that the sign-in page has in every version. Source: the templates of the hosted widget.
const MARKS: &[&str] = &["okta-login-container", "okta-sign-in", "signin-container"];

/// Which protocol an organisation speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pipeline {
    IdentityEngine,
    Classic,
}

/// Whether a URL is one of Okta's: by its domains, or by the paths of applications, whose ids tell.
///
/// Source: Okta's "domains" and "app embed link".
pub(super) fn is_its(url: &Url) -> bool {
    const DOMAINS: &[&str] = &[".okta.com", ".oktapreview.com", ".okta-emea.com", ".okta-gov.com", ".okta.mil"];
    let host = url.host_str().unwrap_or_default();
    let segments: Vec<&str> = url.path_segments().map(Iterator::collect).unwrap_or_default();
    let application = match segments.as_slice() {
        ["app", _, id, "sso", "saml", ..] => id.starts_with("exk"),
        ["home", _, id, _, ..] => id.starts_with("0oa"),
        _ => false,
    };
    application || DOMAINS.iter().any(|domain| host.ends_with(domain))
}

/// Source: Okta's "Single Logout" guide, the organisation's own sign-out.
pub(super) fn sign_out_address(url: &Url) -> Option<Url> {
    url.join("/login/signout").ok()
}

/// Okta.
pub(super) struct Okta {
    /// The profile says that it is.
    certain: bool,
    start: Url,
    remember: bool,
    /// For the device grant, where the administrator allows it.
    client: Option<Client>,
    /// How often a page was taken: each sign-on policy may want one.
    taken: usize,
}

impl Okta {
    /// Of a profile.
    pub(super) fn new(settings: &SamlSettings) -> Self {
        Self {
            certain: settings.provider == ProviderChoice::Okta,
            start: settings.url.as_url().clone(),
            remember: settings.remember_device,
            client: client(settings),
            taken: 0,
        }
    }

    async fn walk(&mut self, opened: &Opened, dialogue: &mut Dialogue<'_, '_>) -> Result<Taken> {
        let place = host(&opened.url);
        dialogue.person(&place)?;
        dialogue.check_own(&opened.url)?;
        self.taken += 1;
        if let Some(client) =
            self.client.clone().filter(|_| self.taken == 1 && opened.url.origin() == self.start.origin())
        {
            return Ok(Taken::NextWithSecret(device_grant::sign_in(&client, &opened.url, dialogue).await?));
        }
        let token = state_token(&opened.text);
        let pipeline = match token.as_deref().and_then(pipeline_of) {
            Some(pipeline) => pipeline,
            None => ask_pipeline(&opened.url, dialogue).await?,
        };
        match (pipeline, token) {
            (Pipeline::IdentityEngine, Some(token)) => {
                Ok(Taken::Next(Walk::new(dialogue, opened.url.clone(), self.remember).run(&token).await?))
            }
            (Pipeline::IdentityEngine, None) => Err(dialogue.unknown_page(&opened.page)),
            (Pipeline::Classic, token) => {
                let application = self.application(&opened.url);
                let walk = classic::Walk::new(dialogue, opened.url.clone(), self.remember);
                Ok(Taken::Next(walk.run(token, &application).await?))
            }
        }
    }
}

impl Okta {
    /// What a session leads to: the address that the page was to sign in for, else the profile's.
    fn application(&self, page: &Url) -> Url {
        let from = page.query_pairs().find(|(name, _)| name == "fromURI").map(|(_, from)| from.into_owned());
        let from = from.and_then(|from| page.join(&from).ok()).filter(|from| from.origin() == page.origin());
        match from {
            Some(from) if page.origin() != self.start.origin() => from,
            _ if page.origin() == self.start.origin() => self.start.clone(),
            _ => page.clone(),
        }
    }
}

/// Of a profile that names a client. The application's id is in its address, as the dashboard has it.
///
/// Source: Okta's "app embed link": `/home/{name}/{id}/{number}`.
fn client(settings: &SamlSettings) -> Option<Client> {
    let url = settings.url.as_url();
    let mut segments = url.path_segments()?;
    let in_url = || (segments.next()? == "home").then(|| segments.nth(1)).flatten().map(ToOwned::to_owned);
    let app_id = settings.app_id.clone().or_else(in_url)?;
    Some(Client { client_id: settings.client_id.clone()?, app_id })
}

impl Provider for Okta {
    fn begin<'t>(&'t mut self, start: &'t Url, dialogue: &'t mut Dialogue<'_, '_>) -> Option<Taking<'t>> {
        // A session that may be alive is tried first.
        let client =
            self.client.clone().filter(|_| self.certain && dialogue.visit.jar.without(&[DEVICE_COOKIE]).is_empty())?;
        self.taken += 1;
        Some(Box::pin(async move { Ok(Taken::NextWithSecret(device_grant::sign_in(&client, start, dialogue).await?)) }))
    }

    fn recognises(&self, opened: &Opened) -> bool {
        let marked = || MARKS.iter().any(|mark| opened.page.has_id(mark));
        let said = || self.certain && opened.status < 400 && opened.page.forms.is_empty();
        // A page without a token begins a sign-in; there is no second beginning.
        state_token(&opened.text).is_some() || (self.taken == 0 && (marked() || said()))
    }

    fn take<'t>(&'t mut self, opened: &'t Opened, dialogue: &'t mut Dialogue<'_, '_>) -> Taking<'t> {
        Box::pin(self.walk(opened, dialogue))
    }
}

/// State tokens tell where they come from: those of the Identity Engine begin with `02`, classic ones with `00`.
fn pipeline_of(token: &str) -> Option<Pipeline> {
    match token.get(..2)? {
        "02" => Some(Pipeline::IdentityEngine),
        "00" => Some(Pipeline::Classic),
        _ => None,
    }
}

/// Source: Okta's "Identify your Okta solution".
async fn ask_pipeline(page: &Url, dialogue: &mut Dialogue<'_, '_>) -> Result<Pipeline> {
    let not_https = |_| SamlError::NotHttps { host: host(page) };
    let asked = page.join("/.well-known/okta-organization").map_err(not_https)?;
    let fetched = dialogue.visit.fetch(&Request::get(asked), false).await?;
    let organisation: Value = serde_json::from_str(&fetched.text).unwrap_or_default();
    Ok(match organisation.get("pipeline").and_then(Value::as_str) {
        Some("idx") => Pipeline::IdentityEngine,
        _ => Pipeline::Classic,
    })
}
