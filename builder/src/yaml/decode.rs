//! Gives the values of a document the types that are wanted (builder contract §10.1, "wanted").
//!
//! A value of another type is noted and passed over, so that one reading tells all of them; what makes the whole
//! document useless is an error at once.

use super::base64;
use super::document::{Content, Document, NodeId};
use super::error::{Mismatch, YamlError};
use super::resolve::{Resolved, resolve, short_tag};
use super::text_map::TextMap;
use crate::text::Text;

/// How many bytes of text aliases may repeat.
const MAX_REPEATED_TEXT: usize = 8 << 20;

/// How much of a wrong value a message shows.
const MAX_SHOWN: usize = 10;

/// A value within the document that is being decoded.
#[derive(Debug, Clone, Copy)]
pub struct View {
    pub(super) node: NodeId,
    /// Reached through an alias.
    pub(super) aliased: bool,
}

/// What was found where a list or mapping was wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape<T> {
    /// Nothing: `null`, `~` or no text.
    Null,
    /// What was wanted.
    Found(T),
    /// Something else, which is noted.
    Mismatch,
}

impl<T: Default> Shape<T> {
    /// The value found; an empty one for null and for what was noted.
    #[must_use]
    pub fn or_default(self) -> T {
        match self {
            Self::Found(found) => found,
            Self::Null | Self::Mismatch => T::default(),
        }
    }
}

/// Reads a document's values, and keeps count of what its aliases cost.
pub struct Decoder<'d> {
    pub(super) document: &'d Document,
    mismatches: Vec<Mismatch>,
    decoded: u64,
    repeated: u64,
    repeated_text: usize,
}

impl<'d> Decoder<'d> {
    /// Starts at nothing.
    #[must_use]
    pub const fn new(document: &'d Document) -> Self {
        Self { document, mismatches: Vec::new(), decoded: 0, repeated: 0, repeated_text: 0 }
    }

    /// The document's value; `None` when the text holds no document, not even an empty one.
    #[must_use]
    pub fn root(&self) -> Option<View> {
        self.document.root().map(|node| View { node, aliased: false })
    }

    /// Ends the reading; an error tells every value of a wrong type.
    pub fn finish(self) -> Result<(), YamlError> {
        if self.mismatches.is_empty() { Ok(()) } else { Err(YamlError::Types(self.mismatches)) }
    }

    /// Reads a text: a scalar as it is written, null as empty, `!!binary` decoded; `None` for a list or mapping.
    pub fn text(&mut self, view: View) -> Result<Option<Text>, YamlError> {
        let view = self.open(view)?;
        let node = self.document.node(view.node);
        let Content::Scalar { value, implicit } = &node.content else {
            self.mismatch(view, None, "string");
            return Ok(None);
        };
        let text = match resolve(&node.tag, value, *implicit)? {
            Resolved::Null => Text::empty(),
            Resolved::Base64(text) => Text::from(base64::decode(text).ok_or(YamlError::Base64)?),
            _ => Text::from(value.as_str()),
        };
        self.charge(view, text.as_bytes().len())?;
        Ok(Some(text))
    }

    /// Reads an integer: `010` is 8, `10.5` is 10, null is 0; `None` for anything else, also one that does not fit.
    pub fn integer(&mut self, view: View) -> Result<Option<i64>, YamlError> {
        let view = self.open(view)?;
        let node = self.document.node(view.node);
        let Content::Scalar { value, implicit } = &node.content else {
            self.mismatch(view, None, "int");
            return Ok(None);
        };
        let resolved = resolve(&node.tag, value, *implicit)?;
        let integer = match resolved {
            Resolved::Null => Some(0),
            Resolved::Int(int) => Some(int),
            Resolved::Float(float) => truncated(float),
            _ => None,
        };
        if integer.is_none() {
            self.mismatch(view, Some(&resolved), "int");
        }
        Ok(integer)
    }

    /// Reads a list of text; an element that is none is noted and left out.
    pub fn text_list(&mut self, view: View) -> Result<Shape<Vec<Text>>, YamlError> {
        let items = match self.items(view, "[]string")? {
            Shape::Found(items) => items,
            Shape::Null => return Ok(Shape::Null),
            Shape::Mismatch => return Ok(Shape::Mismatch),
        };
        let mut texts = Vec::with_capacity(items.len());
        for item in items {
            texts.extend(self.text(item)?);
        }
        Ok(Shape::Found(texts))
    }

