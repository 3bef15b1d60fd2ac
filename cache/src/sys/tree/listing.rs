//! The entries of one directory, close together in memory.

/// The most bytes of names that a walk over everything holds at once.
const HELD: usize = 96 << 20;

/// The same for a walk that looks at directories and links only.
const HELD_OF_LINKS: usize = 24 << 20;

/// Which entries a walk visits, and in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Selection {
    /// All of them; those of one directory sorted by their bytes. Of names at most 96 MiB are held at once.
    Sorted,
    /// All of them, in the order of the file system. Of names at most 96 MiB are held at once.
    All,
    /// Directories and symbolic links only. Of names at most 24 MiB are held at once.
    Links,
}

impl Selection {
    pub(super) const fn most_held(self) -> usize {
        match self {
            Self::Sorted | Self::All => HELD,
            Self::Links => HELD_OF_LINKS,
        }
    }

    pub(super) const fn takes(self, kind: Kind) -> bool {
        match self {
            Self::Sorted | Self::All => true,
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

    /// Bytes of memory in use.
    pub(super) fn bytes(&self) -> usize {
        self.names.len() + self.entries.len() * size_of::<Entry>()
    }
}
