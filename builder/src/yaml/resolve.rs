//! What a scalar means by the rules of YAML 1.1 (builder contract §10.1, §11).

use super::error::YamlError;

const OFFICIAL: &str = "tag:yaml.org,2002:";

/// A scalar with its type.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Resolved<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// Beyond [`i64::MAX`].
    Uint(u64),
    Float(f64),
    /// Text, also dates and local tags.
    Text(&'a str),
    /// The text of a `!!binary`, not yet decoded.
    Base64(&'a str),
}

impl Resolved<'_> {
    /// The short tag of this type.
    pub(super) const fn tag(&self) -> &'static str {
        match self {
            Self::Null => "!!null",
            Self::Bool(_) => "!!bool",
            Self::Int(_) | Self::Uint(_) => "!!int",
            Self::Float(_) => "!!float",
            Self::Text(_) => "!!str",
            Self::Base64(_) => "!!binary",
        }
    }
}

/// A tag as the legacy writes it: `!!int`.
pub(super) fn short_tag(tag: &str) -> String {
    tag.strip_prefix(OFFICIAL).map_or_else(|| tag.to_owned(), |name| format!("!!{name}"))
}

/// Gives a scalar its type: by its text when implicit, checked against the tag when there is one.
pub(super) fn resolve<'a>(tag: &str, value: &'a str, implicit: bool) -> Result<Resolved<'a>, YamlError> {
    if tag.is_empty() {
        return Ok(if implicit { by_text(value) } else { Resolved::Text(value) });
    }
    let found = by_text(value);
    let fits = match (tag.strip_prefix(OFFICIAL), &found) {
        (Some("binary"), _) => return Ok(Resolved::Base64(value)),
        (Some("float"), Resolved::Int(int)) => return Ok(Resolved::Float(as_float(*int))),
        (Some("float"), Resolved::Float(_))
        | (Some("int"), Resolved::Int(_) | Resolved::Uint(_))
        | (Some("bool"), Resolved::Bool(_))
        | (Some("null"), Resolved::Null) => true,
        (Some("timestamp"), _) => is_timestamp(value),
        (Some("float" | "int" | "bool" | "null"), _) => false,
        _ => return Ok(Resolved::Text(value)),
    };
    if fits {
        return Ok(if tag.ends_with("timestamp") { Resolved::Text(value) } else { found });
    }
    Err(YamlError::Tag { found: found.tag(), value: value.to_owned(), tag: short_tag(tag) })
}

#[expect(clippy::cast_precision_loss, reason = "the legacy converts so too")]
const fn as_float(int: i64) -> f64 {
    int as f64
}

fn by_text(value: &str) -> Resolved<'_> {
    match value {
        "" | "~" | "null" | "Null" | "NULL" => Resolved::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Resolved::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Resolved::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Resolved::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Resolved::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Resolved::Float(f64::NEG_INFINITY),
        _ if value.starts_with('.') => float(value).map_or(Resolved::Text(value), Resolved::Float),
        _ if value.starts_with(['+', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) => {
            number(value).unwrap_or(Resolved::Text(value))
        }
        _ => Resolved::Text(value),
    }
}

/// Reads an integer or a float, underscores left out.
fn number<'a>(value: &str) -> Option<Resolved<'a>> {
    let plain = value.replace('_', "");
    let (negative, digits) = match plain.strip_prefix(['+', '-']) {
        Some(digits) => (plain.starts_with('-'), digits),
        None => (false, plain.as_str()),
    };
    let signed = plain.len() != digits.len();
    if let Some(magnitude) = magnitude(digits) {
        if let Some(int) = int(negative, magnitude) {
            return Some(Resolved::Int(int));
        }
        if let (false, Ok(uint)) = (signed, u64::try_from(magnitude)) {
            return Some(Resolved::Uint(uint));
        }
    }
    float(&plain).map(Resolved::Float).or_else(|| signed_binary(&plain).map(Resolved::Int))
}

fn int(negative: bool, magnitude: u128) -> Option<i64> {
    let magnitude = i128::try_from(magnitude).ok()?;
    i64::try_from(if negative { -magnitude } else { magnitude }).ok()
}

/// Reads digits in the base that their prefix names: `0x`, `0o` or `0`, `0b`, else 10; `None` beyond 128 bits.
fn magnitude(digits: &str) -> Option<u128> {
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    let wanted = !digits.is_empty() && digits.chars().all(|char| char.is_digit(base));
    u128::from_str_radix(digits, base).ok().filter(|_| wanted)
}

/// Reads `0b-11`, which the reference takes for -3.
fn signed_binary(plain: &str) -> Option<i64> {
    plain.strip_prefix("0b").filter(|digits| digits.starts_with(['+', '-'])).and_then(|digits| i64::from_str_radix(digits, 2).ok())
}

/// Reads `1`, `1.`, `1.5`, `.5`, each with sign and exponent; `None` for a number too large.
fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(left, right)| (left, Some(right)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(left, right)| (left, Some(right)));
    let digits = |text: &str| !text.is_empty() && is_digits(text);
    let mantissa_fits = if whole.is_empty() { fraction.is_some_and(digits) } else { digits(whole) && fraction.is_none_or(is_digits) };
    let exponent_fits = exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)));
    let value = text.parse::<f64>().ok()?;
    (mantissa_fits && exponent_fits && value.is_finite()).then_some(value)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Tells whether a `!!timestamp` is one: `2001-1-2`, with a time behind a blank, or behind `T` with its zone.
fn is_timestamp(value: &str) -> bool {
    let (date, time) = match value.find(['T', 't', ' ']) {
        Some(place) => (&value[..place], Some(&value[place..])),
        None => (value, None),
    };
    is_date(date) && time.is_none_or(is_time)
}

fn is_date(date: &str) -> bool {
    let parts: Vec<&str> = date.split('-').collect();
    match parts[..] {
        [year, month, day] => year.len() == 4 && is_digits(year) && in_range(month, 1, 12) && in_range(day, 1, 31),
        _ => false,
    }
}

fn is_time(time: &str) -> bool {
    let (clock, zoned) = match time.strip_prefix(' ') {
        Some(clock) => (Some(clock), false),
        None => (without_zone(&time[1..]), true),
    };
    let Some(clock) = clock else { return false };
    let (clock, fraction) = clock.split_once('.').map_or((clock, None), |(left, right)| (left, Some(right)));
    let parts: Vec<&str> = clock.split(':').collect();
    let fits = matches!(parts[..], [hour, minute, second] if in_range(hour, 0, 23) && in_range(minute, 0, 59) && in_range(second, 0, 59));
    fits && fraction.is_none_or(|text| !text.is_empty() && is_digits(text)) && (zoned || time.starts_with(' '))
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
    text.len() <= 2 && is_digits(text) && text.parse::<u8>().is_ok_and(|number| (low..=high).contains(&number))
}

#[cfg(test)]
mod tests;
