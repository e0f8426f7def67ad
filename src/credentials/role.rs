//! A role assumed with another profile's credentials: any number of them make a chain.

use jiff::Timestamp;

use super::caller::{Caller, usual_session_name};
use super::login::{LoginFuture, LoginRequest, SignInMethod};
use super::provider::{Provider, Renewal};
use super::records::{Records, SignedIn};
use super::renewal::not_signed_in;
use crate::config::Profile;
use crate::config::profile::RoleSettings;
use crate::error::{Error, Result};
use crate::http::Http;
use crate::runtime::small_runtime;
use crate::signin::{Interaction, mfa_code};
use crate::sts::{MfaProof, Sts, StsError, sdk_credentials};

/// What AWS gives a role that another role assumes, in seconds.
const CHAINED: u32 = 3600;

/// Assumes a role, with what the source keeps and renews.
pub struct RoleRenewal<'a> {
    profile: &'a Profile,
    settings: &'a RoleSettings,
    records: Records<'a>,
    http: &'a Http,
    now: &'a (dyn Fn() -> Timestamp + Sync),
    source: Source<'a>,
}

/// The profile whose credentials assume the role.
pub struct Source<'a> {
    /// What it keeps.
    pub provider: Provider<'a>,
    /// How it gets what it doesn't.
    pub method: Box<dyn SignInMethod + 'a>,
}

impl<'a> RoleRenewal<'a> {
    /// Nothing is asked before credentials are wanted.
    pub fn new(
        profile: &'a Profile,
        settings: &'a RoleSettings,
        records: Records<'a>,
        http: &'a Http,
        now: &'a (dyn Fn() -> Timestamp + Sync),
        source: Source<'a>,
    ) -> Self {
        Self { profile, settings, records, http, now, source }
    }

    async fn assume(&self, caller: Caller, person: Option<&dyn Interaction>) -> std::result::Result<SignedIn, Failure> {
        let is_temporary = caller.credentials.session_token().is_some();
        let sts = Sts::new(self.http, self.profile, caller.credentials);
        let identity = match (caller.identity, &self.settings.session_name) {
            (Some(identity), _) => Some(identity),
            // Long-lived keys are a user's.
            (None, Some(_)) if !is_temporary => None,
            (None, _) => Some(sts.caller_identity().await?),
        };
        let name = match (&self.settings.session_name, &identity) {
            (Some(name), _) => name.clone(),
            (None, Some(identity)) => usual_session_name(identity)?,
            (None, None) => usual_session_name(&sts.caller_identity().await?)?,
        };
        let chained = identity.as_ref().is_some_and(|identity| identity.is_role());
        let mut seconds = self.settings.session_duration.map(|wish| u32::from(wish.seconds()));
        if chained && seconds.is_some_and(|wish| wish > CHAINED) {
            let warning =
                "a role that another role assumes lasts an hour at most, not the profile's `session_duration`";
            say(person, &format!("warning: {warning}"));
            seconds = None;
        }
        let code = match &self.settings.mfa {
            Some(mfa) => {
                let code = mfa_code(mfa, person).await?;
                Some((&mfa.serial, code.ok_or_else(|| not_signed_in(self.profile))?))
            }
            None => None,
        };
        let proof = code.as_ref().map(|(serial, code)| MfaProof { serial, code });
        let (credentials, identity) = sts.assume_role(self.settings, &name, seconds, proof).await?;
        let role = &self.settings.role_arn;
        Ok(SignedIn {
            role_name: Some(role.name().clone()),
            identity: Some(identity),
            chained,
            ..SignedIn::new(role.account().clone(), credentials)
        })
    }

    async fn sign_in(&self, request: &LoginRequest, person: &dyn Interaction) -> Result<SignedIn> {
        // A code is not asked for while the session that one was good for lasts.
        if let (false, Some(_)) = (request.force, &self.settings.mfa)
            && let Some(kept) = self.records.load_signed_in(self.profile)?
            && kept.credentials.is_fresh((self.now)())
        {
            return Ok(kept);
        }
        let caller = match self.source.method.caller().await? {
            Some(caller) => caller,
            None => caller(self.source.method.login(request, person).await?),
        };
        let signed_in = self.assume(caller, Some(person)).await?;
        self.records.save_signed_in(self.profile, &signed_in)?;
        Ok(signed_in)
    }
}

/// Why a role was not assumed.
enum Failure {
    /// AWS has ended the source's credentials before their time.
    SourceEnded,
    Other(Error),
}

impl From<StsError> for Failure {
    fn from(error: StsError) -> Self {
        match error {
            StsError::Expired => Failure::SourceEnded,
            error => Failure::Other(error.into()),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Other(error)
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::SourceEnded => StsError::Expired.into(),
            Failure::Other(error) => error,
        }
    }
}

fn say(person: Option<&dyn Interaction>, line: &str) {
    match person {
        Some(person) => person.say(line),
        None => tracing::info!("{line}"),
    }
}

fn caller(source: SignedIn) -> Caller {
    Caller { credentials: sdk_credentials(&source.credentials), identity: source.identity }
}

impl Renewal for RoleRenewal<'_> {
    fn renew(&self, _old: Option<&SignedIn>) -> Result<SignedIn> {
        let runtime = small_runtime()?;
        if let Some(caller) = runtime.block_on(self.source.method.caller())? {
            return Ok(runtime.block_on(self.assume(caller, None))?);
        }
        // Another profile's renewal, with a lock of its own: always the source's after its role's.
        let Source { provider, method } = &self.source;
        let source = provider.obtain(&**method)?;
        let key = source.credentials.access_key_id.clone();
        match runtime.block_on(self.assume(caller(source), None)) {
            Err(Failure::SourceEnded) => {
                let source = provider.replace(&key, &**method)?;
                Ok(runtime.block_on(self.assume(caller(source), None))?)
            }
            assumed => Ok(assumed?),
        }
    }
}

impl SignInMethod for RoleRenewal<'_> {
    fn login<'a>(&'a self, request: &'a LoginRequest, person: &'a dyn Interaction) -> LoginFuture<'a> {
        Box::pin(self.sign_in(request, person))
    }
}
