//! JSON text as the legacy's encoder writes it (builder contract §12.2).
//!
//! Texts are bytes: what is not UTF-8 becomes U+FFFD, one for each bad byte. The result is read by the launcher's
//! YAML parser too, so DEL is escaped and nothing else is that the contract does not name (§13).

pub mod syntax;

use std::fmt::Write as _;

/// Writes one compact JSON value, piece by piece.
///
/// Commas are put where they belong; that every `open_` has its `close_` and every key its value is up to the caller.
#[derive(Debug, Default)]
pub struct Writer {
    text: String,
    needs_comma: bool,
}

impl Writer {
    /// An empty text.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins an object.
    pub fn open_object(&mut self) {
        self.open('{');
    }

    /// Ends the innermost object.
    pub fn close_object(&mut self) {
        self.close('}');
    }

    /// Begins a list.
    pub fn open_list(&mut self) {
        self.open('[');
    }

    /// Ends the innermost list.
    pub fn close_list(&mut self) {
        self.close(']');
    }

    /// Writes the name of the next member.
    pub fn key(&mut self, name: &[u8]) {
        self.separate();
        escape(name, &mut self.text);
        self.text.push(':');
        self.needs_comma = false;
    }

    /// Writes a text.
    pub fn text(&mut self, value: &[u8]) {
        self.separate();
        escape(value, &mut self.text);
        self.needs_comma = true;
    }

    /// Writes `null`.
    pub fn null(&mut self) {
        self.plain("null");
    }

    /// Writes `true` or `false`.
    pub fn boolean(&mut self, value: bool) {
        self.plain(if value { "true" } else { "false" });
    }

    /// Writes an integer.
    pub fn integer(&mut self, value: impl Into<i128>) {
        self.plain(&value.into().to_string());
    }

    /// Writes a finite number in its shortest form, with an exponent from 1e21 up and below 1e-6.
    ///
    /// What is not finite has no form in JSON and is written as `null`; callers leave such members out.
    pub fn float(&mut self, value: f64) {
        if value.is_finite() {
            self.plain(&float_text(value));
        } else {
            self.null();
        }
    }

    /// The bytes, with a line end.
    #[must_use]
    pub fn into_line(mut self) -> Vec<u8> {
        self.text.push('\n');
        self.text.into_bytes()
    }

    fn open(&mut self, bracket: char) {
        self.separate();
        self.text.push(bracket);
        self.needs_comma = false;
    }

    fn close(&mut self, bracket: char) {
        self.text.push(bracket);
        self.needs_comma = true;
    }

    fn plain(&mut self, token: &str) {
        self.separate();
        self.text.push_str(token);
        self.needs_comma = true;
    }

    fn separate(&mut self) {
        if self.needs_comma {
            self.text.push(',');
        }
    }
}

fn float_text(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{value:e}");
        // Large exponents carry a plus sign, small ones their minus.
        return if size >= 1.0 {
            text.replace('e', "e+")
        } else {
            text
        };
    }
    format!("{value}")
}

fn escape(bytes: &[u8], to: &mut String) {
    to.push('"');
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|letter| escape_letter(letter, to));
        to.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    to.push('"');
}

fn escape_letter(letter: char, to: &mut String) {
    match letter {
        '"' => to.push_str("\\\""),
        '\\' => to.push_str("\\\\"),
        '\u{8}' => to.push_str("\\b"),
        '\u{c}' => to.push_str("\\f"),
        '\n' => to.push_str("\\n"),
        '\r' => to.push_str("\\r"),
        '\t' => to.push_str("\\t"),
        '\0'..='\u{1f}' | '\u{7f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
            // Writing to a string cannot fail.
            let _ = write!(to, "\\u{:04x}", u32::from(letter));
        }
        other => to.push(other),
    }
}

#[cfg(test)]
mod tests;
