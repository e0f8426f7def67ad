//! A page whose script looks whether somebody approved on another device, and submits its form then.
//!
//! Without the script, the form is submitted at once, as one that only leads on is. When the same page comes back, nothing
//! having been typed, it is one to wait at.

use std::time::Duration;

use url::Url;

use super::dialogue::Dialogue;
use super::form::Method;
use super::page::Page;
use super::visit::host;
use crate::error::Result;

/// Between two looks, where the page doesn't say.
const LOOK_EVERY: Duration = Duration::from_secs(2);
/// Whatever the page says, it is looked at no more often.
const SHORTEST: Duration = Duration::from_secs(1);
/// And no less often.
const LONGEST: Duration = Duration::from_secs(10);
/// Such a page doesn't tell how it ends, so nobody waits for long.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a sign-in saw last.
#[derive(Debug, Default)]
pub(super) struct Polled {
    before: Vec<Sent>,
    number: Option<String>,
}

/// What stays the same of a form when it comes again: how and where to it is sent, without the query, and its fields' names.
#[derive(Debug, PartialEq, Eq)]
struct Sent {
    method: Method,
    action: Url,
    names: Vec<String>,
}

impl Polled {
    /// Forgets what was seen: something was typed or chosen, or the page waits by itself.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Waits before a form without questions is submitted, where its page came back and may look.
    ///
    /// # Errors
    /// [`super::error::SamlError::NotApproved`] after two minutes; without a person, that the session has ended.
    pub(super) async fn wait(&mut self, page: &Page, dialogue: &mut Dialogue<'_, '_>) -> Result<()> {
        let sent = forms(page);
        let came_back = !sent.is_empty() && sent == self.before;
        self.before = sent;
        let refresh = page.refresh.as_ref().map(|(after, _)| *after).filter(|after| !after.is_zero());
        let looks = (page.may_look || refresh.is_some()) && page.complaint.is_none();
        if !(came_back && looks) {
            dialogue.waited();
            return Ok(());
        }
        let place = host(&page.url);
        show_once(page, dialogue);
        if page.number.is_some() && self.number != page.number {
            self.number.clone_from(&page.number);
            dialogue.show_number(page.number.as_deref().unwrap_or_default(), &place);
        }
        let every = page.looks_every.or(refresh).unwrap_or(LOOK_EVERY).clamp(SHORTEST, LONGEST);
        dialogue.pause_within(PATIENCE, every, &place, &waiting_at(&place)).await
    }
}

/// What a page says while somebody is waited for, before the waiting begins.
pub(super) fn show_once(page: &Page, dialogue: &Dialogue<'_, '_>) {
    if !dialogue.is_waiting() {
        dialogue.pass_on(&host(&page.url), Some(page.said.as_str()).filter(|said| !said.is_empty()));
    }
}

/// As [`show_once`], and the number that is to be chosen there.
pub(super) fn show_with_number(page: &Page, dialogue: &Dialogue<'_, '_>) {
    if dialogue.is_waiting() {
        return;
    }
    show_once(page, dialogue);
    if let Some(number) = &page.number {
        dialogue.show_number(number, &host(&page.url));
    }
}

/// What is said where somebody is waited for.
pub(super) fn waiting_at(place: &str) -> String {
    format!("Waiting for you to approve the sign-in at {place} on your other device…")
}

fn forms(page: &Page) -> Vec<Sent> {
    let sent = |form: &super::form::Form| {
        let mut action = form.action.clone();
        action.set_query(None);
        action.set_fragment(None);
        let names = form.fields.iter().map(|field| field.name.clone()).collect();
        Sent { method: form.method, action, names }
    };
    page.forms.iter().map(sent).collect()
}

#[cfg(test)]
#[path = "polled_tests.rs"]
mod tests;
