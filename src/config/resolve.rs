//! One profile with the profiles it gets its credentials from: chains of roles, and the loops they must not be. Pure.

use super::document::{Document, Located};
use super::environment::Environment;
use super::error::{ConfigError, shown};
use super::profile::Profile;
use super::settings::{Overrides, resolve};

/// Deeper chains than this are nobody's: each hop is a request.
const DEEPEST: usize = 16;

/// A profile and, through its `source`, all that it is built on.
///
/// What flags say is about the profile that was named; of that, only where things are kept and called is about its
/// sources too.
///
/// # Errors
/// The first [`ConfigError`] in any of them; [`ConfigError::Loop`] with the whole loop.
pub fn resolve_chain(
    document: &Document<'_>,
    name: &str,
    environment: &Environment,
    overrides: &Overrides,
) -> Result<Profile, ConfigError> {
    hop(document, name, environment, overrides, &mut Vec::new())
}

fn hop(
    document: &Document<'_>,
    name: &str,
    environment: &Environment,
    overrides: &Overrides,
    path: &mut Vec<String>,
) -> Result<Profile, ConfigError> {
    let section =
        document.profile(name)?.ok_or_else(|| ConfigError::NoProfiles { path: document.path().to_owned() })?;
    let source = match section.text("source")? {
        None => None,
        Some(source) => {
            path.push(name.to_owned());
            let source = source_of(document, &source, environment, overrides, path)?;
            path.pop();
            Some(source)
        }
    };
    resolve(&section, source, environment, overrides)
}

fn source_of(
    document: &Document<'_>,
    source: &Located<&str>,
    environment: &Environment,
    overrides: &Overrides,
    path: &mut Vec<String>,
) -> Result<Profile, ConfigError> {
    if let Some(start) = path.iter().position(|name| name == source.value) {
        let mut profiles = path.split_off(start);
        profiles.push(source.value.to_owned());
        return Err(ConfigError::Loop { at: source.at.clone(), profiles });
    }
    if path.len() >= DEEPEST {
        let problem = format!("a chain of more than {DEEPEST} roles");
        return Err(ConfigError::BadValue { at: source.at.clone(), problem });
    }
    let names = document.names();
    if !names.iter().any(|name| name == source.value) {
        return Err(ConfigError::NoSuchProfile { name: shown(source.value), by: source.at.clone(), names });
    }
    let overrides = Overrides {
        keychain: overrides.keychain,
        endpoint_url: overrides.endpoint_url.clone(),
        ..Overrides::default()
    };
    hop(document, source.value, environment, &overrides, path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::config::profile::Method;

    /// Profiles `p0`, `p1`… each with the source that is named, or none.
    fn text(sources: &[Option<usize>]) -> String {
        let profile = |(number, source): (usize, &Option<usize>)| match source {
            Some(source) => format!(
                "[profile.p{number}]\nsource = 'p{source}'\nrole_arn = 'arn:aws:iam::111122223333:role/R{number}'\n"
            ),
            None => format!("[profile.p{number}]\nmethod = 'aws'\nregion = 'eu-central-1'\n"),
        };
        sources.iter().enumerate().map(profile).collect()
    }

    fn resolve_first(sources: &[Option<usize>]) -> Result<Profile, ConfigError> {
        let text = text(sources);
        let document = Document::parse(Path::new("c"), &text).expect("TOML");
        resolve_chain(&document, "p0", &Environment::default(), &Overrides::default())
    }

    fn hops(profile: &Profile) -> Vec<String> {
        let mut names = vec![profile.name.to_string()];
        if let Method::Role(role) = &profile.method {
            names.extend(hops(&role.source));
        }
        names
    }

    #[test]
    fn a_loop_is_named_whole_and_where_it_closes() {
        let error = resolve_first(&[Some(1), Some(2), Some(1)]).unwrap_err();
        assert_eq!(error.to_string(), "c:8:10: profiles get their credentials from each other: `p1` → `p2` → `p1`");
        assert!(
            matches!(resolve_first(&[Some(0)]).unwrap_err(), ConfigError::Loop { profiles, .. } if profiles.len() == 2)
        );
    }

    #[test]
    fn a_source_that_is_not_there_is_named_where_it_is_named() {
        let error = resolve_first(&[Some(7), None]).unwrap_err();
        assert_eq!(error.to_string(), "there is no profile `p7` (c:2:10)");
    }

    proptest! {
        /// Against a walk of the graph that knows nothing of profiles.
        #[test]
        fn a_chain_resolves_exactly_when_it_ends(sources in prop::collection::vec(prop::option::of(0_usize..8), 8)) {
            let mut seen = BTreeMap::new();
            let mut at = 0;
            let looped = loop {
                if seen.insert(at, ()).is_some() { break true }
                match sources[at] { Some(next) => at = next, None => break false }
            };
            match resolve_first(&sources) {
                Ok(profile) => {
                    prop_assert!(!looped);
                    prop_assert_eq!(hops(&profile).len(), seen.len());
                    prop_assert_eq!(profile.root().name.to_string(), format!("p{at}"));
                }
                Err(ConfigError::Loop { profiles, .. }) => {
                    prop_assert!(looped);
                    prop_assert_eq!(profiles.first(), profiles.last());
                    for pair in profiles.windows(2) {
                        let number: usize = pair[0][1..].parse().unwrap();
                        prop_assert_eq!(format!("p{}", sources[number].unwrap()), pair[1].clone());
                    }
                }
                Err(other) => prop_assert!(false, "{}", other),
            }
        }
    }
}
