//! Small XML documents and their canonical form.
//!
//! Owns the tree and Exclusive XML Canonicalization 1.0 without comments. Documents with a document type, an unknown
//! entity or a processing instruction are refused. Source: <https://www.w3.org/TR/xml-exc-c14n/>.

use std::collections::BTreeMap;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

/// Why a document is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotXml;

/// An element, with the names as they were written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    pub name: String,
    /// Without namespace declarations.
    pub attributes: Vec<(String, String)>,
    /// Prefix → URI, as far as this element declares them.
    declared: BTreeMap<String, String>,
    pub children: Vec<Node>,
}

/// What is inside an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    /// Reads a document.
    pub(crate) fn parse(text: &str) -> Result<Self, NotXml> {
        let mut reader = Reader::from_str(text);
        let mut open: Vec<Self> = Vec::new();
        let mut root = None;
        loop {
            match reader.read_event().map_err(|_| NotXml)? {
                Event::Start(start) if open.len() < 64 => open.push(Self::begin(&start)?),
                Event::Empty(start) => {
                    let element = Self::begin(&start)?;
                    place(&mut open, &mut root, element)?;
                }
                Event::End(_) => {
                    let element = open.pop().ok_or(NotXml)?;
                    place(&mut open, &mut root, element)?;
                }
                Event::Text(text) => add(&mut open, &text.xml_content(XmlVersion::Implicit1_0).map_err(|_| NotXml)?)?,
                Event::CData(text) => add(&mut open, &text.xml_content(XmlVersion::Implicit1_0).map_err(|_| NotXml)?)?,
                Event::GeneralRef(reference) => {
                    let named = |name: &str| match name {
                        "amp" => Some('&'),
                        "lt" => Some('<'),
                        "gt" => Some('>'),
                        "quot" => Some('"'),
                        "apos" => Some('\''),
                        _ => None,
                    };
                    let c = match reference.resolve_char_ref().map_err(|_| NotXml)? {
                        Some(c) => c,
                        None => named(&reference.decode().map_err(|_| NotXml)?).ok_or(NotXml)?,
                    };
                    add(&mut open, c.encode_utf8(&mut [0; 4]))?;
                }
                Event::Comment(_) | Event::Decl(_) => {}
                Event::DocType(_) | Event::PI(_) | Event::Start(_) => return Err(NotXml),
                Event::Eof if open.is_empty() => return root.ok_or(NotXml),
                Event::Eof => return Err(NotXml),
            }
        }
    }

    fn begin(start: &BytesStart<'_>) -> Result<Self, NotXml> {
        let text = |bytes: &[u8]| std::str::from_utf8(bytes).map(ToOwned::to_owned).map_err(|_| NotXml);
        let mut element = Self { name: text(start.name().as_ref())?, ..Self::default() };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| NotXml)?;
            let name = text(attribute.key.as_ref())?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| NotXml)?.into_owned();
            if name == "xmlns" {
                element.declared.insert(String::new(), value);
            } else if let Some(prefix) = name.strip_prefix("xmlns:") {
                element.declared.insert(prefix.to_owned(), value);
            } else {
                element.attributes.push((name, value));
            }
        }
        Ok(element)
    }

    /// The part of its name behind the prefix.
    pub(crate) fn local(&self) -> &str {
        self.name.rsplit(':').next().unwrap_or_default()
    }

    /// An attribute without a prefix.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|it| it.0 == name).map(|it| it.1.as_str())
    }

    /// The elements right inside.
    pub(crate) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|child| match child {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The first element of this local name right inside.
    pub(crate) fn child(&self, local: &str) -> Option<&Self> {
        self.elements().find(|element| element.local() == local)
    }

    /// Every element of this local name, however deep; this one too.
    pub(crate) fn all<'e>(&'e self, local: &str, found: &mut Vec<&'e Self>) {
        if self.local() == local {
            found.push(self);
        }
        for element in self.elements() {
            element.all(local, found);
        }
    }

    /// The text inside, without white space around it.
    pub(crate) fn text(&self) -> String {
        let texts = self.children.iter().filter_map(|child| match child {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        texts.collect::<String>().trim().to_owned()
    }

    /// The namespaces that hold for the element this path leads to, that element's own declarations included.
    pub(crate) fn scope<'e>(path: impl IntoIterator<Item = &'e Self>) -> BTreeMap<String, String> {
        path.into_iter().flat_map(|element| element.declared.clone()).collect()
    }

    /// The canonical form of this element. `scope` is what its ancestors declare; `without` is left out.
    pub(crate) fn canonical(
        &self,
        scope: &BTreeMap<String, String>,
        inclusive: &[String],
        without: Option<&Self>,
    ) -> String {
        let mut written = String::new();
        self.write(&mut written, scope, &BTreeMap::new(), inclusive, without);
        written
    }

    fn write(
        &self,
        to: &mut String,
        outer: &BTreeMap<String, String>,
        rendered: &BTreeMap<String, String>,
        inclusive: &[String],
        without: Option<&Self>,
    ) {
        let mut scope = outer.clone();
        scope.extend(self.declared.clone());
        let mut rendered = rendered.clone();
        let prefix = |name: &str| name.split_once(':').map(|it| it.0.to_owned());
        // Namespaces that are visibly used here, and those the signature names.
        let mut used: Vec<String> = vec![prefix(&self.name).unwrap_or_default()];
        used.extend(self.attributes.iter().filter_map(|it| prefix(&it.0)).filter(|it| it != "xml"));
        used.extend(inclusive.iter().filter(|it| scope.contains_key(*it)).cloned());
        used.sort();
        used.dedup();
        to.push_str(&format!("<{}", self.name));
        for prefix in used {
            let uri = scope.get(&prefix).cloned().unwrap_or_default();
            if rendered.get(&prefix).cloned().unwrap_or_default() == uri {
                continue;
            }
            let name = if prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{prefix}") };
            to.push_str(&format!(" {name}=\"{}\"", escaped_value(&uri)));
            rendered.insert(prefix, uri);
        }
        // Attributes by the namespace of their prefix, then by local name; those without a prefix come first.
        let key = |name: &str| match name.split_once(':') {
            Some((prefix, local)) => (scope.get(prefix).cloned().unwrap_or_default(), local.to_owned()),
            None => (String::new(), name.to_owned()),
        };
        let mut attributes: Vec<_> = self.attributes.iter().collect();
        attributes.sort_by_key(|it| key(&it.0));
        for (name, value) in attributes {
            to.push_str(&format!(" {name}=\"{}\"", escaped_value(value)));
        }
        to.push('>');
        for child in &self.children {
            match child {
                Node::Element(element) if without.is_some_and(|without| std::ptr::eq(without, element)) => {}
                Node::Element(element) => element.write(to, &scope, &rendered, inclusive, without),
                Node::Text(text) => to.push_str(&escaped_text(text)),
            }
        }
        to.push_str(&format!("</{}>", self.name));
    }
}

