//! The keys of profiles that get their credentials from elsewhere: from what the machine has (`method = "aws"`), or from
//! another profile (`source`, `method = "role"`). Pure.

use super::document::{Located, Section, parse};
use super::environment::Environment;
use super::error::{ConfigError, shown};
use super::profile::{AwsSettings, CredentialSource, Method, MfaSettings, Profile, RoleSettings};
use super::session::SessionTag;

/// A code program and its arguments are no novel.
const MOST_ARGUMENTS: usize = 64;

/// `method = "aws"`.
pub(super) fn aws(section: &Section<'_>, environment: &Environment) -> Result<AwsSettings, ConfigError> {
    let source = credential_source(section)?;
    let (key, profile) = (environment.aws.access_key_id.clone(), environment.aws.profile.clone());
    let told = match source {
        CredentialSource::Any => key.or(profile),
        CredentialSource::Environment => key,
        CredentialSource::Container | CredentialSource::Instance | CredentialSource::Profile(_) => None,
    };
    Ok(AwsSettings { source, told, mfa: mfa(section)?, session_duration: section.parsed("session_duration")? })
}

/// Source: AWS SDKs and Tools reference, "Assume role credential provider", `credential_source`.
fn credential_source(section: &Section<'_>) -> Result<CredentialSource, ConfigError> {
    let named = section.text("credential_source")?;
    match (section.text("aws_profile")?, named) {
        (Some(_), Some(named)) => {
            let problem = "`aws_profile` and `credential_source` are two sources; keep one".to_owned();
            Err(ConfigError::BadValue { at: named.at, problem })
        }
        (Some(profile), None) => {
            if profile.value.trim().is_empty() || profile.value.chars().any(char::is_control) {
                let problem = format!("`{}` is not the name of an AWS profile", shown(profile.value));
                return Err(ConfigError::BadValue { at: profile.at, problem });
            }
            Ok(CredentialSource::Profile(profile.value.to_owned()))
        }
        (None, None) => Ok(CredentialSource::Any),
        (None, Some(named)) => match named.value {
            "Environment" => Ok(CredentialSource::Environment),
            "EcsContainer" => Ok(CredentialSource::Container),
            "Ec2InstanceMetadata" => Ok(CredentialSource::Instance),
            other => Err(ConfigError::BadValue {
                problem: format!(
                    "there is no credential source `{}`; it is Environment, EcsContainer or Ec2InstanceMetadata",
                    shown(other)
                ),
                at: named.at,
            }),
        },
    }
}

/// A role, and the profile whose credentials assume it.
pub(super) fn role(section: &Section<'_>, source: Profile) -> Result<RoleSettings, ConfigError> {
    let session_duration = section.parsed("session_duration")?;
    if let (Some(duration), Some(typed)) = (session_duration, section.text("session_duration")?) {
        let duration: super::names::SessionDuration = duration;
        // Whether what the machine has is a role's session, or a user's, is only known when it is used.
        if duration.seconds() > 3600 && !matches!(source.method, Method::Aws(_)) {
            let profile = section.name.clone();
            return Err(ConfigError::ChainedDuration { at: typed.at, profile, of: source.name.to_string() });
        }
    }
    let policies = section.texts("policy_arns")?;
    if let Some(eleventh) = policies.get(10) {
        let problem = "AWS takes at most 10 `policy_arns`".to_owned();
        return Err(ConfigError::BadValue { at: eleventh.at.clone(), problem });
    }
    Ok(RoleSettings {
        role_arn: section.parsed("role_arn")?.ok_or_else(|| ConfigError::MissingKey {
            at: section.at(),
            profile: section.name.clone(),
            key: "role_arn",
        })?,
        external_id: section.parsed("external_id")?,
        session_name: section.parsed("role_session_name")?,
        source_identity: section.parsed("source_identity")?,
        tags: tags(section)?,
        policy: section.parsed("policy")?,
        policy_arns: policies.into_iter().map(parse).collect::<Result<_, _>>()?,
        session_duration,
        mfa: mfa(section)?,
        source: Box::new(source),
    })
}

