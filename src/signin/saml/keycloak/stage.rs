//! What a page of Keycloak is for. Pure.

use super::organisation::{brokers, organisations};
use crate::signin::saml::dialogue::Factor;
use crate::signin::saml::form::{Form, Kind, Request};
use crate::signin::saml::page::{Click, Page};
use crate::signin::saml::script::text_after;

/// Where a page stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stage {
    /// Name and password, and whether to stay signed in.
    Password(Form),
    /// A code from one of several devices: the radio buttons, by position, and what they are called.
    Devices(Form, Vec<(usize, Factor)>),
    /// A security key; the form, where there is one, that leads to other ways.
    SecurityKey(Option<Form>),
    /// The sign-in took too long: where it begins again, else where it goes on.
    Expired(Request),
    /// Which identity provider, or which organisation.
    Organisation(Vec<(Request, Factor)>),
    /// Another way: a form and its answer for each.
    Ways(Vec<(Form, Option<usize>, Factor)>),
}

pub(super) fn stage(page: &Page) -> Option<Stage> {
    if let Some(form) =
        page.form("kc-form-login").filter(|form| form.field("rememberMe").is_some() && form.field("password").is_some())
    {
        return Some(Stage::Password(form.clone()));
    }
    if let Some(form) = page.form("kc-otp-login-form") {
        let radios = form.positions(|field| matches!(field.kind, Kind::Radio { .. }));
        let device = |(number, position): (usize, usize)| {
            let field = &form.fields[position];
            let label = Some(field.label.clone()).filter(|label| !label.is_empty());
            let label = label.unwrap_or_else(|| format!("Device {}", number + 1));
            (position, Factor { name: field.value.clone(), label })
        };
        return (radios.len() > 1)
            .then(|| Stage::Devices(form.clone(), radios.into_iter().enumerate().map(device).collect()));
    }
    if let Some(link) = page.link("loginRestartLink").or_else(|| page.link("loginContinueLink")) {
        return Some(Stage::Expired(Request::get(link.url.clone())));
    }
    // A form of its own comes before brokers and passkeys, which newer themes put on the same page.
    if page.forms.iter().any(Form::has_typed) {
        return None;
    }
    let organisations = organisations(page);
    if !organisations.is_empty() {
        return Some(Stage::Organisation(organisations));
    }
    let ways = ways(page);
    if !ways.is_empty() {
        return Some(Stage::Ways(ways));
    }
    let brokers = brokers(page);
    if !brokers.is_empty() {
        return Some(Stage::Organisation(brokers));
    }
    let key = page.form("webauth").or_else(|| page.form("webauthn"))?;
    key.asks_nothing().then(|| Stage::SecurityKey(page.form("kc-select-try-another-way-form").cloned()))
}

/// The list of other ways: buttons of one form, scripts of one form, or a form for each.
fn ways(page: &Page) -> Vec<(Form, Option<usize>, Factor)> {
    let mut forms = page.forms.iter().filter(|form| form.id.starts_with("kc-select-credential-form"));
    let Some(first) = forms.next() else { return Vec::new() };
    let buttons = first.positions(|field| field.kind == Kind::Submit && field.name == "authenticationExecution");
    if !buttons.is_empty() {
        let way = |position: usize| {
            let field = &first.fields[position];
            (first.clone(), Some(position), Factor { name: field.value.clone(), label: field.label.clone() })
        };
        return buttons.into_iter().map(way).collect();
    }
    let execution = first.positions(|field| field.name == "authenticationExecution").first().copied();
    let labels = || page.clicks.iter().filter(|click| !click.label.is_empty());
    if forms.next().is_none() && execution.is_some_and(|at| first.fields[at].value.is_empty()) {
        let called = |script: &str| text_after(script, "fillAndSubmit(");
        let way = |click: &Click| {
            Some((first.clone(), execution, Factor { name: called(&click.script)?, label: click.label.clone() }))
        };
        return labels().filter_map(way).collect();
    }
    let forms = page.forms.iter().filter(|form| form.id.starts_with("kc-select-credential-form"));
    let labels: Vec<String> = labels().map(|click| click.label.clone()).collect();
    forms
        .enumerate()
        .filter(|(_, form)| form.holds("authenticationExecution"))
        .map(|(number, form)| {
            let label = labels.get(number).cloned().unwrap_or_else(|| format!("Way {}", number + 1));
            let name = form.field("authenticationExecution").map(|field| field.value.clone()).unwrap_or_default();
            (form.clone(), None, Factor { name, label })
        })
        .collect()
}
