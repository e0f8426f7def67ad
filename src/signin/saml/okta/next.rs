//! What a reply of the Identity Engine asks for.

use std::time::Duration;

use super::factor::Factor;

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// Fetch this: the provider's response is there.
    Success(String),
    /// Say who one is.
    Identify {
        /// Where to.
        href: String,
        /// The password goes along.
        with_password: bool,
        /// Whether to stay signed in can be said.
        remember: bool,
        /// Where else one could be from.
        elsewhere: Vec<Elsewhere>,
    },
    /// Sign in at another provider.
    Elsewhere(Vec<Elsewhere>),
    /// Answer what was asked of a factor.
    Answer {
        /// Where to.
        href: String,
        /// What is to be answered.
        what: Asked,
        /// Where another code can be asked for.
        resend: Option<String>,
    },
    /// Say whether to stay signed in.
    KeepSignedIn {
        /// Where to.
        href: String,
    },
    /// Choose a factor.
    Choose {
        /// Where to.
        href: String,
        /// Those that there are.
        factors: Vec<Factor>,
    },
    /// Say that this device has no Okta Verify that answers: it is looked for before anybody is asked anything.
    Decline {
        /// Where to.
        href: String,
        /// It was looked for on this machine, not opened.
        silent: bool,
        /// What is declined.
        factor: String,
    },
    /// Ask again until somebody has approved.
    Poll {
        /// Where to.
        href: String,
        /// How often.
        every: Duration,
        /// The number to choose on the other device.
        number: Option<String>,
        /// The app to approve it in; `None` when the engine itself is waited for.
        app: Option<String>,
    },
    /// Nothing has to be done now; the text says what should be, some day.
    Skip {
        /// Where to.
        href: String,
        /// In so many days the password ends.
        password_ends_in: Option<u64>,
    },
    /// The end.
    Stop(Stop),
}

/// Another provider that signs people in for this one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Elsewhere {
    /// Okta's id of it.
    pub(super) id: String,
    /// What a person reads.
    pub(super) label: String,
    /// Where it begins.
    pub(super) href: String,
}

/// What is to be answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// The password.
    Password,
    /// A code.
    Code {
        /// What it is from.
        from: String,
        /// The field that it is for.
        field: String,
        /// It is good more than once.
        secret: bool,
    },
    /// The answer to a question.
    Question {
        /// The question.
        question: String,
        /// Okta's name for it.
        key: Option<String>,
    },
}

/// Why it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stop {
    /// The password has expired.
    PasswordExpired,
    /// A factor must be set up, or the profile be filled in.
    Enrolment,
    /// Something else must be done first.
    Action(&'static str),
    /// What no terminal can do, by what a person calls it.
    Unsupported(String),
    /// Something that is not known here, by Okta's name for it.
    Unknown(String),
}
