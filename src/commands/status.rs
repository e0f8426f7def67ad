//! `securecart status`: every profile, what is kept of it and where, without asking anybody.

use jiff::Timestamp;

use super::login::{keeps_session, needs_code};
use super::setup::{Context, Setup};
use crate::ambient::source_name;
use crate::cli::StatusArgs;
use crate::config::oidc::TokenSource;
use crate::config::profile::Method;
use crate::config::{Listed, all_profiles};
use crate::credentials::SignedIn;
use crate::error::{Error, Kind, Result};
use crate::signin::sso::SsoSession;
use crate::ui::time;

/// One profile; the JSON form is documented in the manual page.
#[derive(Debug, serde::Serialize)]
struct Report {
    profile: String,
    default: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(flatten)]
    details: Option<Details>,
}

#[derive(Debug, serde::Serialize)]
struct Details {
    #[serde(skip)]
    needs_nobody: bool,
    method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    keychain: &'static str,
    kept: &'static str,
    signed_in: bool,
    renewable: bool,
    user_id: Option<String>,
    account_id: Option<String>,
    account_name: Option<String>,
    role_name: Option<String>,
    credentials_expire: Option<Timestamp>,
    access_token_expires: Option<Timestamp>,
    folder: Option<String>,
}

/// Runs it.
///
/// # Errors
/// When the configuration can't be read; one profile's trouble is reported beside the others.
pub fn run(args: &StatusArgs, context: &Context) -> Result<()> {
    let wanted = context.overrides.profile.as_ref();
    let listed = all_profiles(&context.environment)?;
    let shown: Vec<Listed> =
        listed.into_iter().filter(|listed| wanted.is_none_or(|wanted| wanted.as_str() == listed.name)).collect();
    if shown.is_empty() {
        return Err(match wanted {
            Some(name) => Error::usage(format!("there is no profile `{name}`")),
            None => Error::usage("there is no profile yet"),
        }
        .with_hint("set one up with `securecart configure`"));
    }
    for listed in shown {
        let report = report(listed, context)?;
        if args.json {
            context.ui.data_json(&report)?;
        } else {
            context.ui.data(for_people(&report, Timestamp::now()))?;
        }
    }
    Ok(())
}

fn report(listed: Listed, context: &Context) -> Result<Report> {
    let Listed { name, is_default, profile } = listed;
    let details = profile.map_err(Error::from).and_then(|profile| {
        let keychain = context.overrides.keychain.unwrap_or(profile.keychain);
        details(&context.setup_of(crate::config::Profile { keychain, ..profile })?)
    });
    let (details, error) = match details {
        Ok(details) => (Some(details), None),
        Err(error) if error.kind == Kind::Interrupted => return Err(error),
        Err(error) => (None, Some(error.message)),
    };
    Ok(Report { profile: name, default: is_default, error, details })
}

fn details(setup: &Setup) -> Result<Details> {
    let kept = setup.records().load_signed_in(&setup.profile)?;
    let now = Timestamp::now();
    let valid = kept.as_ref().is_some_and(|kept| kept.credentials.is_valid(now));
    let session = session(setup, now)?;
    let renewable = session.renewable;
    let identity = kept.as_ref().and_then(|kept| kept.identity.as_ref());
    let folder = match (&setup.profile.bucket, identity) {
        (Some(bucket), Some(identity)) => {
            super::own_folder::prefix(&setup.profile, identity).ok().map(|prefix| format!("s3://{bucket}/{prefix}"))
        }
        _ => None,
    };
    let told = |tell: fn(&SignedIn) -> String| kept.as_ref().map(tell);
    Ok(Details {
        needs_nobody: session.needs_nobody,
        method: session.method,
        start_url: session.url,
        source: session.source,
        keychain: setup.keychain.store_name()?,
        kept: setup.keychain.persistence()?,
        signed_in: valid || (renewable && kept.is_some()),
        renewable,
        user_id: identity.map(|identity| identity.user_id.clone()),
        account_id: told(|kept| kept.account_id.to_string()),
        account_name: kept.as_ref().and_then(|kept| kept.account_name.clone()),
        role_name: kept.as_ref().and_then(|kept| kept.role_name.as_ref().map(ToString::to_string)),
        credentials_expire: kept.as_ref().map(|kept| kept.credentials.expiration),
        access_token_expires: session.expires,
        folder,
    })
}

