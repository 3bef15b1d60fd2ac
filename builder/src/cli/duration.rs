//! Durations as Go reads them: `1h30m`, `1.5h`, `.5s`, `-2ms` (§2.2).

use super::outcome::ValueError;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// The largest magnitude, that of the most negative duration, in nanoseconds.
const LIMIT: u64 = 1 << 63;

/// Reads a duration; the result is in nanoseconds.
///
/// What does not fit into 64 bits is a parse error, as in Go.
pub(super) fn read(value: &OsStr) -> Result<i64, ValueError> {
    nanoseconds(value.as_bytes()).ok_or(ValueError::Parse)
}

fn nanoseconds(text: &[u8]) -> Option<i64> {
    let (is_negative, mut rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] | rest => (false, rest),
    };
    if rest == b"0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0_u64;
    while !rest.is_empty() {
        let (part, after) = one_part(rest)?;
        total = within_limit(total.checked_add(part)?)?;
        rest = after;
    }
    if is_negative {
        0_i64.checked_sub_unsigned(total)
    } else {
        i64::try_from(total).ok()
    }
}

/// Reads one number with its unit.
fn one_part(text: &[u8]) -> Option<(u64, &[u8])> {
    let (whole, rest) = split_digits(text);
    let (fraction, rest) = match rest.strip_prefix(b".") {
        Some(rest) => split_digits(rest),
        None => (&b""[..], rest),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let end = rest
        .iter()
        .position(|byte| *byte == b'.' || byte.is_ascii_digit())
        .unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(end);
    let unit = unit_of(unit)?;
    let whole = whole.iter().try_fold(0_u64, |total, digit| {
        total.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
    })?;
    let part = within_limit(whole)?
        .checked_mul(unit)?
        .checked_add(share(fraction, unit))?;
    Some((within_limit(part)?, rest))
}

/// The fraction of a unit, in floating point as Go does it, so that both agree to the nanosecond.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "that is the arithmetic to match; the result is positive and at most `unit`"
)]
fn share(fraction: &[u8], unit: u64) -> u64 {
    let (mut digits, mut scale) = (0_u64, 1.0_f64);
    for digit in fraction {
        let longer = digits
            .checked_mul(10)
            .and_then(|digits| digits.checked_add(u64::from(digit - b'0')));
        // More digits than fit change nothing.
        let Some(longer) = longer.and_then(within_limit) else {
            break;
        };
        digits = longer;
        scale *= 10.0;
    }
    (digits as f64 * (unit as f64 / scale)) as u64
}

fn unit_of(name: &[u8]) -> Option<u64> {
    Some(match str::from_utf8(name).ok()? {
        "ns" => 1,
        // The micro sign and the Greek letter.
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(
        text.iter()
            .position(|byte| !byte.is_ascii_digit())
            .unwrap_or(text.len()),
    )
}

fn within_limit(value: u64) -> Option<u64> {
    (value <= LIMIT).then_some(value)
}

#[cfg(test)]
mod tests;
