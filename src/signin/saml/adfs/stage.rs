//! What a page of ADFS is for. Pure.

use super::home_realm::{HomeRealm, home_realm};
use super::relying_party::{RelyingParties, relying_parties};
use crate::signin::saml::dialogue::Factor;
use crate::signin::saml::form::{Field, Form, Kind, Method};
use crate::signin::saml::page::Page;
use crate::signin::saml::script::text_after;

/// Where a page stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stage {
    /// Which organisation.
    HomeRealm(HomeRealm),
    /// Which application.
    RelyingParty(RelyingParties),
    /// Name and password.
    Password(Form),
    /// Which second step.
    Choose(Form, Vec<Factor>),
    /// A second step of this adapter; the form has each field once.
    Second(String, Form),
    /// An error, and nothing else.
    Error,
}

/// How an adapter's second step is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// A code, in the page's own field or else this one.
    Code(&'static str),
    /// The page is posted until somebody has approved; a code where it has a field for one.
    Approval,
    /// The first page is posted empty, and then asks for a code.
    EmptyFirst(&'static str),
    /// Not in a terminal.
    Impossible(&'static str),
}

pub(super) fn way(method: &str) -> Way {
    match method {
        "AzureMfaAuthentication" | "AzurePrimaryAuthentication" => Way::Approval,
        "AzureMfaServerAuthentication" => Way::Approval,
        "SecurIDAuthentication" => Way::Code("Passcode"),
        "SecurIDv2Authentication" => Way::EmptyFirst("Passcode"),
        "SymantecVipAdapter" => Way::Code("SecurityCode"),
        "SafeNet-MFA" => Way::Code("SAFENET_PASSWORD"),
        _ if method.starts_with("VIPAuthenticationProvider") => Way::Code("security_code"),
        _ if method.starts_with("DuoAdfsAdapter") => Way::Impossible("Duo"),
        "CertificateAuthentication" => Way::Impossible("a certificate"),
        "WindowsAuthentication" => Way::Impossible("Windows integrated sign-in"),
        _ => Way::Code("OathCode"),
    }
}

/// What a page is for.
pub(super) fn stage(page: &Page) -> Option<Stage> {
    let with_context = page.forms.iter().find(|form| form.holds("Context"));
    let named = |form: &Form| {
        let field = form.fields.iter().find(|field| field.name == "AuthMethod" && !field.value.is_empty());
        field.map(|field| field.value.clone())
    };
    // The method may stand in a form beside the context's.
    let by_id = || {
        page.forms
            .iter()
            .flat_map(|form| &form.fields)
            .find(|field| field.id == "authMethod")
            .map(|field| field.value.clone())
    };
    if let Some(form) = with_context
        && let Some(method) = named(form).or_else(by_id).filter(|method| method != "FormsAuthentication")
    {
        return Some(Stage::Second(method.clone(), second_form(page, form, &method)));
    }
    if let Some(form) = page.forms.iter().find(|form| {
        form.fields.iter().any(|it| it.name == "Password" && it.kind == Kind::Password)
            && form.field("UserName").is_some()
    }) {
        return Some(Stage::Password(once(form)));
    }
    if let Some(parties) = relying_parties(page) {
        return Some(Stage::RelyingParty(parties));
    }
    if let Some(realm) = home_realm(page) {
        return Some(Stage::HomeRealm(realm));
    }
    let options = page.form("options").filter(|form| form.field("AuthMethod").is_some());
    let methods: Vec<Factor> = page
        .clicks
        .iter()
        .filter_map(|click| Some(Factor { name: selected(&click.script)?, label: click.label.clone() }))
        .collect();
    match options {
        Some(form) if !methods.is_empty() => Some(Stage::Choose(once(form), methods)),
        _ if page.has_id("errorArea") => Some(Stage::Error),
        _ => None,
    }
}

/// Source: the page's script, whose function puts its argument into `AuthMethod` and submits `form#options`.
fn selected(script: &str) -> Option<String> {
    text_after(script, "SelectOption(").filter(|method| method.len() < 200)
}

/// A second step goes to the address of `form#options`, where there is one.
fn second_form(page: &Page, form: &Form, method: &str) -> Form {
    let mut second = once(form);
    second.fields.retain(|field| field.name != "AuthMethod");
    second.fields.push(Field::hidden("AuthMethod", method));
    second.method = Method::Post;
    if let Some(options) = page.form("options") {
        second.action = options.action.clone();
    }
    second
}

/// The form with each field once; of several with one name the first that has a value.
fn once(form: &Form) -> Form {
    let mut fields: Vec<Field> = Vec::new();
    for field in &form.fields {
        match fields
            .iter_mut()
            .find(|it| it.name == field.name && !matches!(field.kind, Kind::Submit | Kind::Radio { .. }))
        {
            Some(known) if known.value.is_empty() => *known = field.clone(),
            Some(_) => {}
            None => fields.push(field.clone()),
        }
    }
    Form { fields, ..form.clone() }
}
