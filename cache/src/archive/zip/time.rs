//! When a member was changed, by its local header. Pure.

use crate::sys::times::FileTime;

use super::bytes::Fields;

/// Extra field with times in seconds since 1970.
const EXTRA_TIMES: u16 = 0x5455;

const DAY: i64 = 24 * 60 * 60;

/// The time in the extra field, else the one that every header has, which is in no known zone and taken as UTC.
pub(super) fn of(clock: u16, date: u16, extras: &[(u16, &[u8])]) -> FileTime {
    let stated = extras
        .iter()
        .filter(|(tag, _)| *tag == EXTRA_TIMES)
        .find_map(|(_, content)| modified(content));
    FileTime::clamped(stated.unwrap_or_else(|| dos(clock, date)), 0)
}

/// The time of modification, if the field has one.
fn modified(content: &[u8]) -> Option<i64> {
    let (flags, rest) = content.split_first()?;
    let seconds = Fields(rest).u32()?;
    (flags & 1 != 0).then_some(seconds.cast_signed().into())
}

/// Seconds since 1970 of a date and a clock time in halves of seconds, as DOS had them.
fn dos(clock: u16, date: u16) -> i64 {
    let (clock, date) = (i64::from(clock), i64::from(date));
    let (year, month, day) = (
        1980 + (date >> 9),
        (date >> 5 & 15).clamp(1, 12),
        (date & 31).max(1),
    );
    // Counted from the first of March, so that the odd day comes last.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    days * DAY + (clock >> 11) * 3600 + (clock >> 5 & 63) * 60 + (clock & 31) * 2
}

#[cfg(test)]
mod tests;
