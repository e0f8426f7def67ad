//! What a page offers to choose from. Pure.

use super::field::is_language;
use super::{Item, Step, ends_session};
use crate::signin::saml::form::{Choice, Field, Form, Kind};
use crate::signin::saml::page::Page;

/// Radio buttons, a list, several buttons that say different things, or forms of one button each.
pub(super) fn menu(page: &Page) -> Option<Step> {
    let of_one = page.forms.iter().map(of_form).find(|menu| !menu.is_empty());
    of_one.or_else(|| listed(page)).or_else(|| of_forms(page)).map(Step::Choose)
}

fn of_form(form: &Form) -> Vec<Item> {
    let radios = form.positions(|field| matches!(field.kind, Kind::Radio { .. }));
    let lists = form.positions(|field| matches!(field.kind, Kind::Select { .. }) && !is_language(field));
    let buttons = form.positions(|field| field.kind == Kind::Submit && !field.name.is_empty());
    let item = |position: usize| {
        let field = &form.fields[position];
        let label = if field.label.is_empty() { &field.value } else { &field.label };
        let request = form.submitted(&[(position, &field.value)]);
        Item { label: label.clone(), value: field.value.clone(), request }
    };
    let most = form.most_choices();
    let chosen = |at: &usize| form.fields[*at].kind == Kind::Radio { checked: true };
    // A question of yes or no, with something to be set beside it that is set already.
    let is_consent = buttons.len() > 1
        && buttons.iter().any(|at| form.fields[*at].leads_away())
        && (radios.is_empty() || radios.iter().any(chosen));
    // What there is only one of is no choice, where the buttons are one.
    let only_one = radios.is_empty()
        && lists.first().is_some_and(|list| match &form.fields[*list].kind {
            Kind::Select { options } => options.iter().filter(|option| is_real(option)).count() < 2,
            _ => false,
        });
    match (radios.first(), lists.first()) {
        _ if (is_consent && (lists.is_empty() || !radios.is_empty())) || (only_one && buttons.len() > 1) => {
            buttons.into_iter().take(most).map(item).collect()
        }
        (Some(first), _) => {
            let same = |position: &&usize| form.fields[**position].name == form.fields[*first].name;
            radios.iter().filter(same).take(most).map(|position| item(*position)).collect()
        }
        (None, Some(list)) => match &form.fields[*list].kind {
            Kind::Select { options } => options
                .iter()
                .filter(|option| is_real(option))
                .take(most)
                .map(|option| Item {
                    label: option.label.clone(),
                    value: option.value.clone(),
                    request: form.submitted(&[(*list, &option.value)]),
                })
                .collect(),
            _ => Vec::new(),
        },
        (None, None) if buttons.len() > 1 => buttons.into_iter().take(most).map(item).collect(),
        (None, None) => Vec::new(),
    }
}

/// Whether a line of a list is more than the request to choose one, as the value that it sends tells.
pub(super) fn is_real(option: &Choice) -> bool {
    const PLACEHOLDERS: &[&str] = &["", "-1", "null", "undefined", "select", "choose"];
    let value = option.value.trim().to_ascii_lowercase();
    !PLACEHOLDERS.contains(&value.as_str()) && !value.trim_matches('-').is_empty()
}

/// The real lines of a list, and which of them the page chose.
pub fn entries(field: &Field) -> (Vec<Choice>, Option<usize>) {
    let Kind::Select { options } = &field.kind else { return (Vec::new(), None) };
    let real: Vec<Choice> = options.iter().filter(|option| is_real(option)).cloned().collect();
    let chosen = real.iter().position(|option| option.selected);
    (real, chosen)
}

/// Source: PingID's list of devices, whose script puts the id of one into the form.
fn listed(page: &Page) -> Option<Vec<Item>> {
    let form = page.forms.iter().find(|form| form.asks_nothing() && form.field("deviceId").is_some())?;
    let field = form.positions(|field| field.name == "deviceId").first().copied()?;
    let item = |choice: &Choice| Item {
        label: if choice.label.is_empty() { choice.value.clone() } else { choice.label.clone() },
        value: choice.value.clone(),
        request: form.submitted(&[(field, &choice.value)]),
    };
    Some(page.listed.iter().take(form.most_choices()).map(item).collect()).filter(|items: &Vec<Item>| !items.is_empty())
}

/// Source: SimpleSAMLphp's consent page, whose yes and no are two forms.
fn of_forms(page: &Page) -> Option<Vec<Item>> {
    let button = |form: &Form| {
        let position = form.positions(|field| field.kind == Kind::Submit).first().copied()?;
        let field = &form.fields[position];
        let label = if field.label.is_empty() { field.name.clone() } else { field.label.clone() };
        let usable = form.takes_or_leaves() && !ends_session(form) && !label.is_empty();
        let value = if field.value.is_empty() { &field.name } else { &field.value };
        usable.then(|| Item { label, value: value.clone(), request: form.submitted(&[(position, &field.value)]) })
    };
    let items: Vec<Item> = page.forms.iter().filter_map(button).collect();
    (items.len() > 1 && !page.submits_itself).then_some(items)
}
