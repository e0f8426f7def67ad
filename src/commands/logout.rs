//! `securecart logout`: forget what is kept, and end the session at the portal.

use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use super::interrupt::{small_runtime, unless_interrupted};
use super::setup::{Context, Setup};
use crate::cli::LogoutArgs;
use crate::config::oidc::{IssuerSettings, TokenSource};
use crate::config::profile::{Method, SamlSettings};
use crate::config::{Directories, Profile, all_profiles};
use crate::credentials::{browser_profile, browser_profiles};
use crate::error::{Error, Kind, Result};
use crate::signin::oidc::{Issuer, OidcSession};
use crate::signin::saml::{Hosts, Jar, Visit, sign_out as sign_out_of_saml};
use crate::signin::sso::{Portal, SsoSession};

/// A provider that takes longer to say goodbye is not waited for.
const SIGN_OUT_PATIENCE: Duration = Duration::from_secs(10);

/// Runs it.
///
/// # Errors
/// When the keychain can't be changed. A portal that can't be reached is a warning: what is kept here is gone anyway.
pub fn run(args: &LogoutArgs, context: &Context) -> Result<()> {
    if args.all { everything(context) } else { one(context) }
}

fn one(context: &Context) -> Result<()> {
    let setup = context.setup()?;
    // A chain's session is its root's.
    let root = setup.hops().last().unwrap_or(&setup);
    let records = root.records();
    let (place, mut any) = match &root.profile.method {
        Method::Sso(sso) => {
            let session = records.load_session(&sso.start_url, &sso.sso_region)?;
            let any = session.as_ref().is_some_and(|session| session.token.is_some());
            if let Some(session) = session {
                sign_out(root, &session, context)?;
                records.remove_session(&sso.start_url, &sso.sso_region)?;
            }
            (sso.start_url.to_string(), any)
        }
        Method::Saml(saml) => {
            if let Some(jar) = records.load_jar(saml)? {
                sign_out_of_provider(root, saml, jar, context)?;
            }
            let browser = match &root.state {
                Some(state) => forget_browser(&browser_profile(state, saml))?,
                None => false,
            };
            (saml.url.to_string(), records.remove_jar(saml)? | browser)
        }
        Method::Oidc(oidc) => match &oidc.source {
            TokenSource::Issuer(issuer) => {
                let session = records.load_oidc_session(issuer)?;
                if let Some(session) = &session {
                    end_oidc_session(root, issuer, session, context)?;
                }
                (issuer.issuer.to_string(), records.remove_oidc_session(issuer)?)
            }
            // A job's token is not ours to end.
            _ => (oidc.role_arn.to_string(), false),
        },
        // The credentials themselves stay where they are.
        Method::Aws(_) | Method::Role(_) => (format!("profile `{}`", root.profile.name), false),
    };
    // The session is over for every profile of the organisation, so their credentials go as well.
    for profile in same_organisation(&setup.profile, context) {
        any |= context.forget(&setup, profile)?;
    }
    context.ui.say(if any {
        format!("Signed out of {place}; credentials that were handed out stay valid until they expire")
    } else {
        format!("Nobody was signed in to profile `{}`", setup.profile.name)
    });
    Ok(())
}

fn same_organisation(profile: &Profile, context: &Context) -> Vec<Profile> {
    let listed = all_profiles(&context.environment).unwrap_or_default();
    let mut profiles: Vec<Profile> = listed
        .into_iter()
        .filter_map(|listed| listed.profile.ok())
        .filter(|other| shares_session(other, profile) && other.name != profile.name)
        .collect();
    profiles.push(profile.clone());
    profiles
}

/// Whether one sign-in serves both.
fn shares_session(one: &Profile, other: &Profile) -> bool {
    match (&one.root().method, &other.root().method) {
        (Method::Saml(one), Method::Saml(other)) => one.session() == other.session(),
        (Method::Oidc(one), Method::Oidc(other)) => match (&one.source, &other.source) {
            (TokenSource::Issuer(one), TokenSource::Issuer(other)) => one.same_client(other),
            _ => false,
        },
        (one, other) => one == other,
    }
}

fn everything(context: &Context) -> Result<()> {
    let listed = all_profiles(&context.environment)?;
    let mut profiles: Vec<Profile> = listed.into_iter().filter_map(|listed| listed.profile.ok()).collect();
    for profile in &mut profiles {
        profile.keychain = context.overrides.keychain.unwrap_or(profile.keychain);
    }
    let mut stores: Vec<Open<'_>> = Vec::new();
    for profile in &profiles {
        if stores.iter().all(|open| open.setup.profile.keychain != profile.keychain) {
            stores.push(look_into(context.setup_of(profile.clone())?, &profiles, context)?);
        }
    }
    // Whoever had a passphrase to type has typed it: from here on things are removed.
    let mut removed = 0;
    let mut failed: Option<Error> = None;
    // Without a home, as in many CI jobs, no browser kept anything.
    if let Ok(directories) = Directories::new(&context.environment)
        && let Err(error) = forget_browser(&browser_profiles(&directories.state))
    {
        context.ui.error(&error);
        failed = Some(error);
    }
    for open in stores {
        match forget_store(open, context) {
            Ok(count) => removed += count,
            Err(error) if error.kind == Kind::Interrupted => return Err(error),
            Err(error) => {
                context.ui.error(&error);
                failed = Some(error);
            }
        }
    }
    context.ui.say(format_args!("Signed out of everything: {removed} kept items removed"));
    failed.map_or(Ok(()), |error| Err(Error::new(error.kind, "not everything could be removed")))
}

