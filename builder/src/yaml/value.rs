//! Free values: whatever a document holds, by the types of YAML 1.1 (builder contract §11).

use std::collections::HashMap;
use std::mem;
use std::slice;

use super::node::{Meaning, Node};

/// A value that is not asked to be of any type.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing.
    Null,
    /// `yes`, `on`, `true` and their opposites.
    Bool(bool),
    /// An integer of 64 bits with sign.
    Int(i64),
    /// An integer beyond [`i64::MAX`].
    Uint(u64),
    /// Any other number, also infinite or none.
    Float(f64),
    /// Text as bytes: `!!binary` need not be UTF-8.
    Text(Vec<u8>),
    /// A list.
    List(Vec<Self>),
    /// A map in document order, its keys turned to text, each but once.
    Map(Vec<(Vec<u8>, Self)>),
}

impl Value {
    /// Tells whether every number in it is finite, so that JSON can hold it.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        let mut open = vec![self];
        while let Some(value) = open.pop() {
            match value {
                Self::Float(float) if !float.is_finite() => return false,
                Self::List(items) => open.extend(items),
                Self::Map(members) => open.extend(members.iter().map(|(_, value)| value)),
                _ => {}
            }
        }
        true
    }

    fn take_children(&mut self, into: &mut Vec<Self>) {
        match self {
            Self::List(items) => into.append(items),
            Self::Map(members) => into.extend(mem::take(members).into_iter().map(|(_, value)| value)),
            _ => {}
        }
    }
}

/// Drops without recursion: a document may nest deeper than the stack.
impl Drop for Value {
    fn drop(&mut self) {
        let mut open = Vec::new();
        self.take_children(&mut open);
        while let Some(mut value) = open.pop() {
            value.take_children(&mut open);
        }
    }
}

/// A list or map whose values are being read.
enum Open<'n> {
    List {
        rest: slice::Iter<'n, Node>,
        values: Vec<Value>,
    },
    Map {
        rest: slice::Iter<'n, (Node, Node)>,
        key: Vec<u8>,
        values: Vec<(Vec<u8>, Value)>,
        places: HashMap<Vec<u8>, usize>,
    },
}

/// The free value of a node.
pub(super) fn of(node: &Node) -> Value {
    let mut stack: Vec<Open<'_>> = Vec::new();
    let mut next = Some(node);
    loop {
        let done = match next.take() {
            Some(node) => match open(node) {
                Ok(open) => {
                    stack.push(open);
                    None
                }
                Err(scalar) => Some(scalar),
            },
            None => stack.pop().map(Open::close),
        };
        if let Some(value) = done {
            match stack.last_mut() {
                None => return value,
                Some(open) => open.add(value),
            }
        }
        next = stack.last_mut().and_then(Open::advance);
    }
}

/// Opens a collection; a scalar has its value at once.
fn open(node: &Node) -> Result<Open<'_>, Value> {
    if let Some(items) = node.as_list() {
        return Ok(Open::List {
            rest: items.iter(),
            values: Vec::with_capacity(items.len()),
        });
    }
    match node.as_map() {
        Some(members) => Ok(Open::Map {
            rest: members.iter(),
            key: Vec::new(),
            values: Vec::new(),
            places: HashMap::new(),
        }),
        None => Err(scalar(node)),
    }
}

fn scalar(node: &Node) -> Value {
    match node.scalar().map(|scalar| &scalar.meaning) {
        None | Some(Meaning::Null) => Value::Null,
        Some(Meaning::Bool(bool)) => Value::Bool(*bool),
        Some(Meaning::Int(int)) => Value::Int(*int),
        Some(Meaning::Uint(uint)) => Value::Uint(*uint),
        Some(Meaning::Float(float)) => Value::Float(*float),
        Some(Meaning::Timestamp | Meaning::Text | Meaning::Binary(_)) => {
            Value::Text(node.as_text().unwrap_or_default())
        }
    }
}

/// A key as text: an integer in decimal, any other scalar as it is written.
fn key_text(key: &Node) -> Option<Vec<u8>> {
    match key.scalar()?.meaning {
        Meaning::Int(int) => Some(int.to_string().into_bytes()),
        Meaning::Uint(uint) => Some(uint.to_string().into_bytes()),
        _ => key.as_text(),
    }
}

impl<'n> Open<'n> {
    /// The next node whose value is wanted.
    fn advance(&mut self) -> Option<&'n Node> {
        match self {
            Self::List { rest, .. } => rest.next(),
            Self::Map { rest, key, .. } => {
                let (text, value) = rest.find_map(|(key, value)| Some((key_text(key)?, value)))?;
                *key = text;
                Some(value)
            }
        }
    }

    fn add(&mut self, value: Value) {
        match self {
            Self::List { values, .. } => values.push(value),
            Self::Map {
                key, values, places, ..
            } => {
                let place = *places.entry(key.clone()).or_insert(values.len());
                match values.get_mut(place) {
                    Some((_, old)) => *old = value,
                    None => values.push((mem::take(key), value)),
                }
            }
        }
    }

    fn close(self) -> Value {
        match self {
            Self::List { values, .. } => Value::List(values),
            Self::Map { values, .. } => Value::Map(values),
        }
    }
}
