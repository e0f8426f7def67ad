use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const OURS: &[(&str, &str)] =
    &[("credential_process", "/usr/bin/securecart credential-process --profile docs"), ("region", "eu-central-1")];

fn docs() -> ProfileName {
    "docs".parse().unwrap()
}

fn upsert(text: &str) -> Upserted {
    upsert_profile(text, &docs(), OURS, OnConflict::Refuse).unwrap()
}

const LINES: &str =
    "credential_process = /usr/bin/securecart credential-process --profile docs\nregion = eu-central-1\n";

#[test]
fn an_empty_file_gets_one_section() {
    assert_eq!(upsert("").text, format!("[profile docs]\n{LINES}"));
    assert_eq!(upsert("\u{feff}").text, format!("\u{feff}[profile docs]\n{LINES}"));
}

#[test]
fn a_new_profile_goes_to_the_end_after_a_blank_line() {
    let new = upsert("# mine\n[default]\nregion = us-east-1");
    assert_eq!(new.text, format!("# mine\n[default]\nregion = us-east-1\n\n[profile docs]\n{LINES}"));
    assert_eq!(new.change, Change::Added);
}

#[test]
fn windows_line_ends_are_kept() {
    let new = upsert("[default]\r\nregion = us-east-1\r\n");
    assert_eq!(new.text, format!("[default]\nregion = us-east-1\n\n[profile docs]\n{LINES}").replace('\n', "\r\n"));
    let new = upsert("[profile docs]\r\nregion=us-east-1\r\n");
    assert!(new.text.starts_with("[profile docs]\r\nregion=eu-central-1\r\ncredential_process = "));
    assert!(new.text.ends_with("docs\r\n"));
}

#[test]
fn only_the_lines_of_our_keys_change() {
    let before = "[profile docs] ; mine\n  # about\n  Region:us-east-1\n  s3 =\n    region = nested\n    max = 2\n\n; end\n[profile b]\nregion = x\n";
    let after = "[profile docs] ; mine\n  # about\n  Region:eu-central-1\n  s3 =\n    region = nested\n    max = 2\n  \
                 credential_process = /usr/bin/securecart credential-process --profile docs\n\n; end\n[profile b]\nregion = x\n";
    let new = upsert(before);
    assert_eq!((new.text.as_str(), new.change), (after, Change::Updated));
    assert_eq!(upsert(after).change, Change::Unchanged);
}

#[test]
fn the_default_profile_has_two_spellings_but_one_place() {
    let default: ProfileName = "default".parse().unwrap();
    let upsert = |text: &str| upsert_profile(text, &default, &[("region", "x")], OnConflict::Refuse);
    assert_eq!(upsert("").unwrap().text, "[default]\nregion = x\n");
    assert_eq!(upsert("[profile default]\n").unwrap().text, "[profile default]\nregion = x\n");
    let twice = upsert("[default]\n\n[profile default]\n").unwrap_err();
    assert_eq!(twice, AwsConfigError::DefinedTwice { profile: default.clone(), lines: vec![1, 3] });
}

#[test]
fn keys_that_would_win_are_refused_with_their_lines() {
    for key in ["sso_start_url", "sso_session", "role_arn", "aws_access_key_id", "web_identity_token_file"] {
        let text = format!("[profile docs]\n{key} = x\n");
        let error = upsert_profile(&text, &docs(), OURS, OnConflict::Refuse).unwrap_err();
        assert!(error.to_string().contains(&format!("`{key}` (line 2)")), "{error}");
        assert!(error.hint().unwrap().contains("--aws-profile"));
    }
    let other = upsert_profile("[profile docs]\ncredential_process = other\n", &docs(), OURS, OnConflict::Refuse);
    assert!(other.unwrap_err().to_string().contains("another program"));
    upsert("[profile other]\nsso_session = x\n");
}

#[test]
fn forced_conflicts_become_comments_with_everything_that_continues_them() {
    let before = "[profile docs]\nrole_arn = a\n   b\n\nsource_profile = c\noutput = json\ncredential_process = other\n   more\n";
    let new = upsert_profile(before, &docs(), OURS, OnConflict::CommentOut).unwrap();
    let after = "[profile docs]\n# role_arn = a\n#    b\n\n# source_profile = c\noutput = json\n\
                 credential_process = /usr/bin/securecart credential-process --profile docs\nregion = eu-central-1\n";
    assert_eq!(new.text, after);
    assert_eq!(new.commented_out, ["role_arn", "source_profile"]);
    assert_eq!(upsert(after).change, Change::Unchanged);
}

#[test]
fn a_key_that_stands_there_twice_stands_there_once_afterwards() {
    let new = upsert("[profile docs]\nregion = a\noutput = json\nregion = b\n");
    assert!(new.text.starts_with("[profile docs]\noutput = json\nregion = eu-central-1\ncredential_process = "));
}

