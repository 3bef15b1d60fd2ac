//! What the index says of one object, and of one reservation. Pure bytes in, pure bytes out.

use super::header::{Cursor, Reader};
use super::layout::{Budget, Owner, StagingName};
use crate::model::digest::Digest;
use crate::model::key::KeyId;
use crate::model::object::{Form, ObjectId};

/// Bytes of one object in the index.
pub const SLOT_BYTES: usize = 128;

/// Bytes of one reservation in the index.
pub const RESERVATION_BYTES: usize = 32;

/// Where the digest of an object stands in its place.
const DIGEST: usize = 8;

const FREE: u8 = 0;
const BURIED: u8 = 1;
const TREE: u8 = 2;
const FILE: u8 = 3;

const UNCHECKED: u8 = 1;
const PINNED: u8 = 2;
const REPLACED: u8 = 4;
const CONDEMNED: u8 = 8;
const HAS_KEY: u8 = 16;

/// What the index says of one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a mark of its own in the index"
)]
pub struct Slot {
    /// The object.
    pub id: ObjectId,
    /// Its blocks, in bytes: content, record and directory.
    pub blocks: u64,
    /// Its inodes.
    pub inodes: u64,
    /// Leases of it.
    pub leases: u32,
    /// Keys that stand for it.
    pub entries: u32,
    /// One of the keys, if there is any: found without looking through all of them.
    pub key: Option<KeyId>,
    /// The use at which a lease of it began or ended last (C-90).
    pub last_use: u64,
    /// The same in seconds since 1970; only shown (S-14).
    pub last_used_at: u64,
    /// Not looked at since an unclean stop (C-106).
    pub is_unchecked: bool,
    /// Never evicted.
    pub is_pinned: bool,
    /// The last key that stood for it stands for something else: deleted with its last lease (Q4).
    pub is_replaced: bool,
    /// Found damaged: never handed out again, deleted with its last lease (S-07).
    pub is_condemned: bool,
}

/// What a place in the index holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Nothing, and never did: a search ends here.
    Free,
    /// Nothing any more: a search goes on.
    Buried,
    /// An object.
    Taken(Slot),
}

/// Room that somebody has reserved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reservation {
    /// Who, and for which work; work 0 is the owner's own records.
    pub name: StagingName,
    /// How much, in bytes.
    pub bytes: u64,
    /// Against what.
    pub budget: Budget,
}

impl Slot {
    /// Starts a slot for an object that nobody holds and no key stands for.
    #[must_use]
    pub const fn new(id: ObjectId, blocks: u64, inodes: u64) -> Self {
        Self {
            id,
            blocks,
            inodes,
            leases: 0,
            entries: 0,
            key: None,
            last_use: 0,
            last_used_at: 0,
            is_unchecked: false,
            is_pinned: false,
            is_replaced: false,
            is_condemned: false,
        }
    }

    /// Tells whether it is only waiting for its last lease to end.
    #[must_use]
    pub const fn is_doomed(&self) -> bool {
        self.is_condemned || (self.is_replaced && !self.is_pinned)
    }

    /// Tells whether it may be removed to make room.
    #[must_use]
    pub const fn is_evictable(&self) -> bool {
        self.leases == 0 && !self.is_pinned
    }
}

impl Place {
    /// Spells the place.
    #[must_use]
    pub fn encode(&self) -> [u8; SLOT_BYTES] {
        let mut bytes = [0; SLOT_BYTES];
        let slot = match self {
            Self::Free => return bytes,
            Self::Buried => {
                bytes[0] = BURIED;
                return bytes;
            }
            Self::Taken(slot) => slot,
        };
        let state = match slot.id.form() {
            Form::Tree => TREE,
            Form::File => FILE,
        };
        let mut out = Cursor::new(&mut bytes);
        out.put(&[state, flags(slot), 0, 0]);
        out.put(&slot.id.version().to_le_bytes());
        out.put(slot.id.digest().as_bytes());
        for number in [slot.blocks, slot.inodes, slot.last_use, slot.last_used_at] {
            out.put(&number.to_le_bytes());
        }
        out.put(&slot.leases.to_le_bytes());
        out.put(&slot.entries.to_le_bytes());
        if let Some(key) = slot.key {
            out.put(key.digest().as_bytes());
        }
        bytes
    }

    /// Tells of most places of other objects, without reading all of it, that they are not `id`'s.
    #[must_use]
    pub fn is_another(bytes: &[u8; SLOT_BYTES], id: &ObjectId) -> bool {
        matches!(bytes[0], TREE | FILE) && bytes[DIGEST..DIGEST + 32] != *id.digest().as_bytes()
    }

    /// Reads a place; what makes no sense counts as buried, so that a search goes on.
    #[must_use]
    pub fn decode(bytes: &[u8; SLOT_BYTES]) -> Self {
        if bytes[0] == FREE {
            return Self::Free;
        }
        read_slot(bytes).map_or(Self::Buried, Self::Taken)
    }
}

fn flags(slot: &Slot) -> u8 {
    [
        (slot.is_unchecked, UNCHECKED),
        (slot.is_pinned, PINNED),
        (slot.is_replaced, REPLACED),
        (slot.is_condemned, CONDEMNED),
        (slot.key.is_some(), HAS_KEY),
    ]
    .into_iter()
    .filter(|(is_set, _)| *is_set)
    .fold(0, |flags, (_, bit)| flags | bit)
}

fn read_slot(bytes: &[u8; SLOT_BYTES]) -> Option<Slot> {
    let mut from = Reader(bytes);
    let [state, flags, _, _] = from.take()?;
    let form = match state {
        TREE => Form::Tree,
        FILE => Form::File,
        _ => return None,
    };
    let version = from.u32()?;
    let id = ObjectId::with_version(Digest::new(from.take()?), form, version);
    let mut slot = Slot::new(id, from.u64()?, from.u64()?);
    slot.last_use = from.u64()?;
    slot.last_used_at = from.u64()?;
    slot.leases = from.u32()?;
    slot.entries = from.u32()?;
    let key = KeyId::from(Digest::new(from.take()?));
    slot.key = (flags & HAS_KEY != 0).then_some(key);
    slot.is_unchecked = flags & UNCHECKED != 0;
    slot.is_pinned = flags & PINNED != 0;
    slot.is_replaced = flags & REPLACED != 0;
    slot.is_condemned = flags & CONDEMNED != 0;
    Some(slot)
}

impl Reservation {
    /// Spells a reservation.
    #[must_use]
    pub fn encode(&self) -> [u8; RESERVATION_BYTES] {
        let mut bytes = [0; RESERVATION_BYTES];
        let mut out = Cursor::new(&mut bytes);
        out.put(&self.name.owner.0.to_le_bytes());
        out.put(&self.name.number.to_le_bytes());
        out.put(&self.bytes.to_le_bytes());
        out.put(&[u8::from(self.budget == Budget::Scratch)]);
        bytes
    }

    /// Reads a reservation; nothing in a free place.
    #[must_use]
    pub fn decode(bytes: &[u8; RESERVATION_BYTES]) -> Option<Self> {
        let mut from = Reader(bytes);
        let (owner, number, size) = (from.u64()?, from.u64()?, from.u64()?);
        let budget = match from.take()? {
            [0] => Budget::Quota,
            [_] => Budget::Scratch,
        };
        // No owner has the number 0.
        (owner != 0).then_some(Self {
            name: StagingName {
                owner: Owner(owner),
                number,
            },
            bytes: size,
            budget,
        })
    }
}

#[cfg(test)]
mod tests;
