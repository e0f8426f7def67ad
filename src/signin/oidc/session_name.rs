//! From a token's subject to the name of the role session. Pure.
//!
//! The name is part of `aws:userid`, which names the folder: the same subject always has the same name, and no two
//! have one.

use sha2::{Digest as _, Sha256};

use crate::config::names::is_name_character;
use crate::config::session::RoleSessionName;

/// STS takes 64 characters.
const LONGEST: usize = 64;
/// Hexadecimal digits of the hash: half of what would be needed if somebody could look for two subjects with one name,
/// and enough against somebody who looks for one with another's.
const HASH: usize = 16;

/// The name for a subject: the subject itself where STS takes it (`alice@example.com`).
///
/// Otherwise each character that STS doesn't take becomes `-`, what is too long is cut, and `-` and a hash of the
/// subject follow, because other subjects would look the same then:
/// `repo:example/docs:ref:refs/heads/main` is `repo-example-docs-ref-refs-heads-main-` and 16 hexadecimal digits.
/// A subject that looks as if it had a hash already gets another, so that nobody can take the name of somebody else.
pub fn session_name(subject: &str) -> RoleSessionName {
    if !looks_hashed(subject)
        && let Ok(name) = subject.parse()
    {
        return name;
    }
    let legible = |c: char| if is_name_character(c) { c } else { '-' };
    let start: String = subject.chars().map(legible).take(LONGEST - HASH - 1).collect();
    let hash: String = Sha256::digest(subject.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{start}-{}", &hash[..HASH]).parse().expect("it is made of legal characters, and short enough")
}

fn looks_hashed(subject: &str) -> bool {
    let digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    subject.rsplit_once('-').is_some_and(|(_, end)| end.len() == HASH && end.bytes().all(digit))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_sts_takes_stays_and_the_rest_is_told_apart_by_a_hash() {
        for (subject, name) in [
            ("alice@example.com", "alice@example.com"),
            ("a", "a-ca978112ca1bbdca"),
            ("", "-e3b0c44298fc1c14"),
            ("repo:example/docs:ref:refs/heads/main", "repo-example-docs-ref-refs-heads-main-9e0f8c4d6f5a3c5e"),
        ] {
            let made = session_name(subject);
            assert_eq!(made.as_str().len(), name.len(), "{made}");
            assert_eq!(&made.as_str()[..name.len() - 16], &name[..name.len() - 16]);
        }
        assert_eq!(session_name("a").as_str(), "a-ca978112ca1bbdca");
        // The long ones differ where they were cut, and the cleaned ones where they were cleaned.
        let long = |end: &str| session_name(&format!("repo:example/{}{end}", "x".repeat(100)));
        assert_ne!(long("1"), long("2"));
        assert_ne!(session_name("a:b"), session_name("a/b"));
        assert_ne!(session_name("a:b"), session_name("a-b"));
        // Nobody gets the name of another by being called as it.
        let taken = session_name("repo:example/docs");
        assert_ne!(session_name(taken.as_str()), taken);
    }

    proptest! {
        #[test]
        fn every_subject_has_a_legal_name_of_its_own(subjects in proptest::collection::vec("\\PC{0,90}|[a-c:/-]{0,4}", 1..20)) {
            let mut names: HashMap<String, String> = HashMap::new();
            for subject in subjects {
                let name = session_name(&subject).to_string();
                prop_assert!(name.parse::<RoleSessionName>().is_ok());
                let before = names.insert(name, subject.clone());
                prop_assert!(before.is_none_or(|before| before == subject));
            }
        }
    }
}
