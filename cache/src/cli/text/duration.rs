//! Durations as people write them.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A duration that reads and displays as `90s`, `5m`, `1h30m`, `250ms`, `2d`, `0s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::cli) struct Span(pub(in crate::cli) Duration);

/// A text that is not a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::cli) enum InvalidSpan {
    /// Not numbers with units.
    #[error("Expected a duration such as 90s, 5m, 1h30m, 24h or 250ms")]
    Malformed,
    /// More than the clock can count.
    #[error("Longer than any clock counts")]
    Overflow,
}

/// Units in milliseconds, longest first.
const UNITS: [(&str, u64); 5] = [
    ("d", 86_400_000),
    ("h", 3_600_000),
    ("m", 60_000),
    ("s", 1000),
    ("ms", 1),
];

impl FromStr for Span {
    type Err = InvalidSpan;

    fn from_str(text: &str) -> Result<Self, InvalidSpan> {
        let mut rest = text.trim();
        if rest == "0" {
            return Ok(Self(Duration::ZERO));
        }
        if rest.is_empty() {
            return Err(InvalidSpan::Malformed);
        }
        let mut total = 0_u64;
        while !rest.is_empty() {
            let (part, left) = first_part(rest)?;
            total = total.checked_add(part).ok_or(InvalidSpan::Overflow)?;
            rest = left;
        }
        Ok(Self(Duration::from_millis(total)))
    }
}

/// Milliseconds of the first number and unit, and what follows them.
fn first_part(text: &str) -> Result<(u64, &str), InvalidSpan> {
    let split = |text: &str, digits: bool| {
        text.find(|c: char| c.is_ascii_digit() != digits)
            .unwrap_or(text.len())
    };
    let (number, rest) = text.split_at(split(text, true));
    let (unit, rest) = rest.split_at(split(rest, false));
    let (_, scale) = UNITS
        .into_iter()
        .find(|(known, _)| *known == unit)
        .ok_or(InvalidSpan::Malformed)?;
    if number.is_empty() {
        return Err(InvalidSpan::Malformed);
    }
    let number: u64 = number.parse().map_err(|_| InvalidSpan::Overflow)?;
    let part = number.checked_mul(scale).ok_or(InvalidSpan::Overflow)?;
    Ok((part, rest))
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut left = u64::try_from(self.0.as_millis()).unwrap_or(u64::MAX);
        if left == 0 {
            return f.write_str("0s");
        }
        for (unit, scale) in UNITS {
            if left >= scale {
                write!(f, "{}{unit}", left / scale)?;
                left %= scale;
            }
        }
        Ok(())
    }
}

/// A past duration for people, in its two largest units: `3d4h`, `12m5s`, `0s`.
pub(in crate::cli) fn coarse(past: Duration) -> String {
    let seconds = past.as_secs();
    let coarse = match seconds {
        ..3600 => seconds,
        3600..86_400 => seconds - seconds % 60,
        _ => seconds - seconds % 3600,
    };
    Span(Duration::from_secs(coarse)).to_string()
}

#[cfg(test)]
mod tests;
