//! `securecart login`: sign in, choose a role, keep the credentials, say who one is.

use std::collections::BTreeMap;

use super::interrupt::{small_runtime, unless_interrupted};
use super::setup::{Context, Setup};
use crate::cli::LoginArgs;
use crate::config::aws_config::{FoundSso, Origin, parse_sso};
use crate::config::directories::{aws_config_file, aws_sso_cache};
use crate::config::names::StartUrl;
use crate::config::profile::{Method, MfaSettings, StoreChoice};
use crate::config::write::{read_or_empty, write_private};
use crate::config::{Environment, Profile, all_profiles};
use crate::credentials::{LoginRequest, SignedIn, cache_file_name, sso_cache};
use crate::error::{Error, Kind, Result};
use crate::secret::Secret;
use crate::ui::{Terminal, passphrase, time};

/// Runs it.
///
/// # Errors
/// What the sign-in, the portal or the keychain say.
pub fn run(args: &LoginArgs, context: &Context) -> Result<()> {
    let setup = context.setup()?;
    if args.export_sso_token && !matches!(setup.profile.method, Method::Sso(_)) {
        return Err(no_access_token());
    }
    if args.browser && !matches!(setup.profile.method, Method::Saml(_)) {
        return Err(Error::usage("`--browser` is for profiles that sign in with a SAML provider")
            .with_hint("`securecart login` opens your default browser by itself"));
    }
    // A keychain that can't be used is found out before the person goes through the browser.
    let before = setup.records().load_signed_in(&setup.profile)?;
    let request = LoginRequest {
        browser_here: browser_is_here(&context.environment),
        device_code: args.device_code,
        no_browser: args.no_browser,
        in_browser: args.browser,
        force: args.force,
        choose: args.choose,
        account_id: args.account_id.clone(),
        role_name: args.role_name.clone(),
        username: args.username.clone(),
        password: args.password_fd.map(|fd| first_line(fd, "password")).transpose()?,
        mfa: args.mfa.clone(),
        client_secret: args.client_secret_fd.map(|fd| first_line(fd, "client secret")).transpose()?,
    };
    let http = setup.http()?;
    let terminal = Terminal::new(&context.ui);
    let method = setup.method(&http);
    let signed_in = small_runtime()?.block_on(unless_interrupted(method.login(&request, &terminal)))?;
    setup.provider().forget_failure();
    if before.is_none_or(|before| before.identity.is_none() || before.identity != signed_in.identity) {
        forget_roles_of(&setup, context)?;
    }
    report(&signed_in, &setup, context)?;
    if args.export_sso_token {
        export_sso_token(&setup, context)?;
    }
    Ok(())
}

/// Whoever signed in now is not whom the roles assumed with this profile were assumed for.
fn forget_roles_of(setup: &Setup, context: &Context) -> Result<()> {
    for profile in all_profiles(&context.environment)?.into_iter().filter_map(|listed| listed.profile.ok()) {
        if profile.is_built_on(&setup.profile.name) {
            context.forget(setup, profile)?;
        }
    }
    Ok(())
}

fn no_access_token() -> Error {
    Error::usage("`--export-sso-token` is for profiles that sign in with IAM Identity Center")
        .with_hint("AWS tools get this profile's credentials through its `credential_process` entry")
}

/// Puts the access token under every name that AWS tools look for it: the portal's address as their profiles write it,
/// and the names of their sessions.
fn export_sso_token(setup: &Setup, context: &Context) -> Result<()> {
    let Method::Sso(sso) = &setup.profile.method else { return Err(no_access_token()) };
    let session = setup.records().load_session(&sso.start_url, &sso.sso_region)?;
    let token = session.and_then(|session| session.token).ok_or_else(|| {
        Error::new(Kind::Failed, "no access token is kept to export")
            .with_hint("choose another `--keychain` than memory")
    })?;
    let same = |found: &FoundSso| found.start_url.parse::<StartUrl>().is_ok_and(|url| url == sso.start_url);
    let text = read_or_empty(&aws_config_file(&context.environment)?).unwrap_or_default();
    let mut keys = BTreeMap::from([(sso.start_url.to_string(), sso.start_url.to_string())]);
    for found in parse_sso(&text).into_iter().filter(same) {
        let key = match found.origin {
            Origin::SsoSession => found.name,
            Origin::Profile => found.start_url.clone(),
        };
        keys.insert(key, found.start_url);
    }
    let folder = aws_sso_cache(&context.environment)?;
    for (key, start_url) in &keys {
        write_private(&folder.join(cache_file_name(key)), &sso_cache(start_url, &sso.sso_region, &token))?;
    }
    context.ui.say(format_args!(
        "Exported the access token to {}, unencrypted; it lasts until {}",
        folder.display(),
        time::local(token.expires_at)
    ));
    Ok(())
}

