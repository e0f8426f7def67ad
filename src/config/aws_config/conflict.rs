//! Keys that AWS tools prefer over `credential_process`. Pure.
//!
//! Sources: botocore's `credentials.py`, where the order is role, web identity, Identity Center, the credentials
//! file, `aws login`, `credential_process`, static keys; and aws-sdk-go-v2's `resolve_credentials.go`, where a
//! source profile and static keys come first.

use super::ini::{self, LineKind, Section};
use super::process_line;

/// A line that would win over the one that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// The key.
    pub key: String,
    /// Its line, from 1.
    pub line: usize,
    /// Why it is in the way.
    pub why: &'static str,
}

impl std::fmt::Display for Conflict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` (line {}): {}", self.key, self.line, self.why)
    }
}

/// All of them in a sentence, each reason once.
pub(super) fn sentence(conflicts: &[Conflict]) -> String {
    let mut reasons: Vec<&str> = Vec::new();
    for conflict in conflicts {
        if !reasons.contains(&conflict.why) {
            reasons.push(conflict.why);
        }
    }
    let of = |reason: &&str| {
        let same = conflicts.iter().filter(|conflict| conflict.why == *reason);
        let keys: Vec<String> = same.map(|conflict| format!("`{}` (line {})", conflict.key, conflict.line)).collect();
        format!("{}: {reason}", keys.join(", "))
    };
    reasons.iter().map(of).collect::<Vec<_>>().join("; ")
}

/// Why a property of a profile is in the way of our `credential_process`, if it is.
pub(super) fn why(key: &str, value: &str) -> Option<&'static str> {
    match key {
        "role_arn" | "source_profile" | "credential_source" => {
            Some("AWS tools would assume that role instead of asking securecart")
        }
        "web_identity_token_file" => Some("AWS tools would use that token instead of asking securecart"),
        "login_session" => Some("AWS tools would use `aws login` instead of asking securecart"),
        "aws_access_key_id" | "aws_secret_access_key" | "aws_session_token" => {
            Some("several SDKs would use that key instead of asking securecart")
        }
        "credential_process" if !value.is_empty() && !process_line::is_ours(value) => {
            Some("another program gives the credentials of this profile")
        }
        _ if key.starts_with("sso_") => {
            Some("AWS tools would use their own Identity Center sign-in instead of asking securecart")
        }
        _ => None,
    }
}

/// A key of a profile in `~/.aws/config` that gives credentials, ours among them: AWS tools take those before they ask
/// a container's endpoint.
pub fn config_file_credentials(text: &str, profile: &str) -> Option<Conflict> {
    let lines = ini::lines(text);
    let wanted = Section::Profile(profile.to_owned());
    let blocks = ini::blocks(&lines).into_iter().filter(|block| block.section == wanted);
    blocks.flat_map(|block| block.body).find_map(|number| {
        let LineKind::Property { key, value } = &lines[number].kind else { return None };
        let gives = key == "credential_process" || why(key, value).is_some();
        let why = "AWS tools take the credentials of a profile before they ask the endpoint";
        gives.then(|| Conflict { key: key.clone(), line: number + 1, why })
    })
}

/// A key of the same profile in the credentials file, which AWS tools read before `credential_process`.
pub fn credentials_file_conflict(text: &str, profile: &str) -> Option<Conflict> {
    let lines = ini::lines(text);
    let named = |header: &str| header.trim() == profile || ini::section(header) == Section::Profile(profile.to_owned());
    let mut inside = false;
    for (number, line) in lines.iter().enumerate() {
        match &line.kind {
            LineKind::Header(header) => inside = named(header),
            LineKind::Property { key, .. } if inside && (key.starts_with("aws_") || why(key, "").is_some()) => {
                let why = "AWS tools read the credentials file before they ask securecart";
                return Some(Conflict { key: key.clone(), line: number + 1, why });
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_given_once_for_all_its_keys() {
        let of = |key: &str, line| Conflict { key: key.into(), line, why: why(key, "x").expect("in the way") };
        assert_eq!(
            sentence(&[of("sso_session", 2), of("login_session", 3), of("sso_region", 4)]),
            "`sso_session` (line 2), `sso_region` (line 4): AWS tools would use their own Identity Center sign-in \
             instead of asking securecart; `login_session` (line 3): AWS tools would use `aws login` instead of \
             asking securecart"
        );
    }

    #[test]
    fn a_long_lived_key_of_the_same_name_is_seen() {
        let text = "[other]\naws_access_key_id = x\n[docs]\n# mine\naws_access_key_id = AKIA\n";
        let conflict = credentials_file_conflict(text, "docs").expect("the key is there");
        assert_eq!((conflict.key.as_str(), conflict.line), ("aws_access_key_id", 5));
        assert_eq!(credentials_file_conflict(text, "prod"), None);
    }
}
