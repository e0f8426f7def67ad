//! What to do next on a provider's page. Pure.
//!
//! The order matters: pages hold more forms than the one that a person sees. What belongs to the protocol comes first,
//! then what asks for something, then what waits, and last what a script would submit.

mod boxes;
mod clicks;
mod elsewhere;
mod field;
mod links;
mod menu;
mod questions;
mod ways;

use std::time::Duration;

use url::Url;

use super::assertion::{AssertionError, SamlResponse};
use super::destination::Destination;
use super::form::{Field, Form, Kind, Method, PROCEED, Request};
use super::page::Page;
use clicks::clicks;
pub use elsewhere::{Obstacle, is_expired};
use elsewhere::{dead_end, is_security_key, obstacle};
use links::links;
pub use menu::entries;
use menu::menu;
pub use questions::of_form;
use questions::questions;

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
    Choose(Vec<Item>),
    /// A choice of forms, each of which may ask something itself.
    Which(Vec<Way>),
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
    /// The name that was sent, and no password yet, is asked for again.
    NameRejected,
    /// Nothing that can be done here.
    Stop(Obstacle),
}

/// A question of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Which field the answer goes into; the first where there are several.
    pub position: usize,
    /// A box for each character of the answer, in the page's order; empty where it goes into one field.
    pub boxes: Vec<usize>,
    /// The hidden field that the page's script would put the same answer into.
    pub copy: Option<usize>,
    /// What it is about.
    pub what: What,
    /// The page hides what is typed.
    pub is_secret: bool,
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
    /// An entry of a list beside the name and the password, such as a domain.
    Entry,
    /// Something else.
    Other,
}

/// A line of a menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What the page calls it.
    pub label: String,
    /// The provider's own word for it; may be empty.
    pub value: String,
    /// What is sent when it is chosen.
    pub request: Request,
}

/// One of several forms to sign in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The form.
    pub form: Form,
    /// The provider's own word for it.
    pub name: String,
    /// What the page calls it.
    pub label: String,
}

/// What has been sent so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Progress {
    /// The host and the field's name that the password went to.
    pub password_sent: Option<(String, String)>,
    /// The field's name that a name went to beside the password.
    pub name_beside: Option<String>,
    /// The address without its query, and the field's name, that a name alone went to.
    pub name_sent: Option<(String, String)>,
}

impl Progress {
    /// Remembers that a name alone is sent.
    pub(super) fn sends_name(&mut self, form: &Form, field: &Field) {
        self.name_sent = Some((place(form), field.name.clone()));
    }

    fn knows_name(&self, form: &Form, field: &Field) -> bool {
        self.name_sent.as_ref().is_some_and(|(to, name)| *to == place(form) && *name == field.name)
    }
}

fn place(form: &Form) -> String {
    let mut place = form.action.clone();
    place.set_query(None);
    place.set_fragment(None);
    place.into()
}
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
    if let Some(obstacle) = obstacle(page) {
        return Ok(Step::Stop(obstacle));
    }
    if let Some(step) = clicks(page) {
        return Ok(step);
    }
    let asked = questions(page, progress);
    // A form whose lines are all filled in already may offer a choice yet.
    let asks_nothing = matches!(&asked, Some(Step::Ask { questions, .. }) if questions.is_empty());
    if let Some(step) = asked {
        let menu = if asks_nothing { menu(page) } else { None };
        return Ok(menu.unwrap_or(step));
    }
    // A key may be one of several ways, and the others be in a menu below; none is known that does so.
    if page.forms.iter().any(is_security_key) {
        return Ok(Step::Stop(Obstacle::SecurityKey));
    }
    let step = waiting(page).or_else(|| menu(page)).or_else(|| by_itself(page)).or_else(|| leads_on(page));
    let step = step.or_else(|| takes_or_leaves(page)).or_else(|| links(page));
    Ok(step.unwrap_or_else(|| Step::Stop(dead_end(page))))
}

fn leads_on(page: &Page) -> Option<Step> {
    Some(Step::Submit(Request::get(page.leads_to.clone()?)))
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

fn waiting(page: &Page) -> Option<Step> {
    // Source: PingID's pages: a script asks for the state, then sends the other form (whose id is spelt so).
    // One of its pages has only the form for errors, which goes to the same place.
    let then = page.form("reponseView").or_else(|| page.form("errorReponseView"));
    if let (Some(status), Some(then)) = (page.form("form1"), then) {
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

/// What a script would submit, or a page's only button: the first form with nothing to fill in.
fn by_itself(page: &Page) -> Option<Step> {
    let sendable =
        |form: &&Form| form.asks_nothing() && !ends_session(form) && (page.submits_itself || !form.fields.is_empty());
    let form = page.forms.iter().filter(sendable).find(|form| form.method == Method::Post);
    let form = form.or_else(|| page.forms.iter().find(sendable))?;
    // Source: Shibboleth's page that reads the browser's local storage; nothing is stored here.
    let proceeds = form.fields.iter().any(|field| field.name == PROCEED);
    if form.fields.iter().any(|field| field.name.starts_with("shib_idp_ls_")) && !proceeds {
        let mut form = form.clone();
        form.fields.push(Field::hidden(PROCEED, ""));
        return Some(Step::Submit(form.submitted(&[])));
    }
    Some(Step::Submit(form.submitted(&[])))
}

/// A button to go on by, with boxes beside it that may stay as they are.
fn takes_or_leaves(page: &Page) -> Option<Step> {
    let goes_on = |form: &Form| form.fields.iter().any(|it| it.kind == Kind::Submit && !it.leads_away());
    let form = page.forms.iter().find(|form| form.takes_or_leaves() && goes_on(form) && !ends_session(form))?;
    // Source: LemonLDAP::NG's notifications: what has a box must be accepted, and comes back until it is.
    let is_to_accept = |it: &Field| it.kind == Kind::Checkbox { checked: false, required: false } && numbered(&it.name);
    if form.fields.iter().any(|it| it.name.starts_with("reference")) && form.fields.iter().any(is_to_accept) {
        return Some(Step::Stop(Obstacle::TermsRequired));
    }
    Some(Step::Submit(form.submitted(&[])))
}

/// `check1x1x1`.
fn numbered(name: &str) -> bool {
    let numbers = name.strip_prefix("check").unwrap_or_default();
    numbers.split('x').count() > 1 && numbers.bytes().all(|byte| byte.is_ascii_digit() || byte == b'x')
}

/// A form that is there for leaving, and is sent by nobody who wants to come in.
fn ends_session(form: &Form) -> bool {
    let name = format!("{} {}", form.action.path(), form.id).to_ascii_lowercase();
    ["logout", "signout", "logoff"].iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod products;
#[cfg(test)]
mod tests;
