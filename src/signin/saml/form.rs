//! A page's form, and what a browser would send when it is filled in and submitted. Pure.
//!
//! Source: WHATWG HTML, "Form submission" (the entry list, the default button, `application/x-www-form-urlencoded`,
//! `multipart/form-data`).

use std::fmt;

use url::Url;
use url::form_urlencoded;

use crate::secret::Secret;

const URL_ENCODED: &str = "application/x-www-form-urlencoded";

/// A form of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Where it is sent, resolved against the page.
    pub action: Url,
    /// How it is sent.
    pub method: Method,
    /// How its body is written.
    pub encoding: Encoding,
    /// Its `id`, else its `name`; may be empty.
    pub id: String,
    /// Its controls, in the order of the page.
    pub fields: Vec<Field>,
    /// The names of its lines that are filled in and can't be changed.
    pub locked: Vec<String>,
    /// It has room for many lines: it tells somebody something, and signs nobody in.
    pub is_letter: bool,
}

/// How a form is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// The fields replace the URL's query.
    Get,
    /// The fields are the body.
    Post,
}

/// How a form's body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `application/x-www-form-urlencoded`.
    UrlEncoded,
    /// `multipart/form-data`.
    Multipart,
}

/// One control of a form.
#[derive(Clone, PartialEq, Eq)]
pub struct Field {
    /// What it is sent as.
    pub name: String,
    /// Its `id`; may be empty.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// What the page put into it. Tokens are in here.
    pub value: String,
    /// What the page calls it, for a person; may be empty.
    pub label: String,
    /// Its `autocomplete` attribute; `email` for a box of that type that has none.
    pub autocomplete: String,
    /// It takes a single character.
    pub one_character: bool,
    /// How many characters it takes, where the page says.
    pub max_length: Option<usize>,
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field").field("name", &self.name).field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// What a control is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Not shown.
    Hidden,
    /// A line of text that the page shows as it is typed.
    Text,
    /// A line of text that the page hides.
    Password,
    /// A box to tick.
    Checkbox {
        /// It is ticked.
        checked: bool,
        /// It must be.
        required: bool,
    },
    /// One of several with the same name.
    Radio {
        /// It is the one.
        checked: bool,
    },
    /// A list.
    Select {
        /// What is in it.
        options: Vec<Choice>,
    },
    /// A button that submits.
    Submit,
}

impl Kind {
    /// Whether a person types into it.
    pub(super) fn is_typed(&self) -> bool {
        matches!(self, Kind::Text | Kind::Password)
    }

    /// Whether what is typed into it is a secret, whatever it is named: it is typed without echo, goes to the provider's
    /// own hosts only, and never into an address.
    pub(super) fn is_secret(&self) -> bool {
        *self == Kind::Password
    }
}

/// One line of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// The page chose it.
    pub selected: bool,
}

/// A request to be made next; what was typed may be in its body, or in its query.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// How.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Content type and bytes, for a POST.
    pub body: Option<(String, Secret)>,
    /// The `Authorization` header, for an API.
    pub authorization: Option<Secret>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.url.host_str().unwrap_or_default();
        f.debug_struct("Request").field("method", &self.method).field("host", &host).finish_non_exhaustive()
    }
}

impl Request {
    /// A page to fetch.
    pub fn get(url: Url) -> Self {
        Self { method: Method::Get, url, body: None, authorization: None }
    }

    /// Something to post, of this content type.
    pub fn post(url: Url, kind: &str, body: Secret) -> Self {
        Self { method: Method::Post, url, body: Some((kind.to_owned(), body)), authorization: None }
    }

    /// Fields to post, as a form would.
    pub fn post_fields(url: Url, fields: &[(&str, &str)]) -> Self {
        Self::post(url, URL_ENCODED, Secret::new(url_encoded(fields)))
    }
}

impl Form {
    /// The first field of this name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether there is a hidden field of this name with something in it.
    pub fn holds(&self, name: &str) -> bool {
        self.field(name).is_some_and(|field| field.kind == Kind::Hidden && !field.value.trim().is_empty())
    }

