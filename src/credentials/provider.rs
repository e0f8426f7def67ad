//! Single flight: however many processes ask, one renews and the others take what it got.
//!
//! read → fresh? use it : lock → read again → renew → keep → unlock. A failure is left as a note in the lock file, so
//! that those who waited for a renewal that failed don't each try it again.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use super::records::{Records, SignedIn, credentials_item};
use crate::config::Profile;
use crate::config::oidc::OidcSettings;
use crate::config::profile::Method;
use crate::error::{Error, Result};
use crate::keychain::Guard;
use crate::signin::oidc::{Variables, same_holder};

/// How long to wait for another process's renewal: longer than one can take, shorter than Go's SDK waits for us.
const LOCK_DEADLINE: Duration = Duration::from_secs(50);
/// The same when the other process may be waiting for a person in a browser.
const LOGIN_DEADLINE: Duration = Duration::from_secs(660);
/// After a failed renewal, valid credentials are handed out for so long before the next try.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// Gets new credentials for a profile without a person, unless the profile says otherwise.
pub trait Renewal {
    /// New credentials; `old` is what was kept, expired or not.
    ///
    /// # Errors
    /// [`crate::error::Kind::NotSignedIn`] when only a person can help.
    fn renew(&self, old: Option<&SignedIn>) -> Result<SignedIn>;
}

/// Hands out a profile's credentials.
pub struct Provider<'a> {
    profile: &'a Profile,
    records: Records<'a>,
    variables: Variables,
    now: &'a (dyn Fn() -> Timestamp + Sync),
}

impl<'a> Provider<'a> {
    /// Over what is kept; `variables` looks up what the profile names.
    pub fn new(
        profile: &'a Profile,
        records: Records<'a>,
        variables: Variables,
        now: &'a (dyn Fn() -> Timestamp + Sync),
    ) -> Self {
        Self { profile, records, variables, now }
    }

    /// Credentials that are kept and fresh: one keychain read, no network.
    ///
    /// # Errors
    /// When the keychain can't be read.
    pub fn load_fresh(&self) -> Result<Option<SignedIn>> {
        Ok(self.load()?.filter(|kept| kept.credentials.is_fresh((self.now)())))
    }

    /// What is kept, unless it is of another job that ran here.
    fn load(&self) -> Result<Option<SignedIn>> {
        let kept = self.records.load_signed_in(self.profile)?;
        let Some(settings) = name_giver(self.profile) else { return Ok(kept) };
        let name = |kept: &SignedIn| kept.identity.as_ref().and_then(|it| it.session_name()).map(ToOwned::to_owned);
        Ok(kept.filter(|kept| name(kept).is_some_and(|name| same_holder(settings, self.variables, &name))))
    }

    /// Fresh credentials, renewed if need be. When renewal fails, those that are still valid.
    ///
    /// # Errors
    /// Whatever the renewal says, when nothing valid is left.
    pub fn obtain(&self, renewal: &dyn Renewal) -> Result<SignedIn> {
        match self.load_fresh()? {
            Some(fresh) => Ok(fresh),
            None => self.renew_once(None, renewal),
        }
    }

    /// Credentials other than those with the given access key, which AWS has just called expired.
    ///
    /// # Errors
    /// As [`Provider::obtain`].
    pub fn replace(&self, rejected_access_key_id: &str, renewal: &dyn Renewal) -> Result<SignedIn> {
        self.renew_once(Some(rejected_access_key_id), renewal)
    }

    fn renew_once(&self, rejected_access_key_id: Option<&str>, renewal: &dyn Renewal) -> Result<SignedIn> {
        let asked_at = SystemTime::now();
        let deadline = if self.profile.auto_login { LOGIN_DEADLINE } else { LOCK_DEADLINE };
        let guard = self.records.lock(&credentials_item(self.profile), deadline)?;
        let kept = self.load()?;
        let usable =
            kept.as_ref().filter(|kept| Some(kept.credentials.access_key_id.as_str()) != rejected_access_key_id);
        if let Some(fresh) = usable.filter(|kept| kept.credentials.is_fresh((self.now)())) {
            return Ok(fresh.clone());
        }
        let still_valid = usable.filter(|kept| kept.credentials.is_valid((self.now)()));
        let outcome = match recent_failure(&guard, asked_at, still_valid.is_some()) {
            Some(failure) => Err(failure),
            None => self.renew_and_keep(&guard, kept.as_ref(), renewal),
        };
        match (outcome, still_valid) {
            (Err(error), Some(valid)) => {
                tracing::warn!(%error, "could not renew; the old credentials are still valid");
                Ok(valid.clone())
            }
            (outcome, _) => outcome,
        }
    }

    /// Forgets that renewing failed: somebody signed in since, so the next one who needs credentials tries again.
    pub fn forget_failure(&self) {
        // Whoever holds the lock is trying already.
        if let Ok(guard) = self.records.lock(&credentials_item(self.profile), Duration::ZERO) {
            let _ = guard.leave_note("");
        }
    }

    fn renew_and_keep(&self, guard: &Guard, kept: Option<&SignedIn>, renewal: &dyn Renewal) -> Result<SignedIn> {
        let renewed = match renewal.renew(kept) {
            Ok(renewed) => renewed,
            Err(failure) => {
                let note = serde_json::to_string(&failure).unwrap_or_default();
                // The note only saves others a try.
                let _ = guard.leave_note(&note);
                return Err(failure);
            }
        };
        let _ = guard.leave_note("");
        // They are good whether or not they can be kept.
        if let Err(error) = self.records.save_signed_in(self.profile, &renewed) {
            tracing::warn!(%error, "could not keep the renewed credentials");
        }
        Ok(renewed)
    }
}

/// The job whose token names the session: a role that it assumes keeps the name, unless the profile names another.
fn name_giver(profile: &Profile) -> Option<&OidcSettings> {
    match &profile.method {
        Method::Oidc(settings) => Some(settings),
        Method::Role(role) if role.session_name.is_none() => name_giver(&role.source),
        _ => None,
    }
}

/// A failure that need not be tried again: one that happened while we waited, or a moment ago when there is something
/// else to hand out.
fn recent_failure(guard: &Guard, asked_at: SystemTime, can_do_without: bool) -> Option<Error> {
    let (failed_at, note) = guard.note()?;
    let since = if can_do_without { asked_at.checked_sub(RETRY_AFTER)? } else { asked_at };
    // A note from the future is from another clock.
    (failed_at >= since && failed_at <= SystemTime::now()).then(|| serde_json::from_str(&note).ok())?
}

#[cfg(test)]
mod tests;
