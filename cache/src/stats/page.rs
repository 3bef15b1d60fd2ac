//! The form of the counter file: two pages of 4,096 bytes, written in turn.
//!
//! A page carries a generation and its own digest. Only the page that is not in force is ever written, so a cut at any
//! point, also by the loss of power, leaves the other one: counts may be lost, they are never wrong (S-05).
//!
//! | bytes | content |
//! | --- | --- |
//! | 0..8 | `cellstat` |
//! | 8..12 | format version |
//! | 12..16 | how many numbers follow |
//! | 16..24 | generation |
//! | 24..32 | begin of the counting, in seconds since 1970 |
//! | 32..4064 | numbers of 8 bytes, little endian; the rest is zero |
//! | 4064..4096 | SHA-256 of all before |

use sha2::{Digest as _, Sha256};

use super::counter::SLOTS;
use super::tally::{Values, join};

/// Bytes of a page: one block of common file systems, one page of memory, so that a killed process cannot cut a write.
pub(super) const PAGE: usize = 4096;

/// Version of the form. Numbers that are added at the end do not change it.
pub(super) const VERSION: u32 = 1;

const MAGIC: &[u8; 8] = b"cellstat";
const NUMBERS: usize = 32;
const DIGEST: usize = PAGE - 32;

/// Numbers that fit.
const ROOM: usize = (DIGEST - NUMBERS) / 8;

const _: () = assert!(SLOTS <= ROOM, "the page is full");

/// One state of the counters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) generation: u64,
    pub(super) since: u64,
    /// As many as the file has, which a later version of this program may have made more.
    numbers: Vec<u64>,
}

/// What the counter file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Book {
    /// This state, in the first or the second page.
    Good(Page, usize),
    /// Neither page is whole.
    Damaged,
    /// It is of another format; it is left alone.
    Foreign(u32),
}

impl Page {
    /// Nothing counted since `since`.
    pub(super) fn new(since: u64) -> Self {
        Self {
            generation: 0,
            since,
            numbers: vec![0; SLOTS],
        }
    }

    /// The numbers that this version knows.
    pub(super) fn values(&self) -> Values {
        std::array::from_fn(|slot| self.numbers.get(slot).copied().unwrap_or(0))
    }

    /// The next state.
    pub(super) fn plus(mut self, counted: &Values) -> Self {
        if self.numbers.len() < SLOTS {
            self.numbers.resize(SLOTS, 0);
        }
        for (slot, number) in self.numbers.iter_mut().enumerate().take(SLOTS) {
            *number = join(slot, *number, counted[slot]);
        }
        self.generation = self.generation.saturating_add(1);
        self
    }

    pub(super) fn encode(&self) -> [u8; PAGE] {
        let mut bytes = [0; PAGE];
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        // At most ROOM.
        let count = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        bytes[12..16].copy_from_slice(&count.to_le_bytes());
        bytes[16..24].copy_from_slice(&self.generation.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.since.to_le_bytes());
        let places = bytes[NUMBERS..DIGEST].chunks_exact_mut(8);
        for (place, number) in places.zip(&self.numbers) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        let digest = Sha256::digest(&bytes[..DIGEST]);
        bytes[DIGEST..].copy_from_slice(&digest);
        bytes
    }

    /// Reads a page; none when it is damaged, the version when it is another.
    fn decode(bytes: &[u8]) -> Option<Result<Self, u32>> {
        let (content, digest) = bytes.split_at_checked(DIGEST)?;
        if content.get(..8)? != MAGIC || *digest != *Sha256::digest(content) {
            return None;
        }
        let version = u32::from_le_bytes(array(content.get(8..12)?)?);
        if version != VERSION {
            return Some(Err(version));
        }
        let count = usize::try_from(u32::from_le_bytes(array(content.get(12..16)?)?)).ok()?;
        let numbers = content.get(NUMBERS..NUMBERS + count.min(ROOM) * 8)?;
        Some(Ok(Self {
            generation: u64::from_le_bytes(array(content.get(16..24)?)?),
            since: u64::from_le_bytes(array(content.get(24..32)?)?),
            numbers: numbers
                .chunks_exact(8)
                .filter_map(|n| Some(u64::from_le_bytes(array(n)?)))
                .collect(),
        }))
    }
}

impl Book {
    /// Reads the whole file.
    pub(super) fn decode(bytes: &[u8]) -> Self {
        let mut book = Self::Damaged;
        for (place, page) in bytes.chunks(PAGE).take(2).enumerate() {
            match (Page::decode(page), &book) {
                (Some(Err(version)), _) => return Self::Foreign(version),
                (Some(Ok(page)), Self::Good(newer, _)) if page.generation <= newer.generation => {}
                (Some(Ok(page)), _) => book = Self::Good(page, place),
                (None, _) => {}
            }
        }
        book
    }
}

fn array<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests;
