//! Values of settings, read from text the same way wherever they stand.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::PathBuf;

use super::super::args::values::ProgressMode;
use super::super::text::duration::{InvalidSpan, Span};
use super::super::text::size::{self, InvalidSize};
use crate::model::size::Size;

/// Why a text is no value of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::cli) enum ValueFault {
    /// Not a size.
    #[error(transparent)]
    Size(#[from] InvalidSize),
    /// Not a duration.
    #[error(transparent)]
    Span(#[from] InvalidSpan),
    /// Not a count.
    #[error("Expected a number")]
    Number,
    /// Neither yes nor no.
    #[error("Expected true or false")]
    Switch,
    /// None of the words.
    #[error("Expected auto, always or never")]
    Progress,
    /// Bytes that are no text, where only a path could have them.
    #[error("Expected UTF-8")]
    NotText,
}

/// A value of a setting.
pub(super) trait Value: Sized {
    /// Reads it.
    fn read(text: &OsStr) -> Result<Self, ValueFault>;
    /// As `doctor` shows it.
    fn show(&self) -> String;
}

fn text(raw: &OsStr) -> Result<&str, ValueFault> {
    raw.to_str().ok_or(ValueFault::NotText)
}

fn shown(value: &impl fmt::Display) -> String {
    value.to_string()
}

impl Value for Size {
    fn read(raw: &OsStr) -> Result<Self, ValueFault> {
        Ok(size::parse(text(raw)?)?)
    }

    fn show(&self) -> String {
        shown(self)
    }
}

impl Value for Span {
    fn read(raw: &OsStr) -> Result<Self, ValueFault> {
        Ok(text(raw)?.parse::<Self>()?)
    }

    fn show(&self) -> String {
        shown(self)
    }
}

impl Value for u32 {
    fn read(raw: &OsStr) -> Result<Self, ValueFault> {
        text(raw)?.parse().map_err(|_| ValueFault::Number)
    }

    fn show(&self) -> String {
        shown(self)
    }
}

impl Value for u64 {
    fn read(raw: &OsStr) -> Result<Self, ValueFault> {
        text(raw)?.parse().map_err(|_| ValueFault::Number)
    }

    fn show(&self) -> String {
        shown(self)
    }
}

/// `true`, `false`, and what people write into variables: `1`, `0`.
impl Value for bool {
    fn read(raw: &OsStr) -> Result<Self, ValueFault> {
        match text(raw)? {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            _ => Err(ValueFault::Switch),
        }
    }

    fn show(&self) -> String {
        shown(self)
    }
}

impl Value for ProgressMode {
    fn read(raw: &OsStr) -> Result<Self, ValueFault> {
        text(raw)?.parse().map_err(|_| ValueFault::Progress)
    }

    fn show(&self) -> String {
        shown(self)
    }
}

impl Value for PathBuf {
    fn read(raw: &OsStr) -> Result<Self, ValueFault> {
        Ok(Self::from(raw))
    }

    fn show(&self) -> String {
        self.display().to_string()
    }
}

/// A list of paths; in a variable they are parted by colons.
impl Value for Vec<PathBuf> {
    fn read(raw: &OsStr) -> Result<Self, ValueFault> {
        use std::os::unix::ffi::{OsStrExt, OsStringExt};
        let parts = raw.as_bytes().split(|byte| *byte == b':');
        Ok(parts
            .filter(|part| !part.is_empty())
            .map(|part| PathBuf::from(OsString::from_vec(part.to_vec())))
            .collect())
    }

    fn show(&self) -> String {
        let paths: Vec<_> = self.iter().map(Value::show).collect();
        paths.join(":")
    }
}
