//! The template of the caller's folder, such as `${aws:userid}/`. Pure.
//!
//! A template without a variable would be one folder shared by everybody, and is refused.

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

/// Checks a template.
///
/// # Errors
/// The first [`FolderProblem`].
pub fn check(template: &str) -> Result<(), FolderProblem> {
    if template.is_empty() {
        return Err(FolderProblem::Empty);
    }
    if template.len() > LENGTH_LIMIT {
        return Err(FolderProblem::TooLong);
    }
    if template.chars().any(char::is_control) {
        return Err(FolderProblem::ControlCharacter);
    }
    let literal = without_variables(template)?;
    if template.starts_with('/') {
        return Err(FolderProblem::SlashAtStart);
    }
    let Some(inner) = literal.strip_suffix('/') else { return Err(FolderProblem::NoSlashAtEnd) };
    match inner.split('/').find(|segment| matches!(*segment, "" | "." | "..")) {
        Some(segment) => Err(FolderProblem::Segment(segment.to_owned())),
        None if literal == template => Err(FolderProblem::NoVariable),
        None => Ok(()),
    }
}

/// The template with a placeholder for every variable, so that a tag's `/` doesn't count as the folder's.
fn without_variables(template: &str) -> Result<String, FolderProblem> {
    let mut literal = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        let (variable, behind) = after.split_once('}').ok_or(FolderProblem::Unclosed)?;
        if !is_known(variable) {
            return Err(FolderProblem::UnknownVariable(variable.to_owned()));
        }
        literal.push_str(before);
        literal.push('$');
        rest = behind;
    }
    literal.push_str(rest);
    Ok(literal)
}

fn is_known(variable: &str) -> bool {
    // Source: IAM User Guide, "Rules for tagging": keys of 1 to 128 letters, digits, spaces and `_.:/=+-@`.
    let tag = |key: &str| {
        (1..=128).contains(&key.chars().count())
            && key.chars().all(|c| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c))
    };
    matches!(variable, "aws:userid" | "aws:username" | "saml:sub")
        || variable.strip_prefix("aws:PrincipalTag/").is_some_and(tag)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
