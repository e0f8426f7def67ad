//! What is kept in the keychain, and under which names.
//!
//! The serializable forms of secrets are here and nowhere else. Old or foreign forms are treated as absent: signing
//! in again replaces them.

mod oidc;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

pub(super) use self::oidc::oidc_item;
use crate::config::Profile;
use crate::config::arn::RoleArn;
use crate::config::names::{AccountId, Region, RoleName, SafeUrl, StartUrl};
use crate::config::oidc::TokenSource;
use crate::config::profile::{Method, RoleSettings, SamlSettings};
use crate::config::session::RoleSessionName;
use crate::error::Result;
use crate::identity::{CallerIdentity, RoleCredentials};
use crate::keychain::{Guard, Keychain, LockError};
use crate::secret::Secret;
use crate::signin::saml::Jar;
use crate::signin::saml::assertion::SamlRole;
use crate::signin::sso::{AccessToken, Account, Assignment, Flow, Registration, SsoSession};

/// Raised when a stored form changes its meaning.
const FORM: u8 = 1;
/// The first word of the item names of sign-in sessions.
const SESSION_ITEM: &str = "sso-session";
/// The first word of the item names of SAML providers' cookies.
const SAML_ITEM: &str = "saml-session";

/// A profile that somebody signed in to: whose role it is, its credentials, and who AWS says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The account of the role or user.
    pub account_id: AccountId,
    /// The account's name, where the portal told.
    pub account_name: Option<String>,
    /// The permission set or role. `None` for an IAM user.
    pub role_name: Option<RoleName>,
    /// The credentials, fresh or not.
    pub credentials: RoleCredentials,
    /// The caller's identity, asked once for each sign-in.
    pub identity: Option<CallerIdentity>,
    /// The role and provider that were chosen, where a SAML provider offered them.
    pub saml_role: Option<SamlRole>,
    /// Another role assumed this one.
    pub chained: bool,
}

impl SignedIn {
    /// Credentials of an account, of which no more is known.
    pub fn new(account_id: AccountId, credentials: RoleCredentials) -> Self {
        let (account_name, role_name, identity, saml_role) = (None, None, None, None);
        Self { account_id, account_name, role_name, credentials, identity, saml_role, chained: false }
    }

    /// Whose credentials they are, where they are a role's.
    pub fn assignment(&self) -> Option<Assignment> {
        let account = Account { name: self.account_name.clone().unwrap_or_default(), id: self.account_id.clone() };
        Some(Assignment { account, role_name: self.role_name.clone()? })
    }

    /// The role as a person reads it; for an IAM user, who that is.
    pub fn who(&self) -> String {
        match (&self.role_name, self.identity.as_ref().and_then(CallerIdentity::user_name)) {
            (Some(role), _) => role.to_string(),
            (None, Some(user)) => format!("IAM user {user}"),
            (None, None) => "no role".to_owned(),
        }
    }
}

/// Typed access to the keychain.
#[derive(Clone, Copy)]
pub struct Records<'a> {
    keychain: &'a Keychain,
}

impl<'a> Records<'a> {
    /// Over a keychain.
    pub fn new(keychain: &'a Keychain) -> Self {
        Self { keychain }
    }

    /// Waits until nobody else holds the lock of an item.
    ///
    /// # Errors
    /// When that takes too long, or the lock can't be made.
    pub(super) fn lock(&self, item: &str, deadline: Duration) -> Result<Guard, LockError> {
        self.keychain.lock(item, deadline)
    }

    /// What a profile's sign-in left. `None` when there is nothing, or nothing readable.
    ///
    /// # Errors
    /// When the keychain can't be read.
    pub fn load_signed_in(&self, profile: &Profile) -> Result<Option<SignedIn>> {
        Ok(self.load::<SignedInForm>(&credentials_item(profile))?.and_then(SignedInForm::open))
    }

    /// Keeps it.
    ///
    /// # Errors
    /// When the keychain can't be written.
    pub fn save_signed_in(&self, profile: &Profile, signed_in: &SignedIn) -> Result<()> {
        self.save(&credentials_item(profile), &SignedInForm::of(signed_in))
    }

    /// Forgets it; whether there was any.
    ///
    /// # Errors
    /// When the keychain can't be written.
    pub fn remove_signed_in(&self, profile: &Profile) -> Result<bool> {
        Ok(self.keychain.remove(&credentials_item(profile))?)
    }

