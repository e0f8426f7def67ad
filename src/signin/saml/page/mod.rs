//! A provider's page: its forms and what it says, from HTML. Pure.
//!
//! Pages differ by product, version, language and theme. What is looked at is structure: forms, names, ids, never text.

mod bounds;
mod look;
mod reading;

use std::time::Duration;

use ego_tree::iter::Edge;
use scraper::{Html, Node};
use url::Url;

use super::form::{Choice, Form};
pub use bounds::MAX_BYTES;
pub(super) use bounds::is_bounded;
use reading::Reading;

/// Ids whose text is kept. Source: AD FS's pages, for the number to match and for errors.
pub const TEXTS: &[&str] = &["validEntropyNumber", "errorMessage"];

/// The class of CAS's acceptable-use policy, which may have no id.
pub const CAS_POLICY: &str = "aup";

/// Words of scripts that tell a product. Source: the pages of Microsoft Entra ID and Auth0.
pub const WORDS: &[&str] = &["$Config=", "auth0.com/js/lock"];

/// A page that is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PageError {
    /// Larger than any sign-in page.
    #[error("the page is larger than 2 MiB")]
    TooLarge,
    /// More elements, or attributes of one, than any sign-in page has.
    #[error("the page has more than 10,000 tags, or one with more than 2,000 attributes")]
    TooManyTags,
}

/// What is known of a page.
#[derive(Debug, Clone)]
pub struct Page {
    /// Where it came from, after all redirects.
    pub url: Url,
    /// Its title.
    pub title: String,
    /// Its forms, in order.
    pub forms: Vec<Form>,
    /// When it wants to be fetched again or left, and for where.
    pub refresh: Option<(Duration, Url)>,
    /// What it says is wrong, in its own language.
    pub complaint: Option<String>,
    /// Its script submits a form by itself.
    pub submits_itself: bool,
    /// What runs a script when it is clicked, and what a person reads there.
    pub clicks: Vec<Click>,
    /// Its links.
    pub links: Vec<Link>,
    /// What it lists under ids that its script sends.
    pub listed: Vec<Choice>,
    /// Where its script leads, when that is all it does.
    pub leads_to: Option<Url>,
    /// It has scripts.
    pub has_script: bool,
    /// A script may look for something before it submits: it sets a timer, makes a request, submits nothing that can be
    /// seen, or isn't on the page.
    pub may_look: bool,
    /// How often it does.
    pub looks_every: Option<Duration>,
    /// What it shows a person, without its links, buttons and questions; cut.
    pub said: String,
    /// A number of few digits in an element that is there for it.
    pub number: Option<String>,
    /// A box for a password belongs to no form: only a script can send it.
    pub loose_password: bool,
    /// How many boxes for a single character belong to no form.
    pub loose_boxes: usize,
    /// It wants proof that a person is there.
    pub has_captcha: bool,
    /// Those of [`WORDS`] that are in its scripts.
    words: Vec<&'static str>,
    /// Texts that are looked up by id.
    texts: Vec<(String, String)>,
    /// The ids of its elements, and [`CAS_POLICY`] where there is one of this class.
    ids: Vec<String>,
}

/// A link to another page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its `id`; may be empty.
    pub id: String,
    /// Where it leads.
    pub url: Url,
    /// What it is called; may be empty.
    pub label: String,
}

/// Something that runs a script when it is clicked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Click {
    /// The script, or the id of the form that one submits.
    pub script: String,
    /// What it is called.
    pub label: String,
    /// Which of the page's forms it stands in.
    pub form: Option<usize>,
    /// What its script puts into fields before it submits: their names or ids, and texts.
    pub sets: Vec<(String, String)>,
}

impl Page {
    /// Reads a page.
    ///
    /// # Errors
    /// [`PageError`] for what is no sign-in page by its size.
    pub fn parse(html: &str, url: &Url) -> Result<Self, PageError> {
        if html.len() > MAX_BYTES {
            return Err(PageError::TooLarge);
        }
        if !is_bounded(html) {
            return Err(PageError::TooManyTags);
        }
        let mut reading = Reading::new(url);
        let document = Html::parse_document(html);
        for edge in document.tree.root().traverse() {
            match edge {
                Edge::Open(node) => match node.value() {
                    Node::Element(element) => reading.open(element),
                    Node::Text(text) => reading.text(text),
                    _ => {}
                },
                Edge::Close(node) => {
                    if let Node::Element(element) = node.value() {
                        reading.close(element);
                    }
                }
            }
        }
        Ok(reading.finish())
    }

    /// Whether an element has this id.
    pub fn has_id(&self, id: &str) -> bool {
        self.ids.iter().any(|known| known == id)
    }

    /// The text of the element with this id, of those in [`TEXTS`]; `None` when it is empty.
    pub fn text(&self, id: &str) -> Option<&str> {
        self.texts.iter().find(|(known, _)| known == id).map(|(_, text)| text.as_str())
    }

    /// Whether this one of [`WORDS`] is in a script.
    pub fn has_word(&self, word: &str) -> bool {
        self.words.contains(&word)
    }

    /// Where the only thing that scripts put into an element of this page comes from, when it is this host.
    fn filled_from(&self, fetched: &[(String, String)], base: &Url) -> Option<Url> {
        let [(address, id)] = fetched else { return None };
        base.join(address).ok().filter(|url| url.origin() == self.url.origin() && self.has_id(id))
    }

    /// The link with this id.
    pub fn link(&self, id: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.id == id)
    }

    /// The form with this id, or name where it has no id.
    pub fn form(&self, id: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.id == id)
    }
}

#[cfg(test)]
mod tests;
