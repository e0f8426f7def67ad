//! SAML responses as STS reads them, and as the sandbox's own provider writes them.
//!
//! Owns the order of checks. Source: *IAM User Guide*, "Configure SAML assertions for the authentication response" and
//! "Troubleshoot SAML federation with IAM"; *AWS STS API Reference*, "AssumeRoleWithSAML".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};

use super::Provider;
use super::signature::{signed, verified};
use super::xml::Element;
use crate::http_reply::escape;
use crate::random;

/// The page that AWS's own metadata names; every sign-in page of its partition will do.
pub(crate) const SIGN_IN: &str = "https://signin.aws.amazon.com/saml";
const AUDIENCE: &str = "urn:amazon:webservices";
const ATTRIBUTES: &str = "https://aws.amazon.com/SAML/Attributes/";
/// How old an assertion may be.
const LIFE: SignedDuration = SignedDuration::from_mins(5);

/// What STS takes from a response that it believes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claims {
    pub id: String,
    pub issuer: String,
    pub subject: String,
    pub subject_type: String,
    pub recipient: String,
    pub roles: Vec<String>,
    pub session_name: String,
    pub session_ends: Option<Timestamp>,
}

/// Why it doesn't.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unbelievable {
    /// `InvalidIdentityToken`, with AWS's words.
    Invalid(&'static str),
    /// `ExpiredTokenException`.
    Expired,
}

use Unbelievable::{Expired, Invalid};