    /// What is kept of an organisation.
    ///
    /// # Errors
    /// When the keychain can't be read.
    pub fn load_session(&self, start_url: &StartUrl, sso_region: &Region) -> Result<Option<SsoSession>> {
        Ok(self.load::<SessionForm>(&session_item(start_url, sso_region))?.and_then(SessionForm::open))
    }

    /// Keeps it.
    ///
    /// # Errors
    /// When the keychain can't be written.
    pub fn save_session(&self, session: &SsoSession) -> Result<()> {
        self.save(&session_item(&session.start_url, &session.sso_region), &SessionForm::of(session))
    }

    /// Forgets it; whether there was any.
    ///
    /// # Errors
    /// When the keychain can't be written.
    pub fn remove_session(&self, start_url: &StartUrl, sso_region: &Region) -> Result<bool> {
        Ok(self.keychain.remove(&session_item(start_url, sso_region))?)
    }

    /// Every organisation that something is kept of.
    ///
    /// # Errors
    /// When the keychain can't be read.
    pub fn sessions(&self) -> Result<Vec<SsoSession>> {
        let mut sessions = Vec::new();
        for item in self.keychain.items()? {
            if item.starts_with(SESSION_ITEM) {
                sessions.extend(self.load::<SessionForm>(&item)?.and_then(SessionForm::open));
            }
        }
        Ok(sessions)
    }

    /// What a SAML provider's sign-in left: its cookies.
    ///
    /// # Errors
    /// When the keychain can't be read.
    pub fn load_jar(&self, saml: &SamlSettings) -> Result<Option<Jar>> {
        Ok(self.load::<JarForm>(&saml_item(saml))?.and_then(JarForm::open))
    }

    /// Keeps it.
    ///
    /// # Errors
    /// When the keychain can't be written.
    pub fn save_jar(&self, saml: &SamlSettings, jar: &Jar) -> Result<()> {
        self.save(&saml_item(saml), &JarForm { form: FORM, cookies: jar.to_text().expose().to_owned() })
    }

    /// Forgets it, and the API client's secret; whether there was any.
    ///
    /// # Errors
    /// When the keychain can't be written.
    pub fn remove_jar(&self, saml: &SamlSettings) -> Result<bool> {
        let secret = self.keychain.remove(&client_item(saml))?;
        Ok(self.keychain.remove(&saml_item(saml))? || secret)
    }

    /// The secret of a SAML provider's API client.
    ///
    /// # Errors
    /// When the keychain can't be read.
    pub fn load_client_secret(&self, saml: &SamlSettings) -> Result<Option<Secret>> {
        Ok(self.load::<ClientForm>(&client_item(saml))?.and_then(ClientForm::open))
    }

    /// Keeps it.
    ///
    /// # Errors
    /// When the keychain can't be written.
    pub fn save_client_secret(&self, saml: &SamlSettings, secret: &Secret) -> Result<()> {
        self.save(&client_item(saml), &ClientForm { form: FORM, secret: secret.expose().to_owned() })
    }

    /// Forgets everything; how many things there were.
    ///
    /// # Errors
    /// When the keychain can't be written.
    pub fn remove_all(&self) -> Result<usize> {
        let mut removed = 0;
        for item in self.keychain.items()? {
            removed += usize::from(self.keychain.remove(&item)?);
        }
        Ok(removed)
    }

    fn load<F: for<'de> Deserialize<'de>>(&self, item: &str) -> Result<Option<F>> {
        let Some(bytes) = self.keychain.load(item)? else { return Ok(None) };
        let form = serde_json::from_slice(&bytes).ok();
        if form.is_none() {
            tracing::info!(item, "a stored item has a form of another version and is ignored");
        }
        Ok(form)
    }

    fn save<F: Serialize>(&self, item: &str, form: &F) -> Result<()> {
        // One buffer from the start: growing it would leave copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(32 * 1024));
        serde_json::to_writer(&mut *bytes, form).expect("strings always serialize into memory");
        Ok(self.keychain.save(item, &bytes)?)
    }
}

