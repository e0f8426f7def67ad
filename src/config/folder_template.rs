//! The template of the caller's folder, such as `${aws:userid}/`. Pure.
//!
//! A template without a variable would be one folder shared by everybody, and is refused.

use std::fmt;

/// Why a template can't name one person's folder.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FolderProblem {
    /// Nothing in it.
    #[error("the folder is empty, which would be the whole bucket")]
    Empty,
    /// `ListBucket` conditions are on the prefix with its slash.
    #[error("the folder does not end with `/`")]
    NoSlashAtEnd,
    /// S3 keys have no leading slash.
    #[error("the folder starts with `/`")]
    SlashAtStart,
    /// `.`, `..` or nothing between two slashes.
    #[error("the folder has a `{0}` segment")]
    Segment(String),
    /// A character nobody types into a folder name.
    #[error("the folder holds a control character")]
    ControlCharacter,
    /// Longer than a key can be.
    #[error("the folder is longer than {LENGTH_LIMIT} bytes")]
    TooLong,
    /// `${` without `}`.
    #[error("the folder has a `${{` that is not closed")]
    Unclosed,
    /// A variable that sign-in can't give a value.
    #[error("the folder has an unknown variable `${{{0}}}`")]
    UnknownVariable(String),
    /// The same folder for everybody.
    #[error("the folder has no variable, so everybody would share it")]
    NoVariable,
}

impl FolderProblem {
    /// What to write instead.
    pub fn hint(&self) -> &'static str {
        "write for example `${aws:userid}/`; the variables are ${aws:userid}, ${aws:username}, \
         ${aws:PrincipalTag/KEY} and ${saml:sub}"
    }
}

/// The longest template, in bytes: half of an S3 key, which is 1,024.
const LENGTH_LIMIT: usize = 512;

/// One of IAM's policy variables, as far as a sign-in can tell its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Variable {
    /// `aws:userid`.
    UserId,
    /// `aws:username`.
    Username,
    /// `aws:PrincipalTag/KEY`.
    PrincipalTag(String),
    /// `saml:sub`.
    SamlSub,
}

impl Variable {
    /// Source: IAM user guide, "Policy variables": names of condition keys aren't case-sensitive, tag keys are kept as
    /// written; "Rules for tagging": keys of 1 to 128 letters, digits, spaces and `_.:/=+-@`.
    fn parse(name: &str) -> Option<Self> {
        const TAG: &str = "aws:principaltag/";
        let legal = |key: &str| {
            (1..=128).contains(&key.chars().count())
                && key.chars().all(|c| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c))
        };
        match name.to_ascii_lowercase().as_str() {
            "aws:userid" => Some(Self::UserId),
            "aws:username" => Some(Self::Username),
            "saml:sub" => Some(Self::SamlSub),
            lower if lower.starts_with(TAG) => {
                let key = &name[TAG.len()..];
                legal(key).then(|| Self::PrincipalTag(key.to_owned()))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UserId => f.write_str("aws:userid"),
            Self::Username => f.write_str("aws:username"),
            Self::PrincipalTag(key) => write!(f, "aws:PrincipalTag/{key}"),
            Self::SamlSub => f.write_str("saml:sub"),
        }
    }
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Taken as it is.
    Text(String),
    /// Stands for a fact of the identity.
    Variable(Variable),
}

/// A folder template, such as `${aws:userid}/`: well formed, not yet anybody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderTemplate {
    text: String,
    pieces: Vec<Piece>,
}

impl FolderTemplate {
    /// The template as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Its pieces, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }
}

impl Default for FolderTemplate {
    /// The folder of a profile that names none: `${aws:userid}/`.
    fn default() -> Self {
        let pieces = vec![Piece::Variable(Variable::UserId), Piece::Text("/".to_owned())];
        Self { text: "${aws:userid}/".to_owned(), pieces }
    }
}

impl fmt::Display for FolderTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::str::FromStr for FolderTemplate {
    type Err = FolderProblem;

