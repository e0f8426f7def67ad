//! Why there are no ambient credentials.

use aws_credential_types::provider::error::CredentialsError;

use crate::config::profile::CredentialSource;
use crate::error::{Explain, Kind, excerpt};

/// How much of another program's words is repeated, in characters.
const WORDS: usize = 300;

/// A source that gave no credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AmbientError {
    /// It has none.
    #[error("there are no AWS credentials in {source_name}")]
    None {
        /// The source.
        source_name: String,
    },
    /// It answered in too long a time, or not.
    #[error("{source_name} did not give AWS credentials in time")]
    TimedOut {
        /// The source.
        source_name: String,
    },
    /// It is set up wrongly.
    #[error("the AWS credentials in {source_name} can't be used: {reason}")]
    Misconfigured {
        /// The source.
        source_name: String,
        /// The SDK's words.
        reason: String,
    },
    /// It failed.
    #[error("{source_name} gave no AWS credentials: {reason}")]
    Failed {
        /// The source.
        source_name: String,
        /// The SDK's words.
        reason: String,
    },
}

impl AmbientError {
    pub(super) fn of(source: &CredentialSource, error: &CredentialsError) -> Self {
        let source_name = name(source);
        match error {
            CredentialsError::CredentialsNotLoaded(_) => Self::None { source_name },
            CredentialsError::ProviderTimedOut(_) => Self::TimedOut { source_name },
            CredentialsError::InvalidConfiguration(_) => Self::Misconfigured { source_name, reason: words(error) },
            _ => Self::Failed { source_name, reason: words(error) },
        }
    }
}

impl Explain for AmbientError {
    fn kind(&self) -> Kind {
        match self {
            AmbientError::None { .. } => Kind::NotSignedIn,
            AmbientError::TimedOut { .. } => Kind::Network,
            AmbientError::Misconfigured { .. } => Kind::Usage,
            AmbientError::Failed { .. } => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            AmbientError::None { .. } => {
                "set them where the profile looks (`aws_profile`, `credential_source`), or let it look everywhere by \
                 leaving both out"
            }
            AmbientError::TimedOut { .. } => "try again; `credential_source` in the profile names where to look",
            AmbientError::Misconfigured { .. } | AmbientError::Failed { .. } => return None,
        };
        Some(hint.to_owned())
    }
}

pub(super) fn name(source: &CredentialSource) -> String {
    match source {
        CredentialSource::Any => "the environment, a profile, a container or an instance".to_owned(),
        CredentialSource::Environment => "the environment".to_owned(),
        CredentialSource::Container => "the container's endpoint".to_owned(),
        CredentialSource::Instance => "EC2's instance metadata".to_owned(),
        CredentialSource::Profile(name) => format!("AWS profile `{}`", name.escape_debug()),
    }
}

/// The innermost cause, which says most; never the debug form, and nothing a terminal would obey.
fn words(error: &CredentialsError) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    excerpt(&cause.to_string().replace(char::is_control, " "), WORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_program_says_is_bounded_and_harmless() {
        let said = format!("no\u{1b}[2Jluck{}", "x".repeat(5000));
        let error = AmbientError::of(&CredentialSource::Environment, &CredentialsError::provider_error(said));
        let message = error.to_string();
        assert!(message.starts_with("the environment gave no AWS credentials: no [2Jluck"), "{message}");
        assert!(message.len() < 400 && !message.contains('\u{1b}'), "{message}");
        let none = AmbientError::of(&CredentialSource::Any, &CredentialsError::not_loaded("x"));
        assert_eq!(none.kind().exit_code(), 4);
    }
}
