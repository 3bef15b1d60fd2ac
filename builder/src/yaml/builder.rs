//! From events to a tree: anchors, aliases, merge keys, duplicate keys.

use std::collections::HashMap;

use super::error::YamlError;
use super::extent::Extent;
use super::node::{Content, Node};
use super::parser::{Event, EventKind, Properties};

const MERGE_TAG: &str = "tag:yaml.org,2002:merge";

/// How many entries merge keys may bring into a document.
const MAX_MERGED: usize = 100_000;

/// Puts a document together, event by event.
#[derive(Default)]
pub(super) struct Builder {
    open: Vec<Open>,
    root: Option<Node>,
    /// What each anchor names, `None` while that is still open; a later anchor of the name takes its place.
    anchors: HashMap<String, Option<Node>>,
    written: Extent,
    merged: usize,
}

/// A list or mapping that is not yet complete.
struct Open {
    line: usize,
    tag: String,
    anchor: Option<String>,
    collection: Collection,
}

enum Collection {
    List(Vec<Node>),
    Map(Entries),
}

/// The entries of a mapping so far.
#[derive(Default)]
struct Entries {
    list: Vec<(Node, Node)>,
    places: HashMap<Vec<u8>, Place>,
    key: Option<Key>,
}

/// Where a text key stands, and whether it is written in the mapping itself.
#[derive(Clone, Copy)]
struct Place {
    index: usize,
    explicit: bool,
}

enum Key {
    Node(Node),
    Merge,
}

impl Builder {
    pub(super) fn add(&mut self, event: Event) -> Result<(), YamlError> {
        let line = event.line + 1;
        match event.kind {
            EventKind::Scalar { properties, value, implicit } => self.scalar(line, properties, value, implicit),
            EventKind::Alias(name) => self.alias(name),
            EventKind::SequenceStart(properties) => {
                self.begin(line, properties, Collection::List(Vec::new()));
                Ok(())
            }
            EventKind::MappingStart(properties) => {
                self.begin(line, properties, Collection::Map(Entries::default()));
                Ok(())
            }
            EventKind::SequenceEnd | EventKind::MappingEnd => self.end(),
        }
    }

    /// The whole document; null when there was none.
    pub(super) fn finish(self) -> Result<Node, YamlError> {
        let root = self.root.unwrap_or_else(Node::null);
        root.extent().check(self.written)?;
        Ok(root)
    }

    fn scalar(&mut self, line: usize, properties: Properties, value: String, implicit: bool) -> Result<(), YamlError> {
        let can_merge = value == "<<" && (implicit || properties.tag == MERGE_TAG);
        if can_merge
            && let Some(Open { collection: Collection::Map(entries), .. }) = self.open.last_mut()
            && entries.key.is_none()
        {
            entries.key = Some(Key::Merge);
            self.anchors.extend(properties.anchor.map(|name| (name, Some(Node::scalar(line, properties.tag, value, implicit)))));
            return Ok(());
        }
        let node = Node::scalar(line, properties.tag, value, implicit);
        self.written.write(node.extent());
        self.anchors.extend(properties.anchor.map(|name| (name, Some(node.clone()))));
        self.place(node, false)
    }

    fn alias(&mut self, name: String) -> Result<(), YamlError> {
        match self.anchors.get(&name) {
            Some(Some(node)) => {
                let node = node.clone();
                self.place(node, true)
            }
            Some(None) => Err(YamlError::SelfReference(name)),
            None => Err(YamlError::UnknownAnchor(name)),
        }
    }

    fn begin(&mut self, line: usize, properties: Properties, collection: Collection) {
        self.anchors.extend(properties.anchor.clone().map(|name| (name, None)));
        self.open.push(Open { line, tag: properties.tag, anchor: properties.anchor, collection });
    }

    fn end(&mut self) -> Result<(), YamlError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let (content, extent) = match open.collection {
            Collection::List(items) => {
                let extent = Extent::collection(items.iter().map(Node::extent))?;
                (Content::List(items), extent)
            }
            Collection::Map(Entries { list, .. }) => {
                let extent = Extent::collection(list.iter().flat_map(|(key, value)| [key.extent(), value.extent()]))?;
                (Content::Map(list), extent)
            }
        };
        let node = Node::collection(open.line, open.tag, content, extent);
        self.written.write(Extent::default());
        // An anchor of the same name within this node is the later one.
        if let Some(name) = open.anchor
            && let Some(unset @ None) = self.anchors.get_mut(&name)
        {
            *unset = Some(node.clone());
        }
        self.place(node, false)
    }

    /// Puts a complete node where it belongs.
    fn place(&mut self, node: Node, aliased: bool) -> Result<(), YamlError> {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        match &mut open.collection {
            Collection::List(items) => items.push(node),
            Collection::Map(entries) => match entries.key.take() {
                None => entries.key = Some(Key::Node(node)),
                Some(Key::Node(key)) => entries.insert(key, node, true),
                Some(Key::Merge) => {
                    self.merged += entries.merge(&node, aliased)?;
                    if self.merged > MAX_MERGED {
                        return Err(YamlError::ExcessiveAliasing);
                    }
                }
            },
        }
        Ok(())
    }
}

impl Entries {
    /// Sets a key: one that is there already keeps its place, and an explicit one its value against a merge.
    fn insert(&mut self, key: Node, value: Node, explicit: bool) {
        let index = self.list.len();
        let Some(text) = key.as_text() else {
            self.list.push((key, value));
            return;
        };
        let place = self.places.entry(text).or_insert(Place { index, explicit });
        if place.index == index {
            self.list.push((key, value));
        } else if explicit || !place.explicit {
            place.explicit = explicit;
            self.list[place.index].1 = value;
        }
    }

    /// Takes over the entries of a mapping, or of several of which the first wins; tells how many.
    fn merge(&mut self, source: &Node, aliased: bool) -> Result<usize, YamlError> {
        let maps = match source.content() {
            Content::Map(_) => std::slice::from_ref(source),
            Content::List(maps) if !aliased => maps,
            Content::List(_) | Content::Scalar { .. } => return Err(YamlError::Merge),
        };
        let mut count = 0;
        for map in maps.iter().rev() {
            for (key, value) in map.as_map().ok_or(YamlError::Merge)? {
                self.insert(key.clone(), value.clone(), false);
                count += 1;
            }
        }
        Ok(count)
    }
}
