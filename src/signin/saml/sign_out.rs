//! Ending the session at the provider, where the product has a known address for it.

use url::Url;

use super::error::SamlError;
use super::form::Request;
use super::page::Page;
use super::provider::{product_of, sign_out_address};
use super::visit::Visit;
use crate::config::profile::{ProviderChoice, SamlSettings};

/// Ends the session that the visit's cookies belong to. `false` where there is no known way.
///
/// # Errors
/// [`SamlError`] when the provider can't be reached, or answers with an error.
pub async fn sign_out(visit: &mut Visit<'_>, settings: &SamlSettings) -> Result<bool, SamlError> {
    let url = settings.url.as_url();
    let product = match settings.provider {
        ProviderChoice::Auto => product_of(url),
        chosen => Some(chosen),
    };
    let Some(address) = product.and_then(|product| sign_out_address(product, url)) else { return Ok(false) };
    let (left, page) = leave(visit, &Request::get(address)).await?;
    // Some ask whether it is meant.
    let asks =
        page.and_then(|page| page.forms.into_iter().find(|form| form.asks_nothing() && !form.holds("SAMLResponse")));
    let Some(form) = asks.filter(|form| form.action.origin() == left.origin()) else { return Ok(true) };
    leave(visit, &form.submitted(&[])).await?;
    Ok(true)
}

async fn leave(visit: &mut Visit<'_>, request: &Request) -> Result<(Url, Option<Page>), SamlError> {
    let fetched = visit.fetch(request, false).await?;
    if fetched.status >= 400 {
        let host = super::visit::host(&fetched.url);
        return Err(SamlError::Status { host, status: fetched.status, says: None });
    }
    let page = Page::parse(&fetched.text, &fetched.url).ok();
    Ok((fetched.url, page))
}