/// The item of a profile's credentials: it changes with whatever decides whose credentials they are.
pub(super) fn credentials_item(profile: &Profile) -> String {
    let account_id = profile.account_id.as_ref().map_or("", AccountId::as_str);
    let role_name = profile.role_name.as_ref().map_or("", RoleName::as_str);
    let hash = match &profile.method {
        Method::Sso(sso) => short_hash(&[sso.start_url.as_str(), sso.sso_region.as_str(), account_id, role_name]),
        Method::Saml(saml) => {
            let username = saml.username.as_deref().unwrap_or_default();
            let role_arn = saml.role_arn.as_ref().map_or("", RoleArn::as_str);
            short_hash(&["saml", saml.url.as_str(), username, role_arn, account_id, role_name])
        }
        Method::Oidc(oidc) => {
            let session_name = oidc.role_session_name.as_ref().map_or("", RoleSessionName::as_str);
            short_hash(&["oidc", oidc.role_arn.as_str(), session_name, &source_of(&oidc.source)])
        }
        Method::Aws(aws) => {
            let mfa = aws.mfa.as_ref().map_or("", |mfa| mfa.serial.as_str());
            short_hash(&["aws", &format!("{:?}", aws.source), aws.told.as_deref().unwrap_or_default(), mfa])
        }
        Method::Role(role) => short_hash(&["role", &credentials_item(&role.source), &session_words(role)]),
    };
    format!("credentials {} {hash}", profile.name)
}

/// What tells one source of tokens, and one job, from another. Of a variable or file, only reading it tells.
fn source_of(source: &TokenSource) -> String {
    match source {
        // Each job has an address of its own.
        TokenSource::GithubActions { request_url, audience } => {
            format!("github {} {audience}", request_url.as_ref().map_or("", SafeUrl::as_str))
        }
        TokenSource::Variable(name) => format!("variable {name}"),
        TokenSource::File(path) => format!("file {}", path.display()),
        TokenSource::Command(words) => format!("command {words:?}"),
        TokenSource::Issuer(issuer) => format!("issuer {} {}", issuer.issuer, issuer.client_id),
    }
}

/// Everything that a role's session is asked for with: a session that was asked for otherwise is another one.
fn session_words(role: &RoleSettings) -> String {
    let RoleSettings { source: _, role_arn, external_id, session_name, source_identity, .. } = role;
    let RoleSettings { tags, policy, policy_arns, session_duration, mfa, .. } = role;
    let mfa = mfa.as_ref().map(|mfa| &mfa.serial);
    let named = (role_arn.as_str(), external_id, session_name, source_identity);
    format!("{:?}", (named, tags, policy, policy_arns, session_duration, mfa))
}

/// The item of a provider's cookies: one for all applications of a provider, and for each name.
pub(super) fn saml_item(saml: &SamlSettings) -> String {
    let origin = saml.url.as_url().origin().ascii_serialization();
    format!("{SAML_ITEM} {}", short_hash(&[&origin, saml.username.as_deref().unwrap_or_default()]))
}

/// The directory of a provider's browser profile, under the state directory.
pub fn browser_profile(state: &Path, saml: &SamlSettings) -> PathBuf {
    browser_profiles(state).join(saml_item(saml).replace(' ', "-"))
}

/// The directory of all of them.
pub fn browser_profiles(state: &Path) -> PathBuf {
    state.join("browser")
}

/// The item of an API client's secret: one for each client of a provider.
fn client_item(saml: &SamlSettings) -> String {
    let origin = saml.url.as_url().origin().ascii_serialization();
    format!("saml-client {}", short_hash(&[&origin, saml.client_id.as_deref().unwrap_or_default()]))
}

/// The item of an organisation's sign-in; also what renewals of its token lock.
pub(super) fn session_item(start_url: &StartUrl, sso_region: &Region) -> String {
    format!("{SESSION_ITEM} {}", short_hash(&[start_url.as_str(), sso_region.as_str()]))
}

fn short_hash(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\n").as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct SignedInForm {
    form: u8,
    account_id: String,
    account_name: Option<String>,
    role_name: Option<String>,
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    expiration: i64,
    user_id: Option<String>,
    arn: Option<String>,
    caller_account_id: Option<String>,
    #[serde(default)]
    saml_role_arn: Option<String>,
    #[serde(default)]
    saml_provider_arn: Option<String>,
    #[serde(default)]
    chained: bool,
}

impl SignedInForm {
    fn of(signed_in: &SignedIn) -> Self {
        let SignedIn { account_id, account_name, role_name, credentials, identity, saml_role, chained } = signed_in;
        Self {
            form: FORM,
            account_id: account_id.to_string(),
            account_name: account_name.clone(),
            role_name: role_name.as_ref().map(ToString::to_string),
            access_key_id: credentials.access_key_id.clone(),
            secret_access_key: credentials.secret_access_key.expose().to_owned(),
            session_token: credentials.session_token.expose().to_owned(),
            expiration: credentials.expiration.as_second(),
            user_id: identity.as_ref().map(|identity| identity.user_id.clone()),
            arn: identity.as_ref().map(|identity| identity.arn.clone()),
            caller_account_id: identity.as_ref().map(|identity| identity.account_id.to_string()),
            saml_role_arn: saml_role.as_ref().map(|it| it.role.to_string()),
            saml_provider_arn: saml_role.as_ref().map(|it| it.provider.to_string()),
            chained: *chained,
        }
    }

