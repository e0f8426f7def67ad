//! The ways a text can be read by something that decodes more than S3 does. Pure.
//!
//! S3 takes a key as it is, so none of these readings is a key. They exist to recognise an attempt to leave the
//! folder that hides behind percent-encoding (once or many times over), overlong UTF-8, or look-alike characters.

/// The text itself, and every further reading of it until decoding changes nothing.
pub(super) fn readings(text: &str) -> Vec<String> {
    let mut readings = vec![text.to_owned()];
    let mut current = text.to_owned();
    loop {
        let plain = look_alikes(&current);
        if plain != current {
            readings.push(plain.clone());
        }
        // Decoding never makes a text longer, and every round removes at least one `%`, so this ends.
        let decoded = percent_decode(&plain);
        if decoded == plain {
            return readings;
        }
        readings.push(decoded.clone());
        current = decoded;
    }
}

/// Fullwidth and other characters that some libraries fold into `.`, `/`, `\`, `%`, `:`; and what URL parsers drop.
///
/// Source: Unicode compatibility mappings (NFKC); the WHATWG URL standard removes tab, LF and CR.
fn look_alikes(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '\t' | '\n' | '\r' | '\0' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}' => None,
            '．' | '․' | '﹒' | '｡' => Some('.'),
            '／' | '⁄' | '∕' | '⧸' => Some('/'),
            '＼' | '﹨' | '⧵' | '∖' => Some('\\'),
            '％' | '﹪' => Some('%'),
            '：' | '﹕' | '꞉' => Some(':'),
            '‥' => Some('\u{2025}'),
            _ => Some(c),
        })
        .collect::<String>()
        .replace('\u{2025}', "..")
}

/// One round of percent-decoding, with `%uXXXX` and overlong UTF-8 read as a careless decoder reads them.
fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |from: usize, digits: usize| -> Option<u32> {
            let digits = bytes.get(from..from + digits)?;
            digits.iter().try_fold(0, |value, &digit| Some(value * 16 + char::from(digit).to_digit(16)?))
        };
        if bytes[at] == b'%' {
            if let Some(value) = hex(at + 1, 2) {
                decoded.push(u8::try_from(value).expect("two hex digits fit a byte"));
                at += 3;
                continue;
            }
            if matches!(bytes.get(at + 1), Some(b'u' | b'U'))
                && let Some(c) = hex(at + 2, 4).and_then(char::from_u32)
            {
                decoded.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                at += 6;
                continue;
            }
        }
        decoded.push(bytes[at]);
        at += 1;
    }
    String::from_utf8_lossy(&shorten_overlong(&decoded)).into_owned()
}

/// ASCII characters written with two, three or four bytes, put back as one.
fn shorten_overlong(bytes: &[u8]) -> Vec<u8> {
    let mut short = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&first, tail)) = rest.split_first() {
        let (c, used) = match rest {
            [lead @ (0xc0 | 0xc1), low @ 0x80..=0xbf, ..] => ((lead & 1) << 6 | low & 0x3f, 2),
            [0xe0, mid @ (0x80 | 0x81), low @ 0x80..=0xbf, ..] => ((mid & 1) << 6 | low & 0x3f, 3),
            [0xf0, 0x80, mid @ (0x80 | 0x81), low @ 0x80..=0xbf, ..] => ((mid & 1) << 6 | low & 0x3f, 4),
            _ => (first, 1),
        };
        short.push(c);
        rest = if used == 1 { tail } else { &rest[used..] };
    }
    short
}
