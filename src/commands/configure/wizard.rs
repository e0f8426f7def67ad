//! The questions `configure` asks, for what no option told. It decides nothing but what to ask.

mod sign_in_url;

use std::fmt::Display;
use std::str::FromStr;

use sign_in_url::{IssuerUrl, SignInUrl};

use super::draft::{Draft, region_of_portal, store_name};
use crate::cli::configure::MethodChoice;
use crate::config::aws_config::{FoundSso, Origin};
use crate::config::names::{ProfileName, StartUrl};
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

/// Short, so that question and answer fit on a line of 80 columns: what is wider leaves a line of its own behind.
const WHERE: &str = "Portal, SAML or openid-configuration URL";

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
mod tests;
