//! Booleans and integers as Go reads them (§2.2).

use super::outcome::ValueError;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// Reads one of the twelve words that mean true or false.
pub(super) fn boolean(value: &OsStr) -> Result<bool, ValueError> {
    match value.as_bytes() {
        b"1" | b"t" | b"T" | b"true" | b"TRUE" | b"True" => Ok(true),
        b"0" | b"f" | b"F" | b"false" | b"FALSE" | b"False" => Ok(false),
        _ => Err(ValueError::Parse),
    }
}

/// Reads a signed 64-bit integer: decimal, `0x`, `0o`, `0b` or a leading zero for octal, underscores between digits.
///
/// The first digit that does not fit is out of range, whatever follows it.
pub(super) fn integer(value: &OsStr) -> Result<i64, ValueError> {
    let (is_negative, text) = match value.as_bytes() {
        [b'-', text @ ..] => (true, text),
        [b'+', text @ ..] | text => (false, text),
    };
    let magnitude = unsigned(text)?;
    let signed = if is_negative {
        0_i64.checked_sub_unsigned(magnitude)
    } else {
        i64::try_from(magnitude).ok()
    };
    signed.ok_or(ValueError::Range)
}

fn unsigned(text: &[u8]) -> Result<u64, ValueError> {
    let (base, digits) = split_base(text);
    if text.is_empty() {
        return Err(ValueError::Parse);
    }
    let mut total = 0_u64;
    for &byte in digits.iter().filter(|byte| **byte != b'_') {
        let digit = char::from(byte).to_digit(base).ok_or(ValueError::Parse)?;
        total = total
            .checked_mul(u64::from(base))
            .and_then(|total| total.checked_add(u64::from(digit)))
            .ok_or(ValueError::Range)?;
    }
    if has_good_underscores(text) {
        Ok(total)
    } else {
        Err(ValueError::Parse)
    }
}

fn split_base(text: &[u8]) -> (u32, &[u8]) {
    match text {
        [b'0', b'x' | b'X', digits @ ..] if !digits.is_empty() => (16, digits),
        [b'0', b'o' | b'O', digits @ ..] if !digits.is_empty() => (8, digits),
        [b'0', b'b' | b'B', digits @ ..] if !digits.is_empty() => (2, digits),
        [b'0', digits @ ..] => (8, digits),
        _ => (10, text),
    }
}

/// Underscores may stand only between digits, where a base prefix counts as a digit.
fn has_good_underscores(text: &[u8]) -> bool {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(|byte| *byte != b'_');
    text.iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'_')
        .all(|(at, _)| {
            let before = at.checked_sub(1).and_then(|at| text.get(at));
            is_digit(before) && is_digit(text.get(at + 1))
        })
}

#[cfg(test)]
mod tests;