    /// The positions of the fields of some kind.
    pub fn positions(&self, is: impl Fn(&Field) -> bool) -> Vec<usize> {
        (0..self.fields.len()).filter(|position| is(&self.fields[*position])).collect()
    }

    /// The positions of the fields that are typed into and sent.
    pub fn typed(&self) -> Vec<usize> {
        self.positions(|field| field.kind.is_typed() && !field.name.is_empty())
    }

    /// Whether anything in it is typed into, sent by the form itself or by a script.
    pub fn has_typed(&self) -> bool {
        self.fields.iter().any(|field| field.kind.is_typed())
    }

    /// Whether nothing in it is for a person to fill in or choose.
    pub fn asks_nothing(&self) -> bool {
        self.fields.iter().all(|field| matches!(field.kind, Kind::Hidden | Kind::Submit)) && !self.is_letter
    }

    /// As [`Form::asks_nothing`], but there may be boxes to tick, none of which must be.
    pub(super) fn takes_or_leaves(&self) -> bool {
        let may_stay = |kind: &Kind| !matches!(kind, Kind::Checkbox { checked: false, required: true });
        let is_answer = |kind: &Kind| matches!(kind, Kind::Hidden | Kind::Submit | Kind::Checkbox { .. });
        self.fields.iter().all(|field| is_answer(&field.kind) && may_stay(&field.kind)) && !self.is_letter
    }

    /// How many choices of one page are told apart, so that all that they would send fits in memory.
    pub fn most_choices(&self) -> usize {
        const MOST_BYTES: usize = 32 << 20;
        let lines = |kind: &Kind| match kind {
            Kind::Select { options } => options.iter().map(|option| option.value.len() + option.label.len()).sum(),
            _ => 0,
        };
        let of_field = |it: &Field| it.name.len() + it.id.len() + it.value.len() + it.label.len() + lines(&it.kind);
        let bytes = self.action.as_str().len() + self.fields.iter().map(of_field).sum::<usize>();
        // Encoded, a byte may be three.
        MOST_BYTES / (3 * bytes + 1024)
    }

    /// What a browser sends when these fields were filled in; a chosen radio, list entry or button is one too.
    ///
    /// Unless a button is among the answers, the form's default button counts as pressed.
    pub fn submitted(&self, answers: &[(usize, &str)]) -> Request {
        let entries = self.entries(answers);
        let mut url = self.action.clone();
        url.set_fragment(None);
        match (self.method, self.encoding) {
            (Method::Get, _) => {
                url.set_query(Some(&url_encoded(&entries)));
                Request::get(url)
            }
            (Method::Post, Encoding::UrlEncoded) => Request::post_fields(url, &entries),
            (Method::Post, Encoding::Multipart) => {
                let (kind, body) = multipart(&entries);
                Request::post(url, &kind, body)
            }
        }
    }

