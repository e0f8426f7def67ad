//! A certificate's RSA key.
//!
//! Owns as much of DER as that takes. IAM takes the key from a provider's certificate and doesn't care for the rest: some
//! providers' certificates are X.509 version 1, which libraries for TLS refuse. Source: RFC 5280, section 4.1.

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

/// The `RSAPublicKey` of a certificate.
pub(super) fn rsa_key(certificate: &[u8]) -> Option<&[u8]> {
    let (_, certificate, _) = element(certificate).filter(|it| it.0 == SEQUENCE)?;
    let (_, mut rest, _) = element(certificate).filter(|it| it.0 == SEQUENCE)?;
    // Version, serial number, algorithm, issuer, validity, subject.
    let version = element(rest)?;
    let before_key = if version.0 == VERSION { 6 } else { 5 };
    (version.0 == VERSION || version.0 == INTEGER).then_some(())?;
    for _ in 0..before_key {
        rest = element(rest)?.2;
    }
    let (_, info, _) = element(rest).filter(|it| it.0 == SEQUENCE)?;
    let (_, _algorithm, after) = element(info)?;
    let (_, bits, _) = element(after).filter(|it| it.0 == BIT_STRING)?;
    // The first byte counts bits that are left over.
    bits.strip_prefix(&[0])
}

/// An element's tag, what it holds, and what is behind it. Source: X.690, section 8.1.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(first), rest),
        0x81..=0x83 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().fold(0, |sum, digit| sum << 8 | usize::from(*digit)), rest)
        }
        _ => return None,
    };
    let (inside, behind) = rest.split_at_checked(length)?;
    Some((tag, inside, behind))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::saml::signature::CERTIFICATE;

    #[test]
    fn the_key_is_found_and_a_broken_certificate_has_none() {
        let key = rsa_key(CERTIFICATE).expect("the sandbox's own");
        assert_eq!(key.first(), Some(&SEQUENCE));
        for end in 0..CERTIFICATE.len() {
            assert_eq!(rsa_key(&CERTIFICATE[..end]), None, "{end}");
        }
        assert_eq!(rsa_key(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), None);
    }

    #[test]
    fn certificates_of_version_1_have_no_version() {
        let part = |tag: u8, inside: &[u8]| [&[tag, u8::try_from(inside.len()).expect("short")], inside].concat();
        let info = part(SEQUENCE, &[part(SEQUENCE, b"rsa"), part(BIT_STRING, b"\0key")].concat());
        let fields = [part(INTEGER, b"\x01"), part(SEQUENCE, b""), part(SEQUENCE, b"i"), part(SEQUENCE, b"v")].concat();
        let signed = part(SEQUENCE, &[fields, part(SEQUENCE, b"s"), info].concat());
        assert_eq!(rsa_key(&part(SEQUENCE, &signed)), Some(&b"key"[..]));
    }
}
