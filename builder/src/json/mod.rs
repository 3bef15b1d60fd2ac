<<<<<<< HEAD
//! JSON as the legacy writes it (builder contract §12.2): compact, safe in HTML and in YAML 1.1.

mod number;
mod string;

use crate::text::Text;

/// A value to be written; numbers are finite.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number, maybe beyond [`i64::MAX`].
    Uint(u64),
    /// Any finite number; one that is not finite is written as `null`.
    Float(f64),
    /// Bytes that are usually UTF-8; each byte that is not becomes U+FFFD.
    Text(Text),
    /// Values in order.
    List(Vec<Self>),
    /// Members in the order in which they are written.
    Object(Vec<(Text, Self)>),
}

impl Value {
    /// Writes the value on one line, with the line's end.
    #[must_use]
    pub fn to_line(&self) -> Vec<u8> {
        let mut line = Vec::new();
        self.write(&mut line);
        line.push(b'\n');
        line
    }

    /// Appends the value, compact; values within values do not nest on the program's stack.
    pub fn write(&self, into: &mut Vec<u8>) {
        let mut open: Vec<Open<'_>> = Vec::new();
        let mut next = Some(self);
        loop {
            if let Some(value) = next {
                open.extend(value.begin(into));
            }
            let Some(collection) = open.last_mut() else { return };
            next = collection.advance(into);
            if next.is_none() {
                open.pop();
            }
            if open.is_empty() {
                return;
            }
        }
    }

    /// Writes a simple value whole, and the start of a collection.
    fn begin<'v>(&'v self, into: &mut Vec<u8>) -> Option<Open<'v>> {
        match self {
            Self::Null => into.extend_from_slice(b"null"),
            Self::Bool(bool) => into.extend_from_slice(bool.to_string().as_bytes()),
            Self::Int(int) => into.extend_from_slice(int.to_string().as_bytes()),
            Self::Uint(uint) => into.extend_from_slice(uint.to_string().as_bytes()),
            Self::Float(float) => into.extend_from_slice(number::shortest(*float).as_bytes()),
            Self::Text(text) => string::write(text.as_bytes(), into),
            Self::List(values) => {
                into.push(b'[');
                return Some(Open::List { values: values.iter(), first: true });
            }
            Self::Object(members) => {
                into.push(b'{');
                return Some(Open::Object { members: members.iter(), first: true });
            }
        }
        None
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Text::from(text))
    }
}

impl From<Text> for Value {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

/// Builds an object member by member.
#[derive(Debug, Default)]
pub struct Object(Vec<(Text, Value)>);

impl Object {
    /// Adds a member.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.push((Text::from(name), value.into()));
        self
    }

    /// Adds a member if there is a value.
    #[must_use]
    pub fn with_some(self, name: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
=======
//! JSON text as the legacy's encoder writes it (builder contract §12.2).
//!
//! Texts are bytes: what is not UTF-8 becomes U+FFFD, one for each bad byte. The result is read by the launcher's
//! YAML parser too, so DEL is escaped and nothing else is that the contract does not name (§13).

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
        if value.is_finite() { self.plain(&float_text(value)) } else { self.null() }
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
>>>>>>> main
        }
    }
}

<<<<<<< HEAD
impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object.0)
    }
}

/// A collection that is being written.
enum Open<'v> {
    List { values: std::slice::Iter<'v, Value>, first: bool },
    Object { members: std::slice::Iter<'v, (Text, Value)>, first: bool },
}

impl<'v> Open<'v> {
    /// Writes what stands before the next value, or the end; `None` at the end.
    fn advance(&mut self, into: &mut Vec<u8>) -> Option<&'v Value> {
        match self {
            Self::List { values, first } => {
                let Some(value) = values.next() else {
                    into.push(b']');
                    return None;
                };
                separate(first, into);
                Some(value)
            }
            Self::Object { members, first } => {
                let Some((name, value)) = members.next() else {
                    into.push(b'}');
                    return None;
                };
                separate(first, into);
                string::write(name.as_bytes(), into);
                into.push(b':');
                Some(value)
            }
        }
    }
}

fn separate(first: &mut bool, into: &mut Vec<u8>) {
    if !std::mem::take(first) {
        into.push(b',');
=======
fn float_text(value: f64) -> String {
    let size = value.abs();
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = format!("{value:e}");
        // Large exponents carry a plus sign, small ones their minus.
        return if size >= 1.0 { text.replace('e', "e+") } else { text };
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
>>>>>>> main
    }
}

#[cfg(test)]
mod tests;
