//! The entries of a mapping, with those that merge keys bring in.

use std::collections::HashSet;

use super::decode::{Decoder, Shape, View};
use super::document::{Content, NodeId};
use super::error::YamlError;

const MERGE_TAG: &str = "tag:yaml.org,2002:merge";

/// A mapping that is being read, or mappings that wait to be merged.
enum Step {
    Entries { mapping: View, next: usize, through: Option<NodeId> },
    /// Read from the back: of several merged mappings the first wins.
    Merges(Vec<View>),
}

impl Decoder<'_> {
    /// The entries of a mapping, keys and values, in the order in which they take effect: of one key the last wins.
    ///
    /// A merge key stands for the entries of its value; the value must be a mapping or a list of mappings.
    pub fn fields(&mut self, view: View, wanted: &'static str) -> Result<Shape<Vec<(View, View)>>, YamlError> {
        let view = self.open(view)?;
        match self.document.node(view.node).content {
            Content::Mapping(_) => self.merged(view).map(Shape::Found),
            _ => self.null_or_mismatch(view, wanted),
        }
    }

    fn merged(&mut self, mapping: View) -> Result<Vec<(View, View)>, YamlError> {
        let mut fields = Vec::new();
        let mut active = HashSet::new();
        let mut steps = vec![Step::Entries { mapping, next: 0, through: None }];
        while let Some(step) = steps.pop() {
            match step {
                Step::Merges(mut waiting) => {
                    if let Some(source) = waiting.pop() {
                        steps.push(Step::Merges(waiting));
                        steps.push(self.merge_source(source, &mut active)?);
                    }
                }
                Step::Entries { mapping, next, through } => match self.entry(mapping, next) {
                    None => {
                        through.map(|alias| active.remove(&alias));
                    }
                    Some((key, value)) => {
                        steps.push(Step::Entries { mapping, next: next + 2, through });
                        if self.is_merge_key(key) {
                            steps.push(self.merge(value, &mut active)?);
                        } else {
                            fields.push((key, value));
                        }
                    }
                },
            }
        }
        Ok(fields)
    }

    fn entry(&self, mapping: View, next: usize) -> Option<(View, View)> {
        match &self.document.node(mapping.node).content {
            Content::Mapping(children) => {
                let child = |place| children.get(place).map(|node| View { node: *node, ..mapping });
                Some((child(next)?, child(next + 1)?))
            }
            _ => None,
        }
    }

    fn is_merge_key(&self, key: View) -> bool {
        let node = self.document.node(key.node);
        matches!(&node.content, Content::Scalar { value, implicit } if value == "<<" && (*implicit || node.tag == MERGE_TAG))
    }

    fn merge(&mut self, value: View, active: &mut HashSet<NodeId>) -> Result<Step, YamlError> {
        match &self.document.node(value.node).content {
            Content::Sequence(children) => {
                Ok(Step::Merges(children.iter().map(|node| View { node: *node, ..value }).collect()))
            }
            _ => self.merge_source(value, active),
        }
    }

    fn merge_source(&mut self, source: View, active: &mut HashSet<NodeId>) -> Result<Step, YamlError> {
        let document = self.document;
        let through = match &document.node(source.node).content {
            Content::Alias { name, .. } if !active.insert(source.node) => {
                return Err(YamlError::SelfReference(name.clone()));
            }
            Content::Alias { .. } => Some(source.node),
            _ => None,
        };
        let mapping = self.open(source)?;
        match document.node(mapping.node).content {
            Content::Mapping(_) => Ok(Step::Entries { mapping, next: 0, through }),
            _ => Err(YamlError::Merge),
        }
    }
}
