//! Adding or updating one profile, touching only the lines of the keys that are set. Pure.

use super::conflict::{self, Conflict};
use super::ini::{self, Block, Line, LineKind, Section, indent, line_end};
use crate::config::names::ProfileName;
use crate::error::{Explain, Kind};

/// What to do about keys that AWS tools prefer over `credential_process`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnConflict {
    /// Write nothing.
    Refuse,
    /// Turn their lines into comments: nothing is lost.
    CommentOut,
}

/// What an edit did, or would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The profile wasn't there.
    Added,
    /// Some of its lines are different now.
    Updated,
    /// Everything was as it should be.
    Unchanged,
}

/// An edited text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upserted {
    /// The whole text.
    pub text: String,
    /// What is different.
    pub change: Change,
    /// The keys whose lines are comments now.
    pub commented_out: Vec<String>,
}

/// Why the profile can't be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AwsConfigError {
    /// The AWS CLI refuses such a file, and SDKs differ in what it means.
    #[error("profile `{profile}` is defined more than once, in lines {}", join(.lines))]
    DefinedTwice {
        /// The profile.
        profile: ProfileName,
        /// Its headers' lines.
        lines: Vec<usize>,
    },
    /// Other keys would win.
    #[error(
        "profile `{profile}` already says where its credentials come from: {}",
        conflict::sentence(.conflicts)
    )]
    Conflicts {
        /// The profile.
        profile: ProfileName,
        /// What is in the way.
        conflicts: Vec<Conflict>,
    },
    /// A value that can't stand on a line.
    #[error("the value of `{key}` has a line end or another control character in it")]
    NotOneLine {
        /// Its key.
        key: String,
    },
}

fn join(lines: &[usize]) -> String {
    lines.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ")
}

impl Explain for AwsConfigError {
    fn kind(&self) -> Kind {
        Kind::Usage
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            AwsConfigError::DefinedTwice { .. } => {
                "join the sections into one, then run `securecart configure` again".into()
            }
            AwsConfigError::Conflicts { .. } => "choose another name with `--aws-profile NAME`, or turn those lines \
                                                 into comments with `--force`"
                .into(),
            AwsConfigError::NotOneLine { .. } => "leave it out".into(),
        })
    }
}

/// Sets keys of one profile: updates the lines they are on, or adds lines at the end of the profile, or the
/// profile at the end of the file. Every other byte stays as it is. Doing it twice is doing it once.
///
/// # Errors
/// [`AwsConfigError`].
pub fn upsert_profile(
    text: &str,
    profile: &ProfileName,
    pairs: &[(&str, &str)],
    on_conflict: OnConflict,
) -> Result<Upserted, AwsConfigError> {
    if let Some((key, _)) = pairs.iter().find(|(_, value)| value.chars().any(char::is_control)) {
        return Err(AwsConfigError::NotOneLine { key: (*key).to_owned() });
    }
    let lines = ini::lines(text);
    let end = lines.iter().map(|line| line_end(line.text)).find(|end| !end.is_empty()).unwrap_or("\n");
    let wanted = Section::Profile(profile.to_string());
    let blocks: Vec<Block> = ini::blocks(&lines).into_iter().filter(|block| block.section == wanted).collect();
    let block = match blocks.as_slice() {
        [] => return Ok(append_profile(text, profile, pairs, end)),
        [block] => block,
        several => {
            let lines = several.iter().map(|block| block.header + 1).collect();
            return Err(AwsConfigError::DefinedTwice { profile: profile.clone(), lines });
        }
    };
    let conflicts = conflicts(&lines, block);
    if on_conflict == OnConflict::Refuse && !conflicts.is_empty() {
        return Err(AwsConfigError::Conflicts { profile: profile.clone(), conflicts });
    }
    Ok(rewrite(&lines, block, pairs, &conflicts, end))
}

fn append_profile(text: &str, profile: &ProfileName, pairs: &[(&str, &str)], end: &str) -> Upserted {
    let mut new = text.to_owned();
    let body = text.trim_start_matches('\u{feff}');
    if !body.is_empty() && !body.ends_with('\n') {
        new.push_str(end);
    }
    if !body.trim().is_empty() {
        new.push_str(end);
    }
    let header = if profile.as_str() == "default" { "[default]".to_owned() } else { format!("[profile {profile}]") };
    new.push_str(&header);
    new.push_str(end);
    for (key, value) in pairs {
        new.push_str(&format!("{key} = {value}{end}"));
    }
    Upserted { text: new, change: Change::Added, commented_out: Vec::new() }
}

