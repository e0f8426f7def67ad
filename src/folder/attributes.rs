//! What an object is stored with besides its bytes, as a person asks for it. Pure.
//!
//! Source: S3 user guide, "Working with object metadata" and "Categorizing your objects using tags"; API reference of
//! `PutObject` (`x-amz-storage-class`, `x-amz-tagging`).

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_s3::types::StorageClass;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Why something can't be stored with an object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AttributeError {
    /// There is no `=` in it, or nothing in front.
    #[error("write it as NAME=VALUE")]
    NoPair,
    /// A header can't have this name.
    #[error("a metadata name has letters, digits, `-`, `_` and `.`")]
    MetadataName,
    /// A header can't have this value.
    #[error("a metadata value has printable ASCII characters")]
    MetadataValue,
    /// More than fits in the headers of a request.
    #[error("all metadata together has {0} bytes; S3 allows {MAX_METADATA}")]
    TooMuchMetadata(usize),
    /// A tag has no such name or value.
    #[error(
        "a tag's name has 1 to {MAX_TAG_NAME} characters and its value at most {MAX_TAG_VALUE}: letters, digits, \
         spaces and + - = . _ : / @; the name doesn't begin with `aws:`"
    )]
    Tag,
    /// More than an object can have.
    #[error("{0} tags; an object has at most {MAX_TAGS}")]
    TooManyTags(usize),
    /// One name twice.
    #[error("`{0}` is given twice")]
    Twice(String),
    /// S3 has no such class.
    #[error("no such storage class; there are {}", StorageClass::values().join(", "))]
    StorageClass,
}

const MAX_METADATA: usize = 2048;
const MAX_TAGS: usize = 10;
const MAX_TAG_NAME: usize = 128;
const MAX_TAG_VALUE: usize = 256;

fn pair(typed: &str) -> Result<(&str, &str), AttributeError> {
    typed.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or(AttributeError::NoPair)
}

/// One `x-amz-meta-` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    name: String,
    value: String,
}

impl FromStr for Metadata {
    type Err = AttributeError;

    fn from_str(typed: &str) -> Result<Self, AttributeError> {
        let (name, value) = pair(typed)?;
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)) {
            return Err(AttributeError::MetadataName);
        }
        if !value.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(AttributeError::MetadataValue);
        }
        // S3 keeps names in small letters.
        Ok(Self { name: name.to_ascii_lowercase(), value: value.trim().to_owned() })
    }
}

/// One tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    name: String,
    value: String,
}

impl FromStr for Tag {
    type Err = AttributeError;

    fn from_str(typed: &str) -> Result<Self, AttributeError> {
        let (name, value) = pair(typed)?;
        let fits = |text: &str, most: usize| {
            text.chars().count() <= most && text.chars().all(|c| c.is_alphanumeric() || " +-=._:/@".contains(c))
        };
        if !fits(name, MAX_TAG_NAME) || !fits(value, MAX_TAG_VALUE) || name.starts_with("aws:") {
            return Err(AttributeError::Tag);
        }
        Ok(Self { name: name.to_owned(), value: value.to_owned() })
    }
}

/// One of S3's storage classes, in any capitals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class(pub(super) StorageClass);

impl FromStr for Class {
    type Err = AttributeError;

    fn from_str(typed: &str) -> Result<Self, AttributeError> {
        StorageClass::try_parse(&typed.to_ascii_uppercase()).map(Self).map_err(|_| AttributeError::StorageClass)
    }
}

/// What every object of one upload is stored with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    pub(super) class: Option<StorageClass>,
    pub(super) metadata: HashMap<String, String>,
    /// As `x-amz-tagging` says them.
    pub(super) tagging: Option<String>,
}

/// What a query string leaves as it is.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

impl Attributes {
    /// From what was asked for.
    ///
    /// # Errors
    /// One name twice, or more than an object can have.
    pub fn new(class: Option<Class>, metadata: &[Metadata], tags: &[Tag]) -> Result<Self, AttributeError> {
        let mut all = HashMap::new();
        for Metadata { name, value } in metadata {
            if all.insert(name.clone(), value.clone()).is_some() {
                return Err(AttributeError::Twice(name.clone()));
            }
        }
        let bytes = all.iter().map(|(name, value)| name.len() + value.len()).sum();
        if bytes > MAX_METADATA {
            return Err(AttributeError::TooMuchMetadata(bytes));
        }
        if tags.len() > MAX_TAGS {
            return Err(AttributeError::TooManyTags(tags.len()));
        }
        if let Some((_, twice)) =
            tags.iter().enumerate().find(|(at, tag)| tags[..*at].iter().any(|earlier| earlier.name == tag.name))
        {
            return Err(AttributeError::Twice(twice.name.clone()));
        }
        let encoded = |text: &str| utf8_percent_encode(text, UNRESERVED).to_string();
        let tagging: Vec<String> =
            tags.iter().map(|tag| format!("{}={}", encoded(&tag.name), encoded(&tag.value))).collect();
        let tagging = (!tagging.is_empty()).then(|| tagging.join("&"));
        Ok(Self { class: class.map(|class| class.0), metadata: all, tagging })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(texts: &[&str]) -> Vec<Metadata> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn tags(texts: &[&str]) -> Vec<Tag> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn what_s3_would_refuse_is_refused_when_it_is_typed() {
        for (typed, error) in [
            ("x", AttributeError::NoPair),
            ("=x", AttributeError::NoPair),
            ("a b=x", AttributeError::MetadataName),
            ("ü=x", AttributeError::MetadataName),
            ("a=ü", AttributeError::MetadataValue),
            ("a=x\r\nx-amz-acl: public", AttributeError::MetadataValue),
        ] {
            assert_eq!(typed.parse::<Metadata>(), Err(error), "{typed:?}");
        }
        for typed in ["aws:x=y", "a=\n", "a=b;c", &format!("{}=x", "a".repeat(129)), &format!("a={}", "x".repeat(257))]
        {
            assert_eq!(typed.parse::<Tag>(), Err(AttributeError::Tag), "{typed:?}");
        }
        assert_eq!("glacier_ir".parse(), Ok(Class(StorageClass::GlacierIr)));
        assert!("COLD".parse::<Class>().unwrap_err().to_string().contains("STANDARD_IA"));
    }

    #[test]
    fn what_is_too_much_together_is_refused() {
        let long = format!("a={}", "x".repeat(2040));
        assert!(Attributes::new(None, &metadata(&[&long]), &[]).is_ok());
        assert_eq!(
            Attributes::new(None, &metadata(&[&long, "b=1234567"]), &[]),
            Err(AttributeError::TooMuchMetadata(2049))
        );
        assert_eq!(Attributes::new(None, &metadata(&["a=1", "A=2"]), &[]), Err(AttributeError::Twice("a".into())));
        assert_eq!(Attributes::new(None, &[], &tags(&["a=1", "a=2"])), Err(AttributeError::Twice("a".into())));
        let eleven: Vec<Tag> = (0..11).map(|n| format!("t{n}=").parse().unwrap()).collect();
        assert_eq!(Attributes::new(None, &[], &eleven), Err(AttributeError::TooManyTags(11)));
    }

    #[test]
    fn tags_travel_as_a_query() {
        let attributes = Attributes::new(None, &[], &tags(&["cost centre=R&D".replace('&', "/").as_str(), "ü=a=b"]));
        assert_eq!(attributes.unwrap().tagging.unwrap(), "cost%20centre=R%2FD&%C3%BC=a%3Db");
    }
}
