//! SAML: documents, their signatures, and the providers that IAM would know.
//!
//! Owns verification. Never hands out credentials, and asks nobody for a password.

mod certificate;
pub(crate) mod response;
pub(crate) mod signature;
mod xml;

use std::collections::{BTreeMap, HashSet};

/// A SAML provider in IAM, as its metadata made it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct SamlProviderSpec {
    /// Its ARN: `arn:aws:iam::111122223333:saml-provider/Example`.
    pub arn: String,
    /// The entity id that issues responses.
    pub issuer: String,
    /// Its signing certificate: DER, base64.
    pub certificate: String,
}

/// What STS knows of SAML.
#[derive(Debug, Default)]
pub(crate) struct Federation {
    /// By ARN.
    pub providers: BTreeMap<String, Provider>,
    /// The ids of assertions that were turned into credentials.
    pub redeemed: HashSet<String>,
}

/// A provider with its certificate decoded.
#[derive(Debug, Clone)]
pub(crate) struct Provider {
    pub issuer: String,
    pub certificate: Vec<u8>,
}
