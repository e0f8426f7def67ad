//! The provider's cookies: what keeps a person signed in there. Pure but for their expiry, which needs the time.
//!
//! Whoever has them is signed in: they are kept in the keychain or not at all.

use std::fmt;

use cookie_store::{Cookie, CookieStore, RawCookie};
use http::header::{HeaderMap, SET_COOKIE};
use url::{Host, Url};

use crate::secret::Secret;

/// A browser's jar holds more, but no provider needs as many.
const MAX_COOKIES: usize = 300;
/// Source: RFC 6265, section 6.1: browsers hold at least 4,096 bytes a cookie.
const MAX_COOKIE: usize = 8192;

/// Cookies, each for its own host and path.
#[derive(Clone, Default)]
pub struct Jar(CookieStore);

impl fmt::Debug for Jar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Jar({} cookies)", self.0.iter_any().count())
    }
}

impl Jar {
    /// The value of a `Cookie` header; `None` when there is nothing to send.
    pub fn header(&self, url: &Url) -> Option<Secret> {
        let pairs: Vec<String> =
            self.0.get_request_values(url).map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| Secret::new(pairs.join("; ")))
    }

    /// Takes what a reply sets.
    pub fn take(&mut self, headers: &HeaderMap, url: &Url) {
        for value in headers.get_all(SET_COOKIE) {
            let Some(text) = value.to_str().ok().filter(|text| text.len() <= MAX_COOKIE) else { continue };
            let Ok(cookie) = RawCookie::parse(text) else { continue };
            if self.0.iter_any().count() < MAX_COOKIES && !is_for_everybody(&cookie, url) {
                // Cookies for other hosts are refused by the store.
                let _ = self.0.insert_raw(&cookie.into_owned(), url);
            }
        }
    }

    /// Those that have not expired.
    pub(super) fn cookies(&self) -> impl Iterator<Item = &Cookie<'static>> {
        self.0.iter_unexpired()
    }

    /// Everything that has not expired, as text.
    pub fn to_text(&self) -> Secret {
        let live = self.0.iter_unexpired().map(|cookie| Ok::<_, std::convert::Infallible>(cookie.clone()));
        let mut bytes = zeroize::Zeroizing::new(Vec::with_capacity(16 * 1024));
        let Ok(live) = CookieStore::from_cookies(live, false);
        // A buffer in memory takes everything.
        let _ = cookie_store::serde::json::save_incl_expired_and_nonpersistent(&live, &mut *bytes);
        Secret::new(String::from_utf8_lossy(&bytes))
    }

    /// What [`Jar::to_text`] gave; anything else is an empty jar.
    pub fn from_text(text: &Secret) -> Self {
        Self(cookie_store::serde::json::load_all(text.expose().as_bytes()).unwrap_or_default())
    }

    /// What tells a remembered device, and signs nobody in: the cookies of these names.
    #[must_use]
    pub fn only(&self, names: &[&str]) -> Self {
        self.filtered(|name| names.contains(&name))
    }

    /// The others.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> Self {
        self.filtered(|name| !names.contains(&name))
    }

    fn filtered(&self, keep: impl Fn(&str) -> bool) -> Self {
        let kept = self.0.iter_unexpired().filter(|cookie| keep(cookie.name()));
        let kept = kept.map(|cookie| Ok::<_, std::convert::Infallible>(cookie.clone()));
        let Ok(kept) = CookieStore::from_cookies(kept, false);
        Self(kept)
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.iter_unexpired().next().is_none()
    }
}

/// A cookie for a public suffix would go to everybody under it. Source: RFC 6265, section 5.3, step 5.
fn is_for_everybody(cookie: &RawCookie<'_>, url: &Url) -> bool {
    let Some(domain) = cookie.domain() else { return false };
    let Some(Host::Domain(host)) = url.host() else { return false };
    let domain = domain.trim_start_matches('.').to_ascii_lowercase();
    domain != host && psl::domain_str(&domain).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn jar(from: &str, cookies: &[&str]) -> Jar {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(SET_COOKIE, cookie.parse().unwrap());
        }
        let mut jar = Jar::default();
        jar.take(&headers, &url(from));
        jar
    }

    fn sent(jar: &Jar, to: &str) -> String {
        jar.header(&url(to)).map(|header| header.expose().to_owned()).unwrap_or_default()
    }

    #[test]
    fn cookies_go_back_to_their_own_host_and_path() {
        let jar = jar(
            "https://a.example.com/x/y",
            &["s=1; Path=/x; Secure; HttpOnly", "d=2; Domain=example.com; Path=/", "g=3; Path=/; Max-Age=0"],
        );
        assert_eq!(sent(&jar, "https://a.example.com/x/"), "s=1; d=2");
        assert_eq!(sent(&jar, "https://b.example.com/x/"), "d=2");
        assert_eq!(sent(&jar, "http://a.example.com/x/"), "d=2");
        assert_eq!(sent(&jar, "https://example.org/"), "");
    }

    #[test]
    fn nobody_sets_cookies_for_everybody_or_for_others() {
        let jar = jar("https://a.example.co.uk/", &["a=1; Domain=co.uk", "b=2; Domain=other.co.uk", "c=3; Domain=uk"]);
        assert!(jar.is_empty(), "{jar:?}");
    }

    #[test]
    fn a_device_can_be_kept_without_its_session() {
        let jar = jar("https://a.example.com/", &["sid=1; Path=/", "DT=2; Path=/; Max-Age=1000"]);
        assert_eq!(sent(&jar.only(&["DT"]), "https://a.example.com/"), "DT=2");
    }

    #[test]
    fn kept_cookies_are_the_same_afterwards_and_not_shown() {
        let jar = jar("http://127.0.0.1:8081/", &["s=hunter2; Path=/", "t=3; Max-Age=1000"]);
        let kept = Jar::from_text(&jar.to_text());
        assert_eq!(sent(&kept, "http://127.0.0.1:8081/"), sent(&jar, "http://127.0.0.1:8081/"));
        assert!(sent(&kept, "http://127.0.0.1:8081/").contains("s=hunter2"));
        assert!(!format!("{kept:?}").contains("hunter2"));
        assert!(Jar::from_text(&Secret::new("junk")).is_empty());
    }
}
