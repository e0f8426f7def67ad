//! From a folder template and the facts of an identity to the caller's own prefix. Pure.
//!
//! The variables are IAM's own, so that a template and the policy that limits the caller read the same.
//! Nothing here looks at what a person types; [`super::key`] does.

use std::collections::BTreeMap;
use std::fmt;

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
    /// It would not be a folder of its own.
    #[error("folder template `{template}` {problem}")]
    Malformed {
        /// As configured.
        template: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A variable that templates don't have.
    #[error("folder template holds the unknown variable `${{{variable}}}`")]
    UnknownVariable {
        /// Its name.
        variable: String,
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
            Self::Malformed { .. } => {
                "the usual folder is `${aws:userid}/`: it ends with `/` and doesn't start with one".into()
            }
            Self::UnknownVariable { .. } => {
                "templates know `${aws:userid}`, `${aws:username}`, `${aws:PrincipalTag/NAME}` and `${saml:sub}`".into()
            }
            Self::Unresolvable { .. } => {
                "role sessions always have `${aws:userid}`; tags and `${saml:sub}` depend on how you sign in".into()
            }
            Self::UnsafeValue { .. } => "ask whoever manages the identities to change the value".into(),
        })
    }
}

/// One of IAM's policy variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Variable {
    UserId,
    Username,
    PrincipalTag(String),
    SamlSub,
}

impl Variable {
    /// Source: IAM user guide, "Policy variables": names of condition keys aren't case-sensitive; tag keys are kept as written.
    fn parse(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        match lower.as_str() {
            "aws:userid" => Some(Self::UserId),
            "aws:username" => Some(Self::Username),
            "saml:sub" => Some(Self::SamlSub),
            _ if lower.starts_with("aws:principaltag/") => {
                let tag = &name["aws:principaltag/".len()..];
                (!tag.is_empty()).then(|| Self::PrincipalTag(tag.to_owned()))
            }
            _ => None,
        }
    }

    fn name(&self) -> String {
        match self {
            Self::UserId => "aws:userid".into(),
            Self::Username => "aws:username".into(),
            Self::PrincipalTag(tag) => format!("aws:PrincipalTag/{tag}"),
            Self::SamlSub => "saml:sub".into(),
        }
    }

    fn value<'f>(&self, facts: &'f Facts) -> Result<&'f str, TemplateError> {
        let found = match self {
            Self::UserId => Some(facts.user_id.as_str()),
            Self::Username => facts.username.as_deref(),
            Self::PrincipalTag(tag) => facts.principal_tags.get(tag).map(String::as_str),
            Self::SamlSub => facts.saml_sub.as_deref(),
        };
        let value = found.ok_or_else(|| TemplateError::Unresolvable { variable: self.name() })?;
        let refuse = |problem| Err(TemplateError::UnsafeValue { variable: self.name(), problem });
        match value {
            "" => refuse("is empty"),
            "." | ".." => refuse("is `.` or `..`"),
            _ if value.contains('/') => refuse("holds a `/`"),
            _ if value.contains('\0') => refuse("holds a NUL"),
            _ => Ok(value),
        }
    }
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    Variable(Variable),
}

/// A folder template, such as `${aws:userid}/`: well formed, not yet anybody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderTemplate {
    text: String,
    pieces: Vec<Piece>,
}

impl std::str::FromStr for FolderTemplate {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        let malformed = |problem| Err(TemplateError::Malformed { template: text.to_owned(), problem });
        if text.starts_with('/') {
            return malformed("starts with `/`");
        }
        if !text.ends_with('/') {
            return malformed("doesn't end with `/`");
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find("${") {
            if start > 0 {
                pieces.push(Piece::Text(rest[..start].to_owned()));
            }
            let Some(length) = rest[start..].find('}') else { return malformed("holds a `${` without its `}`") };
            let name = &rest[start + 2..start + length];
            let variable =
                Variable::parse(name).ok_or_else(|| TemplateError::UnknownVariable { variable: name.to_owned() })?;
            pieces.push(Piece::Variable(variable));
            rest = &rest[start + length + 1..];
        }
        pieces.push(Piece::Text(rest.to_owned()));
        let template = Self { text: text.to_owned(), pieces };
        // A variable's value is never empty, `.` or `..`, so one letter stands for any of them here.
        let shape = template.render(|_| Ok("v"))?;
        if shape.contains('\0') {
            return malformed("holds a NUL");
        }
        if shape.trim_end_matches('/').split('/').any(|segment| matches!(segment, "" | "." | ".."))
            || shape.ends_with("//")
        {
            return malformed("holds an empty, `.` or `..` segment");
        }
        Ok(template)
    }
}

