//! Sizes as people type them.

use crate::model::size::Size;

/// A text that is not a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::cli) enum InvalidSize {
    /// Not digits and a unit.
    #[error("Expected a number of bytes such as 500M, 1.5GiB or 1048576 (units are powers of 1024)")]
    Malformed,
    /// A part of a byte.
    #[error("Expected whole bytes")]
    Fraction,
    /// More than 16 EiB.
    #[error("Larger than any disk")]
    Overflow,
}

/// Units and the powers of two that they stand for.
const UNITS: [(u32, char); 6] = [(60, 'E'), (50, 'P'), (40, 'T'), (30, 'G'), (20, 'M'), (10, 'K')];

/// Reads `1048576`, `500M`, `1.5GiB`, `10gb`, `7 K`: upper or lower case, `B` and `iB` change nothing.
pub(in crate::cli) fn parse(text: &str) -> Result<Size, InvalidSize> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let shift = shift_of(unit.trim_start()).ok_or(InvalidSize::Malformed)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 9 {
        return Err(InvalidSize::Malformed);
    }
    let whole: u64 = whole.parse().map_err(|_| InvalidSize::Overflow)?;
    let part = part_of(fraction, shift)?;
    whole
        .checked_mul(1 << shift)
        .and_then(|bytes| bytes.checked_add(part))
        .map(Size)
        .ok_or(InvalidSize::Overflow)
}

/// The power of two that a unit stands for.
fn shift_of(unit: &str) -> Option<u32> {
    let unit = unit.to_ascii_uppercase();
    let letter = ["IB", "B"]
        .into_iter()
        .find_map(|end| unit.strip_suffix(end))
        .unwrap_or(&unit);
    match letter {
        "" if unit == "IB" => None,
        "" => Some(0),
        _ => UNITS
            .into_iter()
            .find(|(_, known)| letter.len() == 1 && letter.starts_with(*known))
            .map(|(shift, _)| shift),
    }
}

/// Bytes in `0.fraction` of a unit, rounded down.
fn part_of(fraction: &str, shift: u32) -> Result<u64, InvalidSize> {
    let digits: u128 = fraction.parse().map_err(|_| InvalidSize::Malformed)?;
    if digits > 0 && shift == 0 {
        return Err(InvalidSize::Fraction);
    }
    let scale = fraction.bytes().fold(1_u128, |scale, _| scale * 10);
    u64::try_from((digits << shift) / scale).map_err(|_| InvalidSize::Overflow)
}

#[cfg(test)]
mod tests;
