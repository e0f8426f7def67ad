//! The little that is read of a page's scripts: texts that functions are called with, and where a script leads. Pure.

use std::time::Duration;

use url::Url;

/// Longer texts are none that is looked for.
const MAX_TEXT: usize = 16 * 1024;
/// A page whose scripts are longer than this does more than lead on.
const MAX_LEADING: usize = 2 * 1024;
/// As many of a function's assignments are looked at.
const MAX_ASSIGNMENTS: usize = 20;
/// As many timers are looked at.
const MAX_TIMERS: usize = 20;

/// The text that follows `call`, such as `select(`, or `value = `: a string literal, with its escapes undone.
pub(super) fn text_after(script: &str, call: &str) -> Option<String> {
    let text = literal(script.split_once(call)?.1.trim_start())?;
    (!text.is_empty()).then_some(text)
}

/// The string literal that a text begins with. Source: ECMAScript, "String Literals".
pub(super) fn literal(text: &str) -> Option<String> {
    literal_and_rest(text).map(|(value, _)| value)
}

/// As [`literal`], and what follows it.
fn literal_and_rest(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut value = String::new();
    let mut rest = text[1..].chars();
    while let Some(c) = rest.next() {
        if value.len() > MAX_TEXT {
            return None;
        }
        match c {
            c if c == quote => return Some((value, rest.as_str())),
            '\\' => match rest.next()? {
                'x' => value.push(hexadecimal(&mut rest, 2)?),
                'u' => value.push(hexadecimal(&mut rest, 4)?),
                other => value.push(other),
            },
            '\n' | '\r' => return None,
            c => value.push(c),
        }
    }
    None
}

fn hexadecimal(rest: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let number: String = rest.by_ref().take(digits).collect();
    char::from_u32(u32::from_str_radix(&number, 16).ok()?)
}

/// Where a short script leads that does nothing else: `location.href = "…"` and its like, once.
///
/// Source: WHATWG HTML, "The Location interface".
pub(super) fn leads_to(script: &str, base: &Url) -> Option<Url> {
    if script.len() > MAX_LEADING {
        return None;
    }
    let mut targets = script.match_indices("location").filter_map(|(at, word)| {
        let rest = script[at + word.len()..].trim_start();
        let rest = match rest.strip_prefix(".replace(").or_else(|| rest.strip_prefix(".assign(")) {
            Some(argument) => argument,
            None => rest.strip_prefix(".href").unwrap_or(rest).trim_start().strip_prefix('=')?,
        };
        literal(rest.trim_start()).filter(|target| !target.is_empty())
    });
    let target = targets.next()?;
    if targets.next().is_some() {
        return None;
    }
    base.join(&target).ok().filter(|url| matches!(url.scheme(), "http" | "https"))
}

/// What a short script puts into an element: it calls one function of its own, with an address and the element's id, and
/// does nothing else.
///
/// Source: the pages of NetIQ Access Manager, `getToContent('/nidp/…', 'theNidpContent')`.
pub(super) fn fetched(script: &str) -> Option<(String, String)> {
    let call = script.trim();
    if call.len() > MAX_LEADING {
        return None;
    }
    let ready = ["$(document).ready(function(){", "$(document).ready(function() {", "$(function(){", "$(function() {"];
    let call = ready.iter().find_map(|ready| call.strip_prefix(ready)).unwrap_or(call).trim_start();
    let (name, rest) = call.split_once('(')?;
    let (address, rest) = literal_and_rest(rest.trim_start())?;
    let (id, rest) = literal_and_rest(rest.trim_start().strip_prefix(',')?.trim_start())?;
    let is_all = rest.chars().all(|c| c.is_whitespace() || ");}".contains(c));
    (is_name(name) && address.starts_with('/') && is_all).then_some((address, id))
}

/// What something to click puts into fields before it submits a form: literals, in its own script or in the function
/// that it calls. Nothing where it submits nothing, or what it puts anywhere is no literal.
///
/// Source: PingFederate's pages without buttons: `document.forms[0]['pf.ok'].value = 'clicked'`.
pub(super) fn sets(click: &str, functions: &str) -> Vec<(String, String)> {
    let call = click.trim_start().trim_start_matches("javascript:").trim_start();
    let call = call.strip_prefix("return ").unwrap_or(call).trim_start();
    let name = call.split_once('(').map(|(name, _)| name).filter(|name| is_name(name));
    let script = name.and_then(|name| body(functions, name)).unwrap_or(click);
    if !script.to_ascii_lowercase().contains("submit") {
        return Vec::new();
    }
    let unconditional = |at: usize| !script[..at].contains('{');
    let assignments = script.match_indices(".value").filter(|(at, _)| unconditional(*at)).take(MAX_ASSIGNMENTS);
    let set = assignments.map(|(at, word)| assignment(&script[..at], &script[at + word.len()..]));
    set.collect::<Option<_>>().unwrap_or_default()
}

