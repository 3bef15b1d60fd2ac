//! How the reading of the command line ends when there is nothing to stage (§2.3).

use crate::model::go_url::{redacted_quote, redacted_text};
use std::fmt;
use thiserror::Error;

/// Why the command line yields no options.
///
/// `Display` is the legacy's own line, without the usage block; nothing for help.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CliOutcome {
    /// Help was asked for: the usage block is printed, and that is a success.
    #[error("")]
    Help,
    /// A wrong word: its line and the usage block are printed.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// Values are missing: one line is printed, no usage block.
    #[error(transparent)]
    Missing(#[from] MissingFlags),
}

/// A word that the command line cannot have.
///
/// Words hold URLs, so they are shown without user info and query values.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UsageError {
    /// A word such as `---x` or `-=x`.
    #[error("bad flag syntax: {word}")]
    Syntax {
        /// The word.
        word: Shown,
    },
    /// A flag that does not exist.
    #[error("flag provided but not defined: -{name}")]
    Unknown {
        /// The name without dashes.
        name: Shown,
    },
    /// A flag that wants a value stands at the end.
    #[error("flag needs an argument: -{name}")]
    NeedsArgument {
        /// The name without dashes.
        name: &'static str,
    },
    /// A boolean that is neither true nor false.
    #[error("invalid boolean value {value:?} for {place}: {reason}")]
    Boolean {
        /// The value.
        value: Shown,
        /// Where it stands.
        place: Place,
        /// What is wrong with it.
        reason: ValueError,
    },
    /// A value of another kind that the flag cannot have.
    #[error("invalid value {value:?} for {}{place}: {reason}", if matches!(.place, Place::Flag(_)) { "flag " } else { "" })]
    Value {
        /// The value.
        value: Shown,
        /// Where it stands.
        place: Place,
        /// What is wrong with it.
        reason: ValueError,
    },
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ValueError {
    /// Not a value of this kind.
    #[error("parse error")]
    Parse,
    /// A number that 64 bits cannot hold.
    #[error("value out of range")]
    Range,
    /// Not one of the words that are allowed.
    #[error("must be one of {}", .0.join(", "))]
    OneOf(&'static [&'static str]),
    /// Neither a name nor a pair of ids.
    #[error("must be the name of a user, or UID:GID")]
    User,
    /// An id that means "nobody" to the system, or that 32 bits cannot hold.
    #[error("user and group must be between 0 and {}", u32::MAX - 1)]
    Id,
}

/// Where a value was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// As a flag of this name.
    Flag(&'static str),
    /// In the environment variable of this name.
    Variable(&'static str),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "-{name}"),
            Self::Variable(name) => write!(f, "environment variable {name}"),
        }
    }
}

/// The names of text flags that are empty, in alphabetical order; at least one.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("missing flag: -{}", .0.join(", missing flag: -"))]
pub struct MissingFlags(pub(super) Vec<&'static str>);

/// A piece of the command line as it may be shown: `Display` bare, `Debug` in Go's quotes.
#[derive(Clone, PartialEq, Eq)]
pub struct Shown {
    plain: String,
    quoted: String,
}

impl Shown {
    pub(super) fn new(bytes: &[u8]) -> Self {
        Self {
            plain: redacted_text(bytes),
            quoted: redacted_quote(bytes),
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.plain)
    }
}

impl fmt::Debug for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.quoted)
    }
}
