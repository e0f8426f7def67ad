//! Under which names things are kept.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::config::Profile;
use crate::config::arn::RoleArn;
use crate::config::names::{AccountId, Region, RoleName, SafeUrl, StartUrl};
use crate::config::oidc::TokenSource;
use crate::config::profile::{Method, RoleSettings, SamlSettings};
use crate::config::session::RoleSessionName;

/// The first word of the item names of sign-in sessions.
pub(super) const SESSION_ITEM: &str = "sso-session";
/// The first word of the item names of SAML providers' cookies.
const SAML_ITEM: &str = "saml-session";

/// The item of a profile's credentials: it changes with whatever decides whose credentials they are.
pub(in crate::credentials) fn credentials_item(profile: &Profile) -> String {
    let account_id = profile.account_id.as_ref().map_or("", AccountId::as_str);
    let role_name = profile.role_name.as_ref().map_or("", RoleName::as_str);
    let hash = match &profile.method {
        Method::Sso(sso) => short_hash(&[sso.start_url.as_str(), sso.sso_region.as_str(), account_id, role_name]),
        Method::Saml(saml) => {
            let username = saml.username.as_deref().unwrap_or_default();
            let role_arn = saml.role_arn.as_ref().map_or("", RoleArn::as_str);
            short_hash(&["saml", saml.url.as_str(), username, role_arn, account_id, role_name])
        }
        Method::Oidc(oidc) => {
            let session_name = oidc.role_session_name.as_ref().map_or("", RoleSessionName::as_str);
            short_hash(&["oidc", oidc.role_arn.as_str(), session_name, &source_of(&oidc.source)])
        }
        Method::Aws(aws) => {
            let mfa = aws.mfa.as_ref().map_or("", |mfa| mfa.serial.as_str());
            short_hash(&["aws", &format!("{:?}", aws.source), aws.told.as_deref().unwrap_or_default(), mfa])
        }
        Method::Role(role) => short_hash(&["role", &credentials_item(&role.source), &session_words(role)]),
    };
    format!("credentials {} {hash}", profile.name)
}

/// What tells one source of tokens, and one job, from another. Of a variable or file, only reading it tells.
fn source_of(source: &TokenSource) -> String {
    match source {
        // Each job has an address of its own.
        TokenSource::GithubActions { request_url, audience } => {
            format!("github {} {audience}", request_url.as_ref().map_or("", SafeUrl::as_str))
        }
        TokenSource::Variable(name) => format!("variable {name}"),
        TokenSource::File(path) => format!("file {}", path.display()),
        TokenSource::Command(words) => format!("command {words:?}"),
        TokenSource::Issuer(issuer) => format!("issuer {} {}", issuer.issuer, issuer.client_id),
    }
}

/// Everything that a role's session is asked for with: a session that was asked for otherwise is another one.
fn session_words(role: &RoleSettings) -> String {
    let RoleSettings { source: _, role_arn, external_id, session_name, source_identity, .. } = role;
    let RoleSettings { tags, policy, policy_arns, session_duration, mfa, .. } = role;
    let mfa = mfa.as_ref().map(|mfa| &mfa.serial);
    let named = (role_arn.as_str(), external_id, session_name, source_identity);
    format!("{:?}", (named, tags, policy, policy_arns, session_duration, mfa))
}

/// The item of a provider's cookies.
pub(in crate::credentials) fn saml_item(saml: &SamlSettings) -> String {
    let (origin, username) = saml.session();
    format!("{SAML_ITEM} {}", short_hash(&[&origin, username]))
}

/// The directory of a provider's browser profile, under the state directory.
pub fn browser_profile(state: &Path, saml: &SamlSettings) -> PathBuf {
    browser_profiles(state).join(saml_item(saml).replace(' ', "-"))
}

/// The directory of all of them.
pub fn browser_profiles(state: &Path) -> PathBuf {
    state.join("browser")
}

/// The item of an API client's secret: one for each client of a provider.
pub(super) fn client_item(saml: &SamlSettings) -> String {
    let origin = saml.url.as_url().origin().ascii_serialization();
    format!("saml-client {}", short_hash(&[&origin, saml.client_id.as_deref().unwrap_or_default()]))
}

/// The item of an organisation's sign-in; also what renewals of its token lock.
pub(in crate::credentials) fn session_item(start_url: &StartUrl, sso_region: &Region) -> String {
    format!("{SESSION_ITEM} {}", short_hash(&[start_url.as_str(), sso_region.as_str()]))
}

pub(super) fn short_hash(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\n").as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}
