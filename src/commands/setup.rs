//! What a command works with, once settings are resolved.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::cli::GlobalArgs;
use crate::config::aws_config::asks_us_for;
use crate::config::directories::aws_config_file;
use crate::config::profile::{CredentialSource, Method, StoreChoice};
use crate::config::write::read_or_empty;
use crate::config::{ChosenBy, Directories, Environment, Loaded, Overrides, Profile, all_profiles, load};
use crate::credentials::{
    AwsRenewal, OidcRenewal, Provider, Records, RoleRenewal, RoleSource, SamlRenewal, SignInMethod, SsoRenewal,
};
use crate::error::{Error, Kind, Result};
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

    /// Advice to sign in names the profile in use, unless it is the one that is used when none is named.
    pub(super) fn naming_profile(&self, error: Error) -> Error {
        match load(&self.environment, &self.overrides) {
            Ok(Loaded { profile, chosen_by: ChosenBy::Flag | ChosenBy::Variable | ChosenBy::AwsProfile, .. }) => {
                error.for_profile(profile.name.as_str())
            }
            _ => error,
        }
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
        self.setup_chain(profile, &mut Vec::new())
    }

    /// A profile and those it gets its credentials from. One store is one keychain, whose passphrase is asked for once.
    fn setup_chain(&self, profile: Profile, opened: &mut Vec<(StoreChoice, Arc<Keychain>)>) -> Result<Setup> {
        self.refuse_asking_itself(&profile)?;
        // Where nothing is kept, no place is needed to keep it in.
        let state = match profile.keychain {
            StoreChoice::Memory => None,
            _ => Some(Directories::new(&self.environment)?.state),
        };
        let keychain = match opened.iter().find(|(choice, _)| *choice == profile.keychain) {
            Some((_, keychain)) => Arc::clone(keychain),
            None => {
                let keychain =
                    Arc::new(self.open_keychain(profile.keychain, state.as_deref().unwrap_or(Path::new(""))));
                opened.push((profile.keychain, Arc::clone(&keychain)));
                keychain
            }
        };
        let source = match &profile.method {
            Method::Role(role) => Some(Box::new(self.setup_chain((*role.source).clone(), opened)?)),
            _ => None,
        };
        let ca_bundle = self.environment.aws.ca_bundle.clone();
        let browser = BrowserChoice::new(&self.environment, browser_path(&profile));
        Ok(Setup { profile, state, keychain, source, ca_bundle, browser })
    }

    /// An AWS profile that asks us for the credentials we would ask it for.
    fn refuse_asking_itself(&self, profile: &Profile) -> Result<()> {
        let Method::Aws(aws) = &profile.method else { return Ok(()) };
        let asked = match (&aws.source, &self.environment.aws.access_key_id) {
            (CredentialSource::Profile(name), _) => name.as_str(),
            (CredentialSource::Any, None) => self.environment.aws.profile.as_deref().unwrap_or("default"),
            _ => return Ok(()),
        };
        // What can't be read here is said where the profile is used.
        let text = read_or_empty(&aws_config_file(&self.environment)?).unwrap_or_default();
        let Some(ours) = asks_us_for(&text, asked) else { return Ok(()) };
        let listed = all_profiles(&self.environment)?.into_iter().find(|listed| listed.name == ours);
        let built_on = listed.and_then(|listed| listed.profile.ok()).is_some_and(|it| it.is_built_on(&profile.name));
        if ours != profile.name.as_str() && !built_on {
            return Ok(());
        }
        let problem = format!(
            "profile `{}` gets its credentials from AWS profile `{asked}`, which gets them from securecart's profile `{ours}`",
            profile.name
        );
        Err(Error::usage(problem).with_hint("name an AWS profile with credentials of its own as `aws_profile`"))
    }

    /// Forgets a profile's credentials, in the store that another one has open where it is the same; whether there were
    /// any.
    pub(super) fn forget(&self, open: &Setup, profile: Profile) -> Result<bool> {
        let keychain = self.overrides.keychain.unwrap_or(profile.keychain);
        match open.hops().find(|hop| hop.profile.keychain == keychain) {
            Some(hop) => hop.records().remove_signed_in(&profile),
            None => self.setup_of(Profile { keychain, ..profile.clone() })?.records().remove_signed_in(&profile),
        }
    }

    fn open_keychain(&self, choice: StoreChoice, state: &Path) -> Keychain {
        let (environment, ui, place) = (self.environment.clone(), self.ui.clone(), state.to_owned());
        Keychain::open(choice, state, move || find_passphrase(&environment, &ui, &place))
    }
}

