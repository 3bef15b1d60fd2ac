//! A document as a tree of nodes, and how it is put together.

use std::collections::HashMap;

use super::error::YamlError;
use super::parser::{Event, EventKind, Parser, Properties};
use super::scanner::Scanner;
use super::source::Source;

/// The place of a node in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct NodeId(usize);

/// A value as written, before anyone says what type is wanted.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) content: Content,
    /// The full tag, empty when there is none.
    pub(super) tag: String,
    /// Counted from 1.
    pub(super) line: usize,
}

#[derive(Debug)]
pub(super) enum Content {
    /// Implicit: plain, or tagged `!`.
    Scalar {
        value: String,
        implicit: bool,
    },
    Sequence(Vec<NodeId>),
    /// Keys and values in turn.
    Mapping(Vec<NodeId>),
    Alias {
        name: String,
        target: NodeId,
    },
}

/// The first document of a text (builder contract §10.1).
#[derive(Debug)]
pub(super) struct Document {
    nodes: Vec<Node>,
    root: Option<NodeId>,
}

impl Document {
    /// Reads the first document; whatever follows it is ignored, even if malformed.
    ///
    /// Bounded by the length of the text; nesting beyond [`super::MAX_DEPTH`] is an error.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, YamlError> {
        let mut builder = Builder::default();
        if let Some(mut parser) = Parser::start(Scanner::new(Source::decode(bytes)))? {
            while let Some(event) = parser.next()? {
                builder.add(event)?;
            }
        }
        Ok(Self {
            nodes: builder.nodes,
            root: builder.root,
        })
    }

    /// The document's node; `None` for a text that holds no document at all.
    pub(super) const fn root(&self) -> Option<NodeId> {
        self.root
    }

    pub(super) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0]
    }
}

#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    root: Option<NodeId>,
    open: Vec<NodeId>,
    anchors: HashMap<String, NodeId>,
}

impl Builder {
    fn add(&mut self, event: Event) -> Result<(), YamlError> {
        let line = event.line + 1;
        match event.kind {
            EventKind::Scalar {
                properties,
                value,
                implicit,
            } => {
                self.push(line, properties, Content::Scalar { value, implicit });
            }
            EventKind::Alias(name) => {
                let target = *self
                    .anchors
                    .get(&name)
                    .ok_or_else(|| YamlError::UnknownAnchor(name.clone()))?;
                self.push(line, Properties::default(), Content::Alias { name, target });
            }
            EventKind::SequenceStart(properties) => {
                let id = self.push(line, properties, Content::Sequence(Vec::new()));
                self.open.push(id);
            }
            EventKind::MappingStart(properties) => {
                let id = self.push(line, properties, Content::Mapping(Vec::new()));
                self.open.push(id);
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => {
                self.open.pop();
            }
        }
        Ok(())
    }

    fn push(&mut self, line: usize, properties: Properties, content: Content) -> NodeId {
        let id = NodeId(self.nodes.len());
        self.nodes.push(Node {
            content,
            tag: properties.tag,
            line,
        });
        if let Some(anchor) = properties.anchor {
            self.anchors.insert(anchor, id);
        }
        match self.open.last().and_then(|parent| self.nodes.get_mut(parent.0)) {
            Some(Node {
                content: Content::Sequence(children) | Content::Mapping(children),
                ..
            }) => children.push(id),
            _ => self.root = Some(id),
        }
        id
    }
}
