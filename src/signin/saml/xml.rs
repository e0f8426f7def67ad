//! The elements of a small XML document, one after the other, within limits. Pure.
//!
//! Providers' responses are read by the elements' local names: some real ones use prefixes that they never declare,
//! which readers that know namespaces refuse. quick-xml is a pull reader, so that the limits hold before anything is
//! built, and it expands no entity by itself.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;

/// A document larger than this is not read.
pub(super) const MAX_BYTES: usize = 1024 * 1024;
/// Elements nested deeper than this are not read.
const MAX_DEPTH: usize = 64;

/// Why a document is not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum XmlError {
    /// It is larger than any response.
    #[error("it is larger than 1 MiB")]
    TooLarge,
    /// It is nested deeper than any response.
    #[error("its elements are nested more than 64 deep")]
    TooDeep,
    /// A document type or an entity can make one document be read as another.
    #[error("it holds a document type declaration or an entity")]
    Declares,
    /// It is not XML.
    #[error("it is not XML")]
    Malformed,
}

/// What a document is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// An element begins: local name, and attributes by their local names.
    Start(String, Vec<(String, String)>),
    /// Text, in as many pieces as the reader likes.
    Text(String),
    /// The element that began last ends.
    End,
}

/// Gives every piece to `take`, in order.
pub(super) fn read(document: &str, mut take: impl FnMut(Piece)) -> Result<(), XmlError> {
    if document.len() > MAX_BYTES {
        return Err(XmlError::TooLarge);
    }
    let mut reader = Reader::from_str(document.trim_start_matches('\u{feff}'));
    let mut depth = 0_usize;
    let mut elements = 0_usize;
    loop {
        match reader.read_event().map_err(|_| XmlError::Malformed)? {
            Event::Start(start) => {
                if depth == MAX_DEPTH {
                    return Err(XmlError::TooDeep);
                }
                take(element(&start)?);
                (depth, elements) = (depth + 1, elements + 1);
            }
            Event::Empty(start) => {
                take(element(&start)?);
                take(Piece::End);
                elements += 1;
            }
            Event::End(_) => {
                depth = depth.checked_sub(1).ok_or(XmlError::Malformed)?;
                take(Piece::End);
            }
            Event::Text(text) => take(Piece::Text(text.decode().map_err(|_| XmlError::Malformed)?.into_owned())),
            Event::CData(text) => take(Piece::Text(text.decode().map_err(|_| XmlError::Malformed)?.into_owned())),
            Event::GeneralRef(reference) => take(Piece::Text(character(&reference)?.to_string())),
            Event::DocType(_) => return Err(XmlError::Declares),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof if depth == 0 && elements > 0 => return Ok(()),
            Event::Eof => return Err(XmlError::Malformed),
        }
    }
}

fn element(start: &BytesStart<'_>) -> Result<Piece, XmlError> {
    let name = |bytes: &[u8]| std::str::from_utf8(bytes).map(ToOwned::to_owned).map_err(|_| XmlError::Malformed);
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|_| XmlError::Malformed)?;
        // Only the five predefined entities and character references resolve; any other is an error.
        let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).map_err(|_| XmlError::Declares)?;
        attributes.push((name(attribute.key.local_name().as_ref())?, value.into_owned()));
    }
    Ok(Piece::Start(name(start.local_name().as_ref())?, attributes))
}

/// The character that a reference stands for.
fn character(reference: &BytesRef<'_>) -> Result<char, XmlError> {
    if let Some(character) = reference.resolve_char_ref().map_err(|_| XmlError::Malformed)? {
        return Ok(character);
    }
    match reference.decode().map_err(|_| XmlError::Malformed)?.as_ref() {
        "amp" => Ok('&'),
        "lt" => Ok('<'),
        "gt" => Ok('>'),
        "quot" => Ok('"'),
        "apos" => Ok('\''),
        _ => Err(XmlError::Declares),
    }
}