fn conflicts(lines: &[Line<'_>], block: &Block) -> Vec<Conflict> {
    let in_the_way = |number: usize| match &lines[number].kind {
        LineKind::Property { key, .. } => {
            let why = conflict::why(key, &whole_value(lines, number, block))?;
            Some(Conflict { key: key.clone(), line: number + 1, why })
        }
        _ => None,
    };
    block.body.clone().filter_map(in_the_way).collect()
}

/// A property's value with the lines that continue it.
fn whole_value(lines: &[Line<'_>], number: usize, block: &Block) -> String {
    let LineKind::Property { value, .. } = lines[number].kind else { return String::new() };
    let mut whole = value.to_owned();
    for line in &lines[number + 1..block.body.end] {
        match line.kind {
            LineKind::Continuation(more) => whole.extend(["\n", more]),
            LineKind::Blank | LineKind::Comment => {}
            _ => break,
        }
    }
    whole
}

/// What happens to a line.
enum Fate<'p> {
    Keep,
    Drop,
    CommentOut,
    /// The line's property gets this value.
    Set(&'p str),
}

fn rewrite(lines: &[Line<'_>], block: &Block, pairs: &[(&str, &str)], conflicts: &[Conflict], end: &str) -> Upserted {
    // Of a key that stands there twice, which the AWS CLI refuses, the last one counts, as for the other SDKs.
    let last = |key: &str| block.body.clone().rev().find(|number| is_property(&lines[*number], key));
    let (mut new, mut commented_out) = (String::new(), Vec::new());
    let mut fate_of_property = Fate::Keep;
    let missing: Vec<&(&str, &str)> = pairs.iter().filter(|(key, _)| last(key).is_none()).collect();
    let insertion = insertion(lines, block);
    for (number, line) in lines.iter().enumerate() {
        let inside = block.body.contains(&number);
        let fate = match &line.kind {
            LineKind::Property { key, .. } if inside => {
                let set = pairs.iter().find(|(wanted, _)| wanted == key).map(|(_, value)| *value);
                let clash = conflicts.iter().any(|conflict| conflict.line == number + 1);
                fate_of_property = match set {
                    Some(_) if last(key) != Some(number) => Fate::Drop,
                    Some(value) if whole_value(lines, number, block) == value => Fate::Keep,
                    Some(value) => Fate::Set(value),
                    None if clash => Fate::CommentOut,
                    None => Fate::Keep,
                };
                if matches!(fate_of_property, Fate::CommentOut) {
                    commented_out.push(key.clone());
                }
                &fate_of_property
            }
            LineKind::Continuation(_) if inside => match fate_of_property {
                Fate::Set(_) => &Fate::Drop,
                _ => &fate_of_property,
            },
            _ => &Fate::Keep,
        };
        match fate {
            Fate::Keep => new.push_str(line.text),
            Fate::Drop => {}
            Fate::CommentOut => new.extend(["# ", line.text]),
            Fate::Set(value) => new.push_str(&with_value(line.text, value)),
        }
        if number == insertion.after && !missing.is_empty() {
            if line_end(line.text).is_empty() {
                new.push_str(end);
            }
            for (key, value) in &missing {
                new.push_str(&format!("{}{key} = {value}{end}", insertion.indent));
            }
        }
    }
    let unchanged = lines.iter().map(|line| line.text.len()).sum::<usize>() == new.len()
        && lines.iter().map(|line| line.text).collect::<String>() == new;
    let change = if unchanged { Change::Unchanged } else { Change::Updated };
    Upserted { text: new, change, commented_out }
}

fn is_property(line: &Line<'_>, wanted: &str) -> bool {
    matches!(&line.kind, LineKind::Property { key, .. } if key == wanted)
}

/// The line with another value behind its delimiter.
fn with_value(line: &str, value: &str) -> String {
    let end = line_end(line);
    let body = &line[..line.len() - end.len()];
    let delimiter = body.find(['=', ':']).map_or(body.len(), |at| at + 1);
    let behind = &body[delimiter..];
    let space = &behind[..behind.len() - behind.trim_start().len()];
    // `key =` with nothing behind it gets the customary space.
    let space = if behind.trim().is_empty() { " " } else { space };
    format!("{}{space}{value}{end}", &body[..delimiter])
}

struct Insertion<'t> {
    after: usize,
    indent: &'t str,
}

/// Where new lines go: below everything in the section, indented so that they neither continue a value nor make
/// what follows continue theirs.
fn insertion<'t>(lines: &[Line<'t>], block: &Block) -> Insertion<'t> {
    let last =
        |wanted: &dyn Fn(&LineKind<'t>) -> bool| block.body.clone().rev().find(|number| wanted(&lines[*number].kind));
    let after = last(&|kind| !matches!(kind, LineKind::Blank | LineKind::Comment)).unwrap_or(block.header);
    // Whatever is deeper than the line that set the level continues the property above; without a property, only
    // an indented header below could.
    let level = match last(&|kind| matches!(kind, LineKind::Property { .. })) {
        Some(_) => last(&|kind| matches!(kind, LineKind::Property { .. } | LineKind::Other)),
        None => Some(block.body.end),
    };
    let level = level.and_then(|number| lines.get(number));
    Insertion { after, indent: level.map_or("", |line| indent(line.text)) }
}

#[cfg(test)]
mod tests;
