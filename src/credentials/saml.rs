//! Signing in with a SAML provider, and renewing while its session lives: cookies → assertion → role credentials.

use std::path::Path;
use std::time::{Duration, Instant};

use super::login::{LoginFuture, LoginRequest, SignInMethod, agreed};
use super::provider::Renewal;
use super::records::{Records, SignedIn, browser_profile, saml_item};
use super::renewal::not_signed_in;
use crate::config::Profile;
use crate::config::profile::SamlSettings;
use crate::error::{Error, Kind, Result};
use crate::http::Http;
use crate::keychain::{Guard, LockError};
use crate::runtime::small_runtime;
use crate::secret::Secret;
use crate::signin::saml::assertion::{Assertion, SamlResponse, SamlRole};
use crate::signin::saml::browser::{BrowserChoice, BrowserError, BrowserSignIn, PATIENCE};
use crate::signin::saml::destination::sts_region;
use crate::signin::saml::{
    Aliases, Answers, DEVICE_COOKIES, Hosts, Jar, SamlError, SignIn, Visit, fetch_aliases, wants_secret,
};
use crate::signin::{Interaction, WHICH_ROLE};
use crate::sts::assume_role_with_saml;

/// How often to look whether another sign-in's browser is closed.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
/// A silent walk takes a few requests; whoever waits for one takes over when it hangs.
const LOCK_DEADLINE: Duration = Duration::from_secs(40);

/// Signs in and renews through a SAML provider's pages.
pub struct SamlRenewal<'a> {
    profile: &'a Profile,
    settings: &'a SamlSettings,
    records: Records<'a>,
    state: Option<&'a Path>,
    http: &'a Http,
    browser: &'a BrowserChoice,
}

impl<'a> SamlRenewal<'a> {
    /// For a profile of a provider. `state` is the directory where browser profiles are; none where nothing is kept.
    pub fn new(
        profile: &'a Profile,
        settings: &'a SamlSettings,
        records: Records<'a>,
        state: Option<&'a Path>,
        http: &'a Http,
        browser: &'a BrowserChoice,
    ) -> Self {
        Self { profile, settings, records, state, http, browser }
    }

    /// Walks the provider's pages with these cookies, and keeps those it gives.
    async fn response(&self, jar: Jar, answers: Answers<'_>) -> Result<SamlResponse> {
        let pages = self.http.pages();
        let mut visit = Visit::new(&pages, Hosts::new(&self.settings.url, &self.settings.allowed_hosts), jar);
        let response = SignIn::new(&mut visit, self.settings, answers).run().await?;
        tracing::info!(exchanges = visit.exchanges, "the provider signed an assertion");
        self.keep(response, &visit.jar)
    }

    fn keep(&self, response: SamlResponse, jar: &Jar) -> Result<SamlResponse> {
        self.records.save_jar(self.settings, jar)?;
        let skipped = response.assertion.skipped.len();
        if skipped > 0 {
            tracing::info!(skipped, values = ?response.assertion.skipped, "role values that name no role and provider");
        }
        Ok(response)
    }

    /// The same, without a person, if the session still lives.
    async fn silent_response(&self, jar: Jar) -> Result<SamlResponse> {
        let answers = Answers {
            username: self.settings.username.clone(),
            home_realm: self.settings.home_realm.clone(),
            ..Answers::default()
        };
        self.response(jar, answers).await
    }

    /// The response that the provider posts in the person's own browser, unless its session still lives here.
    async fn browser_response(&self, force: bool, person: &dyn Interaction) -> Result<SamlResponse> {
        // Two browsers can't use one profile directory. Whoever waited for another's takes what that one got.
        let _guard = self.browser_lock(person).await?;
        let kept = if force { None } else { self.records.load_jar(self.settings)? };
        if let Some(jar) = kept.clone().filter(|jar| !jar.is_empty()) {
            match self.silent_response(jar).await {
                // Without a network the browser would be no better off.
                Err(error) if error.kind != Kind::Network => {
                    tracing::info!(%error, "the kept session is of no use; a browser is needed");
                }
                response => return response,
            }
        }
        let Some(state) = self.state else {
            return Err(Error::usage("signing in with a browser needs a place for its profile directory")
                .with_hint("choose a `keychain` other than memory"));
        };
        let profile = browser_profile(state, self.settings);
        let jar = kept.unwrap_or_default();
        let browser = BrowserSignIn { choice: self.browser, profile: &profile, anew: force, jar };
        let (response, jar) = browser.run(self.settings.url.as_url(), person).await?;
        self.keep(response, &jar)
    }

