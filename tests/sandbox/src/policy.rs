//! IAM policy documents and their evaluation.
//!
//! Owns the language: parsing, variables, wildcards, conditions and the decision. Pure: it takes
//! no clock and no request, only a [`Context`] somebody else filled in.
//!
//! Source: *IAM User Guide*, "IAM JSON policy element reference" and "Policy evaluation logic".

mod condition;
mod context;
mod document;
mod pattern;
mod principal;

pub use condition::Condition;
pub use context::Context;
pub use document::{Document, Effect, MalformedPolicy, Statement};
pub use pattern::Pattern;
pub use principal::{Caller, Naming, PrincipalElement};

/// What is asked for: one action on one resource.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// `service:Action`, compared without regard to case.
    pub action: &'a str,
    /// The resource's ARN.
    pub resource: &'a str,
    /// The condition keys of the request.
    pub context: &'a Context,
}

/// The answer of a set of policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Some statement allows it and none denies it.
    Allow,
    /// A statement denies it, whatever others say.
    ExplicitDeny,
    /// No statement speaks of it.
    ImplicitDeny,
}

/// Evaluates policies of one kind together: an explicit deny wins, then an allow, else no.
#[must_use]
pub fn evaluate<'a>(
    documents: impl IntoIterator<Item = &'a Document>,
    question: Question<'_>,
) -> Decision {
    let mut decision = Decision::ImplicitDeny;
    for document in documents {
        match document.decide(question) {
            Decision::ExplicitDeny => return Decision::ExplicitDeny,
            Decision::Allow => decision = Decision::Allow,
            Decision::ImplicitDeny => {}
        }
    }
    decision
}

/// Whether a session may do this: its identity policies allow it, and so do its session policies
/// where it has any ("Session policies" in the *IAM User Guide*: the intersection).
#[must_use]
pub fn allows(identity: &[Document], session: Option<&[Document]>, question: Question<'_>) -> bool {
    evaluate(identity, question) == Decision::Allow
        && session.is_none_or(|documents| evaluate(documents, question) == Decision::Allow)
}

#[cfg(test)]
mod tests;
