//! Credentials for an ID token: fetched anew each time, because nothing else renews them.

use super::login::{LoginFuture, LoginRequest, SignInMethod, agreed};
use super::provider::Renewal;
use super::records::{Records, SignedIn};
use crate::config::Profile;
use crate::config::oidc::OidcSettings;
use crate::config::session::RoleSessionName;
use crate::error::{Kind, Result};
use crate::http::Http;
use crate::runtime::small_runtime;
use crate::signin::Interaction;
use crate::signin::oidc::{IdToken, Variables, fetch_token, session_name};
use crate::sts::{StsError, WebIdentityRequest, assume_role_with_web_identity};

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

    async fn by_job(&self, say: &dyn Fn(&str)) -> Result<SignedIn> {
        let token = fetch_token(&self.settings.source, self.variables, self.http).await?;
        match self.redeem(&token, say).await {
            // A file or variable may hold a token that is about to be replaced; the next one is no person's to fetch.
            Err(error) if error.kind == Kind::NotSignedIn => Err(crate::error::Error { kind: Kind::Denied, ..error }),
            redeemed => redeemed,
        }
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
        let (credentials, identity, shortened) = asked.map_err(|error: StsError| crate::error::Error::from(error))?;
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
        let signed_in = self.by_job(&|line| person.say(line)).await?;
        self.records.save_signed_in(self.profile, &signed_in)?;
        Ok(signed_in)
    }
}

impl Renewal for OidcRenewal<'_> {
    fn renew(&self, _old: Option<&SignedIn>) -> Result<SignedIn> {
        small_runtime()?.block_on(self.by_job(&|line| tracing::warn!("{line}")))
    }
}

impl SignInMethod for OidcRenewal<'_> {
    fn login<'a>(&'a self, request: &'a LoginRequest, person: &'a dyn Interaction) -> LoginFuture<'a> {
        Box::pin(self.sign_in(request, person))
    }
}