    async fn browser_lock(&self, person: &dyn Interaction) -> Result<Guard> {
        let name = format!("browser {}", saml_item(self.settings));
        let since = Instant::now();
        loop {
            match self.records.lock(&name, Duration::ZERO) {
                Err(LockError::TimedOut { .. }) if since.elapsed() < PATIENCE => {}
                Err(LockError::TimedOut { .. }) => {
                    return Err(BrowserError::TimedOut { minutes: PATIENCE.as_secs() / 60 }.into());
                }
                guard => return Ok(guard?),
            }
            if since.elapsed() < LOOK_AGAIN {
                person.say("Waiting for the sign-in in the browser that another `securecart` has opened…");
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
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

    async fn form_response(&self, request: &LoginRequest, person: &dyn Interaction) -> Result<SamlResponse> {
        let mut jar = self.records.load_jar(self.settings)?.unwrap_or_default();
        let named = self.settings.username.as_ref();
        let username = agreed("user name", named, request.username.as_ref(), self.profile)?.cloned();
        // A session that is kept may be somebody else's than the one that is asked for.
        if request.force || (named.is_none() && username.is_some()) {
            jar = jar.only(DEVICE_COOKIES);
        }
        let client_secret = self.client_secret(request, person)?;
        let answers = Answers {
            person: Some(person),
            username,
            password: request.password.clone(),
            mfa: request.mfa.clone().or_else(|| self.settings.mfa.clone()),
            home_realm: self.settings.home_realm.clone(),
            client_secret: client_secret.clone(),
        };
        let response = self.response(jar, answers).await?;
        if let Some(secret) = &client_secret {
            self.records.save_client_secret(self.settings, secret)?;
        }
        Ok(response)
    }

    async fn sign_in(&self, request: &LoginRequest, person: &dyn Interaction) -> Result<SignedIn> {
        let in_browser = request.in_browser || self.settings.in_browser;
        if in_browser && request.username.is_some() {
            return Err(Error::usage("`--username` is for sign-ins in the terminal, and this one is in your browser")
                .with_hint("type the name there; `--force` signs in as somebody else"));
        }
        let response = if in_browser {
            self.browser_response(request.force, person).await?
        } else {
            self.form_response(request, person).await?
        };
        let old = self.records.load_signed_in(self.profile)?;
        let account_id =
            agreed("account", self.profile.account_id.as_ref(), request.account_id.as_ref(), self.profile)?;
        let role_name = agreed("role", self.profile.role_name.as_ref(), request.role_name.as_ref(), self.profile)?;
        let wanted = |role: &SamlRole| {
            account_id.is_none_or(|wanted| wanted == role.role.account())
                && role_name.is_none_or(|wanted| wanted == role.role.name())
        };
        let offered = self.offered(&response.assertion, wanted)?;
        let mut aliases = Aliases::new();
        let old = old.and_then(|old| old.saml_role).filter(|old| !request.choose && offered.contains(old));
        let role = match (old, offered.as_slice()) {
            (Some(old), _) => old,
            (None, [only]) => only.clone(),
            (None, _) => {
                aliases = self.fetch_aliases(&response, &offered).await;
                let lines: Vec<String> = offered.iter().map(|it| line(it, &offered, &aliases)).collect();
                let chosen = person.choose(WHICH_ROLE, &lines)?;
                offered[chosen.min(offered.len() - 1)].clone()
            }
        };
        let mut signed_in = self.redeem(&response, role, &|line| person.say(line)).await?;
        signed_in.account_name = aliases.remove(&signed_in.account_id);
        self.records.save_signed_in(self.profile, &signed_in)?;
        Ok(signed_in)
    }

    /// Names for a list of roles.
    async fn fetch_aliases(&self, response: &SamlResponse, offered: &[SamlRole]) -> Aliases {
        let partition = offered.first().map_or("aws", |it| it.role.partition());
        let destination = response.assertion.destination.as_ref().filter(|it| it.partition == partition);
        let endpoint = self.profile.endpoints.signin.as_ref();
        fetch_aliases(&self.http.pages(), &response.encoded, destination, partition, endpoint).await
    }

    /// The API client's secret, where the provider wants one: handed in, kept, or asked for.
    fn client_secret(&self, request: &LoginRequest, person: &dyn Interaction) -> Result<Option<Secret>> {
        if !wants_secret(self.settings) {
            return Ok(None);
        }
        let known = match &request.client_secret {
            Some(secret) => Some(secret.clone()),
            None => self.records.load_client_secret(self.settings)?,
        };
        Ok(Some(match known {
            Some(known) => known,
            None => person.ask_secret("Secret of the provider's API client")?,
        }))
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
        let response = match self.silent_response(jar).await {
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
fn line(role: &SamlRole, all: &[SamlRole], aliases: &Aliases) -> String {
    let account = match aliases.get(role.role.account()) {
        Some(alias) => format!("{} ({alias})", role.role.account()),
        None => role.role.account().to_string(),
    };
    let twins = all.iter().filter(|it| it.role.account() == role.role.account() && it.role.name() == role.role.name());
    match twins.count() {
        1 => format!("{account}  {}", role.role.name()),
        _ => format!("{account}  {} ({}, {})", role.role.name(), role.role, role.provider),
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
