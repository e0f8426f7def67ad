//! What every failure becomes: a kind, one sentence, advice, and an exit code.
//!
//! Rooms have error enums of their own whose variants are facts a person can act on; [`Explain`] says
//! of each what kind it is and what to do, and this file alone turns that into an exit code.
//! Nothing here prints.

use std::fmt;

/// What sort of failure it was; each has one exit code, listed in the man page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Something went wrong that is none of the others.
    Failed,
    /// The command line or the configuration can't be used as it is.
    Usage,
    /// Nobody is signed in, or the session has ended.
    NotSignedIn,
    /// AWS refused, or the path is outside the caller's own folder.
    Denied,
    /// The network, a proxy, TLS or the service could not be reached.
    Network,
    /// No secret store, or it would not answer.
    Keychain,
    /// The person pressed Ctrl-C.
    Interrupted,
    /// Whoever read our standard output stopped reading: nothing is said about it.
    OutputClosed,
    /// `exec`: there is no such program.
    NoSuchProgram,
    /// `exec`: the program is there, but the system doesn't start it.
    CannotExecute,
}

impl Kind {
    /// The process exit code of this kind.
    pub const fn exit_code(self) -> u8 {
        match self {
            Kind::Failed | Kind::OutputClosed => 1,
            Kind::Usage => 2,
            Kind::NotSignedIn => 4,
            Kind::Denied => 5,
            Kind::Network => 6,
            Kind::Keychain => 7,
            // As shells have it. Source: POSIX.1-2024, Shell Command Language, 2.8.2 "Exit Status for Commands".
            Kind::CannotExecute => 126,
            Kind::NoSuchProgram => 127,
            Kind::Interrupted => 130,
        }
    }
}

/// What a room's error enum says of its variants, apart from the message.
pub trait Explain: std::error::Error {
    /// The kind, and through it the exit code.
    fn kind(&self) -> Kind;
    /// What to do about it, with exact commands in backticks.
    fn hint(&self) -> Option<String> {
        None
    }
}

/// A failure ready to be reported: no secret is in it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Error {
    /// See [`Kind`].
    pub kind: Kind,
    /// What failed and on what: one sentence, no full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// The result of anything that a command does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A failure of a given kind.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None }
    }

    /// The same failure with advice.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same failure, whose advice to sign in or out names the profile. What finds a failure mostly knows of none.
    #[must_use]
    pub fn for_profile(mut self, profile: &str) -> Self {
        self.hint = self.hint.map(|hint| {
            // Between each two of them is a command.
            let parts = hint.split('`').enumerate();
            let named = parts.map(|(at, part)| if at % 2 == 1 { naming(profile, part) } else { part.to_owned() });
            named.collect::<Vec<_>>().join("`")
        });
        self
    }

    /// A wrong command line or configuration.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// A command to sign in or out of that profile, unless it says which; any other as it is.
fn naming(profile: &str, command: &str) -> String {
    let mut words = command.split(' ');
    let signs = words.next() == Some("securecart") && matches!(words.next(), Some("login" | "logout"));
    if !signs || words.clone().any(|word| matches!(word, "--profile" | "--all")) {
        return command.to_owned();
    }
    let signing: Vec<&str> = command.split(' ').take(2).chain(["--profile", profile]).chain(words).collect();
    signing.join(" ")
}

/// The beginning of a text that somebody else wrote, for a message: at most so many of its characters, those that a
/// terminal would obey written as escapes.
pub fn excerpt(text: &str, characters: usize) -> String {
    text.chars().take(characters).flat_map(char::escape_debug).collect()
}

// `Error` must not implement `std::error::Error`, so that the conversion below covers every room's enum.
impl<E: Explain> From<E> for Error {
    fn from(error: E) -> Self {
        Self { kind: error.kind(), message: error.to_string(), hint: error.hint() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_to_sign_in_names_the_profile_once_and_other_advice_is_left() {
        let named = |hint: &str| Error::usage("x").with_hint(hint).for_profile("kc").for_profile("other").hint.unwrap();
        for (hint, told) in [
            ("run `securecart login` again", "run `securecart login --profile kc` again"),
            ("`securecart login --choose`, `x`", "`securecart login --profile kc --choose`, `x`"),
            (
                "`securecart logout` and `securecart login`",
                "`securecart logout --profile kc` and `securecart login --profile kc`",
            ),
            ("`securecart login --profile docs`", "`securecart login --profile docs`"),
            ("`securecart logout --all --keychain file`", "`securecart logout --all --keychain file`"),
            ("set `region`; securecart login", "set `region`; securecart login"),
        ] {
            assert_eq!(named(hint), told);
        }
    }

    #[test]
    fn every_kind_has_its_documented_exit_code() {
        let codes = [
            (Kind::Failed, 1),
            (Kind::Usage, 2),
            (Kind::NotSignedIn, 4),
            (Kind::Denied, 5),
            (Kind::Network, 6),
            (Kind::Keychain, 7),
            (Kind::Interrupted, 130),
            (Kind::OutputClosed, 1),
            (Kind::CannotExecute, 126),
            (Kind::NoSuchProgram, 127),
        ];
        for (kind, code) in codes {
            assert_eq!(kind.exit_code(), code, "{kind:?}");
        }
    }
}
