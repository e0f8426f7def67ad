//! What a command works with, once settings are resolved.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::cli::GlobalArgs;
use crate::config::profile::Method;
use crate::config::{Directories, Environment, Overrides, Profile, load};
use crate::credentials::{Provider, Records, SamlRenewal, SignInMethod, SsoRenewal};
use crate::error::Result;
use crate::http::Http;
use crate::identity::{CallerIdentity, RoleCredentials};
use crate::keychain::{Keychain, KeychainError};
use crate::secret::Secret;
use crate::signin::saml::browser::BrowserChoice;
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
        let state = Directories::new(&self.environment)?.state;
        let (environment, prompt, place) = (self.environment.clone(), self.ui.prompt(), state.clone());
        let keychain = Keychain::open(profile.keychain, &state, move || find_passphrase(&environment, prompt, &place));
        let ca_bundle = self.environment.aws.ca_bundle.clone();
        let browser = BrowserChoice::new(&self.environment, browser_path(&profile));
        Ok(Setup { profile, state, keychain, ca_bundle, browser })
    }
}

/// A profile with everything its commands need; connections are made when they are.
pub(super) struct Setup {
    pub(super) profile: Profile,
    pub(super) state: PathBuf,
    pub(super) keychain: Keychain,
    ca_bundle: Option<PathBuf>,
    browser: BrowserChoice,
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

    /// The profile's way of signing in.
    pub(super) fn method<'a>(&'a self, http: &'a Http) -> Box<dyn SignInMethod + 'a> {
        match &self.profile.method {
            Method::Sso(sso) => {
                Box::new(SsoRenewal::new(&self.profile, sso, self.records(), &self.state, http, &Timestamp::now))
            }
            Method::Saml(saml) => {
                let browser = &self.browser;
                Box::new(SamlRenewal::new(&self.profile, saml, self.records(), &self.state, http, browser))
            }
        }
    }

    /// The browser that the browser method starts.
    pub(super) fn browser(&self) -> Result<PathBuf> {
        Ok(self.browser.find()?)
    }

    /// Asks STS who these credentials belong to.
    pub(super) async fn fetch_identity(&self, http: &Http, credentials: &RoleCredentials) -> Result<CallerIdentity> {
        Ok(fetch_caller_identity(http, &self.profile, credentials).await?)
    }
}

fn browser_path(profile: &Profile) -> Option<&Path> {
    match &profile.method {
        Method::Saml(saml) => saml.browser_path.as_deref(),
        Method::Sso(_) => None,
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
