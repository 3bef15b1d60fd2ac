//! Free values: whatever the document holds, by the types of YAML 1.1 (builder contract §11).

use super::node::{Content, Node, Scalar};

/// A value of `output_metadata`; texts are bytes.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// `yes`, `on`, `true`, `y` and their opposites.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A whole number beyond [`i64::MAX`].
    Uint(u64),
    /// Any other number, also infinities and "not a number".
    Float(f64),
    /// Anything else that is no collection: also dates and `1:30`.
    Text(Vec<u8>),
    /// Values in order.
    List(Vec<Self>),
    /// Values by key in document order, keys turned to text.
    Map(Vec<(Vec<u8>, Self)>),
}

/// A collection whose values are being read.
enum Open<'n> {
    List { items: std::slice::Iter<'n, Node>, values: Vec<Value> },
    Map { entries: std::slice::Iter<'n, (Node, Node)>, key: Vec<u8>, values: Vec<(Vec<u8>, Value)> },
}

impl Node {
    /// The node as a free value; an entry whose key is no scalar is left out.
    #[must_use]
    pub fn as_value(&self) -> Value {
        let mut open: Vec<Open<'_>> = Vec::new();
        let mut next = Some(self);
        loop {
            let done = match next.take() {
                Some(node) => match Open::new(node) {
                    Ok(collection) => {
                        open.push(collection);
                        None
                    }
                    Err(scalar) => Some(scalar),
                },
                None => open.pop().map(Open::close),
            };
            if let Some(value) = done {
                match open.last_mut() {
                    None => return value,
                    Some(collection) => collection.add(value),
                }
            }
            next = open.last_mut().and_then(Open::advance);
        }
    }
}

impl Value {
    /// Tells whether every number in it is finite, so that JSON can hold it.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        let mut waiting = vec![self];
        while let Some(value) = waiting.pop() {
            match value {
                Self::Float(float) if !float.is_finite() => return false,
                Self::List(values) => waiting.extend(values),
                Self::Map(values) => waiting.extend(values.iter().map(|(_, value)| value)),
                _ => {}
            }
        }
        true
    }
}

impl<'n> Open<'n> {
    /// A collection, or else the value of a scalar.
    fn new(node: &'n Node) -> Result<Self, Value> {
        match node.content() {
            Content::List(items) => Ok(Self::List { items: items.iter(), values: Vec::new() }),
            Content::Map(entries) => Ok(Self::Map { entries: entries.iter(), key: Vec::new(), values: Vec::new() }),
            Content::Scalar { value, scalar } => Err(match scalar {
                Scalar::Null => Value::Null,
                Scalar::Bool(bool) => Value::Bool(*bool),
                Scalar::Int(int) => Value::Int(*int),
                Scalar::Uint(uint) => Value::Uint(*uint),
                Scalar::Float(float) => Value::Float(*float),
                Scalar::Binary(bytes) => Value::Text(bytes.clone()),
                Scalar::Text | Scalar::Unreadable => Value::Text(value.clone().into_bytes()),
            }),
        }
    }

    fn advance(&mut self) -> Option<&'n Node> {
        match self {
            Self::List { items, .. } => items.next(),
            Self::Map { entries, key, .. } => {
                let (name, value, node) = entries.find_map(|(name, node)| Some((name, free_key(name)?, node)))?;
                debug_assert!(name.as_map().is_none(), "a key is a scalar");
                *key = value;
                Some(node)
            }
        }
    }

    fn add(&mut self, value: Value) {
        match self {
            Self::List { values, .. } => values.push(value),
            Self::Map { key, values, .. } => values.push((std::mem::take(key), value)),
        }
    }

    fn close(self) -> Value {
        match self {
            Self::List { values, .. } => Value::List(values),
            Self::Map { values, .. } => Value::Map(values),
        }
    }
}

/// A key as text: a whole number in decimal, any other scalar as it is written.
fn free_key(key: &Node) -> Option<Vec<u8>> {
    match key.content() {
        Content::Scalar { scalar: Scalar::Int(int), .. } => Some(int.to_string().into_bytes()),
        Content::Scalar { scalar: Scalar::Uint(uint), .. } => Some(uint.to_string().into_bytes()),
        _ => key.as_text(),
    }
}
