//! Values of other types than wanted, collected: the legacy reports all of them at once.

use super::error::{Mismatch, YamlError};
use super::node::Node;

/// How many are kept, so that a file of errors does not become a log of errors.
const MAX_KEPT: usize = 1000;

/// The values of wrong types that were met while reading a document.
#[derive(Debug, Default)]
pub struct TypeErrors(Vec<Mismatch>);

impl TypeErrors {
    /// Notes that `node` is not what was wanted; `wanted` names the type as the legacy does.
    pub fn push(&mut self, node: &Node, wanted: &'static str) {
        if self.0.len() < MAX_KEPT {
            self.0.push(Mismatch {
                line: node.line(),
                tag: node.tag_name(),
                snippet: node.snippet(),
                wanted,
            });
        }
    }

    /// Tells whether everything was as wanted.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Ends the reading: `value` if everything was as wanted.
    pub fn into_result<T>(self, value: T) -> Result<T, YamlError> {
        if self.is_empty() {
            Ok(value)
        } else {
            Err(self.into())
        }
    }
}

impl From<TypeErrors> for YamlError {
    fn from(errors: TypeErrors) -> Self {
        Self::Types(errors.0)
    }
}
