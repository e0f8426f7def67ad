//! The browser's cookies ↔ the jar that is kept in the keychain. Pure.
//!
//! A browser forgets cookies without an end when it is closed, and most providers' sessions are such cookies. With them
//! in the keychain, the session renews silently and without a window, as after any other way of signing in.

use http::header::{HeaderMap, HeaderValue, SET_COOKIE};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use url::Url;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::super::jar::Jar;

/// `Network.Cookie` and `Network.CookieParam`, as far as they are of interest.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(rename_all = "camelCase")]
pub(super) struct BrowserCookie {
    name: String,
    value: String,
    /// With a leading dot when it is for the names below too.
    domain: String,
    path: String,
    #[serde(default)]
    secure: bool,
    #[serde(default)]
    http_only: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    same_site: Option<String>,
    /// In seconds since 1970; without one it ends with the browser.
    #[serde(default, skip_serializing)]
    expires: Option<f64>,
    /// Of a page inside another: no sign-in needs it.
    #[serde(default, skip_serializing)]
    #[zeroize(skip)]
    partition_key: Option<serde::de::IgnoredAny>,
}

impl BrowserCookie {
    /// As a server would have set it.
    ///
    /// Source: RFC 6265, section 4.1.1.
    fn set_cookie(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(format!("{}={}; Path={}", self.name, self.value, self.path));
        if let Some(domain) = self.domain.strip_prefix('.') {
            text.push_str(&format!("; Domain={domain}"));
        }
        for (is_set, attribute) in [(self.secure, "; Secure"), (self.http_only, "; HttpOnly")] {
            text.push_str(if is_set { attribute } else { "" });
        }
        if let Some(same_site) = &self.same_site {
            text.push_str(&format!("; SameSite={same_site}"));
        }
        #[expect(clippy::cast_possible_truncation, reason = "a number that is no time is refused by the next step")]
        let end = self.expires.filter(|seconds| *seconds > 0.0).map(|seconds| Timestamp::from_second(seconds as i64));
        if let Some(Ok(end)) = end {
            text.push_str(&format!("; Expires={}", end.strftime("%a, %d %b %Y %H:%M:%S GMT")));
        }
        text
    }
}

/// What the browser has, for the keychain.
pub(super) fn jar_of(cookies: &[BrowserCookie]) -> Jar {
    let mut jar = Jar::default();
    for cookie in cookies.iter().filter(|cookie| cookie.partition_key.is_none()) {
        let scheme = if cookie.secure { "https" } else { "http" };
        // As a name below the domain sets it: none may set one for a whole suffix.
        let host = cookie.domain.strip_prefix('.').map_or(cookie.domain.clone(), |domain| format!("www.{domain}"));
        let Ok(url) = Url::parse(&format!("{scheme}://{host}/")) else { continue };
        let Ok(value) = HeaderValue::from_str(&cookie.set_cookie()) else { continue };
        jar.take(&HeaderMap::from_iter([(SET_COOKIE, value)]), &url);
    }
    jar
}

/// What the browser has forgotten when its window was closed: the cookies without an end.
pub(super) fn forgotten(jar: &Jar) -> Vec<BrowserCookie> {
    let cookies = jar.cookies().filter(|cookie| !cookie.is_persistent());
    let told = cookies.map(|cookie| {
        let (host_only, name) = match &cookie.domain {
            cookie_store::CookieDomain::Suffix(domain) => (false, domain.clone()),
            cookie_store::CookieDomain::HostOnly(host) => (true, host.clone()),
            _ => return None,
        };
        Some(BrowserCookie {
            name: cookie.name().to_owned(),
            value: cookie.value().to_owned(),
            domain: if host_only { name } else { format!(".{name}") },
            path: String::from(&cookie.path),
            secure: cookie.secure().unwrap_or_default(),
            http_only: cookie.http_only().unwrap_or_default(),
            same_site: cookie.same_site().map(|same_site| same_site.to_string()),
            expires: None,
            partition_key: None,
        })
    });
    told.flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cookie(more: &[(&str, serde_json::Value)]) -> BrowserCookie {
        let mut cookie = json!({ "name": "sid", "value": "1", "domain": "sso.example.com", "path": "/", "size": 4,
            "expires": -1, "session": true, "httpOnly": true, "secure": true, "sameSite": "None", "priority": "Medium" });
        for (key, value) in more {
            cookie[*key] = value.clone();
        }
        serde_json::from_value(cookie).unwrap()
    }

    fn sent(jar: &Jar, to: &str) -> Option<String> {
        jar.header(&Url::parse(to).unwrap()).map(|header| header.expose().to_owned())
    }

    #[test]
    fn the_browsers_cookies_go_where_the_browser_would_send_them() {
        let jar = jar_of(&[
            cookie(&[]),
            cookie(&[("name", json!("all")), ("domain", json!(".example.com")), ("expires", json!(4_000_000_000.5))]),
            cookie(&[("name", json!("path")), ("path", json!("/app"))]),
            cookie(&[("name", json!("ended")), ("expires", json!(1000))]),
            cookie(&[("name", json!("inside")), ("partitionKey", json!({ "topLevelSite": "https://x.example" }))]),
            cookie(&[("name", json!("everybody")), ("domain", json!(".co.uk"))]),
        ]);
        assert_eq!(sent(&jar, "https://sso.example.com/").as_deref(), Some("sid=1; all=1"));
        assert_eq!(sent(&jar, "https://login.example.com/").as_deref(), Some("all=1"));
        assert_eq!(sent(&jar, "https://sso.example.com/app/aws").as_deref(), Some("sid=1; path=1; all=1"));
        assert_eq!(sent(&jar, "http://sso.example.com/"), None);
        assert_eq!(sent(&jar, "https://a.co.uk/"), None);
    }

    #[test]
    fn only_what_ends_with_the_browser_is_given_back_to_it() {
        let jar = jar_of(&[cookie(&[]), cookie(&[("name", json!("long")), ("expires", json!(4_000_000_000_u64))])]);
        let back = serde_json::to_value(forgotten(&jar)).unwrap();
        let wanted = json!([{ "name": "sid", "value": "1", "domain": "sso.example.com", "path": "/", "secure": true,
            "httpOnly": true, "sameSite": "None" }]);
        assert_eq!(back, wanted);
        let all = jar_of(&[cookie(&[("domain", json!(".example.com"))])]);
        assert_eq!(serde_json::to_value(forgotten(&all)).unwrap()[0]["domain"], ".example.com");
    }
}
