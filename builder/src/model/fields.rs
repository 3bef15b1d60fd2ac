//! Named members of a YAML mapping, read into values; what does not fit is collected, as the legacy's decoder does.

use crate::yaml::{Node, TypeErrors};

/// Reads values out of nodes and remembers every node that did not fit.
#[derive(Default)]
pub(super) struct Reader {
    errors: TypeErrors,
}

impl Reader {
    /// Ends the reading: the errors, or `value` if there were none.
    pub(super) fn finish<T>(self, value: T) -> Result<T, crate::yaml::YamlError> {
        self.errors.into_result(value)
    }

    /// The members of a mapping; none for null. `wanted` names the type in the error.
    pub(super) fn members<'n>(&mut self, node: &'n Node, wanted: &'static str) -> &'n [(Node, Node)] {
        if node.is_null() {
            return &[];
        }
        node.as_map().unwrap_or_else(|| {
            self.errors.push(node, wanted);
            &[]
        })
    }

    /// The value of the member `name`, if there is one.
    pub(super) fn member<'n>(&mut self, members: &'n [(Node, Node)], name: &str) -> Option<&'n Node> {
        let mut found = None;
        for (key, value) in members {
            match key.as_text() {
                Some(text) if text == name.as_bytes() => found = Some(value),
                Some(_) => {}
                None => self.errors.push(key, "string"),
            }
        }
        found
    }

    /// The elements of a list; none for null.
    pub(super) fn elements<'n>(&mut self, node: &'n Node, wanted: &'static str) -> &'n [Node] {
        if node.is_null() {
            return &[];
        }
        node.as_list().unwrap_or_else(|| {
            self.errors.push(node, wanted);
            &[]
        })
    }

    /// The text of a scalar, empty for null.
    pub(super) fn text(&mut self, node: &Node) -> Vec<u8> {
        node.as_text().unwrap_or_else(|| {
            self.errors.push(node, "string");
            Vec::new()
        })
    }

    /// The number of a scalar, 0 for null.
    pub(super) fn integer(&mut self, node: &Node) -> i64 {
        node.as_integer().unwrap_or_else(|| {
            self.errors.push(node, "int");
            0
        })
    }

    /// A map from text to text, in document order. `wanted` names the type in the error.
    pub(super) fn text_map(&mut self, node: &Node, wanted: &'static str) -> Vec<(Vec<u8>, Vec<u8>)> {
        let members = self.members(node, wanted);
        members
            .iter()
            .map(|(key, value)| (self.text(key), self.text(value)))
            .collect()
    }
}
