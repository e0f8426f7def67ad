//! The questions `configure` asks, for what no option told. It decides nothing but what to ask.

use std::fmt::Display;
use std::str::FromStr;

use super::draft::{Draft, region_of_portal, store_name};
use crate::cli::configure::MethodChoice;
use crate::config::aws_config::{FoundSso, Origin};
use crate::config::names::{InvalidName, ProfileName, SafeUrl, StartUrl};
use crate::config::profile::{ProviderChoice, StoreChoice};
use crate::error::Result;
use crate::ui::prompt::Ask;

/// The stores as a person chooses them, the default first.
const STORES: [(StoreChoice, &str); 5] = [
    (StoreChoice::Auto, "the system's keychain, or the kernel's keyring where there is none"),
    (StoreChoice::Keychain, "macOS Keychain, Windows Credential Manager or a Secret Service"),
    (StoreChoice::Keyutils, "the Linux kernel's keyring, for hosts without a desktop"),
    (StoreChoice::File, "files encrypted with a passphrase"),
    (StoreChoice::Memory, "nothing is kept"),
];

/// Asks for the profile's name.
pub(super) fn name(ask: &dyn Ask, default: &ProfileName) -> Result<ProfileName> {
    Ok(answer(ask, "Profile", Some(default.to_string()), Need::Required)?.unwrap_or_else(|| default.clone()))
}

/// Asks for another name in the AWS tools' file.
pub(super) fn aws_name(ask: &dyn Ask, default: &ProfileName) -> Result<ProfileName> {
    let typed = answer(ask, "Profile for AWS tools", Some(default.to_string()), Need::Required)?;
    Ok(typed.unwrap_or_else(|| default.clone()))
}

/// Offers what was found in the AWS tools' file.
pub(super) fn import<'f>(ask: &dyn Ask, found: &'f [FoundSso], or_new: bool) -> Result<Option<&'f FoundSso>> {
    let mut items: Vec<String> = found.iter().map(describe).collect();
    if or_new {
        items.push("none of these: type a start URL".to_owned());
    }
    let chosen = ask.choose("Take the sign-in settings from ~/.aws/config?", &items, 0)?;
    Ok(found.get(chosen))
}

/// A found profile or session on one line.
fn describe(found: &FoundSso) -> String {
    let kind = match found.origin {
        Origin::Profile => "profile",
        Origin::SsoSession => "sso-session",
    };
    let role = match (&found.account_id, &found.role_name) {
        (Some(account), Some(role)) => format!(", {role} in {account}"),
        _ => String::new(),
    };
    format!("{kind} {}: {}{role}", found.name, found.start_url)
}

