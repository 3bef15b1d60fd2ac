//! YAML as buildpacks and applications write it: version 1.1, the dialect of builder contract §10.1.
//!
//! [`parse`] reads the first document of a text into a tree of [`Node`]s; a node says on demand what it is as text,
//! integer, list, map or free [`Value`]. No input makes this panic, recurse, or hold more than a multiple of its size:
//! nesting is bounded by [`MAX_DEPTH`], what aliases and merge keys repeat by a budget.
//!
//! The language is read by our own scanner: the crate first chosen for it panics on texts as short as `a: "\`,
//! misreads UTF-16 and needs time quadratic in the nesting.

mod base64;
mod builder;
mod cursor;
mod error;
mod extent;
mod node;
mod parser;
mod resolve;
mod scanner;
mod source;
mod timestamp;
mod value;

pub use error::{Mismatch, SyntaxError, TypeErrors, YamlError};
pub use node::Node;
pub use value::Value;

use builder::Builder;
use parser::Parser;
use scanner::Scanner;
use source::Source;

/// How deep lists and mappings may nest, also through aliases.
pub const MAX_DEPTH: usize = 1000;

/// Reads the first document; whatever follows it is ignored, even if malformed. A text without one is null.
pub fn parse(bytes: &[u8]) -> Result<Node, YamlError> {
    let mut builder = Builder::default();
    if let Some(mut parser) = start(bytes)? {
        while let Some(event) = parser.next()? {
            builder.add(event)?;
        }
    }
    builder.finish()
}

/// Tells whether the text holds a document: `---` is one, a comment alone is none.
#[must_use]
pub fn has_document(bytes: &[u8]) -> bool {
    matches!(start(bytes), Ok(Some(_)))
}

fn start(bytes: &[u8]) -> Result<Option<Parser>, YamlError> {
    Parser::start(Scanner::new(Source::decode(bytes)))
}

#[cfg(test)]
mod tests;