impl FolderTemplate {
    fn render<'v>(
        &'v self,
        mut value: impl FnMut(&'v Variable) -> Result<&'v str, TemplateError>,
    ) -> Result<String, TemplateError> {
        let mut rendered = String::new();
        for piece in &self.pieces {
            rendered.push_str(match piece {
                Piece::Text(text) => text,
                Piece::Variable(variable) => value(variable)?,
            });
        }
        Ok(rendered)
    }

    /// The folder of the identity that has these facts.
    ///
    /// # Errors
    /// [`TemplateError::Unresolvable`] when a fact is missing, [`TemplateError::UnsafeValue`] when a value would
    /// change the folder's depth, [`TemplateError::Malformed`] when it leaves no room for a key.
    pub fn resolve(&self, facts: &Facts) -> Result<FolderPrefix, TemplateError> {
        let text = self.render(|variable| variable.value(facts))?;
        // Values joined with the template's own text could still form `..` where neither does alone.
        if text.trim_end_matches('/').split('/').any(|segment| matches!(segment, "" | "." | "..")) {
            return Err(TemplateError::Malformed {
                template: self.text.clone(),
                problem: "gives an empty, `.` or `..` segment for this session",
            });
        }
        if text.len() >= super::key::MAX_KEY_BYTES {
            return Err(TemplateError::Malformed {
                template: self.text.clone(),
                problem: "gives a prefix longer than an S3 key",
            });
        }
        Ok(FolderPrefix { text, template: self.clone() })
    }

    pub(super) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }
}

impl fmt::Display for FolderTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
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
        Ok(template.parse::<FolderTemplate>()?.resolve(&facts())?.as_str().to_owned())
    }

    #[test]
    fn variables_become_the_facts_of_the_identity() {
        assert_eq!(resolve("${aws:userid}/").unwrap(), "AROAEXAMPLEEXAMPLE001:alice@example.com/");
        assert_eq!(
            resolve("home/${aws:PrincipalTag/Dept}/u-${aws:userId}/").unwrap(),
            "home/finance/u-AROAEXAMPLEEXAMPLE001:alice@example.com/"
        );
        assert_eq!(resolve("literal/").unwrap(), "literal/");
    }

    #[test]
    fn a_missing_fact_is_its_own_error() {
        assert!(matches!(resolve("${aws:username}/"), Err(TemplateError::Unresolvable { .. })));
        assert!(matches!(resolve("${aws:PrincipalTag/dept}/"), Err(TemplateError::Unresolvable { .. })));
        assert!(matches!(resolve("${aws:SourceIp}/"), Err(TemplateError::UnknownVariable { .. })));
    }

    #[test]
    fn values_that_would_move_the_folder_are_refused() {
        assert!(matches!(resolve("${aws:PrincipalTag/bad}/"), Err(TemplateError::UnsafeValue { .. })));
        assert!(matches!(resolve("${saml:sub}/"), Err(TemplateError::UnsafeValue { .. })));
        let empty = Facts { user_id: String::new(), ..Facts::default() };
        let template: FolderTemplate = "${aws:userid}/".parse().unwrap();
        assert!(matches!(template.resolve(&empty), Err(TemplateError::UnsafeValue { .. })));
        let dot = Facts { user_id: ".x".into(), username: Some("x.".into()), ..Facts::default() };
        let joined: FolderTemplate = ".${aws:username}/".parse().unwrap();
        assert_eq!(joined.resolve(&dot).unwrap().as_str(), ".x./");
    }

    #[test]
    fn templates_that_are_no_folder_are_refused() {
        for text in
            ["", "/", "//", "a", "/a/", "a//", "../", "./a/", "a/../", "${aws:userid}", "${aws:userid/", "a//b/"]
        {
            assert!(text.parse::<FolderTemplate>().is_err(), "{text}");
        }
    }
}
