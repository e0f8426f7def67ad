//! XML signatures: RSA with SHA-256, over an element that is named by its id.
//!
//! Owns which algorithms are taken. Source: <https://www.w3.org/TR/xmldsig-core1/>; RFC 9231.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};

use super::certificate::rsa_key;
use super::xml::Element;

const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
const RSA_SHA256: &str = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// The key of the sandbox's own provider. It opens nothing else.
const KEY: &[u8] = include_bytes!("../../idp/signing-key.der");
/// Its certificate.
pub(crate) const CERTIFICATE: &[u8] = include_bytes!("../../idp/certificate.der");

/// Whether an element carries a signature of its own that fits. `above` are its ancestors, outermost first.
///
/// `None` when it carries none.
pub(super) fn verified(element: &Element, above: &[&Element], certificate: &[u8]) -> Option<bool> {
    let mut own = element.elements().filter(|it| it.local() == "Signature");
    let signature = own.next()?;
    Some(own.next().is_none() && fits(element, signature, above, certificate).is_some())
}

fn fits(element: &Element, signature: &Element, above: &[&Element], certificate: &[u8]) -> Option<()> {
    let scope = Element::scope(above.iter().copied());
    let info = signature.child("SignedInfo")?;
    let algorithm = |of: &Element, child: &str| Some(of.child(child)?.attribute("Algorithm")?.to_owned());
    let is = |found: Option<String>, wanted: &str| (found? == wanted).then_some(());
    is(algorithm(info, "CanonicalizationMethod"), EXCLUSIVE)?;
    is(algorithm(info, "SignatureMethod"), RSA_SHA256)?;

    // Exactly one reference, to the element around the signature.
    let mut references = info.elements().filter(|it| it.local() == "Reference");
    let reference = references.next().filter(|_| references.next().is_none())?;
    let id = reference.attribute("URI")?.strip_prefix('#')?;
    (element.attribute("ID")? == id).then_some(())?;
    is(algorithm(reference, "DigestMethod"), SHA256)?;
    let transforms: Vec<&Element> = reference.child("Transforms")?.elements().collect();
    let named: Vec<&str> = transforms.iter().filter_map(|it| it.attribute("Algorithm")).collect();
    (named == [ENVELOPED, EXCLUSIVE]).then_some(())?;
    let digest = Sha256::digest(element.canonical(&scope, &inclusive(transforms[1]), Some(signature)).as_bytes());
    (decoded(&reference.child("DigestValue")?.text())? == digest[..]).then_some(())?;

    let mut inner = scope;
    inner.extend(Element::scope([element, signature]));
    let signed = info.canonical(&inner, &inclusive(info.child("CanonicalizationMethod")?), None);
    let value = decoded(&signature.child("SignatureValue")?.text())?;
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, rsa_key(certificate)?);
    key.verify(signed.as_bytes(), &value).ok()
}

fn inclusive(transform: &Element) -> Vec<String> {
    let list = transform.child("InclusiveNamespaces").and_then(|it| it.attribute("PrefixList")).unwrap_or_default();
    list.split_whitespace().map(|it| if it == "#default" { String::new() } else { it.to_owned() }).collect()
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let text: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(text).ok()
}

/// The same element with a signature of the sandbox's own provider behind its issuer.
pub(crate) fn signed(text: &str, id: &str) -> Option<String> {
    let element = Element::parse(text).ok()?;
    let digest = STANDARD.encode(Sha256::digest(element.canonical(&BTreeMap::new(), &[], None).as_bytes()));
    let info = format!(
        "<ds:SignedInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:CanonicalizationMethod Algorithm=\"{EXCLUSIVE}\"/>\
         <ds:SignatureMethod Algorithm=\"{RSA_SHA256}\"/><ds:Reference URI=\"#{id}\"><ds:Transforms>\
         <ds:Transform Algorithm=\"{ENVELOPED}\"/><ds:Transform Algorithm=\"{EXCLUSIVE}\"/></ds:Transforms>\
         <ds:DigestMethod Algorithm=\"{SHA256}\"/><ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
    );
    let canonical = Element::parse(&info).ok()?.canonical(&BTreeMap::new(), &[], None);
    let key = RsaKeyPair::from_pkcs8(KEY).ok()?;
    let mut value = vec![0; key.public().modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), canonical.as_bytes(), &mut value).ok()?;
    let signature = format!(
        "<ds:Signature xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">{info}<ds:SignatureValue>{}</ds:SignatureValue></ds:Signature>",
        STANDARD.encode(value)
    );
    let at = text.find("</saml:Issuer>")? + "</saml:Issuer>".len();
    Some(format!("{}{signature}{}", &text[..at], &text[at..]))
}
