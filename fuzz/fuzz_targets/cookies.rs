//! Cookies that a provider sets, a line each.
#![no_main]

use http::header::{HeaderMap, HeaderValue, SET_COOKIE};
use libfuzzer_sys::fuzz_target;
use securecart::signin::saml::Jar;
use url::Url;

fuzz_target!(|data: &[u8]| {
    let own = Url::parse("https://sso.example.co.uk/app/aws").expect("a URL");
    let mut jar = Jar::default();
    for line in data.split(|byte| *byte == b'\n') {
        let Ok(value) = HeaderValue::from_bytes(line) else { continue };
        jar.take(&HeaderMap::from_iter([(SET_COOKIE, value)]), &own);
    }
    for other in ["https://example.org/", "https://other.co.uk/", "https://127.0.0.1/"] {
        assert!(jar.header(&Url::parse(other).expect("a URL")).is_none(), "for somebody else: {other}");
    }
    let kept = Jar::from_text(&jar.to_text());
    let sent = |jar: &Jar| jar.header(&own).map(|header| header.expose().to_owned());
    assert_eq!(sent(&kept), sent(&jar));
});