/// Verifies a response.
pub(crate) fn believe(encoded: &str, provider: &Provider, now: Timestamp) -> Result<Claims, Unbelievable> {
    let bytes = STANDARD.decode(encoded).map_err(|_| Invalid("Invalid base64 SAMLResponse"))?;
    let text = String::from_utf8(bytes).map_err(|_| Invalid("Invalid base64 SAMLResponse"))?;
    let response = Element::parse(&text).map_err(|_| Invalid("Could not parse SAML response"))?;
    let mut assertions = Vec::new();
    response.all("Assertion", &mut assertions);
    let assertion = response.child("Assertion").filter(|_| assertions.len() == 1 && response.local() == "Response");
    let assertion = assertion.ok_or(Invalid("Response must contain exactly one assertion"))?;

    let issuer = assertion.child("Issuer").map(Element::text).unwrap_or_default();
    if issuer != provider.issuer {
        return Err(Invalid("Issuer not present in specified provider"));
    }
    // Either the whole or the assertion is signed; what is signed must fit.
    let signatures =
        [verified(&response, &[], &provider.certificate), verified(assertion, &[&response], &provider.certificate)];
    if signatures.contains(&Some(false)) || !signatures.contains(&Some(true)) {
        return Err(Invalid("Response signature invalid"));
    }
    let status = response.child("Status").and_then(|it| it.child("StatusCode")).and_then(|it| it.attribute("Value"));
    if !status.is_some_and(|it| it.ends_with(":Success")) {
        return Err(Invalid("Response status is not success"));
    }
    let time = |element: &Element, name: &str| element.attribute(name).and_then(|it| it.parse::<Timestamp>().ok());
    if time(assertion, "IssueInstant").is_none_or(|at| at + LIFE < now || at > now + LIFE) {
        return Err(Expired);
    }
    let conditions = assertion.child("Conditions").ok_or(Invalid("Conditions are missing"))?;
    if time(conditions, "NotOnOrAfter").is_some_and(|ends| ends <= now)
        || time(conditions, "NotBefore").is_some_and(|begins| begins > now + LIFE)
    {
        return Err(Expired);
    }
    let audience = conditions.child("AudienceRestriction").and_then(|it| it.child("Audience")).map(Element::text);
    if audience.as_deref() != Some(AUDIENCE) {
        return Err(Invalid("Response does not contain the required audience"));
    }
    let subject = assertion.child("Subject").ok_or(Invalid("Subject is missing"))?;
    let confirmation = subject.child("SubjectConfirmation").and_then(|it| it.child("SubjectConfirmationData"));
    let confirmation = confirmation.ok_or(Invalid("SubjectConfirmationData is missing"))?;
    if time(confirmation, "NotOnOrAfter").is_none_or(|ends| ends <= now) {
        return Err(Expired);
    }
    let recipient = confirmation.attribute("Recipient").unwrap_or_default();
    let host = recipient.strip_prefix("https://").and_then(|it| it.strip_suffix("/saml")).unwrap_or_default();
    if host != "signin.aws.amazon.com" && !host.ends_with(".signin.aws.amazon.com") {
        return Err(Invalid("Response does not contain the required recipient"));
    }
    let name_id = subject.child("NameID").ok_or(Invalid("NameID is missing"))?;
    let values = |name: &str| attribute(assertion, name);
    let session_name = values("RoleSessionName").into_iter().next();
    let legal = |name: &String| {
        (2..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
    };
    let session_name = session_name.filter(legal).ok_or(Invalid("RoleSessionName is required in AuthnResponse"))?;
    let statement = assertion.child("AuthnStatement").ok_or(Invalid("AuthnStatement is missing"))?;
    Ok(Claims {
        id: assertion.attribute("ID").unwrap_or_default().to_owned(),
        issuer,
        subject: name_id.text(),
        subject_type: name_id.attribute("Format").and_then(|it| it.rsplit(':').next()).unwrap_or_default().to_owned(),
        recipient: recipient.to_owned(),
        roles: values("Role"),
        session_name,
        session_ends: time(statement, "SessionNotOnOrAfter"),
    })
}

fn attribute(assertion: &Element, name: &str) -> Vec<String> {
    let statements = assertion.elements().filter(|it| it.local() == "AttributeStatement");
    let attributes = statements.flat_map(Element::elements).filter(|it| it.local() == "Attribute");
    let named = attributes.filter(|it| it.attribute("Name") == Some(&format!("{ATTRIBUTES}{name}")));
    named.flat_map(Element::elements).filter(|it| it.local() == "AttributeValue").map(Element::text).collect()
}

/// What the sandbox's own provider says of somebody.
#[derive(Debug, Clone)]
pub(crate) struct Saying<'a> {
    pub issuer: &'a str,
    pub subject: &'a str,
    /// Values of the role attribute, junk and all.
    pub roles: &'a [String],
    pub at: Timestamp,
    pub session_ends: Timestamp,
}