    /// Reads a map from text to text; an entry that is none is noted and left out.
    pub fn text_map(&mut self, view: View) -> Result<Shape<TextMap>, YamlError> {
        let fields = match self.fields(view, "map[string]string")? {
            Shape::Found(fields) => fields,
            Shape::Null => return Ok(Shape::Null),
            Shape::Mismatch => return Ok(Shape::Mismatch),
        };
        let mut map = TextMap::default();
        for (key, value) in fields {
            if let Some(key) = self.text(key)?
                && let Some(value) = self.text(value)?
            {
                map.insert(key, value);
            }
        }
        Ok(Shape::Found(map))
    }

    /// The elements of a list.
    pub fn items(&mut self, view: View, wanted: &'static str) -> Result<Shape<Vec<View>>, YamlError> {
        let view = self.open(view)?;
        if let Content::Sequence(children) = &self.document.node(view.node).content {
            return Ok(Shape::Found(children.iter().map(|node| View { node: *node, ..view }).collect()));
        }
        self.null_or_mismatch(view, wanted)
    }

    /// Follows an alias, and counts; what it returns is no alias.
    pub(super) fn open(&mut self, view: View) -> Result<View, YamlError> {
        self.spend(view.aliased)?;
        match &self.document.node(view.node).content {
            Content::Alias { target, .. } => {
                self.spend(true)?;
                Ok(View { node: *target, aliased: true })
            }
            _ => Ok(view),
        }
    }

    /// Null, or a noted mismatch: for what is not the wanted list or mapping.
    pub(super) fn null_or_mismatch<T>(&mut self, view: View, wanted: &'static str) -> Result<Shape<T>, YamlError> {
        let node = self.document.node(view.node);
        let Content::Scalar { value, implicit } = &node.content else {
            self.mismatch(view, None, wanted);
            return Ok(Shape::Mismatch);
        };
        let resolved = resolve(&node.tag, value, *implicit)?;
        if resolved == Resolved::Null {
            return Ok(Shape::Null);
        }
        self.mismatch(view, Some(&resolved), wanted);
        Ok(Shape::Mismatch)
    }

    /// Counts the bytes of a text that an alias repeats.
    pub(super) fn charge(&mut self, view: View, bytes: usize) -> Result<(), YamlError> {
        if view.aliased {
            self.repeated_text = self.repeated_text.saturating_add(bytes);
        }
        if self.repeated_text > MAX_REPEATED_TEXT { Err(YamlError::ExcessiveAliasing) } else { Ok(()) }
    }

    /// Counts a value; the share of those that come from aliases may not pass the legacy's limit.
    pub(super) fn spend(&mut self, aliased: bool) -> Result<(), YamlError> {
        self.decoded += 1;
        self.repeated += u64::from(aliased);
        let excessive = self.repeated > 100 && self.decoded > 1000 && self.repeated * 100 > self.decoded * allowed_percent(self.decoded);
        if excessive { Err(YamlError::ExcessiveAliasing) } else { Ok(()) }
    }

    fn mismatch(&mut self, view: View, found: Option<&Resolved<'_>>, wanted: &'static str) {
        let node = self.document.node(view.node);
        let (kind, value) = match &node.content {
            Content::Sequence(_) => ("!!seq", None),
            Content::Mapping(_) | Content::Alias { .. } => ("!!map", None),
            Content::Scalar { value, .. } => (found.map_or("!!str", Resolved::tag), Some(shown(value))),
        };
        let tag = if node.tag.is_empty() { kind.to_owned() } else { short_tag(&node.tag) };
        self.mismatches.push(Mismatch { line: node.line, tag, value, wanted });
    }
}

fn shown(value: &str) -> String {
    if value.len() <= MAX_SHOWN {
        return value.to_owned();
    }
    format!("{}...", &value[..value.floor_char_boundary(MAX_SHOWN - 3)])
}

/// How many of a hundred values may come from aliases: 99 in small documents, 10 in large ones.
const fn allowed_percent(decoded: u64) -> u64 {
    const SMALL: u64 = 400_000;
    const LARGE: u64 = 4_000_000;
    match decoded {
        0..=SMALL => 99,
        LARGE.. => 10,
        _ => 99 - 89 * (decoded - SMALL) / (LARGE - SMALL),
    }
}

/// The whole part of a number, when it fits.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
fn truncated(float: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    (-LIMIT..LIMIT).contains(&float).then_some(float as i64)
}