/// Removes what a browser of ours keeps of a provider, or of all; whether there was any.
fn forget_browser(folder: &Path) -> Result<bool> {
    match std::fs::remove_dir_all(folder) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(Error::new(Kind::Failed, format!("could not remove `{}`: {error}", folder.display()))
            .with_hint("close the browser that `securecart login --browser` opened, and try again")),
    }
}

/// A store, and the sessions kept in it.
struct Open<'p> {
    setup: Setup,
    saml: Vec<(&'p SamlSettings, Jar)>,
    oidc: Vec<(&'p IssuerSettings, OidcSession)>,
    sso: Vec<SsoSession>,
}

/// Reads a store's sessions, and changes nothing. What can't be opened, because its passphrase is forgotten, can still be
/// removed: only [`Kind::Interrupted`] fails.
fn look_into<'p>(setup: Setup, profiles: &'p [Profile], context: &Context) -> Result<Open<'p>> {
    let records = setup.records();
    let mut saml = Vec::new();
    let mut oidc: Vec<(&IssuerSettings, OidcSession)> = Vec::new();
    let mut seen: Vec<&SamlSettings> = Vec::new();
    for profile in profiles {
        match &profile.method {
            Method::Saml(settings) if !seen.iter().any(|other| other.session() == settings.session()) => {
                seen.push(settings);
                saml.extend(readable(records.load_jar(settings))?.map(|jar| (&**settings, jar)));
            }
            method => {
                if let Some(issuer) = method.issuer()
                    && !oidc.iter().any(|(other, _)| other.same_client(issuer))
                {
                    oidc.extend(readable(records.load_oidc_session(issuer))?.map(|session| (issuer, session)));
                }
            }
        }
    }
    let sso = match records.sessions() {
        Err(error) if error.kind == Kind::Interrupted => return Err(error),
        Err(error) => {
            context.ui.warn(format_args!("sessions at the portal could not be ended: {error}"));
            Vec::new()
        }
        Ok(sessions) => sessions,
    };
    Ok(Open { setup, saml, oidc, sso })
}

/// What was read; nothing when it couldn't be, unless the person wants to stop.
fn readable<T>(read: Result<Option<T>>) -> Result<Option<T>> {
    match read {
        Err(error) if error.kind == Kind::Interrupted => Err(error),
        read => Ok(read.unwrap_or_default()),
    }
}

/// Ends a store's sessions, and removes everything in it.
fn forget_store(open: Open<'_>, context: &Context) -> Result<usize> {
    let Open { setup, saml, oidc, sso } = open;
    for (settings, jar) in saml {
        sign_out_of_provider(&setup, settings, jar, context)?;
    }
    for (issuer, session) in oidc {
        end_oidc_session(&setup, issuer, &session, context)?;
    }
    for session in sso {
        sign_out(&setup, &session, context)?;
    }
    setup.records().remove_all()
}

fn sign_out_of_provider(setup: &Setup, saml: &SamlSettings, jar: Jar, context: &Context) -> Result<()> {
    if jar.is_empty() {
        return Ok(());
    }
    let http = setup.http()?;
    let pages = http.pages();
    let mut visit = Visit::new(&pages, Hosts::new(&saml.url, &saml.allowed_hosts), jar);
    let signed_out = async {
        match tokio::time::timeout(SIGN_OUT_PATIENCE, sign_out_of_saml(&mut visit, saml)).await {
            Ok(left) => Ok(left.map(drop)?),
            Err(_) => Err(Error::new(Kind::Network, "it does not answer")),
        }
    };
    ended(signed_out, saml.url.as_str(), context)
}

fn sign_out(setup: &Setup, session: &SsoSession, context: &Context) -> Result<()> {
    let Some(token) = &session.token else { return Ok(()) };
    let http = setup.http()?;
    let endpoint = setup.profile.endpoints.sso.as_ref();
    let portal = Portal::new(&http, session.start_url.clone(), &session.sso_region, endpoint);
    let signed_out = async { Ok(portal.sign_out(&token.token).await?) };
    ended(signed_out, session.start_url.as_str(), context)
}

fn end_oidc_session(setup: &Setup, issuer: &IssuerSettings, session: &OidcSession, context: &Context) -> Result<()> {
    let http = setup.http()?;
    let signed_out = async { Ok(Issuer::new(issuer, &http).sign_out(session).await?) };
    ended(signed_out, issuer.issuer.as_str(), context)
}

/// A session that can't be ended there is a warning: here it is.
fn ended(signed_out: impl Future<Output = Result<()>>, place: &str, context: &Context) -> Result<()> {
    match small_runtime()?.block_on(unless_interrupted(signed_out)) {
        Err(error) if error.kind == Kind::Interrupted => Err(error),
        Err(error) => {
            context.ui.warn(format_args!("the session at {place} could not be ended: {error}"));
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}