#[test]
fn an_old_path_of_ours_is_updated_without_force() {
    let new =
        upsert("[profile docs]\ncredential_process = '/old place/securecart' credential-process --profile docs\n");
    assert_eq!(new.text, format!("[profile docs]\n{LINES}"));
}

#[test]
fn an_indented_section_below_an_empty_one_stays_a_section() {
    let new = upsert("[profile docs]\n  [profile b]\n  region = x\n");
    assert!(new.text.contains("\n  region = eu-central-1\n  [profile b]\n"), "{}", new.text);
    assert_eq!(properties(&new.text)["profile b"]["region"], "x");
}

#[test]
fn a_value_with_a_line_end_cannot_smuggle_in_a_section() {
    let smuggled = [("region", "x\n[profile admin]")];
    let error = upsert_profile("", &docs(), &smuggled, OnConflict::Refuse).unwrap_err();
    assert_eq!(error, AwsConfigError::NotOneLine { key: "region".into() });
}

/// The reading of a file that AWS tools have: header, key, value with the lines that continue it.
fn properties(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let lines = ini::lines(text);
    let mut sections: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for block in ini::blocks(&lines) {
        let LineKind::Header(header) = lines[block.header].kind else { continue };
        let section = sections.entry(header.trim().to_owned()).or_default();
        for number in block.body.clone() {
            if let LineKind::Property { key, .. } = &lines[number].kind {
                section.insert(key.clone(), whole_value(&lines, number, &block));
            }
        }
    }
    sections
}

fn any_file() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        "\\[(profile docs|profile b|default|profile \"docs\"|sso-session c|services d| profile docs )\\]( # x)?",
        "(region|Region|output|credential_process|role_arn|s3|sso_session)( ?= ?| ?: ?)(|x|a b|x # y|eu-central-1)",
        "[#;] ?(region = x|\\[profile docs\\]|ä)?",
        "",
        "garbage",
        "[ -~]{0,12}",
    ];
    let indented = ("( {0,5}|\t)", line, prop_oneof![4 => Just("\n"), 1 => Just("\r\n")]);
    (proptest::collection::vec(indented, 0..14), "\u{feff}?", any::<bool>()).prop_map(|(lines, mark, cut)| {
        let mut text = mark;
        for (indent, line, end) in lines {
            text.extend([indent.as_str(), line.as_str(), end]);
        }
        if cut { text.trim_end().to_owned() } else { text }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn nothing_else_is_disturbed(text in any_file()) {
        let Ok(new) = upsert_profile(&text, &docs(), OURS, OnConflict::CommentOut) else { return Ok(()) };
        // Doing it twice is doing it once, and needs no force any more.
        let again = upsert_profile(&new.text, &docs(), OURS, OnConflict::Refuse).expect("nothing is in the way");
        prop_assert_eq!(&again.text, &new.text);
        prop_assert_eq!(again.change, Change::Unchanged);

        // Every line that isn't of our keys is there, byte for byte and in order, as itself or as a comment.
        let lines = ini::lines(&text);
        let wanted = Section::Profile("docs".into());
        let block = ini::blocks(&lines).into_iter().find(|block| block.section == wanted);
        let mut property = String::new();
        let mut rest = new.text.as_str();
        for (number, line) in lines.iter().enumerate() {
            let inside = block.as_ref().is_some_and(|block| block.body.contains(&number));
            if let LineKind::Property { key, .. } = &line.kind {
                property = key.clone();
            }
            let value = matches!(line.kind, LineKind::Property { .. } | LineKind::Continuation(_));
            if inside && value && OURS.iter().any(|(key, _)| *key == property) {
                continue;
            }
            let at = rest.find(line.text);
            prop_assert!(at.is_some(), "lost {:?} of {:?} in {:?}", line.text, text, new.text);
            rest = &rest[at.unwrap_or(0) + line.text.len()..];
        }

        // Other sections mean what they meant, and ours says what it should.
        let (before, after) = (properties(&text), properties(&new.text));
        for (header, section) in &before {
            if ini::section(header) != wanted {
                prop_assert_eq!(Some(section), after.get(header), "in {:?}", new.text);
            }
        }
        let own = after.iter().find(|(header, _)| ini::section(header) == wanted).expect("our section").1;
        for (key, value) in OURS {
            prop_assert_eq!(own.get(*key).map(String::as_str), Some(*value));
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,80}|(\\[|\\]|profile docs|region|=|:|#| |\t|\n|\r\n|\r|\u{feff}|ä|\u{2028}){0,60}") {
        let _ = upsert_profile(&text, &docs(), OURS, OnConflict::CommentOut);
        let _ = upsert_profile(&text, &docs(), OURS, OnConflict::Refuse);
    }
}
