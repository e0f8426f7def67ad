//! What a page of Keycloak is for. Pure.

use super::organisation::{brokers, organisations};
use crate::signin::saml::dialogue::Factor;
use crate::signin::saml::form::{Form, Kind, Request};
use crate::signin::saml::page::{Click, Page};
use crate::signin::saml::script::{literal, text_after};

/// Where a page stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stage {
    /// Name and password, and whether to stay signed in.
    Password(Form),
    /// A code from one of several devices: which field is to say so, by position, and what they are called.
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
    // Source: Keycloak's themes; the other is what older ones call it.
    if let Some(form) = page.form("kc-otp-login-form").or_else(|| page.form("kc-totp-login-form")) {
        let radios = form.positions(|field| matches!(field.kind, Kind::Radio { .. }));
        let device = |(number, position): (usize, usize)| {
            let field = &form.fields[position];
            let label = Some(field.label.clone()).filter(|label| !label.is_empty());
            let label = label.unwrap_or_else(|| format!("Device {}", number + 1));
            (position, Factor { name: field.value.clone(), label })
        };
        let devices: Vec<(usize, Factor)> = radios.into_iter().enumerate().map(device).collect();
        let devices = if devices.is_empty() { tiles(page, form) } else { devices };
        return (devices.len() > 1).then(|| Stage::Devices(form.clone(), devices));
    }
    if let Some(link) = page.link("loginRestartLink").or_else(|| page.link("loginContinueLink")) {
        return Some(Stage::Expired(Request::get(link.url.clone())));
    }
    let key = page.form("webauth").or_else(|| page.form("webauthn"));
    // A form of its own comes before brokers and passkeys, which newer themes put on the same page. One without a button
    // beside a passkey is only there for the browser to offer it.
    let is_asked =
        |form: &Form| form.has_typed() && (key.is_none() || form.fields.iter().any(|it| it.kind == Kind::Submit));
    if page.forms.iter().any(is_asked) {
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
    key?.asks_nothing().then(|| Stage::SecurityKey(page.form("kc-select-try-another-way-form").cloned()))
}

/// Devices whose script puts the id of one into the form's hidden field. Source: `login-otp.ftl` of `keycloak.v2`.
fn tiles(page: &Page, form: &Form) -> Vec<(usize, Factor)> {
    let Some(at) = form.positions(|field| field.name == "selectedCredentialId").first().copied() else {
        return Vec::new();
    };
    let tile = |click: &Click| {
        let (_, arguments) = click.script.split_once("toggleOTP(")?;
        Some((at, Factor { name: literal(arguments.split_once(',')?.1.trim_start())?, label: click.label.clone() }))
    };
    page.clicks.iter().filter_map(tile).collect()
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
        return buttons.into_iter().take(first.most_choices()).map(way).collect();
    }
    let execution = first.positions(|field| field.name == "authenticationExecution").first().copied();
    let labels = || page.clicks.iter().filter(|click| !click.label.is_empty());
    if forms.next().is_none() && execution.is_some_and(|at| first.fields[at].value.is_empty()) {
        let called = |script: &str| text_after(script, "fillAndSubmit(");
        let way = |click: &Click| {
            Some((first.clone(), execution, Factor { name: called(&click.script)?, label: click.label.clone() }))
        };
        return labels().take(first.most_choices()).filter_map(way).collect();
    }
    let forms = page.forms.iter().filter(|form| form.id.starts_with("kc-select-credential-form"));
    // A script names its form by the number it has on the page, on which there are other things to click.
    let label = |number: usize| {
        let sends = format!("forms[{number}]");
        labels().find(|click| click.script.replace(' ', "").contains(&sends)).map(|click| click.label.clone())
    };
    forms
        .filter(|form| form.holds("authenticationExecution"))
        .enumerate()
        .map(|(number, form)| {
            let on_page = page.forms.iter().position(|it| std::ptr::eq(it, form));
            let label = on_page.and_then(label).unwrap_or_else(|| format!("Way {}", number + 1));
            let name = form.field("authenticationExecution").map(|field| field.value.clone()).unwrap_or_default();
            (form.clone(), None, Factor { name, label })
        })
        .collect()
}
