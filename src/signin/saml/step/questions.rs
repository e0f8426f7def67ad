//! What a form asks, and which answer goes into which of its fields. Pure.

use super::boxes::{boxes, need_script};
use super::field::{is_answer, is_captcha, is_code, is_language, is_search, is_second_secret, is_username, registers};
use super::menu::is_real;
use super::ways::ways;
use super::{Obstacle, Progress, Question, Step, What};
use crate::signin::saml::form::{Field, Form, Kind, Method};
use crate::signin::saml::page::Page;

/// The form that asks for something to be typed: the one with a password before one without.
pub(super) fn questions(page: &Page, progress: &Progress) -> Option<Step> {
    if let Some(step) = ways(page) {
        return Some(step);
    }
    let asking = |form: &&Form| !form.typed().is_empty() && !form.is_letter;
    let passwords =
        |form: &Form| in_no_box(form, |field| field.kind == Kind::Password && !is_second_secret(form, field));
    let with_one = page.forms.iter().filter(asking).find(|form| passwords(form) == 1);
    if with_one.is_none() && need_script(page) {
        return Some(Step::Stop(Obstacle::ScriptedCode));
    }
    let with_one = page.forms.iter().filter(asking).find(|form| passwords(form) == 1 && !registers(form)).or(with_one);
    let form = with_one
        .or_else(|| page.forms.iter().filter(asking).find(|form| passwords(form) > 1))
        .or_else(|| page.forms.iter().find(|form| asking(form) && !is_search(form)))?;
    if page.has_captcha {
        return Some(Step::Stop(Obstacle::Captcha));
    }
    Some(of_form(form, progress))
}

/// What a form that asks for something to be typed asks: [`Step::Ask`], [`Step::Rejected`], [`Step::NameRejected`] or
/// [`Step::Stop`].
pub fn of_form(form: &Form, progress: &Progress) -> Step {
    let host = form.action.host_str().unwrap_or_default();
    let sent =
        |field: &Field| progress.password_sent.as_ref().is_some_and(|(to, name)| to == host && *name == field.name);
    let boxes = boxes(form);
    // A box for a single character is for one of a word that both know.
    let is_part = |field: &Field| is_code(field) || is_answer(field) || field.one_character;
    let is_password = |field: &Field| field.kind == Kind::Password && !is_part(field) && !is_second_secret(form, field);
    // The new password, and the same once more.
    if in_no_box(form, is_password) > 1 {
        return Step::Stop(Obstacle::PasswordExpired);
    }
    let mut questions: Vec<Question> = Vec::new();
    for position in form.typed() {
        let field = &form.fields[position];
        let is_secret = field.kind.is_secret();
        // In an address it would be in logs: such a form is there for a script.
        if is_secret && form.method == Method::Get {
            return Step::Stop(Obstacle::Program(""));
        }
        if boxes.contains(&position) {
            if boxes.first() == Some(&position) {
                let (boxes, copy) = (boxes.clone(), joined(form));
                questions.push(Question { position, boxes, copy, what: What::Code, is_secret, label: String::new() });
            }
            continue;
        }
        let what = match field.kind {
            // The name that was sent beside the password was accepted: the next secret is another one.
            Kind::Password if sent(field) && locks_name(form, progress) => What::Code,
            Kind::Password if sent(field) => return Step::Rejected,
            Kind::Password if is_answer(field) => What::Other,
            Kind::Password if is_part(field) || is_second_secret(form, field) => What::Code,
            // A second secret on the same host, with no name beside it, is no second password.
            Kind::Password if progress.password_sent.as_ref().is_some_and(|(to, _)| to == host) => What::Code,
            Kind::Password => What::Password,
            _ if is_captcha(field) => return Step::Stop(Obstacle::Captcha),
            _ if is_username(field) => What::Username,
            _ if is_code(field) => What::Code,
            _ => What::Other,
        };
        let copy = if what == What::Username { copied(form, field) } else { None };
        questions.push(Question { position, boxes: Vec::new(), copy, what, is_secret, label: field.label.clone() });
    }
    name_the_username(form, &mut questions, progress);
    // What the page filled in already, and isn't a person's name, stays.
    questions.retain(|it| it.what != What::Other || form.fields[it.position].value.is_empty());
    if questions.iter().any(|it| it.is_secret) && questions.iter().any(|it| it.what == What::Username) {
        questions.splice(0..0, lists(form));
    }
    match questions.as_slice() {
        [Question { what: What::Username, position, .. }] if progress.knows_name(form, &form.fields[*position]) => {
            match form.method {
                _ if progress.password_sent.as_ref().is_some_and(|(to, _)| to == host) => Step::Rejected,
                Method::Get => Step::Stop(Obstacle::Program("")),
                Method::Post => Step::NameRejected,
            }
        }
        _ => Step::Ask { form: form.clone(), questions },
    }
}

