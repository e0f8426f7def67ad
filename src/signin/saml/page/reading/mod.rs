//! One pass over a page's tree, which gathers what [`Page`] holds. Pure.

mod controls;

use std::collections::HashMap;

use scraper::node::Element;
use url::Url;

use super::look::{
    complains, is_block, is_captcha, is_hidden, is_invisible, is_unsaid, refresh, shows_number, submits,
};
use super::{CAS_POLICY, Click, Link, MAX_BYTES, Page, TEXTS, WORDS};
use crate::signin::saml::form::{Choice, Field, Kind};
use crate::signin::saml::script;
use crate::signin::saml::shown::{MAX_SHOWN, shown_label};

/// As many things to click, and as many links, are kept.
const MAX_CLICKS: usize = 100;
/// As much of a page's scripts is searched for functions, in bytes.
const MAX_FUNCTIONS: usize = 128 * 1024;

/// A text that is being collected, and where it goes.
struct Collecting {
    /// Which element ends it.
    depth: usize,
    text: String,
    goal: Goal,
}

enum Goal {
    Title,
    Complaint,
    /// A text under its id.
    Text(String),
    /// Which of the things to click.
    Click(usize),
    /// Which of the links.
    Link(usize),
    /// Which of the things that are listed.
    Listed(usize),
    /// A label: the id it names, and the fields it is around.
    Label(String, usize),
    /// A list's line: which form and field.
    Choice(usize),
    /// A button's face.
    Button(usize),
    Script,
    /// A number to match.
    Number,
}

/// One pass over the tree.
pub(super) struct Reading {
    page: Page,
    base: Url,
    depth: usize,
    /// The form we are in: its position, and the depth it began at.
    inside: Option<(usize, usize)>,
    /// `id` attributes of forms, by position, for controls that name theirs.
    form_ids: HashMap<String, usize>,
    /// Controls, and the form of each.
    fields: Vec<(Owner, Field)>,
    collecting: Vec<Collecting>,
    labels: HashMap<String, String>,
    fieldsets_disabled: Vec<usize>,
    /// The button we are in, or link that leads away: what it says is no complaint.
    button: Option<usize>,
    /// The element we are in that is not shown: nothing in it is a complaint.
    hidden: Option<usize>,
    /// The element we are in whose text is for no person, or belongs to something to click or fill in.
    unsaid: Option<usize>,
    /// All scripts of the page, unless one is a file of its own.
    scripts: Option<String>,
    /// The functions of the page's own scripts, as far as they are read.
    functions: String,
    /// What scripts put into elements of the page: an address and an id.
    fetched: Vec<(String, String)>,
}

enum Owner {
    /// The form around it.
    Position(usize),
    /// The form that it names.
    Id(String),
    /// None; as many forms came before it.
    After(usize),
}

impl Reading {
    pub(super) fn new(url: &Url) -> Self {
        let page = Page {
            url: url.clone(),
            title: String::new(),
            forms: Vec::new(),
            refresh: None,
            complaint: None,
            submits_itself: false,
            clicks: Vec::new(),
            links: Vec::new(),
            listed: Vec::new(),
            leads_to: None,
            has_script: false,
            may_look: false,
            looks_every: None,
            said: String::new(),
            number: None,
            loose_password: false,
            loose_boxes: 0,
            has_captcha: false,
            words: Vec::new(),
            texts: Vec::new(),
            ids: Vec::new(),
        };
        Self {
            page,
            base: url.clone(),
            depth: 0,
            inside: None,
            form_ids: HashMap::new(),
            fields: Vec::new(),
            collecting: Vec::new(),
            labels: HashMap::new(),
            fieldsets_disabled: Vec::new(),
            button: None,
            hidden: None,
            unsaid: None,
            scripts: Some(String::new()),
            functions: String::new(),
            fetched: Vec::new(),
        }
    }

