//! Taking out a profile that this program wrote. Pure.

use super::ini::{self, LineKind, Section};
use super::process_line::is_ours;
use crate::config::names::ProfileName;

/// The lines this program writes into a profile.
const WRITTEN: [&str; 3] = ["credential_process", "region", "endpoint_url"];

/// The text without the profile, where its credentials come from this program and this profile of it. What else stands
/// in the section stays, with its header; every other byte stays in any case.
pub fn remove_profile(text: &str, profile: &ProfileName) -> String {
    let lines = ini::lines(text);
    let wanted = Section::Profile(profile.to_string());
    let blocks: Vec<ini::Block> = ini::blocks(&lines).into_iter().filter(|block| block.section == wanted).collect();
    let [block] = blocks.as_slice() else { return text.to_owned() };
    if !lines[block.body.clone()].iter().any(|line| is_ours_of(line, profile.as_str())) {
        return text.to_owned();
    }
    let written = |line: &ini::Line<'_>| match &line.kind {
        LineKind::Property { key, .. } => WRITTEN.contains(&key.as_str()),
        _ => false,
    };
    // Blank lines and comments at the end of a section belong to what follows it.
    let end =
        block.body.clone().rev().find(|number| !matches!(lines[*number].kind, LineKind::Blank | LineKind::Comment));
    let body = block.header + 1..end.map_or(block.header, |last| last) + 1;
    let empty = lines[body.clone()].iter().all(written);
    let mut new = String::with_capacity(text.len());
    for (number, line) in lines.iter().enumerate() {
        let gone = (number == block.header && empty) || (body.contains(&number) && written(line));
        // The blank line that set the section apart goes with it.
        let gap = empty && number + 1 == block.header && line.kind == LineKind::Blank;
        if !gone && !gap {
            new.push_str(line.text);
        }
    }
    new
}

/// The profiles whose credentials don't come from this program and the profile of the same name.
pub fn foreign_profiles(text: &str) -> Vec<String> {
    let lines = ini::lines(text);
    let foreign = ini::blocks(&lines).into_iter().filter_map(|block| match block.section {
        Section::Profile(name) if !lines[block.body.clone()].iter().any(|line| is_ours_of(line, &name)) => Some(name),
        _ => None,
    });
    foreign.collect()
}

fn is_ours_of(line: &ini::Line<'_>, profile: &str) -> bool {
    let ours = |value: &str| is_ours(value) && value.ends_with(&format!(" --profile {profile}"));
    matches!(&line.kind, LineKind::Property { key, value } if key == "credential_process" && ours(value))
}

#[cfg(test)]
mod tests {
    use super::super::{OnConflict, upsert_profile};
    use super::*;
    use proptest::prelude::*;

    fn remove(text: &str) -> String {
        remove_profile(text, &"dev".parse().unwrap())
    }

    const OURS: &str = "credential_process = /usr/bin/securecart credential-process --profile dev\n";

    #[test]
    fn what_was_written_is_taken_out_with_its_gap() {
        let text = format!("[default]\nregion = x\n\n[profile dev]\n{OURS}region = y\n\n# next\n[profile b]\n");
        assert_eq!(remove(&text), "[default]\nregion = x\n\n# next\n[profile b]\n");
    }

    #[test]
    fn what_a_person_added_stays_with_its_header() {
        let text = format!("[profile dev]\n{OURS}output = json\n");
        assert_eq!(remove(&text), "[profile dev]\noutput = json\n");
    }

    #[test]
    fn a_profile_that_is_not_ours_is_left_alone() {
        for text in [
            "[profile dev]\nregion = x\n",
            "[profile dev]\ncredential_process = /usr/bin/other --profile dev\n",
            "[profile dev]\ncredential_process = /usr/bin/securecart credential-process --profile other\n",
            "[profile devel]\ncredential_process = /usr/bin/securecart credential-process --profile dev\n",
        ] {
            assert_eq!(remove(text), text);
            assert_eq!(foreign_profiles(text).len(), 1);
        }
        assert!(foreign_profiles(&format!("[profile dev]\n{OURS}")).is_empty());
    }

    proptest! {
        #[test]
        fn removing_what_was_added_gives_the_text_back(text in "((\\[default\\]|\\[profile b\\]|# c|region = x|)\n){0,8}") {
            let pairs = [("credential_process", "securecart credential-process --profile dev"), ("region", "r")];
            let added = upsert_profile(&text, &"dev".parse().unwrap(), &pairs, OnConflict::Refuse).unwrap();
            let removed = remove(&added.text);
            prop_assert!(removed == text || removed.trim_end() == text.trim_end(), "{:?}", removed);
        }
    }
}
