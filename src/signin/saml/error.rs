//! What can go wrong between a person and a SAML provider.

use super::assertion::AssertionError;
use super::page::PageError;
use crate::error::{Explain, Kind};
use crate::http::HttpError;

/// A sign-in that did not work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SamlError {
    /// The provider's session has ended, and nobody is to be asked.
    #[error("the session at {host} has ended")]
    PersonNeeded {
        /// The provider.
        host: String,
    },
    /// The password that was typed, or the name, or the account behind it.
    #[error("{host} did not accept the user name and password{}", said(.says))]
    Rejected {
        /// The provider.
        host: String,
        /// What the page says.
        says: Option<String>,
    },
    /// The name that was typed, before any password.
    #[error("{host} did not accept the user name{}", said(.says))]
    UnknownName {
        /// The provider.
        host: String,
        /// What the page says.
        says: Option<String>,
    },
    /// Codes that were typed.
    #[error("{host} did not accept the code{}", said(.says))]
    WrongCode {
        /// The provider.
        host: String,
        /// What the page says.
        says: Option<String>,
    },
    /// A new password must be set.
    #[error("the password has expired: {host} asks for a new one")]
    PasswordExpired {
        /// The provider.
        host: String,
    },
    /// A second factor, or something about the person, must be set up first.
    #[error("{host} wants a second factor or the account to be set up first")]
    EnrolmentRequired {
        /// The provider.
        host: String,
    },
    /// Something else must be done at the provider first.
    #[error("{host} wants {action} first")]
    ActionRequired {
        /// The provider.
        host: String,
        /// What is to be done.
        action: &'static str,
    },
    /// Terms must be accepted.
    #[error("{host} wants its terms to be accepted first")]
    TermsRequired {
        /// The provider.
        host: String,
    },
    /// A factor that no terminal can do.
    #[error("{host} asks for {factor}, which can't be done in a terminal")]
    Unsupported {
        /// The provider.
        host: String,
        /// The factor, or several.
        factor: String,
    },
    /// The provider's API doesn't know us, or the application.
    #[error("{host} does not accept what the profile says of its API client or application: {says}")]
    Client {
        /// The provider.
        host: String,
        /// What it says.
        says: String,
    },
    /// A page that is a program, where an API could be used.
    #[error("the sign-in page of {host} is a program that can't be filled in here")]
    ApiNeeded {
        /// The provider.
        host: String,
    },
    /// Nobody approved on the other device.
    #[error("nobody approved the sign-in at {host} within {minutes} min")]
    NotApproved {
        /// The provider.
        host: String,
        /// How long it was waited for.
        minutes: u64,
    },
    /// The provider waited long enough for somebody to approve.
    #[error("{host} waited in vain for the sign-in to be approved on the other device")]
    Unanswered {
        /// The provider.
        host: String,
    },
    /// The approval was refused.
    #[error("the sign-in at {host} was not approved: {status}")]
    Refused {
        /// The provider.
        host: String,
        /// The provider's word for it.
        status: String,
    },
    /// The application isn't assigned, or a policy forbids it.
    #[error("{host} denies access{}", said(.says))]
    AccessDenied {
        /// The provider.
        host: String,
        /// What it says.
        says: Option<String>,
    },
    /// The device that signs in must be another, or in another state.
    #[error("{host} wants a device that meets its security requirements{}", said(.says))]
    DeviceRequirements {
        /// The provider.
        host: String,
        /// What it says.
        says: Option<String>,
    },
    /// The provider ended it, for a reason of its own.
    #[error("{host} ended the sign-in{}", said(.says))]
    Ended {
        /// The provider.
        host: String,
        /// What it says.
        says: Option<String>,
    },
    /// The account is locked.
    #[error("{host} has locked the account{}", said(.says))]
    AccountLocked {
        /// The provider.
        host: String,
        /// What it says.
        says: Option<String>,
    },
    /// The second factor is suspended.
    #[error("{host} has suspended the second factor{}", said(.says))]
    FactorSuspended {
        /// The provider.
        host: String,
        /// What it says.
        says: Option<String>,
    },
    /// Asked too often.
    #[error("{host} asks to slow down")]
    TooManyRequests {
        /// The provider.
        host: String,
    },
    /// The sign-in took too long.
    #[error("the sign-in page of {host} has expired")]
    PageExpired {
        /// The provider.
        host: String,
    },
    /// A password would have gone elsewhere.
    #[error("{host} asks for a password, and is not one of the provider's own hosts ({own})")]
    ForeignHost {
        /// Who asks.
        host: String,
        /// The configured one.
        own: String,
    },
    /// A redirect or form leads to plain http, or to this machine.
    #[error("the provider leads to {host}, which is not https")]
    NotHttps {
        /// Where to.
        host: String,
    },
    /// The walk has no end.
    #[error("{host} leads from page to page without an end")]
    TooManySteps {
        /// The provider.
        host: String,
    },
    /// An error page.
    #[error("{host} answered {status}{}", said(.says))]
    Status {
        /// The provider.
        host: String,
        /// The HTTP status.
        status: u16,
        /// What the page says.
        says: Option<String>,
    },
    /// A page that is a program.
    #[error("the sign-in page `{title}` of {host}{} is a program that can't be filled in here", of_product(.product))]
    Program {
        /// The provider.
        host: String,
        /// The product, or nothing.
        product: &'static str,
        /// The page's title.
        title: String,
    },
    /// A page with nothing to do on it.
    #[error("the page `{title}` of {host} can't be filled in here{}", said(.says))]
    UnknownPage {
        /// The provider.
        host: String,
        /// The page's title.
        title: String,
        /// What the page says.
        says: Option<String>,
    },
    /// A page that is not read.
    #[error("a page of {host} can't be read: {problem}")]
    Page {
        /// The provider.
        host: String,
        /// Why not.
        problem: PageError,
    },
    /// A response of no use.
    #[error(transparent)]
    Assertion(#[from] AssertionError),
    /// The provider offers nothing.
    #[error("the provider offers you no AWS role{}", if *.skipped > 0 { " that can be read" } else { "" })]
    NoRoles {
        /// How many values meant nothing.
        skipped: usize,
    },
    /// The wanted role isn't among those offered.
    #[error("the provider doesn't offer you {role}")]
    NotOffered {
        /// What was wanted.
        role: String,
    },
    /// The roles can't be read, and the profile doesn't name one.
    #[error("the assertion is encrypted, so the role and its provider can't be read from it")]
    Encrypted,
    /// No answer.
    #[error(transparent)]
    Http(#[from] HttpError),
}

fn said(says: &Option<String>) -> String {
    says.as_ref().map(|says| format!(": {says}")).unwrap_or_default()
}

fn of_product(product: &str) -> String {
    if product.is_empty() { String::new() } else { format!(" ({product})") }
}

impl Explain for SamlError {
    fn kind(&self) -> Kind {
        match self {
            SamlError::PersonNeeded { .. }
            | SamlError::NotApproved { .. }
            | SamlError::Unanswered { .. }
            | SamlError::PageExpired { .. } => Kind::NotSignedIn,
            SamlError::TooManyRequests { .. } => Kind::Network,
            SamlError::Rejected { .. }
            | SamlError::AccessDenied { .. }
            | SamlError::DeviceRequirements { .. }
            | SamlError::Ended { .. }
            | SamlError::AccountLocked { .. }
            | SamlError::FactorSuspended { .. }
            | SamlError::WrongCode { .. }
            | SamlError::UnknownName { .. }
            | SamlError::ActionRequired { .. }
            | SamlError::PasswordExpired { .. }
            | SamlError::EnrolmentRequired { .. }
            | SamlError::TermsRequired { .. }
            | SamlError::Refused { .. }
            | SamlError::ForeignHost { .. }
            | SamlError::NotHttps { .. }
            | SamlError::NoRoles { .. }
            | SamlError::NotOffered { .. } => Kind::Denied,
            SamlError::Unsupported { .. }
            | SamlError::TooManySteps { .. }
            | SamlError::Status { .. }
            | SamlError::UnknownPage { .. }
            | SamlError::Program { .. }
            | SamlError::Page { .. } => Kind::Failed,
            SamlError::Encrypted | SamlError::Client { .. } | SamlError::ApiNeeded { .. } => Kind::Usage,
            SamlError::Assertion(error) => error.kind(),
            SamlError::Http(error) => error.kind(),
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            SamlError::PersonNeeded { .. } | SamlError::PageExpired { .. } => "sign in again with `securecart login`",
            SamlError::AccessDenied { .. } => "ask the provider's administrator to assign the AWS application to you",
            SamlError::DeviceRequirements { .. } => {
                "sign in with your browser, with `--browser`, on a device that meets them"
            }
            SamlError::Ended { .. } => "run `securecart login` again, or sign in with your browser, with `--browser`",
            SamlError::AccountLocked { .. } => "wait, or ask the provider's administrator to unlock it",
            SamlError::FactorSuspended { .. } => {
                "take another factor with `--mfa`, or ask the provider's administrator"
            }
            SamlError::TooManyRequests { .. } => "wait a minute and try again",
            SamlError::Rejected { .. } => {
                "run `securecart login` again; it was sent once, and several wrong ones may lock the account"
            }
            SamlError::UnknownName { .. } => "check `username` in the profile, or `--username` where it has none",
            SamlError::Program { .. } => "sign in with your browser, with `--browser`",
            SamlError::WrongCode { .. } => {
                "run `securecart login` again; codes depend on this machine's and the device's clocks"
            }
            SamlError::PasswordExpired { .. } => "change it in a browser, then run `securecart login` again",
            SamlError::EnrolmentRequired { .. }
            | SamlError::ActionRequired { .. }
            | SamlError::TermsRequired { .. } => "sign in once in a browser, then run `securecart login` again",
            SamlError::Unsupported { .. } => {
                "sign in with your browser, with `--browser`; or choose another factor, with `mfa` in the profile or `--mfa`"
            }
            SamlError::NotApproved { .. } | SamlError::Unanswered { .. } | SamlError::Refused { .. } => {
                "run `securecart login` again, and approve if it was you who started it"
            }
            SamlError::ForeignHost { .. } => {
                "if that host is your provider's too, add it to `allowed_hosts` in the profile; otherwise tell your administrator"
            }
            SamlError::Client { .. } => {
                "check `client_id` and `app_id` in the profile, and hand the client's secret in again with `--client-secret-fd`"
            }
            SamlError::ApiNeeded { .. } => {
                "set `client_id` and `app_id` in the profile to use its API, or sign in with your browser, with `--browser`"
            }
            SamlError::NotHttps { .. } => "check `url` in the profile, and tell your administrator",
            SamlError::TooManySteps { .. } | SamlError::UnknownPage { .. } => {
                "check `url` in the profile: it is the address that starts the AWS application at the provider"
            }
            SamlError::Status { .. } => {
                "check `url` in the profile, and whether the AWS application is assigned to you"
            }
            SamlError::NoRoles { .. } => "ask the provider's administrator to assign AWS roles to you",
            SamlError::NotOffered { .. } => "see what is offered with `securecart login --choose`",
            SamlError::Encrypted => "set `role_arn` and `provider_arn` in the profile",
            SamlError::Page { .. } => return None,
            SamlError::Assertion(error) => return error.hint(),
            SamlError::Http(error) => return error.hint(),
        };
        Some(hint.to_owned())
    }
}