/// Asks for everything the flags leave open; `there` is what is known from elsewhere, offered as defaults.
pub(super) fn questions(ask: &dyn Ask, flags: Draft, there: Draft, found: &[FoundSso]) -> Result<Draft> {
    let mut draft = flags;
    if draft.is_from_elsewhere() || there.is_from_elsewhere() {
        return from_elsewhere(ask, draft, there);
    }
    if draft.is_oidc() || (there.is_oidc() && !draft.is_saml() && draft.start_url.is_none()) {
        sign_in_with_oidc(ask, &mut draft, &there)?;
        return the_rest(ask, draft, there);
    }
    let known = draft.is_saml() || there.is_saml();
    if draft.start_url.is_none() && draft.url.is_none() {
        let default = if known { text(&there.url) } else { text(&there.start_url) };
        let question = if known { "URL of the SAML application" } else { WHERE };
        match answer(ask, question, default, Need::Required)? {
            Some(SignInUrl::Portal(url)) if !known => draft.start_url = Some(url),
            Some(SignInUrl::Portal(url)) => draft.url = url.as_str().parse().ok(),
            Some(SignInUrl::Application(url)) => draft.url = Some(url),
            Some(SignInUrl::Issuer(url)) => {
                draft.issuer = Some(url);
                sign_in_with_oidc(ask, &mut draft, &there)?;
                return the_rest(ask, draft, there);
            }
            None => {}
        }
    }
    let is_saml = draft.start_url.is_none() && (known || draft.is_saml());
    if is_saml {
        let in_browser = [draft.method, there.method].contains(&Some(MethodChoice::Browser));
        draft.method = Some(if in_browser { MethodChoice::Browser } else { MethodChoice::Saml });
        let same = there.url == draft.url;
        let product = draft.product().or(there.provider.filter(|_| same));
        if product == Some(ProviderChoice::OneLogin) && !in_browser {
            let before = |value: &Option<String>| value.clone().filter(|_| same);
            if draft.client_id.is_none() {
                draft.client_id = answer(ask, "Client id of OneLogin's API", before(&there.client_id), Need::Required)?;
            }
            if draft.app_id.is_none() {
                let question = "Id of the AWS application at OneLogin";
                draft.app_id = answer(ask, question, before(&there.app_id), Need::Required)?;
            }
        }
        // In a browser the provider's own page asks for it.
        if draft.username.is_none() && !in_browser {
            let question = "User name there (leave empty to be asked each time)";
            draft.username =
                answer(ask, question, there.username.clone(), Need::Optional)?.filter(|name: &String| !name.is_empty());
        }
    } else if there.is_saml() {
        draft.method = Some(MethodChoice::Sso);
    }
    if draft.sso_region.is_none() && !is_saml {
        // The region that is known belongs to the portal it is known of.
        let same_portal = there.start_url == draft.start_url;
        let known = there.sso_region.clone().filter(|_| same_portal);
        let told = draft.start_url.as_ref().and_then(region_of_portal);
        let guess = told.or(known).or_else(|| draft.clone().guess(found).sso_region);
        draft.sso_region = answer(ask, "Region of IAM Identity Center", text(&guess), Need::Required)?;
    }
    the_rest(ask, draft, there)
}

/// What an OpenID Connect provider needs.
fn sign_in_with_oidc(ask: &dyn Ask, draft: &mut Draft, there: &Draft) -> Result<()> {
    draft.method = Some(MethodChoice::Oidc);
    let of_a_job = draft.token_file.is_some() || draft.token_env.is_some();
    if draft.issuer.is_none() && !of_a_job {
        let question = "Issuer of the OpenID Connect provider (leave empty for CI jobs)";
        let typed = answer(ask, question, text(&there.issuer), Need::Optional)?;
        draft.issuer = typed.map(|IssuerUrl(url)| url);
    }
    if draft.issuer.is_some() && draft.client_id.is_none() {
        draft.client_id = answer(ask, "Client id there", there.client_id.clone(), Need::Required)?;
    }
    if draft.role_arn.is_none() {
        draft.role_arn = answer(ask, "ARN of the role", text(&there.role_arn), Need::Required)?;
    }
    Ok(())
}

/// What a profile needs whose credentials come from another one, or are there.
fn from_elsewhere(ask: &dyn Ask, mut draft: Draft, there: Draft) -> Result<Draft> {
    let known = draft.clone().over(there.clone());
    let is_role = known.told_method() == Some(MethodChoice::Role);
    if is_role && draft.elsewhere.source.is_none() {
        let question = "Profile whose credentials assume the role";
        draft.elsewhere.source = answer(ask, question, text(&there.elsewhere.source), Need::Required)?;
    }
    if is_role && draft.role_arn.is_none() {
        draft.role_arn = answer(ask, "ARN of the role", text(&there.role_arn), Need::Required)?;
    }
    if draft.bucket.is_none() {
        draft.bucket = answer(ask, "Bucket (leave empty for credentials only)", text(&there.bucket), Need::Optional)?;
    }
    // A role is used in its source's region, unless it is told another.
    if draft.region.is_none() && !is_role {
        draft.region = answer(ask, "Region", text(&there.region), Need::Required)?;
    }
    Ok(draft.over(there))
}

