//! From the file, the environment and the flags to one validated [`Profile`].
//!
//! This runs in every `credential-process`: one file read, one parse, two `stat` calls.

use std::path::PathBuf;

use super::directories::Directories;
use super::document::{Document, ENVIRONMENT};
use super::environment::Environment;
use super::error::{ConfigError, Where};
use super::file::{self, Warning};
use super::profile::Profile;
use super::resolve::resolve_chain;
use super::settings::Overrides;
use super::variable;

/// What was loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The settings.
    pub profile: Profile,
    /// Why it is this profile.
    pub chosen_by: ChosenBy,
    /// The file it came from; none for the one that variables make.
    pub config_file: Option<PathBuf>,
    /// What the person should know.
    pub warnings: Vec<Warning>,
}

/// Why a profile is the one in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChosenBy {
    /// `--profile`.
    Flag,
    /// `SECURECART_PROFILE`.
    Variable,
    /// `AWS_PROFILE`, which happens to name one of our profiles.
    AwsProfile,
    /// `default_profile` in the file.
    Default,
    /// There is no other.
    Only,
    /// Variables name a role and where its token comes from.
    Environment,
}

/// A profile among all of them.
#[derive(Debug)]
pub struct Listed {
    /// Its name, as written in the file.
    pub name: String,
    /// It is the file's `default_profile`, or the only one.
    pub is_default: bool,
    /// Its settings, or what is wrong with it.
    pub profile: Result<Profile, ConfigError>,
}

/// Loads the settings of the profile that flags, environment or file choose.
///
/// # Errors
/// The first [`ConfigError`].
pub fn load(environment: &Environment, overrides: &Overrides) -> Result<Loaded, ConfigError> {
    let named = overrides.profile.as_ref().map(|name| name.as_str()).or(environment.profile.as_deref());
    // A role that is named for this program is the one that is meant, unless a profile is named as well.
    if named.is_none() && environment.names_role() {
        return from_environment(environment, overrides);
    }
    let read = || {
        let path = Directories::new(environment)?.config_file;
        file::read(&path).map(|(text, metadata)| (path, text, metadata))
    };
    let (path, text, metadata) = match read() {
        Err(ConfigError::NoFile { .. } | ConfigError::NoHome)
            if named.is_none_or(|name| name == ENVIRONMENT) && environment.offers_role() =>
        {
            return from_environment(environment, overrides);
        }
        read => read?,
    };
    let document = Document::parse(&path, &text)?;
    if named == Some(ENVIRONMENT) && environment.offers_role() && document.profile(ENVIRONMENT)?.is_none() {
        return from_environment(environment, overrides);
    }
    let (name, chosen_by) = choose(&document, environment, overrides)?;
    let profile = resolve_chain(&document, &name, environment, overrides)?;
    let warnings = file::warnings(&path, &metadata);
    Ok(Loaded { profile, chosen_by, warnings, config_file: Some(path) })
}

/// The profile that variables alone make.
fn from_environment(environment: &Environment, overrides: &Overrides) -> Result<Loaded, ConfigError> {
    let document = Document::of_environment()?;
    let profile = resolve_chain(&document, ENVIRONMENT, environment, overrides)?;
    Ok(Loaded { profile, chosen_by: ChosenBy::Environment, warnings: Vec::new(), config_file: None })
}

/// Every profile of the file, sorted by name, and the one that variables make; those that can't be used say why.
///
/// # Errors
/// [`ConfigError`] when the file itself can't be read or parsed. A missing file is an empty list.
pub fn all_profiles(environment: &Environment) -> Result<Vec<Listed>, ConfigError> {
    let mut list = profiles_of_file(environment)?;
    let wins = environment.profile.is_none() && (environment.names_role() || list.is_empty());
    if environment.offers_role() && list.iter().all(|listed| listed.name != ENVIRONMENT) {
        let profile = from_environment(environment, &Overrides::default()).map(|loaded| loaded.profile);
        list.iter_mut().for_each(|listed| listed.is_default &= !wins);
        list.push(Listed { name: ENVIRONMENT.to_owned(), is_default: wins, profile });
    }
    Ok(list)
}

fn profiles_of_file(environment: &Environment) -> Result<Vec<Listed>, ConfigError> {
    let read = || {
        let path = Directories::new(environment)?.config_file;
        file::read(&path).map(|(text, _)| (path, text))
    };
    let (path, text) = match read() {
        Ok(read) => read,
        Err(ConfigError::NoFile { .. }) => return Ok(Vec::new()),
        Err(ConfigError::NoHome) if environment.offers_role() => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let document = Document::parse(&path, &text)?;
    let names = document.names();
    let default = document.default_profile()?.map(|located| located.value.to_owned());
    let default = default.or_else(|| (names.len() == 1).then(|| names[0].clone()));
    let list = names.into_iter().map(|name| {
        let profile = resolve_chain(&document, &name, environment, &Overrides::default());
        Listed { is_default: default.as_ref() == Some(&name), name, profile }
    });
    Ok(list.collect())
}

/// `--profile`, `SECURECART_PROFILE`, `AWS_PROFILE` if it names one of ours, `default_profile`, the only one.
///
/// `AWS_PROFILE` usually names some other AWS profile: then it says nothing about ours.
fn choose(
    document: &Document<'_>,
    environment: &Environment,
    overrides: &Overrides,
) -> Result<(String, ChosenBy), ConfigError> {
    let names = document.names();
    let named = |name: &str, by: Where, chosen_by: ChosenBy| {
        if names.iter().any(|known| known == name) {
            Ok((name.to_owned(), chosen_by))
        } else {
            let name = super::error::shown(name);
            Err(ConfigError::NoSuchProfile { name, by, names: names.clone() })
        }
    };
    if let Some(name) = &overrides.profile {
        return named(name.as_str(), Where::Flag("--profile".into()), ChosenBy::Flag);
    }
    if let Some(name) = &environment.profile {
        return named(name, Where::Variable(variable::PROFILE), ChosenBy::Variable);
    }
    if let Some(name) = environment.aws.profile.as_ref().filter(|name| names.contains(name)) {
        return Ok((name.clone(), ChosenBy::AwsProfile));
    }
    if let Some(default) = document.default_profile()? {
        return named(default.value, default.at, ChosenBy::Default);
    }
    match names.as_slice() {
        [] => Err(ConfigError::NoProfiles { path: document.path().to_owned() }),
        [only] => Ok((only.clone(), ChosenBy::Only)),
        _ => Err(ConfigError::WhichProfile { names }),
    }
}

#[cfg(test)]
mod tests;
