//! The entries of one directory, close together in memory.

/// The most bytes of names that a sorted walk holds at once.
const HELD: usize = 96 << 20;

/// Bytes of names after which an unsorted walk stops reading a directory and works off what it has.
const CHUNK: usize = 16 << 10;

/// Which entries a walk visits, and in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// All of them; those of one directory sorted by their bytes. Of names at most 96 MiB are held at once.
    Sorted,
    /// All of them, in the order of the file system; a few KiB of names are held for each level.
    Unsorted,
    /// The same for directories and symbolic links only.
    Links,
}

impl Selection {
    /// Bytes of names that are read from one directory before they are worked off, and that are never exceeded.
    pub(super) const fn at_once(self) -> (usize, usize) {
        match self {
            Self::Sorted => (usize::MAX, HELD),
            Self::Unsorted | Self::Links => (CHUNK, usize::MAX),
        }
    }

    pub(super) const fn takes(self, kind: Kind) -> bool {
        match self {
            Self::Sorted | Self::Unsorted => true,
            Self::Links => matches!(kind, Kind::Directory | Kind::Link),
        }
    }

    pub(super) const fn is_sorted(self) -> bool {
        matches!(self, Self::Sorted)
    }
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Directory,
    File,
    Link,
    Special,
}

/// Names and kinds, in order.
#[derive(Debug, Default)]
pub(super) struct Listing {
    names: Vec<u8>,
    entries: Vec<Entry>,
    next: usize,
    /// Where the directory goes on, if it was not read to its end.
    pub(super) resume: Option<u64>,
}

/// A name as a range of the names, at most 255 bytes long.
#[derive(Debug, Clone, Copy)]
struct Entry {
    start: u32,
    length: u16,
    kind: Kind,
}

impl Entry {
    fn name(self, names: &[u8]) -> &[u8] {
        let start = self.start as usize;
        names
            .get(start..start + usize::from(self.length))
            .unwrap_or_default()
    }
}

impl Listing {
    pub(super) fn add(&mut self, kind: Kind, name: &[u8]) {
        // Neither is ever cut: the names are held to fewer bytes, and the kernel's names to fewer still.
        let (Ok(start), Ok(length)) = (u32::try_from(self.names.len()), u16::try_from(name.len())) else {
            return;
        };
        self.names.extend_from_slice(name);
        self.entries.push(Entry { start, length, kind });
    }

    pub(super) fn sort(&mut self) {
        let names = &self.names;
        self.entries
            .sort_unstable_by(|a, b| a.name(names).cmp(b.name(names)));
    }

    /// The next entry.
    pub(super) fn next(&mut self) -> Option<(Kind, &[u8])> {
        let entry = *self.entries.get(self.next)?;
        self.next += 1;
        Some((entry.kind, entry.name(&self.names)))
    }

    /// Where the directory goes on, once all that was read of it is worked off.
    pub(super) fn worked_off(&self) -> Option<u64> {
        self.resume.filter(|_| self.next == self.entries.len())
    }

    /// Bytes of memory in use.
    pub(super) fn bytes(&self) -> usize {
        self.names.len() + self.entries.len() * size_of::<Entry>()
    }
}
