//! A one-time code with a box for each of its characters. Pure.
//!
//! What makes it one is structure: boxes side by side that take a single character each.

use std::ops::RangeInclusive;

use super::field::is_code;
use crate::signin::saml::form::{Form, Kind};
use crate::signin::saml::page::Page;

/// Fewer boxes are initials or a date, more are nothing that a person types.
const LENGTHS: RangeInclusive<usize> = 4..=12;

/// Where the characters of a code go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boxes {
    /// A box for each, in the page's order.
    pub each: Vec<usize>,
    /// The hidden field that the page's script would put the whole code into.
    whole: Option<usize>,
}

impl Boxes {
    /// What goes where; `None` when the code has another number of characters.
    pub fn filled<'c>(&self, code: &'c str) -> Option<Vec<(usize, &'c str)>> {
        let starts: Vec<usize> = code.char_indices().map(|(start, _)| start).collect();
        let ends = starts.iter().skip(1).copied().chain([code.len()]);
        let characters: Vec<&str> = starts.iter().zip(ends).map(|(start, end)| &code[*start..end]).collect();
        let whole = self.whole.map(|position| (position, code));
        (characters.len() == self.each.len()).then(|| self.each.iter().copied().zip(characters).chain(whole).collect())
    }
}

/// The boxes of a form that sends them itself.
///
/// WSO2 Identity Server's pages have a hidden field beside them, which a script fills in.
pub(super) fn boxes(form: &Form) -> Option<Boxes> {
    let each = side_by_side(form).filter(|each| each.iter().all(|at| !form.fields[*at].name.is_empty()))?;
    let is_whole = |position: &usize| {
        let field = &form.fields[*position];
        field.kind == Kind::Hidden && field.value.is_empty() && !field.name.is_empty() && is_code(field)
    };
    let mut wholes = (0..form.fields.len()).filter(is_whole);
    let whole = wholes.next().filter(|_| wholes.next().is_none());
    Some(Boxes { each, whole })
}

/// Whether a page has such boxes that only a script can send: without names, or in no form.
pub(super) fn need_script(page: &Page) -> bool {
    let unsent = |form: &Form| side_by_side(form).is_some() && boxes(form).is_none();
    LENGTHS.contains(&page.loose_boxes) || page.forms.iter().any(unsent)
}

fn side_by_side(form: &Form) -> Option<Vec<usize>> {
    let one = |position: &usize| form.fields[*position].one_character;
    let typed = form.positions(|field| field.kind.is_typed());
    typed.chunk_by(|a, b| one(a) == one(b)).find(|run| one(&run[0]) && LENGTHS.contains(&run.len())).map(<[_]>::to_vec)
}
