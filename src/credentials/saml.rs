//! Signing in with a SAML provider, and renewing while its session lives: cookies → assertion → role credentials.

use std::time::Duration;

use super::login::{LoginFuture, LoginRequest, SignInMethod, agreed};
use super::provider::Renewal;
use super::records::{Records, SignedIn, saml_item};
use super::renewal::not_signed_in;
use crate::config::Profile;
use crate::config::profile::SamlSettings;
use crate::error::{Kind, Result};
use crate::http::Http;
use crate::runtime::small_runtime;
use crate::signin::saml::assertion::{Assertion, SamlResponse, SamlRole};
use crate::signin::saml::destination::sts_region;
use crate::signin::saml::{Answers, DEVICE_COOKIES, Hosts, Jar, SamlError, SignIn, Visit};
use crate::signin::{Interaction, WHICH_ROLE};
use crate::sts::assume_role_with_saml;

/// A silent walk takes a few requests; whoever waits for one takes over when it hangs.
const LOCK_DEADLINE: Duration = Duration::from_secs(40);

/// Signs in and renews through a SAML provider's pages.
pub struct SamlRenewal<'a> {
    profile: &'a Profile,
    settings: &'a SamlSettings,
    records: Records<'a>,
    http: &'a Http,
}

impl<'a> SamlRenewal<'a> {
    /// For a profile of a provider.
    pub fn new(profile: &'a Profile, settings: &'a SamlSettings, records: Records<'a>, http: &'a Http) -> Self {
        Self { profile, settings, records, http }
    }

    /// Walks the provider's pages with these cookies, and keeps those it gives.
    async fn response(&self, jar: Jar, answers: Answers<'_>) -> Result<SamlResponse> {
        let pages = self.http.pages();
        let mut visit = Visit::new(&pages, Hosts::new(&self.settings.url, &self.settings.allowed_hosts), jar);
        let response = SignIn::new(&mut visit, self.settings, answers).run().await?;
        tracing::info!(exchanges = visit.exchanges, "the provider signed an assertion");
        self.records.save_jar(self.settings, &visit.jar)?;
        let skipped = response.assertion.skipped.len();
        if skipped > 0 {
            tracing::info!(skipped, values = ?response.assertion.skipped, "role values that name no role and provider");
        }
        Ok(response)
    }

    /// The response's role → credentials.
    async fn redeem(&self, response: &SamlResponse, role: SamlRole, say: &dyn Fn(&str)) -> Result<SignedIn> {
        let region = sts_region(&role.role, response.assertion.destination.as_ref(), &self.profile.region);
        let (credentials, identity, shortened) = assume_role_with_saml(
            self.http,
            &region,
            self.profile.endpoints.sts.as_ref(),
            &role,
            &response.encoded,
            self.settings.session_duration,
        )
        .await?;
        if let (true, Some(wish)) = (shortened, self.settings.session_duration) {
            say(&format!("warning: {} allows no session of {wish}; this one lasts an hour", role.role));
        }
        Ok(SignedIn {
            role_name: Some(role.role.name().clone()),
            identity: Some(identity),
            saml_role: Some(role.clone()),
            ..SignedIn::new(role.role.account().clone(), credentials)
        })
    }

    async fn sign_in(&self, request: &LoginRequest, person: &dyn Interaction) -> Result<SignedIn> {
        let mut jar = self.records.load_jar(self.settings)?.unwrap_or_default();
        if request.force {
            jar = jar.only(DEVICE_COOKIES);
        }
        let answers = Answers {
            person: Some(person),
            username: request.username.clone().or_else(|| self.settings.username.clone()),
            password: request.password.clone(),
            mfa: request.mfa.clone().or_else(|| self.settings.mfa.clone()),
        };
        let response = self.response(jar, answers).await?;
        let old = self.records.load_signed_in(self.profile)?;
        let account_id =
            agreed("account", self.profile.account_id.as_ref(), request.account_id.as_ref(), self.profile)?;
        let role_name = agreed("role", self.profile.role_name.as_ref(), request.role_name.as_ref(), self.profile)?;
        let wanted = |role: &SamlRole| {
            account_id.is_none_or(|wanted| wanted == role.role.account())
                && role_name.is_none_or(|wanted| wanted == role.role.name())
        };
        let offered = self.offered(&response.assertion, wanted)?;
        let old = old.and_then(|old| old.saml_role).filter(|old| !request.choose && offered.contains(old));
        let role = match (old, offered.as_slice()) {
            (Some(old), _) => old,
            (None, [only]) => only.clone(),
            (None, _) => {
                let lines: Vec<String> = offered.iter().map(|it| line(it, &offered)).collect();
                let chosen = person.choose(WHICH_ROLE, &lines)?;
                offered[chosen.min(offered.len() - 1)].clone()
            }
        };
        let signed_in = self.redeem(&response, role, &|line| person.say(line)).await?;
        self.records.save_signed_in(self.profile, &signed_in)?;
        Ok(signed_in)
    }

