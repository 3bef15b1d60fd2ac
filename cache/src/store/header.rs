//! The first page of the index: sums over the whole store. Pure bytes in, pure bytes out.
//!
//! Numbers are little-endian. A page that cannot be read is no error but a reason to rebuild.

use super::layout::Budget;
use crate::model::lease_record::BootId;

/// Bytes of the first page that are in use.
pub const HEADER_BYTES: usize = 256;

/// A page of the index, in bytes.
pub const PAGE: usize = 4096;

/// Where the mark stands that a change is under way.
pub const DIRTY_OFFSET: u64 = 12;

const MAGIC: [u8; 8] = *b"cellidx\n";
const VERSION: u32 = 3;

/// Sums over the whole store, and the shape of the index.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Header {
    /// A change was begun and not finished: somebody died in the middle.
    pub is_dirty: bool,
    /// The machine's start during which the index was made.
    pub boot: BootId,
    /// Counts uses: the order in which objects are evicted (C-90), and a name for pieces of trash.
    pub uses: u64,
    /// Pages of objects, a power of two.
    pub pages: u32,
    /// Pages of reservations besides what fits behind the header.
    pub reservation_pages: u32,
    /// Slots of objects in use.
    pub objects: u64,
    /// Slots of objects that were in use.
    pub buried: u64,
    /// Blocks of the objects, in bytes.
    pub object_blocks: u64,
    /// Blocks of the private copies, in bytes.
    pub private_blocks: u64,
    /// Private copies.
    pub private: u64,
    /// Blocks of the views, in bytes.
    pub view_blocks: u64,
    /// Views.
    pub views: u64,
    /// Reserved against the quota, in bytes.
    pub reserved: u64,
    /// Reserved against the scratch quota, in bytes.
    pub reserved_scratch: u64,
    /// Trash that counts against the quota, in bytes.
    pub trash: u64,
    /// Trash that counts against the scratch quota, in bytes.
    pub trash_scratch: u64,
    /// Everything else that counts against the quota, in bytes.
    pub metadata: u64,
    /// Leases.
    pub leases: u64,
    /// Keys.
    pub entries: u64,
    /// Records and files set aside.
    pub set_aside: u64,
    /// Blocks of the directories that grow, in bytes, as they were last seen: part of `metadata`.
    pub directories: [u64; 9],
    /// Blocks of the side directories and all that lies in them, in bytes, likewise.
    pub sides: [u64; 2],
}

impl Header {
    /// What counts against `budget`, in bytes.
    #[must_use]
    pub fn used(&self, budget: Budget) -> u64 {
        match budget {
            Budget::Quota => [self.object_blocks, self.reserved, self.trash, self.metadata],
            Budget::Scratch => [
                self.private_blocks,
                self.view_blocks,
                self.reserved_scratch,
                self.trash_scratch,
            ],
        }
        .into_iter()
        .fold(0, u64::saturating_add)
    }

    /// What is reserved against `budget`, to be changed.
    pub const fn reserved_mut(&mut self, budget: Budget) -> &mut u64 {
        match budget {
            Budget::Quota => &mut self.reserved,
            Budget::Scratch => &mut self.reserved_scratch,
        }
    }

    /// What of the trash counts against `budget`, to be changed.
    pub const fn trash_mut(&mut self, budget: Budget) -> &mut u64 {
        match budget {
            Budget::Quota => &mut self.trash,
            Budget::Scratch => &mut self.trash_scratch,
        }
    }

    /// Yields the next use.
    pub const fn next_use(&mut self) -> u64 {
        self.uses = self.uses.saturating_add(1);
        self.uses
    }

    /// The length that the whole index has, in bytes.
    #[must_use]
    pub fn file_bytes(&self) -> u64 {
        (1 + u64::from(self.pages) + u64::from(self.reservation_pages)).saturating_mul(PAGE as u64)
    }

    /// Where the pages of objects begin, in bytes.
    #[must_use]
    pub fn objects_offset(&self) -> u64 {
        (1 + u64::from(self.reservation_pages)).saturating_mul(PAGE as u64)
    }

    /// Spells the header.
    #[must_use]
    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        let mut out = Cursor::new(&mut bytes);
        out.put(&MAGIC);
        out.put(&VERSION.to_le_bytes());
        out.put(&u32::from(self.is_dirty).to_le_bytes());
        out.put(&self.boot.0);
        out.put(&self.pages.to_le_bytes());
        out.put(&self.reservation_pages.to_le_bytes());
        for number in self.numbers() {
            out.put(&number.to_le_bytes());
        }
        for number in self.directories.into_iter().chain(self.sides) {
            out.put(&number.to_le_bytes());
        }
        bytes
    }

    /// Reads a header; nothing when it is none of this version.
    #[must_use]
    pub fn decode(bytes: &[u8; HEADER_BYTES]) -> Option<Self> {
        let mut from = Reader(bytes);
        let (magic, version) = (from.take::<8>()?, from.u32()?);
        let is_dirty = from.u32()? != 0;
        let mut header = Self {
            is_dirty,
            boot: BootId(from.take()?),
            pages: from.u32()?,
            reservation_pages: from.u32()?,
            ..Self::default()
        };
        for number in header.numbers_mut() {
            *number = from.u64()?;
        }
        for number in header.directories.iter_mut().chain(&mut header.sides) {
            *number = from.u64()?;
        }
        let is_sound = magic == MAGIC
            && version == VERSION
            && header.pages.is_power_of_two()
            && header.pages <= 1 << 20
            && header.reservation_pages <= 1024;
        is_sound.then_some(header)
    }

    const fn numbers(&self) -> [u64; 16] {
        [
            self.uses,
            self.objects,
            self.buried,
            self.object_blocks,
            self.private_blocks,
            self.private,
            self.view_blocks,
            self.views,
            self.reserved,
            self.reserved_scratch,
            self.trash,
            self.trash_scratch,
            self.metadata,
            self.leases,
            self.entries,
            self.set_aside,
        ]
    }

    const fn numbers_mut(&mut self) -> [&mut u64; 16] {
        [
            &mut self.uses,
            &mut self.objects,
            &mut self.buried,
            &mut self.object_blocks,
            &mut self.private_blocks,
            &mut self.private,
            &mut self.view_blocks,
            &mut self.views,
            &mut self.reserved,
            &mut self.reserved_scratch,
            &mut self.trash,
            &mut self.trash_scratch,
            &mut self.metadata,
            &mut self.leases,
            &mut self.entries,
            &mut self.set_aside,
        ]
    }
}

/// Writes numbers one after the other; what does not fit is a mistake of this program that its tests see.
pub(super) struct Cursor<'b> {
    rest: &'b mut [u8],
}

impl<'b> Cursor<'b> {
    pub(super) const fn new(bytes: &'b mut [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn put(&mut self, bytes: &[u8]) {
        let rest = std::mem::take(&mut self.rest);
        debug_assert!(rest.len() >= bytes.len());
        let (head, tail) = rest.split_at_mut(bytes.len().min(rest.len()));
        head.copy_from_slice(&bytes[..head.len()]);
        self.rest = tail;
    }
}

/// Reads numbers one after the other.
pub(super) struct Reader<'b>(pub(super) &'b [u8]);

impl Reader<'_> {
    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, tail) = self.0.split_first_chunk::<N>()?;
        self.0 = tail;
        Some(*head)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }
}

#[cfg(test)]
mod tests;