fn tags(section: &Section<'_>) -> Result<Vec<SessionTag>, ConfigError> {
    let mut tags: Vec<SessionTag> = Vec::new();
    for (key, value) in section.table("tags")? {
        let bad = |problem: String| ConfigError::BadValue { at: value.at.clone(), problem };
        if tags.iter().any(|tag| tag.key.eq_ignore_ascii_case(&key)) {
            return Err(bad(format!("the tag `{}` is there twice: AWS doesn't tell capitals apart", shown(&key))));
        }
        if tags.len() == 50 {
            return Err(bad("AWS takes at most 50 tags".to_owned()));
        }
        tags.push(SessionTag::new(&key, value.value).map_err(|error| bad(error.to_string()))?);
    }
    for Located { value: key, at } in section.texts("transitive_tags")? {
        match tags.iter_mut().find(|tag| tag.key == key) {
            Some(tag) => tag.transitive = true,
            None => {
                let problem = format!("`{}` is transitive, but not one of the `tags`", shown(key));
                return Err(ConfigError::BadValue { at, problem });
            }
        }
    }
    Ok(tags)
}

fn mfa(section: &Section<'_>) -> Result<Option<MfaSettings>, ConfigError> {
    let command = section.texts("mfa_command")?;
    let Some(serial) = section.parsed("mfa_serial")? else {
        return match command.into_iter().next() {
            Some(first) => {
                let problem = "`mfa_command` needs `mfa_serial`: the device whose code it prints".to_owned();
                Err(ConfigError::BadValue { at: first.at, problem })
            }
            None => Ok(None),
        };
    };
    for (number, argument) in command.iter().enumerate() {
        let problem = match argument.value {
            "" if number == 0 => "the program of `mfa_command` is empty",
            value if value.contains('\0') => "`mfa_command` holds a NUL character",
            _ if number == MOST_ARGUMENTS => "`mfa_command` has too many arguments",
            _ => continue,
        };
        return Err(ConfigError::BadValue { at: argument.at.clone(), problem: problem.to_owned() });
    }
    Ok(Some(MfaSettings { serial, command: command.into_iter().map(|it| it.value.to_owned()).collect() }))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Overrides;
    use crate::config::document::Document;
    use crate::config::profile::StoreChoice;
    use crate::config::resolve::resolve_chain;

    const BASE: &str = "[profile.base]\nmethod = 'aws'\nregion = 'eu-central-1'\n";
    const ROLE: &str = "[profile.docs]\nsource = 'base'\nrole_arn = 'arn:aws:iam::111122223333:role/Docs'\n";

    fn load(text: &str, environment: &[(&str, &str)]) -> Result<Profile, ConfigError> {
        let document = Document::parse(Path::new("c"), text).expect("TOML");
        let name = if text.contains("[profile.docs]") { "docs" } else { "base" };
        let environment = Environment::from_pairs(environment.iter().copied());
        resolve_chain(&document, name, &environment, &Overrides::default())
    }

    fn role_of(more: &str) -> Result<RoleSettings, String> {
        let profile = load(&format!("{BASE}{ROLE}{more}"), &[]).map_err(|error| error.to_string())?;
        let Method::Role(role) = profile.method else { panic!("a role") };
        Ok(*role)
    }

    fn aws_of(more: &str, environment: &[(&str, &str)]) -> Result<AwsSettings, String> {
        let profile = load(&format!("{BASE}{more}"), environment).map_err(|error| error.to_string())?;
        let Method::Aws(aws) = profile.method else { panic!("ambient") };
        Ok(*aws)
    }

    #[test]
    fn a_profile_with_a_source_is_a_role_in_the_sources_region() {
        let profile = load(&format!("{BASE}{ROLE}"), &[]).unwrap();
        assert_eq!((profile.region.as_str(), profile.keychain), ("eu-central-1", StoreChoice::Memory));
        let role = role_of("external_id = 'e:1'\nrole_session_name = 'alice'\nsource_identity = 'alice'\n").unwrap();
        assert_eq!(role.external_id.unwrap().as_str(), "e:1");
        assert_eq!(role.source.name.as_str(), "base");
        assert!(load(&format!("{BASE}{ROLE}method = 'sso'\n"), &[]).is_err());
        assert!(load("[profile.docs]\nmethod = 'role'\nregion = 'eu-central-1'\n", &[]).is_err());
    }

    #[test]
    fn tags_are_a_table_and_transitive_ones_are_among_them() {
        let role = role_of("transitive_tags = ['team']\ntags = { team = 'docs', other = 'x' }\n").unwrap();
        let found: Vec<_> =
            role.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str(), tag.transitive)).collect();
        assert_eq!(found, [("other", "x", false), ("team", "docs", true)]);
        assert!(role_of("transitive_tags = ['team']\n").unwrap_err().contains("`team` is transitive, but not one"));
        assert!(role_of("tags = { team = 'a', Team = 'b' }\n").unwrap_err().contains("twice"));
        assert!(role_of("tags = 'x'\n").unwrap_err().contains("should be a table of texts"));
        assert!(role_of("tags = { team = 1 }\n").is_err());
    }

    #[test]
    fn a_chained_role_lasts_an_hour_at_most() {
        assert!(role_of("session_duration = '8h'\n").is_ok(), "what the machine has may be a user's keys");
        let sso = "[profile.base]\nstart_url = 'https://example.awsapps.com/start'\nsso_region = 'eu-west-1'\n";
        let error = load(&format!("{sso}{ROLE}session_duration = '8h'\n"), &[]).unwrap_err();
        assert!(error.to_string().contains("limits to an hour"), "{error}");
        assert!(load(&format!("{sso}{ROLE}session_duration = '1h'\n"), &[]).is_ok());
    }

    #[test]
    fn sources_have_the_names_that_aws_gives_them() {
        let source = |more: &str| aws_of(more, &[]).map(|aws| aws.source);
        assert_eq!(source(""), Ok(CredentialSource::Any));
        assert_eq!(source("credential_source = 'Ec2InstanceMetadata'\n"), Ok(CredentialSource::Instance));
        assert_eq!(source("aws_profile = 'old keys'\n"), Ok(CredentialSource::Profile("old keys".into())));
        assert!(source("credential_source = 'environment'\n").unwrap_err().contains("EcsContainer"));
        assert!(source("aws_profile = 'x'\ncredential_source = 'Environment'\n").is_err());
    }

    #[test]
    fn whose_keys_they_are_is_told_by_the_environment_where_it_counts() {
        let told = |more: &str| aws_of(more, &[("AWS_ACCESS_KEY_ID", "AKIAX"), ("AWS_PROFILE", "p")]).unwrap().told;
        assert_eq!(told("").as_deref(), Some("AKIAX"));
        assert_eq!(told("credential_source = 'EcsContainer'\n"), None);
        assert_eq!(aws_of("", &[("AWS_PROFILE", "p")]).unwrap().told.as_deref(), Some("p"));
    }

    #[test]
    fn a_code_program_has_a_device_and_something_to_start() {
        let aws = aws_of("mfa_serial = 'arn:aws:iam::111122223333:mfa/dana'\nmfa_command = ['ykman', 'oath']\n", &[]);
        assert_eq!(aws.unwrap().mfa.unwrap().command, ["ykman", "oath"]);
        assert!(aws_of("mfa_command = ['ykman']\n", &[]).unwrap_err().contains("needs `mfa_serial`"));
        assert!(aws_of("mfa_serial = 'GAHT12345678'\nmfa_command = ['']\n", &[]).unwrap_err().contains("empty"));
        assert!(aws_of("mfa_serial = 'short'\n", &[]).is_err());
    }

    #[test]
    fn nothing_is_kept_of_what_the_machine_has_but_a_session_with_mfa() {
        let kept = |more: &str| load(&format!("{BASE}{more}"), &[]).unwrap().keychain;
        assert_eq!(kept(""), StoreChoice::Memory);
        assert_eq!(kept("mfa_serial = 'GAHT12345678'\n"), StoreChoice::Auto);
        let role = |more: &str| load(&format!("{BASE}{ROLE}{more}"), &[]).unwrap().keychain;
        assert_eq!(role(""), StoreChoice::Memory);
        assert_eq!(role("mfa_serial = 'GAHT12345678'\n"), StoreChoice::Auto);
        assert_eq!(kept("keychain = 'file'\n"), StoreChoice::File);
    }
}