/// Whether a form shows the name that was sent beside the password, and no longer lets it be changed.
///
/// Source: PingFederate's form for a second adapter, which asks for a token's code under the password's name.
fn locks_name(form: &Form, progress: &Progress) -> bool {
    progress.name_beside.as_ref().is_some_and(|name| form.locked.contains(name))
}

/// The lists beside a name and a secret that have something to choose. They are asked about first: whoever doesn't know
/// the answer has typed no password yet.
fn lists(form: &Form) -> Vec<Question> {
    let is_choice = |field: &Field| match &field.kind {
        Kind::Select { options } => options.iter().any(is_real) && !field.name.is_empty() && !is_language(field),
        _ => false,
    };
    let question = |position: usize| Question {
        position,
        boxes: Vec::new(),
        copy: None,
        what: What::Entry,
        is_secret: false,
        label: form.fields[position].label.clone(),
    };
    form.positions(is_choice).into_iter().map(question).collect()
}

impl Question {
    /// What goes into which field; `None` when the answer hasn't one character for each box.
    pub fn filled<'c>(&self, answer: &'c str) -> Option<Vec<(usize, &'c str)>> {
        let copy = self.copy.map(|position| (position, answer));
        if self.boxes.is_empty() {
            return Some([(self.position, answer)].into_iter().chain(copy).collect());
        }
        let starts: Vec<usize> = answer.char_indices().map(|(start, _)| start).collect();
        let ends = starts.iter().skip(1).copied().chain([answer.len()]);
        let characters = starts.iter().zip(ends).map(|(start, end)| &answer[*start..end]);
        (starts.len() == self.boxes.len()).then(|| self.boxes.iter().copied().zip(characters).chain(copy).collect())
    }
}

/// The empty hidden field for a code, where there is only one. Source: the pages of WSO2 Identity Server.
fn joined(form: &Form) -> Option<usize> {
    only(form, is_code)
}

/// The empty hidden field that the visible one for the name is called after. Source: the same: `username` beside
/// `usernameUserInput`.
fn copied(form: &Form, visible: &Field) -> Option<usize> {
    let visible = visible.name.to_ascii_lowercase();
    only(form, |field| {
        let name = field.name.to_ascii_lowercase();
        (4..visible.len()).contains(&name.len()) && visible.starts_with(&name) && is_username(field)
    })
}

fn only(form: &Form, is: impl Fn(&Field) -> bool) -> Option<usize> {
    let found = form.positions(|it| it.kind == Kind::Hidden && it.value.is_empty() && !it.name.is_empty() && is(it));
    Some(found).filter(|found| found.len() == 1)?.first().copied()
}

/// How many such fields there are beside a code's boxes.
fn in_no_box(form: &Form, is: impl Fn(&Field) -> bool) -> usize {
    let boxes = boxes(form);
    form.positions(is).iter().filter(|position| !boxes.contains(position)).count()
}

/// The line before the first secret is the name, unless a password was sent before; a lone line after a password is a
/// code.
fn name_the_username(form: &Form, questions: &mut [Question], progress: &Progress) {
    if questions.iter().any(|question| question.what == What::Username) {
        return;
    }
    let is_first_secret = |it: &Question| {
        let may_be = it.what == What::Code && it.is_secret && it.boxes.is_empty() && progress.password_sent.is_none();
        it.what == What::Password || may_be
    };
    match questions.iter().position(is_first_secret) {
        Some(0) => {}
        // Letters of a word follow each other.
        Some(secret) if questions[secret - 1].is_secret => {}
        Some(secret) => questions[secret - 1].what = What::Username,
        None if progress.password_sent.is_some() => {
            // What the page filled in already is a setting.
            if let [only] = questions
                && only.what == What::Other
                && form.fields[only.position].value.is_empty()
            {
                only.what = What::Code;
            }
        }
        None => {}
    }
}
