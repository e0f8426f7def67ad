use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::folder::template::Facts;

const OWN: &str = "AROAEXAMPLEEXAMPLE001:alice@example.com/";

fn prefix() -> FolderPrefix {
    prefix_of("${aws:userid}/")
}

fn prefix_of(template: &str) -> FolderPrefix {
    let facts = Facts {
        user_id: OWN.trim_end_matches('/').into(),
        username: Some("alice".into()),
        principal_tags: BTreeMap::new(),
        saml_sub: None,
    };
    FolderPrefix::resolve(&template.parse().unwrap(), &facts).unwrap()
}

fn refused(typed: &str) -> bool {
    matches!(prefix().key(typed, false), Err(KeyError::OutsideOwnFolder { .. }))
}

#[test]
fn text_that_leaves_the_folder_in_any_encoding_is_refused() {
    for typed in [
        "/",
        "/x",
        "//x",
        "\\x",
        "\\\\host\\share",
        "..",
        "../",
        "../x",
        "a/../../b",
        "a/../..",
        "./../x",
        ".//x",
        "././/x",
        "..\\x",
        "a\\..\\..\\b",
        "a/..\\../b",
        "%2e%2e/",
        "%2E%2e/x",
        "..%2f",
        "..%2Fx",
        "%2e%2e%2fx",
        "a/%2e%2e/%2e%2e/b",
        "%252e%252e%252fx",
        "%25252e%25252e/x",
        "%2Fx",
        "%252Fx",
        "%5cx",
        "..%5cx",
        "%c0%ae%c0%ae/x",
        "..%c0%afx",
        "%e0%80%ae%e0%80%ae/x",
        "%u002e%u002e%u002fx",
        "．．／x",
        "..／x",
        "．．/x",
        "‥/x",
        "%ef%bc%8e%ef%bc%8e/x",
        "％2e％2e/x",
        "s3://bucket/x",
        "S3://bucket/x",
        "s3:bucket",
        "https://example.com/x",
        "HTTP://x",
        "file:///etc/passwd",
        "arn:aws:s3:::bucket/x",
        "s3%3A%2F%2Fbucket/x",
        "ftp://x/y",
        ".\t./x",
        ".\n./x",
        "..\0/x",
        "a//../../x",
        " ../x",
        ".. /x",
        "a/%2e%2e%2f%2e%2e/b",
        ".%2e/x",
        "%2e./x",
        "./%2e%2e/x",
        "../AROAEXAMPLEEXAMPLE002:bob/x",
    ] {
        assert!(refused(typed), "{typed:?} was not refused");
    }
}

#[test]
fn another_persons_folder_is_refused() {
    for typed in [
        "AROAEXAMPLEEXAMPLE002:bob@example.com/x",
        "AROAEXAMPLEEXAMPLE002:bob",
        "AROAEXAMPLEEXAMPLE002",
        "AIDAEXAMPLEEXAMPLE002/x",
        "AKIAEXAMPLEEXAMPLE00",
        "AROAEXAMPLEEXAMPLE002%3Abob/x",
        "./AROAEXAMPLEEXAMPLE002:bob/x",
        "x/../AROAEXAMPLEEXAMPLE002:bob/x",
        "123456789012:carol/x",
        "AROAEXAMPLEEXAMPLE001:alice@example.com2/x",
    ] {
        assert!(refused(typed), "{typed:?} was not refused");
    }
    let home = prefix_of("home/u-${aws:username}/");
    for typed in ["home/u-bob/x", "home/u-bob", "home/u-bob/", "x/../home/u-bob/y", "home%2fu-bob%2fx"] {
        assert!(matches!(home.key(typed, false), Err(KeyError::OutsideOwnFolder { .. })), "{typed:?}");
    }
    assert!(home.key("home/other", false).is_ok());
}

#[test]
fn everything_else_is_a_key_as_it_was_typed() {
    for typed in [
        "a",
        "a//b",
        "a/../b",
        "a/./b",
        "a/",
        "a b",
        "a%20b",
        "%41",
        "Müller/日本.txt",
        "a\u{1}b",
        "a\nb",
        "...",
        "..a",
        "a..",
        "file..txt",
        "a/..b/c",
        ".hidden",
        "~",
        "C:\\x",
        "2026:q1",
        "12345:x",
        "AROA",
        "aroaexampleexample002",
        "100%",
        "a?b#c",
        "+=&",
        "a\\b",
        "-",
        "a/b/../..",
        "%zz",
    ] {
        let key = prefix().key(typed, false).unwrap_or_else(|error| panic!("{typed:?}: {error}"));
        assert_eq!(key.as_str(), format!("{OWN}{typed}"));
        assert_eq!(key.relative(), typed);
    }
}

