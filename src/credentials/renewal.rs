//! Renewing without a person: the kept sign-in state → new role credentials.

use std::time::Duration;

use jiff::Timestamp;

use super::provider::Renewal;
use super::records::{Records, SignedIn, session_item};
use crate::config::Profile;
use crate::config::names::{AccountId, RoleName};
use crate::config::profile::SsoSettings;
use crate::error::{Error, Explain as _, Kind, Result};
use crate::http::Http;
use crate::identity::{CallerIdentity, RoleCredentials};
use crate::runtime::small_runtime;
use crate::secret::Secret;
use crate::signin::sso::{AccessToken, Portal, SsoClient, SsoError};
use crate::sts::fetch_caller_identity;

/// One token request takes at most 9 s.
const LOCK_DEADLINE: Duration = Duration::from_secs(12);

/// Renews through IAM Identity Center.
pub struct SsoRenewal<'a> {
    profile: &'a Profile,
    settings: &'a SsoSettings,
    records: Records<'a>,
    http: &'a Http,
    now: &'a (dyn Fn() -> Timestamp + Sync),
}

impl<'a> SsoRenewal<'a> {
    /// For a profile of an organisation.
    pub fn new(
        profile: &'a Profile,
        settings: &'a SsoSettings,
        records: Records<'a>,
        http: &'a Http,
        now: &'a (dyn Fn() -> Timestamp + Sync),
    ) -> Self {
        Self { profile, settings, records, http, now }
    }

    /// The profile it renews.
    pub fn profile(&self) -> &Profile {
        self.profile
    }

    /// What is kept.
    pub(super) fn records(&self) -> Records<'_> {
        self.records
    }

    /// The organisation.
    pub(super) fn settings(&self) -> &SsoSettings {
        self.settings
    }

    /// The time.
    pub(super) fn now(&self) -> Timestamp {
        (self.now)()
    }

    /// Asks STS who the caller is.
    ///
    /// # Errors
    /// [`crate::sts::StsError`], in its general form.
    pub(super) async fn fetch_identity(&self, credentials: &RoleCredentials) -> Result<CallerIdentity> {
        Ok(fetch_caller_identity(self.http, self.profile, credentials).await?)
    }

    /// The portal of the profile's organisation.
    pub fn portal(&self) -> Portal {
        let endpoint = self.profile.endpoints.sso.as_ref();
        Portal::new(self.http, self.settings.start_url.clone(), &self.settings.sso_region, endpoint)
    }

    /// The OIDC service of the profile's organisation.
    pub fn client(&self) -> SsoClient {
        let SsoSettings { start_url, sso_region } = self.settings;
        SsoClient::new(self.http, start_url.clone(), sso_region.clone(), self.profile.endpoints.sso_oidc.as_ref())
    }

    /// An access token the portal should take, renewed when it is due or is the one that was `rejected`.
    ///
    /// # Errors
    /// [`Kind::NotSignedIn`] when there is none and none can be had without a person.
    pub async fn access_token(&self, rejected: Option<&Secret>) -> Result<AccessToken> {
        let SsoSettings { start_url, sso_region } = self.settings;
        let wanted = |token: &AccessToken| !token.is_due((self.now)()) && Some(&token.token) != rejected;
        if let Some(token) = self.records.load_session(start_url, sso_region)?.and_then(|session| session.token)
            && wanted(&token)
        {
            return Ok(token);
        }
        // Refresh tokens are good for one use: whoever comes second takes what the first one got.
        let _guard = self.records.lock(&session_item(start_url, sso_region), LOCK_DEADLINE)?;
        let Some(mut session) = self.records.load_session(start_url, sso_region)? else {
            return Err(self.not_signed_in());
        };
        let Some(token) = session.token.clone() else { return Err(self.not_signed_in()) };
        if wanted(&token) {
            return Ok(token);
        }
        let usable = token.is_valid((self.now)()) && Some(&token.token) != rejected;
        let renewed = if session.can_renew((self.now)()) {
            self.client().renew(&session, (self.now)()).await
        } else {
            Err(SsoError::SessionEnded { start_url: start_url.to_string() })
        };
        match renewed {
            Ok(renewed) => {
                session.token = Some(renewed.clone());
                self.records.save_session(&session)?;
                Ok(renewed)
            }
            Err(_) if usable => Ok(token),
            Err(error) => {
                if error.kind() == Kind::NotSignedIn {
                    // What AWS no longer takes is forgotten, so that nobody tries it again.
                    session.token = None;
                    self.records.save_session(&session)?;
                    return Err(self.not_signed_in());
                }
                Err(error.into())
            }
        }
    }

    async fn fetch(&self, account_id: &AccountId, role_name: &RoleName) -> Result<RoleCredentials> {
        let portal = self.portal();
        let token = self.access_token(None).await?;
        let fetched = portal.fetch_role_credentials(&token.token, account_id, role_name, (self.now)()).await;
        match fetched {
            // The token looked valid, but the portal has ended the session: renew it and try once more.
            Err(SsoError::SessionEnded { .. }) => {
                let token = self.access_token(Some(&token.token)).await?;
                match portal.fetch_role_credentials(&token.token, account_id, role_name, (self.now)()).await {
                    Err(SsoError::SessionEnded { .. }) => Err(self.not_signed_in()),
                    fetched => Ok(fetched?),
                }
            }
            fetched => Ok(fetched?),
        }
    }

    fn not_signed_in(&self) -> Error {
        not_signed_in(self.profile)
    }
}

/// Says which command helps.
pub(super) fn not_signed_in(profile: &Profile) -> Error {
    Error::new(Kind::NotSignedIn, format!("not signed in to profile `{}`, or the session has ended", profile.name))
        .with_hint("sign in with `securecart login`")
        .for_profile(profile.name.as_str())
}

impl Renewal for SsoRenewal<'_> {
    fn renew(&self, old: Option<&SignedIn>) -> Result<SignedIn> {
        // Which account and role were chosen is known from an earlier sign-in, or the profile names them.
        let (account_id, role_name) = match (old, &self.profile.account_id, &self.profile.role_name) {
            (Some(SignedIn { account_id, role_name: Some(role_name), .. }), _, _)
            | (None, Some(account_id), Some(role_name)) => (account_id, role_name),
            _ => return Err(self.not_signed_in()),
        };
        let credentials = small_runtime()?.block_on(self.fetch(account_id, role_name))?;
        Ok(SignedIn {
            account_name: old.and_then(|old| old.account_name.clone()),
            role_name: Some(role_name.clone()),
            identity: old.and_then(|old| old.identity.clone()),
            ..SignedIn::new(account_id.clone(), credentials)
        })
    }
}
