//! What can go wrong on the way to an ID token.

use std::path::PathBuf;

use crate::error::{Explain, Kind};
use crate::http::HttpError;
use crate::program::ProgramError;
use crate::signin::oauth::OAuthError;

/// No ID token was had. No token is in any of these.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OidcError {
    /// Nothing says where a token is, and this is no job that may ask for one.
    #[error("nothing says where the ID token comes from, and this is no GitHub Actions job that may ask for one")]
    NoSource,
    /// The job's bearer token is missing.
    #[error("ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set")]
    NoRequestToken,
    /// The variable that should hold the token doesn't.
    #[error("the variable {name}, which should hold the ID token, is not set")]
    VariableUnset {
        /// The variable.
        name: String,
    },
    /// The file can't be read.
    #[error("the ID token in {} can't be read: {reason}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// The program gave none.
    #[error(transparent)]
    Command(#[from] ProgramError),
    /// The job's endpoint gave none.
    #[error("GitHub Actions gave no ID token: it answered {status}")]
    JobRefused {
        /// The HTTP status.
        status: u16,
    },
    /// What was had is no token.
    #[error("what {from} holds is not an ID token: {problem}")]
    NotAToken {
        /// Where it came from.
        from: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The token is nobody's.
    #[error("the ID token from {from} has no subject to name the session after")]
    NoSubject {
        /// Where it came from.
        from: String,
    },
    /// The provider's own description is missing or not its own.
    #[error("the OpenID configuration of {issuer} {problem}")]
    Discovery {
        /// The provider.
        issuer: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The provider can't sign people in this way.
    #[error("{issuer} has no {grant}")]
    NoGrant {
        /// The provider.
        issuer: String,
        /// What it lacks.
        grant: &'static str,
    },
    /// The client isn't registered, or not for this.
    #[error("{issuer} does not take the client `{client_id}`")]
    UnknownClient {
        /// The provider.
        issuer: String,
        /// The client.
        client_id: String,
    },
    /// The provider answered with an error that has no message of its own here.
    #[error("{issuer} answered {code}")]
    Provider {
        /// The provider.
        issuer: String,
        /// Its error code.
        code: String,
    },
    /// Nobody is signed in there any more.
    #[error("the session at {issuer} has ended")]
    SessionEnded {
        /// The provider.
        issuer: String,
    },
    /// The person, or their browser, ended it.
    #[error(transparent)]
    OAuth(#[from] OAuthError),
    /// No answer.
    #[error(transparent)]
    Http(#[from] HttpError),
}

impl Explain for OidcError {
    fn kind(&self) -> Kind {
        match self {
            OidcError::NoSource
            | OidcError::NoRequestToken
            | OidcError::VariableUnset { .. }
            | OidcError::File { .. }
            | OidcError::NoSubject { .. }
            | OidcError::UnknownClient { .. }
            | OidcError::NoGrant { .. } => Kind::Usage,
            OidcError::SessionEnded { .. } => Kind::NotSignedIn,
            OidcError::OAuth(error) => error.kind(),
            OidcError::Command(error) => error.kind(),
            OidcError::JobRefused { status: 401 | 403 } => Kind::Denied,
            OidcError::JobRefused { .. }
            | OidcError::NotAToken { .. }
            | OidcError::Discovery { .. }
            | OidcError::Provider { .. } => Kind::Failed,
            OidcError::Http(error) => error.kind(),
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            OidcError::NoSource => {
                "in GitHub Actions give the job `permissions: id-token: write`; elsewhere set `SECURECART_TOKEN_FILE` or \
                 `SECURECART_TOKEN_ENV`, or one of `token_file`, `token_env`, `token_command` and `issuer` in the profile"
            }
            OidcError::NoRequestToken | OidcError::JobRefused { status: 401 | 403 } => {
                "give the job `permissions: id-token: write`; jobs of pull requests from forks never get it"
            }
            OidcError::VariableUnset { .. } => {
                "in GitLab, declare it under the job's `id_tokens:`, with `aud: sts.amazonaws.com`"
            }
            OidcError::File { .. } => "check the path, and that this user may read it",
            OidcError::Command(error) => return error.hint(),
            OidcError::JobRefused { .. } => "try again; if it stays so, see GitHub's status page",
            OidcError::NotAToken { .. } => "it should be one JSON Web Token, such as `eyJ….eyJ….…`, and nothing else",
            OidcError::NoSubject { .. } => {
                "name the session with `role_session_name` or `SECURECART_ROLE_SESSION_NAME`"
            }
            OidcError::Discovery { .. } => {
                "check `issuer` in the profile: it is the provider's address up to `/.well-known/openid-configuration`"
            }
            OidcError::NoGrant { grant: "device grant", .. } => {
                "sign in on a machine with a browser, without `--device-code`"
            }
            OidcError::NoGrant { .. } => "try `securecart login --device-code`",
            OidcError::UnknownClient { .. } => {
                "check `client_id`; at the provider it must be a public (native) client with the redirect URI \
                 `http://127.0.0.1/oauth/callback` and the grants that are used"
            }
            OidcError::SessionEnded { .. } => "sign in again with `securecart login`",
            OidcError::OAuth(error) => return error.hint(),
            OidcError::Provider { .. } => return None,
            OidcError::Http(error) => return error.hint(),
        };
        Some(hint.to_owned())
    }
}