#[test]
fn the_folder_itself_has_three_names() {
    assert_eq!(prefix().key("", false), Err(KeyError::Empty), "a variable without a value is none of them");
    assert_eq!(prefix().key("", true), Err(KeyError::Empty));
    for typed in [".", "./", "././"] {
        let key = prefix().key(typed, false).unwrap();
        assert!(key.is_root() && key.as_str() == OWN, "{typed:?}");
    }
    assert_eq!(prefix().key("./a", false).unwrap().relative(), "a");
}

#[test]
fn typing_the_own_prefix_is_a_usage_error_that_says_what_was_meant() {
    let typed = format!("{OWN}2026/report.pdf");
    let error = prefix().key(&typed, false).unwrap_err();
    assert_eq!(error.kind(), Kind::Usage);
    assert!(error.hint().unwrap().contains("`2026/report.pdf`"));
    assert_eq!(prefix().key(OWN.trim_end_matches('/'), false).unwrap_err().kind(), Kind::Usage);
}

#[test]
fn literal_names_any_key_below_the_folder_and_none_above() {
    for typed in ["../x", "/x", "..", ".", "./a", "s3://x", OWN, "%2e%2e/"] {
        assert_eq!(prefix().key(typed, true).unwrap().as_str(), format!("{OWN}{typed}"));
    }
}

#[test]
fn keys_longer_than_s3_allows_are_refused() {
    let room = MAX_KEY_BYTES - OWN.len();
    assert!(prefix().key(&"x".repeat(room), false).is_ok());
    assert!(matches!(prefix().key(&"x".repeat(room + 1), true), Err(KeyError::TooLong { .. })));
    assert!(prefix().key(&"x".repeat(room), false).unwrap().as_folder().is_err());
}

/// A climb of one to three levels, deeper than the names before it.
fn climb() -> impl Strategy<Value = String> {
    (0_usize..3, prop::collection::vec(prop::sample::select(vec!["/", "\\"]), 8), 1_usize..3).prop_map(
        |(down, separators, above)| {
            let mut segments = vec!["d"; down];
            segments.extend(vec![".."; down + above]);
            let mut path = String::new();
            for (segment, separator) in segments.iter().zip(separators.iter().cycle()) {
                path.push_str(segment);
                path.push_str(separator);
            }
            path + "target"
        },
    )
}

/// The same text with some bytes percent-encoded, `rounds` times over.
fn encode(text: &str, which: &[bool], rounds: usize) -> String {
    let mut text = text.to_owned();
    for round in 0..rounds {
        text = text
            .bytes()
            .enumerate()
            .map(|(at, byte)| {
                let chosen = which[(at + round) % which.len()];
                let special = b"./\\%".contains(&byte);
                if special && chosen { format!("%{byte:02x}") } else { char::from(byte).to_string() }
            })
            .collect();
    }
    text
}

proptest! {
    #[test]
    fn whatever_is_typed_the_key_is_in_the_folder(typed in "\\PC{0,60}|[./\\\\%25eEfF a:]{0,40}", literal: bool) {
        if let Ok(key) = prefix().key(&typed, literal) {
            prop_assert!(key.as_str().starts_with(OWN));
            prop_assert!(key.as_str().len() <= MAX_KEY_BYTES);
            prop_assert!(typed.ends_with(key.relative()));
        }
    }

    #[test]
    fn every_climb_is_refused_however_it_is_encoded(
        path in climb(),
        which in prop::collection::vec(any::<bool>(), 1..16),
        rounds in 0_usize..4,
    ) {
        let typed = encode(&path, &which, rounds);
        prop_assert!(refused(&typed), "{typed:?} from {path:?}");
    }

    #[test]
    fn an_accepted_path_stays_below_when_a_file_system_resolves_it(typed in "([a-c.]{1,3}[/\\\\]){0,6}[a-c.]{0,3}") {
        if prefix().key(&typed, false).is_ok() {
            let mut depth = 0_i32;
            for segment in typed.split(['/', '\\']) {
                depth += match segment { "" | "." => 0, ".." => -1, _ => 1 };
                prop_assert!(depth >= 0);
            }
        }
    }
}
