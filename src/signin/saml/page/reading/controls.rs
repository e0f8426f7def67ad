//! Forms and their controls: which is what, and whose.

use scraper::node::Element;

use super::{Goal, Owner, Reading};
use crate::signin::saml::form::{Choice, Encoding, Field, Form, Kind, Method};
use crate::signin::saml::page::Page;
use crate::signin::saml::page::look::is_invisible;
use crate::signin::saml::script;
use crate::signin::saml::shown::{shown, shown_label};

impl Reading {
    pub(super) fn form(&mut self, element: &Element) {
        let position = self.page.forms.len();
        let id = element.attr("id").filter(|id| !id.is_empty());
        if let Some(id) = id {
            self.form_ids.entry(id.to_owned()).or_insert(position);
        }
        let attr = |name: &str| element.attr(name).unwrap_or_default();
        let action = attr("action").trim();
        let action = if action.is_empty() { Ok(self.page.url.clone()) } else { self.base.join(action) };
        self.page.forms.push(Form {
            // What can't be resolved leads back here, as in a browser, where it would lead nowhere.
            action: action.unwrap_or_else(|_| self.page.url.clone()),
            method: if attr("method").trim().eq_ignore_ascii_case("post") { Method::Post } else { Method::Get },
            encoding: match attr("enctype").trim().eq_ignore_ascii_case("multipart/form-data") {
                true => Encoding::Multipart,
                false => Encoding::UrlEncoded,
            },
            id: id.or_else(|| element.attr("name")).unwrap_or_default().to_owned(),
            fields: Vec::new(),
            locked: Vec::new(),
            is_letter: false,
        });
        self.inside = Some((position, self.depth));
    }

    pub(super) fn input(&mut self, element: &Element) {
        let attr = |name: &str| element.attr(name).unwrap_or_default();
        let checked = element.attr("checked").is_some();
        let (kind, default) = match attr("type").trim().to_ascii_lowercase().as_str() {
            "hidden" => (Kind::Hidden, ""),
            // Boxes that a page doesn't show are there for a browser's list of passwords, or to catch machines.
            "password" if is_invisible(element) => (Kind::Hidden, ""),
            "password" => (Kind::Password, ""),
            "checkbox" => (Kind::Checkbox { checked, required: element.attr("required").is_some() }, "on"),
            "radio" => (Kind::Radio { checked }, "on"),
            "submit" | "image" => (Kind::Submit, ""),
            "button" | "reset" | "file" | "color" | "range" => return,
            _ if is_invisible(element) => (Kind::Hidden, ""),
            _ => (Kind::Text, ""),
        };
        self.field(element, kind, default);
    }

    pub(super) fn button(&mut self, element: &Element) {
        let kind = element.attr("type").unwrap_or("submit").trim().to_ascii_lowercase();
        // It leads elsewhere than its form.
        if element.attr("formaction").is_some() {
            return;
        }
        if kind != "button" && kind != "reset" {
            let before = self.fields.len();
            self.field(element, Kind::Submit, "");
            if self.fields.len() > before {
                self.collect(Goal::Button(before));
            }
        }
    }

    pub(super) fn option(&mut self, element: &Element) {
        let position = self.fields.len().wrapping_sub(1);
        let Some((_, Field { kind: Kind::Select { options }, .. })) = self.fields.last_mut() else { return };
        if element.attr("disabled").is_none() {
            // Without a value, what is shown is sent: the mark says so until it is known.
            let (value, label) = match element.attr("value") {
                Some(value) => (value.to_owned(), String::new()),
                None => (String::new(), "\0".to_owned()),
            };
            options.push(Choice { value, label, selected: element.attr("selected").is_some() });
            self.collect(Goal::Choice(position));
        }
    }

    pub(super) fn field(&mut self, element: &Element, kind: Kind, default: &str) {
        if element.attr("disabled").is_some() || !self.fieldsets_disabled.is_empty() {
            let is_filled = kind == Kind::Text && element.attr("value").is_some_and(|value| !value.is_empty());
            if let (Some((position, _)), Some(name), true) = (self.inside, element.attr("name"), is_filled) {
                self.page.forms[position].locked.push(name.to_owned());
            }
            return;
        }
        let attr = |name: &str| element.attr(name).unwrap_or_default().to_owned();
        let owner = match (element.attr("form"), self.inside) {
            (Some(id), _) => Owner::Id(id.to_owned()),
            (None, Some((position, _))) => Owner::Position(position),
            (None, None) => Owner::After(self.page.forms.len()),
        };
        let label = [attr("aria-label"), attr("placeholder"), attr("title")].into_iter().find(|text| !text.is_empty());
        let label = match kind {
            Kind::Submit => shown_label(&attr("value")),
            Kind::Text | Kind::Password | Kind::Select { .. } => shown_label(&label.unwrap_or_default()),
            _ => String::new(),
        };
        let field = Field {
            name: attr("name"),
            id: attr("id"),
            value: element.attr("value").unwrap_or(default).to_owned(),
            autocomplete: match attr("autocomplete").to_ascii_lowercase() {
                told if matches!(told.as_str(), "" | "on" | "off") && attr("type").eq_ignore_ascii_case("email") => {
                    "email".to_owned()
                }
                told => told,
            },
            label,
            // A browser doesn't count the digits of a number, but it knows its largest.
            one_character: kind.is_typed() && (attr("maxlength").trim() == "1" || attr("max").trim() == "9"),
            max_length: attr("maxlength").trim().parse().ok(),
            kind,
        };
        self.fields.push((owner, field));
    }

    pub(in crate::signin::saml::page) fn finish(mut self) -> Page {
        // A form that began inside a table, or was closed by a neighbour's end, is cut short by the parser: what follows
        // is still its own, unless it has controls already.
        let mut cut_short = vec![true; self.page.forms.len()];
        for (owner, mut field) in std::mem::take(&mut self.fields) {
            let position = match owner {
                Owner::Position(position) => {
                    cut_short[position] &= field.kind == Kind::Hidden;
                    Some(position)
                }
                Owner::Id(id) => self.form_ids.get(&id).copied(),
                Owner::After(forms) => forms.checked_sub(1).filter(|position| cut_short[*position]),
            };
            if let Some(label) =
                self.labels.get(&field.id).filter(|label| !label.is_empty() && field.kind != Kind::Submit)
            {
                field.label.clone_from(label);
            }
            match position.and_then(|position| self.page.forms.get_mut(position)) {
                Some(form) => form.fields.push(field),
                None => {
                    self.page.loose_password |= field.kind == Kind::Password && !field.one_character;
                    self.page.loose_boxes += usize::from(field.one_character);
                }
            }
        }
        self.page.may_look |= self.page.has_script && !self.page.submits_itself;
        self.page.said = shown(&self.page.said);
        for click in &mut self.page.clicks {
            click.sets = script::sets(&click.script, &self.functions);
        }
        if self.page.forms.is_empty() && !self.page.loose_password {
            let leads_to = self.scripts.and_then(|scripts| script::leads_to(&scripts, &self.base));
            self.page.leads_to = leads_to.or_else(|| self.page.filled_from(&self.fetched, &self.base));
        }
        self.page
    }
}