    pub(super) fn open(&mut self, element: &Element) {
        if is_block(element) {
            self.text(" ");
        }
        self.depth += 1;
        let id = element.attr("id").unwrap_or_default();
        if !id.is_empty() {
            self.page.ids.push(id.to_owned());
        }
        if element.classes().any(|class| class == CAS_POLICY) {
            self.page.ids.push(CAS_POLICY.to_owned());
        }
        let leads_back = matches!(id, "backToApplication" | "loginRestartLink" | "loginContinueLink");
        if element.name() == "button" || element.attr("role") == Some("button") || leads_back {
            self.button = self.button.or(Some(self.depth));
        }
        if is_hidden(element) {
            self.hidden = self.hidden.or(Some(self.depth));
        }
        if is_unsaid(element) {
            self.unsaid = self.unsaid.or(Some(self.depth));
        }
        if shows_number(element) && self.hidden.is_none() {
            self.collect(Goal::Number);
        }
        self.page.has_captcha |= is_captcha(element);
        // Source: LemonLDAP::NG's templates: a number, which a script replaces by words.
        if let Some(number) = element.attr("trmsg").filter(|number| number.bytes().all(|it| it.is_ascii_digit())) {
            self.text(&format!("error {number}"));
        }
        if is_block(element) {
            self.text(" ");
        }
        if complains(element) && self.hidden.is_none() {
            self.collect(Goal::Complaint);
        }
        if TEXTS.contains(&id) {
            self.collect(Goal::Text(id.to_owned()));
        }
        let script =
            element.attr("onclick").or_else(|| element.attr("href").filter(|it| it.starts_with("javascript:")));
        if let Some(script) = script.filter(|_| self.page.clicks.len() < MAX_CLICKS) {
            let label = shown_label(element.attr("aria-label").unwrap_or_default());
            let script = script.chars().take(MAX_SHOWN * 2).collect();
            let form = self.inside.map(|(position, _)| position);
            let click = Click { script, label, form, sets: Vec::new() };
            self.page.clicks.push(click);
            self.collect(Goal::Click(self.page.clicks.len() - 1));
        }
        if element.name() == "a" && script.is_none() {
            self.link(element, id);
        }
        match element.name() {
            "base" => {
                if let Some(base) = element.attr("href").and_then(|href| self.page.url.join(href).ok()) {
                    self.base = base;
                }
            }
            "title" if self.page.title.is_empty() => self.collect(Goal::Title),
            "meta" => self.meta(element),
            "body" => self.note_script(element.attr("onload").unwrap_or_default()),
            "script" => {
                self.page.has_script = true;
                let source = element.attr("src").unwrap_or_default();
                self.note_words(source);
                self.page.may_look |= !source.is_empty();
                // What stands elsewhere may do anything.
                self.scripts = self.scripts.take().filter(|_| source.is_empty());
                self.collect(Goal::Script);
            }
            "form" => self.form(element),
            "fieldset" if element.attr("disabled").is_some() => self.fieldsets_disabled.push(self.depth),
            "label" => {
                let target = element.attr("for").unwrap_or_default().to_owned();
                self.collect(Goal::Label(target, self.fields.len()));
            }
            "input" => self.input(element),
            "button" => self.button(element),
            "select" => self.field(element, Kind::Select { options: Vec::new() }, ""),
            "option" => self.option(element),
            "textarea" => {
                if let (Some((position, _)), false) = (self.inside, is_invisible(element)) {
                    self.page.forms[position].is_letter = true;
                }
                self.field(element, Kind::Hidden, "");
            }
            "li" => self.listed(element),
            _ => {}
        }
    }

    pub(super) fn close(&mut self, element: &Element) {
        if is_block(element) {
            self.text(" ");
        }
        while self.collecting.last().is_some_and(|it| it.depth == self.depth) {
            if let Some(collected) = self.collecting.pop() {
                self.collected(collected);
            }
        }
        if self.inside.is_some_and(|(_, depth)| depth == self.depth) && element.name() == "form" {
            self.inside = None;
        }
        if self.button == Some(self.depth) {
            self.button = None;
        }
        if self.hidden == Some(self.depth) {
            self.hidden = None;
        }
        if self.unsaid == Some(self.depth) {
            self.unsaid = None;
        }
        if self.fieldsets_disabled.last() == Some(&self.depth) {
            self.fieldsets_disabled.pop();
        }
        self.depth -= 1;
    }

    pub(super) fn text(&mut self, text: &str) {
        let is_said = self.hidden.is_none() && self.button.is_none() && self.unsaid.is_none();
        if is_said && self.page.said.len() < MAX_SHOWN * 4 {
            self.page.said.push_str(text);
        }
        for collecting in &mut self.collecting {
            let room = match collecting.goal {
                Goal::Complaint if self.button.is_some() => 0,
                Goal::Script => MAX_BYTES,
                _ => MAX_SHOWN * 4,
            };
            if collecting.text.len() < room {
                collecting.text.push_str(text);
            }
        }
    }

