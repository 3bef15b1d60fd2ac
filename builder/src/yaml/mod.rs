//! YAML 1.1 as the legacy reads it: the dialect of builder contract §10.1.
//!
//! [`parse`] reads the first document of a text into a tree of [`Node`]s, with aliases followed and merge keys applied;
//! a node then gives text, an integer, a list, a map or a free [`Value`] to whoever asks. No input makes this panic,
//! recurse, or hold more than a multiple of the input's size: nesting is bounded by [`MAX_DEPTH`], what aliases repeat
//! by the legacy's own ratio and by a budget of bytes.
//!
//! The language is read by our own scanner: the crate that was chosen for it ends with a panic on texts as short as
//! `a: "\`, misreads UTF-16, and takes time quadratic in the nesting.

mod base64;
mod cursor;
mod document;
mod error;
mod expand;
mod float;
mod node;
mod parser;
mod resolve;
mod scanner;
mod source;
mod timestamp;
mod type_errors;
mod value;

pub use error::{Mismatch, SyntaxError, YamlError};
pub use node::Node;
pub use type_errors::TypeErrors;
pub use value::Value;

use document::Document;

/// How deep lists and mappings may nest.
pub const MAX_DEPTH: usize = 10_000;

/// Reads the first document; whatever follows it is ignored, even if malformed.
///
/// A text without a document reads as null. An alias bomb, a bad merge key or a scalar that is not what its tag says is
/// an error wherever it stands, also under keys that nobody asks for.
pub fn parse(bytes: &[u8]) -> Result<Node, YamlError> {
    let document = Document::parse(bytes)?;
    document
        .root()
        .map_or_else(|| Ok(Node::null()), |root| expand::expand(&document, root))
}

/// Tells whether the text holds a document at all, be it an empty one: `---`, `null` and `~` do, comments alone do not.
///
/// False for a text that is malformed.
#[must_use]
pub fn has_document(bytes: &[u8]) -> bool {
    Document::parse(bytes).is_ok_and(|document| document.root().is_some())
}

#[cfg(test)]
mod tests;