/// A profile with everything its commands need; connections are made when they are.
pub(super) struct Setup {
    pub(super) profile: Profile,
    /// The directory for what is kept and isn't secret; `None` where nothing is.
    pub(super) state: Option<PathBuf>,
    pub(super) keychain: Arc<Keychain>,
    /// The profile it gets its credentials from.
    pub(super) source: Option<Box<Setup>>,
    ca_bundle: Option<PathBuf>,
    browser: BrowserChoice,
}

impl Setup {
    /// What is kept.
    pub(super) fn records(&self) -> Records<'_> {
        Records::new(&self.keychain)
    }

    /// Itself, the profile it gets its credentials from, and so on to the root.
    pub(super) fn hops(&self) -> impl Iterator<Item = &Setup> {
        std::iter::successors(Some(self), |hop| hop.source.as_deref())
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
            Method::Saml(saml) => {
                let (state, browser) = (self.state.as_deref(), &self.browser);
                Box::new(SamlRenewal::new(&self.profile, saml, self.records(), state, http, browser))
            }
            Method::Oidc(oidc) => {
                Box::new(OidcRenewal::new(&self.profile, oidc, self.records(), http, Environment::secret))
            }
            Method::Aws(aws) => Box::new(AwsRenewal::new(&self.profile, aws, self.records(), http, &Timestamp::now)),
            Method::Role(role) => {
                let source = self.source.as_deref().expect("a role is set up with its source");
                let source = RoleSource { provider: source.provider(), method: source.method(http) };
                Box::new(RoleRenewal::new(&self.profile, role, self.records(), http, &Timestamp::now, source))
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
        _ => None,
    }
}

/// The passphrase of the encrypted files: from the environment, a file descriptor, or the person.
fn find_passphrase(environment: &Environment, ui: &Ui, state: &Path) -> Result<Secret, KeychainError> {
    if let Some(passphrase) = &environment.passphrase {
        return Ok(passphrase.clone());
    }
    if let Some(descriptor) = &environment.passphrase_fd {
        return passphrase::read_descriptor(descriptor).ok_or(KeychainError::NoPassphrase);
    }
    let prompt = ui.prompt().ok_or(KeychainError::NoPassphrase)?;
    if !Keychain::passphrase_is_new(state)? {
        return ask(prompt, PASSPHRASE);
    }
    let mut asked = ask_new(prompt);
    for _ in 1..TRIES {
        match asked {
            Err(problem @ (KeychainError::EmptyPassphrase | KeychainError::PassphrasesDiffer)) => {
                ui.warn(problem);
                asked = ask_new(prompt);
            }
            asked => return asked,
        }
    }
    asked
}

const PASSPHRASE: &str = "Passphrase of the encrypted files";

/// How often a person may try to choose a passphrase.
const TRIES: u32 = 3;

/// A passphrase to be. A slip in it would lock the person out of what it seals, so it is typed twice.
fn ask_new(prompt: Prompt) -> Result<Secret, KeychainError> {
    let typed = ask(prompt, PASSPHRASE)?;
    if typed.expose().is_empty() {
        return Err(KeychainError::EmptyPassphrase);
    }
    match ask(prompt, "The same passphrase again")? == typed {
        true => Ok(typed),
        false => Err(KeychainError::PassphrasesDiffer),
    }
}

fn ask(prompt: Prompt, question: &str) -> Result<Secret, KeychainError> {
    prompt.password(question).map_err(|error| match error.kind {
        Kind::Interrupted => KeychainError::Interrupted,
        _ => KeychainError::NoPassphrase,
    })
}
