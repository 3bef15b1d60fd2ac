//! Free values: whatever the document holds, by the types of YAML 1.1 (builder contract §11).

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write;

use super::MAX_DEPTH;
use super::base64;
use super::decode::{Decoder, View};
use super::document::{Content, NodeId};
use super::error::YamlError;
use super::resolve::{Resolved, resolve};
use crate::json::Value;
use crate::text::Text;

/// A value that JSON can hold, and what it cannot.
#[derive(Debug, Clone, PartialEq)]
pub struct FreeValue {
    /// The value; `None` when it is itself not a finite number.
    pub value: Option<Value>,
    /// Where a number was left out because it is not finite: `.a.b[2]`.
    pub dropped: Vec<String>,
}

/// A list or mapping whose values are being read.
struct Open {
    collection: Collection,
    next: usize,
    /// The alias it was reached through.
    through: Option<NodeId>,
}

enum Collection {
    List { items: Vec<View>, values: Vec<Value> },
    Mapping { fields: Vec<(View, View)>, key: Text, values: BTreeMap<Text, Value> },
}

/// What a view turned out to be.
enum Opened {
    Value(Value),
    NotFinite,
    Collection(Open),
}

impl Decoder<'_> {
    /// Reads a free value; a mapping becomes an object sorted by key, its keys turned to text.
    ///
    /// A number that is not finite is left out with its key (design §5).
    pub fn value(&mut self, view: View) -> Result<FreeValue, YamlError> {
        let mut stack: Vec<Open> = Vec::new();
        let mut active = HashSet::new();
        let mut dropped = Vec::new();
        let mut next = Some(view);
        loop {
            let done = match next.take() {
                Some(view) => match self.open_value(view, &mut active)? {
                    Opened::Collection(open) if stack.len() < MAX_DEPTH => {
                        stack.push(open);
                        None
                    }
                    Opened::Collection(_) => return Err(YamlError::TooDeep(MAX_DEPTH)),
                    Opened::Value(value) => Some(Some(value)),
                    Opened::NotFinite => {
                        dropped.push(path(&stack));
                        Some(None)
                    }
                },
                None => stack.pop().map(|open| {
                    open.through.map(|alias| active.remove(&alias));
                    Some(open.collection.close())
                }),
            };
            if let Some(value) = done {
                match stack.last_mut() {
                    None => return Ok(FreeValue { value, dropped }),
                    Some(open) => open.collection.add(value),
                }
            }
            if let Some(open) = stack.last_mut() {
                next = self.advance(open)?;
            }
        }
    }

    fn open_value(&mut self, view: View, active: &mut HashSet<NodeId>) -> Result<Opened, YamlError> {
        let document = self.document;
        let through = match &document.node(view.node).content {
            Content::Alias { name, .. } if active.contains(&view.node) => return Err(YamlError::SelfReference(name.clone())),
            Content::Alias { .. } => Some(view.node),
            _ => None,
        };
        let view = self.open(view)?;
        let collection = match &document.node(view.node).content {
            Content::Sequence(children) => {
                let items = children.iter().map(|node| View { node: *node, ..view }).collect();
                Collection::List { items, values: Vec::new() }
            }
            Content::Mapping(_) => {
                let fields = self.fields(view, "map")?;
                Collection::Mapping { fields: fields.or_default(), key: Text::empty(), values: BTreeMap::new() }
            }
            _ => return self.scalar(view),
        };
        active.extend(through);
        Ok(Opened::Collection(Open { collection, next: 0, through }))
    }

    fn scalar(&mut self, view: View) -> Result<Opened, YamlError> {
        let node = self.document.node(view.node);
        let Content::Scalar { value, implicit } = &node.content else {
            return Ok(Opened::Value(Value::Null));
        };
        self.charge(view, value.len())?;
        Ok(Opened::Value(match resolve(&node.tag, value, *implicit)? {
            Resolved::Null => Value::Null,
            Resolved::Bool(bool) => Value::Bool(bool),
            Resolved::Int(int) => Value::Int(int),
            Resolved::Uint(uint) => Value::Uint(uint),
            Resolved::Float(float) if float.is_finite() => Value::Float(float),
            Resolved::Float(_) => return Ok(Opened::NotFinite),
            Resolved::Text(text) => Value::Text(Text::from(text)),
            Resolved::Base64(text) => Value::Text(Text::from(base64::decode(text).ok_or(YamlError::Base64)?)),
        }))
    }

    /// The next value of an open collection; `None` at its end.
    fn advance(&mut self, open: &mut Open) -> Result<Option<View>, YamlError> {
        let place = open.next;
        open.next += 1;
        match &mut open.collection {
            Collection::List { items, .. } => Ok(items.get(place).copied()),
            Collection::Mapping { fields, key, .. } => {
                let Some((name, value)) = fields.get(place).copied() else { return Ok(None) };
                *key = self.free_key(name)?;
                Ok(Some(value))
            }
        }
    }

    /// A key as text: an integer in decimal, any other scalar as it is written.
    fn free_key(&mut self, key: View) -> Result<Text, YamlError> {
        let view = self.open(key)?;
        let node = self.document.node(view.node);
        let Content::Scalar { value, implicit } = &node.content else {
            return Err(YamlError::MapKey);
        };
        match resolve(&node.tag, value, *implicit)? {
            Resolved::Int(int) => Ok(Text::from(int.to_string())),
            Resolved::Uint(uint) => Ok(Text::from(uint.to_string())),
            _ => Ok(self.text(view)?.unwrap_or_default()),
        }
    }
}

impl Collection {
    fn add(&mut self, value: Option<Value>) {
        let Some(value) = value else { return };
        match self {
            Self::List { values, .. } => values.push(value),
            Self::Mapping { key, values, .. } => {
                values.insert(std::mem::take(key), value);
            }
        }
    }

    fn close(self) -> Value {
        match self {
            Self::List { values, .. } => Value::List(values),
            Self::Mapping { values, .. } => Value::Object(values.into_iter().collect()),
        }
    }
}

fn path(stack: &[Open]) -> String {
    let mut path = String::new();
    for open in stack {
        let _ = match &open.collection {
            Collection::List { .. } => write!(path, "[{}]", open.next.saturating_sub(1)),
            Collection::Mapping { key, .. } => write!(path, ".{key}"),
        };
    }
    path
}
