//! A SAML response as a provider posts it: which roles it offers, and until when it is good. Pure.
//!
//! Its signature is STS's business, not ours: a forged response gets no credentials. What is refused here is what
//! could be read in two ways.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use jiff::Timestamp;

use super::destination::Destination;
use super::xml::{self, MAX_BYTES, Piece, XmlError};
use crate::config::arn::{RoleArn, SamlProviderArn};
use crate::error::{Explain, Kind, excerpt};
use crate::secret::Secret;

/// Source: IAM user guide, "Configure SAML assertions for the authentication response".
const ATTRIBUTES: &str = "https://aws.amazon.com/SAML/Attributes/";
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";
/// Values that mean nothing here are shown, but not all of them.
const SKIPPED_SHOWN: usize = 20;

/// Why a response is of no use.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    /// Not base64 of a text.
    #[error("the provider's SAML response is not base64 of UTF-8 text")]
    NotBase64,
    /// Not a document that is safe to read.
    #[error("the provider's SAML response can't be read: {0}")]
    Document(#[from] XmlError),
    /// Not a SAML response.
    #[error("what the provider posted is not a SAML response")]
    NotAResponse,
    /// The provider says no.
    #[error("the provider refused: its SAML response has the status {status}")]
    Status {
        /// The last part of the innermost status code, such as `AuthnFailed`.
        status: String,
    },
    /// Nothing is asserted.
    #[error("the provider's SAML response holds no assertion")]
    Missing,
    /// It could mean different things to different readers.
    #[error("the provider's SAML response holds more than one assertion")]
    Several,
    /// Role attributes from several sources.
    #[error("the assertion has role attributes from different issuers")]
    MixedIssuers,
}

impl Explain for AssertionError {
    fn kind(&self) -> Kind {
        match self {
            AssertionError::Status { .. } => Kind::Denied,
            _ => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            AssertionError::Status { .. } => {
                "ask the provider's administrator whether the AWS application is assigned to you"
            }
            _ => "ask the provider's administrator to check the AWS application",
        };
        Some(hint.to_owned())
    }
}

/// A role, and the SAML provider in IAM that it trusts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SamlRole {
    /// The role.
    pub role: RoleArn,
    /// `PrincipalArn` of `AssumeRoleWithSAML`.
    pub provider: SamlProviderArn,
}

impl FromStr for SamlRole {
    type Err = ();
    /// Both ARNs in either order, spaces around them allowed, and a comma too many at an end.
    fn from_str(value: &str) -> Result<Self, ()> {
        let mut parts = value.split(',').map(str::trim).filter(|part| !part.is_empty());
        let (Some(one), Some(other), None) = (parts.next(), parts.next(), parts.next()) else { return Err(()) };
        let pair =
            |role: &str, provider: &str| Some(Self { role: role.parse().ok()?, provider: provider.parse().ok()? });
        let pair = pair(one, other).or_else(|| pair(other, one)).ok_or(())?;
        // A role can't trust a provider of another partition.
        if pair.role.partition() == pair.provider.partition() { Ok(pair) } else { Err(()) }
    }
}

/// What a response says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Assertion {
    /// The roles on offer, in the provider's order, each once.
    pub roles: Vec<SamlRole>,
    /// Role values that are none, as far as they can be shown.
    pub skipped: Vec<String>,
    /// The assertion is encrypted for AWS: what it says can't be read here.
    pub encrypted: bool,
    /// The role session name: the second half of `aws:userid`.
    pub session_name: Option<String>,
    /// What the console's session would last, in seconds. It doesn't bind STS.
    pub session_duration: Option<u32>,
    /// When STS stops taking it: the earliest `NotOnOrAfter`.
    pub not_on_or_after: Option<Timestamp>,
    /// When the credentials end at the latest, where the provider says so.
    pub session_not_on_or_after: Option<Timestamp>,
    /// The AWS sign-in page that it is for, where it names one.
    pub destination: Option<Destination>,
    /// It is for AWS: its audience or an attribute says so.
    pub is_for_aws: bool,
}

/// A response with what it says: the text itself is as good as a password until it ends.
#[derive(Clone, PartialEq, Eq)]
pub struct SamlResponse {
    /// The base64 text, without white space, as STS takes it.
    pub encoded: Secret,
    /// What it says.
    pub assertion: Assertion,
}

impl fmt::Debug for SamlResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SamlResponse").field("assertion", &self.assertion).finish_non_exhaustive()
    }
}

impl SamlResponse {
    /// Reads the value of a form's `SAMLResponse` field.
    ///
    /// # Errors
    /// [`AssertionError`].
    pub fn parse(field: &str) -> Result<Self, AssertionError> {
        if field.len() > MAX_BYTES * 3 / 2 {
            return Err(XmlError::TooLarge.into());
        }
        let encoded: String = field.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let lenient = GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true);
        let bytes = GeneralPurpose::new(&STANDARD, lenient).decode(&encoded).map_err(|_| AssertionError::NotBase64)?;
        let document = zeroize::Zeroizing::new(String::from_utf8(bytes).map_err(|_| AssertionError::NotBase64)?);
        let assertion = Assertion::of_document(&document)?;
        Ok(Self { encoded: Secret::new(encoded), assertion })
    }
}