/// What every profile needs.
fn the_rest(ask: &dyn Ask, mut draft: Draft, there: Draft) -> Result<Draft> {
    if draft.bucket.is_none() {
        let question = if there.bucket.is_some() { "Bucket" } else { "Bucket (leave empty for credentials only)" };
        draft.bucket = answer(ask, question, text(&there.bucket), Need::Optional)?;
    }
    if draft.region.is_none() {
        let default = text(&there.region).or_else(|| text(&draft.sso_region));
        let question = if draft.bucket.is_some() { "Region of the bucket" } else { "Region" };
        draft.region = answer(ask, question, default, Need::Required)?;
    }
    // A job keeps nothing.
    let keeps = !draft.is_oidc() || draft.issuer.is_some();
    if draft.keychain.is_none() && keeps {
        let items: Vec<String> = STORES.iter().map(|(store, what)| format!("{}: {what}", store_name(*store))).collect();
        let default = STORES.iter().position(|(store, _)| there.keychain == Some(*store)).unwrap_or(0);
        let chosen = ask.choose("Keep sessions and credentials in", &items, default)?;
        draft.keychain = STORES.get(chosen).map(|(store, _)| *store);
    }
    Ok(draft.over(there))
}

const WHERE: &str = "Start URL of the access portal, URL of the SAML application, or of an openid-configuration";

/// Places to sign in at, told apart by what portals and OpenID Connect configurations look like.
enum SignInUrl {
    Portal(StartUrl),
    Application(SafeUrl),
    Issuer(SafeUrl),
}

/// An issuer, or the address of its configuration.
struct IssuerUrl(SafeUrl);

impl FromStr for IssuerUrl {
    type Err = InvalidName;
    fn from_str(typed: &str) -> std::result::Result<Self, InvalidName> {
        typed.trim().strip_suffix(CONFIGURATION).unwrap_or(typed).parse().map(Self)
    }
}

/// Where a provider tells of itself. OpenID Connect Discovery, section 4.
const CONFIGURATION: &str = "/.well-known/openid-configuration";

impl FromStr for SignInUrl {
    type Err = InvalidName;
    fn from_str(typed: &str) -> std::result::Result<Self, InvalidName> {
        let url: SafeUrl = typed.parse()?;
        if url.as_str().ends_with(CONFIGURATION) {
            return typed.parse().map(|IssuerUrl(url)| Self::Issuer(url));
        }
        let host = url.as_url().host_str().unwrap_or_default();
        let ends = [".awsapps.com", ".awsapps.cn", ".app.aws", "signin.aws.amazon.com", "console.aws.amazon.com"];
        let path = url.as_url().path().trim_end_matches('/');
        if ends.iter().any(|end| host.ends_with(end)) || path.ends_with("/start") {
            return typed.parse().map(Self::Portal);
        }
        Ok(Self::Application(url))
    }
}

fn text(value: &Option<impl ToString>) -> Option<String> {
    value.as_ref().map(ToString::to_string)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    Required,
    Optional,
}

/// Asks until the answer can be parsed.
fn answer<T>(ask: &dyn Ask, question: &str, default: Option<String>, need: Need) -> Result<Option<T>>
where
    T: FromStr,
    T::Err: Display,
{
    let check = |typed: &str| match typed {
        "" if need == Need::Optional => Ok(()),
        typed => typed.parse::<T>().map(drop).map_err(|error| error.to_string()),
    };
    let typed = ask.input(question, default.as_deref(), &check)?;
    // What was checked parses; what wasn't asked for stays open.
    Ok(typed.parse().ok())
}

