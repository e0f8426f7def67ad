//! What to do next on a provider's page. Pure.
//!
//! The order matters: pages hold more forms than the one that a person sees. What belongs to the protocol comes first,
//! then what asks for something, then what waits, and last what a script would submit.

use std::time::Duration;

use url::Url;

use super::assertion::{AssertionError, SamlResponse};
use super::destination::Destination;
use super::form::{Field, Form, Kind, Method, Request};
use super::page::Page;

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// The provider posts its response to AWS: taken, and posted nowhere.
    Done(Box<SamlResponse>),
    /// A form that a script would submit, or a redirect.
    Submit(Request),
    /// Questions for a person.
    Ask {
        /// The form they belong to.
        form: Form,
        /// What is asked, in the page's order.
        questions: Vec<Question>,
    },
    /// A choice for a person.
    Choose {
        /// The form it belongs to.
        form: Form,
        /// What can be chosen.
        menu: Vec<Item>,
    },
    /// The page wants to be fetched again: somebody is to approve on another device.
    Wait {
        /// After how long.
        after: Duration,
        /// What to fetch.
        then: Request,
    },
    /// As [`Step::Wait`], but a script asks for the state, and goes on when it is no longer waiting.
    Poll {
        /// Answers JSON with a `status`.
        status: Request,
        /// What comes after that.
        then: Request,
    },
    /// The password that was sent is asked for again.
    Rejected,
    /// Nothing that can be done here.
    Stop(Obstacle),
}

/// A question of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Which field the answer goes into.
    pub position: usize,
    /// What it is about.
    pub what: What,
    /// What the page calls it; may be empty.
    pub label: String,
}

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The name to sign in with.
    Username,
    /// The password.
    Password,
    /// A code that is good once.
    Code,
    /// Something else.
    Other,
}

/// A line of a menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What the page calls it.
    pub label: String,
    /// Which field it is.
    pub position: usize,
    /// What is sent when it is chosen.
    pub value: String,
}

/// What can't be done in a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// A security key or passkey.
    SecurityKey,
    /// Duo's prompt.
    Duo,
    /// A new password must be set.
    PasswordExpired,
    /// A second factor must be set up first.
    EnrolmentRequired,
    /// Terms must be accepted.
    TermsRequired,
    /// The page has expired.
    PageExpired,
    /// None of what is known.
    Unknown,
}

/// What has been sent so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// The host and the field's name that the password went to.
    pub password_sent: Option<(String, String)>,
}

/// Elements by which products mark what a person must do elsewhere.
///
/// Source: the login theme of Keycloak.
const MARKS: &[(&str, Obstacle)] = &[
    ("kc-passwd-update-form", Obstacle::PasswordExpired),
    ("kc-totp-settings-form", Obstacle::EnrolmentRequired),
    ("kc-update-profile-form", Obstacle::EnrolmentRequired),
    ("kc-terms-text", Obstacle::TermsRequired),
    ("duo_iframe", Obstacle::Duo),
    ("plugin_form", Obstacle::Duo),
    ("duo_form", Obstacle::Duo),
];

/// Decides.
///
/// # Errors
/// [`AssertionError`] when the response that the provider posts is of no use.
pub fn next(page: &Page, progress: &Progress) -> Result<Step, AssertionError> {
    if let Some(step) = response(page)? {
        return Ok(step);
    }
    let protocol = |form: &&Form| form.asks_nothing() && (form.holds("SAMLRequest") || form.holds("RelayState"));
    if let Some(form) = page.forms.iter().find(protocol) {
        return Ok(Step::Submit(form.submitted(&[])));
    }
    if let Some((_, obstacle)) = MARKS.iter().find(|(id, _)| page.has_id(id)) {
        return Ok(Step::Stop(*obstacle));
    }
    if let Some(step) = questions(page, progress) {
        return Ok(step);
    }
    if let Some(form) = page.forms.iter().find(|form| is_security_key(form)) {
        // A key may be one of several ways, and the others be in a menu below; none is known that does so.
        debug_assert!(form.asks_nothing());
        return Ok(Step::Stop(Obstacle::SecurityKey));
    }
    Ok(waiting(page).or_else(|| menu(page)).or_else(|| by_itself(page)).unwrap_or_else(|| {
        // Source: Keycloak's page for a sign-in that took too long.
        let expired = page.has_id("loginRestartLink") || page.has_id("loginContinueLink");
        Step::Stop(if expired { Obstacle::PageExpired } else { Obstacle::Unknown })
    }))
}

