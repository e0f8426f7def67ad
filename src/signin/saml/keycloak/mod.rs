//! Keycloak: what its pages ask beyond one form with one answer.
//!
//! Staying signed in, which of several devices, and the way from a security key to something a terminal can do. All other
//! pages of Keycloak are the form engine's.
//!
//! Source: the login themes of Keycloak, versions 4 to 26 (`base`, `keycloak`, `keycloak.v2`).

mod stage;

use url::Url;

use super::dialogue::{Dialogue, Factor};
use super::error::SamlError;
use super::form::Form;
use super::form_engine::{fill, stopped};
use super::page::Page;
use super::provider::{Opened, Provider, Taken, Taking};
use super::step::{self, Step};
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
}

impl Keycloak {
    /// Of a profile.
    pub(super) fn new(settings: &SamlSettings) -> Self {
        Self { remember: settings.remember_device, turned: false, device: None }
    }

    fn step(&mut self, page: &Page, dialogue: &mut Dialogue<'_, '_>) -> Result<Taken> {
        let place = host(&page.url);
        match stage(page) {
            Some(Stage::Password(form)) => {
                let remember = form.positions(|field| field.name == "rememberMe").into_iter().filter(|_| self.remember);
                let also: Vec<(usize, &str)> = remember.map(|position| (position, "on")).collect();
                self.ask(page, &form, &also, dialogue)
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
                self.ask(page, &form, &[(*position, &device.name)], dialogue)
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
            Some(Stage::Ways(ways)) => {
                dialogue.person(&place)?;
                let named: Vec<Factor> = ways.iter().map(|(_, _, factor)| factor.clone()).collect();
                let (form, position, way) = &ways[dialogue.choose(&place, "Which second factor?", &named)?];
                let answers: Vec<(usize, &str)> =
                    position.map(|position| (position, way.name.as_str())).into_iter().collect();
                Ok(Taken::Next(form.submitted(&answers)))
            }
            None => Err(dialogue.unknown_page(page)),
        }
    }

    fn ask(&self, page: &Page, form: &Form, also: &[(usize, &str)], dialogue: &mut Dialogue<'_, '_>) -> Result<Taken> {
        let place = host(&page.url);
        match step::of_form(form, &dialogue.progress) {
            Step::Ask { form, questions } => fill(dialogue, page, &form, &questions, also),
            Step::Stop(obstacle) => Err(dialogue.stop(&place, stopped(obstacle, page))),
            _ => Err(dialogue.stop(&place, SamlError::Rejected { host: place.clone(), says: page.complaint.clone() })),
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
