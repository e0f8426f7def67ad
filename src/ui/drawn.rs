//! How much of the screen an open list takes, so that it can be taken away when nothing is chosen from it.
//!
//! dialoguer clears its list after a choice, but not when reading a key fails, and Ctrl-C is such a failure.

use std::cell::Cell;
use std::fmt::{self, Write};

use dialoguer::console::{Term, measure_text_width};
use dialoguer::theme::Theme;
use fuzzy_matcher::skim::SkimMatcherV2;

/// What a theme puts around a question and what is typed, and the cursor behind it, in columns.
const MARKS: usize = 6;

/// A theme that counts the rows of the terminal that another one fills.
pub(super) struct Drawn<'t> {
    theme: &'t dyn Theme,
    columns: usize,
    rows: Cell<usize>,
}

impl<'t> Drawn<'t> {
    pub(super) fn new(theme: &'t dyn Theme, term: &Term) -> Self {
        Self { theme, columns: usize::from(term.size().1).max(1), rows: Cell::new(0) }
    }

    /// The rows from the question to the end of the list, as drawn last.
    pub(super) fn rows(&self) -> usize {
        self.rows.get()
    }

    /// Where the part of a search begins that fits on the question's line: dialoguer takes that line to be one row.
    fn shown_from(&self, prompt: &str, search_term: &str) -> usize {
        let room = self.columns.saturating_sub(measure_text_width(prompt) + MARKS);
        let ends = search_term.char_indices().map(|(at, _)| at);
        ends.chain([search_term.len()]).find(|at| measure_text_width(&search_term[*at..]) <= room).unwrap_or(0)
    }

    /// Writes a line, and counts as many rows as it wraps to.
    fn line(&self, f: &mut dyn Write, write: impl FnOnce(&mut String) -> fmt::Result) -> fmt::Result {
        let mut line = String::new();
        write(&mut line)?;
        self.rows.set(self.rows.get() + measure_text_width(&line).div_ceil(self.columns).max(1));
        f.write_str(&line)
    }
}

impl Theme for Drawn<'_> {
    fn format_fuzzy_select_prompt(
        &self,
        f: &mut dyn Write,
        prompt: &str,
        search_term: &str,
        cursor: usize,
    ) -> fmt::Result {
        // The question is drawn first, each time.
        self.rows.set(0);
        let from = self.shown_from(prompt, search_term);
        let (shown, cursor) = (&search_term[from..], cursor.saturating_sub(from));
        self.line(f, |line| self.theme.format_fuzzy_select_prompt(line, prompt, shown, cursor))
    }

    fn format_fuzzy_select_prompt_item(
        &self,
        f: &mut dyn Write,
        text: &str,
        active: bool,
        highlight: bool,
        matcher: &SkimMatcherV2,
        search_term: &str,
    ) -> fmt::Result {
        self.line(f, |line| {
            self.theme.format_fuzzy_select_prompt_item(line, text, active, highlight, matcher, search_term)
        })
    }

    fn format_input_prompt_selection(&self, f: &mut dyn Write, prompt: &str, chosen: &str) -> fmt::Result {
        self.theme.format_input_prompt_selection(f, prompt, chosen)
    }
}

#[cfg(test)]
mod tests {
    use dialoguer::console::strip_ansi_codes;
    use dialoguer::theme::{ColorfulTheme, SimpleTheme};

    use super::*;

    #[test]
    fn a_line_that_wraps_is_as_many_rows_as_it_takes() {
        let drawn = Drawn { theme: &SimpleTheme, columns: 10, rows: Cell::new(0) };
        let (mut screen, matcher) = (String::new(), SkimMatcherV2::default());
        let mut draw = |items: &[&str]| {
            drawn.format_fuzzy_select_prompt(&mut screen, "Which?", "", 0).expect("a text takes all");
            for item in items {
                drawn
                    .format_fuzzy_select_prompt_item(&mut screen, item, false, true, &matcher, "")
                    .expect("a text takes all");
            }
            drawn.rows()
        };
        assert_eq!(draw(&["12345678", "", "123456789", "12345678901234567890"]), 1 + 1 + 1 + 2 + 3);
        assert_eq!(draw(&["一二三四", "一二三四五"]), 1 + 1 + 2, "the wide ones take two columns");
    }

    #[test]
    fn a_search_that_is_longer_than_its_line_shows_its_end() {
        let drawn = Drawn { theme: &ColorfulTheme::default(), columns: 20, rows: Cell::new(0) };
        for (search, cursor, shown) in
            [("", 0, ""), ("abc", 3, "abc"), ("0123456789", 10, "23456789"), ("一二三四五", 15, "二三四五")]
        {
            for cursor in [0, cursor] {
                let mut screen = String::new();
                drawn.format_fuzzy_select_prompt(&mut screen, "Which?", search, cursor).expect("a text takes all");
                assert_eq!(drawn.rows(), 1, "{screen}");
                assert!(strip_ansi_codes(&screen).trim_end().ends_with(shown), "{screen}");
            }
        }
    }
}
