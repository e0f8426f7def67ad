//! A form without a button, sent by links whose scripts say what they send. Pure.
//!
//! Source: PingFederate's notice that the password expires soon: one link to change it now, and one to go on.

use super::{Item, Step, ends_session};
use crate::signin::saml::form::{Form, Kind};
use crate::signin::saml::page::{Click, Page};

/// The links that send a form in which nothing is left to type; the only one that doesn't change the password is taken.
pub(super) fn clicks(page: &Page) -> Option<Step> {
    let sent = |(position, form): (usize, &Form)| {
        let links: Vec<&Click> = page.clicks.iter().filter(|it| it.form == Some(position) && sends(it, form)).collect();
        let links = links.as_slice();
        (!links.is_empty() && is_sent_by(links, form)).then(|| step(links, form)).flatten()
    };
    page.forms.iter().enumerate().find_map(sent)
}

fn step(links: &[&Click], form: &Form) -> Option<Step> {
    let goes_on: Vec<Item> = links.iter().filter(|it| !changes_password(it)).map(|it| item(it, form)).collect();
    match goes_on.as_slice() {
        [] => None,
        [only] => Some(Step::Submit(only.request.clone())),
        _ => Some(Step::Choose(goes_on)),
    }
}

/// Whether what a link sets are fields of this form, and it sets any.
fn sends(click: &Click, form: &Form) -> bool {
    !click.sets.is_empty() && click.sets.iter().all(|(name, _)| position(form, name).is_some())
}

/// Whether nobody but these links fills a form in: it has no button, and no line that they leave empty.
fn is_sent_by(links: &[&Click], form: &Form) -> bool {
    let set = |at: usize| links.iter().any(|link| link.sets.iter().any(|(name, _)| position(form, name) == Some(at)));
    let filled = form.fields.iter().enumerate().all(|(at, field)| match field.kind {
        Kind::Hidden => true,
        Kind::Text => set(at) || !field.value.is_empty(),
        _ => false,
    });
    filled && !form.is_letter && !ends_session(form)
}

/// Whether a link is there for a new password, as the name of what it sets tells. Source: PingFederate's `ChangePassword`.
fn changes_password(click: &Click) -> bool {
    click.sets.iter().any(|(name, _)| name.to_ascii_lowercase().contains("changepass"))
}

/// What is sent by a link: what it sets, and everything else as the page has it.
fn item(click: &Click, form: &Form) -> Item {
    let value = |at: usize| {
        let set = click.sets.iter().rev().find(|(name, _)| position(form, name) == Some(at));
        set.map_or(form.fields[at].value.as_str(), |(_, value)| value)
    };
    let answers: Vec<(usize, &str)> = (0..form.fields.len()).map(|at| (at, value(at))).collect();
    let name = click.sets.first().map(|(name, _)| name.clone()).unwrap_or_default();
    let label = if click.label.is_empty() { name.clone() } else { click.label.clone() };
    Item { label, value: name, request: form.submitted(&answers) }
}

fn position(form: &Form, name: &str) -> Option<usize> {
    form.fields.iter().position(|field| field.name == name || field.id == name)
}
