//! What can go wrong between a person and the access portal.

use crate::error::{Explain, Kind};
use crate::http::HttpError;

/// A sign-in, a renewal or a portal request that did not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SsoError {
    /// No session, or one that has ended.
    #[error("the session at {start_url} has ended")]
    SessionEnded {
        /// The portal.
        start_url: String,
    },
    /// The person pressed Deny.
    #[error("the sign-in was denied in the browser")]
    Denied,
    /// Nobody answered in time.
    #[error("nobody finished the sign-in in the browser within {minutes} min")]
    NobodyAnswered {
        /// How long it was waited for.
        minutes: u64,
    },
    /// The portal doesn't know the start URL in this region.
    #[error("IAM Identity Center in {region} does not know the start URL {start_url}")]
    UnknownStartUrl {
        /// What was asked for.
        start_url: String,
        /// Where.
        region: String,
    },
    /// The person is not assigned the role.
    #[error("{role} in account {account} is not assigned to you")]
    NotAssigned {
        /// The permission set.
        role: String,
        /// The account.
        account: String,
    },
    /// Nothing at all is assigned.
    #[error("no account is assigned to you at {start_url}")]
    NothingAssigned {
        /// The portal.
        start_url: String,
    },
    /// Several requests too many, even after waiting.
    #[error("{service} asked to slow down, and still did after several tries")]
    TooManyRequests {
        /// Which service.
        service: &'static str,
    },
    /// The clock makes everything look expired.
    #[error("the credentials have expired already on arrival: {complaint}")]
    ClockOff {
        /// By how much, and in which direction.
        complaint: String,
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
    /// The service answered with an error that has no message of its own here.
    #[error("{service} answered {code}")]
    Service {
        /// Which service.
        service: &'static str,
        /// AWS's error code.
        code: String,
    },
    /// The reply lacks something it must have.
    #[error("the reply of {service} lacks {what}")]
    Incomplete {
        /// Which service.
        service: &'static str,
        /// Which field.
        what: &'static str,
    },
    /// No answer.
    #[error(transparent)]
    Http(#[from] HttpError),
}

impl Explain for SsoError {
    fn kind(&self) -> Kind {
        match self {
            SsoError::SessionEnded { .. } | SsoError::NobodyAnswered { .. } => Kind::NotSignedIn,
            SsoError::Denied | SsoError::NotAssigned { .. } | SsoError::NothingAssigned { .. } => Kind::Denied,
            SsoError::UnknownStartUrl { .. } => Kind::Usage,
            SsoError::TooManyRequests { .. } => Kind::Network,
            SsoError::Http(error) => error.kind(),
            SsoError::ClockOff { .. }
            | SsoError::CannotListen { .. }
            | SsoError::Refused { .. }
            | SsoError::Service { .. }
            | SsoError::Incomplete { .. } => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            SsoError::SessionEnded { .. } => "sign in again with `securecart login`",
            SsoError::Denied => "run `securecart login` again and choose Allow, if it was you who started it",
            SsoError::NobodyAnswered { .. } => "run `securecart login` again",
            SsoError::UnknownStartUrl { .. } => {
                "check both: the start URL is the portal's address, and `sso_region` is the region that the portal was \
                 set up in, which is not always the one you work in; change them with `securecart configure`"
            }
            SsoError::NotAssigned { .. } => {
                "see what is assigned to you with `securecart login --choose`, or ask your administrator for it"
            }
            SsoError::NothingAssigned { .. } => "ask your administrator to assign a permission set to you",
            SsoError::TooManyRequests { .. } => "wait a minute and try again",
            SsoError::ClockOff { .. } => "set the clock (`timedatectl set-ntp true` on Linux) and try again",
            SsoError::CannotListen { .. } => "choose another `callback_port`, or use `securecart login --device-code`",
            SsoError::Refused { .. } => "try `securecart login --device-code`",
            SsoError::Http(error) => return error.hint(),
            SsoError::Service { .. } | SsoError::Incomplete { .. } => return None,
        };
        Some(hint.to_owned())
    }
}
