//! ADFS's page that asks which application to sign in to, where the address names none. Pure.
//!
//! It is a form with a list of relying parties, and a radio button that says that the list counts. Their values are
//! ADFS's own ids, so an application is known by what it is called.
//!
//! Source: the `IdpInitiatedSignOn` pages of AD FS 2.0 to 2022.

use crate::signin::saml::dialogue::Factor;
use crate::signin::saml::form::{Field, Form, Kind, Method, Request};
use crate::signin::saml::page::Page;

/// AWS's identifier, as its metadata has it; GovCloud's has more behind it.
pub(super) const AWS: &str = "urn:amazon:webservices";

/// The applications of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RelyingParties {
    form: Form,
    /// Where the list is.
    list: usize,
    /// Their ids, and what a person reads.
    pub(super) parties: Vec<Factor>,
}

/// `None` when the page asks for something else; no parties where it only offers to sign in.
pub(super) fn relying_parties(page: &Page) -> Option<RelyingParties> {
    let is_list = |field: &Field| matches!(field.kind, Kind::Select { .. }) && named(field, "relyingparty");
    let is_button = |field: &Field| field.kind == Kind::Submit && (named(field, "signin") || named(field, "signout"));
    let is_it = |form: &&Form| {
        let offers = form.fields.iter().any(|field| named(field, "signinidpsite")) || form.id == "idpForm";
        !form.has_typed() && (form.fields.iter().any(is_list) || (offers && form.fields.iter().any(is_button)))
    };
    let form = page.forms.iter().find(is_it)?.clone();
    let list = form.positions(is_list).first().copied();
    let parties = match list.map(|at| &form.fields[at].kind) {
        Some(Kind::Select { options }) => options
            .iter()
            .filter(|option| !option.value.is_empty())
            .map(|option| Factor::new(option.value.as_str(), &option.label))
            .collect(),
        _ => Vec::new(),
    };
    Some(RelyingParties { form, list: list.unwrap_or_default(), parties })
}

impl RelyingParties {
    /// The only one that is AWS, by its identifier or else by what it is called.
    pub(super) fn aws(&self) -> Option<usize> {
        let only = |is: fn(&Factor) -> bool| {
            let mut found = (0..self.parties.len()).filter(|at| is(&self.parties[*at]));
            found.next().filter(|_| found.next().is_none())
        };
        only(|party| party.name == AWS).or_else(|| only(|party| party.name.starts_with(AWS) || names_aws(&party.label)))
    }

    /// What is sent for one of them.
    pub(super) fn chosen(&self, party: &Factor) -> Request {
        let mut form = Form { method: Method::Post, ..self.form.clone() };
        let is_radio = |field: &Field| matches!(field.kind, Kind::Radio { .. });
        let other = form.positions(|field| is_radio(field) && named(field, "other")).first().copied();
        let mut answers = vec![(self.list, party.name.as_str())];
        if let Some(other) = other {
            // The page's script unticks the one for signing in to ADFS alone, whose name is another.
            for field in &mut form.fields {
                if is_radio(field) && (named(field, "signin") || named(field, "thissite")) {
                    field.kind = Kind::Radio { checked: false };
                }
            }
            answers.push((other, self.form.fields[other].value.as_str()));
        }
        form.submitted(&answers)
    }
}

fn named(field: &Field, word: &str) -> bool {
    [&field.name, &field.id].iter().any(|name| name.to_ascii_lowercase().contains(word))
}

fn names_aws(label: &str) -> bool {
    let label = label.to_lowercase();
    label.contains("amazon") || label.split(|c: char| !c.is_alphanumeric()).any(|word| word == "aws")
}
