//! Why the console can't be opened.

use crate::error::{Explain, Kind};
use crate::http::HttpError;

/// A console session that did not come about.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConsoleError {
    /// No public document names the partition's endpoint.
    #[error("the console's sign-in endpoint in the partition of {region} is not known")]
    UnknownPartition {
        /// The region of the profile.
        region: String,
    },
    /// A page outside of the partition's console.
    #[error("{url} is not a page of the console in this partition ({host})")]
    NotTheConsole {
        /// What was typed.
        url: String,
        /// The console's host.
        host: String,
    },
    /// These credentials bring their own duration.
    #[error("{why}, so the console's session lasts as long as they do")]
    FixedDuration {
        /// What kind of credentials they are.
        why: &'static str,
    },
    /// The endpoint took the request and said no.
    #[error("the sign-in endpoint refused the credentials (HTTP {status})")]
    Refused {
        /// Its answer.
        status: u16,
    },
    /// The reply lacks the token.
    #[error("the reply of the sign-in endpoint lacks a token")]
    Incomplete,
    /// No answer.
    #[error(transparent)]
    Http(#[from] HttpError),
}

impl Explain for ConsoleError {
    fn kind(&self) -> Kind {
        match self {
            ConsoleError::UnknownPartition { .. }
            | ConsoleError::NotTheConsole { .. }
            | ConsoleError::FixedDuration { .. } => Kind::Usage,
            ConsoleError::Refused { status } if *status >= 500 => Kind::Network,
            ConsoleError::Refused { .. } => Kind::Denied,
            ConsoleError::Incomplete => Kind::Failed,
            ConsoleError::Http(error) => error.kind(),
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            ConsoleError::UnknownPartition { .. } => {
                "set `endpoint_url_signin` in the profile to its sign-in endpoint, `https://signin.…`".to_owned()
            }
            ConsoleError::NotTheConsole { .. } => {
                "name a service, as in `securecart console --destination s3`".to_owned()
            }
            ConsoleError::FixedDuration { .. } => "leave out `--duration`".to_owned(),
            ConsoleError::Refused { status } if *status >= 500 => "try again in a minute".to_owned(),
            ConsoleError::Refused { .. } => {
                "sign in again with `securecart login --force`; with `--duration`, try a shorter one".to_owned()
            }
            ConsoleError::Http(error) => return error.hint(),
            ConsoleError::Incomplete => return None,
        })
    }
}
