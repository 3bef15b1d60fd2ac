//! Sizes for people, in the legacy's form.

use std::fmt;

/// A number of bytes that displays as `0B`, `472B`, `1K`, `1.5K`, `10M` (builder contract §6.2).
///
/// Powers of 1024, one decimal, which is left out when it is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u64);

const UNITS: [(u64, char); 6] = [
    (1 << 60, 'E'),
    (1 << 50, 'P'),
    (1 << 40, 'T'),
    (1 << 30, 'G'),
    (1 << 20, 'M'),
    (1 << 10, 'K'),
];

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((unit, letter)) = UNITS.into_iter().find(|(unit, _)| self.0 >= *unit) else {
            return write!(f, "{}B", self.0);
        };
        #[expect(
            clippy::cast_precision_loss,
            reason = "one decimal is shown; the legacy divides floats too"
        )]
        let text = format!("{:.1}", self.0 as f64 / unit as f64);
        write!(f, "{}{letter}", text.strip_suffix(".0").unwrap_or(&text))
    }
}

#[cfg(test)]
mod tests;
