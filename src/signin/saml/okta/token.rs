//! The state token in an Okta page's script. Pure.

/// Longer ones are none.
const MAX_TOKEN: usize = 16 * 1024;

/// The token, with the script's escapes undone. `None` when the page has none.
pub(super) fn state_token(html: &str) -> Option<String> {
    html.match_indices("stateToken").find_map(|(at, word)| {
        let rest = html[at + word.len()..].trim_start_matches(['"', '\'']).trim_start();
        let rest = rest.strip_prefix([':', '='])?.trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let token = unescaped(&rest[1..], quote)?;
        let legal = |c: char| c.is_ascii_alphanumeric() || "._-~+/=".contains(c);
        (token.len() >= 10 && token.chars().all(legal)).then_some(token)
    })
}

/// A string literal's text up to its closing quote. Source: ECMAScript, "String Literals".
fn unescaped(literal: &str, quote: char) -> Option<String> {
    let mut text = String::new();
    let mut rest = literal.chars();
    while let Some(c) = rest.next() {
        if text.len() > MAX_TOKEN {
            return None;
        }
        match c {
            c if c == quote => return Some(text),
            '\\' => match rest.next()? {
                'x' => text.push(hexadecimal(&mut rest, 2)?),
                'u' => text.push(hexadecimal(&mut rest, 4)?),
                other => text.push(other),
            },
            '\n' | '\r' => return None,
            c => text.push(c),
        }
    }
    None
}

fn hexadecimal(rest: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let number: String = rest.by_ref().take(digits).collect();
    char::from_u32(u32::from_str_radix(&number, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tokens_are_found_however_they_are_written() {
        for html in [
            r"<script>var stateToken = '02.id.abc\x2Ddef';</script>",
            r#"<script>{"a":1,"stateToken":"02.id.abc\u002Ddef"}</script>"#,
            r#"config.stateToken="02.id.abc-def""#,
            r#"stateToken: '', "stateToken" : '02.id.abc\-def'"#,
        ] {
            assert_eq!(state_token(html).as_deref(), Some("02.id.abc-def"), "{html}");
        }
        for html in [
            "",
            "stateToken",
            "stateToken=x",
            "stateToken='short'",
            "stateToken='<b>injected</b>'",
            "stateToken='02.id.abc",
        ] {
            assert_eq!(state_token(html), None, "{html}");
        }
    }

    proptest! {
        #[test]
        fn no_page_panics(html in "\\PC{0,80}", more in "(stateToken|[:='\"\\\\xu02é]){0,30}") {
            let _ = state_token(&html);
            let _ = state_token(&more);
        }
    }
}
