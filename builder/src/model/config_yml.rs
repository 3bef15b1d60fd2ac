//! `config.yml`: what a buildpack tells about itself (builder contract §11).

use super::fields::Reader;
use crate::yaml::{self, Node, Value};

/// One buildpack in the staging result; texts are bytes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BuildpackRecord {
    /// The key of the order, unless the buildpack replaced it.
    pub key: Vec<u8>,
    /// The buildpack's name.
    pub name: Vec<u8>,
    /// Its version; left out of the result when empty.
    pub version: Vec<u8>,
    /// Its configuration; `None` when the buildpack gave none.
    pub config: Option<BuildpackConfig>,
    /// Whatever else it wants to tell.
    pub output_metadata: Vec<(Vec<u8>, Value)>,
}

/// The configuration of a buildpack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BuildpackConfig {
    /// What the launcher puts in front of the start command; left out of the result when empty.
    pub entrypoint_prefix: Vec<u8>,
}

/// A member of `output_metadata` that has no form in JSON: an infinity or "not a number".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unwritable {
    /// The name of the member.
    pub member: Vec<u8>,
}

impl BuildpackRecord {
    /// A buildpack that has told nothing about itself.
    #[must_use]
    pub fn new(key: Vec<u8>) -> Self {
        Self {
            key,
            ..Self::default()
        }
    }

    /// Takes over what the file says; a file that is no YAML changes nothing, nor does a field of the wrong type.
    ///
    /// Gives the members of `output_metadata` that had to be left out.
    pub fn merge(&mut self, file: &[u8]) -> Vec<Unwritable> {
        let Ok(root) = yaml::parse(file) else {
            return Vec::new();
        };
        if root.is_null() {
            // An empty document leaves the record as it is only when there is no document at all.
            if yaml::has_document(file) {
                *self = Self::default();
            }
            return Vec::new();
        }
        let Some(members) = root.as_map() else {
            return Vec::new();
        };
        let mut reader = Reader::default();
        let mut text = |name: &str, field: &mut Vec<u8>| {
            if let Some(text) = reader.member(members, name).and_then(Node::as_text) {
                *field = text;
            }
        };
        text("key", &mut self.key);
        text("name", &mut self.name);
        text("version", &mut self.version);
        if let Some(config) = reader
            .member(members, "config")
            .filter(|config| !config.is_null())
        {
            self.config = Some(BuildpackConfig {
                entrypoint_prefix: entrypoint_prefix(config),
            });
        }
        let metadata = reader
            .member(members, "output_metadata")
            .and_then(Node::as_map)
            .unwrap_or_default();
        self.merge_metadata(metadata)
    }

    fn merge_metadata(&mut self, members: &[(Node, Node)]) -> Vec<Unwritable> {
        let mut left_out = Vec::new();
        for (key, value) in members {
            let Some(member) = key.as_text() else { continue };
            match value.as_value() {
                value if value.is_finite() => self.output_metadata.push((member, value)),
                _ => left_out.push(Unwritable { member }),
            }
        }
        left_out
    }
}

/// What is no mapping is an empty configuration.
fn entrypoint_prefix(config: &Node) -> Vec<u8> {
    let members = config.as_map().unwrap_or_default();
    let prefix = Reader::default()
        .member(members, "entrypoint_prefix")
        .and_then(Node::as_text);
    prefix.unwrap_or_default()
}

#[cfg(test)]
mod tests;
