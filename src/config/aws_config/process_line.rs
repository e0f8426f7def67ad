//! The command line in `credential_process`, quoted so that every SDK splits it the same way. Pure.
//!
//! botocore splits it itself (`shlex` rules, on Windows the C runtime's); Go, Rust, Java and JavaScript hand it
//! to `sh -c` or `cmd.exe /C`. Single quotes mean the same to `shlex` and `sh`.
//! Sources: botocore's `compat_shell_split`; AWS CLI user guide, "Sourcing credentials with an external process";
//! `cmd /?` on how quotes after `/C` are treated.

use crate::config::names::ProfileName;

/// Whose rules the command line is quoted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// `sh` and `shlex`.
    Posix,
    /// `cmd.exe` and the Windows C runtime.
    Windows,
}

impl Shell {
    /// This system's.
    pub const fn native() -> Self {
        if cfg!(windows) { Shell::Windows } else { Shell::Posix }
    }
}

/// A path of this program that can't be written so that every SDK can start it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the path of this program, {path:?}, has {what}, which AWS tools can't start")]
pub struct CommandLineProblem {
    /// The path.
    pub path: String,
    /// What is in it.
    pub what: &'static str,
}

/// The command line that gives the credentials of a profile.
///
/// # Errors
/// [`CommandLineProblem`] when no quoting makes the path safe for every SDK.
pub fn process_line(program: &str, profile: &ProfileName, shell: Shell) -> Result<String, CommandLineProblem> {
    let refuse = |what| Err(CommandLineProblem { path: program.to_owned(), what });
    if program.chars().any(char::is_control) {
        return refuse("a control character");
    }
    // The Rust SDK ends a value at a comment sign after white space, even between quotes.
    if [" #", " ;", "\t#", "\t;"].iter().any(|comment| program.contains(comment)) {
        return refuse("a space before `#` or `;`");
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "_@+:,./-".contains(c);
    let program = match shell {
        Shell::Posix if program.chars().all(plain) => program.to_owned(),
        Shell::Posix => format!("'{}'", program.replace('\'', r"'\''")),
        Shell::Windows if program.chars().all(|c| plain(c) || c == '\\' || c == '~') => program.to_owned(),
        // `cmd /C` keeps a pair of quotes only when none of these stand between them; `%` is expanded even there.
        Shell::Windows if program.contains(['&', '<', '>', '(', ')', '@', '^', '|', '%', '"', '\'', '!']) => {
            return refuse("one of `&<>()@^|%\"'!`");
        }
        Shell::Windows => format!("\"{program}\""),
    };
    Ok(format!("{program} credential-process --profile {profile}"))
}

/// Whether a `credential_process` value is one that this program wrote, wherever it was installed then.
pub fn is_ours(value: &str) -> bool {
    let Some((program, _)) = value.split_once(" credential-process") else { return false };
    let name = program.trim_matches(['"', '\'']).rsplit(['/', '\\']).next().unwrap_or("");
    matches!(name.to_ascii_lowercase().as_str(), "securecart" | "securecart.exe")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(program: &str, shell: Shell) -> Result<String, CommandLineProblem> {
        process_line(program, &"docs".parse().expect("a name"), shell)
    }

    #[test]
    fn ordinary_paths_need_no_quotes() {
        let expected = "/usr/local/bin/securecart credential-process --profile docs";
        assert_eq!(line("/usr/local/bin/securecart", Shell::Posix).unwrap(), expected);
        let expected = r"C:\Tools\securecart.exe credential-process --profile docs";
        assert_eq!(line(r"C:\Tools\securecart.exe", Shell::Windows).unwrap(), expected);
    }

    #[test]
    fn spaces_quotes_and_dollars_stay_in_one_word() {
        let posix = |program| line(program, Shell::Posix).unwrap().replace(" credential-process --profile docs", "");
        assert_eq!(posix("/opt/my tools/securecart"), "'/opt/my tools/securecart'");
        assert_eq!(posix("/home/o'neil/securecart"), r"'/home/o'\''neil/securecart'");
        assert_eq!(posix("/opt/$HOME`x`/securecart"), "'/opt/$HOME`x`/securecart'");
        let windows = line(r"C:\Program Files\securecart.exe", Shell::Windows).unwrap();
        assert_eq!(windows, r#""C:\Program Files\securecart.exe" credential-process --profile docs"#);
    }

    #[test]
    fn paths_that_some_sdk_could_not_start_are_refused() {
        assert!(line("/opt/a #b/securecart", Shell::Posix).is_err());
        assert!(line("/opt/a\nb/securecart", Shell::Posix).is_err());
        assert!(line(r"C:\Program Files (x86)\securecart.exe", Shell::Windows).is_err());
        assert!(line(r"C:\100%\securecart.exe", Shell::Windows).is_err());
    }

    #[test]
    fn our_own_line_is_recognised_after_a_move() {
        for (program, shell) in [
            ("/old/securecart", Shell::Posix),
            ("/a b/securecart", Shell::Posix),
            (r"C:\a b\SecureCart.exe", Shell::Windows),
        ] {
            assert!(is_ours(&line(program, shell).unwrap()), "{program}");
        }
        assert!(!is_ours("aws-vault exec docs --json"));
        assert!(!is_ours("/opt/other credential-process --profile docs"));
    }
}
