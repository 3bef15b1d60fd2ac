//! Names in a view, and of it: each one plain file name, no two alike (Q18). Pure.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use super::{MANIFEST_NAME, MOST_ENTRIES, OBJECTS_NAME, ViewRecord, ViewRequest};
use crate::error::CacheError;
use crate::ingest::remote_url::Redacted;

/// Longest file name of the kernel, in bytes.
const LONGEST: usize = 255;

/// A request whose names can be made.
#[derive(Clone)]
pub(super) struct Checked<'r> {
    pub(super) request: &'r ViewRequest,
    pub(super) destination: String,
    pub(super) link: Option<String>,
}

/// Checks a request without looking at anything.
pub(super) fn check(request: &ViewRequest) -> Result<Checked<'_>, CacheError> {
    if request.items.len() > MOST_ENTRIES {
        return Err(CacheError::TooManyEntries(request.items.len()));
    }
    check_name(&request.name)?;
    let mut names = BTreeSet::new();
    for item in &request.items {
        check_name(&item.name)?;
        let is_ours = item.name == MANIFEST_NAME || item.name == OBJECTS_NAME;
        if is_ours || !names.insert(item.name.as_str()) {
            return Err(CacheError::SameName(printable(&item.name)));
        }
    }
    Ok(Checked {
        request,
        destination: plain_path(&request.destination)?,
        link: request.link.as_deref().map(plain_path).transpose()?,
    })
}

/// Tells whether bytes are one file name that leads nowhere else, whatever directory it stands in.
#[must_use]
pub fn is_plain(name: &[u8]) -> bool {
    !matches!(name, b"" | b"." | b"..")
        && name.len() <= LONGEST
        && !name.iter().any(|byte| b"/\0".contains(byte))
}

/// Checks what is to be added to a view: no name that it has, and no more than it may have.
pub(super) fn check_addition<'r>(
    request: &'r ViewRequest,
    view: &ViewRecord,
) -> Result<Checked<'r>, CacheError> {
    let checked = check(request)?;
    let sum = view.entries.len().saturating_add(request.items.len());
    if sum > MOST_ENTRIES {
        return Err(CacheError::TooManyEntries(sum));
    }
    for item in &request.items {
        if view.entries.iter().any(|entry| entry.name == item.name) {
            return Err(CacheError::SameName(printable(&item.name)));
        }
    }
    Ok(checked)
}

fn check_name(name: &str) -> Result<(), CacheError> {
    if is_plain(name.as_bytes()) && !name.chars().any(char::is_control) {
        return Ok(());
    }
    Err(CacheError::BadName(printable(name)))
}

/// A name may be a key, and that an address with secrets (K-01).
fn printable(name: &str) -> String {
    let shown = Redacted::of(name).to_string();
    let mut text: String = shown.escape_debug().take(LONGEST).collect();
    if text.len() < shown.len() {
        text.push_str("...");
    }
    text
}

/// The text of an absolute path without detours.
fn plain_path(path: &Path) -> Result<String, CacheError> {
    let is_plain = path.is_absolute() && !path.components().any(|part| part == Component::ParentDir);
    match path.to_str().filter(|_| is_plain) {
        Some(text) => Ok(text.to_owned()),
        None => Err(CacheError::BadPath(path.to_owned())),
    }
}

#[cfg(test)]
mod tests;