/// The first line of a file descriptor.
fn first_line(descriptor: u32, what: &str) -> Result<Secret> {
    passphrase::read_descriptor(&descriptor.to_string())
        .ok_or_else(|| Error::usage(format!("no {what} can be read from file descriptor {descriptor}")))
}

fn report(signed_in: &SignedIn, setup: &Setup, context: &Context) -> Result<()> {
    let (profile, ui) = (&setup.profile, &context.ui);
    let SignedIn { account_id, account_name, role_name, credentials, identity, .. } = signed_in;
    let who = identity
        .as_ref()
        .map_or("(unknown)", |identity| identity.session_name().or(identity.user_name()).unwrap_or(&identity.user_id));
    ui.say(format_args!("Signed in to profile `{}`", profile.name));
    ui.say(format_args!("  as       {who}"));
    match account_name {
        Some(name) => ui.say(format_args!("  account  {account_id} ({name})")),
        None => ui.say(format_args!("  account  {account_id}")),
    }
    if let Some(role_name) = role_name {
        ui.say(format_args!("  role     {role_name}"));
    }
    let then = match &profile.method {
        Method::Oidc(oidc) if !oidc.source.needs_person() => ", then renewed with a fresh token",
        _ if needs_code(profile) || !keeps_session(setup)? => "",
        _ => ", then renewed while the session lives",
    };
    ui.say(format_args!("  until    {}{then}", time::local(credentials.expiration)));
    if let (Some(bucket), Some(identity)) = (&profile.bucket, identity) {
        match super::own_folder::prefix(profile, identity) {
            Ok(prefix) => ui.say(format_args!("  folder   s3://{bucket}/{prefix}")),
            Err(error) => ui.warn(error.message),
        }
    }
    match profile.keychain {
        StoreChoice::Memory => ui.say("  kept in  nothing: each command signs in by itself"),
        _ => ui.say(format_args!("  kept in  {}", setup.keychain.store_name()?)),
    }
    Ok(())
}

/// Whether its sign-in left a session: a SAML provider's API leaves none. Whether the provider still takes it is found out
/// by asking it.
pub(super) fn keeps_session(setup: &Setup) -> Result<bool> {
    let root = setup.hops().last().unwrap_or(setup);
    match &root.profile.method {
        Method::Saml(saml) => Ok(root.records().load_jar(saml)?.is_some_and(|jar| !jar.is_empty())),
        _ => Ok(true),
    }
}

/// Whether a person must tell a code to renew them.
pub(super) fn needs_code(profile: &Profile) -> bool {
    let asks = |mfa: &Option<MfaSettings>| mfa.as_ref().is_some_and(|mfa| mfa.command.is_empty());
    match &profile.method {
        Method::Aws(aws) => asks(&aws.mfa),
        Method::Role(role) => asks(&role.mfa) || needs_code(&role.source),
        Method::Sso(_) | Method::Saml(_) | Method::Oidc(_) => false,
    }
}

/// Whether a browser can open on this machine, in front of the person.
pub(super) fn browser_is_here(environment: &Environment) -> bool {
    let window = cfg!(any(windows, target_os = "macos")) || environment.display || environment.wsl;
    let somebody = !environment.ssh && !environment.ci;
    somebody && (environment.browser.is_some() || (window && !environment.container))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn no_browser_opens_over_ssh_in_ci_or_without_a_display() {
        let here = |pairs: &[(&str, &str)]| browser_is_here(&Environment::from_pairs(pairs.iter().copied()));
        assert!(here(&[("DISPLAY", ":0")]));
        assert!(here(&[("BROWSER", "firefox")]));
        assert!(here(&[("WSL_DISTRO_NAME", "Debian")]));
        assert!(!here(&[]));
        assert!(!here(&[("DISPLAY", ":0"), ("SSH_CONNECTION", "x")]));
        assert!(!here(&[("BROWSER", "firefox"), ("CI", "true")]));
        assert!(!here(&[("DISPLAY", ":0"), ("container", "podman")]));
    }
}
