//! ADFS's page that asks which organisation somebody belongs to ("home realm discovery"). Pure.
//!
//! It is a form with tiles, whose scripts put an identifier into a hidden field that has no name before, and with a box
//! for an e-mail address, whose domain tells the organisation.
//!
//! Source: the pages of AD FS 2012 R2 to 2022.

use crate::signin::saml::dialogue::Factor;
use crate::signin::saml::form::{Field, Form, Kind, Method, Request};
use crate::signin::saml::page::Page;
use crate::signin::saml::script::text_after;

const SELECTION: &str = "HomeRealmSelection";

/// The organisations of a page, and the box for an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HomeRealm {
    form: Form,
    /// Their identifiers, and what a person reads.
    pub(super) realms: Vec<Factor>,
    /// Where the box is.
    email: Option<usize>,
}

/// `None` when the page asks for something else.
pub(super) fn home_realm(page: &Page) -> Option<HomeRealm> {
    let is_it = |form: &&Form| {
        matches!(form.id.as_str(), "hrd" | "hrdForm" | "HRD_EmailForm")
            || form.fields.iter().any(|field| field.name == SELECTION || field.id == "hrdSelection")
    };
    let form = page.forms.iter().find(is_it)?.clone();
    if form.fields.iter().any(|field| field.kind == Kind::Password) {
        return None;
    }
    let mut realms: Vec<Factor> = Vec::new();
    for click in &page.clicks {
        let Some(name) = text_after(&click.script, "HRD.selection(") else { continue };
        if realms.iter().all(|known| known.name != name) {
            realms.push(Factor::new(name, &click.label));
        }
    }
    let is_email = |field: &Field| {
        field.kind == Kind::Text
            && !field.name.is_empty()
            && (field.id == "emailInput" || field.autocomplete == "email")
    };
    let email = form.positions(is_email).first().copied();
    (!realms.is_empty() || email.is_some()).then_some(HomeRealm { form, realms, email })
}

impl HomeRealm {
    /// Whether an e-mail address will do.
    pub(super) fn takes_email(&self) -> bool {
        self.email.is_some()
    }

    /// What a tile's script submits: no button is pressed.
    pub(super) fn selected(&self, realm: &str) -> Request {
        let mut form = self.form.clone();
        let goes = |field: &Field| field.kind == Kind::Submit || field.name == SELECTION || field.id == "hrdSelection";
        form.fields.retain(|field| !goes(field));
        form.fields.insert(0, Field::hidden(SELECTION, realm));
        Form { method: Method::Post, ..form }.submitted(&[])
    }

    /// What is sent with an e-mail address.
    pub(super) fn by_email(&self, address: &str) -> Request {
        let answers: Vec<(usize, &str)> = self.email.map(|position| (position, address)).into_iter().collect();
        self.form.submitted(&answers)
    }
}
