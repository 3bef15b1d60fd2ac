//! Plain tables: columns as wide as their widest cell, two spaces between.

/// Where a column's text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// Lays out rows under a head. The last column is never padded; an empty table is its head alone.
pub(in crate::cli) fn lines<const N: usize>(
    columns: [(&str, Align); N],
    rows: &[[String; N]],
) -> Vec<String> {
    let mut widths = columns.map(|(name, _)| letters(name));
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(letters(cell));
        }
    }
    let head = columns.map(|(name, _)| name.to_owned());
    let line = |row: &[String; N]| {
        let cells: Vec<_> = (0..N)
            .map(|at| pad(&row[at], widths[at], columns[at].1))
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    std::iter::once(&head).chain(rows).map(line).collect()
}

fn letters(text: &str) -> usize {
    text.chars().count()
}

fn pad(cell: &str, width: usize, align: Align) -> String {
    match align {
        Align::Left => format!("{cell:<width$}"),
        Align::Right => format!("{cell:>width$}"),
    }
}

#[cfg(test)]
mod tests;
