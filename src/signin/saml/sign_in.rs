//! A sign-in: page after page, each to the provider that recognises it, until the response for AWS is there.
//!
//! It keeps nothing.

use super::assertion::SamlResponse;
use super::dialogue::{Answers, Dialogue};
use super::error::SamlError;
use super::form::Request;
use super::page::Page;
use super::provider::{Opened, Taken, providers};
use super::step;
use super::visit::{Visit, host};
use crate::config::profile::SamlSettings;
use crate::error::Result;

/// More pages than any sign-in has.
const MAX_STEPS: usize = 20;

/// A sign-in under way.
pub struct SignIn<'v, 'a> {
    dialogue: Dialogue<'v, 'a>,
    settings: &'v SamlSettings,
}

impl<'v, 'a> SignIn<'v, 'a> {
    /// Nothing asked yet.
    pub fn new(visit: &'v mut Visit<'a>, settings: &'v SamlSettings, answers: Answers<'v>) -> Self {
        Self { dialogue: Dialogue::new(visit, answers), settings }
    }

    /// Walks from the application's URL to the provider's response.
    ///
    /// # Errors
    /// [`SamlError`], in its general form; what the person says.
    pub async fn run(mut self) -> Result<SamlResponse> {
        let mut providers = providers(self.settings);
        let start = self.settings.url.as_url();
        let mut taken = Taken::Next(Request::get(start.clone()));
        for provider in &mut providers {
            if let Some(taking) = provider.begin(start, &mut self.dialogue) {
                taken = taking.await?;
                break;
            }
        }
        let mut steps = 0;
        while steps < MAX_STEPS {
            let (was_waiting, pauses) = (self.dialogue.is_waiting(), self.dialogue.pauses());
            let opened = match taken {
                Taken::Response(response) => return Ok(*response),
                Taken::Next(request) => self.open(&request, false).await?,
                Taken::NextWithSecret(request) => self.open(&request, true).await?,
            };
            if let Some(response) = step::response_for_aws(&opened.page).map_err(SamlError::from)? {
                return Ok(response);
            }
            let provider = providers.iter_mut().find(|provider| provider.recognises(&opened));
            taken = match provider {
                Some(provider) => provider.take(&opened, &mut self.dialogue).await?,
                None => return Err(self.dialogue.unknown_page(&opened.page)),
            };
            // Looking again whether somebody approved is no step further, as long as it takes a while.
            let looks_again = was_waiting && self.dialogue.is_waiting() && self.dialogue.pauses() > pauses;
            steps += usize::from(!looks_again);
        }
        Err(SamlError::TooManySteps { host: self.dialogue.visit.hosts.configured().to_owned() }.into())
    }

    async fn open(&mut self, request: &Request, secret: bool) -> Result<Opened> {
        let fetched = self.dialogue.visit.fetch(request, secret).await?;
        let place = host(&fetched.url);
        let page = Page::parse(&fetched.text, &fetched.url)
            .map_err(|problem| SamlError::Page { host: place.clone(), problem })?;
        // Providers answer 4xx with the form again, or with a way on or back; one without either is an error page.
        let elsewhere = page.leads_to.is_some() || page.refresh.is_some();
        let leads_on = !page.forms.is_empty() || (fetched.status == 401 && elsewhere);
        if fetched.status >= 400 && !leads_on && !step::is_expired(&page) {
            let says = page.complaint.or(Some(page.title).filter(|title| !title.is_empty()));
            return Err(match fetched.status {
                401 => {
                    let host = place.clone();
                    let error = match fetched.negotiates {
                        true => SamlError::Unsupported { host, factor: "Windows integrated sign-in".to_owned() },
                        false => SamlError::Status { host, status: 401, says },
                    };
                    return Err(self.dialogue.stop(&place, error));
                }
                // Whoever isn't signed in is asked to: who is, and may not, gets this.
                403 => SamlError::AccessDenied { host: place, says },
                status => SamlError::Status { host: place, status, says },
            }
            .into());
        }
        Ok(Opened { url: fetched.url, status: fetched.status, text: fetched.text, page })
    }
}