/// What is kept of the sign-in itself.
struct Session {
    method: &'static str,
    url: Option<String>,
    /// Where credentials come from that no sign-in gives.
    source: Option<String>,
    renewable: bool,
    /// It is a job that signs in, each time it has to.
    needs_nobody: bool,
    expires: Option<Timestamp>,
}

fn session(setup: &Setup, now: Timestamp) -> Result<Session> {
    match &setup.profile.method {
        Method::Sso(sso) => {
            let session = setup.records().load_session(&sso.start_url, &sso.sso_region)?;
            let token = session.as_ref().and_then(|session| session.token.as_ref());
            let renewable = session.as_ref().is_some_and(|session: &SsoSession| session.can_renew(now))
                || token.is_some_and(|token| token.is_valid(now));
            let expires = token.map(|token| token.expires_at);
            let url = Some(sso.start_url.to_string());
            Ok(Session { method: "sso", url, source: None, renewable, needs_nobody: false, expires })
        }
        Method::Saml(saml) => {
            let renewable = keeps_session(setup)?;
            Ok(Session {
                method: if saml.in_browser { "browser" } else { "saml" },
                url: Some(saml.url.to_string()),
                source: None,
                renewable,
                needs_nobody: false,
                expires: None,
            })
        }
        Method::Aws(aws) => Ok(Session {
            method: "aws",
            url: None,
            source: Some(source_name(&aws.source)),
            renewable: !needs_code(&setup.profile),
            needs_nobody: !needs_code(&setup.profile),
            expires: None,
        }),
        Method::Role(role) => {
            let source = setup.source.as_deref().map(|source| session(source, now)).transpose()?;
            let lives = source.as_ref().is_some_and(|source| source.renewable) && !needs_code(&setup.profile);
            Ok(Session {
                method: "role",
                url: source.as_ref().and_then(|source| source.url.clone()),
                source: Some(role.source.name.to_string()),
                renewable: lives,
                // The role is assumed when it is needed.
                needs_nobody: lives,
                expires: source.and_then(|source| source.expires),
            })
        }
        // Whether the token is there, and taken, is found out by using it.
        Method::Oidc(oidc) => {
            let (renewable, needs_nobody) = match &oidc.source {
                TokenSource::Issuer(issuer) => {
                    let session = setup.records().load_oidc_session(issuer)?;
                    (session.is_some_and(|it| it.refresh_token.is_some() || it.is_valid(now)), false)
                }
                _ => (true, true),
            };
            let url = Some(oidc.source.to_string());
            Ok(Session { method: "oidc", url, source: None, renewable, needs_nobody, expires: None })
        }
    }
}

fn for_people(report: &Report, now: Timestamp) -> String {
    let star = if report.default { " (default)" } else { "" };
    let mut lines = vec![format!("{}{star}", report.profile)];
    let mut line = |name: &str, value: &str| lines.push(format!("  {name:<12} {value}"));
    if let Some(error) = &report.error {
        line("error", error);
    }
    if let Some(details) = &report.details {
        let state = match (details.signed_in, details.renewable) {
            (true, true) => "signed in, renews silently",
            (true, false) => "signed in until the credentials expire",
            (false, true) if details.needs_nobody => "gets credentials by itself, when they are needed",
            (false, true) if details.method == "oidc" => "session alive",
            (false, true) if report.default => "session alive, no role chosen yet: run `securecart login`",
            (false, true) => {
                &format!("session alive, no role chosen yet: run `securecart login --profile {}`", report.profile)
            }
            (false, false) => "not signed in",
        };
        line("state", state);
        if let Some(user_id) = &details.user_id {
            line("user id", user_id);
        }
        if let (Some(account), Some(role)) = (&details.account_id, &details.role_name) {
            let name = details.account_name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
            line("role", &format!("{role} in {account}{name}"));
        }
        if let Some(expiration) = details.credentials_expire {
            line("credentials", &time::until(expiration, now));
        }
        if let Some(expiration) = details.access_token_expires {
            line("sign-in", &time::until(expiration, now));
        }
        if let Some(folder) = &details.folder {
            line("folder", folder);
        }
        if let Some(source) = &details.source {
            line("source", source);
        }
        if let Some(url) = &details.start_url {
            line(if details.method == "oidc" && details.needs_nobody { "token from" } else { "portal" }, url);
        }
        line("kept in", &format!("{}, {}", details.keychain, details.kept));
    }
    lines.join("\n")
}
