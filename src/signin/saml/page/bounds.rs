//! How much of a page is read at most: what a browser's parser does with nested tags, and with the attributes of one tag,
//! costs the square of their number. Pure.

/// A page larger than this is not read, in bytes.
pub const MAX_BYTES: usize = 2 * 1024 * 1024;
/// Sign-in pages have a few hundred.
pub(super) const MAX_TAGS: usize = 10_000;
/// Of one tag. Sign-in pages have a dozen; what looks like a tag in a script may go on for longer.
pub(super) const MAX_ATTRIBUTES: usize = 2_000;
/// Bytes that are looked at to count them. What looks like a tag within what looks like one is looked at again.
const MAX_LOOKED_AT: usize = 8 * MAX_BYTES;

/// Whether a page is small enough to be read.
pub(in super::super) fn is_bounded(html: &str) -> bool {
    html.len() <= MAX_BYTES && tags(html.as_bytes()).take(MAX_TAGS + 1).count() <= MAX_TAGS && has_few_attributes(html)
}

/// What is behind each `<` that begins a tag.
fn tags(html: &[u8]) -> impl Iterator<Item = &[u8]> {
    let begins = |at: &usize| html[*at] == b'<' && html.get(at + 1).is_some_and(u8::is_ascii_alphabetic);
    (0..html.len()).filter(begins).map(|at| &html[at + 1..])
}

/// Whether no tag has more attributes than are read.
///
/// Whatever looks like the beginning of a tag is taken for one: which of them are, and which stand in a script, a comment or
/// a value, only the parser knows.
///
/// Source: WHATWG HTML, "Tokenization", from the tag name state on.
fn has_few_attributes(html: &str) -> bool {
    let is_end = |byte: u8| byte.is_ascii_whitespace() || byte == b'/' || byte == b'>';
    let skip = |rest: &mut &[u8], while_it_is: &dyn Fn(u8) -> bool| {
        let end = rest.iter().position(|byte| !while_it_is(*byte)).unwrap_or(rest.len());
        *rest = &rest[end..];
    };
    let mut looked_at = 0;
    for tag in tags(html.as_bytes()) {
        let (mut rest, mut attributes) = (tag, 0);
        skip(&mut rest, &|byte| !is_end(byte));
        loop {
            skip(&mut rest, &|byte| byte.is_ascii_whitespace() || byte == b'/');
            match rest.split_first() {
                None | Some((b'>', _)) => break,
                // The first character belongs to the name, whatever it is.
                Some((_, behind)) => rest = behind,
            }
            attributes += 1;
            if attributes > MAX_ATTRIBUTES {
                return false;
            }
            skip(&mut rest, &|byte| !is_end(byte) && byte != b'=');
            skip(&mut rest, &|byte| byte.is_ascii_whitespace());
            let Some(value) = rest.strip_prefix(b"=") else { continue };
            rest = value;
            skip(&mut rest, &|byte| byte.is_ascii_whitespace());
            match rest.split_first() {
                Some((quote @ (b'"' | b'\''), behind)) => {
                    rest = behind;
                    skip(&mut rest, &|byte| byte != *quote);
                    rest = rest.get(1..).unwrap_or_default();
                }
                _ => skip(&mut rest, &|byte| !byte.is_ascii_whitespace() && byte != b'>'),
            }
        }
        looked_at += tag.len() - rest.len();
        if looked_at > MAX_LOOKED_AT {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attributes_of_a_tag_are_counted_as_a_browser_does() {
        let many = "x ".repeat(MAX_ATTRIBUTES + 1);
        for html in [
            format!("<a {many}>"),
            format!("<p><a href=x{many}>"),
            format!("<a {many}"),
            format!("<a b='>' {many}>"),
            format!("<a ' {many}>"),
            format!("<a =' {many}>"),
            format!("<a/b=\"\"{many}>"),
            format!("<a b = '>'{many}>"),
            format!("<!--><a {many}>"),
            format!("<svg><script><a {many}>"),
            format!("<!--<a b='--><a {many}>"),
            format!("<script>\"<a b='\"</script><a {many}>"),
            format!("<title><a b='</title><a {many}>"),
            "<a".repeat(9_000) + &"x".repeat(MAX_BYTES / 2),
            "<a ".to_owned() + &"x/".repeat(MAX_ATTRIBUTES + 1),
        ] {
            assert!(!is_bounded(&html), "{}", &html[..30]);
        }
        for html in [
            format!("<a b='{many}'>"),
            format!("<a b=\"{many}\"><p>{many}"),
            format!("a < b {many}"),
            format!("<a b='{many}"),
            "<a b=c d>".repeat(3000),
            "<a b='<a b=\"<a b>".repeat(3000),
        ] {
            assert!(is_bounded(&html), "{}", &html[..30]);
        }
    }
}
