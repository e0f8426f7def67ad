//! Several ways to sign in on one page, each with a form of its own. Pure.
//!
//! Source: LemonLDAP::NG's "Authentication choice": tabs, whose forms carry the way's key.

use super::{Step, Way};
use crate::signin::saml::form::Form;
use crate::signin::saml::page::Page;

const KEY: &str = "lmAuth";

pub(super) fn ways(page: &Page) -> Option<Step> {
    let forms: Vec<&Form> = page.forms.iter().filter(|form| form.holds(KEY)).collect();
    if forms.len() < 2 || !forms.iter().any(|form| form.has_typed()) {
        return None;
    }
    let tabs = tabs(page);
    let way = |(number, form): (usize, &&Form)| {
        let name = form.field(KEY).map(|field| field.value.clone()).unwrap_or_default();
        // A key begins with a number, for the order.
        let own = name.trim_start_matches(|c: char| c.is_ascii_digit() || c == '_');
        let label = tabs.get(number).filter(|_| tabs.len() == forms.len()).copied().unwrap_or(own).to_owned();
        Way { form: (*form).clone(), name, label }
    };
    Some(Step::Which(forms.iter().enumerate().map(way).collect()))
}

/// What the links to parts of this page are called.
fn tabs(page: &Page) -> Vec<&str> {
    let inside = |url: &url::Url| {
        url.fragment().is_some_and(|part| !part.is_empty())
            && (url.origin(), url.path(), url.query()) == (page.url.origin(), page.url.path(), page.url.query())
    };
    page.links
        .iter()
        .filter(|link| inside(&link.url) && !link.label.is_empty())
        .map(|link| link.label.as_str())
        .collect()
}
