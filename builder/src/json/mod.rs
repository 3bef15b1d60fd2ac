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
        }
    }
}

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
    }
}

#[cfg(test)]
mod tests;
