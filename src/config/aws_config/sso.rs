//! Identity Center settings in an AWS configuration file, for `configure --import`. Pure.

use std::collections::BTreeMap;

use super::ini::{self, LineKind, Section};

/// Where settings were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// A `[profile …]`.
    Profile,
    /// An `[sso-session …]`: an account and role are chosen later.
    SsoSession,
}

/// Settings as they are written; they are validated when they are used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundSso {
    /// The profile's or session's name.
    pub name: String,
    /// Which of the two it is.
    pub origin: Origin,
    /// `sso_start_url`.
    pub start_url: String,
    /// `sso_region`.
    pub sso_region: Option<String>,
    /// `sso_account_id`.
    pub account_id: Option<String>,
    /// `sso_role_name`.
    pub role_name: Option<String>,
    /// `region`.
    pub region: Option<String>,
    /// `sso_session`, the session that a profile uses.
    pub session: Option<String>,
    /// `sso_registration_scopes`.
    pub scopes: Option<String>,
}

/// Profiles and sessions that have a start URL, profiles first, each in the order of the file.
pub fn parse_sso(text: &str) -> Vec<FoundSso> {
    let lines = ini::lines(text);
    let sections: Vec<(Section, Properties)> = ini::blocks(&lines)
        .into_iter()
        .map(|block| {
            let properties = lines[block.body].iter().filter_map(|line| match &line.kind {
                LineKind::Property { key, value } => Some((key.clone(), without_comment(value).to_owned())),
                _ => None,
            });
            (block.section, properties.filter(|(_, value)| !value.is_empty()).collect())
        })
        .collect();
    let session_named = |wanted: &str| {
        sections.iter().find_map(|(section, properties)| match section {
            Section::SsoSession(name) if name == wanted => Some(properties),
            _ => None,
        })
    };
    let profiles = sections.iter().filter_map(|(section, properties)| match section {
        Section::Profile(name) => {
            let session = properties.get("sso_session").and_then(|session| session_named(session));
            found(name, Origin::Profile, properties, session)
        }
        _ => None,
    });
    let sessions = sections.iter().filter_map(|(section, properties)| match section {
        Section::SsoSession(name) => found(name, Origin::SsoSession, properties, None),
        _ => None,
    });
    profiles.chain(sessions).collect()
}

type Properties = BTreeMap<String, String>;

fn found(name: &str, origin: Origin, own: &Properties, session: Option<&Properties>) -> Option<FoundSso> {
    // A session's settings win over the profile's, as in the SDKs.
    let get = |key: &str| session.and_then(|session| session.get(key)).or_else(|| own.get(key)).cloned();
    Some(FoundSso {
        name: name.to_owned(),
        origin,
        start_url: get("sso_start_url")?,
        sso_region: get("sso_region"),
        account_id: own.get("sso_account_id").cloned(),
        role_name: own.get("sso_role_name").cloned(),
        region: own.get("region").cloned(),
        session: own.get("sso_session").cloned(),
        scopes: get("sso_registration_scopes"),
    })
}

/// The SDKs other than botocore end a value at a comment sign after white space.
fn without_comment(value: &str) -> &str {
    let comment = value
        .char_indices()
        .find(|(at, c)| matches!(c, '#' | ';') && value[..*at].chars().next_back().is_some_and(char::is_whitespace));
    comment.map_or(value, |(at, _)| value[..at].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn profiles_take_the_start_url_from_their_session() {
        let text = "[profile dev]\nsso_session = corp\nsso_account_id = 012345678901 # dev\nsso_role_name=Dev\n\
                    region = eu-central-1\n[sso-session corp]\nsso_start_url = https://example.awsapps.com/start#\n\
                    sso_region = eu-west-1\nsso_registration_scopes = sso:account:access\n\
                    [profile old]\nSSO_START_URL: https://old.awsapps.com/start\nsso_region: us-east-1\n\
                    [profile keys]\naws_access_key_id = AKIA\n[profile lost]\nsso_session = nowhere\n";
        let found = parse_sso(text);
        let names: Vec<_> = found.iter().map(|sso| (sso.name.as_str(), sso.origin)).collect();
        assert_eq!(names, [("dev", Origin::Profile), ("old", Origin::Profile), ("corp", Origin::SsoSession)]);
        assert_eq!(found[0].start_url, "https://example.awsapps.com/start#");
        assert_eq!(found[0].account_id.as_deref(), Some("012345678901"));
        assert_eq!(found[0].sso_region.as_deref(), Some("eu-west-1"));
        assert_eq!(found[1].start_url, "https://old.awsapps.com/start");
        assert_eq!(found[2].scopes.as_deref(), Some("sso:account:access"));
    }

    #[test]
    fn nested_blocks_are_not_a_profiles_own_settings() {
        let text = "[profile a]\ns3 =\n  sso_start_url = https://evil.example\n";
        assert_eq!(parse_sso(text), []);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,60}|(\\[profile a\\]|\\[sso-session b\\]|sso_start_url|sso_session|=|b| |#|;|\n|\r|ä){0,60}") {
            let _ = parse_sso(&text);
        }
    }
}
