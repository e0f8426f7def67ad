//! The lines of an AWS configuration file and what each one is. Pure; every text has a reading.

use std::ops::Range;

/// One line, with its line end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line<'t> {
    pub(super) text: &'t str,
    pub(super) kind: LineKind<'t>,
}

/// What a line is to `configparser`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum LineKind<'t> {
    Blank,
    Comment,
    /// `[name]`, with what stands between the brackets.
    Header(&'t str),
    /// `key = value` or `key: value`; the key in small letters, the value trimmed.
    Property {
        key: String,
        value: &'t str,
    },
    /// Indented deeper than the property above: more of its value.
    Continuation(&'t str),
    /// Nothing the AWS tools understand.
    Other,
}

/// Splits a text into lines; joined again they are the text, to the byte.
pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let mut lines = Vec::new();
    let mut in_section = false;
    let mut in_property = false;
    let mut indent_level = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let visible = if number == 0 { line.trim_start_matches('\u{feff}') } else { line };
        let value = visible.trim();
        let indent = indent(visible).chars().count();
        let kind = if value.is_empty() {
            LineKind::Blank
        } else if value.starts_with(['#', ';']) {
            LineKind::Comment
        } else if in_property && indent > indent_level {
            LineKind::Continuation(value)
        } else {
            indent_level = indent;
            let kind = header(value).or_else(|| property(value).filter(|_| in_section)).unwrap_or(LineKind::Other);
            in_section |= matches!(kind, LineKind::Header(_));
            // After a line it doesn't understand, `configparser` goes on with the property before it.
            in_property = match kind {
                LineKind::Header(_) => false,
                LineKind::Property { .. } => true,
                _ => in_property,
            };
            kind
        };
        lines.push(Line { text: line, kind });
    }
    lines
}

fn header(value: &str) -> Option<LineKind<'_>> {
    Some(LineKind::Header(value.strip_prefix('[')?.split_once(']')?.0))
}

fn property(value: &str) -> Option<LineKind<'_>> {
    let (key, value) = value.split_once(['=', ':'])?;
    let key = key.trim().to_lowercase();
    (!key.is_empty()).then(|| LineKind::Property { key, value: value.trim() })
}

/// The white space a line starts with.
pub(super) fn indent(line: &str) -> &str {
    let body = line.trim_end();
    &body[..body.len() - body.trim_start().len()]
}

/// The line end of a line: `\r\n`, `\n`, or nothing at the end of a file.
pub(super) fn line_end(line: &str) -> &str {
    let body = line.strip_suffix('\n').map_or(line, |body| body.strip_suffix('\r').unwrap_or(body));
    &line[body.len()..]
}

/// What a section is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Section {
    /// `[profile NAME]`, or `[default]`.
    Profile(String),
    /// `[sso-session NAME]`.
    SsoSession(String),
    Other,
}

/// Reads a section's header: names may be quoted, and stand after any white space.
pub(super) fn section(header: &str) -> Section {
    let header = header.trim();
    if header == "default" {
        return Section::Profile(header.to_owned());
    }
    let Some((keyword, name)) = header.split_once(char::is_whitespace) else { return Section::Other };
    let name = name.trim();
    let quoted = ['"', '\''].into_iter().find_map(|quote| name.strip_prefix(quote)?.strip_suffix(quote));
    let name = quoted.unwrap_or(name).to_owned();
    match keyword {
        "profile" => Section::Profile(name),
        "sso-session" => Section::SsoSession(name),
        _ => Section::Other,
    }
}

/// A section: its header's line, and the lines below up to the next header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) header: usize,
    pub(super) body: Range<usize>,
    pub(super) section: Section,
}

/// The sections of a file, in order.
pub(super) fn blocks(lines: &[Line<'_>]) -> Vec<Block> {
    let headers = lines.iter().enumerate().filter_map(|(number, line)| match line.kind {
        LineKind::Header(name) => Some((number, section(name))),
        _ => None,
    });
    let mut blocks: Vec<Block> = Vec::new();
    for (header, section) in headers {
        if let Some(last) = blocks.last_mut() {
            last.body.end = header;
        }
        blocks.push(Block { header, body: header + 1..lines.len(), section });
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn kinds(text: &str) -> Vec<LineKind<'_>> {
        lines(text).into_iter().map(|line| line.kind).collect()
    }

    #[test]
    fn nested_blocks_belong_to_the_property_above() {
        let property = |key: &str, value| LineKind::Property { key: key.to_owned(), value };
        assert_eq!(
            kinds("[profile a]\ns3 =\n  region = x\n\n  # c\n  more = y\nRegion: z\n"),
            [
                LineKind::Header("profile a"),
                property("s3", ""),
                LineKind::Continuation("region = x"),
                LineKind::Blank,
                LineKind::Comment,
                LineKind::Continuation("more = y"),
                property("region", "z"),
            ]
        );
    }

    #[test]
    fn an_indented_section_is_read_like_any_other() {
        assert!(matches!(kinds("  [profile a]\n    region = x\n    output = y\n")[2], LineKind::Property { .. }));
    }

    #[test]
    fn headers_name_profiles_however_they_are_written() {
        for header in ["profile docs", "profile \"docs\"", "profile  'docs' ", "\tprofile\tdocs"] {
            assert_eq!(section(header), Section::Profile("docs".into()), "{header}");
        }
        assert_eq!(section("default"), Section::Profile("default".into()));
        assert_eq!(section("sso-session corp"), Section::SsoSession("corp".into()));
        for header in ["docs", "profiledocs", "", "services x"] {
            assert_eq!(section(header), Section::Other, "{header}");
        }
    }

    proptest! {
        #[test]
        fn lines_joined_are_the_text(text in "\\PC{0,60}|(\\[|\\]|profile|a|=|:|#|;| |\t|\n|\r\n|\r|\u{feff}|ä){0,60}") {
            let joined: String = lines(&text).iter().map(|line| line.text).collect();
            prop_assert_eq!(joined, text.clone());
            for line in lines(&text) {
                prop_assert!(line.text.ends_with(line_end(line.text)));
                prop_assert!(line.text.starts_with(indent(line.text)));
            }
            let _ = blocks(&lines(&text));
        }
    }
}
