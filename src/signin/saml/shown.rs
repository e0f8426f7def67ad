//! What a provider says, as it can be shown. Pure.

/// Longer texts are cut.
pub(super) const MAX_SHOWN: usize = 200;

/// A text on one line, not too long.
pub(super) fn shown(text: &str) -> String {
    one_line(text).chars().take(MAX_SHOWN).collect()
}

/// As [`shown`], of a heading or label: without the colon or star behind it.
pub(super) fn shown_label(text: &str) -> String {
    one_line(text).trim_end_matches([':', '*', ' ']).chars().take(MAX_SHOWN).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
