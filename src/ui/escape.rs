//! Making hostile names harmless on a terminal. Pure.

use std::borrow::Cow;

/// Whether a terminal may act on the character rather than show it.
fn is_hostile(c: char) -> bool {
    c.is_control()
        // Bidirectional controls reorder what is seen; zero-width ones hide what is there; the line and
        // paragraph separators break lines. Source: Unicode TR36, "Bidirectional Text Spoofing".
        || matches!(c, '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn escape(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.chars().any(|c| is_hostile(c) && !keep(c)) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hostile(c) && !keep(c) {
            safe.extend(c.escape_default());
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// A name with control, bidirectional and zero-width characters written as escapes: it stays on one line.
pub fn name(text: &str) -> Cow<'_, str> {
    escape(text, |_| false)
}

/// A message with everything but line ends escaped.
pub fn lines(text: &str) -> Cow<'_, str> {
    escape(text, |c| c == '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminal_commands_and_reordering_are_shown_not_obeyed() {
        assert_eq!(name("a\u{1b}[2Jb"), "a\\u{1b}[2Jb");
        assert_eq!(name("x\u{202e}gpj.exe"), "x\\u{202e}gpj.exe");
        assert_eq!(name("two\nlines"), "two\\nlines");
        assert_eq!(lines("two\nlines\r"), "two\nlines\\r");
        assert_eq!(name("Müller 日本.txt"), "Müller 日本.txt");
    }
}
