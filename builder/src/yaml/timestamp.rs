//! Dates and times.

/// Tells whether a `!!timestamp` is one: `2001-1-2`, with a time behind a blank, or behind `T` with its zone.
pub(super) fn is_timestamp(value: &str) -> bool {
    let (date, time) = match value.find(['T', 't', ' ']) {
        Some(place) => (&value[..place], Some(&value[place..])),
        None => (value, None),
    };
    is_date(date) && time.is_none_or(is_time)
}

fn is_date(date: &str) -> bool {
    let parts: Vec<&str> = date.split('-').collect();
    match parts[..] {
        [year, month, day] => {
            year.len() == 4 && is_digits(year) && in_range(month, 1, 12) && in_range(day, 1, 31)
        }
        _ => false,
    }
}

fn is_time(time: &str) -> bool {
    let (clock, zoned) = match time.strip_prefix(' ') {
        Some(clock) => (Some(clock), false),
        None => (without_zone(&time[1..]), true),
    };
    let Some(clock) = clock else { return false };
    let (clock, fraction) = clock
        .split_once('.')
        .map_or((clock, None), |(left, right)| (left, Some(right)));
    let parts: Vec<&str> = clock.split(':').collect();
    let fits = matches!(parts[..], [hour, minute, second] if in_range(hour, 0, 23) && in_range(minute, 0, 59) && in_range(second, 0, 59));
    fits && fraction.is_none_or(|text| !text.is_empty() && is_digits(text))
        && (zoned || time.starts_with(' '))
}

/// Cuts `Z` or `+07:00` off.
fn without_zone(time: &str) -> Option<&str> {
    if let Some(clock) = time.strip_suffix('Z') {
        return Some(clock);
    }
    let (clock, zone) = time.split_at_checked(time.len().checked_sub(6)?)?;
    let (hours, minutes) = zone.strip_prefix(['+', '-'])?.split_once(':')?;
    (is_digits(hours) && is_digits(minutes) && minutes.len() == 2).then_some(clock)
}

fn in_range(text: &str, low: u8, high: u8) -> bool {
    text.len() <= 2
        && is_digits(text)
        && text
            .parse::<u8>()
            .is_ok_and(|number| (low..=high).contains(&number))
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
