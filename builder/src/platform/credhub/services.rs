//! `VCAP_SERVICES` on its way to the server and back.

use std::fmt::Write as _;

use serde_json::{Map, Number, Value};

use super::error::ExchangeError;

/// Tells whether the text holds the name of a reference, quotes included, anywhere.
pub(super) fn has_reference(services: &[u8]) -> bool {
    let mark = br#""credhub-ref""#;
    services.windows(mark.len()).any(|window| window == mark)
}

/// Re-encodes the services as the legacy does: compact, members by name, `< > &` escaped.
///
/// Integers of up to 64 bits keep all digits, which the legacy does not (L-15).
pub(super) fn encode(services: &[u8]) -> Result<String, ExchangeError> {
    let members: Map<String, Value> =
        serde_json::from_str(&text_of(services)).map_err(|_| ExchangeError::Services)?;
    let mut out = String::with_capacity(services.len());
    write_value(&mut out, &Value::Object(members));
    Ok(out)
}

/// Passes an answer that can become the new `VCAP_SERVICES`: a JSON object (L-14).
pub(super) fn check(answer: Vec<u8>) -> Result<Vec<u8>, ExchangeError> {
    let whole: Result<Map<String, Value>, _> = serde_json::from_str(&text_of(&answer));
    whole.map(|_| answer).map_err(|_| ExchangeError::Answer)
}

/// Reads bytes as the legacy reads JSON: one replacement character for each byte that is no UTF-8.
pub(super) fn text_of(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    text
}

/// Writes a value. As deep as the decoder lets values be, which is 128.
fn write_value(out: &mut String, value: &Value) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => write_number(out, number),
        Value::String(text) => write_text(out, text),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(out, index);
                write_value(out, item);
            }
            out.push(']');
        }
        Value::Object(members) => write_object(out, members),
    }
}

fn write_object(out: &mut String, members: &Map<String, Value>) {
    // Sorted here too, so that no feature of the library decides.
    let mut members: Vec<_> = members.iter().collect();
    members.sort_by_key(|(name, _)| *name);
    out.push('{');
    for (index, (name, value)) in members.into_iter().enumerate() {
        separate(out, index);
        write_text(out, name);
        out.push(':');
        write_value(out, value);
    }
    out.push('}');
}

fn separate(out: &mut String, index: usize) {
    if index > 0 {
        out.push(',');
    }
}

/// Fractions and exponents go through 64-bit floats: `1.50` becomes `1.5`, `1e3` becomes `1000`.
fn write_number(out: &mut String, number: &Number) {
    let text = match number.as_f64() {
        Some(float) if number.is_f64() => float_text(float),
        _ => number.to_string(),
    };
    out.push_str(&text);
}

/// The shortest decimal form; with an exponent below 1e-6 and from 1e21 on.
fn float_text(float: f64) -> String {
    let size = float.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{float:e}");
        return if size < 1.0 {
            text
        } else {
            text.replacen('e', "e+", 1)
        };
    }
    format!("{float}")
}

fn write_text(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\0'..='\x1f' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests;
