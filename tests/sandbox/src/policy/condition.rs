//! Condition operators.
//!
//! Owns their semantics for missing keys, several values and negation.
//! Source: *IAM User Guide*, "IAM JSON policy elements: Condition operators" and "Multivalued
//! context keys".

use std::net::IpAddr;

use jiff::Timestamp;
use serde_json::Value;

use super::Context;
use super::document::{MalformedPolicy, malformed, strings};
use super::pattern::Pattern;

/// One operator applied to one key.
#[derive(Debug, Clone)]
pub struct Condition {
    key: String,
    quantifier: Quantifier,
    if_exists: bool,
    operator: Operator,
    values: Vec<Pattern>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quantifier {
    One,
    AnyValue,
    AllValues,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Null,
    Test { test: Test, negated: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    Equal,
    EqualIgnoringCase,
    Like,
    Arn,
    Bool,
    Ip,
    Number(Comparison),
    Date(Comparison),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Condition {
    pub(super) fn parse_all(value: Option<&Value>, variables: bool) -> Result<Vec<Self>, MalformedPolicy> {
        let Some(value) = value else {
            return Ok(Vec::new());
        };
        let Value::Object(operators) = value else {
            return malformed("Condition is not an object");
        };
        let mut conditions = Vec::new();
        for (name, keys) in operators {
            let Value::Object(keys) = keys else {
                return malformed("an operator's keys are not an object");
            };
            let (quantifier, if_exists, operator) = parse_operator(name)?;
            for (key, values) in keys {
                let values = strings(values)?.iter().map(|text| Pattern::parse(text, variables)).collect();
                conditions.push(Self { key: key.clone(), quantifier, if_exists, operator, values });
            }
        }
        Ok(conditions)
    }

    /// Whether the request meets this condition.
    #[must_use]
    pub fn holds(&self, context: &Context) -> bool {
        let present = context.get(&self.key);
        let (test, negated) = match self.operator {
            Operator::Null => {
                let absent = present.is_none_or(<[String]>::is_empty);
                return self
                    .values
                    .iter()
                    .any(|it| it.literal(context).as_deref() == Some(if absent { "true" } else { "false" }));
            }
            Operator::Test { test, negated } => (test, negated),
        };
        let meets = |value: &String| self.values.iter().any(|wanted| test.meets(value, wanted, context)) != negated;
        match (present, self.quantifier) {
            (None, Quantifier::AllValues) => true,
            (None, Quantifier::AnyValue) => self.if_exists,
            // A negated operator is met by a key that isn't there.
            (None, Quantifier::One) => self.if_exists || negated,
            (Some(values), Quantifier::AllValues) => values.iter().all(meets),
            (Some(values), Quantifier::AnyValue) => values.iter().any(meets),
            (Some(values), Quantifier::One) => values.first().is_some_and(meets) && values.len() == 1,
        }
    }
}

fn parse_operator(name: &str) -> Result<(Quantifier, bool, Operator), MalformedPolicy> {
    let (quantifier, rest) = if let Some(rest) = name.strip_prefix("ForAnyValue:") {
        (Quantifier::AnyValue, rest)
    } else if let Some(rest) = name.strip_prefix("ForAllValues:") {
        (Quantifier::AllValues, rest)
    } else {
        (Quantifier::One, name)
    };
    let (if_exists, base) = match rest.strip_suffix("IfExists") {
        Some(base) => (true, base),
        None => (false, rest),
    };
    let (test, negated) = match base {
        "Null" if !if_exists => return Ok((quantifier, false, Operator::Null)),
        "StringEquals" => (Test::Equal, false),
        "StringNotEquals" => (Test::Equal, true),
        "StringEqualsIgnoreCase" => (Test::EqualIgnoringCase, false),
        "StringNotEqualsIgnoreCase" => (Test::EqualIgnoringCase, true),
        "StringLike" => (Test::Like, false),
        "StringNotLike" => (Test::Like, true),
        // "ArnEquals and ArnLike behave identically."
        "ArnLike" | "ArnEquals" => (Test::Arn, false),
        "ArnNotLike" | "ArnNotEquals" => (Test::Arn, true),
        "Bool" => (Test::Bool, false),
        "IpAddress" => (Test::Ip, false),
        "NotIpAddress" => (Test::Ip, true),
        "NumericEquals" => (Test::Number(Comparison::Equal), false),
        "NumericNotEquals" => (Test::Number(Comparison::Equal), true),
        "NumericLessThan" => (Test::Number(Comparison::Less), false),
        "NumericLessThanEquals" => (Test::Number(Comparison::LessOrEqual), false),
        "NumericGreaterThan" => (Test::Number(Comparison::Greater), false),
        "NumericGreaterThanEquals" => (Test::Number(Comparison::GreaterOrEqual), false),
        "DateEquals" => (Test::Date(Comparison::Equal), false),
        "DateNotEquals" => (Test::Date(Comparison::Equal), true),
        "DateLessThan" => (Test::Date(Comparison::Less), false),
        "DateLessThanEquals" => (Test::Date(Comparison::LessOrEqual), false),
        "DateGreaterThan" => (Test::Date(Comparison::Greater), false),
        "DateGreaterThanEquals" => (Test::Date(Comparison::GreaterOrEqual), false),
        _ => return malformed(&format!("unknown condition operator {name}")),
    };
    Ok((quantifier, if_exists, Operator::Test { test, negated }))
}

impl Test {
    fn meets(self, value: &str, wanted: &Pattern, context: &Context) -> bool {
        let literal = || wanted.literal(context);
        match self {
            Self::Like => wanted.matches(value, context),
            Self::Arn => wanted.matches_arn(value, context),
            Self::Equal => literal().is_some_and(|it| it == value),
            Self::EqualIgnoringCase | Self::Bool => literal().is_some_and(|it| it.eq_ignore_ascii_case(value)),
            Self::Ip => literal().is_some_and(|it| in_network(value, &it)),
            Self::Number(comparison) => {
                let parse = |text: &str| text.parse::<f64>().ok();
                compare(parse(value), literal().and_then(|it| parse(&it)), comparison)
            }
            Self::Date(comparison) => compare(instant(value), literal().and_then(|it| instant(&it)), comparison),
        }
    }
}

fn compare<T: PartialOrd>(value: Option<T>, wanted: Option<T>, comparison: Comparison) -> bool {
    let (Some(value), Some(wanted)) = (value, wanted) else {
        return false;
    };
    match comparison {
        Comparison::Equal => value == wanted,
        Comparison::Less => value < wanted,
        Comparison::LessOrEqual => value <= wanted,
        Comparison::Greater => value > wanted,
        Comparison::GreaterOrEqual => value >= wanted,
    }
}

/// A date as RFC 3339 or as seconds since 1970.
fn instant(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| Timestamp::from_second(text.parse().ok()?).ok())
}

fn in_network(address: &str, network: &str) -> bool {
    let (base, bits) = match network.split_once('/') {
        Some((base, bits)) => (base, bits.parse::<u32>().ok()),
        None => (network, None),
    };
    match (address.parse(), base.parse()) {
        (Ok(IpAddr::V4(address)), Ok(IpAddr::V4(base))) => {
            let shift = 32u32.saturating_sub(bits.unwrap_or(32));
            u32::from(address).checked_shr(shift) == u32::from(base).checked_shr(shift)
        }
        (Ok(IpAddr::V6(address)), Ok(IpAddr::V6(base))) => {
            let shift = 128u32.saturating_sub(bits.unwrap_or(128));
            u128::from(address).checked_shr(shift) == u128::from(base).checked_shr(shift)
        }
        _ => false,
    }
}
