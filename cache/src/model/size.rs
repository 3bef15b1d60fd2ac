//! Sizes as people read them.

use std::fmt;

/// A number of bytes that displays short: `512B`, `9.1G`.
///
/// Units are powers of 1024 (`K` = 1,024 bytes ... `E`), rounded half up to one decimal, and `.0` is left out. So
/// `412M` means 412 x 1,048,576 bytes, to within half of a tenth of the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&text(self.0))
    }
}

fn text(bytes: u64) -> String {
    const UNITS: [(char, u32); 6] = [('E', 60), ('P', 50), ('T', 40), ('G', 30), ('M', 20), ('K', 10)];
    let Some((letter, shift)) = UNITS.into_iter().find(|(_, shift)| bytes >> shift > 0) else {
        return format!("{bytes}B");
    };
    // In 128 bits nothing here overflows.
    let unit = 1u128 << shift;
    let tenths = (u128::from(bytes) * 10 + unit / 2) / unit;
    match tenths % 10 {
        0 => format!("{}{letter}", tenths / 10),
        tenth => format!("{}.{tenth}{letter}", tenths / 10),
    }
}

#[cfg(test)]
mod tests;
