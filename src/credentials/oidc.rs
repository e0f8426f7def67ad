//! Credentials for an ID token: a job's is fetched anew each time; a person's comes from their sign-in, and is renewed
//! silently while the provider allows it.

use std::time::Duration;

use jiff::Timestamp;

use super::login::{LoginFuture, LoginRequest, SignInMethod, agreed, suitable_sign_in};
use super::provider::Renewal;
use super::records::{Records, SignedIn, oidc_item};
use super::renewal::not_signed_in;
use crate::config::Profile;
use crate::config::oidc::{IssuerSettings, OidcSettings, TokenSource};
use crate::config::session::RoleSessionName;
use crate::error::{Error, Explain as _, Kind, Result};
use crate::http::Http;
use crate::runtime::small_runtime;
use crate::signin::Interaction;
use crate::signin::oidc::{IdToken, Issuer, OidcSession, Variables, fetch_token, session_name};
use crate::sts::{WebIdentityRequest, assume_role_with_web_identity};

/// A renewal asks the provider twice.
const LOCK_DEADLINE: Duration = Duration::from_secs(20);

/// Signs in and renews with ID tokens.
pub struct OidcRenewal<'a> {
    profile: &'a Profile,
    settings: &'a OidcSettings,
    records: Records<'a>,
    http: &'a Http,
    variables: Variables,
}

impl<'a> OidcRenewal<'a> {
    /// For a profile with a role; `variables` looks up what it names.
    pub fn new(
        profile: &'a Profile,
        settings: &'a OidcSettings,
        records: Records<'a>,
        http: &'a Http,
        variables: Variables,
    ) -> Self {
        Self { profile, settings, records, http, variables }
    }

    async fn silently(&self, say: &dyn Fn(&str)) -> Result<SignedIn> {
        match &self.settings.source {
            TokenSource::Issuer(issuer) => self.by_session(issuer, say).await,
            _ => self.by_job(say).await,
        }
    }

    async fn by_job(&self, say: &dyn Fn(&str)) -> Result<SignedIn> {
        let token = fetch_token(&self.settings.source, self.variables, self.http).await?;
        match self.redeem(&token, say).await {
            // A file or variable may hold a token that is about to be replaced; the next one is no person's to fetch.
            Err(error) if error.kind == Kind::NotSignedIn => Err(Error { kind: Kind::Denied, ..error }),
            redeemed => redeemed,
        }
    }

    /// By what a person's sign-in left.
    async fn by_session(&self, issuer: &IssuerSettings, say: &dyn Fn(&str)) -> Result<SignedIn> {
        let now = Timestamp::now();
        if let Some(session) = self.records.load_oidc_session(issuer)?.filter(|session| session.is_valid(now)) {
            match self.redeem(&session.id_token, say).await {
                // STS's clock is ahead of ours: a fresh one may do.
                Err(error) if error.kind == Kind::NotSignedIn => {}
                redeemed => return redeemed,
            }
            let session = self.renewed(issuer, Some(&session.id_token)).await?;
            return self.redeem_or_sign_in_again(&session, say).await;
        }
        let session = self.renewed(issuer, None).await?;
        self.redeem_or_sign_in_again(&session, say).await
    }

    async fn redeem_or_sign_in_again(&self, session: &OidcSession, say: &dyn Fn(&str)) -> Result<SignedIn> {
        match self.redeem(&session.id_token, say).await {
            Err(error) if error.kind == Kind::NotSignedIn => Err(not_signed_in(self.profile)),
            redeemed => redeemed,
        }
    }

    /// The session with an ID token other than the `rejected` one. Refresh tokens may be good for one use: whoever comes
    /// second takes what the first one got.
    async fn renewed(&self, issuer: &IssuerSettings, rejected: Option<&IdToken>) -> Result<OidcSession> {
        let _guard = self.records.lock(&oidc_item(issuer), LOCK_DEADLINE)?;
        let Some(kept) = self.records.load_oidc_session(issuer)? else { return Err(not_signed_in(self.profile)) };
        if kept.is_valid(Timestamp::now()) && Some(&kept.id_token) != rejected {
            return Ok(kept);
        }
        match Issuer::new(issuer, self.http).renew(&kept).await {
            Ok(renewed) => {
                self.records.save_oidc_session(issuer, &renewed)?;
                Ok(renewed)
            }
            Err(error) if error.kind() == Kind::NotSignedIn => {
                // What the provider no longer takes is forgotten, so that nobody tries it again.
                self.records.remove_oidc_session(issuer)?;
                Err(not_signed_in(self.profile))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn by_person(
        &self,
        issuer: &IssuerSettings,
        request: &LoginRequest,
        person: &dyn Interaction,
    ) -> Result<SignedIn> {
        let say = |line: &str| person.say(line);
        if !request.force {
            match self.by_session(issuer, &say).await {
                Err(error) if error.kind == Kind::NotSignedIn => {}
                done => return done,
            }
        }
        let how = suitable_sign_in(request, self.profile.callback_port);
        let session = Issuer::new(issuer, self.http).sign_in(how, person).await?;
        self.records.save_oidc_session(issuer, &session)?;
        self.redeem(&session.id_token, &say).await
    }

    /// A token → credentials of the role.
    async fn redeem(&self, token: &IdToken, say: &dyn Fn(&str)) -> Result<SignedIn> {
        let OidcSettings { role_arn, session_duration, .. } = self.settings;
        let request = WebIdentityRequest {
            role: role_arn,
            session_name: &self.session_name(token)?,
            token,
            duration: *session_duration,
        };
        let (endpoint, region) = (self.profile.endpoints.sts.as_ref(), &self.profile.region);
        let asked = assume_role_with_web_identity(self.http, region, endpoint, request).await;
        let (credentials, identity, shortened) = asked?;
        if let (true, Some(wish)) = (shortened, session_duration) {
            say(&format!("warning: {role_arn} allows no session of {wish}; this one lasts an hour"));
        }
        Ok(SignedIn {
            account_id: role_arn.account().clone(),
            account_name: None,
            role_name: Some(role_arn.name().clone()),
            credentials,
            identity: Some(identity),
            saml_role: None,
            chained: false,
        })
    }

    fn session_name(&self, token: &IdToken) -> Result<RoleSessionName> {
        match &self.settings.role_session_name {
            Some(name) => Ok(name.clone()),
            None => Ok(session_name(&token.claims(&self.settings.source.to_string())?.subject)),
        }
    }

    async fn sign_in(&self, request: &LoginRequest, person: &dyn Interaction) -> Result<SignedIn> {
        let role = &self.settings.role_arn;
        agreed("account", Some(role.account()), request.account_id.as_ref(), self.profile)?;
        agreed("role", Some(role.name()), request.role_name.as_ref(), self.profile)?;
        let signed_in = match &self.settings.source {
            TokenSource::Issuer(issuer) => self.by_person(issuer, request, person).await?,
            _ => self.by_job(&|line| person.say(line)).await?,
        };
        self.records.save_signed_in(self.profile, &signed_in)?;
        Ok(signed_in)
    }
}

impl Renewal for OidcRenewal<'_> {
    fn renew(&self, _old: Option<&SignedIn>) -> Result<SignedIn> {
        small_runtime()?.block_on(self.silently(&|line| tracing::warn!("{line}")))
    }
}

impl SignInMethod for OidcRenewal<'_> {
    fn login<'a>(&'a self, request: &'a LoginRequest, person: &'a dyn Interaction) -> LoginFuture<'a> {
        Box::pin(self.sign_in(request, person))
    }
}
