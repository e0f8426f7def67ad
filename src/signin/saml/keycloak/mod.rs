//! Keycloak: what its pages ask beyond one form with one answer.
//!
//! Staying signed in, which of several devices, which identity provider or organisation, the way from a security key to
//! something a terminal can do, and beginning again. All other pages of Keycloak are the form engine's.
//!
//! Source: the login themes of Keycloak, versions 4 to 26 (`base`, `keycloak`, `keycloak.v2`).

mod organisation;
mod stage;

use url::Url;

use super::dialogue::{Dialogue, Factor};
use super::error::SamlError;
use super::form_engine::ask;
use super::page::Page;
use super::provider::{Opened, Provider, Taken, Taking};
use super::visit::host;
use crate::config::profile::SamlSettings;
use crate::error::Result;
use stage::{Stage, stage};

/// Whether a URL is one of a Keycloak realm's SAML clients.
pub(super) fn is_its(url: &Url) -> bool {
    let segments: Vec<&str> = url.path_segments().map(Iterator::collect).unwrap_or_default();
    segments.windows(4).any(|window| matches!(window, ["realms", _, "protocol", "saml"]))
}

/// Source: Keycloak's server administration guide, the realm's end session endpoint.
pub(super) fn sign_out_address(url: &Url) -> Option<Url> {
    let (realm, _) = url.path().split_once("/protocol/saml")?;
    url.join(&format!("{realm}/protocol/openid-connect/logout")).ok()
}

/// Keycloak.
pub(super) struct Keycloak {
    remember: bool,
    /// Another way than a security key was looked for.
    turned: bool,
    /// The device that was chosen, and stays so when its code was wrong.
    device: Option<String>,
    /// The sign-in began again.
    restarted: bool,
    /// Another identity provider was gone to.
    left: bool,
}

impl Keycloak {
    /// Of a profile.
    pub(super) fn new(settings: &SamlSettings) -> Self {
        Self { remember: settings.remember_device, turned: false, device: None, restarted: false, left: false }
    }

    fn step(&mut self, page: &Page, dialogue: &mut Dialogue<'_, '_>) -> Result<Taken> {
        let place = host(&page.url);
        match stage(page) {
            Some(Stage::Password(form)) => {
                let remember = form.positions(|field| field.name == "rememberMe").into_iter().filter(|_| self.remember);
                let also: Vec<(usize, &str)> = remember.map(|position| (position, "on")).collect();
                ask(dialogue, page, &form, &also)
            }
            Some(Stage::Devices(form, devices)) => {
                dialogue.person(&place)?;
                let named: Vec<Factor> = devices.iter().map(|(_, factor)| factor.clone()).collect();
                let before = devices.iter().position(|(_, factor)| Some(&factor.name) == self.device.as_ref());
                let chosen = match before {
                    Some(before) => before,
                    None => dialogue.choose(&place, "Which device?", &named)?,
                };
                let (position, device) = &devices[chosen];
                self.device = Some(device.name.clone());
                ask(dialogue, page, &form, &[(*position, &device.name)])
            }
            Some(Stage::SecurityKey(Some(other))) if !self.turned => {
                dialogue.person(&place)?;
                self.turned = true;
                Ok(Taken::Next(other.submitted(&[])))
            }
            Some(Stage::SecurityKey(_)) => {
                let factor = "a security key or passkey".to_owned();
                Err(dialogue.stop(&place, SamlError::Unsupported { host: place.clone(), factor }))
            }
            Some(Stage::Expired(request)) if !self.restarted => {
                self.restarted = true;
                dialogue.begin_again();
                dialogue.say(&format!("The sign-in at {place} took too long, and begins again"));
                Ok(Taken::Next(request))
            }
            Some(Stage::Expired(_)) => Err(dialogue.stop(&place, SamlError::PageExpired { host: place.clone() })),
            // Whom the other provider turned away comes back with what is wrong.
            Some(Stage::Organisation(_)) if self.left && page.complaint.is_some() => {
                let says = page.complaint.clone();
                Err(dialogue.stop(&place, SamlError::AccessDenied { host: place.clone(), says }))
            }
            Some(Stage::Organisation(choices)) => {
                self.left = true;
                let named: Vec<Factor> = choices.iter().map(|(_, factor)| factor.clone()).collect();
                let chosen = dialogue.organisation(&place, &named)?;
                Ok(Taken::Next(choices[chosen].0.clone()))
            }
            Some(Stage::Ways(ways)) => {
                dialogue.person(&place)?;
                dialogue.pass_on(&place, page.complaint.as_deref());
                let named: Vec<Factor> = ways.iter().map(|(_, _, factor)| factor.clone()).collect();
                let (form, position, way) = &ways[dialogue.choose(&place, "Which second factor?", &named)?];
                let answers: Vec<(usize, &str)> =
                    position.map(|position| (position, way.name.as_str())).into_iter().collect();
                Ok(Taken::Next(form.submitted(&answers)))
            }
            None => Err(dialogue.unknown_page(page)),
        }
    }
}

impl Provider for Keycloak {
    fn recognises(&self, opened: &Opened) -> bool {
        stage(&opened.page).is_some()
    }

    fn take<'t>(&'t mut self, opened: &'t Opened, dialogue: &'t mut Dialogue<'_, '_>) -> Taking<'t> {
        Box::pin(async { self.step(&opened.page, dialogue) })
    }
}

#[cfg(test)]
mod tests;
