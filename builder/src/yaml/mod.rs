//! YAML as the platform's buildpacks write it: version 1.1, the dialect of builder contract §10.1.
//!
//! [`Document::parse`] reads the first document of a text into a tree; a [`Decoder`] gives the values in it the types
//! that are wanted: text, integer, list or map of text, free value. No input makes either panic, recurse, or hold more
//! than a multiple of the input's size: nesting is bounded by [`MAX_DEPTH`], what aliases repeat by a budget.
//!
//! The language is read by our own scanner: the crate that was chosen for it ends with a panic on texts as short as
//! `a: "\`, misreads UTF-16, and takes time quadratic in the nesting.

mod base64;
mod cursor;
mod decode;
mod document;
mod error;
mod fields;
mod parser;
mod resolve;
mod scanner;
mod source;
mod text_map;
mod value;

pub use decode::{Decoder, Shape, View};
pub use document::Document;
pub use error::{Mismatch, SyntaxError, YamlError};
pub use text_map::TextMap;
pub use value::FreeValue;

/// How deep lists and mappings may nest.
pub const MAX_DEPTH: usize = 1000;

#[cfg(test)]
mod tests;
