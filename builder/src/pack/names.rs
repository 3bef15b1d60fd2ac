//! Names that a walk has met and not yet dealt with, those of the current folder last.

use std::ffi::{CStr, CString};

use crate::sys::tree::Kind;

/// What stands behind a kept name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// An entry of the folder.
    Entry(Kind),
    /// The other tree's folder.
    Graft,
}

/// The kept names, in one piece of memory.
#[derive(Debug, Default)]
pub(crate) struct Names {
    bytes: Vec<u8>,
    entries: Vec<Name>,
}

#[derive(Debug, Clone, Copy)]
struct Name {
    start: usize,
    end: usize,
    what: What,
}

/// The names of one folder begin here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    entries: usize,
    bytes: usize,
}

impl Names {
    /// Where the names of the next folder will begin.
    pub(crate) fn mark(&self) -> Mark {
        Mark {
            entries: self.entries.len(),
            bytes: self.bytes.len(),
        }
    }

    pub(crate) fn keep(&mut self, name: &CStr, what: What) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(name.to_bytes());
        let end = self.bytes.len();
        self.entries.push(Name { start, end, what });
    }

    /// Puts the names since `mark` in an order that yields them by their bytes.
    pub(crate) fn sort_since(&mut self, mark: Mark) {
        let bytes = &self.bytes;
        let text = |name: &Name| &bytes[name.start..name.end];
        self.entries[mark.entries..].sort_unstable_by(|a, b| text(b).cmp(text(a)));
    }

    /// Yields one name since `mark`, or nothing once all are dealt with.
    pub(crate) fn take_since(&mut self, mark: Mark) -> Option<(CString, What)> {
        if self.entries.len() == mark.entries {
            self.bytes.truncate(mark.bytes);
            return None;
        }
        let Name { start, end, what } = self.entries.pop()?;
        // A name from the system has no zero byte.
        Some((CString::new(&self.bytes[start..end]).ok()?, what))
    }
}

#[cfg(test)]
mod tests;
