//! Which hosts are the provider's own: a password is typed for these and no others. Pure.

use url::{Host, Url};

use crate::config::names::{SafeUrl, is_loopback};

/// Domains under which each name is another customer's, though they are in no list of public suffixes.
///
/// Source: the "domains" pages of Okta, OneLogin, PingOne, JumpCloud, Duo and Microsoft Entra.
const SHARED: &[&str] = &[
    "okta.com",
    "oktapreview.com",
    "okta-emea.com",
    "okta-gov.com",
    "okta.mil",
    "onelogin.com",
    "pingone.com",
    "pingone.eu",
    "pingidentity.com",
    "jumpcloud.com",
    "duosecurity.com",
    "auth0.com",
    "microsoftonline.com",
];

/// The provider's own hosts.
///
/// The configured URL's host; hosts of the same registrable domain, to which only the provider's own pages lead;
/// and those the profile allows.
#[derive(Debug, Clone)]
pub struct Hosts {
    configured: Url,
    allowed: Vec<String>,
}

impl Hosts {
    /// Of a profile: the application's URL, and `allowed_hosts`.
    pub fn new(url: &SafeUrl, allowed: &[String]) -> Self {
        Self { configured: url.as_url().clone(), allowed: allowed.to_vec() }
    }

    /// The host that was configured, for messages.
    pub fn configured(&self) -> &str {
        self.configured.host_str().unwrap_or_default()
    }

    /// Whether a page may be fetched from there at all: https, and this machine only if the provider is on it.
    pub fn may_visit(&self, url: &Url) -> bool {
        match is_loopback(url) {
            true => is_loopback(&self.configured),
            false => url.scheme() == "https",
        }
    }

    /// Whether what is secret may be sent there.
    pub fn is_own(&self, url: &Url) -> bool {
        if !self.may_visit(url) || !url.username().is_empty() {
            return false;
        }
        let same_origin = url.origin() == self.configured.origin();
        let host = url.host_str().unwrap_or_default();
        same_origin || self.is_sibling(url) || self.allowed.iter().any(|allowed| matches(allowed, host))
    }

    /// Names under one registrable domain are one owner's. Source: publicsuffix.org.
    fn is_sibling(&self, url: &Url) -> bool {
        let (Some(Host::Domain(one)), Some(Host::Domain(other))) = (self.configured.host(), url.host()) else {
            return false;
        };
        let domain = |name: &str| psl::domain_str(name).map(ToOwned::to_owned);
        let own = domain(one).filter(|own| !SHARED.contains(&own.as_str()));
        !is_loopback(url) && url.port().is_none() && own.is_some() && own == domain(other)
    }
}

/// `login.example.com`, or `*.example.com` for every name below.
fn matches(allowed: &str, host: &str) -> bool {
    match allowed.strip_prefix("*.") {
        Some(domain) => host.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.')),
        None => allowed.eq_ignore_ascii_case(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(configured: &str, allowed: &[&str], url: &str) -> bool {
        let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
        Hosts::new(&configured.parse().unwrap(), &allowed).is_own(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_password_is_for_the_providers_own_hosts() {
        let sso = "https://sso.example.co.uk/app/aws";
        for url in ["https://sso.example.co.uk/x", "https://login.example.co.uk/", "https://example.co.uk/"] {
            assert!(own(sso, &[], url), "{url}");
        }
        for url in [
            "http://sso.example.co.uk/",
            "https://evil.co.uk/",
            "https://example.co.uk.evil.example/",
            "https://login.example.co.uk:8443/",
            "https://sso.example.co.uk@evil.example/",
            "https://x@sso.example.co.uk/",
            "https://127.0.0.1/",
            "http://127.0.0.1/",
        ] {
            assert!(!own(sso, &[], url), "{url}");
        }
        // Two customers of one host under a public suffix are two owners.
        assert!(!own("https://one.github.io/", &[], "https://two.github.io/"));
        assert!(!own("https://acme.okta.com/", &[], "https://evil.okta.com/"));
        assert!(!own("https://acme.onelogin.com/", &[], "https://api.onelogin.com/"));
        assert!(own("https://acme.okta.com/", &["partner.okta.com"], "https://partner.okta.com/"));
    }

    #[test]
    fn a_profile_can_allow_others() {
        let allowed = ["login.partner.example", "*.federation.example"];
        let sso = "https://sso.example.com/";
        assert!(own(sso, &allowed, "https://login.partner.example/"));
        assert!(own(sso, &allowed, "https://a.federation.example/"));
        assert!(!own(sso, &allowed, "https://federation.example/"));
        assert!(!own(sso, &allowed, "https://evilfederation.example/"));
        assert!(!own(sso, &allowed, "http://login.partner.example/"));
    }

    #[test]
    fn on_this_machine_the_port_counts() {
        assert!(own("http://127.0.0.1:8081/x", &[], "http://127.0.0.1:8081/y"));
        assert!(!own("http://127.0.0.1:8081/x", &[], "http://127.0.0.1:8082/y"));
        assert!(!own("http://localhost:8081/x", &[], "http://127.0.0.1:8081/y"));
    }
}