/// Writes and signs a response, base64.
pub(crate) fn write(saying: &Saying<'_>) -> String {
    let Saying { issuer, subject, roles, at, session_ends } = saying;
    let (id, whole) = (format!("_{}", random::hex_id()), format!("_{}", random::hex_id()));
    let (at_text, ends) = (at.to_string(), (*at + LIFE).to_string());
    let (issuer, subject) = (escape(issuer), escape(subject));
    let values: String =
        roles.iter().map(|role| format!("<saml:AttributeValue>{}</saml:AttributeValue>", escape(role))).collect();
    let assertion = format!(
        "<saml:Assertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\" ID=\"{id}\" IssueInstant=\"{at_text}\" Version=\"2.0\">\
         <saml:Issuer>{issuer}</saml:Issuer><saml:Subject>\
         <saml:NameID Format=\"urn:oasis:names:tc:SAML:2.0:nameid-format:persistent\">{subject}</saml:NameID>\
         <saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:bearer\">\
         <saml:SubjectConfirmationData NotOnOrAfter=\"{ends}\" Recipient=\"{SIGN_IN}\"/></saml:SubjectConfirmation></saml:Subject>\
         <saml:Conditions NotBefore=\"{at_text}\" NotOnOrAfter=\"{ends}\"><saml:AudienceRestriction>\
         <saml:Audience>{AUDIENCE}</saml:Audience></saml:AudienceRestriction></saml:Conditions>\
         <saml:AuthnStatement AuthnInstant=\"{at_text}\" SessionNotOnOrAfter=\"{session_ends}\"/>\
         <saml:AttributeStatement><saml:Attribute Name=\"{ATTRIBUTES}Role\">{values}</saml:Attribute>\
         <saml:Attribute Name=\"{ATTRIBUTES}RoleSessionName\"><saml:AttributeValue>{subject}</saml:AttributeValue></saml:Attribute>\
         </saml:AttributeStatement></saml:Assertion>"
    );
    let assertion = signed(&assertion, &id).expect("the sandbox can sign what it wrote itself");
    STANDARD.encode(format!(
        "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" ID=\"{whole}\" Version=\"2.0\" \
         IssueInstant=\"{at_text}\" Destination=\"{SIGN_IN}\"><samlp:Status>\
         <samlp:StatusCode Value=\"urn:oasis:names:tc:SAML:2.0:status:Success\"/></samlp:Status>{assertion}</samlp:Response>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saml::signature::CERTIFICATE;

    fn provider() -> Provider {
        Provider { issuer: "idp".into(), certificate: CERTIFICATE.to_vec() }
    }

    fn written(at: Timestamp) -> String {
        let roles = ["a,b".to_owned()];
        write(&Saying { issuer: "idp", subject: "alice@example.com", roles: &roles, at, session_ends: at + LIFE })
    }

    fn altered(from: &str, to: &str) -> String {
        let text = String::from_utf8(STANDARD.decode(written(Timestamp::now())).unwrap()).unwrap();
        assert!(text.contains(from), "{from}");
        STANDARD.encode(text.replacen(from, to, 1))
    }

    #[test]
    fn what_its_own_provider_signed_is_believed() {
        let claims = believe(&written(Timestamp::now()), &provider(), Timestamp::now()).unwrap();
        assert_eq!((claims.session_name.as_str(), claims.roles), ("alice@example.com", vec!["a,b".to_owned()]));
    }

    #[test]
    fn every_alteration_is_noticed() {
        for (from, to) in [
            ("alice@example.com", "mallory@example.com"),
            (">a,b<", ">a,c<"),
            ("urn:amazon:webservices", "urn:amazon:other"),
            ("SessionNotOnOrAfter", "SessionNotOnOrAftEr"),
            ("<saml:Conditions", "<saml:Conditions x=\"1\""),
            ("#rsa-sha256", "#rsa-sha1"),
            ("<ds:DigestValue>", "<ds:DigestValue>AAAA"),
        ] {
            let outcome = believe(&altered(from, to), &provider(), Timestamp::now());
            assert_eq!(outcome.unwrap_err(), Invalid("Response signature invalid"), "{from}");
        }
        let unsigned = altered("<ds:Signature ", "<ds:Other ");
        assert!(believe(&unsigned, &provider(), Timestamp::now()).is_err());
        // A second assertion in front of the signed one.
        let wrapped = altered("<saml:Assertion", "<saml:Assertion xmlns:saml=\"x\"/><saml:Assertion");
        assert_eq!(
            believe(&wrapped, &provider(), Timestamp::now()).unwrap_err(),
            Invalid("Response must contain exactly one assertion")
        );
    }

    #[test]
    fn it_lasts_five_minutes_and_only_for_its_provider() {
        let now = Timestamp::now();
        let at = |minutes: i64| believe(&written(now), &provider(), now + SignedDuration::from_mins(minutes));
        assert!(at(4).is_ok());
        assert_eq!(at(5).unwrap_err(), Expired);
        assert_eq!(at(-6).unwrap_err(), Expired);
        let other = Provider { issuer: "other".into(), ..provider() };
        assert_eq!(
            believe(&written(now), &other, now).unwrap_err(),
            Invalid("Issuer not present in specified provider")
        );
    }
}