/// A start URL that was found but can't be used is said to be so rather than passed over.
pub(super) fn check_import(found: &FoundSso) -> Result<()> {
    found.start_url.parse::<StartUrl>().map(drop).map_err(|problem| {
        crate::error::Error::usage(format!("`{}` in ~/.aws/config can't be imported: {problem}", found.name))
            .with_hint("give `--start-url` instead of `--import`")
    })
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::VecDeque;

    use super::*;
    use crate::config::aws_config::parse_sso;
    use crate::error::{Error, Kind};
    use crate::ui::prompt::Check;

    /// A person who types these lines, and an empty one takes the default; after the last, Ctrl-C.
    struct Typist {
        lines: RefCell<VecDeque<&'static str>>,
        seen: RefCell<Vec<String>>,
    }

    impl Typist {
        fn new(lines: &[&'static str]) -> Self {
            Self { lines: RefCell::new(lines.iter().copied().collect()), seen: RefCell::default() }
        }

        fn next(&self) -> Result<&'static str> {
            self.lines.borrow_mut().pop_front().ok_or_else(|| Error::new(Kind::Interrupted, "interrupted"))
        }
    }

    impl Ask for Typist {
        fn input(&self, question: &str, default: Option<&str>, check: Check<'_>) -> Result<String> {
            loop {
                let typed = self.next()?;
                let answer = if typed.is_empty() { default.unwrap_or("") } else { typed };
                match check(answer) {
                    Ok(()) => {
                        self.seen.borrow_mut().push(format!("{question} [{}] {answer}", default.unwrap_or("")));
                        return Ok(answer.to_owned());
                    }
                    Err(problem) => self.seen.borrow_mut().push(problem),
                }
            }
        }

        fn confirm(&self, _question: &str, default: bool) -> Result<bool> {
            Ok(match self.next()? {
                "" => default,
                typed => typed == "y",
            })
        }

        fn choose(&self, _question: &str, items: &[String], default: usize) -> Result<usize> {
            let typed = self.next()?;
            Ok(items.iter().position(|item| !typed.is_empty() && item.contains(typed)).unwrap_or(default))
        }
    }

    #[test]
    fn a_wrong_start_url_is_explained_and_asked_again() {
        let typist = Typist::new(&[
            "example.awsapps.com/start",
            "https://example.awsapps.com/start/",
            "eu-west-1",
            "docs-bucket",
            "",
            "",
        ]);
        let draft = questions(&typist, Draft::default(), Draft::default(), &[]).expect("all is answered");
        let seen = typist.seen.borrow();
        assert!(seen[0].contains("is not a URL; it starts with `https://`"), "{seen:?}");
        assert_eq!(draft.start_url.expect("typed").as_str(), "https://example.awsapps.com/start");
        assert_eq!(draft.region.expect("the default").as_str(), "eu-west-1");
        assert_eq!(draft.bucket.expect("typed").as_str(), "docs-bucket");
        assert_eq!(draft.keychain, Some(StoreChoice::Auto));
    }

    #[test]
    fn a_portal_that_names_its_region_offers_it() {
        let typist = Typist::new(&["https://ssoins-1.portal.eu-west-2.app.aws", "", "", "", ""]);
        let draft = questions(&typist, Draft::default(), Draft::default(), &[]).expect("all is answered");
        assert_eq!(draft.sso_region.expect("the default").as_str(), "eu-west-2");
        assert_eq!(draft.bucket, None);
    }

    #[test]
    fn the_url_of_an_application_is_a_saml_profile() {
        let typist = Typist::new(&["https://sso.example.com/app/aws", "alice", "", "eu-west-1", ""]);
        let draft = questions(&typist, Draft::default(), Draft::default(), &[]).expect("all is answered");
        assert!(draft.is_saml() && draft.missing().is_empty());
        assert_eq!(draft.url.as_ref().expect("typed").as_str(), "https://sso.example.com/app/aws");
        assert_eq!((draft.username.as_deref(), &draft.start_url, &draft.sso_region), (Some("alice"), &None, &None));
        // Asked again, everything is offered as it is.
        let again = questions(&Typist::new(&["", "", "", "", ""]), Draft::default(), draft.clone(), &[]);
        assert_eq!(again.expect("all is answered"), draft);
    }

    #[test]
    fn onelogin_is_recognised_and_asked_for_its_api_client() {
        let lines =
            ["https://example.onelogin.com/trust/saml2/launch/1", "3e1f", "123456", "alice", "", "eu-west-1", ""];
        let draft = questions(&Typist::new(&lines), Draft::default(), Draft::default(), &[]).expect("all is answered");
        assert_eq!((draft.client_id.as_deref(), draft.app_id.as_deref()), (Some("3e1f"), Some("123456")));
        assert!(draft.missing().is_empty());
        let again = questions(&Typist::new(&["", "", "", "", "", "", ""]), Draft::default(), draft.clone(), &[]);
        assert_eq!(again.expect("all is answered"), draft);
    }

    #[test]
    fn an_openid_configuration_is_a_profile_of_its_issuer() {
        let arn = "arn:aws:iam::111122223333:role/DocsUser";
        let address = "https://login.example.com/.well-known/openid-configuration";
        let typist = Typist::new(&[address, "securecart", arn, "", "eu-west-1", ""]);
        let draft = questions(&typist, Draft::default(), Draft::default(), &[]).expect("all is answered");
        assert!(draft.is_oidc() && draft.missing().is_empty());
        assert_eq!(draft.issuer.as_ref().expect("typed").as_str(), "https://login.example.com");
        let again = questions(&Typist::new(&["", "", "", "", "", ""]), Draft::default(), draft.clone(), &[]);
        assert_eq!(again.expect("all is answered"), draft);
    }

    #[test]
    fn a_profile_for_jobs_asks_neither_for_a_client_nor_for_a_keychain() {
        let flags = Draft { method: Some(MethodChoice::Oidc), ..Draft::default() };
        let typist = Typist::new(&["", "arn:aws:iam::111122223333:role/CiDocs", "docs-bucket", "eu-west-1"]);
        let draft = questions(&typist, flags, Draft::default(), &[]).expect("all is answered");
        assert_eq!((&draft.issuer, &draft.client_id, draft.keychain), (&None, &None, None));
        assert!(draft.missing().is_empty());
    }

    #[test]
    fn a_role_is_asked_for_its_source_and_arn_and_nothing_about_signing_in() {
        let flags = Draft { method: Some(MethodChoice::Role), ..Draft::default() };
        let typist = Typist::new(&["docs", "arn:aws:iam::444455556666:role/Reports", "reports-bucket"]);
        let draft = questions(&typist, flags, Draft::default(), &[]).expect("all is answered");
        assert!(draft.missing().is_empty() && draft.region.is_none(), "{draft:?}");
        let again = questions(&Typist::new(&["", "", ""]), Draft::default(), draft.clone(), &[]);
        assert_eq!(again.expect("all is answered"), draft);
    }

    #[test]
    fn what_flags_tell_is_not_asked() {
        let flags = Draft {
            start_url: Some("https://example.awsapps.com/start".parse().unwrap()),
            sso_region: Some("eu-west-1".parse().unwrap()),
            bucket: Some("docs-bucket".parse().unwrap()),
            keychain: Some(StoreChoice::File),
            ..Draft::default()
        };
        let typist = Typist::new(&["eu-central-1"]);
        let draft = questions(&typist, flags, Draft::default(), &[]).expect("one question");
        assert_eq!(typist.seen.borrow().as_slice(), ["Region of the bucket [eu-west-1] eu-central-1"]);
        assert_eq!(draft.keychain, Some(StoreChoice::File));
    }

    #[test]
    fn an_interrupt_ends_the_questions() {
        let error = questions(&Typist::new(&[]), Draft::default(), Draft::default(), &[]).unwrap_err();
        assert_eq!(error.kind.exit_code(), 130);
    }

    #[test]
    fn found_settings_are_offered_with_a_way_out() {
        let found = parse_sso(
            "[profile dev]\nsso_start_url = https://example.awsapps.com/start\nsso_account_id = 1\nsso_role_name = Dev\n",
        );
        let chosen = import(&Typist::new(&["dev"]), &found, true).unwrap();
        assert_eq!(chosen.expect("dev").name, "dev");
        assert_eq!(import(&Typist::new(&["none of these"]), &found, true).unwrap(), None);
        assert_eq!(describe(&found[0]), "profile dev: https://example.awsapps.com/start, Dev in 1");
    }
}
