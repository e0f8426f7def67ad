//! Session tags of `AssumeRole`, and those that role chaining keeps.
//!
//! Source: *IAM User Guide*, "Pass session tags in AWS STS", with "Chaining roles with session tags".

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;

use super::{Parameters, Refusal};
use crate::principal::Principal;

/// The tags of one request and of the session it makes.
#[derive(Debug, Default)]
pub(super) struct Tags {
    /// What the request asks for: `aws:RequestTag/…`.
    pub asked: BTreeMap<String, String>,
    /// What the session has: the tags asked for, and the caller's transitive ones.
    pub all: BTreeMap<String, String>,
    /// The keys that the next session keeps too.
    pub transitive: BTreeSet<String>,
}

impl Tags {
    pub(super) fn read(parameters: &Parameters, caller: &Principal) -> Result<Self, Refusal> {
        let asked = asked(parameters)?;
        let mut transitive = BTreeSet::new();
        for key in members(parameters, "TransitiveTagKeys.member", "") {
            if !asked.contains_key(key) {
                return Err(Refusal::invalid(
                    "The specified transitive tag key must be included in the requested tags.",
                ));
            }
            transitive.insert(key.to_owned());
        }
        let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
        if caller.transitive.iter().any(|kept| asked.keys().any(|key| same(key, kept))) {
            let message = "One of the specified transitive tag keys can't be set because it conflicts with a transitive \
                           tag key from the calling session.";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "InvalidParameterValue", message));
        }
        let mut all = asked.clone();
        for key in &caller.transitive {
            all.extend(caller.tags.get(key).map(|value| (key.clone(), value.clone())));
        }
        transitive.extend(caller.transitive.iter().cloned());
        Ok(Self { asked, all, transitive })
    }
}

fn asked(parameters: &Parameters) -> Result<BTreeMap<String, String>, Refusal> {
    let keys = members(parameters, "Tags.member", ".Key");
    let values = members(parameters, "Tags.member", ".Value");
    if keys.len() > 50 {
        return Err(Refusal::invalid("Member must have length less than or equal to 50"));
    }
    let mut tags: BTreeMap<String, String> = BTreeMap::new();
    for (key, value) in keys.iter().zip(values) {
        // AWS takes every letter, number and separator of Unicode.
        let legal = |c: char| c.is_alphanumeric() || c.is_whitespace() && !c.is_control() || "_.:/=+-@".contains(c);
        if !(1..=128).contains(&key.chars().count()) || value.chars().count() > 256 {
            return Err(Refusal::invalid("Tag keys have 1 to 128 characters, values at most 256"));
        }
        if !key.chars().all(legal) || !value.chars().all(legal) || key.to_ascii_lowercase().starts_with("aws:") {
            return Err(Refusal::invalid("Tags must satisfy [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+ and not begin with aws:"));
        }
        if tags.keys().any(|other| other.eq_ignore_ascii_case(key)) {
            let message = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "InvalidParameterValue", message));
        }
        tags.insert((*key).to_owned(), value.to_owned());
    }
    Ok(tags)
}

/// A list of the Query protocol, from member 1 until one is missing.
pub(super) fn members<'p>(parameters: &'p Parameters, list: &str, field: &str) -> Vec<&'p str> {
    (1..).map_while(|number| parameters.get(&format!("{list}.{number}{field}"))).map(String::as_str).collect()
}
