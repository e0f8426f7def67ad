//! From a folder template and the facts of an identity to the caller's own prefix. Pure.
//!
//! The variables are IAM's own, so that a template and the policy that limits the caller read the same.
//! Nothing here looks at what a person types; [`super::key`] does.

use std::collections::BTreeMap;
use std::fmt;

use crate::config::folder_template::{FolderTemplate, Piece, Variable};
use crate::error::{Explain, Kind};

/// What AWS says of the caller: the values that a template's variables stand for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// `aws:userid`: `AROA…:session-name` for a role, `AIDA…` for a user.
    pub user_id: String,
    /// `aws:username`; a role session has none.
    pub username: Option<String>,
    /// `aws:PrincipalTag/…`, where the sign-in tells them.
    pub principal_tags: BTreeMap<String, String>,
    /// `saml:sub`, after a SAML sign-in.
    pub saml_sub: Option<String>,
}

/// Why a template or what it stands for can't be a folder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// With these values it would not be a folder of its own.
    #[error("folder template `{template}` gives {problem} for this session")]
    Unfit {
        /// As configured.
        template: String,
        /// What it gives.
        problem: &'static str,
    },
    /// The identity has no such fact.
    #[error("this session has no value for `${{{variable}}}` in the folder template")]
    Unresolvable {
        /// Its name.
        variable: String,
    },
    /// The value would move the folder to another depth or place.
    #[error("the value of `${{{variable}}}` {problem}, so it can't name a folder")]
    UnsafeValue {
        /// Its name.
        variable: String,
        /// What is wrong with the value.
        problem: &'static str,
    },
}

impl Explain for TemplateError {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Self::Unfit { .. } => "the usual folder is `${aws:userid}/`".into(),
            Self::Unresolvable { .. } => {
                "role sessions always have `${aws:userid}`; tags and `${saml:sub}` depend on how you sign in".into()
            }
            Self::UnsafeValue { .. } => "ask whoever manages the identities to change the value".into(),
        })
    }
}

/// The fact that a variable stands for, if it can name a folder.
fn value<'f>(variable: &Variable, facts: &'f Facts) -> Result<&'f str, TemplateError> {
    let found = match variable {
        Variable::UserId => Some(facts.user_id.as_str()),
        Variable::Username => facts.username.as_deref(),
        Variable::PrincipalTag(tag) => facts.principal_tags.get(tag).map(String::as_str),
        Variable::SamlSub => facts.saml_sub.as_deref(),
    };
    let value = found.ok_or_else(|| TemplateError::Unresolvable { variable: variable.to_string() })?;
    let refuse = |problem| Err(TemplateError::UnsafeValue { variable: variable.to_string(), problem });
    match value {
        "" => refuse("is empty"),
        "." | ".." => refuse("is `.` or `..`"),
        _ if value.contains('/') => refuse("holds a `/`"),
        _ if value.contains('\0') => refuse("holds a NUL"),
        _ => Ok(value),
    }
}

/// The caller's own folder: never empty, no leading `/`, one trailing `/`, no empty or dot segment.
///
/// Every key that securecart names starts with it; see [`FolderPrefix::key`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderPrefix {
    text: String,
    template: FolderTemplate,
}

impl FolderPrefix {
    /// The folder of the identity that has these facts.
    ///
    /// # Errors
    /// [`TemplateError::Unresolvable`] when a fact is missing, [`TemplateError::UnsafeValue`] when a value would
    /// change the folder's depth, [`TemplateError::Unfit`] when all together would not be a folder.
    pub fn resolve(template: &FolderTemplate, facts: &Facts) -> Result<Self, TemplateError> {
        let mut text = String::new();
        for piece in template.pieces() {
            text.push_str(match piece {
                Piece::Text(text) => text,
                Piece::Variable(variable) => value(variable, facts)?,
            });
        }
        let unfit = |problem| Err(TemplateError::Unfit { template: template.to_string(), problem });
        // Values joined with the template's own text could still form `..` where neither does alone.
        if text.trim_end_matches('/').split('/').any(|segment| matches!(segment, "" | "." | "..")) {
            return unfit("an empty, `.` or `..` segment");
        }
        if text.len() >= super::key::MAX_KEY_BYTES {
            return unfit("a prefix longer than an S3 key");
        }
        Ok(Self { text, template: template.clone() })
    }

    /// The prefix as S3 sees it, with its trailing `/`.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn template(&self) -> &FolderTemplate {
        &self.template
    }
}

impl fmt::Display for FolderPrefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            user_id: "AROAEXAMPLEEXAMPLE001:alice@example.com".into(),
            username: None,
            principal_tags: BTreeMap::from([("Dept".into(), "finance".into()), ("bad".into(), "a/b".into())]),
            saml_sub: Some("..".into()),
        }
    }

    fn resolve(template: &str) -> Result<String, TemplateError> {
        Ok(FolderPrefix::resolve(&template.parse().unwrap(), &facts())?.as_str().to_owned())
    }

    #[test]
    fn variables_become_the_facts_of_the_identity() {
        assert_eq!(resolve("${aws:userid}/").unwrap(), "AROAEXAMPLEEXAMPLE001:alice@example.com/");
        assert_eq!(
            resolve("home/${aws:PrincipalTag/Dept}/u-${aws:userId}/").unwrap(),
            "home/finance/u-AROAEXAMPLEEXAMPLE001:alice@example.com/"
        );
    }

    #[test]
    fn a_missing_fact_is_its_own_error() {
        assert!(matches!(resolve("${aws:username}/"), Err(TemplateError::Unresolvable { .. })));
        assert!(matches!(resolve("${aws:PrincipalTag/dept}/"), Err(TemplateError::Unresolvable { .. })));
    }

    #[test]
    fn values_that_would_move_the_folder_are_refused() {
        assert!(matches!(resolve("${aws:PrincipalTag/bad}/"), Err(TemplateError::UnsafeValue { .. })));
        assert!(matches!(resolve("${saml:sub}/"), Err(TemplateError::UnsafeValue { .. })));
        let empty = Facts { user_id: String::new(), ..Facts::default() };
        let resolved = FolderPrefix::resolve(&FolderTemplate::default(), &empty);
        assert!(matches!(resolved, Err(TemplateError::UnsafeValue { .. })));
        let dot = Facts { user_id: ".x".into(), username: Some(".".into()), ..Facts::default() };
        let joined = FolderPrefix::resolve(&".${aws:userid}/".parse().unwrap(), &dot).unwrap();
        assert_eq!(joined.as_str(), "..x/");
        let climbing = Facts { user_id: "x".into(), saml_sub: Some(".".into()), ..Facts::default() };
        let refused = FolderPrefix::resolve(&".${saml:sub}/".parse().unwrap(), &climbing);
        assert!(matches!(refused, Err(TemplateError::UnsafeValue { .. })));
    }
}