    fn from_str(text: &str) -> Result<Self, FolderProblem> {
        if text.is_empty() {
            return Err(FolderProblem::Empty);
        }
        if text.len() > LENGTH_LIMIT {
            return Err(FolderProblem::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(FolderProblem::ControlCharacter);
        }
        let pieces = pieces(text)?;
        if text.starts_with('/') {
            return Err(FolderProblem::SlashAtStart);
        }
        // A value is never empty, `.` or `..`, and a tag key's `/` isn't the folder's: one letter stands for any variable.
        let shape: String = pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Variable(_) => "v",
            })
            .collect();
        let Some(inner) = shape.strip_suffix('/') else { return Err(FolderProblem::NoSlashAtEnd) };
        if let Some(segment) = inner.split('/').find(|segment| matches!(*segment, "" | "." | "..")) {
            return Err(FolderProblem::Segment(segment.to_owned()));
        }
        if !pieces.iter().any(|piece| matches!(piece, Piece::Variable(_))) {
            return Err(FolderProblem::NoVariable);
        }
        Ok(Self { text: text.to_owned(), pieces })
    }
}

fn pieces(text: &str) -> Result<Vec<Piece>, FolderProblem> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, behind) = after.split_once('}').ok_or(FolderProblem::Unclosed)?;
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        let variable = Variable::parse(name).ok_or_else(|| FolderProblem::UnknownVariable(name.to_owned()))?;
        pieces.push(Piece::Variable(variable));
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Ok(pieces)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str) -> Result<(), FolderProblem> {
        text.parse::<FolderTemplate>().map(|_| ())
    }

    #[test]
    fn templates_that_name_one_persons_folder_are_taken() {
        for template in [
            "${aws:userid}/",
            "home/${aws:username}/",
            "${aws:PrincipalTag/team/lead}/x/",
            "users-${saml:sub}-docs/",
            "${aws:userid}/..docs/",
        ] {
            assert_eq!(check(template), Ok(()), "{template}");
        }
    }

    #[test]
    fn templates_that_would_open_other_peoples_folders_are_refused() {
        use FolderProblem as P;
        let segment = |text: &str| P::Segment(text.to_owned());
        for (template, problem) in [
            ("", P::Empty),
            ("/", P::SlashAtStart),
            ("shared/", P::NoVariable),
            ("$/", P::NoVariable),
            ("${aws:userid}", P::NoSlashAtEnd),
            ("/${aws:userid}/", P::SlashAtStart),
            ("${aws:userid}/../", segment("..")),
            ("./${aws:userid}/", segment(".")),
            ("a//${aws:userid}/", segment("")),
            ("${aws:userid}//", segment("")),
            ("${aws:userid", P::Unclosed),
            ("${*}/", P::UnknownVariable("*".into())),
            ("${aws:PrincipalTag/}/", P::UnknownVariable("aws:PrincipalTag/".into())),
            ("${aws:userid\n}/", P::ControlCharacter),
        ] {
            assert_eq!(check(template), Err(problem), "{template}");
        }
        assert_eq!(check(&format!("{}${{aws:userid}}/", "a".repeat(600))), Err(P::TooLong));
    }

    #[test]
    fn the_default_is_what_its_text_parses_to() {
        let default = FolderTemplate::default();
        assert_eq!(default.as_str().parse::<FolderTemplate>(), Ok(default.clone()));
        assert_eq!("${AWS:UserId}/".parse::<FolderTemplate>().unwrap().pieces(), default.pieces());
    }

    proptest! {
        #[test]
        fn whatever_passes_has_a_variable_and_ends_with_a_slash(template in "[$a{}:/.]{0,12}|(\\$\\{aws:userid\\}|/|\\.|a){0,6}") {
            if check(&template).is_ok() {
                let variable = template.contains("${");
                prop_assert!(variable && template.ends_with('/') && !template.starts_with('/'));
                prop_assert!(!template.split('/').any(|segment| segment == ".."));
            }
        }
    }
}
