//! A SAML response, as base64 and as XML.
#![no_main]

use libfuzzer_sys::fuzz_target;
use securecart::signin::saml::assertion::{Assertion, SamlResponse};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let _ = SamlResponse::parse(text);
    let Ok(read) = Assertion::of_document(text) else { return };
    let mut once = read.roles.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), read.roles.len(), "each role once");
    for role in &read.roles {
        assert_eq!(role.role.partition(), role.provider.to_string().split(':').nth(1).unwrap_or_default());
    }
    // What is refused is refused by its bytes, so the same text says the same again.
    assert_eq!(Assertion::of_document(text).as_ref(), Ok(&read));
});
