//! Whether other tools' profiles get their credentials from us: then they can't be where ours come from. Pure.

use super::ini::{self, LineKind, Section};
use super::process_line::is_ours;

/// More profiles than this one after the other are a loop of their own.
const DEEPEST: usize = 16;

/// The profile of ours that an AWS profile asks, itself or through its `source_profile`.
pub fn asks_us_for(text: &str, profile: &str) -> Option<String> {
    let lines = ini::lines(text);
    let blocks = ini::blocks(&lines);
    let value = |profile: &str, wanted: &str| {
        let section = Section::Profile(profile.to_owned());
        let bodies = blocks.iter().filter(|block| block.section == section).flat_map(|block| block.body.clone());
        bodies.into_iter().find_map(|number| match &lines.get(number)?.kind {
            LineKind::Property { key, value } if key == wanted => Some(value.trim().to_owned()),
            _ => None,
        })
    };
    let mut at = profile.to_owned();
    for _ in 0..DEEPEST {
        if let Some(process) = value(&at, "credential_process").filter(|process| is_ours(process)) {
            return process.split_whitespace().skip_while(|word| *word != "--profile").nth(1).map(ToOwned::to_owned);
        }
        at = value(&at, "source_profile")?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_entry_is_found_through_other_profiles() {
        let text = "[profile docs]\ncredential_process = /usr/bin/securecart credential-process --profile docs\n\
                    [profile admin]\nrole_arn = x\nsource_profile = docs\n\
                    [profile loop]\nsource_profile = loop\n\
                    [profile other]\ncredential_process = /usr/bin/other --profile docs\n";
        assert_eq!(asks_us_for(text, "docs").as_deref(), Some("docs"));
        assert_eq!(asks_us_for(text, "admin").as_deref(), Some("docs"));
        for profile in ["loop", "other", "none"] {
            assert_eq!(asks_us_for(text, profile), None, "{profile}");
        }
    }
}
