//! What would be written where. Pure: texts in, texts out.

use std::path::{Path, PathBuf};

use crate::config::aws_config::{AwsConfigError, Change, OnConflict, upsert_profile};
use crate::config::document::Document;
use crate::config::error::Where;
use crate::config::names::ProfileName;
use crate::config::profile_table::{ProfileEdit, Setting, edit_profile};
use crate::config::resolve::resolve_chain;
use crate::config::{ConfigError, Environment, Overrides, Profile};

/// Both edits, ready to be shown, and to be applied to whatever the files hold by then.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) config_file: PathBuf,
    pub(super) edit: ProfileEdit,
    pub(super) aws: Option<AwsPlan>,
}

/// The edit of the AWS tools' file.
#[derive(Debug, Clone)]
pub(super) struct AwsPlan {
    pub(super) file: PathBuf,
    pub(super) profile: ProfileName,
    pub(super) pairs: Vec<(&'static str, String)>,
    pub(super) on_conflict: OnConflict,
}

impl Plan {
    /// The new `config.toml`, checked to be one that loads.
    pub(super) fn config(&self, old: &str) -> Result<(String, Change), ConfigError> {
        let (new, change) = edit_profile(&self.config_file, old, &self.edit)?;
        self.profile(&new).map_err(|error| of_option(error, old, &new, &self.edit.settings))?;
        Ok((new, change))
    }

    /// The profile that a text of `config.toml` holds, as it will be loaded where no variable says otherwise.
    pub(super) fn profile(&self, text: &str) -> Result<Profile, ConfigError> {
        let document = Document::parse(&self.config_file, text)?;
        resolve_chain(&document, self.edit.name.as_str(), &Environment::default(), &Overrides::default())
    }

    /// What a person is shown before they agree.
    pub(super) fn show(&self, old_config: &str, old_aws: &str) -> Result<String, crate::error::Error> {
        let (_, change) = self.config(old_config)?;
        let mut lines = vec![heading(&self.config_file, change), format!("  [profile.{}]", self.edit.name)];
        lines.extend(self.edit.settings.iter().map(|(key, setting)| format!("  {key} = {}", shown(setting))));
        if let Some(aws) = &self.aws {
            let upserted = aws.apply(old_aws)?;
            lines.push(heading(&aws.file, upserted.change));
            lines.push(format!("  [profile {}]", aws.profile));
            lines.extend(aws.pairs.iter().map(|(key, value)| format!("  {key} = {value}")));
            lines.extend(upserted.commented_out.iter().map(|key| format!("  # {key} (becomes a comment)")));
        }
        Ok(lines.join("\n"))
    }
}

impl AwsPlan {
    /// The new text of the AWS tools' file.
    pub(super) fn apply(&self, old: &str) -> Result<crate::config::aws_config::Upserted, AwsConfigError> {
        let pairs: Vec<(&str, &str)> = self.pairs.iter().map(|(key, value)| (*key, value.as_str())).collect();
        upsert_profile(old, &self.profile, &pairs, self.on_conflict)
    }
}

/// A mistake in a line that isn't in the file yet, as one of the option that it comes from.
pub(super) fn of_option(
    mut error: ConfigError,
    old: &str,
    new: &str,
    settings: &[(&'static str, Setting)],
) -> ConfigError {
    let Some(at) = error.at_mut() else { return error };
    let Where::File { line, .. } = at else { return error };
    let number = usize::try_from(*line).unwrap_or_default().saturating_sub(1);
    let typed = new.lines().nth(number).filter(|line| old.lines().nth(number) != Some(line));
    let key = typed.and_then(|line| line.split_once('=')).map(|(key, _)| key.trim());
    if let Some((key, _)) = settings.iter().find(|(known, _)| Some(*known) == key) {
        *at = Where::Flag(option(key).into());
    }
    error
}

/// The option of `configure` that gives a key.
pub(super) fn option(key: &str) -> String {
    match key {
        "aws_profile" => "--from-aws-profile".to_owned(),
        "tags" => "--session-tag".to_owned(),
        "transitive_tags" => "--transitive-tag".to_owned(),
        "policy_arns" => "--policy-arn".to_owned(),
        key => format!("--{}", key.replace('_', "-")),
    }
}

fn heading(file: &Path, change: Change) -> String {
    let what = match change {
        Change::Added => "adds a profile",
        Change::Updated => "changes the profile",
        Change::Unchanged => "is as it should be",
    };
    format!("{}: {what}", file.display())
}

pub(super) fn shown(setting: &Setting) -> String {
    match setting {
        Setting::Text(text) => format!("{text:?}"),
        Setting::Flag(flag) => flag.to_string(),
        Setting::Port(port) => port.to_string(),
        Setting::Texts(texts) => format!("{texts:?}"),
        Setting::Table(texts) => {
            let pairs: Vec<String> = texts.iter().map(|(key, text)| format!("{key:?} = {text:?}")).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(settings: &[(&'static str, &str)]) -> Plan {
        let settings = settings.iter().map(|(key, value)| (*key, Setting::Text((*value).to_owned()))).collect();
        Plan {
            config_file: "config.toml".into(),
            edit: ProfileEdit { name: "docs".parse().unwrap(), settings, set_default: false },
            aws: Some(AwsPlan {
                file: "aws".into(),
                profile: "docs".parse().unwrap(),
                pairs: vec![("credential_process", "securecart credential-process --profile docs".into())],
                on_conflict: OnConflict::CommentOut,
            }),
        }
    }

    const SSO: &[(&str, &str)] = &[("start_url", "https://example.awsapps.com/start"), ("sso_region", "eu-west-1")];

    #[test]
    fn what_is_shown_is_what_would_be_written() {
        let shown = plan(SSO).show("", "[profile docs]\nrole_arn = x\n").unwrap();
        assert_eq!(
            shown,
            "config.toml: adds a profile\n  [profile.docs]\n  start_url = \"https://example.awsapps.com/start\"\n  \
             sso_region = \"eu-west-1\"\naws: changes the profile\n  [profile docs]\n  credential_process = \
             securecart credential-process --profile docs\n  # role_arn (becomes a comment)"
        );
    }

    #[test]
    fn nothing_is_planned_that_would_not_load() {
        assert!(plan(SSO).config("[profile.docs]\nbuckett = 'x'\n").unwrap_err().to_string().contains("buckett"));
        assert!(plan(&SSO[..1]).config("").unwrap_err().to_string().contains("sso_region"));
    }
}