/// The response for AWS, where the page posts one.
///
/// # Errors
/// As [`next`].
pub fn response_for_aws(page: &Page) -> Result<Option<SamlResponse>, AssertionError> {
    Ok(match response(page)? {
        Some(Step::Done(response)) => Some(*response),
        _ => None,
    })
}

/// A response for AWS ends the walk; one for another service provider is passed on.
fn response(page: &Page) -> Result<Option<Step>, AssertionError> {
    let Some(form) = page.forms.iter().find(|form| form.holds("SAMLResponse")) else { return Ok(None) };
    let goes_to_aws = Destination::of_url(&form.action).is_some();
    let field = form.field("SAMLResponse").map(|field| field.value.as_str()).unwrap_or_default();
    match SamlResponse::parse(field) {
        Ok(response) if goes_to_aws || response.assertion.is_for_aws || response.assertion.destination.is_some() => {
            Ok(Some(Step::Done(Box::new(response))))
        }
        Err(error) if goes_to_aws => Err(error),
        Ok(_) | Err(_) => Ok(Some(Step::Submit(form.submitted(&[])))),
    }
}

/// The form that asks for something to be typed: the one with a password before one without.
fn questions(page: &Page, progress: &Progress) -> Option<Step> {
    let asking = |form: &&Form| !typed_fields(form).is_empty();
    let passwords = |form: &Form| form.positions(|field| field.kind == Kind::Password).len();
    let with_one = page.forms.iter().filter(asking).find(|form| passwords(form) == 1);
    let form = with_one
        .or_else(|| page.forms.iter().filter(asking).find(|form| passwords(form) > 1))
        .or_else(|| page.forms.iter().find(|form| asking(form) && !is_search(form)))?;
    Some(of_form(form, progress))
}

/// What a form that asks for something to be typed asks: [`Step::Ask`], [`Step::Rejected`] or [`Step::Stop`].
pub fn of_form(form: &Form, progress: &Progress) -> Step {
    let host = form.action.host_str().unwrap_or_default();
    let sent =
        |field: &Field| progress.password_sent.as_ref().is_some_and(|(to, name)| to == host && *name == field.name);
    // The new password, and the same once more.
    if form.positions(|field| field.kind == Kind::Password && !is_code(field)).len() > 1 {
        return Step::Stop(Obstacle::PasswordExpired);
    }
    let mut questions: Vec<Question> = Vec::new();
    for position in typed_fields(form) {
        let field = &form.fields[position];
        let what = match field.kind {
            Kind::Password if sent(field) => return Step::Rejected,
            Kind::Password if is_code(field) => What::Code,
            // A second secret on the same host, with no name beside it, is no second password.
            Kind::Password if progress.password_sent.as_ref().is_some_and(|(to, _)| to == host) => What::Code,
            Kind::Password => What::Password,
            _ if is_username(field) => What::Username,
            _ if is_code(field) => What::Code,
            _ => What::Other,
        };
        questions.push(Question { position, what, label: field.label.clone() });
    }
    name_the_username(&mut questions, progress);
    // What the page filled in already, and isn't a person's name, stays.
    questions.retain(|it| it.what != What::Other || form.fields[it.position].value.is_empty());
    Step::Ask { form: form.clone(), questions }
}

