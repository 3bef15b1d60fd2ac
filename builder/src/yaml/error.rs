//! Why a text is not the YAML that was wanted.

use std::fmt;

use thiserror::Error;

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
    /// A `!!binary` that is not base64.
    #[error("yaml: !!binary value contains invalid base64 data")]
    Base64,
    /// A scalar that is not what its tag says.
    #[error("yaml: cannot decode {found} `{value}` as a {tag}")]
    Tag {
        /// What the scalar is, as a tag.
        found: &'static str,
        /// What is written.
        value: String,
        /// The tag that stands before it.
        tag: String,
    },
    /// Values of other types than wanted.
    #[error("yaml: unmarshal errors:{}", Lines(.0))]
    Types(Vec<Mismatch>),
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
    /// The start of a scalar's text in backticks, behind a blank.
    pub snippet: String,
    /// The type that was wanted.
    pub wanted: &'static str,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}: cannot unmarshal {}{} into {}",
            self.line, self.tag, self.snippet, self.wanted
        )
    }
}

struct Lines<'a>(&'a [Mismatch]);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|mismatch| write!(f, "\n  {mismatch}"))
    }
}
