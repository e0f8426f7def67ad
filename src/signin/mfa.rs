//! The code of an MFA device: from a program, or from the person.

use std::time::Duration;

use super::Interaction;
use crate::config::profile::MfaSettings;
use crate::error::{Error, Kind, Result};
use crate::program;
use crate::secret::Secret;

/// How long the program may take where nobody is there to touch a key.
const ALONE: Duration = Duration::from_secs(10);
/// The same with a person.
const WITH_PERSON: Duration = Duration::from_secs(60);
/// The most that is read of what it prints, in bytes.
const OUTPUT_LIMIT: usize = 4096;
/// How often a person may mistype what is no code at all. A code is sent once, right or wrong.
const TRIES: usize = 3;

/// The code that the device shows now. `None` when neither a program nor a person can tell.
///
/// # Errors
/// When the program can't be run, fails, or prints no code; what the prompt says.
pub async fn mfa_code(settings: &MfaSettings, person: Option<&dyn Interaction>) -> Result<Option<Secret>> {
    if !settings.command.is_empty() {
        let patience = if person.is_some() { WITH_PERSON } else { ALONE };
        return run(&settings.command, patience).await.map(Some);
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

async fn run(words: &[String], patience: Duration) -> Result<Secret> {
    let words = words.to_vec();
    let ran = tokio::task::spawn_blocking(move || program::output(&words, OUTPUT_LIMIT, patience)).await;
    let text = ran.unwrap_or_else(|_| Ok(Secret::new("")))?;
    printed(text.expose()).ok_or_else(|| {
        Error::new(Kind::Failed, "`mfa_command` printed no code of six digits")
            .with_hint("it prints the code on its first line, by itself or behind the account's name")
    })
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