impl Assertion {
    /// Reads a decoded response.
    ///
    /// # Errors
    /// [`AssertionError`].
    pub fn of_document(document: &str) -> Result<Self, AssertionError> {
        let mut reading = Reading::default();
        xml::read(document, |piece| reading.take(piece))?;
        reading.finish()
    }
}

/// What has been seen so far.
#[derive(Default)]
struct Reading {
    path: Vec<String>,
    text: String,
    root: Option<String>,
    status: Vec<String>,
    assertions: usize,
    /// The name of the attribute being read.
    attribute: Option<String>,
    role_issuers: Vec<Option<String>>,
    /// It has attributes of AWS's.
    has_roles: bool,
    /// It names an audience that isn't AWS.
    has_other_audience: bool,
    found: Assertion,
}

impl Reading {
    fn take(&mut self, piece: Piece) {
        match piece {
            Piece::Start(name, attributes) => {
                self.start(&name, &attributes);
                self.path.push(name);
            }
            Piece::Text(text) => self.text.push_str(&text),
            Piece::End => {
                let name = self.path.pop().unwrap_or_default();
                self.end(&name);
            }
        }
    }

    fn start(&mut self, name: &str, attributes: &[(String, String)]) {
        let value = |wanted: &str| attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        let is_inside = |name: &str| self.path.iter().any(|it| it == name);
        // A value is all text in it, whatever elements divide it.
        if !is_inside("AttributeValue") {
            self.text.clear();
        }
        let is_asserted = is_inside("Assertion");
        if self.root.is_none() {
            self.root = Some(name.to_owned());
            self.found.destination = value("Destination").and_then(Destination::of_text);
        }
        match name {
            "Assertion" => self.assertions += 1,
            "EncryptedAssertion" => {
                self.assertions += 1;
                self.found.encrypted = true;
            }
            "StatusCode" => self.status.extend(value("Value").map(ToOwned::to_owned)),
            // What stands elsewhere in the response, nobody asserts.
            "Attribute" if is_asserted => {
                let name = value("Name").unwrap_or_default().to_owned();
                if name == format!("{ATTRIBUTES}Role") {
                    self.role_issuers.push(value("OriginalIssuer").map(ToOwned::to_owned));
                }
                self.attribute = Some(name);
            }
            "SubjectConfirmationData" => {
                self.ends(value("NotOnOrAfter"));
                let recipient = value("Recipient").and_then(Destination::of_text);
                self.found.destination = self.found.destination.take().or(recipient);
            }
            "Conditions" => self.ends(value("NotOnOrAfter")),
            "AuthnStatement" => {
                self.found.session_not_on_or_after = value("SessionNotOnOrAfter").and_then(|text| text.parse().ok());
            }
            _ => {}
        }
    }

    fn ends(&mut self, at: Option<&str>) {
        if let Some(at) = at.and_then(|text| text.parse::<Timestamp>().ok()) {
            self.found.not_on_or_after = Some(self.found.not_on_or_after.map_or(at, |known| known.min(at)));
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "Attribute" => self.attribute = None,
            "AttributeValue" => self.attribute_value(),
            // `urn:amazon:webservices`, with `:govcloud` or others behind it, or the address of a sign-in page.
            "Audience" => {
                let text = self.text.trim();
                let is_aws = text.starts_with("urn:amazon:webservices") || Destination::of_text(text).is_some();
                self.found.is_for_aws |= is_aws;
                self.has_other_audience |= !is_aws;
            }
            _ => {}
        }
    }

    fn attribute_value(&mut self) {
        let text = self.text.trim();
        let Some(name) = self.attribute.as_ref().and_then(|name| name.strip_prefix(ATTRIBUTES)) else { return };
        self.has_roles = true;
        match name {
            "Role" => match text.parse::<SamlRole>() {
                Ok(role) if self.found.roles.contains(&role) => {}
                Ok(role) => self.found.roles.push(role),
                Err(()) if self.found.skipped.len() < SKIPPED_SHOWN => {
                    self.found.skipped.push(excerpt(text, 80));
                }
                Err(()) => {}
            },
            "RoleSessionName" => self.found.session_name = Some(text.to_owned()),
            "SessionDuration" => self.found.session_duration = text.parse().ok(),
            _ => {}
        }
    }

    fn finish(mut self) -> Result<Assertion, AssertionError> {
        if self.root.as_deref() != Some("Response") {
            return Err(AssertionError::NotAResponse);
        }
        if self.assertions > 1 {
            return Err(AssertionError::Several);
        }
        if self.status.first().is_some_and(|status| status != SUCCESS) {
            let status = self.status.last().and_then(|status| status.rsplit(':').next()).unwrap_or_default();
            return Err(AssertionError::Status { status: status.chars().take(80).collect() });
        }
        if self.assertions == 0 {
            return Err(AssertionError::Missing);
        }
        if self.role_issuers.iter().any(|issuer| Some(issuer) != self.role_issuers.first()) {
            return Err(AssertionError::MixedIssuers);
        }
        // What a hub is told of AWS's roles, it tells AWS itself.
        self.found.is_for_aws |= self.has_roles && !self.has_other_audience;
        Ok(self.found)
    }
}

#[cfg(test)]
#[path = "assertion_tests.rs"]
mod tests;
