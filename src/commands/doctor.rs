//! `securecart doctor`: everything this program needs, each checked by using it, and who can fix what is wrong.

mod finding;
mod network;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use finding::{Finding, Report};

use super::interrupt::{run_transfers, small_runtime, unless_interrupted};
use super::own_folder;
use super::random;
use super::setup::{Context, Setup};
use crate::cli::DoctorArgs;
use crate::config::aws_config::foreign_profiles;
use crate::config::directories::aws_config_file;
use crate::config::profile::{Method, SsoSettings};
use crate::config::write::read_or_empty;
use crate::config::{Profile, load};
use crate::error::{Error, Kind, Result};
use crate::folder::probe::{self, Attempt};
use crate::ui::time;

/// What is put into the keychain, and taken out again.
const PROBE_ITEM: &str = "doctor";
/// How long to wait for another run of this.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs it.
///
/// # Errors
/// [`Kind::Failed`] when a check failed.
pub fn run(args: &DoctorArgs, context: &Context) -> Result<()> {
    let mut report = Report::new(&context.ui, args.json);
    if let Some(profile) = configuration(context, &mut report)? {
        let setup = Arc::new(context.setup_of(profile)?);
        keychain(&setup, &mut report)?;
        browser(&setup, &mut report)?;
        network::check(&setup, &mut report)?;
        match session(&setup, &mut report)? {
            true => folder(&setup, &mut report)?,
            false => report.add(Finding::warn("folder", "not checked, because there are no credentials"))?,
        }
    }
    report.verdict()
}

fn configuration(context: &Context, report: &mut Report<'_>) -> Result<Option<Profile>> {
    let loaded = match load(&context.environment, &context.overrides) {
        Ok(loaded) => loaded,
        Err(error) => {
            report.add(Finding::fail("config", &error.into()))?;
            return Ok(None);
        }
    };
    let profile = loaded.profile;
    let Some(config_file) = loaded.config_file else {
        // No other tool's file knows of it either.
        report.add(Finding::ok("config", "the environment names a role and where its token comes from"))?;
        return Ok(Some(profile));
    };
    report.add(Finding::ok("config", format!("profile `{}` of {}", profile.name, config_file.display())))?;
    for warning in loaded.warnings {
        report.add(Finding::warn("config", warning.to_string()))?;
    }
    let aws = aws_config_file(&context.environment)?;
    let text = match read_or_empty(&aws) {
        Ok(text) => text,
        Err(error) => {
            report.add(Finding::fail("aws config", &error.into()))?;
            return Ok(Some(profile));
        }
    };
    let asking = format!(" credential-process --profile {}", profile.name);
    let named = text.lines().any(|line| line.trim_end().ends_with(&asking));
    let foreign = foreign_profiles(&text).iter().any(|name| name == profile.name.as_str());
    report.add(match (named, foreign) {
        (true, _) => Finding::ok("aws config", format!("AWS tools find the profile in {}", aws.display())),
        (false, true) => Finding::warn(
            "aws config",
            format!("profile `{}` in {} gets its credentials elsewhere", profile.name, aws.display()),
        ),
        (false, false) => Finding::warn("aws config", format!("{} has no profile that asks securecart", aws.display()))
            .hint(format!("add it with `securecart configure --profile {}`", profile.name)),
    })?;
    Ok(Some(profile))
}

/// A write, a read and a removal of something that is no secret.
fn keychain(setup: &Setup, report: &mut Report<'_>) -> Result<()> {
    let store = &setup.keychain;
    let tried = (|| {
        // One name for all runs: the names of what was ever saved are remembered. And so one run at a time.
        let _guard = store.lock(PROBE_ITEM, PATIENCE)?;
        let content = random::word::<8>()?;
        store.save(PROBE_ITEM, content.as_bytes())?;
        let read = store.load(PROBE_ITEM);
        store.remove(PROBE_ITEM)?;
        if read?.is_none_or(|bytes| *bytes != *content.as_bytes()) {
            return Err(Error::new(Kind::Keychain, "the keychain did not give back what was put into it"));
        }
        Ok(format!("{}, {}: written, read and removed", store.store_name()?, store.persistence()?))
    })();
    report.add(match tried {
        Ok(told) => Finding::ok("keychain", told),
        Err(error) if error.kind == Kind::Interrupted => return Err(error),
        Err(error) => Finding::fail("keychain", &error),
    })
}

