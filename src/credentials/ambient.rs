//! Credentials that are there already: temporary ones as they are, an IAM user's own through a session of theirs.

use aws_credential_types::Credentials;
use jiff::{SignedDuration, Timestamp};

use super::caller::Caller;
use super::login::{CallerFuture, LoginFuture, LoginRequest, SignInMethod};
use super::provider::Renewal;
use super::records::{Records, SignedIn};
use super::renewal::not_signed_in;
use crate::ambient::{fetch_credentials, source_name};
use crate::config::Profile;
use crate::config::profile::AwsSettings;
use crate::error::{Error, Kind, Result};
use crate::http::Http;
use crate::identity::RoleCredentials;
use crate::runtime::small_runtime;
use crate::secret::Secret;
use crate::signin::{Interaction, mfa_code};
use crate::sts::{MfaProof, Sts, StsError};

/// When to look again at temporary credentials that don't say when they end.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_hours(1);

/// Gets credentials from where the machine has some.
///
/// An IAM user's own keys are exchanged for a session: what is kept or handed on always ends.
pub struct AwsRenewal<'a> {
    profile: &'a Profile,
    settings: &'a AwsSettings,
    records: Records<'a>,
    http: &'a Http,
    now: &'a (dyn Fn() -> Timestamp + Sync),
}

impl<'a> AwsRenewal<'a> {
    /// Nothing is asked before credentials are wanted.
    pub fn new(
        profile: &'a Profile,
        settings: &'a AwsSettings,
        records: Records<'a>,
        http: &'a Http,
        now: &'a (dyn Fn() -> Timestamp + Sync),
    ) -> Self {
        Self { profile, settings, records, http, now }
    }

    /// What is there.
    async fn ambient(&self) -> Result<Credentials> {
        Ok(fetch_credentials(&self.settings.source, &self.profile.region, self.http).await?)
    }

    async fn session(&self, person: Option<&dyn Interaction>) -> Result<SignedIn> {
        let ambient = self.ambient().await?;
        let (credentials, identity) = match (ambient.session_token(), &self.settings.mfa) {
            (Some(_), Some(_)) => {
                return Err(Error::usage(format!(
                    "`mfa_serial` is for an IAM user's own keys, and those in {} are temporary",
                    source_name(&self.settings.source)
                ))
                .with_hint("leave `mfa_serial` out, or name another source"));
            }
            (Some(token), None) => {
                let token = Secret::new(token);
                let sts = Sts::new(self.http, self.profile, ambient.clone());
                let identity = sts.caller_identity().await.map_err(|error| self.refused(error))?;
                (temporary(&ambient, token, (self.now)()), identity)
            }
            (None, mfa) => {
                let code = match mfa {
                    Some(mfa) => {
                        let code = mfa_code(mfa, person).await?;
                        Some((&mfa.serial, code.ok_or_else(|| not_signed_in(self.profile))?))
                    }
                    None => None,
                };
                let proof = code.as_ref().map(|(serial, code)| MfaProof { serial, code });
                let sts = Sts::new(self.http, self.profile, ambient);
                let seconds = self.settings.session_duration.map(|wish| wish.seconds());
                let credentials = sts.session_token(seconds, proof).await.map_err(|error| self.refused(error))?;
                // The session is the user.
                (credentials, sts.caller_identity().await?)
            }
        };
        let role_name = identity.role_name().and_then(|name| name.parse().ok());
        let account_id = identity.account_id.clone();
        Ok(SignedIn { role_name, identity: Some(identity), ..SignedIn::new(account_id, credentials) })
    }

    /// What is expired there can't be renewed here.
    fn refused(&self, error: StsError) -> Error {
        let source = source_name(&self.settings.source);
        match error {
            StsError::Expired => {
                Error::new(Kind::NotSignedIn, format!("AWS no longer takes the credentials in {source}"))
                    .with_hint("renew them where they come from")
            }
            other => other.into(),
        }
    }

    async fn sign_in(&self, request: &LoginRequest, person: &dyn Interaction) -> Result<SignedIn> {
        // A code is not asked for while the session that one was good for lasts.
        if let (false, Some(_)) = (request.force, &self.settings.mfa)
            && let Some(kept) = self.records.load_signed_in(self.profile)?
            && kept.credentials.is_fresh((self.now)())
        {
            return Ok(kept);
        }
        let signed_in = self.session(Some(person)).await?;
        self.records.save_signed_in(self.profile, &signed_in)?;
        Ok(signed_in)
    }
}

/// Temporary credentials as they are.
fn temporary(ambient: &Credentials, session_token: Secret, now: Timestamp) -> RoleCredentials {
    let ends = ambient.expiry().and_then(|ends| Timestamp::try_from(ends).ok());
    RoleCredentials {
        access_key_id: ambient.access_key_id().to_owned(),
        secret_access_key: Secret::new(ambient.secret_access_key()),
        session_token,
        expiration: ends.unwrap_or_else(|| now.saturating_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX)),
    }
}

impl Renewal for AwsRenewal<'_> {
    fn renew(&self, _old: Option<&SignedIn>) -> Result<SignedIn> {
        small_runtime()?.block_on(self.session(None))
    }
}

impl SignInMethod for AwsRenewal<'_> {
    fn login<'a>(&'a self, request: &'a LoginRequest, person: &'a dyn Interaction) -> LoginFuture<'a> {
        Box::pin(self.sign_in(request, person))
    }

    /// The credentials themselves, as every AWS tool signs with them: a session with MFA is the profile's own matter.
    fn caller(&self) -> CallerFuture<'_> {
        Box::pin(async {
            match self.settings.mfa {
                Some(_) => Ok(None),
                None => Ok(Some(Caller { credentials: self.ambient().await?, identity: None })),
            }
        })
    }
}