/// The field and the literal of `FIELD.value = LITERAL`, from what is before and after `.value`.
fn assignment(before: &str, after: &str) -> Option<(String, String)> {
    let (value, rest) = literal_and_rest(after.trim_start().strip_prefix('=')?.trim_start())?;
    let ends = rest.trim_start_matches([' ', '\t']).chars().next().is_none_or(|c| ";}\r\n".contains(c));
    let quoted = before.strip_suffix("']").or_else(|| before.strip_suffix("')"));
    let doubly = before.strip_suffix("\"]").or_else(|| before.strip_suffix("\")"));
    let field = match (quoted, doubly) {
        (Some(before), _) => before.rsplit_once('\'')?.1,
        (_, Some(before)) => before.rsplit_once('"')?.1,
        _ => before.rsplit_once('.').map(|(_, name)| name).filter(|name| is_name(name))?,
    };
    ends.then(|| (field.to_owned(), value))
}

/// What is between the braces of a function.
fn body<'s>(functions: &'s str, name: &str) -> Option<&'s str> {
    let (_, rest) = functions.split_once(&format!("function {name}("))?;
    until_closed(rest.split_once('{')?.1, '{', '}')
}

/// What comes before the bracket that closes the one in front of a text.
fn until_closed(text: &str, opening: char, closing: char) -> Option<&str> {
    let mut open = 1_usize;
    let end = text.char_indices().take(MAX_LEADING).find_map(|(at, c)| {
        open = match c {
            _ if c == opening => open + 1,
            _ if c == closing => open - 1,
            _ => open,
        };
        (open == 0).then_some(at)
    })?;
    Some(&text[..end])
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_$".contains(c))
}

/// Whether a script may look for something before it goes on: it sets a timer, or makes a request.
pub(super) fn may_look(script: &str) -> bool {
    const WORDS: &[&str] = &[
        "setTimeout",
        "setInterval",
        "fetch(",
        "XMLHttpRequest",
        ".ajax(",
        ".getJSON(",
        "$.get(",
        "$.post(",
        "EventSource",
        "WebSocket",
    ];
    WORDS.iter().any(|word| script.contains(word))
}

/// How often a script looks: the first of its timers that is no animation's.
///
/// Source: WHATWG HTML, "Timers": the pause is the last argument, in milliseconds.
pub(super) fn looks_every(script: &str) -> Option<Duration> {
    let timers = ["setTimeout(", "setInterval("].into_iter().flat_map(|call| script.match_indices(call));
    timers.take(MAX_TIMERS).find_map(|(at, call)| pause(&script[at + call.len()..]))
}

/// The last of the arguments that a text begins with, where it is a number.
fn pause(text: &str) -> Option<Duration> {
    let milliseconds = until_closed(text, '(', ')')?.rsplit_once(',')?.1.trim().parse().ok()?;
    (500..=60_000).contains(&milliseconds).then(|| Duration::from_millis(milliseconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_function_is_called_with_is_read() {
        for script in [
            "HRD.selection('http://a/b')",
            r#"return HRD.selection( "http:\x2f\u002fa/b"); x('y')"#,
            r"HRD.selection('http:\/\/a\/b');return false",
        ] {
            assert_eq!(text_after(script, "HRD.selection(").as_deref(), Some("http://a/b"), "{script}");
        }
        for script in ["HRD.selection(x)", "HRD.selection('", "HRD.selection('')", "other('x')", "HRD.selection('a\n')"]
        {
            assert_eq!(text_after(script, "HRD.selection("), None, "{script}");
        }
    }

    #[test]
    fn a_script_that_only_leads_on_is_followed() {
        let base = Url::parse("https://idp.example/a").unwrap();
        let target = |script: &str| leads_to(script, &base).map(|url| url.to_string());
        for script in [
            "top.location.href='/b';",
            "window.location = \"/b\"",
            "setTimeout(function () { location.replace('https:\\/\\/idp.example/b') }, 10)",
            "document.location.assign('b')",
        ] {
            assert_eq!(target(script).as_deref(), Some("https://idp.example/b"), "{script}");
        }
        for script in [
            "location.href = next",
            "location.href = '/a'; location.href = '/b'",
            "location.href = 'javascript:alert(1)'",
            "if (location == top.location) {}",
            "",
        ] {
            assert_eq!(target(script), None, "{script}");
        }
        assert_eq!(target(&format!("location='/b';{}", " ".repeat(MAX_LEADING))), None, "a program");
    }

    #[test]
    fn a_timer_tells_how_often_a_script_looks() {
        for (script, wanted) in [
            ("setInterval(look, 3000)", Some(3000)),
            ("setTimeout(function () { if (done()) { f.submit(); } }, 1500);", Some(1500)),
            ("setTimeout(fade, 10); window.setInterval('look()', 5000)", Some(5000)),
            ("setTimeout(look, pause)", None),
            ("setTimeout(look)", None),
            ("setTimeout(look, 3600000)", None),
            ("setTimeout(function () {", None),
            ("look()", None),
        ] {
            assert_eq!(looks_every(script), wanted.map(Duration::from_millis), "{script}");
        }
        assert!(may_look("fetch('/state')") && !may_look("document.forms[0].submit()"));
    }

    proptest! {
        #[test]
        fn no_script_panics(text in "\\PC{0,80}", more in "(location|[.]href|replace\\(|setTimeout\\(|[=:,0)'\"\\\\xu02é]){0,30}") {
            let base = Url::parse("https://idp.example/").unwrap();
            for script in [&text, &more] {
                let _ = (text_after(script, "="), literal(script), leads_to(script, &base), looks_every(script));
            }
        }
    }
}
