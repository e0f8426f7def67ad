//! A policy document: versions and statements.
//!
//! Owns parsing, which refuses what IAM refuses rather than skipping it. Never fetches a document.

use serde_json::{Map, Value};

use super::condition::Condition;
use super::pattern::Pattern;
use super::principal::PrincipalElement;
use super::{Context, Decision, Question};

/// Why IAM would not take a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MalformedPolicy(pub String);

impl std::fmt::Display for MalformedPolicy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for MalformedPolicy {}

/// A parsed policy.
#[derive(Debug, Clone)]
pub struct Document {
    statements: Vec<Statement>,
}

/// Whether a statement gives or takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Gives.
    Allow,
    /// Takes, whatever other statements give.
    Deny,
}

/// One statement.
#[derive(Debug, Clone)]
pub struct Statement {
    effect: Effect,
    principal: Option<PrincipalElement>,
    actions: Choice,
    resources: Option<Choice>,
    conditions: Vec<Condition>,
}

/// An element or its `Not…` twin.
#[derive(Debug, Clone)]
struct Choice {
    negated: bool,
    patterns: Vec<Pattern>,
}

impl Document {
    /// Parses an identity or session policy: resources are required, principals refused.
    ///
    /// # Errors
    /// When IAM would refuse the document.
    pub fn parse(json: &str) -> Result<Self, MalformedPolicy> {
        let document = Self::parse_any(json)?;
        if document.statements.iter().any(|it| it.principal.is_some()) {
            return malformed("a principal is not allowed here");
        }
        if document.statements.iter().any(|it| it.resources.is_none()) {
            return malformed("a statement has no Resource");
        }
        Ok(document)
    }

    /// Parses a role's trust policy: principals are required, resources refused.
    ///
    /// # Errors
    /// When IAM would refuse the document.
    pub fn parse_trust(json: &str) -> Result<Self, MalformedPolicy> {
        let document = Self::parse_any(json)?;
        if document.statements.iter().any(|it| it.principal.is_none()) {
            return malformed("a statement has no Principal");
        }
        if document.statements.iter().any(|it| it.resources.is_some()) {
            return malformed("a resource is not allowed here");
        }
        Ok(document)
    }

    fn parse_any(json: &str) -> Result<Self, MalformedPolicy> {
        let value: Value = serde_json::from_str(json).map_err(|error| MalformedPolicy(error.to_string()))?;
        let Value::Object(object) = value else {
            return malformed("a policy is a JSON object");
        };
        known(&object, &["Version", "Id", "Statement"])?;
        let variables = match object.get("Version") {
            None => false,
            Some(Value::String(version)) if version == "2012-10-17" => true,
            Some(Value::String(version)) if version == "2008-10-17" => false,
            Some(_) => return malformed("unknown Version"),
        };
        let statements = match object.get("Statement") {
            Some(Value::Array(items)) => items.iter().map(|it| Statement::parse(it, variables)).collect(),
            Some(one @ Value::Object(_)) => Statement::parse(one, variables).map(|it| vec![it]),
            _ => return malformed("no Statement"),
        }?;
        Ok(Self { statements })
    }

    /// What this document says of a question, principals aside.
    #[must_use]
    pub fn decide(&self, question: Question<'_>) -> Decision {
        self.decide_for(question, |_| true)
    }

    /// What this document says of a question, for statements whose principal passes.
    pub(crate) fn decide_for(&self, question: Question<'_>, principal: impl Fn(&PrincipalElement) -> bool) -> Decision {
        let mut decision = Decision::ImplicitDeny;
        for statement in &self.statements {
            let named = statement.principal.as_ref().is_none_or(&principal);
            if !named || !statement.covers(question) {
                continue;
            }
            match statement.effect {
                Effect::Deny => return Decision::ExplicitDeny,
                Effect::Allow => decision = Decision::Allow,
            }
        }
        decision
    }
}

impl Statement {
    fn parse(value: &Value, variables: bool) -> Result<Self, MalformedPolicy> {
        let Value::Object(object) = value else {
            return malformed("a statement is a JSON object");
        };
        known(object, &["Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition"])?;
        let effect = match object.get("Effect").and_then(Value::as_str) {
            Some("Allow") => Effect::Allow,
            Some("Deny") => Effect::Deny,
            _ => return malformed("Effect is neither Allow nor Deny"),
        };
        // Variables are not allowed in actions, so they stay ordinary text there.
        let actions = Choice::parse(object, "Action", "NotAction", false)?;
        let Some(actions) = actions else {
            return malformed("a statement has no Action");
        };
        Ok(Self {
            effect,
            principal: object.get("Principal").map(PrincipalElement::parse).transpose()?,
            actions,
            resources: Choice::parse(object, "Resource", "NotResource", variables)?,
            conditions: Condition::parse_all(object.get("Condition"), variables)?,
        })
    }

    fn covers(&self, question: Question<'_>) -> bool {
        let none = Context::new();
        self.actions.chooses(|it| it.matches_ignoring_case(question.action, &none))
            && self
                .resources
                .as_ref()
                .is_none_or(|it| it.chooses(|pattern| pattern.matches_arn(question.resource, question.context)))
            && self.conditions.iter().all(|it| it.holds(question.context))
    }
}

impl Choice {
    fn parse(
        object: &Map<String, Value>,
        name: &str,
        negated_name: &str,
        variables: bool,
    ) -> Result<Option<Self>, MalformedPolicy> {
        let (negated, value) = match (object.get(name), object.get(negated_name)) {
            (Some(_), Some(_)) => return malformed(&format!("both {name} and {negated_name}")),
            (Some(value), None) => (false, value),
            (None, Some(value)) => (true, value),
            (None, None) => return Ok(None),
        };
        let texts = strings(value)?;
        if texts.is_empty() {
            return malformed(&format!("{name} is empty"));
        }
        let patterns = texts.iter().map(|text| Pattern::parse(text, variables)).collect();
        Ok(Some(Self { negated, patterns }))
    }

    fn chooses(&self, matches: impl Fn(&Pattern) -> bool) -> bool {
        self.patterns.iter().any(matches) != self.negated
    }
}

/// One string or a list of them.
pub(super) fn strings(value: &Value) -> Result<Vec<String>, MalformedPolicy> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(flag) => Ok(flag.to_string()),
        Value::Number(number) => Ok(number.to_string()),
        _ => malformed("expected a string"),
    };
    match value {
        Value::Array(items) => items.iter().map(one).collect(),
        other => one(other).map(|it| vec![it]),
    }
}

fn known(object: &Map<String, Value>, names: &[&str]) -> Result<(), MalformedPolicy> {
    match object.keys().find(|key| !names.contains(&key.as_str())) {
        Some(key) => malformed(&format!("unknown element {key}")),
        None => Ok(()),
    }
}

pub(super) fn malformed<T>(why: &str) -> Result<T, MalformedPolicy> {
    Err(MalformedPolicy(why.into()))
}
