//! From the document as written to the tree that readers want: aliases followed, merge keys applied, duplicates resolved.
//!
//! The work stands on a stack of tasks, in the order in which the legacy decodes, so that both count the same cost.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::MAX_DEPTH;
use super::document::{Content as Written, Document, NodeId};
use super::error::YamlError;
use super::node::{Content, Node, Scalar};
use super::resolve::resolve;

/// How many bytes of text aliases may repeat in all.
const MAX_REPEATED_TEXT: usize = 16 << 20;

const MERGE_KEY: &str = "<<";
const MERGE_TAG: &str = "tag:yaml.org,2002:merge";

/// Makes the tree below `root`.
pub(super) fn expand(document: &Document, root: NodeId) -> Result<Node, YamlError> {
    let mut expansion = Expansion::new(document);
    expansion.tasks.push(Task::Visit(root));
    while let Some(task) = expansion.tasks.pop() {
        expansion.run(task)?;
    }
    Ok(expansion.done.pop().unwrap_or_else(Node::null))
}

enum Task {
    /// Makes a node.
    Visit(NodeId),
    /// Makes the elements of a list from `next` on.
    Items {
        list: NodeId,
        next: usize,
    },
    /// Makes a list of the nodes from `first` on.
    CloseList {
        line: usize,
        first: usize,
    },
    /// Puts the members of a map from `next` on into the open map.
    Members {
        map: NodeId,
        next: usize,
    },
    /// Puts the last two nodes into the open map.
    Insert,
    /// Puts the members of a map, or of the map that an alias names, into the open map.
    Merge(NodeId),
    CloseMap {
        line: usize,
    },
    LeaveAlias(NodeId),
}

struct Expansion<'d> {
    document: &'d Document,
    tasks: Vec<Task>,
    done: Vec<Node>,
    maps: Vec<Members>,
    scalars: HashMap<NodeId, Arc<Scalar>>,
    /// How many lists and maps are open.
    depth: usize,
    /// The aliases that are being followed.
    through: HashSet<NodeId>,
    cost: Cost,
}

/// The members of a map so far, each key once.
#[derive(Default)]
struct Members {
    members: Vec<(Node, Node)>,
    places: HashMap<Vec<u8>, usize>,
}

impl<'d> Expansion<'d> {
    fn new(document: &'d Document) -> Self {
        Self {
            document,
            tasks: Vec::new(),
            done: Vec::new(),
            maps: Vec::new(),
            scalars: HashMap::new(),
            depth: 0,
            through: HashSet::new(),
            cost: Cost {
                decoded: 1,
                ..Cost::default()
            },
        }
    }

    fn run(&mut self, task: Task) -> Result<(), YamlError> {
        match task {
            Task::Visit(node) => return self.visit(node),
            Task::Items { list, next } => self.items(list, next),
            Task::CloseList { line, first } => {
                let items = self.done.split_off(first.min(self.done.len()));
                self.close(line, Content::List(items));
            }
            Task::Members { map, next } => return self.members(map, next),
            Task::Insert => {
                if let (Some(value), Some(key), Some(map)) =
                    (self.done.pop(), self.done.pop(), self.maps.last_mut())
                {
                    map.insert(key, value);
                }
            }
            Task::Merge(node) => return self.merge_one(node),
            Task::CloseMap { line } => {
                let members = self.maps.pop().unwrap_or_default().members;
                self.close(line, Content::Map(members));
            }
            Task::LeaveAlias(alias) => {
                self.through.remove(&alias);
            }
        }
        Ok(())
    }

    fn visit(&mut self, id: NodeId) -> Result<(), YamlError> {
        let document = self.document;
        let node = document.node(id);
        self.spend()?;
        match &node.content {
            Written::Scalar { .. } => self.scalar(id)?,
            Written::Sequence(_) => {
                self.open()?;
                self.tasks.push(Task::CloseList {
                    line: node.line,
                    first: self.done.len(),
                });
                self.tasks.push(Task::Items { list: id, next: 0 });
            }
            Written::Mapping(_) => {
                self.open()?;
                self.maps.push(Members::default());
                self.tasks.push(Task::CloseMap { line: node.line });
                self.tasks.push(Task::Members { map: id, next: 0 });
            }
            Written::Alias { name, target } => {
                self.follow(id, name)?;
                self.tasks.push(Task::Visit(*target));
            }
        }
        Ok(())
    }

    fn scalar(&mut self, id: NodeId) -> Result<(), YamlError> {
        let node = self.document.node(id);
        let Written::Scalar { value, implicit } = &node.content else {
            return Ok(());
        };
        if !self.through.is_empty() {
            self.cost.repeat_text(value.len())?;
        }
        let scalar = if let Some(scalar) = self.scalars.get(&id) {
            Arc::clone(scalar)
        } else {
            let meaning = resolve(&node.tag, value, *implicit)?;
            let scalar = Arc::new(Scalar {
                source: value.clone(),
                tag: node.tag.clone(),
                meaning,
            });
            self.scalars.insert(id, Arc::clone(&scalar));
            scalar
        };
        self.done.push(Node::new(node.line, Content::Scalar(scalar)));
        Ok(())
    }

