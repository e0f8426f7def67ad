//! The code of an MFA device: from a program, or from the person.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use zeroize::Zeroizing;

use super::Interaction;
use crate::config::profile::MfaSettings;
use crate::config::variable;
use crate::error::{Error, Kind, Result};
use crate::process::unlimited;
use crate::secret::Secret;

/// How long the program may take where nobody is there to touch a key.
const ALONE: Duration = Duration::from_secs(10);
/// The same with a person.
const WITH_PERSON: Duration = Duration::from_secs(60);
/// The most that is read of what it prints, in bytes.
const OUTPUT_LIMIT: u64 = 4096;
/// How often a person may mistype what is no code at all. A code is sent once, right or wrong.
const TRIES: usize = 3;

/// The code that the device shows now. `None` when neither a program nor a person can tell.
///
/// # Errors
/// When the program can't be run, fails, or prints no code; what the prompt says.
pub async fn mfa_code(settings: &MfaSettings, person: Option<&dyn Interaction>) -> Result<Option<Secret>> {
    if !settings.command.is_empty() {
        return run(&settings.command, person.is_some()).await.map(Some);
    }
    let Some(person) = person else { return Ok(None) };
    for _ in 0..TRIES {
        let typed = person.ask_secret(&format!("Code of MFA device {}", settings.serial))?;
        if let Some(code) = code(typed.expose()) {
            return Ok(Some(code));
        }
        person.say("a code has six digits");
    }
    Err(Error::new(Kind::NotSignedIn, "no code of six digits was typed"))
}

async fn run(words: &[String], with_person: bool) -> Result<Secret> {
    let program = words.first().map(String::as_str).unwrap_or_default();
    let failed = |problem: &str| {
        Error::new(Kind::Failed, format!("`mfa_command` {problem}")).with_hint(format!(
            "it is `{}`, and prints the code of six digits on its first line",
            words.join(" ").escape_debug()
        ))
    };
    let mut command = Command::new(program);
    command.args(words.get(1..).unwrap_or_default());
    // What asks for a touch or a PIN does so on the terminal; where nobody is, nobody is told.
    let (stdin, stderr) =
        if with_person { (Stdio::inherit(), Stdio::inherit()) } else { (Stdio::null(), Stdio::null()) };
    command.stdin(stdin).stdout(Stdio::piped()).stderr(stderr).kill_on_drop(true);
    command.env_remove(variable::PASSPHRASE).env_remove(variable::PASSPHRASE_FD);
    let mut child = unlimited(|| command.spawn()).map_err(|error| failed(&format!("can't be started: {error}")))?;
    let stdout = child.stdout.take();
    let patience = if with_person { WITH_PERSON } else { ALONE };
    let ended = tokio::time::timeout(patience, async {
        let mut text = Zeroizing::new(Vec::with_capacity(OUTPUT_LIMIT as usize));
        if let Some(stdout) = stdout {
            stdout.take(OUTPUT_LIMIT).read_to_end(&mut text).await?;
        }
        Ok::<_, std::io::Error>((text, child.wait().await?))
    });
    match ended.await {
        Err(_) => Err(failed(&format!("took more than {} s", patience.as_secs()))),
        Ok(Err(error)) => Err(failed(&format!("can't be read: {error}"))),
        Ok(Ok((_, status))) if !status.success() => Err(failed(&format!("failed ({status})"))),
        Ok(Ok((text, _))) => {
            std::str::from_utf8(&text).ok().and_then(printed).ok_or_else(|| failed("printed no code of six digits"))
        }
    }
}

/// The last word of the first line: programs print the account before its code.
fn printed(text: &str) -> Option<Secret> {
    text.lines().find(|line| !line.trim().is_empty())?.split_whitespace().next_back().and_then(code)
}

fn code(text: &str) -> Option<Secret> {
    let text = text.trim();
    (text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| Secret::new(text))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn codes_are_found_where_programs_print_them() {
        let found = |text: &str| printed(text).map(|code| code.expose().to_owned());
        assert_eq!(found("123456\n").as_deref(), Some("123456"));
        assert_eq!(found("\nAWS:dana  012345\r\nmore 999999\n").as_deref(), Some("012345"));
        for text in ["", "\n", "12345", "1234567", "code: none\n123456", "12345\u{661}"] {
            assert_eq!(found(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_printed_only_six_digits_are_taken(text in "(\\PC|\n|[0-9]){0,40}") {
            if let Some(code) = printed(&text) {
                prop_assert!(code.expose().len() == 6 && code.expose().bytes().all(|byte| byte.is_ascii_digit()));
            }
        }
    }
}
