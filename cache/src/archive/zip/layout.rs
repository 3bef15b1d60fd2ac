//! Where everything is: the directory's records in order, and the places of all members, disjoint and in the file.

use crate::sys::window::Window;

use super::super::error::{ArchiveError, Fault};
use super::super::limits::Limit;
use super::super::policy::Policy;
use super::super::writer::within;
use super::broken;
use super::end::{self, End};
use super::entry::{Entry, FIXED_LEN, Lengths};
use super::local;

/// An archive whose numbers have been checked against its file.
#[derive(Debug)]
pub(super) struct Layout {
    end: End,
    file_len: u64,
    strict: bool,
    /// Offsets of the local headers, sorted.
    starts: Vec<u64>,
}

impl Layout {
    /// Checks the first bytes, the end record and every record of the directory.
    ///
    /// Memory: eight bytes for each record, up to the limit of entries. Time: one pass over the directory.
    pub(super) fn read(window: &mut Window<'_>, policy: &Policy) -> Result<Self, ArchiveError> {
        let file_len = window.file_len()?;
        if file_len == 0 {
            return Err(ArchiveError::Empty);
        }
        let strict = policy.is_strict();
        let first = window.at(0, 4)?;
        // C-61: an archive of nothing begins with its end.
        if first != local::SIGNATURE && !(strict && end::begins(first)) {
            return Err(ArchiveError::NotZip);
        }
        let mut layout = Self {
            end: end::read(window, file_len, strict)?,
            file_len,
            strict,
            starts: Vec::new(),
        };
        layout.starts = layout.survey(window, policy)?;
        Ok(layout)
    }

    pub(super) const fn file_len(&self) -> u64 {
        self.file_len
    }

    /// The records of the directory, in its order.
    pub(super) const fn entries<'w, 'f>(&self, window: &'w mut Window<'f>) -> Entries<'w, 'f> {
        Entries {
            window,
            at: self.end.directory_at,
            end: self.end,
            file_len: self.file_len,
            strict: self.strict,
            seen: 0,
        }
    }

    /// The first byte after `header_at` that belongs to something else.
    pub(super) fn ceiling(&self, header_at: u64) -> u64 {
        let next = self.starts.partition_point(|start| *start <= header_at);
        self.starts.get(next).copied().unwrap_or(self.end.directory_at)
    }

    /// Reads all records once: counts them, and sees that no two members share bytes.
    fn survey(&self, window: &mut Window<'_>, policy: &Policy) -> Result<Vec<u64>, ArchiveError> {
        let mut starts = Vec::new();
        let mut entries = self.entries(window);
        while let Some(entry) = entries.next()? {
            within(Limit::Entries, starts.len() as u64 + 1, policy.limits().entries)?;
            if entry.header_at >= self.end.directory_at {
                return Err(broken(Fault::Directory));
            }
            starts.push(entry.header_at);
        }
        entries.check_end()?;
        starts.sort_unstable();
        if starts.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(broken(Fault::Overlap));
        }
        if self.strict && starts.first().is_some_and(|first| *first != 0) {
            return Err(broken(Fault::Gap));
        }
        Ok(starts)
    }
}

/// The records of a directory, read one by one.
pub(super) struct Entries<'w, 'f> {
    window: &'w mut Window<'f>,
    at: u64,
    end: End,
    file_len: u64,
    strict: bool,
    seen: u64,
}

impl Entries<'_, '_> {
    /// The next record; none after the last one that can be read.
    pub(super) fn next(&mut self) -> Result<Option<Entry>, ArchiveError> {
        if self.strict && self.seen == self.end.records {
            return Ok(None);
        }
        let Some((entry, length)) = self.parse()? else {
            return if self.strict {
                Err(broken(Fault::Directory))
            } else {
                Ok(None)
            };
        };
        if self.strict && entry.is_ambiguous {
            return Err(broken(Fault::Ambiguous));
        }
        self.at = self.at.saturating_add(length);
        self.seen += 1;
        Ok(Some(entry))
    }

    /// Sees that the directory had as many records, and strictly as many bytes, as the end record says.
    ///
    /// The classic record holds the lower sixteen bits, which is all that the legacy compares.
    fn check_end(&self) -> Result<(), ArchiveError> {
        let low = |count: u64| count & u64::from(u16::MAX);
        let bytes_fit = !self.strict || self.at == self.end.ends_at;
        if low(self.seen) == low(self.end.records) && bytes_fit {
            return Ok(());
        }
        Err(broken(Fault::Directory))
    }

    fn parse(&mut self) -> Result<Option<(Entry, u64)>, ArchiveError> {
        let fixed = self.window.at(self.at, FIXED_LEN)?;
        let Some(lengths) = Lengths::of(fixed) else {
            return Ok(None);
        };
        let body = FIXED_LEN + lengths.name + lengths.extra;
        let bytes = self.window.at(self.at, body)?;
        let entry = if bytes.len() == body {
            Entry::parse(bytes, lengths, self.end.base)
        } else {
            None
        };
        let length = (body + lengths.comment) as u64;
        let in_file = self.at.saturating_add(length) <= self.file_len;
        Ok(entry.filter(|_| in_file).map(|entry| (entry, length)))
    }
}
