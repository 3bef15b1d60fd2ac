//! Reads words as Go's `flag` package does (§2.2).

use super::flags::{self, Flag, Kind};
use super::outcome::{CliOutcome, Place, Shown, UsageError};
use super::raw::Raw;
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// A word, taken apart.
#[derive(Debug, PartialEq, Eq)]
enum Word {
    /// `-name` or `-name=value`, with one dash or two.
    Flag { name: Vec<u8>, value: Option<Vec<u8>> },
    /// Anything that ends the reading: a positional word, `-`, `--`.
    End,
    /// Dashes that no name follows.
    Bad,
}

/// Reads words from left to right into `raw` until one ends the reading; gives back the names of the flags seen.
pub(super) fn read(
    arguments: impl IntoIterator<Item = OsString>,
    raw: &mut Raw,
) -> Result<BTreeSet<&'static str>, CliOutcome> {
    let mut typed = BTreeSet::new();
    let mut words = arguments.into_iter();
    while let Some(word) = words.next() {
        let (name, value) = match split(word.as_bytes()) {
            Word::Flag { name, value } => (name, value),
            Word::End => break,
            Word::Bad => {
                return Err(UsageError::Syntax {
                    word: Shown::new(word.as_bytes()),
                }
                .into());
            }
        };
        let flag = find(&name)?;
        let value = match (value, flag.kind) {
            (Some(value), _) => OsString::from_vec(value),
            (None, Kind::Boolean) => "true".into(),
            (None, _) => words
                .next()
                .ok_or(UsageError::NeedsArgument { name: flag.name })?,
        };
        (flag.set)(raw, &value).map_err(|reason| flag.refuse(&value, Place::Flag(flag.name), reason))?;
        typed.insert(flag.name);
    }
    Ok(typed)
}

impl Flag {
    /// The error for a value that this flag cannot have.
    pub(super) fn refuse(
        &self,
        value: impl AsRef<OsStr>,
        place: Place,
        reason: super::ValueError,
    ) -> UsageError {
        let value = Shown::new(value.as_ref().as_bytes());
        match self.kind {
            Kind::Boolean => UsageError::Boolean { value, place, reason },
            Kind::Text | Kind::Integer | Kind::Duration => UsageError::Value { value, place, reason },
        }
    }
}

fn find(name: &[u8]) -> Result<&'static Flag, CliOutcome> {
    match flags::by_name(name) {
        Some(flag) => Ok(flag),
        None if matches!(name, b"h" | b"help") => Err(CliOutcome::Help),
        None => Err(UsageError::Unknown {
            name: Shown::new(name),
        }
        .into()),
    }
}

fn split(word: &[u8]) -> Word {
    let name = match word {
        b"-" | b"--" => return Word::End,
        [b'-', b'-', name @ ..] | [b'-', name @ ..] => name,
        _ => return Word::End,
    };
    if matches!(name, [b'-' | b'=', ..]) {
        return Word::Bad;
    }
    match name.iter().position(|&byte| byte == b'=') {
        Some(at) => Word::Flag {
            name: name[..at].to_vec(),
            value: Some(name[at + 1..].to_vec()),
        },
        None => Word::Flag {
            name: name.to_vec(),
            value: None,
        },
    }
}

#[cfg(test)]
mod tests;