    fn items(&mut self, list: NodeId, next: usize) {
        if let Written::Sequence(items) = &self.document.node(list).content
            && let Some(item) = items.get(next)
        {
            self.tasks.push(Task::Items { list, next: next + 1 });
            self.tasks.push(Task::Visit(*item));
        }
    }

    fn members(&mut self, map: NodeId, next: usize) -> Result<(), YamlError> {
        if let Written::Mapping(members) = &self.document.node(map).content
            && let Some([key, value]) = members.get(next..next + 2)
        {
            self.tasks.push(Task::Members { map, next: next + 2 });
            if self.is_merge_key(*key) {
                return self.merge(*value);
            }
            self.tasks
                .extend([Task::Insert, Task::Visit(*value), Task::Visit(*key)]);
        }
        Ok(())
    }

    // ---- merge keys

    fn is_merge_key(&self, key: NodeId) -> bool {
        let node = self.document.node(key);
        match &node.content {
            Written::Scalar { value, implicit } => value == MERGE_KEY && (*implicit || node.tag == MERGE_TAG),
            _ => false,
        }
    }

    /// Merges a map, or each map of a list: the last first, for the earlier ones win.
    fn merge(&mut self, value: NodeId) -> Result<(), YamlError> {
        match &self.document.node(value).content {
            Written::Sequence(items) => {
                self.tasks.extend(items.iter().map(|item| Task::Merge(*item)));
                Ok(())
            }
            _ => self.merge_one(value),
        }
    }

    fn merge_one(&mut self, value: NodeId) -> Result<(), YamlError> {
        let document = self.document;
        let map = match &document.node(value).content {
            Written::Mapping(_) => value,
            Written::Alias { name, target }
                if matches!(document.node(*target).content, Written::Mapping(_)) =>
            {
                self.spend()?;
                self.follow(value, name)?;
                *target
            }
            _ => return Err(YamlError::Merge),
        };
        self.spend()?;
        self.tasks.push(Task::Members { map, next: 0 });
        Ok(())
    }

    // ---- bounds

    fn follow(&mut self, alias: NodeId, name: &str) -> Result<(), YamlError> {
        if !self.through.insert(alias) {
            return Err(YamlError::SelfReference(name.to_owned()));
        }
        self.tasks.push(Task::LeaveAlias(alias));
        Ok(())
    }

    const fn open(&mut self) -> Result<(), YamlError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            Err(YamlError::TooDeep(MAX_DEPTH))
        } else {
            Ok(())
        }
    }

    fn close(&mut self, line: usize, content: Content) {
        self.depth = self.depth.saturating_sub(1);
        self.done.push(Node::new(line, content));
    }

    fn spend(&mut self) -> Result<(), YamlError> {
        self.cost.spend(!self.through.is_empty())
    }
}

impl Members {
    /// A key that is there keeps its place and gets the new value; a list or map is never the same key twice.
    fn insert(&mut self, key: Node, value: Node) {
        if let Some(text) = key.as_text() {
            let place = *self.places.entry(text).or_insert(self.members.len());
            if let Some((_, old)) = self.members.get_mut(place) {
                *old = value;
                return;
            }
        }
        self.members.push((key, value));
    }
}

/// What reading the document costs, counted as the legacy counts.
#[derive(Default)]
struct Cost {
    decoded: u64,
    /// Of these, those that came from aliases.
    repeated: u64,
    repeated_text: usize,
}

impl Cost {
    /// Counts a node; the share of those that come from aliases may not pass the legacy's limit.
    const fn spend(&mut self, repeated: bool) -> Result<(), YamlError> {
        self.decoded += 1;
        self.repeated += repeated as u64;
        if self.repeated > 100 && self.decoded > 1000 && self.exceeds_ratio() {
            Err(YamlError::ExcessiveAliasing)
        } else {
            Ok(())
        }
    }

    /// 99 of 100 nodes may come from aliases in small documents, 10 in large ones, evenly in between.
    const fn exceeds_ratio(&self) -> bool {
        const SMALL: u64 = 400_000;
        const LARGE: u64 = 4_000_000;
        const RANGE: u64 = LARGE - SMALL;
        let beyond = if self.decoded < LARGE {
            self.decoded.saturating_sub(SMALL)
        } else {
            RANGE
        };
        let allowed = 99 * RANGE - 89 * beyond;
        self.repeated * 100 * RANGE > self.decoded * allowed
    }

    /// Counts text that an alias repeats; its readers hold copies.
    const fn repeat_text(&mut self, bytes: usize) -> Result<(), YamlError> {
        self.repeated_text = self.repeated_text.saturating_add(bytes);
        if self.repeated_text > MAX_REPEATED_TEXT {
            Err(YamlError::ExcessiveAliasing)
        } else {
            Ok(())
        }
    }
}
