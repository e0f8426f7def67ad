//! What a command works with, once settings are resolved.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::cli::GlobalArgs;
use crate::config::{Directories, Environment, Overrides, Profile, load};
use crate::credentials::{Provider, Records, SsoRenewal};
use crate::error::Result;
use crate::http::Http;
use crate::keychain::{Keychain, KeychainError};
use crate::secret::Secret;
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
        let state = Directories::new(&self.environment)?.state;
        let (environment, prompt) = (self.environment.clone(), self.ui.prompt());
        let keychain = Keychain::open(profile.keychain, &state, move || find_passphrase(&environment, prompt));
        let ca_bundle = self.environment.aws.ca_bundle.clone();
        Ok(Setup { profile, state, keychain, ca_bundle })
    }
}

/// A profile with everything its commands need; connections are made when they are.
pub(super) struct Setup {
    pub(super) profile: Profile,
    pub(super) state: PathBuf,
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
        Provider::new(&self.profile, self.records(), &self.state, &Timestamp::now)
    }

    /// HTTP with this machine's trust roots.
    pub(super) fn http(&self) -> Result<Http> {
        Ok(Http::new(self.ca_bundle.as_deref())?)
    }

    /// Renewal without a person, and sign-in with one.
    pub(super) fn renewal<'a>(&'a self, http: &'a Http) -> SsoRenewal<'a> {
        SsoRenewal::new(&self.profile, self.records(), &self.state, http, &Timestamp::now)
    }
}

/// The passphrase of the encrypted files: from the environment, a file descriptor, or the person.
fn find_passphrase(environment: &Environment, prompt: Option<Prompt>) -> Result<Secret, KeychainError> {
    if let Some(passphrase) = &environment.passphrase {
        return Ok(passphrase.clone());
    }
    if let Some(descriptor) = &environment.passphrase_fd {
        return passphrase::read_descriptor(descriptor).ok_or(KeychainError::NoPassphrase);
    }
    let typed = prompt.map(|prompt| prompt.password("Passphrase of the encrypted files"));
    typed.and_then(Result::ok).ok_or(KeychainError::NoPassphrase)
}
