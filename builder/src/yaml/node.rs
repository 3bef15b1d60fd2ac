//! A value as written, and what it is as the type that is wanted (builder contract §10.1, "wanted").

use std::rc::Rc;

use super::base64;
use super::error::Mismatch;
use super::extent::Extent;
use super::resolve::{self, Resolved};

/// How much of a wrong value a message shows, in bytes.
const MAX_SHOWN: usize = 10;

/// A node of a document; cheap to clone, so that an alias costs nothing.
#[derive(Debug, Clone)]
pub struct Node(Rc<Inner>);

#[derive(Debug)]
struct Inner {
    content: Content,
    /// The full tag, empty when there is none.
    tag: String,
    /// Counted from 1.
    line: usize,
    extent: Extent,
}

#[derive(Debug)]
pub(super) enum Content {
    Scalar { value: String, scalar: Scalar },
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
}

/// What a scalar is by its text and tag.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Float(f64),
    Text,
    Binary(Vec<u8>),
    /// Not what its tag says.
    Unreadable,
}

impl Node {
    /// What stands where there is no document.
    pub(super) fn null() -> Self {
        Self::scalar(1, String::new(), String::new(), true)
    }

    pub(super) fn scalar(line: usize, tag: String, value: String, implicit: bool) -> Self {
        let scalar = match resolve::resolve(&tag, &value, implicit) {
            Some(Resolved::Null) => Scalar::Null,
            Some(Resolved::Bool(bool)) => Scalar::Bool(bool),
            Some(Resolved::Int(int)) => Scalar::Int(int),
            Some(Resolved::Uint(uint)) => Scalar::Uint(uint),
            Some(Resolved::Float(float)) => Scalar::Float(float),
            Some(Resolved::Text) => Scalar::Text,
            Some(Resolved::Base64) => base64::decode(&value).map_or(Scalar::Unreadable, Scalar::Binary),
            None => Scalar::Unreadable,
        };
        let extent = Extent::scalar(&value);
        Self(Rc::new(Inner { content: Content::Scalar { value, scalar }, tag, line, extent }))
    }

    pub(super) fn collection(line: usize, tag: String, content: Content, extent: Extent) -> Self {
        Self(Rc::new(Inner { content, tag, line, extent }))
    }

    pub(super) fn content(&self) -> &Content {
        &self.0.content
    }

    pub(super) fn extent(&self) -> Extent {
        self.0.extent
    }

    /// Tells whether this is `null`, `~` or nothing.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self.content(), Content::Scalar { scalar: Scalar::Null, .. })
    }

    /// The entries of a mapping in document order, merge keys resolved, every text key once: of several the last wins.
    #[must_use]
    pub fn as_map(&self) -> Option<&[(Self, Self)]> {
        match self.content() {
            Content::Map(entries) => Some(entries),
            Content::Scalar { .. } | Content::List(_) => None,
        }
    }

    /// The elements of a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        match self.content() {
            Content::List(items) => Some(items),
            Content::Scalar { .. } | Content::Map(_) => None,
        }
    }

    /// The text of a scalar as it is written: `1.50`, `010`, `yes`; empty for null, decoded for `!!binary`.
    #[must_use]
    pub fn as_text(&self) -> Option<Vec<u8>> {
        match self.content() {
            Content::Scalar { scalar: Scalar::Unreadable, .. } | Content::List(_) | Content::Map(_) => None,
            Content::Scalar { scalar: Scalar::Null, .. } => Some(Vec::new()),
            Content::Scalar { scalar: Scalar::Binary(bytes), .. } => Some(bytes.clone()),
            Content::Scalar { value, .. } => Some(value.clone().into_bytes()),
        }
    }

    /// The number of a scalar: `010` is 8, `10.5` is 10, null is 0; `None` for quoted digits and what does not fit.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self.content() {
            Content::Scalar { scalar: Scalar::Null, .. } => Some(0),
            Content::Scalar { scalar: Scalar::Int(int), .. } => Some(*int),
            Content::Scalar { scalar: Scalar::Float(float), .. } => truncated(*float),
            _ => None,
        }
    }

    /// What a message says when something else was wanted.
    pub(super) fn mismatch(&self, wanted: &'static str) -> Mismatch {
        let (kind, value) = match self.content() {
            Content::List(_) => ("!!seq", None),
            Content::Map(_) => ("!!map", None),
            Content::Scalar { value, scalar } => (scalar.tag(), Some(shown(value))),
        };
        let tag = if self.0.tag.is_empty() { kind.to_owned() } else { resolve::short_tag(&self.0.tag) };
        Mismatch { line: self.0.line, tag, value, wanted }
    }
}

impl Scalar {
    const fn tag(&self) -> &'static str {
        match self {
            Self::Null => "!!null",
            Self::Bool(_) => "!!bool",
            Self::Int(_) | Self::Uint(_) => "!!int",
            Self::Float(_) => "!!float",
            Self::Text | Self::Unreadable => "!!str",
            Self::Binary(_) => "!!binary",
        }
    }
}

fn shown(value: &str) -> String {
    if value.len() <= MAX_SHOWN {
        return value.to_owned();
    }
    format!("{}...", &value[..value.floor_char_boundary(MAX_SHOWN - 3)])
}

/// The whole part of a number, when it fits.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn truncated(float: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    (-LIMIT..LIMIT).contains(&float).then_some(float as i64)
}
