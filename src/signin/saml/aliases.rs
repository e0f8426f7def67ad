//! The names of accounts, from AWS's own sign-in page: decoration for the list of roles, never needed for it.
//!
//! The page gets the response as a browser would post it there. Where it goes is pinned; what can't be had is left out.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use scraper::{Html, Selector};
use url::Url;

use super::destination::Destination;
use super::page::is_bounded;
use crate::config::names::{AccountId, SafeUrl};
use crate::http::{PageRequest, Pages};
use crate::secret::Secret;
use crate::signin::saml::form::Request;

/// A list is not worth waiting for longer.
const PATIENCE: Duration = Duration::from_secs(4);
/// Longer names are none. Source: IAM user guide, "Account aliases": 3 to 63 letters, digits and hyphens.
const LONGEST: usize = 63;

/// Names of accounts, where the page gives any.
pub type Aliases = HashMap<AccountId, String>;

/// Asks the sign-in page that the response is for; nothing when that doesn't work, for any reason.
pub async fn fetch_aliases(
    pages: &Pages,
    response: &Secret,
    destination: Option<&Destination>,
    partition: &str,
    endpoint: Option<&SafeUrl>,
) -> Aliases {
    let url = match endpoint {
        Some(endpoint) => Url::parse(&format!("{}/saml", endpoint.as_str())).ok(),
        None => Destination::sign_in_page(partition, destination.and_then(|it| it.region.as_ref())),
    };
    let Some(url) = url else { return Aliases::new() };
    let request = Request::post_fields(url, &[("SAMLResponse", response.expose()), ("RelayState", "")]);
    let mut headers = http::HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("application/x-www-form-urlencoded"));
    let body = request.body.as_ref().map(|(_, body)| body);
    let asked = pages.fetch(PageRequest { method: http::Method::POST, url: &request.url, headers, body });
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok(reply)) => parse_aliases(&reply.text),
        Ok(Err(_)) | Err(_) => {
            tracing::debug!("the sign-in page gave no names of accounts");
            Aliases::new()
        }
    }
}

/// Reads them from either generation of the page. Pure.
pub fn parse_aliases(html: &str) -> Aliases {
    if !is_bounded(html) {
        return Aliases::new();
    }
    let document = Html::parse_document(html);
    let select = |selector: &str| Selector::parse(selector).expect("the selectors are constant");
    let mut aliases = Aliases::new();
    let mut add = |text: &str| aliases.extend(named(text));
    for data in document.select(&select("meta[name=data]")).filter_map(|it| it.attr("content")) {
        let json = STANDARD
            .decode(data.trim())
            .ok()
            .and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
        let accounts = json.as_ref().and_then(|json| json.get("roles_accounts")?.as_object());
        accounts.into_iter().flatten().for_each(|(account, _)| add(account));
    }
    for account in document.select(&select(".saml-account-name")) {
        add(&account.text().collect::<String>());
    }
    aliases
}

/// `Account: alias (111122223333)`, whatever the first word is in the page's language.
fn named(text: &str) -> Option<(AccountId, String)> {
    let (name, id) = text.trim().strip_suffix(')')?.rsplit_once('(')?;
    let name = name.rsplit_once([':', '：']).map_or(name, |(_, name)| name).trim();
    let legal = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
    let is_name = !name.is_empty() && name.chars().count() <= LONGEST && name.chars().all(legal);
    is_name.then_some(())?;
    Some((id.trim().parse().ok()?, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn aliases(html: &str) -> Vec<(String, String)> {
        let mut found: Vec<_> = parse_aliases(html).into_iter().map(|(id, name)| (id.to_string(), name)).collect();
        found.sort();
        found
    }

    #[test]
    fn both_generations_of_the_page_are_read() {
        let wanted = [("111122223333".to_owned(), "acme-docs".to_owned())];
        let old = "<div class=saml-account-name>Account: acme-docs (111122223333)</div><div class=saml-account-name>Account: 444455556666</div>";
        assert_eq!(aliases(old), wanted);
        let data = STANDARD.encode(r#"{"roles_accounts":{"acme-docs (111122223333)":["arn:x"],"444455556666":[]}}"#);
        assert_eq!(aliases(&format!("<meta name=data content='{data}'>")), wanted);
        assert_eq!(aliases("<div id=root></div><script src=app.js></script>"), []);
    }

    #[test]
    fn the_page_may_be_in_any_language() {
        let wanted = [("111122223333".to_owned(), "acme-docs".to_owned())];
        for said in
            ["アカウント： acme-docs (111122223333)", "Compte : acme-docs (111122223333)", "acme-docs (111122223333)"]
        {
            assert_eq!(aliases(&format!("<div class=saml-account-name>{said}</div>")), wanted, "{said}");
        }
    }

    #[test]
    fn hostile_names_are_left_out() {
        for name in ["\u{1b}[2J", "a\u{202e}b", &"x".repeat(64), "<b>", ""] {
            let html = format!("<div class=saml-account-name>Account: {name} (111122223333)</div>");
            assert_eq!(aliases(&html), [], "{name:?}");
        }
    }

    #[test]
    fn a_real_page_is_read() {
        let Some(folder) = crate::signin::saml::tests::fixtures() else { return };
        let html = std::fs::read_to_string(folder.join("aws-signin/aws_legacy.html")).unwrap();
        assert_eq!(aliases(&html), [("012345678901".to_owned(), "testaccount1".to_owned())]);
    }

    proptest! {
        #[test]
        fn no_page_panics(text in "\\PC{0,80}", data in "[A-Za-z0-9+/=]{0,60}") {
            let _ = parse_aliases(&text);
            let _ = parse_aliases(&format!("<meta name=data content='{data}'><div class=saml-account-name>{text}</div>"));
        }
    }
}
