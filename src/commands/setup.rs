//! What a command works with, once settings are resolved.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::cli::GlobalArgs;
use crate::config::profile::{Method, StoreChoice};
use crate::config::{Directories, Environment, Overrides, Profile, load};
use crate::credentials::{OidcRenewal, Provider, Records, SamlRenewal, SignInMethod, SsoRenewal};
use crate::error::Result;
use crate::http::Http;
use crate::identity::{CallerIdentity, RoleCredentials};
use crate::keychain::{Keychain, KeychainError};
use crate::secret::Secret;
use crate::sts::fetch_caller_identity;
use crate::ui::{Ui, passphrase, prompt::Prompt};

/// What the process was started with.
#[derive(Debug)]
pub struct Context {
    /// Its environment.
    pub environment: Environment,
    /// What flags say over the profile.
    pub overrides: Overrides,
    /// Its streams.
    pub ui: Ui,
}

impl Context {
    /// From the options that every command takes.
    pub fn new(environment: Environment, global: &GlobalArgs) -> Self {
        let overrides = Overrides {
            profile: global.profile.clone(),
            region: global.region.clone(),
            keychain: global.keychain,
            ..Overrides::default()
        };
        let ui = Ui::from_process(global.quiet, environment.wants_colour());
        Self { environment, overrides, ui }
    }

    /// The same with other flags.
    pub(super) fn with_overrides(&self, change: impl FnOnce(Overrides) -> Overrides) -> Self {
        let overrides = change(self.overrides.clone());
        Self { environment: self.environment.clone(), overrides, ui: self.ui.clone() }
    }

    /// Loads the profile and its keychain; warnings go to the person.
    pub(super) fn setup(&self) -> Result<Setup> {
        let loaded = load(&self.environment, &self.overrides)?;
        for warning in &loaded.warnings {
            self.ui.warn(warning);
        }
        self.setup_of(loaded.profile)
    }

    /// The same for `credential-process`: nothing is printed that an SDK might log on every call, nothing is asked.
    pub(super) fn silent_setup(&self) -> Result<Setup> {
        let loaded = load(&self.environment, &self.overrides)?;
        let silent = Self {
            environment: self.environment.clone(),
            overrides: Overrides::default(),
            ui: Ui { can_ask: false, ..self.ui.clone() },
        };
        silent.setup_of(loaded.profile)
    }

    /// Sets up a profile that is loaded already.
    pub(super) fn setup_of(&self, profile: Profile) -> Result<Setup> {
        // Where nothing is kept, no place is needed to keep it in.
        let state = match profile.keychain {
            StoreChoice::Memory => None,
            _ => Some(Directories::new(&self.environment)?.state),
        };
        let place = state.clone().unwrap_or_default();
        let (environment, prompt, secrets) = (self.environment.clone(), self.ui.prompt(), place.clone());
        let keychain =
            Keychain::open(profile.keychain, &place, move || find_passphrase(&environment, prompt, &secrets));
        let ca_bundle = self.environment.aws.ca_bundle.clone();
        Ok(Setup { profile, state, keychain, ca_bundle })
    }
}

/// A profile with everything its commands need; connections are made when they are.
pub(super) struct Setup {
    pub(super) profile: Profile,
    /// The directory for what is kept and isn't secret; `None` where nothing is.
    pub(super) state: Option<PathBuf>,
    pub(super) keychain: Keychain,
    ca_bundle: Option<PathBuf>,
}

impl Setup {
    /// What is kept.
    pub(super) fn records(&self) -> Records<'_> {
        Records::new(&self.keychain)
    }

    /// Credentials, renewed once however many ask.
    pub(super) fn provider(&self) -> Provider<'_> {
        Provider::new(&self.profile, self.records(), Environment::secret, &Timestamp::now)
    }

    /// HTTP with this machine's trust roots.
    pub(super) fn http(&self) -> Result<Http> {
        Ok(Http::new(self.ca_bundle.as_deref())?)
    }

    /// The profile's way of signing in.
    pub(super) fn method<'a>(&'a self, http: &'a Http) -> Box<dyn SignInMethod + 'a> {
        match &self.profile.method {
            Method::Sso(sso) => Box::new(SsoRenewal::new(&self.profile, sso, self.records(), http, &Timestamp::now)),
            Method::Saml(saml) => Box::new(SamlRenewal::new(&self.profile, saml, self.records(), http)),
            Method::Oidc(oidc) => {
                Box::new(OidcRenewal::new(&self.profile, oidc, self.records(), http, Environment::secret))
            }
        }
    }

    /// Asks STS who these credentials belong to.
    pub(super) async fn fetch_identity(&self, http: &Http, credentials: &RoleCredentials) -> Result<CallerIdentity> {
        Ok(fetch_caller_identity(http, &self.profile, credentials).await?)
    }
}

/// The passphrase of the encrypted files: from the environment, a file descriptor, or the person.
fn find_passphrase(environment: &Environment, prompt: Option<Prompt>, state: &Path) -> Result<Secret, KeychainError> {
    if let Some(passphrase) = &environment.passphrase {
        return Ok(passphrase.clone());
    }
    if let Some(descriptor) = &environment.passphrase_fd {
        return passphrase::read_descriptor(descriptor).ok_or(KeychainError::NoPassphrase);
    }
    let prompt = prompt.ok_or(KeychainError::NoPassphrase)?;
    let typed = ask(prompt, "Passphrase of the encrypted files")?;
    // A slip in the first one would lock the person out of what it seals.
    if Keychain::passphrase_is_new(state)? && ask(prompt, "The same passphrase again")? != typed {
        return Err(KeychainError::WrongPassphrase);
    }
    Ok(typed)
}

fn ask(prompt: Prompt, question: &str) -> Result<Secret, KeychainError> {
    prompt.password(question).map_err(|_| KeychainError::NoPassphrase)
}
