//! Environment variables written so that a shell or tool takes exactly these values, whatever is in them. Pure.
//!
//! Where no quoting means the same to every reader of a form, the value is refused rather than written almost right.

use std::fmt::Write as _;

/// Who reads the lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    /// bash, and any other POSIX shell
    #[value(aliases = ["sh", "dash", "ksh"])]
    Bash,
    /// zsh
    Zsh,
    /// fish
    Fish,
    /// PowerShell
    #[value(aliases = ["pwsh"])]
    Powershell,
    /// Windows' cmd.exe
    Cmd,
    /// Nushell: a JSON record for load-env
    #[value(aliases = ["nu"])]
    Nushell,
    /// A file of NAME=value lines, as Docker and dotenv libraries read it
    Dotenv,
    /// One JSON object
    Json,
    /// Later steps of a GitHub Actions job, masked in its log
    GithubActions,
}

/// A value that can't be written so that it is taken as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the value of {name} has a character in it that can't be written safely for {reader}")]
pub struct Unwritable {
    /// The variable.
    pub name: String,
    /// Who would misread it.
    pub reader: &'static str,
}

impl Shell {
    /// The shell of a program's name, such as `/usr/bin/zsh`.
    pub fn of_program(path: &std::path::Path) -> Option<Self> {
        match path.file_stem()?.to_str()? {
            "bash" | "sh" | "dash" | "ash" | "busybox" | "ksh" | "ksh93" | "mksh" => Some(Shell::Bash),
            "zsh" => Some(Shell::Zsh),
            "fish" => Some(Shell::Fish),
            "pwsh" | "powershell" => Some(Shell::Powershell),
            "cmd" => Some(Shell::Cmd),
            "nu" => Some(Shell::Nushell),
            _ => None,
        }
    }

    /// The text that sets these, in order. For GitHub Actions it is what goes into `$GITHUB_ENV`; `delimiter` must be
    /// a word that nobody can guess.
    ///
    /// # Errors
    /// [`Unwritable`].
    pub fn set(self, pairs: &[(&str, &str)], delimiter: &str) -> Result<String, Unwritable> {
        let mut text = String::new();
        for (name, value) in pairs {
            let refuse = |reader| Unwritable { name: (*name).to_owned(), reader };
            let line = match self {
                Shell::Bash | Shell::Zsh => format!("export {name}={}\n", posix(value)),
                Shell::Fish => format!("set -gx {name} {}\n", fish(value)),
                Shell::Powershell => format!("$env:{name} = {}\n", powershell(value)),
                Shell::Cmd => format!("set \"{name}={}\"\r\n", cmd(value).ok_or_else(|| refuse("cmd.exe"))?),
                Shell::Dotenv => format!("{name}={}\n", dotenv(value).ok_or_else(|| refuse("a dotenv file"))?),
                Shell::GithubActions => format!("{name}<<{delimiter}\n{value}\n{delimiter}\n"),
                Shell::Nushell | Shell::Json => continue,
            };
            text.push_str(&line);
        }
        if matches!(self, Shell::Nushell | Shell::Json) {
            let record: serde_json::Map<_, _> =
                pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
            let _ = writeln!(text, "{}", serde_json::Value::Object(record));
        }
        Ok(text)
    }

    /// The text that takes these out. Forms that can't remove a variable make it empty, which SDKs treat as absent.
    pub fn unset(self, names: &[&str]) -> String {
        let each = |line: &dyn Fn(&str) -> String| names.iter().map(|name| line(name)).collect::<String>();
        match self {
            Shell::Bash | Shell::Zsh => each(&|name| format!("unset {name}\n")),
            // Of a variable that isn't there, fish says so in its status only.
            Shell::Fish => each(&|name| format!("set -e {name}\n")),
            Shell::Powershell => each(&|name| format!("Remove-Item Env:{name} -ErrorAction SilentlyContinue\n")),
            Shell::Cmd => each(&|name| format!("set \"{name}=\"\r\n")),
            Shell::Dotenv | Shell::GithubActions => each(&|name| format!("{name}=\n")),
            Shell::Nushell => format!("{}\n", serde_json::json!(names)),
            Shell::Json => {
                let record: serde_json::Map<_, _> =
                    names.iter().map(|name| ((*name).to_owned(), serde_json::Value::Null)).collect();
                format!("{}\n", serde_json::Value::Object(record))
            }
        }
    }

    /// Whether what the shell has now is there while the lines are read, so that it can be unset first.
    pub fn has_variables(self) -> bool {
        !matches!(self, Shell::Dotenv | Shell::Json | Shell::Nushell | Shell::GithubActions)
    }
}

/// The line that hides a value in the log of GitHub Actions.
///
/// Source: GitHub's "Workflow commands", "Masking a value in a log"; the runner's `ActionCommand` for the escapes.
pub fn github_mask(value: &str) -> String {
    let mut text = String::new();
    // The log is searched line by line.
    for line in value.lines().filter(|line| !line.is_empty()) {
        let _ = writeln!(text, "::add-mask::{}", line.replace('%', "%25").replace('\r', "%0D"));
    }
    text
}

/// Source: POSIX.1-2024, Shell Command Language, 2.2.2 "Single-Quotes". With zsh's `RC_QUOTES` it means the same.
fn posix(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// Source: fish's documentation, "Quotes": between single quotes only `\'` and `\\` are escapes.
fn fish(value: &str) -> String {
    format!("'{}'", value.replace('\\', r"\\").replace('\'', r"\'"))
}

/// Source: the PowerShell language specification, 2.3.5.2 "String literals": each of these characters ends the string,
/// and doubled stands for itself.
fn powershell(value: &str) -> String {
    let mut quoted = String::from("'");
    for c in value.chars() {
        if matches!(c, '\'' | '\u{2018}' | '\u{2019}' | '\u{201a}' | '\u{201b}') {
            quoted.push(c);
        }
        quoted.push(c);
    }
    quoted.push('\'');
    quoted
}

/// Between the quotes of `set "…"` these are read differently on the command line, in a file, and with delayed
/// expansion; everything else is literal.
fn cmd(value: &str) -> Option<&str> {
    (!value.contains(['%', '"', '!', '^']) && !value.chars().any(char::is_control)).then_some(value)
}

/// Bare where every reader takes it so; Docker keeps quotes as part of the value.
fn dotenv(value: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_+/=:.,@-".contains(c);
    if value.chars().all(plain) {
        return Some(value.to_owned());
    }
    // Libraries differ in what a backslash means, even there.
    (!value.contains(['\'', '\\']) && !value.chars().any(char::is_control)).then(|| format!("'{value}'"))
}

#[cfg(test)]
mod tests;