    fn entries<'f>(&'f self, answers: &[(usize, &'f str)]) -> Vec<(&'f str, &'f str)> {
        let answer = |position: usize| answers.iter().find(|(at, _)| *at == position).map(|(_, text)| *text);
        let answered = |name: &str, kind: fn(&Kind) -> bool| {
            answers.iter().any(|(at, _)| self.fields.get(*at).is_some_and(|it| kind(&it.kind) && it.name == name))
        };
        let pressed = answers.iter().any(|(at, _)| self.fields.get(*at).is_some_and(|it| it.kind == Kind::Submit));
        let button = if pressed { None } else { self.default_button() };
        let mut entries = Vec::new();
        for (position, field) in self.fields.iter().enumerate() {
            let value = match &field.kind {
                Kind::Hidden => Some(answer(position).unwrap_or(field.hidden_value())),
                Kind::Text | Kind::Password => Some(answer(position).unwrap_or(&field.value)),
                Kind::Checkbox { checked, .. } => answer(position).or_else(|| checked.then_some(field.value.as_str())),
                Kind::Radio { checked } => match answered(&field.name, |kind| matches!(kind, Kind::Radio { .. })) {
                    true => answer(position),
                    false => checked.then_some(field.value.as_str()),
                },
                Kind::Select { options } => answer(position).or_else(|| {
                    let chosen = options.iter().find(|option| option.selected).or(options.first());
                    chosen.map(|option| option.value.as_str())
                }),
                Kind::Submit => answer(position).or_else(|| (button == Some(position)).then_some(field.value.as_str())),
            };
            if let (Some(value), false) = (value, field.name.is_empty()) {
                entries.push((field.name.as_str(), value));
            }
        }
        entries
    }

    /// The first button that leads on; where there is none, the first, unless the form was there to be filled in.
    fn default_button(&self) -> Option<usize> {
        let buttons = self.positions(|field| field.kind == Kind::Submit);
        let proceeds = |position: &&usize| self.fields[**position].name == PROCEED;
        let leads_on = |position: &&usize| !self.fields[**position].leads_away();
        let first = buttons.first().filter(|_| self.asks_nothing());
        buttons.iter().find(proceeds).or_else(|| buttons.iter().find(leads_on)).or(first).copied()
    }
}

/// Shibboleth's button that leads on, wherever it stands. Source: its web flows.
pub(super) const PROCEED: &str = "_eventId_proceed";

impl Field {
    /// A field that a page's script would add.
    pub(super) fn hidden(name: &str, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            id: String::new(),
            kind: Kind::Hidden,
            value: value.to_owned(),
            label: String::new(),
            autocomplete: String::new(),
            one_character: false,
            max_length: None,
        }
    }

    /// Whether a button ends the sign-in, leads back or does something beside it, as its name, id and value tell.
    pub(super) fn leads_away(&self) -> bool {
        // What it sends may be a token, and has any letters in it.
        let is_word = |c: char| c.is_ascii_alphabetic() || " _-.".contains(c);
        let value = Some(self.value.as_str()).filter(|value| value.chars().all(is_word)).unwrap_or_default();
        let name = format!("{} {} {value}", self.name, self.id).to_ascii_lowercase().replace("callback", "");
        LEADING_AWAY.iter().any(|word| name.contains(word))
    }

    /// What is sent for a hidden field. Scripts put this into an empty one when somebody signs in.
    ///
    /// Source: PingFederate's `html.form.login.template.html`, `postOk`; PingID's first page, which asks whether the
    /// browser can use a security key.
    fn hidden_value(&self) -> &str {
        match self.name.as_str() {
            "pf.ok" if self.value.is_empty() => "clicked",
            "isWebAuthnSupportedByBrowser" if self.value.is_empty() => "false",
            _ => &self.value,
        }
    }
}

/// Parts of the names of buttons that don't lead on.
const LEADING_AWAY: &[&str] = &[
    "cancel",
    "back",
    "reset",
    "another",
    "logout",
    "signout",
    "reject",
    "decline",
    "deny",
    "abort",
    "refuse",
    "forgot",
    "register",
    "signup",
    "toggle",
    "reveal",
    "visib",
    "resend",
    "regenerat",
];

fn url_encoded(entries: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(entries.iter().map(|(name, value)| (name, lines(value))))
        .finish()
}

fn multipart(entries: &[(&str, &str)]) -> (String, Secret) {
    // A boundary that is in no value.
    let mut boundary = "----securecart".to_owned();
    while entries.iter().any(|(name, value)| value.contains(&boundary) || name.contains(&boundary)) {
        boundary.push('-');
    }
    let mut body = String::new();
    for (name, value) in entries {
        let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        body.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{}\r\n",
            lines(value)
        ));
    }
    body.push_str(&format!("--{boundary}--\r\n"));
    (format!("multipart/form-data; boundary={boundary}"), Secret::new(body))
}

/// Line ends as forms have them.
fn lines(value: &str) -> String {
    value.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n")
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
