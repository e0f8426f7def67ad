//! A one-time code with a box for each of its characters. Pure.
//!
//! What makes it one is structure: boxes side by side that take a single character each.

use std::ops::RangeInclusive;

use super::field::is_username;
use crate::signin::saml::form::Form;
use crate::signin::saml::page::Page;

/// Fewer boxes are initials or a date, more are nothing that a person types.
const LENGTHS: RangeInclusive<usize> = 4..=12;

/// The boxes of a form that sends them itself, in the page's order; or none.
pub(super) fn boxes(form: &Form) -> Vec<usize> {
    let named = |boxes: &Vec<usize>| boxes.iter().all(|at| !form.fields[*at].name.is_empty());
    side_by_side(form).filter(named).unwrap_or_default()
}

/// Whether a page has such boxes that only a script can send: without names, or in no form.
pub(super) fn need_script(page: &Page) -> bool {
    let unsent = |form: &Form| side_by_side(form).is_some() && boxes(form).is_empty();
    LENGTHS.contains(&page.loose_boxes) || page.forms.iter().any(unsent)
}

/// Whether a box is the first of those after it, and takes as many characters as they all do, so that a code can be
/// pasted into it.
fn takes_all(form: &Form, first: usize, others: &[usize]) -> bool {
    let (first, next) = (&form.fields[first], &form.fields[others[0]]);
    first.max_length == Some(others.len() + 1) && first.kind == next.kind && !is_username(first)
}

fn side_by_side(form: &Form) -> Option<Vec<usize>> {
    let one = |position: &usize| form.fields[*position].one_character;
    let typed = form.positions(|field| field.kind.is_typed());
    let mut begins: usize = 0;
    typed.chunk_by(|a, b| one(a) == one(b)).find_map(|run| {
        let before = begins.checked_sub(1).map(|last| typed[last]);
        begins += run.len();
        let pasted = before.filter(|before| one(&run[0]) && takes_all(form, *before, run));
        let boxes: Vec<usize> = pasted.into_iter().chain(run.iter().copied()).collect();
        (one(&run[0]) && LENGTHS.contains(&boxes.len())).then_some(boxes)
    })
}
