//! What is kept in the keychain, under which names (`items`) and in which forms (`forms`).
//!
//! The serializable forms of secrets are here and nowhere else. Old or foreign forms are treated as absent: signing
//! in again replaces them.

mod forms;
mod items;
mod oidc;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use self::forms::{ClientForm, JarForm, SessionForm, SignedInForm};
use self::items::{SESSION_ITEM, client_item};
pub use self::items::{browser_profile, browser_profiles};
pub(super) use self::items::{credentials_item, saml_item, session_item};
pub(super) use self::oidc::oidc_item;
use crate::config::Profile;
use crate::config::names::{AccountId, Region, RoleName, StartUrl};
use crate::config::profile::SamlSettings;
use crate::error::Result;
use crate::identity::{CallerIdentity, RoleCredentials};
use crate::keychain::{Guard, Keychain, LockError};
use crate::secret::Secret;
use crate::signin::saml::Jar;
use crate::signin::saml::assertion::SamlRole;
use crate::signin::sso::{Account, Assignment, SsoSession};

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
        self.save(&saml_item(saml), &JarForm::of(jar))
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
        self.save(&client_item(saml), &ClientForm::of(secret))
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