    /// The roles on offer that the profile and the person want, by account; never empty.
    fn offered(&self, assertion: &Assertion, wanted: impl Fn(&SamlRole) -> bool) -> Result<Vec<SamlRole>> {
        if let (true, Some(role), Some(provider)) =
            (assertion.roles.is_empty(), &self.settings.role_arn, &self.settings.provider_arn)
        {
            return Ok(vec![SamlRole { role: role.clone(), provider: provider.clone() }]);
        }
        if assertion.roles.is_empty() {
            return Err(match assertion.encrypted {
                true => SamlError::Encrypted.into(),
                false => SamlError::NoRoles { skipped: assertion.skipped.len() }.into(),
            });
        }
        let pinned = |role: &&SamlRole| {
            self.settings.role_arn.as_ref().is_none_or(|wanted| *wanted == role.role)
                && self.settings.provider_arn.as_ref().is_none_or(|wanted| *wanted == role.provider)
        };
        let mut offered: Vec<SamlRole> =
            assertion.roles.iter().filter(pinned).filter(|role| wanted(role)).cloned().collect();
        if offered.is_empty() {
            let named = self.settings.role_arn.as_ref().map(ToString::to_string);
            let role = named.unwrap_or_else(|| "the account and role that are wanted".to_owned());
            return Err(SamlError::NotOffered { role }.into());
        }
        let key = |it: &SamlRole| (it.role.account().clone(), it.role.name().clone(), it.role.clone());
        offered.sort_by_key(key);
        Ok(offered)
    }

    async fn renew_silently(&self, old: Option<&SignedIn>) -> Result<SignedIn> {
        // Cookies change with every walk: one walks, the others wait and use what it got.
        let _guard = self.records.lock(&saml_item(self.settings), LOCK_DEADLINE)?;
        let Some(jar) = self.records.load_jar(self.settings)?.filter(|jar| !jar.is_empty()) else {
            return Err(not_signed_in(self.profile));
        };
        let answers = Answers { username: self.settings.username.clone(), ..Answers::default() };
        let response = match self.response(jar, answers).await {
            Err(error) if error.kind == Kind::NotSignedIn => return Err(not_signed_in(self.profile)),
            response => response?,
        };
        let wanted = |role: &SamlRole| {
            self.profile.account_id.as_ref().is_none_or(|wanted| wanted == role.role.account())
                && self.profile.role_name.as_ref().is_none_or(|wanted| wanted == role.role.name())
        };
        let offered = self.offered(&response.assertion, wanted)?;
        let role = match (old.and_then(|old| old.saml_role.as_ref()), offered.as_slice()) {
            (Some(old), offered) if offered.contains(old) => old.clone(),
            (None, [only]) => only.clone(),
            // Which one is for the person to say.
            _ => return Err(not_signed_in(self.profile)),
        };
        self.redeem(&response, role, &|line| tracing::warn!("{line}")).await
    }
}

/// A role as a person reads it, with what tells it from others of the same name.
fn line(role: &SamlRole, all: &[SamlRole]) -> String {
    let twins = all.iter().filter(|it| it.role.account() == role.role.account() && it.role.name() == role.role.name());
    match twins.count() {
        1 => format!("{}  {}", role.role.account(), role.role.name()),
        _ => format!("{}  {} ({}, {})", role.role.account(), role.role.name(), role.role, role.provider),
    }
}

impl Renewal for SamlRenewal<'_> {
    fn renew(&self, old: Option<&SignedIn>) -> Result<SignedIn> {
        small_runtime()?.block_on(self.renew_silently(old))
    }
}

impl SignInMethod for SamlRenewal<'_> {
    fn login<'a>(&'a self, request: &'a LoginRequest, person: &'a dyn Interaction) -> LoginFuture<'a> {
        Box::pin(self.sign_in(request, person))
    }
}
