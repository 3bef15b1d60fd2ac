//! Lists of assets, of keys and of labels, as `warm`, `view`, `declare` and `lease reclaim` read them.

use std::ffi::OsStr;

use serde::Deserialize;

use super::super::args::values::{self, SourceFault, StatedFault};
use crate::model::checksum::{Checksum, ChecksumFault};
use crate::model::key::Key;
use crate::model::object::Form;
use crate::model::request::Source;
use crate::model::view::Placement;

/// Most lines of a list: more assets than one container could have.
const MOST: usize = 100_000;

/// One line of a list of assets.
#[derive(Clone)]
pub(in crate::cli) struct Listed {
    /// Its name in messages; the key, if nothing else is said. Nothing is said of an asset whose name is empty (C-121).
    pub(in crate::cli) name: String,
    pub(in crate::cli) key: Key,
    pub(in crate::cli) source: Source,
    pub(in crate::cli) checksum: Option<Checksum>,
    pub(in crate::cli) form: Form,
    pub(in crate::cli) group: Option<String>,
    /// Nobody fails for want of it.
    pub(in crate::cli) optional: bool,
    /// How the builder is to place it.
    pub(in crate::cli) placement: Option<Placement>,
}

/// Why a list cannot be read. Never repeats the line, whose address may hold secrets.
#[derive(Debug, thiserror::Error)]
#[error("Line {line} of the list")]
pub(in crate::cli) struct ListFault {
    /// Counted from 1.
    pub(in crate::cli) line: usize,
    /// What is wrong with it.
    #[source]
    pub(in crate::cli) source: LineFault,
}

/// Why a line of a list cannot be read.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum LineFault {
    /// Not `KEY SOURCE [ALG:HEX]`.
    #[error("Expected `KEY SOURCE [ALG:HEX]` or a JSON object")]
    Words,
    /// Bytes that are no text.
    #[error("Expected UTF-8")]
    NotText,
    /// The JSON is broken, or has other members. Its own words could repeat an address.
    #[error(
        "Malformed JSON at column {column}: expected the members key and source, and perhaps name, checksum, sha256, group, as, optional, placement"
    )]
    Json {
        /// Where.
        column: usize,
    },
    /// The key is empty.
    #[error("Empty key")]
    Key,
    /// No source.
    #[error(transparent)]
    Source(#[from] SourceFault),
    /// No checksum.
    #[error(transparent)]
    Checksum(#[from] StatedFault),
    /// Two checksums, of which one must be wrong.
    #[error("Both `checksum` and `sha256`: expected one of them")]
    TwoChecksums,
    /// The list goes on for too long.
    #[error("More than {MOST} lines")]
    TooMany,
}

/// A line as JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Object {
    key: String,
    source: String,
    name: Option<String>,
    checksum: Option<String>,
    sha256: Option<String>,
    group: Option<String>,
    #[serde(default, rename = "as")]
    form: Wanted,
    #[serde(default)]
    optional: bool,
    placement: Option<Placement>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum Wanted {
    #[default]
    Dir,
    File,
}

/// Reads a list of assets; empty lines and lines that begin with `#` are skipped.
pub(in crate::cli) fn assets(bytes: &[u8]) -> Result<Vec<Listed>, ListFault> {
    lines(bytes, |text| match text {
        _ if text.starts_with('{') => object(text),
        _ => words(text),
    })
}

/// Reads a list of keys, one per line, as they stand there.
pub(in crate::cli) fn keys(bytes: &[u8]) -> Result<Vec<Key>, ListFault> {
    lines(bytes, |text| Key::new(text).ok_or(LineFault::Key))
}

/// Reads a list of labels, one per line.
pub(in crate::cli) fn labels(bytes: &[u8]) -> Result<Vec<String>, ListFault> {
    lines(bytes, |text| Ok(text.to_owned()))
}

fn lines<T>(bytes: &[u8], read: impl Fn(&str) -> Result<T, LineFault>) -> Result<Vec<T>, ListFault> {
    let mut found = Vec::new();
    for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let fault = |source| ListFault {
            line: at.saturating_add(1),
            source,
        };
        let text = std::str::from_utf8(line)
            .map_err(|_| fault(LineFault::NotText))?
            .trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if found.len() >= MOST {
            return Err(fault(LineFault::TooMany));
        }
        found.push(read(text).map_err(fault)?);
    }
    Ok(found)
}

fn words(text: &str) -> Result<Listed, LineFault> {
    let mut words = text.split_whitespace();
    let (Some(key), Some(source), stated, None) = (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(LineFault::Words);
    };
    Ok(Listed {
        name: key.to_owned(),
        key: Key::new(key).ok_or(LineFault::Key)?,
        source: values::source(OsStr::new(source))?,
        checksum: stated.map(values::checksum).transpose()?,
        form: Form::Tree,
        group: None,
        optional: false,
        placement: None,
    })
}

fn object(text: &str) -> Result<Listed, LineFault> {
    let read: Object = serde_json::from_str(text).map_err(|e| LineFault::Json { column: e.column() })?;
    let checksum = match (&read.checksum, &read.sha256) {
        (Some(_), Some(_)) => return Err(LineFault::TwoChecksums),
        (Some(stated), None) => Some(values::checksum(stated)?),
        (None, Some(stated)) => Some(sha256(stated)?),
        (None, None) => None,
    };
    Ok(Listed {
        key: Key::new(read.key.as_str()).ok_or(LineFault::Key)?,
        name: read.name.unwrap_or(read.key),
        source: values::source(OsStr::new(&read.source))?,
        checksum,
        form: match read.form {
            Wanted::Dir => Form::Tree,
            Wanted::File => Form::File,
        },
        group: read.group,
        optional: read.optional,
        placement: read.placement,
    })
}

fn sha256(stated: &str) -> Result<Checksum, StatedFault> {
    values::sha256(stated).map_err(|fault: ChecksumFault| StatedFault::Checksum(fault))
}

#[cfg(test)]
mod tests;
