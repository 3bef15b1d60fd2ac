//! Why a text is not the YAML that was wanted.

use std::fmt;

use thiserror::Error;

use super::node::Node;

/// A refused text; displays as `yaml: ...` with the line where one is known (builder contract §10.2, class M).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum YamlError {
    /// The text breaks the rules of the language.
    #[error("yaml: {0}")]
    Syntax(SyntaxError),
    /// An alias names an anchor that does not stand before it.
    #[error("yaml: unknown anchor '{0}' referenced")]
    UnknownAnchor(String),
    /// A node is reached from itself.
    #[error("yaml: anchor '{0}' value contains itself")]
    SelfReference(String),
    /// Aliases would expand the document beyond measure.
    #[error("yaml: document contains excessive aliasing")]
    ExcessiveAliasing,
    /// Nodes within nodes, beyond measure.
    #[error("yaml: exceeded max depth of {0}")]
    TooDeep(usize),
    /// A merge key whose value is no mapping.
    #[error("yaml: map merge requires map or sequence of maps as the value")]
    Merge,
    /// Values of other types than wanted.
    #[error("yaml: unmarshal errors:{0}")]
    Types(TypeErrors),
}

/// A rule of the language that is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// The line, as the legacy counts it; none on the first.
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: &'static str,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(self.problem)
    }
}

/// A value of another type than wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The line, counted from 1.
    pub line: usize,
    /// The value's tag, short: `!!seq`.
    pub tag: String,
    /// The start of a scalar's text.
    pub value: Option<String>,
    /// The type that was wanted.
    pub wanted: &'static str,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: cannot unmarshal {}", self.line, self.tag)?;
        if let Some(value) = &self.value {
            write!(f, " `{value}`")?;
        }
        write!(f, " into {}", self.wanted)
    }
}

/// The values of other types than wanted, of one document; each displays on a line of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypeErrors(Vec<Mismatch>);

impl TypeErrors {
    /// Notes a node that is not of the type `wanted`.
    pub fn push(&mut self, node: &Node, wanted: &'static str) {
        self.0.push(node.mismatch(wanted));
    }

    /// The value, unless a node was noted.
    pub fn into_result<T>(self, value: T) -> Result<T, YamlError> {
        if self.0.is_empty() { Ok(value) } else { Err(YamlError::Types(self)) }
    }
}

impl fmt::Display for TypeErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|mismatch| write!(f, "\n  {mismatch}"))
    }
}
