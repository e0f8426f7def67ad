//! Columns of text, for people. Pure.

use std::borrow::Cow;

use super::escape;

/// Rows under a heading, each column as wide as its widest cell. Cells are escaped where a terminal would obey them.
pub fn people<const N: usize>(heading: [&str; N], rows: &[[String; N]], terminal: bool) -> String {
    let shown = |cell: &str| if terminal { escape::name(cell).into_owned() } else { Cow::Borrowed(cell).into_owned() };
    let mut all = vec![heading.map(ToOwned::to_owned)];
    all.extend(rows.iter().map(|row| row.each_ref().map(|cell| shown(cell))));
    let width = |column: usize| all.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = String::new();
    for row in &all {
        let cells: Vec<String> = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_and_hostile_names_stay_on_their_line() {
        let rows = [["1".to_owned(), "Größe".to_owned()], ["22".to_owned(), "a\nb".to_owned()]];
        assert_eq!(people(["ID", "NAME"], &rows, true), "ID  NAME\n1   Größe\n22  a\\nb\n");
    }
}
