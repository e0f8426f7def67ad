//! What a page offers to choose from. Pure.

use super::{Item, Step};
use crate::signin::saml::form::{Choice, Kind};
use crate::signin::saml::page::Page;

/// Radio buttons, a list, or several buttons that say different things.
pub(super) fn menu(page: &Page) -> Option<Step> {
    page.forms.iter().find_map(|form| {
        let radios = form.positions(|field| matches!(field.kind, Kind::Radio { .. }));
        let lists = form.positions(|field| matches!(field.kind, Kind::Select { .. }));
        let buttons = form.positions(|field| field.kind == Kind::Submit && !field.name.is_empty());
        let item = |position: usize| {
            let field = &form.fields[position];
            let label = if field.label.is_empty() { &field.value } else { &field.label };
            Item { label: label.clone(), position, value: field.value.clone() }
        };
        let menu: Vec<Item> = match (radios.first(), lists.first()) {
            (Some(first), _) => {
                let same = |position: &&usize| form.fields[**position].name == form.fields[*first].name;
                radios.iter().filter(same).map(|position| item(*position)).collect()
            }
            (None, Some(list)) => match &form.fields[*list].kind {
                Kind::Select { options } => {
                    let item = |it: &Choice| Item { label: it.label.clone(), position: *list, value: it.value.clone() };
                    options.iter().filter(|option| !option.value.is_empty()).map(item).collect()
                }
                _ => Vec::new(),
            },
            (None, None) if buttons.len() > 1 => buttons.iter().map(|position| item(*position)).collect(),
            (None, None) => Vec::new(),
        };
        (!menu.is_empty()).then(|| Step::Choose { form: form.clone(), menu })
    })
}