fn place(open: &mut [Element], root: &mut Option<Element>, element: Element) -> Result<(), NotXml> {
    match open.last_mut() {
        Some(parent) => parent.children.push(Node::Element(element)),
        None if root.is_none() => *root = Some(element),
        None => return Err(NotXml),
    }
    Ok(())
}

fn add(open: &mut [Element], text: &str) -> Result<(), NotXml> {
    match open.last_mut() {
        Some(parent) => match parent.children.last_mut() {
            Some(Node::Text(before)) => before.push_str(text),
            _ => parent.children.push(Node::Text(text.to_owned())),
        },
        None if text.trim().is_empty() => {}
        None => return Err(NotXml),
    }
    Ok(())
}

fn escaped_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', "&#xD;")
}

fn escaped_value(value: &str) -> String {
    let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    value.replace('\t', "&#x9;").replace('\n', "&#xA;").replace('\r', "&#xD;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        Element::parse(text).unwrap().canonical(&BTreeMap::new(), &[], None)
    }

    #[test]
    fn the_canonical_form_is_the_one_of_the_recommendation() {
        assert_eq!(
            canonical("<?xml version='1.0'?><a  c='1' b=\"&lt;'\t\"><!-- x --><b/>&#13;<![CDATA[<&]]></a>"),
            "<a b=\"&lt;' \" c=\"1\"><b></b>&#xD;&lt;&amp;</a>"
        );
        // Declared where it is first used, not where it was written.
        assert_eq!(
            canonical("<n0:a xmlns:n0='x' xmlns:n1='y'><n1:b n0:z='1' y='2'/></n0:a>"),
            "<n0:a xmlns:n0=\"x\"><n1:b xmlns:n1=\"y\" y=\"2\" n0:z=\"1\"></n1:b></n0:a>"
        );
        assert_eq!(
            canonical("<a xmlns='x'><b xmlns=''><c/></b><d xmlns='x'/></a>"),
            "<a xmlns=\"x\"><b xmlns=\"\"><c></c></b><d></d></a>"
        );
    }

    #[test]
    fn an_element_alone_carries_the_namespaces_of_its_ancestors_that_it_uses() {
        let root = Element::parse("<r xmlns='d' xmlns:p='x' xmlns:q='y'><p:a><b/></p:a></r>").unwrap();
        let scope = Element::scope([&root]);
        let inner = root.child("a").unwrap();
        assert_eq!(inner.canonical(&scope, &[], None), "<p:a xmlns:p=\"x\"><b xmlns=\"d\"></b></p:a>");
        assert_eq!(
            inner.canonical(&scope, &["q".into()], None),
            "<p:a xmlns:p=\"x\" xmlns:q=\"y\"><b xmlns=\"d\"></b></p:a>"
        );
    }

    #[test]
    fn what_could_hide_something_is_refused() {
        for text in ["<!DOCTYPE a><a/>", "<a>&x;</a>", "<?p?><a/>", "<a/><b/>", "<a>", "x", ""] {
            assert!(Element::parse(text).is_err(), "{text}");
        }
    }
}
