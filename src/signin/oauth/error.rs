//! What can go wrong between a person and a sign-in page.

use crate::error::{Explain, Kind};

/// The person, their browser or their patience ended the sign-in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OAuthError {
    /// The person pressed Deny.
    #[error("the sign-in was denied in the browser")]
    Denied,
    /// Nobody answered in time.
    #[error("nobody finished the sign-in in the browser within {minutes} min")]
    NobodyAnswered {
        /// How long it was waited for.
        minutes: u64,
    },
    /// The loopback listener could not be opened.
    #[error("could not listen on 127.0.0.1:{port} for the browser's answer: {reason}")]
    CannotListen {
        /// The port asked for.
        port: u16,
        /// The operating system's words.
        reason: String,
    },
    /// The browser brought back an error.
    #[error("the sign-in page answered `{code}`")]
    Refused {
        /// The OAuth error code.
        code: String,
    },
    /// The system gives no random numbers.
    #[error("the operating system gives no random numbers")]
    NoRandomness,
}

impl Explain for OAuthError {
    fn kind(&self) -> Kind {
        match self {
            OAuthError::NobodyAnswered { .. } => Kind::NotSignedIn,
            OAuthError::Denied => Kind::Denied,
            OAuthError::CannotListen { .. } | OAuthError::Refused { .. } | OAuthError::NoRandomness => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            OAuthError::Denied => "run `securecart login` again and choose Allow, if it was you who started it",
            OAuthError::NobodyAnswered { .. } => "run `securecart login` again",
            OAuthError::CannotListen { .. } => {
                "choose another `callback_port`, or use `securecart login --device-code`"
            }
            OAuthError::Refused { .. } => "try `securecart login --device-code`",
            OAuthError::NoRandomness => return None,
        };
        Some(hint.to_owned())
    }
}
