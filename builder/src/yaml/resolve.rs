//! What a scalar means by the rules of YAML 1.1 (builder contract §10.1, §11).

use super::timestamp;

const OFFICIAL: &str = "tag:yaml.org,2002:";

/// The type of a scalar, with its value where that is not the text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Resolved {
    Null,
    Bool(bool),
    Int(i64),
    /// Beyond [`i64::MAX`].
    Uint(u64),
    Float(f64),
    /// Text, also dates and local tags.
    Text,
    /// The text of a `!!binary`, not yet decoded.
    Base64,
}

/// A tag as the legacy writes it: `!!int`.
pub(super) fn short_tag(tag: &str) -> String {
    tag.strip_prefix(OFFICIAL).map_or_else(|| tag.to_owned(), |name| format!("!!{name}"))
}

/// Gives a scalar its type: by its text when implicit, checked against the tag when there is one.
///
/// `None` when the text is not what the tag says.
pub(super) fn resolve(tag: &str, value: &str, implicit: bool) -> Option<Resolved> {
    if tag.is_empty() {
        return Some(if implicit { by_text(value) } else { Resolved::Text });
    }
    match (tag.strip_prefix(OFFICIAL), by_text(value)) {
        (Some("binary"), _) => Some(Resolved::Base64),
        (Some("float"), Resolved::Int(int)) => Some(Resolved::Float(as_float(int))),
        (Some("float"), found @ Resolved::Float(_))
        | (Some("int"), found @ (Resolved::Int(_) | Resolved::Uint(_)))
        | (Some("bool"), found @ Resolved::Bool(_))
        | (Some("null"), found @ Resolved::Null) => Some(found),
        (Some("timestamp"), _) => timestamp::matches(value).then_some(Resolved::Text),
        (Some("float" | "int" | "bool" | "null"), _) => None,
        _ => Some(Resolved::Text),
    }
}

#[expect(clippy::cast_precision_loss, reason = "the legacy converts so too")]
const fn as_float(int: i64) -> f64 {
    int as f64
}

fn by_text(value: &str) -> Resolved {
    match value {
        "" | "~" | "null" | "Null" | "NULL" => Resolved::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Resolved::Bool(true),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Resolved::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Resolved::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Resolved::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Resolved::Float(f64::NEG_INFINITY),
        _ if value.starts_with('.') => float(value).map_or(Resolved::Text, Resolved::Float),
        _ if value.starts_with(['+', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) => {
            number(value).unwrap_or(Resolved::Text)
        }
        _ => Resolved::Text,
    }
}

/// Reads an integer or a float, underscores left out.
fn number(value: &str) -> Option<Resolved> {
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

