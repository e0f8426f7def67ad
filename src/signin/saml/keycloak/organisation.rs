//! Keycloak's pages that ask where somebody belongs: identity brokers, and organisations. Pure.

use crate::signin::saml::dialogue::Factor;
use crate::signin::saml::form::{Kind, Request};
use crate::signin::saml::page::Page;
use crate::signin::saml::script::text_after;

/// The links to other identity providers, by alias. Their ids and classes differ by theme, their path does not.
///
/// Source: Keycloak's server administration guide, "Identity brokering"; `login.ftl`, `social-…` and `zocial-…`.
pub(super) fn brokers(page: &Page) -> Vec<(Request, Factor)> {
    let mut brokers: Vec<(Request, Factor)> = Vec::new();
    for link in page.links.iter().filter(|link| link.url.origin() == page.url.origin()) {
        let segments: Vec<&str> = link.url.path_segments().map(Iterator::collect).unwrap_or_default();
        let alias = segments.windows(5).find_map(|window| match window {
            ["realms", _, "broker", alias, "login"] => Some((*alias).to_owned()),
            _ => None,
        });
        if let Some(name) = alias
            && brokers.iter().all(|(_, known)| known.name != name)
        {
            brokers.push((Request::get(link.url.clone()), Factor::new(name, &link.label)));
        }
    }
    brokers
}

/// The organisations that somebody belongs to: buttons, or elements whose script fills in the field.
///
/// Source: `select-organization.ftl`, versions 26 and later.
pub(super) fn organisations(page: &Page) -> Vec<(Request, Factor)> {
    const FIELD: &str = "kc.org";
    let Some(form) = page.forms.iter().find(|form| form.field(FIELD).is_some()) else { return Vec::new() };
    if form.has_typed() {
        return Vec::new();
    }
    let choice = |at: usize, name: &str, label: &str| (form.submitted(&[(at, name)]), Factor::new(name, label));
    let buttons = form.positions(|field| field.name == FIELD && field.kind == Kind::Submit);
    if !buttons.is_empty() {
        let button = |at: usize| choice(at, &form.fields[at].value, &form.fields[at].label);
        return buttons.into_iter().take(form.most_choices()).map(button).collect();
    }
    let Some(at) = form.positions(|field| field.name == FIELD).first().copied() else { return Vec::new() };
    let clicks = page.clicks.iter().filter(|click| click.script.contains(FIELD));
    clicks
        .take(form.most_choices())
        .filter_map(|click| {
            let set = click.script.split_once(FIELD)?.1.replace(' ', "");
            Some(choice(at, &text_after(&set, "=")?, &click.label))
        })
        .collect()
}
