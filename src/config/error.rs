//! Every way a configuration can be wrong, each with its own sentence and advice.

use std::borrow::Cow;
use std::path::PathBuf;

use crate::error::{Explain, Kind, excerpt};

/// Where a setting was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    /// In a file; line and column count from 1, columns in characters.
    File {
        /// The file.
        path: PathBuf,
        /// The line.
        line: u32,
        /// The column.
        column: u32,
    },
    /// In an environment variable.
    Variable(&'static str),
    /// On the command line.
    Flag(Cow<'static, str>),
}

impl std::fmt::Display for Where {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Where::File { path, line, column } => write!(f, "{}:{line}:{column}", path.display()),
            Where::Variable(name) => write!(f, "{name}"),
            Where::Flag(name) => write!(f, "{name}"),
        }
    }
}

/// What is wrong with the configuration, the variables or the flags.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The system tells no home folder.
    #[error("there is no home folder to keep the configuration in")]
    NoHome,
    /// Nothing has been configured yet.
    #[error("there is no configuration file {}", .path.display())]
    NoFile {
        /// The file that isn't there.
        path: PathBuf,
    },
    /// A folder, a device or a pipe.
    #[error("{} is not a regular file", .path.display())]
    NotAFile {
        /// What is in the file's place.
        path: PathBuf,
    },
    /// Larger than anyone writes by hand.
    #[error("{} is larger than {} KiB", .path.display(), super::file::SIZE_LIMIT / 1024)]
    TooLarge {
        /// The file.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("could not read {}: {source}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not UTF-8.
    #[error("{} is not UTF-8 text", .path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// Not TOML.
    #[error("{at}: {problem}")]
    Syntax {
        /// Where the parser stopped.
        at: Where,
        /// What it says.
        problem: String,
    },
    /// A key that means nothing here.
    #[error("{at}: unknown key `{key}`{}", .closest.map(|key| format!("; did you mean `{key}`?")).unwrap_or_default())]
    UnknownKey {
        /// Where it stands.
        at: Where,
        /// The key.
        key: String,
        /// The legal key that looks most like it.
        closest: Option<&'static str>,
        /// It stands in a profile, not at the top.
        in_profile: bool,
        /// It is a table, so probably a profile without its prefix.
        is_table: bool,
    },
    /// A value of the wrong type.
    #[error("{at}: `{key}` is {found}, and should be {expected}")]
    WrongType {
        /// Where the value stands.
        at: Where,
        /// The key.
        key: &'static str,
        /// What it should be.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// A number loses its leading zeros.
    #[error("{at}: `account_id` is a number, and should be a text of twelve digits")]
    AccountIdNotQuoted {
        /// Where the value stands.
        at: Where,
    },
    /// The right type, but not a possible value.
    #[error("{at}: {problem}")]
    BadValue {
        /// Where the value was given.
        at: Where,
        /// What is wrong with it.
        problem: String,
    },
    /// A way of signing in that this version doesn't have.
    #[error("{at}: sign-in method `{method}` is not known to this version")]
    UnknownMethod {
        /// Where it stands.
        at: Where,
        /// What was asked for.
        method: String,
    },
    /// A profile lacks something it can't do without.
    #[error("{at}: profile `{profile}` has no `{key}`")]
    MissingKey {
        /// Where the profile begins.
        at: Where,
        /// The profile.
        profile: String,
        /// What is missing.
        key: &'static str,
    },
    /// Variables make a profile, but not a whole one.
    #[error("the environment names a role for this program, but no {}", .key.replace('_', " "))]
    MissingVariable {
        /// What is missing, as its key in a profile.
        key: &'static str,
    },
    /// Profiles that are each other's source.
    #[error("{at}: profiles get their credentials from each other: `{}`", .profiles.join("` → `"))]
    Loop {
        /// Where it closes.
        at: Where,
        /// The profiles, the first of them again at the end.
        profiles: Vec<String>,
    },
    /// More than AWS gives one role for another's session.
    #[error("{at}: profile `{profile}` assumes its role as the role of profile `{of}`, which AWS limits to an hour")]
    ChainedDuration {
        /// Where the duration was given.
        at: Where,
        /// The profile.
        profile: String,
        /// Its source.
        of: String,
    },
    /// A KMS key without KMS encryption.
    #[error("{at}: `kms_key_id` needs `encryption = \"aws:kms\"`, not `{encryption}`")]
    KeyWithoutKms {
        /// Where the key id was given.
        at: Where,
        /// The encryption that was asked for.
        encryption: &'static str,
    },
    /// A folder template that can't name one person's folder.
    #[error("{at}: {problem}")]
    Folder {
        /// Where it stands.
        at: Where,
        /// What is wrong with it.
        problem: super::folder_template::FolderProblem,
    },
    /// The file has no `[profile.…]` table.
    #[error("{} holds no profile", .path.display())]
    NoProfiles {
        /// The file.
        path: PathBuf,
    },
    /// A profile was named that isn't there.
    #[error("there is no profile `{name}` ({by})")]
    NoSuchProfile {
        /// What was asked for.
        name: String,
        /// Who asked for it.
        by: Where,
        /// What there is.
        names: Vec<String>,
    },
    /// Several profiles, and nothing says which.
    #[error("there are {} profiles, and nothing says which to use", .names.len())]
    WhichProfile {
        /// What there is.
        names: Vec<String>,
    },
}

impl ConfigError {
    /// Where the mistake is, as far as it is in one place.
    pub fn at_mut(&mut self) -> Option<&mut Where> {
        match self {
            ConfigError::Syntax { at, .. }
            | ConfigError::UnknownKey { at, .. }
            | ConfigError::WrongType { at, .. }
            | ConfigError::AccountIdNotQuoted { at }
            | ConfigError::BadValue { at, .. }
            | ConfigError::UnknownMethod { at, .. }
            | ConfigError::MissingKey { at, .. }
            | ConfigError::Loop { at, .. }
            | ConfigError::ChainedDuration { at, .. }
            | ConfigError::KeyWithoutKms { at, .. }
            | ConfigError::Folder { at, .. }
            | ConfigError::NoSuchProfile { by: at, .. } => Some(at),
            _ => None,
        }
    }
}

impl Explain for ConfigError {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hint(&self) -> Option<String> {
        match self {
            ConfigError::NoHome => Some("set `SECURECART_CONFIG` and `SECURECART_STATE_DIR`".into()),
            ConfigError::NoFile { .. } | ConfigError::NoProfiles { .. } => Some("run `securecart configure`".into()),
            ConfigError::UnknownKey { closest: Some(_), .. } => None,
            ConfigError::UnknownKey { key, in_profile: false, is_table: true, .. } => {
                Some(format!("a profile is written `[profile.{key}]`"))
            }
            ConfigError::UnknownKey { in_profile, .. } => {
                let keys = if *in_profile { super::settings::KEYS } else { super::document::TOP_KEYS };
                Some(format!("the keys are {}", keys.join(", ")))
            }
            ConfigError::AccountIdNotQuoted { .. } => {
                Some("put it in quotes: a number loses its leading zeros, as in `account_id = \"012345678901\"`".into())
            }
            ConfigError::Loop { .. } => {
                Some("a chain begins with a profile that signs in: make one of them the `source` of the last".into())
            }
            ConfigError::ChainedDuration { .. } => {
                Some("leave `session_duration` out: the role is assumed again silently while the session lives".into())
            }
            ConfigError::UnknownMethod { method, .. } => Some(
                match closest(method, ["sso", "saml", "browser", "oidc", "aws", "role"]) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "the methods are: sso (IAM Identity Center), saml (a SAML provider), browser (the same, in your \
                             own browser), oidc (an OpenID Connect provider), aws (what the environment, a container, an \
                             instance or an AWS profile has), role (assumed with another profile's credentials)"
                        .into(),
                },
            ),
            ConfigError::MissingKey { key: "source", .. } => {
                Some("name the profile whose credentials assume the role, as in `source = \"docs\"`".into())
            }
            ConfigError::MissingKey { profile, key, .. } => {
                let (option, value) = (key.replace('_', "-"), placeholder(key));
                Some(format!("add it, or run `securecart configure --profile {profile} --{option} {value}`"))
            }
            ConfigError::MissingVariable { key: "region" } => Some("set `SECURECART_REGION` or `AWS_REGION`".into()),
            ConfigError::MissingVariable { key } => Some(format!("set `SECURECART_{}`", key.to_uppercase())),
            ConfigError::Folder { problem, .. } => Some(problem.hint().into()),
            ConfigError::NoSuchProfile { name, names, .. } => {
                Some(match closest(name, names.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None if names.is_empty() => format!("run `securecart configure --profile {name}`"),
                    None => format!("the profiles are {}", names.join(", ")),
                })
            }
            ConfigError::WhichProfile { names } => Some(format!(
                "give `--profile NAME`, set `SECURECART_PROFILE`, or write `default_profile = \"NAME\"` at the top of \
                 the file; the profiles are {}",
                names.join(", ")
            )),
            _ => None,
        }
    }
}

/// What stands for a key's value, as in the help of `configure`.
fn placeholder(key: &str) -> &'static str {
    match key {
        "url" | "start_url" | "issuer" => "URL",
        "region" | "sso_region" => "REGION",
        "client_id" | "app_id" => "ID",
        "role_arn" => "ARN",
        "token_file" => "FILE",
        _ => "NAME",
    }
}

/// The candidate that was probably meant, when one is close enough.
pub(super) fn closest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Nobody means a word by a page of text, and the distance is quadratic.
    if typed.len() > 64 {
        return None;
    }
    let typed = typed.replace('-', "_").to_lowercase();
    let distance = |candidate: &str| strsim::damerau_levenshtein(&typed, &candidate.replace('-', "_"));
    candidates
        .into_iter()
        .map(|candidate| (distance(candidate), candidate))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).min(3))
        .map(|(_, candidate)| candidate)
}

/// At most 80 characters of a hostile text, for a message.
pub(super) fn shown(text: &str) -> String {
    excerpt(text, 80)
}
