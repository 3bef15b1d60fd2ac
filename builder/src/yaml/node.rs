//! A value of a document, before anyone says what type is wanted.

use std::fmt;
use std::mem;
use std::sync::Arc;

use super::resolve::short_tag;
use super::value::{self, Value};

/// How long a scalar may be and still be shown whole in an error, in bytes.
const MAX_SHOWN: usize = 10;

/// A value of a document, and the line it was written in.
///
/// A tree: aliases are followed, merge keys applied, and of duplicate keys the last has won.
pub struct Node {
    line: usize,
    content: Content,
}

pub(super) enum Content {
    /// Shared by everything that an alias repeats.
    Scalar(Arc<Scalar>),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// A scalar: as written, and what it means.
pub(super) struct Scalar {
    /// The text, quotes and escapes resolved.
    pub(super) source: String,
    /// The full tag, empty when there is none.
    pub(super) tag: String,
    pub(super) meaning: Meaning,
}

/// What a scalar means by the rules of YAML 1.1.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Meaning {
    Null,
    Bool(bool),
    Int(i64),
    /// Beyond [`i64::MAX`].
    Uint(u64),
    Float(f64),
    /// A date; the legacy takes it for text.
    Timestamp,
    /// The source is the text; also behind local tags.
    Text,
    /// The decoded `!!binary`.
    Binary(Vec<u8>),
}

impl Meaning {
    /// The short tag of this type.
    pub(super) const fn tag(&self) -> &'static str {
        match self {
            Self::Null => "!!null",
            Self::Bool(_) => "!!bool",
            Self::Int(_) | Self::Uint(_) => "!!int",
            Self::Float(_) => "!!float",
            Self::Timestamp => "!!timestamp",
            Self::Text => "!!str",
            Self::Binary(_) => "!!binary",
        }
    }
}

impl Node {
    /// Tells whether this is nothing: `null`, `~` or no text.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.scalar()
            .is_some_and(|scalar| scalar.meaning == Meaning::Null)
    }

    /// The text where text is wanted: a scalar as it is written, null as empty, `!!binary` decoded.
    ///
    /// `None` for a list or map.
    #[must_use]
    pub fn as_text(&self) -> Option<Vec<u8>> {
        self.scalar().map(Scalar::text)
    }

    /// The number where an integer is wanted: `010` is 8, `10.5` is 10, null is 0.
    ///
    /// `None` for anything else, also for a number beyond 64 bits.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self.scalar()?.meaning {
            Meaning::Null => Some(0),
            Meaning::Int(int) => Some(int),
            Meaning::Float(float) => truncated(float),
            _ => None,
        }
    }

    /// The elements of a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        match &self.content {
            Content::List(items) => Some(items),
            _ => None,
        }
    }

    /// The members of a map, in document order; a duplicate stands where the first of its key stood.
    #[must_use]
    pub fn as_map(&self) -> Option<&[(Self, Self)]> {
        match &self.content {
            Content::Map(members) => Some(members),
            _ => None,
        }
    }

    /// The value by its own type (builder contract §11); keys of maps become text.
    ///
    /// Members whose key is a list or map are left out.
    #[must_use]
    pub fn as_value(&self) -> Value {
        value::of(self)
    }

    /// The line it was written in, counted from 1.
    #[must_use]
    pub const fn line(&self) -> usize {
        self.line
    }

    /// The type as errors name it: `!!map`, `!!str`, or the tag that the document gives.
    #[must_use]
    pub fn tag_name(&self) -> String {
        match &self.content {
            Content::List(_) => "!!seq".to_owned(),
            Content::Map(_) => "!!map".to_owned(),
            Content::Scalar(scalar) if scalar.tag.is_empty() => scalar.meaning.tag().to_owned(),
            Content::Scalar(scalar) => short_tag(&scalar.tag),
        }
    }

    /// What errors show of a scalar: a blank and its start in backticks; empty for a list or map.
    #[must_use]
    pub fn snippet(&self) -> String {
        let Some(scalar) = self.scalar() else {
            return String::new();
        };
        let source = scalar.source.as_bytes();
        if source.len() <= MAX_SHOWN {
            return format!(" `{}`", scalar.source);
        }
        format!(" `{}...`", String::from_utf8_lossy(&source[..MAX_SHOWN - 3]))
    }

    pub(super) const fn new(line: usize, content: Content) -> Self {
        Self { line, content }
    }

    /// The node of a text that holds no document.
    pub(super) fn null() -> Self {
        let scalar = Scalar {
            source: String::new(),
            tag: String::new(),
            meaning: Meaning::Null,
        };
        Self::new(1, Content::Scalar(Arc::new(scalar)))
    }

    pub(super) fn scalar(&self) -> Option<&Scalar> {
        match &self.content {
            Content::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// Takes the nodes directly within this one out of it.
    fn take_children(&mut self, into: &mut Vec<Self>) {
        match &mut self.content {
            Content::Scalar(_) => {}
            Content::List(items) => into.append(items),
            Content::Map(members) => into.extend(mem::take(members).into_iter().flat_map(<[Self; 2]>::from)),
        }
    }
}

impl Scalar {
    fn text(&self) -> Vec<u8> {
        match &self.meaning {
            Meaning::Null => Vec::new(),
            Meaning::Binary(bytes) => bytes.clone(),
            _ => self.source.clone().into_bytes(),
        }
    }
}

/// Shows the node alone, not what is in it: a document may nest deeper than the stack.
impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}{}", self.line, self.tag_name(), self.snippet())
    }
}

/// Drops without recursion: a document may nest deeper than the stack.
impl Drop for Node {
    fn drop(&mut self) {
        let mut open = Vec::new();
        self.take_children(&mut open);
        while let Some(mut node) = open.pop() {
            node.take_children(&mut open);
        }
    }
}

/// The whole part of a number, when it fits.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn truncated(float: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    (-LIMIT..LIMIT).contains(&float).then_some(float as i64)
}
