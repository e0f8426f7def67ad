//! Signing in on any provider's forms: page → what to do → request.

use std::time::Duration;

use super::dialogue::{Dialogue, Factor};
use super::error::SamlError;
use super::form::{Field, Form, Request};
use super::page::Page;
use super::polled::{Polled, show_with_number, waiting_at};
use super::provider::{Opened, Provider, Taken, Taking};
use super::step::{Item, Obstacle, Question, Step, Way, What, entries, next, of_form};
use super::visit::host;
use crate::error::Result;
use crate::secret::Secret;
use crate::signin::Interaction;

/// Pages want no less between two looks.
const SHORTEST_WAIT: Duration = Duration::from_secs(1);

/// Any provider's forms. It knows no product.
#[derive(Debug, Default)]
pub(super) struct FormEngine {
    /// Which of several forms was chosen: it stays so when the page comes again.
    way: Option<String>,
    polled: Polled,
}

impl Provider for FormEngine {
    fn recognises(&self, _opened: &Opened) -> bool {
        true
    }

    fn take<'t>(&'t mut self, opened: &'t Opened, dialogue: &'t mut Dialogue<'_, '_>) -> Taking<'t> {
        Box::pin(take(&opened.page, self, dialogue))
    }
}

async fn take(page: &Page, engine: &mut FormEngine, dialogue: &mut Dialogue<'_, '_>) -> Result<Taken> {
    let place = host(&page.url);
    let code_sent = std::mem::take(&mut dialogue.code_sent);
    let step = next(page, &dialogue.progress).map_err(SamlError::from)?;
    if !matches!(step, Step::Submit(_)) {
        engine.polled.forget();
    }
    Ok(match step {
        Step::Done(response) => Taken::Response(response),
        Step::Submit(request) => {
            engine.polled.wait(page, dialogue).await?;
            Taken::Next(request)
        }
        Step::Choose(menu) => {
            dialogue.pass_on(&place, page.complaint.as_deref());
            Taken::Next(choose(dialogue, &menu, &place)?)
        }
        Step::Which(ways) => which(&ways, &mut engine.way, page, dialogue)?,
        Step::Wait { after, then } => {
            show_with_number(page, dialogue);
            dialogue.pause(after.max(SHORTEST_WAIT), &place, &waiting_at(&place)).await?;
            Taken::Next(then)
        }
        Step::Poll { status, then } => {
            show_with_number(page, dialogue);
            Taken::Next(poll(dialogue, &status, then, &place).await?)
        }
        // Some providers answer a wrong code with a page that only leads back to the beginning.
        Step::Stop(Obstacle::Unknown | Obstacle::Program(_)) if code_sent => {
            return Err(SamlError::WrongCode { host: place, says: page.complaint.clone() }.into());
        }
        step => asked(step, dialogue, page, &[])?,
    })
}

/// Asks what this form of a page asks, and fills it in; `also` are fields that are filled in already.
pub(super) fn ask(dialogue: &mut Dialogue<'_, '_>, page: &Page, form: &Form, also: &[(usize, &str)]) -> Result<Taken> {
    asked(of_form(form, &dialogue.progress), dialogue, page, also)
}

fn asked(step: Step, dialogue: &mut Dialogue<'_, '_>, page: &Page, also: &[(usize, &str)]) -> Result<Taken> {
    let (host, says) = (host(&page.url), page.complaint.clone());
    let error = match step {
        Step::Ask { form, questions } => return fill(dialogue, page, &form, &questions, also),
        Step::Rejected => SamlError::Rejected { host: host.clone(), says },
        Step::NameRejected => SamlError::UnknownName { host: host.clone(), says },
        Step::Stop(obstacle) => stopped(obstacle, page),
        _ => return Err(dialogue.unknown_page(page)),
    };
    Err(dialogue.stop(&host, error))
}

fn fill(
    dialogue: &mut Dialogue<'_, '_>,
    page: &Page,
    form: &Form,
    questions: &[Question],
    also: &[(usize, &str)],
) -> Result<Taken> {
    let place = host(&page.url);
    let person = dialogue.person(&place)?;
    let asks_password = questions.iter().any(|question| question.what == What::Password);
    let asks_secret = questions.iter().any(|question| question.is_secret);
    if asks_secret {
        dialogue.check_own(&page.url)?;
        dialogue.check_own(&form.action)?;
    }
    if !asks_password && questions.iter().any(|question| question.what == What::Code) {
        dialogue.next_code(&place, page.complaint.as_deref())?;
        dialogue.code_sent = true;
    }
    dialogue.pass_on(&place, page.complaint.as_deref());
    let mut answers: Vec<(usize, Secret)> =
        also.iter().map(|(position, value)| (*position, Secret::new(*value))).collect();
    for question in questions {
        let field = &form.fields[question.position];
        let answer = match question.what {
            What::Entry => Secret::new(entry(dialogue, &place, field)?),
            What::Username => Secret::new(dialogue.username(&place, &field.value)?),
            What::Password => {
                let name = (form.action.host_str().unwrap_or_default().to_owned(), field.name.clone());
                dialogue.progress.password_sent = Some(name);
                let beside = questions.iter().find(|it| it.what == What::Username);
                dialogue.progress.name_beside = beside.map(|it| form.fields[it.position].name.clone());
                dialogue.password(&place)?
            }
            What::Code if !question.boxes.is_empty() => for_boxes(person, question)?,
            What::Code => typed(person, &labelled(&question.label, "One-time code"), question)?,
            What::Other => typed(person, &labelled(&question.label, "Answer"), question)?,
        };
        let filled = question.filled(answer.expose()).unwrap_or_default();
        answers.extend(filled.into_iter().map(|(position, text)| (position, Secret::new(text))));
    }
    if let [Question { what: What::Username, position, .. }] = questions {
        dialogue.progress.sends_name(form, &form.fields[*position]);
    }
    let answers: Vec<(usize, &str)> = answers.iter().map(|(position, answer)| (*position, answer.expose())).collect();
    dialogue.waited();
    let request = form.submitted(&answers);
    Ok(if asks_secret { Taken::NextWithSecret(request) } else { Taken::Next(request) })
}

