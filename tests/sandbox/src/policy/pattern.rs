//! Patterns with `*`, `?` and policy variables.
//!
//! Owns matching. A variable's value is always literal: a name that contains `*` matches only
//! itself. Source: *IAM User Guide*, "IAM policy elements: Variables and tags".

use super::context::Context;

/// A parsed pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Vec<Token>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Char(char),
    Any,
    One,
    Variable { key: String, default: Option<String> },
}

/// One step of matching, after variables were replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Char(char),
    Any,
    One,
}

impl Pattern {
    /// Parses a pattern. `variables` is false for documents before version 2012-10-17, in which
    /// `${…}` is ordinary text.
    #[must_use]
    pub fn parse(text: &str, variables: bool) -> Self {
        let mut tokens = Vec::new();
        let mut rest = text;
        while let Some(next) = rest.chars().next() {
            if variables
                && let Some(inner) = rest.strip_prefix("${")
                && let Some((name, after)) = inner.split_once('}')
            {
                tokens.push(variable(name));
                rest = after;
                continue;
            }
            tokens.push(match next {
                '*' => Token::Any,
                '?' => Token::One,
                other => Token::Char(other),
            });
            rest = &rest[next.len_utf8()..];
        }
        Self(tokens)
    }

    /// Whether the whole text matches, with case.
    #[must_use]
    pub fn matches(&self, text: &str, context: &Context) -> bool {
        self.steps(context).is_some_and(|steps| glob(&steps, text))
    }

    /// Whether the whole text matches, without regard to ASCII case.
    #[must_use]
    pub fn matches_ignoring_case(&self, text: &str, context: &Context) -> bool {
        self.steps(context).is_some_and(|mut steps| {
            for step in &mut steps {
                if let Step::Char(c) = step {
                    *c = c.to_ascii_lowercase();
                }
            }
            glob(&steps, &text.to_ascii_lowercase())
        })
    }

    /// Whether an ARN matches, each of its six components apart, so that a wildcard in one cannot
    /// reach into the next (*IAM User Guide*, "ARN format", and the `ArnLike` operator).
    #[must_use]
    pub fn matches_arn(&self, arn: &str, context: &Context) -> bool {
        if self.0 == [Token::Any] {
            return true;
        }
        let mut parts = self.0.splitn(6, |token| *token == Token::Char(':'));
        let mut texts = arn.splitn(6, ':');
        loop {
            match (parts.next(), texts.next()) {
                (None, None) => return true,
                (Some(part), Some(text)) => {
                    let Some(steps) = Self(part.to_vec()).steps(context) else {
                        return false;
                    };
                    if !glob(&steps, text) {
                        return false;
                    }
                }
                _ => return false,
            }
        }
    }

    /// The text with variables replaced and wildcards taken literally, for operators that compare
    /// for equality; `None` when a variable has no value.
    #[must_use]
    pub fn literal(&self, context: &Context) -> Option<String> {
        let steps = self.steps(context)?;
        Some(
            steps
                .into_iter()
                .map(|step| match step {
                    Step::Char(c) => c,
                    Step::Any => '*',
                    Step::One => '?',
                })
                .collect(),
        )
    }

    /// Replaces variables; `None` when one has no value, for then nothing matches.
    fn steps(&self, context: &Context) -> Option<Vec<Step>> {
        let mut steps = Vec::with_capacity(self.0.len());
        for token in &self.0 {
            match token {
                Token::Char(c) => steps.push(Step::Char(*c)),
                Token::Any => steps.push(Step::Any),
                Token::One => steps.push(Step::One),
                Token::Variable { key, default } => {
                    let value = context.single(key).or(default.as_deref())?;
                    steps.extend(value.chars().map(Step::Char));
                }
            }
        }
        Some(steps)
    }
}

fn variable(name: &str) -> Token {
    match name {
        "*" | "?" | "$" => Token::Char(name.chars().next().unwrap_or('$')),
        _ => match name.split_once(',') {
            Some((key, default)) => Token::Variable {
                key: key.trim().into(),
                default: default.trim().strip_prefix('\'').and_then(|it| it.strip_suffix('\'')).map(Into::into),
            },
            None => Token::Variable { key: name.trim().into(), default: None },
        },
    }
}

/// Greedy matching with one point of return: linear in practice, never exponential.
fn glob(steps: &[Step], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut step, mut at) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match steps.get(step) {
            Some(Step::Any) => {
                retry = Some((step, at));
                step += 1;
                continue;
            }
            Some(Step::One) => {
                step += 1;
                at += 1;
                continue;
            }
            Some(Step::Char(c)) if *c == text[at] => {
                step += 1;
                at += 1;
                continue;
            }
            _ => {}
        }
        let Some((star, from)) = retry else {
            return false;
        };
        retry = Some((star, from + 1));
        step = star + 1;
        at = from + 1;
    }
    steps[step..].iter().all(|left| *left == Step::Any)
}
