//! A page of links to sign in by. Pure.
//!
//! What tells them from the links around them is what they carry: each hands the sign-in's state on.
//!
//! Source: Dex's list of connectors: `/auth/NAME` with a `state`, before 2.20 a `req`.

use std::collections::HashSet;

use url::Url;

use super::{Step, Way, is_expired};
use crate::signin::saml::form::{Encoding, Field, Form, Method};
use crate::signin::saml::page::{Link, Page};

/// More links than these are no choice that a person makes, and later parts of a query are no state.
const MOST: usize = 20;
/// What is shorter is a setting, such as a language.
const SHORTEST_STATE: usize = 8;

/// The links on this host to different places that carry the same state; `None` where there are fewer than two, or the
/// page says that something is wrong.
pub(super) fn links(page: &Page) -> Option<Step> {
    if page.complaint.is_some() || is_expired(page) {
        return None;
    }
    let leads_on =
        |link: &&Link| link.url.origin() == page.url.origin() && !Field::hidden(link.url.path(), &link.id).leads_away();
    let mut places = HashSet::new();
    let links: Vec<&Link> = page.links.iter().filter(leads_on).filter(|it| places.insert(it.url.path())).collect();
    let carried: Vec<Vec<(String, String)>> = links.iter().map(|link| states(&link.url)).collect();
    let carrying = |state: &(String, String)| -> Vec<Way> {
        links.iter().zip(&carried).filter(|(_, states)| states.contains(state)).map(|(link, _)| way(link)).collect()
    };
    let ways = carried.iter().flatten().map(carrying).find(|ways| ways.len() > 1)?;
    (ways.len() <= MOST).then_some(Step::Which(ways))
}

/// The parts of a query that may be a sign-in's state.
fn states(url: &Url) -> Vec<(String, String)> {
    url.query_pairs().into_owned().take(MOST).filter(|(_, value)| value.len() >= SHORTEST_STATE).collect()
}

/// A link, as the form that leads to the same place.
fn way(link: &Link) -> Way {
    let fields = link.url.query_pairs().map(|(name, value)| Field::hidden(&name, &value)).collect();
    let form = Form {
        action: link.url.clone(),
        method: Method::Get,
        encoding: Encoding::UrlEncoded,
        id: link.id.clone(),
        fields,
        locked: Vec::new(),
        is_letter: false,
    };
    let name = link.url.path_segments().and_then(|mut it| it.next_back()).unwrap_or_default().to_owned();
    let label = if link.label.is_empty() { name.clone() } else { link.label.clone() };
    Way { form, name, label }
}