    fn open(mut self) -> Option<SignedIn> {
        if self.form != FORM {
            return None;
        }
        let identity = match (self.user_id.take(), self.arn.take(), self.caller_account_id.take()) {
            (Some(user_id), Some(arn), Some(id)) => Some(CallerIdentity { user_id, arn, account_id: id.parse().ok()? }),
            _ => None,
        };
        let saml_role = match (self.saml_role_arn.take(), self.saml_provider_arn.take()) {
            (Some(role), Some(provider)) => {
                Some(SamlRole { role: role.parse().ok()?, provider: provider.parse().ok()? })
            }
            _ => None,
        };
        Some(SignedIn {
            account_id: self.account_id.parse().ok()?,
            account_name: self.account_name.take(),
            role_name: self.role_name.take().map(|name| name.parse()).transpose().ok()?,
            credentials: RoleCredentials {
                access_key_id: std::mem::take(&mut self.access_key_id),
                secret_access_key: Secret::new(std::mem::take(&mut self.secret_access_key)),
                session_token: Secret::new(std::mem::take(&mut self.session_token)),
                expiration: Timestamp::from_second(self.expiration).ok()?,
            },
            identity,
            saml_role,
            chained: self.chained,
        })
    }
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct JarForm {
    form: u8,
    cookies: String,
}

impl JarForm {
    fn open(mut self) -> Option<Jar> {
        (self.form == FORM).then(|| Jar::from_text(&Secret::new(std::mem::take(&mut self.cookies))))
    }
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct ClientForm {
    form: u8,
    secret: String,
}

impl ClientForm {
    fn open(mut self) -> Option<Secret> {
        (self.form == FORM).then(|| Secret::new(std::mem::take(&mut self.secret)))
    }
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct SessionForm {
    form: u8,
    start_url: String,
    sso_region: String,
    registrations: Vec<RegistrationForm>,
    token: Option<TokenForm>,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct RegistrationForm {
    #[zeroize(skip)]
    flow: Flow,
    client_id: String,
    client_secret: String,
    expires_at: i64,
}

#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
struct TokenForm {
    #[zeroize(skip)]
    flow: Flow,
    access_token: String,
    expires_at: i64,
    refresh_token: Option<String>,
}

impl SessionForm {
    fn of(session: &SsoSession) -> Self {
        Self {
            form: FORM,
            start_url: session.start_url.to_string(),
            sso_region: session.sso_region.to_string(),
            registrations: session
                .registrations
                .iter()
                .map(|registration| RegistrationForm {
                    flow: registration.flow,
                    client_id: registration.client_id.clone(),
                    client_secret: registration.client_secret.expose().to_owned(),
                    expires_at: registration.expires_at.as_second(),
                })
                .collect(),
            token: session.token.as_ref().map(|token| TokenForm {
                flow: token.flow,
                access_token: token.token.expose().to_owned(),
                expires_at: token.expires_at.as_second(),
                refresh_token: token.refresh_token.as_ref().map(|token| token.expose().to_owned()),
            }),
        }
    }

    fn open(mut self) -> Option<SsoSession> {
        if self.form != FORM {
            return None;
        }
        let token = match &mut self.token {
            None => None,
            Some(form) => Some(AccessToken {
                token: Secret::new(std::mem::take(&mut form.access_token)),
                expires_at: Timestamp::from_second(form.expires_at).ok()?,
                refresh_token: form.refresh_token.take().map(Secret::new),
                flow: form.flow,
            }),
        };
        let registrations = self.registrations.iter_mut().map(|form| {
            Some(Registration {
                flow: form.flow,
                client_id: std::mem::take(&mut form.client_id),
                client_secret: Secret::new(std::mem::take(&mut form.client_secret)),
                expires_at: Timestamp::from_second(form.expires_at).ok()?,
            })
        });
        Some(SsoSession {
            start_url: self.start_url.parse().ok()?,
            sso_region: self.sso_region.parse().ok()?,
            registrations: registrations.collect::<Option<_>>()?,
            token,
        })
    }
}