    fn collect(&mut self, goal: Goal) {
        // Labels and complaints nest a little, never much.
        if self.collecting.len() < 16 {
            self.collecting.push(Collecting { depth: self.depth, text: String::new(), goal });
        }
    }

    fn collected(&mut self, collected: Collecting) {
        let shown = shown_label(&collected.text);
        match collected.goal {
            Goal::Title => self.page.title = shown,
            Goal::Complaint if self.page.complaint.is_none() && !shown.is_empty() => self.page.complaint = Some(shown),
            Goal::Complaint => {}
            Goal::Text(id) if !shown.is_empty() => self.page.texts.push((id, shown)),
            Goal::Text(_) => {}
            Goal::Click(position) => {
                if let Some(click) = self.page.clicks.get_mut(position).filter(|_| !shown.is_empty()) {
                    click.label = shown;
                }
            }
            Goal::Link(position) => {
                if let Some(link) = self.page.links.get_mut(position) {
                    link.label = shown;
                }
            }
            Goal::Listed(position) => {
                if let Some(choice) = self.page.listed.get_mut(position) {
                    choice.label = shown;
                }
            }
            Goal::Script => {
                self.note_script(&collected.text);
                self.note_words(&collected.text);
                if self.functions.len() + collected.text.len() <= MAX_FUNCTIONS {
                    self.functions.push_str(&collected.text);
                }
                self.fetched.extend(script::fetched(&collected.text).filter(|_| self.fetched.len() < 2));
                if let Some(scripts) = &mut self.scripts {
                    scripts.push_str(&collected.text);
                }
            }
            Goal::Number => {
                let is_one = (1..=3).contains(&shown.len()) && shown.bytes().all(|it| it.is_ascii_digit());
                self.page.number = self.page.number.take().or(Some(shown).filter(|_| is_one));
            }
            Goal::Label(target, first) => {
                for (_, field) in self.fields.iter_mut().skip(first) {
                    if field.label.is_empty() {
                        field.label.clone_from(&shown);
                    }
                }
                if !target.is_empty() {
                    self.labels.insert(target, shown);
                }
            }
            Goal::Choice(position) => {
                if let Some((_, Field { kind: Kind::Select { options }, .. })) = self.fields.get_mut(position)
                    && let Some(choice) = options.last_mut()
                {
                    if choice.value.is_empty() && choice.label == "\0" {
                        choice.value.clone_from(&shown);
                    }
                    choice.label = shown;
                }
            }
            Goal::Button(position) => {
                if let Some((_, field)) = self.fields.get_mut(position)
                    && !shown.is_empty()
                {
                    field.label = shown;
                }
            }
        }
    }

    fn link(&mut self, element: &Element, id: &str) {
        let url = element.attr("href").and_then(|href| self.base.join(href.trim()).ok());
        let Some(url) = url.filter(|url| matches!(url.scheme(), "http" | "https")) else { return };
        if self.page.links.len() < MAX_CLICKS {
            self.page.links.push(Link { id: id.to_owned(), url, label: String::new() });
            self.collect(Goal::Link(self.page.links.len() - 1));
        }
    }

    fn listed(&mut self, element: &Element) {
        let value = element.attr("data-id").unwrap_or_default().to_owned();
        if !value.is_empty() && self.page.listed.len() < MAX_CLICKS {
            self.page.listed.push(Choice { value, label: String::new(), selected: false });
            self.collect(Goal::Listed(self.page.listed.len() - 1));
        }
    }

    fn note_script(&mut self, script: &str) {
        self.page.submits_itself |= submits(script);
        self.page.may_look |= script::may_look(script);
        self.page.looks_every = self.page.looks_every.or_else(|| script::looks_every(script));
    }

    fn note_words(&mut self, script: &str) {
        let found = WORDS.iter().filter(|word| script.contains(**word));
        self.page.words.extend(found);
    }

    fn meta(&mut self, element: &Element) {
        let is_refresh = element.attr("http-equiv").is_some_and(|name| name.eq_ignore_ascii_case("refresh"));
        if is_refresh && self.page.refresh.is_none() {
            self.page.refresh = element.attr("content").and_then(|content| refresh(content, &self.base));
        }
    }
}
