//! Walking a provider's pages: cookies, redirects, limits. It fills in nothing and asks nobody.

use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue, LOCATION, ORIGIN, REFERER,
    WWW_AUTHENTICATE,
};
use url::Url;

use super::error::SamlError;
use super::form::{Method, Request};
use super::hosts::Hosts;
use super::jar::Jar;
use crate::http::{PageRequest, Pages};

/// As many as browsers follow.
const MAX_REDIRECTS: usize = 20;

/// A walk through a provider's pages.
#[derive(Debug)]
pub struct Visit<'a> {
    pages: &'a Pages,
    /// Where secrets may go.
    pub hosts: Hosts,
    /// The cookies so far.
    pub jar: Jar,
    /// How many exchanges there have been.
    pub exchanges: usize,
    last: Option<Url>,
}

/// What a request led to, after all redirects.
pub struct Fetched {
    /// Where it is.
    pub url: Url,
    /// Its status.
    pub status: u16,
    /// Its body.
    pub text: String,
    /// It wants Kerberos or NTLM.
    pub negotiates: bool,
}

impl<'a> Visit<'a> {
    /// Nothing visited yet.
    pub fn new(pages: &'a Pages, hosts: Hosts, jar: Jar) -> Self {
        Self { pages, hosts, jar, exchanges: 0, last: None }
    }

    /// Makes a request and follows where it leads. What holds a `secret` goes to the provider's own hosts only,
    /// redirected or not.
    ///
    /// # Errors
    /// [`SamlError::NotHttps`], [`SamlError::ForeignHost`], [`SamlError::TooManySteps`], [`SamlError::Http`].
    pub async fn fetch(&mut self, request: &Request, secret: bool) -> Result<Fetched, SamlError> {
        let mut request = request.clone();
        for _ in 0..MAX_REDIRECTS {
            self.check(&request, secret && request.body.is_some())?;
            let reply = self.pages.fetch(self.prepared(&request)).await?;
            self.exchanges += 1;
            self.jar.take(&reply.headers, &request.url);
            let status = reply.status.as_u16();
            tracing::debug!(host = request.url.host_str(), path = request.url.path(), status, "fetched a page");
            self.last = Some(request.url.clone());
            let location = reply.headers.get(LOCATION).and_then(|location| location.to_str().ok());
            match location.and_then(|location| request.url.join(location).ok()) {
                Some(next) if (300..400).contains(&status) => request = redirected(request, status, next),
                _ => {
                    let offered = reply.headers.get_all(WWW_AUTHENTICATE).iter().filter_map(|it| it.to_str().ok());
                    let negotiates =
                        offered.into_iter().any(|it| it.starts_with("Negotiate") || it.starts_with("NTLM"));
                    return Ok(Fetched { url: request.url, status, text: reply.text, negotiates });
                }
            }
        }
        Err(SamlError::TooManySteps { host: host(&request.url) })
    }

    fn check(&self, request: &Request, secret: bool) -> Result<(), SamlError> {
        if !self.hosts.may_visit(&request.url) {
            return Err(SamlError::NotHttps { host: host(&request.url) });
        }
        if secret && !self.hosts.is_own(&request.url) {
            return Err(SamlError::ForeignHost { host: host(&request.url), own: self.hosts.configured().to_owned() });
        }
        Ok(())
    }

    fn prepared<'r>(&self, request: &'r Request) -> PageRequest<'r> {
        let mut headers = HeaderMap::new();
        let mut set = |name: HeaderName, value: &str, sensitive: bool| {
            if let Ok(mut value) = HeaderValue::from_str(value) {
                value.set_sensitive(sensitive);
                headers.insert(name, value);
            }
        };
        if let Some(cookies) = self.jar.header(&request.url) {
            set(COOKIE, cookies.expose(), true);
        }
        if let Some((kind, _)) = &request.body {
            set(CONTENT_TYPE, kind, false);
            // Whoever sends JSON wants it back.
            if kind.contains("json") {
                set(ACCEPT, kind, false);
            }
        }
        if let Some(authorization) = &request.authorization {
            set(AUTHORIZATION, authorization.expose(), true);
        }
        // Some providers check where a form came from. Source: WHATWG Fetch, `Origin`; W3C Referrer Policy,
        // "strict-origin-when-cross-origin".
        if let Some(last) = &self.last {
            let origin = last.origin().ascii_serialization();
            if request.method == Method::Post {
                set(ORIGIN, &origin, false);
            }
            let same = last.origin() == request.url.origin();
            set(REFERER, &if same { last.as_str().to_owned() } else { format!("{origin}/") }, false);
        }
        let method = match request.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
        };
        PageRequest { method, url: &request.url, headers, body: request.body.as_ref().map(|(_, body)| body) }
    }
}

/// Source: WHATWG Fetch, "HTTP-redirect fetch": 307 and 308 send the same again, the others get.
fn redirected(request: Request, status: u16, next: Url) -> Request {
    match status {
        307 | 308 => Request { url: next, authorization: None, ..request },
        _ => Request::get(next),
    }
}

/// A URL's host, with its port where that is unusual, for messages.
pub(super) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}
