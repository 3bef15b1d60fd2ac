//! What a scalar means by the rules of YAML 1.1 (builder contract §10.1, §11).

use super::base64;
use super::error::YamlError;
use super::float;
use super::node::Meaning;
use super::timestamp::is_timestamp;

const OFFICIAL: &str = "tag:yaml.org,2002:";

/// A tag as the legacy writes it: `!!int`.
pub(super) fn short_tag(tag: &str) -> String {
    tag.strip_prefix(OFFICIAL)
        .map_or_else(|| tag.to_owned(), |name| format!("!!{name}"))
}

/// Gives a scalar its type: by its text when implicit, checked against the tag when there is one.
pub(super) fn resolve(tag: &str, value: &str, implicit: bool) -> Result<Meaning, YamlError> {
    if tag.is_empty() {
        return Ok(match implicit {
            true if is_timestamp(value) => Meaning::Timestamp,
            true => by_text(value),
            false => Meaning::Text,
        });
    }
    let found = match (tag.strip_prefix(OFFICIAL), by_text(value)) {
        (Some("binary"), _) => {
            return base64::decode(value)
                .map(Meaning::Binary)
                .ok_or(YamlError::Base64);
        }
        (Some("timestamp"), _) if is_timestamp(value) => return Ok(Meaning::Timestamp),
        (Some("float"), Meaning::Int(int)) => return Ok(Meaning::Float(as_float(int))),
        (Some("float" | "int" | "bool" | "null" | "timestamp"), found) => found,
        _ => return Ok(Meaning::Text),
    };
    let tag = short_tag(tag);
    if found.tag() == tag {
        Ok(found)
    } else {
        Err(YamlError::Tag {
            found: found.tag(),
            value: value.to_owned(),
            tag,
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "the legacy converts so too")]
const fn as_float(int: i64) -> f64 {
    int as f64
}

fn by_text(value: &str) -> Meaning {
    match value {
        "" | "~" | "null" | "Null" | "NULL" => Meaning::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Meaning::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Meaning::Bool(false)
        }
        ".nan" | ".NaN" | ".NAN" => Meaning::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Meaning::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Meaning::Float(f64::NEG_INFINITY),
        _ if value.starts_with('.') => float::with_underscores(value).map_or(Meaning::Text, Meaning::Float),
        _ if value.starts_with(['+', '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) => {
            number(value).unwrap_or(Meaning::Text)
        }
        _ => Meaning::Text,
    }
}

/// Reads an integer or a float, underscores left out.
fn number(value: &str) -> Option<Meaning> {
    let plain = value.replace('_', "");
    let (negative, digits) = match plain.strip_prefix(['+', '-']) {
        Some(digits) => (plain.starts_with('-'), digits),
        None => (false, plain.as_str()),
    };
    let signed = plain.len() != digits.len();
    if let Some(magnitude) = magnitude(digits) {
        if let Some(int) = int(negative, magnitude) {
            return Some(Meaning::Int(int));
        }
        if let (false, Ok(uint)) = (signed, u64::try_from(magnitude)) {
            return Some(Meaning::Uint(uint));
        }
    }
    float::parse(&plain)
        .map(Meaning::Float)
        .or_else(|| signed_binary(&plain).map(Meaning::Int))
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
    plain
        .strip_prefix("0b")
        .filter(|digits| digits.starts_with(['+', '-']))
        .and_then(|digits| i64::from_str_radix(digits, 2).ok())
}