/// The entry of a list that the profile names, else the one that the page chose, else the person's choice; what it sends.
fn entry(dialogue: &Dialogue<'_, '_>, place: &str, field: &Field) -> Result<String> {
    let (entries, chosen) = entries(field);
    let named: Vec<Factor> = entries.iter().map(|it| Factor::new(it.value.as_str(), &it.label)).collect();
    let taken = match chosen.filter(|_| dialogue.wished_organisation(&named).is_none()) {
        Some(chosen) => chosen,
        None => dialogue.organisation(place, &named)?,
    };
    Ok(entries.get(taken).map(|entry| entry.value.clone()).unwrap_or_default())
}

/// What is typed, with echo unless the page hides it.
fn typed(person: &dyn Interaction, asked: &str, question: &Question) -> Result<Secret> {
    if question.is_secret { person.ask_secret(asked) } else { person.ask(asked, None).map(Secret::new) }
}

/// A code that is typed until it has a character for each box; spaces are the person's.
fn for_boxes(person: &dyn Interaction, question: &Question) -> Result<Secret> {
    let wanted = question.boxes.len();
    loop {
        let typed = typed(person, &format!("One-time code ({wanted} characters)"), question)?;
        let code: String = typed.expose().split_whitespace().collect();
        match code.chars().count() {
            count if count == wanted => return Ok(Secret::new(code)),
            count => person.say(&format!("The code has {wanted} characters, and this has {count}")),
        }
    }
}

fn which(ways: &[Way], before: &mut Option<String>, page: &Page, dialogue: &mut Dialogue<'_, '_>) -> Result<Taken> {
    let named: Vec<Factor> = ways.iter().map(|way| Factor::new(way.name.as_str(), &way.label)).collect();
    let chosen = match ways.iter().position(|way| Some(&way.name) == before.as_ref()) {
        Some(chosen) => chosen,
        None => dialogue.organisation(&host(&page.url), &named)?,
    };
    let Way { form, name, .. } = &ways[chosen];
    *before = Some(name.clone());
    if form.has_typed() { ask(dialogue, page, form, &[]) } else { Ok(Taken::Next(form.submitted(&[]))) }
}

fn choose(dialogue: &mut Dialogue<'_, '_>, menu: &[Item], place: &str) -> Result<Request> {
    dialogue.person(place)?;
    let factors: Vec<Factor> =
        menu.iter().map(|item| Factor { name: item.value.clone(), label: item.label.clone() }).collect();
    let chosen = dialogue.choose(place, &format!("{place} asks"), &factors)?;
    dialogue.waited();
    Ok(menu[chosen].request.clone())
}

async fn poll(dialogue: &mut Dialogue<'_, '_>, status: &Request, then: Request, place: &str) -> Result<Request> {
    loop {
        dialogue.pause(Duration::from_secs(2), place, &waiting_at(place)).await?;
        let fetched = dialogue.visit.fetch(status, false).await?;
        let document: serde_json::Value = serde_json::from_str(&fetched.text).unwrap_or_default();
        let word = document.get("status").and_then(|status| status.as_str()).unwrap_or_default();
        // Source: PingID's script: anything but a wait is over, and the other form tells how it ended.
        if !word.ends_with("WAIT") {
            return Ok(then);
        }
    }
}

/// Why a page stops a sign-in.
fn stopped(obstacle: Obstacle, page: &Page) -> SamlError {
    let host = host(&page.url);
    match obstacle {
        Obstacle::SecurityKey => SamlError::Unsupported { host, factor: "a security key or passkey".to_owned() },
        Obstacle::Duo => SamlError::Unsupported { host, factor: "Duo".to_owned() },
        Obstacle::Captcha => {
            SamlError::Unsupported { host, factor: "proof that you are no program (a captcha)".to_owned() }
        }
        Obstacle::ScriptedCode => {
            SamlError::Unsupported { host, factor: "a code in boxes that only a script sends".to_owned() }
        }
        Obstacle::PasswordExpired => SamlError::PasswordExpired { host },
        Obstacle::EnrolmentRequired => SamlError::EnrolmentRequired { host },
        Obstacle::ActionRequired(action) => SamlError::ActionRequired { host, action },
        Obstacle::TermsRequired => SamlError::TermsRequired { host },
        Obstacle::PageExpired => SamlError::PageExpired { host },
        Obstacle::Program(product) => SamlError::Program { host, product, title: page.title.clone() },
        Obstacle::Unknown => SamlError::UnknownPage { host, title: page.title.clone(), says: page.complaint.clone() },
    }
}

fn labelled(label: &str, otherwise: &str) -> String {
    if label.is_empty() { otherwise.to_owned() } else { label.to_owned() }
}
