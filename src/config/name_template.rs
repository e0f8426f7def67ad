//! Names of the profiles that are made for each account and role. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use super::names::{AccountId, ProfileName, RoleName};

/// The longest name, which leaves room for what tells two apart.
const MOST: usize = 48;

/// A template such as `{account_name}-{role_name}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameTemplate(String);

/// Why a template can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTemplate {
    /// A placeholder that doesn't exist.
    #[error("there is no `{{{0}}}`; there are {{account_name}}, {{account_id}} and {{role_name}}")]
    Unknown(String),
    /// Every profile would have the same name.
    #[error("it names neither {{account_name}}, {{account_id}} nor {{role_name}}")]
    Constant,
}

/// What a profile is made for.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// The account.
    pub account_id: &'a AccountId,
    /// Its name, or nothing.
    pub account_name: &'a str,
    /// The role.
    pub role_name: &'a RoleName,
}

impl Default for NameTemplate {
    fn default() -> Self {
        Self("{account_name}-{role_name}".to_owned())
    }
}

impl FromStr for NameTemplate {
    type Err = InvalidTemplate;

    fn from_str(text: &str) -> Result<Self, InvalidTemplate> {
        let mut any = false;
        for part in text.split('{').skip(1) {
            let placeholder = part.split('}').next().unwrap_or(part);
            if !["account_name", "account_id", "role_name"].contains(&placeholder) || !part.contains('}') {
                return Err(InvalidTemplate::Unknown(placeholder.to_owned()));
            }
            any = true;
        }
        if any { Ok(Self(text.to_owned())) } else { Err(InvalidTemplate::Constant) }
    }
}

impl NameTemplate {
    /// As it was typed.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A name for each, no two the same and none of those `taken`. The same roles get the same names again, whatever
    /// their order: those whose names would be the same have their account's id behind them.
    pub fn names(&self, roles: &[Named<'_>], taken: &BTreeSet<String>) -> Vec<ProfileName> {
        let plain: Vec<String> = roles.iter().map(|role| self.fill(role)).collect();
        let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
        for name in &plain {
            *uses.entry(name).or_default() += 1;
        }
        let mut used = taken.clone();
        let mut names = Vec::new();
        for (role, name) in roles.iter().zip(&plain) {
            let alone = uses[name.as_str()] == 1 && !taken.contains(name);
            let base = if alone { name.clone() } else { format!("{name}-{}", role.account_id) };
            // The same account and almost the same role: `A+B` and `A=B`.
            let mut candidates =
                std::iter::once(base.clone()).chain((2_u32..).map(|number| format!("{base}-{number}")));
            let free = candidates.find(|name| !used.contains(name)).expect("there are more numbers than profiles");
            used.insert(free.clone());
            names.push(free.parse().expect("slugs are legal names"));
        }
        names
    }

    fn fill(&self, role: &Named<'_>) -> String {
        let account_name = if role.account_name.is_empty() { role.account_id.as_str() } else { role.account_name };
        let filled = self
            .0
            .replace("{account_name}", account_name)
            .replace("{account_id}", role.account_id.as_str())
            .replace("{role_name}", role.role_name.as_str());
        slug(&filled)
    }
}

/// Small letters, digits and what may stand in a profile's name; anything else is one `-`.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        if c.is_ascii_alphanumeric() || "_.@+/".contains(c) {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.len() >= MOST {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() { "profile".to_owned() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn names(template: &str, roles: &[(&str, &str, &str)], taken: &[&str]) -> Vec<String> {
        let roles: Vec<(AccountId, &str, RoleName)> =
            roles.iter().map(|(id, name, role)| (id.parse().unwrap(), *name, role.parse().unwrap())).collect();
        let roles: Vec<Named<'_>> = roles
            .iter()
            .map(|(account_id, account_name, role_name)| Named { account_id, account_name, role_name })
            .collect();
        let taken = taken.iter().map(|name| (*name).to_owned()).collect();
        let template: NameTemplate = template.parse().unwrap();
        template.names(&roles, &taken).into_iter().map(|name| name.to_string()).collect()
    }

    const DEFAULT: &str = "{account_name}-{role_name}";

    #[test]
    fn names_are_slugs_of_what_people_call_their_accounts() {
        let roles = [("111111111111", "Größe & Co. (Dev)", "Docs_User"), ("222222222222", "", "Admin")];
        assert_eq!(names(DEFAULT, &roles, &[]), ["gr-e-co.-dev-docs_user", "222222222222-admin"]);
        assert_eq!(names("x/{role_name}", &roles, &[]), ["x/docs_user", "x/admin"]);
    }

    #[test]
    fn names_that_collide_are_told_apart_by_the_account() {
        let roles = [("111111111111", "Dev", "A"), ("222222222222", "dev", "A"), ("222222222222", "dev", "B")];
        assert_eq!(names(DEFAULT, &roles, &[]), ["dev-a-111111111111", "dev-a-222222222222", "dev-b"]);
        assert_eq!(names(DEFAULT, &roles[2..], &["dev-b"]), ["dev-b-222222222222"]);
        let same = [("111111111111", "D", "A+="), ("111111111111", "D", "A+=-")];
        assert_eq!(names(DEFAULT, &same, &[]), ["d-a+-111111111111", "d-a+-111111111111-2"]);
    }

    #[test]
    fn templates_that_mean_nothing_are_refused() {
        for template in ["x", "", "{account}", "{role_name", "{}"] {
            assert!(template.parse::<NameTemplate>().is_err(), "{template}");
        }
    }

    proptest! {
        #[test]
        fn every_name_is_legal_and_no_two_are_the_same(
            accounts in proptest::collection::vec(("[0-9]{12}", "\\PC{0,80}", "[\\w+=,.@-]{1,64}"), 1..8)
        ) {
            let roles: Vec<(&str, &str, &str)> = accounts
                .iter()
                .filter(|(_, _, role)| role.parse::<RoleName>().is_ok())
                .map(|(id, name, role)| (id.as_str(), name.as_str(), role.as_str()))
                .collect();
            let names = names(DEFAULT, &roles, &[]);
            prop_assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), roles.len());
        }
    }
}
