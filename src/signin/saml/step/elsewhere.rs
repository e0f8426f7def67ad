//! What no terminal can do, and how pages tell. Pure.

/// What can't be done in a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// A security key or passkey.
    SecurityKey,
    /// Duo's prompt.
    Duo,
    /// A new password must be set.
    PasswordExpired,
    /// A second factor must be set up first.
    EnrolmentRequired,
    /// Terms must be accepted.
    TermsRequired,
    /// The page has expired.
    PageExpired,
    /// None of what is known.
    Unknown,
}

/// Elements by which products mark what a person must do elsewhere.
///
/// Source: the login theme of Keycloak.
pub(super) const MARKS: &[(&str, Obstacle)] = &[
    ("kc-passwd-update-form", Obstacle::PasswordExpired),
    ("kc-totp-settings-form", Obstacle::EnrolmentRequired),
    ("kc-update-profile-form", Obstacle::EnrolmentRequired),
    ("kc-terms-text", Obstacle::TermsRequired),
    ("duo_iframe", Obstacle::Duo),
    ("plugin_form", Obstacle::Duo),
    ("duo_form", Obstacle::Duo),
];
