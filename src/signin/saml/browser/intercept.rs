//! What a request that the browser is about to make means. Pure.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use url::{Url, form_urlencoded};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::super::destination::Destination;
use crate::secret::Secret;

/// `Fetch.requestPaused`: a request that waits for us to say what becomes of it.
#[derive(Deserialize, ZeroizeOnDrop)]
#[serde(rename_all = "camelCase")]
pub struct Paused {
    /// What to call it by.
    pub request_id: String,
    /// The request.
    pub request: Posted,
    /// The frame whose document it is for.
    pub frame_id: String,
    /// `Document` for what is to be shown in a window or frame.
    pub resource_type: String,
}

/// The request itself.
#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "camelCase")]
pub struct Posted {
    url: String,
    method: String,
    post_data: Option<String>,
    #[serde(default)]
    post_data_entries: Vec<Entry>,
}

#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
struct Entry {
    bytes: Option<String>,
}

/// What is to become of it.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the provider's response to AWS: taken, and never sent.
    Take(Secret),
    /// It would post to AWS's sign-in page what is not the person's own sign-in: not sent either.
    Refuse,
    /// None of our business.
    Continue,
}

impl Paused {
    /// Whether it posts to one of AWS's sign-in pages.
    fn is_sign_in(&self) -> bool {
        let url = Url::parse(&self.request.url);
        self.request.method.eq_ignore_ascii_case("POST") && url.is_ok_and(|url| Destination::of_url(&url).is_some())
    }

    /// What is to become of it; `top` is the frame that fills the window.
    pub fn verdict(&self, top: &str) -> Verdict {
        if !self.is_sign_in() {
            return Verdict::Continue;
        }
        if self.resource_type != "Document" || self.frame_id != top {
            return Verdict::Refuse;
        }
        saml_response(&self.body()).map_or(Verdict::Refuse, Verdict::Take)
    }

    /// The body, from its pieces where the browser tells them.
    fn body(&self) -> Zeroizing<Vec<u8>> {
        let mut body = Zeroizing::new(Vec::with_capacity(64 * 1024));
        for piece in self.request.post_data_entries.iter().filter_map(|entry| entry.bytes.as_deref()) {
            body.extend(Zeroizing::new(STANDARD.decode(piece).unwrap_or_default()).iter());
        }
        if body.is_empty() {
            body.extend(self.request.post_data.as_deref().unwrap_or_default().bytes());
        }
        body
    }
}

/// The one `SAMLResponse` of a form's body, as `application/x-www-form-urlencoded`.
///
/// Source: SAML 2.0 bindings, section 3.5.4.
pub fn saml_response(body: &[u8]) -> Option<Secret> {
    let mut found = form_urlencoded::parse(body).filter(|(name, _)| name == "SAMLResponse");
    let response = Secret::new(found.next()?.1.into_owned());
    found.next().is_none().then_some(response)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn paused(method: &str, url: &str, kind: &str, body: &str) -> Paused {
        serde_json::from_value(json!({
            "requestId": "interception-job-1.0", "frameId": "top", "resourceType": kind, "networkId": "N",
            "request": { "url": url, "method": method, "headers": {}, "postData": body, "hasPostData": true,
                         "postDataEntries": [{ "bytes": STANDARD.encode(body) }] }
        }))
        .unwrap()
    }

    const SIGN_IN: &str = "https://signin.aws.amazon.com/saml";

    #[test]
    fn what_is_posted_to_a_sign_in_page_in_the_window_is_taken() {
        for url in [SIGN_IN, "https://eu-west-1.signin.aws.amazon.com/saml", "https://signin.amazonaws.cn/saml"] {
            let taken = paused("POST", url, "Document", "RelayState=&SAMLResponse=PHNhb%2BWw%3D").verdict("top");
            assert_eq!(taken, Verdict::Take(Secret::new("PHNhb+Ww=")));
        }
    }

    #[test]
    fn bodies_in_pieces_are_put_together() {
        let mut paused = paused("POST", SIGN_IN, "Document", "");
        let piece = |text: &str| Entry { bytes: Some(STANDARD.encode(text)) };
        paused.request.post_data_entries = vec![piece("SAMLResp"), piece("onse=abc")];
        assert_eq!(paused.verdict("top"), Verdict::Take(Secret::new("abc")));
        paused.request.post_data_entries.clear();
        paused.request.post_data = Some("SAMLResponse=abc".to_owned());
        assert_eq!(paused.verdict("top"), Verdict::Take(Secret::new("abc")));
    }

    #[test]
    fn what_a_frame_or_a_script_posts_there_is_not_sent() {
        let body = "SAMLResponse=abc";
        assert_eq!(paused("POST", SIGN_IN, "Document", body).verdict("another"), Verdict::Refuse);
        for kind in ["XHR", "Fetch", "Ping", "Other"] {
            assert_eq!(paused("POST", SIGN_IN, kind, body).verdict("top"), Verdict::Refuse);
        }
        for body in ["", "SAMLRequest=abc", "SAMLResponse=a&SAMLResponse=b"] {
            assert_eq!(paused("POST", SIGN_IN, "Document", body).verdict("top"), Verdict::Refuse, "{body}");
        }
    }

    #[test]
    fn everything_else_goes_its_way() {
        let body = "SAMLResponse=abc";
        assert_eq!(paused("GET", SIGN_IN, "Document", "").verdict("top"), Verdict::Continue);
        for url in [
            "https://signin.aws.amazon.com/console",
            "https://signin.aws.amazon.com.evil.example/saml",
            "http://signin.aws.amazon.com/saml",
            "https://signin.aws.amazon.com:8443/saml",
            "https://sso.example.com/saml",
            "not a url",
        ] {
            assert_eq!(paused("POST", url, "Document", body).verdict("top"), Verdict::Continue, "{url}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_goes_to_a_sign_in_page_is_let_through(
            kind in "Document|XHR|[a-z]{0,8}", frame in "top|[a-z]{0,4}", body in "[a-zA-Z=&%]{0,60}",
        ) {
            prop_assert_ne!(paused("POST", SIGN_IN, &kind, &body).verdict(&frame), Verdict::Continue);
        }
    }
}
