//! What no terminal can do, and how pages tell. Pure.

use url::Url;

use crate::signin::saml::form::{Form, Kind};
use crate::signin::saml::page::{CAS_POLICY, Page};

/// What can't be done in a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// A security key or passkey.
    SecurityKey,
    /// Duo's prompt.
    Duo,
    /// A picture to read, or a box that tells people from programs.
    Captcha,
    /// A code that only a script can send.
    ScriptedCode,
    /// A new password must be set.
    PasswordExpired,
    /// A second factor must be set up first.
    EnrolmentRequired,
    /// Something else must be done first: what.
    ActionRequired(&'static str),
    /// Terms must be accepted.
    TermsRequired,
    /// The page has expired.
    PageExpired,
    /// The page is a program; the product's name, or nothing.
    Program(&'static str),
    /// None of what is known.
    Unknown,
}

const PROFILE: Obstacle = Obstacle::ActionRequired("your profile to be completed");
const EMAIL: Obstacle = Obstacle::ActionRequired("your e-mail address to be verified");
const RECOVERY_CODES: Obstacle = Obstacle::ActionRequired("recovery codes to be set up");
const PASSKEY: Obstacle = Obstacle::ActionRequired("a security key or passkey to be set up");

/// Elements by which products mark what a person must do elsewhere.
///
/// Source: the login themes of Keycloak; Duo's pages; CAS's view of the policy, whose text has one of two ids or none.
const MARKS: &[(&str, Obstacle)] = &[
    ("kc-passwd-update-form", Obstacle::PasswordExpired),
    ("kc-totp-settings-form", Obstacle::EnrolmentRequired),
    ("kc-update-profile-form", PROFILE),
    ("kc-idp-review-profile-form", PROFILE),
    ("kc-update-email-form", EMAIL),
    ("kc-verify-email-form", EMAIL),
    ("kc-recovery-codes-settings-form", RECOVERY_CODES),
    ("kc-terms-text", Obstacle::TermsRequired),
    ("policyTextByCode", Obstacle::TermsRequired),
    ("policyDefaultText", Obstacle::TermsRequired),
    (CAS_POLICY, Obstacle::TermsRequired),
    ("duo_iframe", Obstacle::Duo),
    ("plugin_form", Obstacle::Duo),
    ("duo_form", Obstacle::Duo),
];

/// Keycloak's required actions, by the name in the page's address. Source: its `RequiredActionProvider`s.
const ACTIONS: &[(&str, Obstacle)] = &[
    ("UPDATE_PASSWORD", Obstacle::PasswordExpired),
    ("CONFIGURE_TOTP", Obstacle::EnrolmentRequired),
    ("CONFIGURE_RECOVERY_AUTHN_CODES", RECOVERY_CODES),
    ("UPDATE_PROFILE", PROFILE),
    ("VERIFY_PROFILE", PROFILE),
    ("UPDATE_EMAIL", EMAIL),
    ("VERIFY_EMAIL", EMAIL),
    ("TERMS_AND_CONDITIONS", Obstacle::TermsRequired),
    ("WEBAUTHN-REGISTER", PASSKEY),
    ("WEBAUTHN-REGISTER-PASSWORDLESS", PASSKEY),
];

/// Hosts whose sign-in pages are programs, and the product behind them. Their other pages may be forms.
///
/// Source: the "domains" pages of these services.
const PROGRAMS: &[(&str, &str)] = &[
    ("login.microsoftonline.com", ENTRA),
    ("login.microsoftonline.us", ENTRA),
    ("login.partner.microsoftonline.cn", ENTRA),
    ("login.microsoft.com", ENTRA),
    ("login.live.com", ENTRA),
    // Its list of applications, whose script leads to the sign-in.
    ("account.activedirectory.windowsazure.com", ENTRA),
    ("accounts.google.com", "Google"),
    ("pingone.com", "PingOne"),
    ("pingone.eu", "PingOne"),
    ("pingone.ca", "PingOne"),
    ("pingone.asia", "PingOne"),
    ("jumpcloud.com", "JumpCloud"),
    ("onelogin.com", "OneLogin"),
    ("cloud.com", "Citrix"),
];
const ENTRA: &str = "Microsoft Entra ID";

/// What stops a sign-in here, whatever else is on the page.
pub(super) fn obstacle(page: &Page) -> Option<Obstacle> {
    if let Some((_, obstacle)) = MARKS.iter().find(|(id, _)| page.has_id(id)) {
        return Some(*obstacle);
    }
    let has = |name: &str| page.forms.iter().any(|form| form.field(name).is_some());
    if has("attestationObject") {
        return Some(PASSKEY);
    }
    // Source: Shibboleth's terms of use.
    if has("_eventId_TermsRejected") {
        return Some(Obstacle::TermsRequired);
    }
    if is_under(&page.url, "duosecurity.com") {
        return Some(Obstacle::Duo);
    }
    let product = product(&page.url);
    if product == Some(ENTRA) || page.has_word("$Config=") {
        // Microsoft's pages that lead on are forms of hidden fields.
        let leads_on = page.forms.iter().any(|form| form.id == "hiddenform" && form.asks_nothing());
        return (!leads_on && page.has_script).then_some(Obstacle::Program(ENTRA));
    }
    if page.has_word("auth0.com/js/lock") && !page.forms.iter().any(Form::has_typed) {
        return Some(Obstacle::Program("Auth0"));
    }
    if product == Some("Google") && page.forms.iter().any(Form::has_typed) {
        return Some(Obstacle::Program("Google"));
    }
    action(&page.url)
}

/// Whether a script is to put a key's answer into a form.
///
/// Source: W3C WebAuthn, `AuthenticatorAssertionResponse`, whose members forms carry under their own names; the pages of
/// LemonLDAP::NG (`credential`, and `signature` with `challenge`), CAS and Shibboleth.
pub(super) fn is_security_key(form: &Form) -> bool {
    let plain = |name: &str| name.to_ascii_lowercase().replace(['_', '-', '.'], "");
    let has = |wanted: &str| form.fields.iter().any(|field| plain(&field.name) == wanted);
    let empty = |wanted: &str| form.fields.iter().any(|it| plain(&it.name) == wanted && it.value.is_empty());
    let members = has("clientdatajson") && (has("authenticatordata") || has("signature"));
    let whole = ["credential", "publickeycredential", "tokenresponse", "webauthnresponse"].into_iter().any(empty);
    form.asks_nothing() && (members || whole || (empty("signature") && has("challenge")))
}

/// What is told of a page that offers nothing to do.
pub(super) fn dead_end(page: &Page) -> Obstacle {
    if is_expired(page) {
        return Obstacle::PageExpired;
    }
    let product = product(&page.url);
    let must_tick =
        |form: &Form| form.fields.iter().any(|it| matches!(it.kind, Kind::Checkbox { checked: false, required: true }));
    if page.forms.iter().any(must_tick) {
        return Obstacle::TermsRequired;
    }
    if page.loose_password || (page.has_script && page.complaint.is_none()) {
        return Obstacle::Program(product.unwrap_or_default());
    }
    Obstacle::Unknown
}

/// Whether a sign-in took too long. Source: Keycloak's page for that.
pub fn is_expired(page: &Page) -> bool {
    page.has_id("loginRestartLink") || page.has_id("loginContinueLink")
}

/// Source: Keycloak's `login-actions/required-action?execution=NAME`.
fn action(url: &Url) -> Option<Obstacle> {
    if !url.path().ends_with("/login-actions/required-action") {
        return None;
    }
    let (_, name) = url.query_pairs().find(|(name, _)| name == "execution")?;
    let known = ACTIONS.iter().find(|(known, _)| name.eq_ignore_ascii_case(known));
    Some(known.map_or(Obstacle::ActionRequired("something to be set up"), |(_, obstacle)| *obstacle))
}

fn product(url: &Url) -> Option<&'static str> {
    PROGRAMS.iter().find(|(host, _)| is_under(url, host)).map(|(_, product)| *product)
}

fn is_under(url: &Url, domain: &str) -> bool {
    let host = url.host_str().unwrap_or_default();
    host == domain || host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}