/// Whether there is the browser that this profile signs in with.
fn browser(setup: &Setup, report: &mut Report<'_>) -> Result<()> {
    match &setup.profile.method {
        Method::Saml(saml) if saml.in_browser => report.add(match setup.browser() {
            Ok(program) => Finding::ok("browser", format!("{} signs in", program.display())),
            Err(error) => Finding::fail("browser", &error),
        }),
        _ => Ok(()),
    }
}

/// The sign-in, the credentials, and who AWS says they are; whether there are any.
fn session(setup: &Setup, report: &mut Report<'_>) -> Result<bool> {
    let now = Timestamp::now();
    // A SAML provider's session is only known by trying it, which the credentials below do.
    if let Method::Sso(sso) = &setup.profile.method
        && !sso_session(setup, sso, report)?
    {
        return Ok(false);
    }
    let http = setup.http()?;
    let signed_in = match setup.provider().obtain(&*setup.method(&http)) {
        Ok(signed_in) => signed_in,
        Err(error) => {
            report.add(Finding::fail("credentials", &error))?;
            return Ok(false);
        }
    };
    let until = time::until(signed_in.credentials.expiration, now);
    report.add(Finding::ok("credentials", format!("{} in {}, {until}", signed_in.who(), signed_in.account_id)))?;
    let asked = setup.fetch_identity(&http, &signed_in.credentials);
    match small_runtime()?.block_on(unless_interrupted(asked)) {
        Ok(identity) => report.add(Finding::ok("sts", format!("you are {}", identity.user_id)))?,
        Err(error) => report.add(Finding::fail("sts", &error))?,
    }
    Ok(true)
}

/// The sign-in that is kept; whether it could be read.
fn sso_session(setup: &Setup, sso: &SsoSettings, report: &mut Report<'_>) -> Result<bool> {
    let now = Timestamp::now();
    let session = match setup.records().load_session(&sso.start_url, &sso.sso_region) {
        Ok(session) => session,
        Err(error) => {
            report.add(Finding::fail("session", &error))?;
            return Ok(false);
        }
    };
    let token = session.as_ref().and_then(|session| session.token.as_ref());
    report.add(match (&session, token) {
        (Some(session), Some(token)) if session.can_renew(now) => {
            Finding::ok("session", format!("signed in {}, renews silently", time::until(token.expires_at, now)))
        }
        (_, Some(token)) if token.is_valid(now) => {
            Finding::warn("session", format!("signed in {}; it can't be renewed", time::until(token.expires_at, now)))
        }
        _ => Finding::warn("session", "nobody is signed in, or the session has ended")
            .hint(format!("sign in with `securecart login --profile {}`", setup.profile.name)),
    })?;
    Ok(true)
}

fn folder(setup: &Arc<Setup>, report: &mut Report<'_>) -> Result<()> {
    if setup.profile.bucket.is_none() {
        return report.add(Finding::warn("folder", "the profile names no bucket: not checked"));
    }
    let folder = match own_folder::open(setup) {
        Ok(folder) => folder,
        Err(error) => return report.add(Finding::fail("folder", &error)),
    };
    report.add(Finding::ok("folder", format!("s3://{}/{}", folder.bucket(), folder.prefix())))?;
    let key = folder.prefix().key(&format!(".securecart-doctor-{}", random::word::<8>()?), true)?;
    let findings = run_transfers(async {
        let probed = unless_interrupted(async { Ok(probe::probe(&folder, &key).await) }).await;
        if probed.is_err() {
            probe::clean_up(&folder, &key).await;
        }
        probed
    })?;
    for (attempt, finding) in findings {
        let check = name(attempt);
        report.add(match finding {
            probe::Finding::Works => Finding::ok(check, "allowed"),
            probe::Finding::Fails(error) => Finding::fail(check, &error.into()),
            probe::Finding::NotTried(other) => {
                Finding::warn(check, format!("not tried, because {} failed", name(other)))
            }
        })?;
    }
    Ok(())
}

fn name(attempt: Attempt) -> &'static str {
    match attempt {
        Attempt::List => "folder: list",
        Attempt::Put => "folder: put",
        Attempt::Get => "folder: get",
        Attempt::Delete => "folder: delete",
        Attempt::Multipart => "folder: multipart",
    }
}