/// The line before a password is the name, and so is a lone line before any password; a lone one after it is a code.
fn name_the_username(questions: &mut [Question], progress: &Progress) {
    if questions.iter().any(|question| question.what == What::Username) {
        return;
    }
    match questions.iter().position(|question| question.what == What::Password) {
        Some(0) => {}
        Some(password) => questions[password - 1].what = What::Username,
        None if progress.password_sent.is_some() => {
            if let [only] = questions
                && only.what == What::Other
            {
                only.what = What::Code;
            }
        }
        None => {}
    }
}

fn typed_fields(form: &Form) -> Vec<usize> {
    form.positions(|field| matches!(field.kind, Kind::Text | Kind::Password) && !field.name.is_empty())
}

fn is_search(form: &Form) -> bool {
    form.method == Method::Get
        && form.fields.iter().any(|field| matches!(field.name.as_str(), "q" | "query" | "search"))
}

fn is_username(field: &Field) -> bool {
    let name = format!("{} {}", field.name, field.id).to_ascii_lowercase();
    let words = ["user", "login", "email", "identifier", "upn", "uid"];
    field.autocomplete.contains("username") || (words.iter().any(|word| name.contains(word)) && !is_code(field))
}

fn is_code(field: &Field) -> bool {
    let name = format!("{} {}", field.name, field.id).to_ascii_lowercase();
    let words = ["otp", "passcode", "code", "token", "mfa", "verification", "tan"];
    field.autocomplete.contains("one-time-code")
        || words.iter().any(|word| name.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| part.contains(word)))
            && !name.contains("password")
}

/// Source: W3C WebAuthn, `AuthenticatorAssertionResponse`, whose members forms carry under their own names.
fn is_security_key(form: &Form) -> bool {
    let has = |name: &str| form.fields.iter().any(|field| field.name.eq_ignore_ascii_case(name));
    form.asks_nothing() && has("clientDataJSON") && (has("authenticatorData") || has("signature"))
}

fn waiting(page: &Page) -> Option<Step> {
    // Source: PingID's pages: a script asks for the state, then sends the other form (whose id is spelt so).
    if let (Some(status), Some(then)) = (page.form("form1"), page.form("reponseView")) {
        let status = Form { method: Method::Get, ..status.clone() };
        return Some(Step::Poll { status: status.submitted(&[]), then: then.submitted(&[]) });
    }
    let (after, url) = page.refresh.clone()?;
    let same = |url: &Url, other: &Url| url.host() == other.host() && url.path() == other.path();
    let then = Request::get(url.clone());
    if same(&url, &page.url) && !after.is_zero() {
        return Some(Step::Wait { after, then });
    }
    // A page that leaves later, and has a form to send now, is not in a hurry.
    (after.as_secs() <= 10 || page.forms.is_empty()).then_some(Step::Submit(then))
}

/// Radio buttons, a list, or several buttons that say different things.
fn menu(page: &Page) -> Option<Step> {
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
                    let item = |it: &super::form::Choice| Item {
                        label: it.label.clone(),
                        position: *list,
                        value: it.value.clone(),
                    };
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

/// What a script would submit: the first form with nothing to fill in.
fn by_itself(page: &Page) -> Option<Step> {
    let sendable = |form: &&Form| form.asks_nothing() && (page.submits_itself || !form.fields.is_empty());
    let form = page.forms.iter().filter(sendable).find(|form| form.method == Method::Post);
    let form = form.or_else(|| page.forms.iter().find(sendable))?;
    // Source: Shibboleth's page that reads the browser's local storage; nothing is stored here.
    let proceeds = form.fields.iter().any(|field| field.name == "_eventId_proceed");
    if form.fields.iter().any(|field| field.name.starts_with("shib_idp_ls_")) && !proceeds {
        let mut form = form.clone();
        let proceed = Field { kind: Kind::Hidden, name: "_eventId_proceed".to_owned(), ..form.fields[0].clone() };
        form.fields.push(Field { value: String::new(), ..proceed });
        return Some(Step::Submit(form.submitted(&[])));
    }
    Some(Step::Submit(form.submitted(&[])))
}

#[cfg(test)]
#[path = "step_tests.rs"]
mod tests;
