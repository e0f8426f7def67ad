//! Where an assertion says that it is for.
#![no_main]

use libfuzzer_sys::fuzz_target;
use securecart::signin::saml::destination::{Destination, SIGN_IN_HOSTS};
use url::Url;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Some(found) = Destination::of_text(text) else { return };
    let url = Url::parse(text.trim()).expect("it was read");
    let host = url.host_str().expect("it has one");
    assert_eq!((url.scheme(), url.port()), ("https", None));
    let (known, _) = SIGN_IN_HOSTS.iter().find(|(_, partition)| *partition == found.partition).expect("one of them");
    let region = found.region.map(|region| format!("{region}.")).unwrap_or_default();
    assert_eq!(host, format!("{region}{known}"));
});
