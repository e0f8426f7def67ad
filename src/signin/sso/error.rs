//! What can go wrong between a person and the access portal.

use crate::error::{Explain, Kind};
use crate::http::HttpError;
use crate::signin::oauth::OAuthError;

/// A sign-in, a renewal or a portal request that did not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SsoError {
    /// No session, or one that has ended.
    #[error("the session at {start_url} has ended")]
    SessionEnded {
        /// The portal.
        start_url: String,
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
    /// The person, or their browser, ended it.
    #[error(transparent)]
    OAuth(#[from] OAuthError),
    /// No answer.
    #[error(transparent)]
    Http(#[from] HttpError),
}

impl Explain for SsoError {
    fn kind(&self) -> Kind {
        match self {
            SsoError::SessionEnded { .. } => Kind::NotSignedIn,
            SsoError::NotAssigned { .. } | SsoError::NothingAssigned { .. } => Kind::Denied,
            SsoError::UnknownStartUrl { .. } => Kind::Usage,
            SsoError::TooManyRequests { .. } => Kind::Network,
            SsoError::OAuth(error) => error.kind(),
            SsoError::Http(error) => error.kind(),
            SsoError::ClockOff { .. } | SsoError::Service { .. } | SsoError::Incomplete { .. } => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            SsoError::SessionEnded { .. } => "sign in again with `securecart login`",
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
            SsoError::OAuth(error) => return error.hint(),
            SsoError::Http(error) => return error.hint(),
            SsoError::Service { .. } | SsoError::Incomplete { .. } => return None,
        };
        Some(hint.to_owned())
    }
}
