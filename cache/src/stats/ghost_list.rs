//! The ghost list: keys whose objects were evicted to make room, to tell a miss for room from a first one (Q12).
//!
//! A ring of records of 128 bytes in one file, with room for four times the entries of the store. A record is put in
//! place by one write, carries a check of its own, and is taken out by zeroes; so a cut leaves a list with fewer ghosts,
//! never a false one (S-05). The place of a record is its sequence number modulo the length of the ring.
//!
//! | bytes | content |
//! | --- | --- |
//! | 0..8 | sequence number, from 1; 0 is an empty place |
//! | 8..16 | time of the eviction, in seconds since 1970 |
//! | 16..24 | allocated bytes |
//! | 24..56 | id of the key |
//! | 56..88 | digest of the object |
//! | 88 | form of the object, `p` or `f` |
//! | 92..96 | version of the object |
//! | 120..124 | format version |
//! | 124..128 | CRC-32 of all before |

use std::collections::HashSet;
use std::path::Path;

use crate::model::digest::Digest;
use crate::model::key::KeyId;
use crate::model::object::{Form, ObjectId};
use crate::model::stats::Ghost;
use crate::sys::SysError;
use crate::sys::ledger::{Durability, Ledger, replace};

const RECORD: usize = 128;
const VERSION: u32 = 1;
const CHECK: usize = RECORD - 4;

/// Ghosts per entry of the store.
const PER_ENTRY: u64 = 4;

/// Fewest and most places of a ring, whatever the entries: 8 KiB and 32 MiB.
const PLACES: std::ops::RangeInclusive<u64> = 64..=1 << 18;

/// Records read at once.
const BATCH: usize = 512;

/// One change of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// The key's object was evicted.
    Evicted(Evicted),
    /// The key leads to an object again.
    Returned(KeyId),
}

/// One key that lost its object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Evicted {
    pub(super) key: KeyId,
    pub(super) object: ObjectId,
    pub(super) bytes: u64,
    pub(super) at: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Record {
    sequence: u64,
    evicted: Evicted,
}

impl Record {
    fn encode(&self) -> [u8; RECORD] {
        let Evicted {
            key,
            object,
            bytes,
            at,
        } = &self.evicted;
        let mut record = [0; RECORD];
        record[..8].copy_from_slice(&self.sequence.to_le_bytes());
        record[8..16].copy_from_slice(&at.to_le_bytes());
        record[16..24].copy_from_slice(&bytes.to_le_bytes());
        record[24..56].copy_from_slice(key.digest().as_bytes());
        record[56..88].copy_from_slice(object.digest().as_bytes());
        record[88] = match object.form() {
            Form::Tree => b'p',
            Form::File => b'f',
        };
        record[92..96].copy_from_slice(&object.version().to_le_bytes());
        record[120..CHECK].copy_from_slice(&VERSION.to_le_bytes());
        let check = crc(&record[..CHECK]).to_le_bytes();
        record[CHECK..].copy_from_slice(&check);
        record
    }

    /// None for an empty place, a torn record and one of another version.
    fn decode(record: &[u8]) -> Option<Self> {
        let sequence = u64::from_le_bytes(array(record, 0)?);
        let is_ours = sequence > 0
            && u32::from_le_bytes(array(record, CHECK)?) == crc(record.get(..CHECK)?)
            && u32::from_le_bytes(array(record, 120)?) == VERSION;
        if !is_ours {
            return None;
        }
        let form = match record.get(88)? {
            b'p' => 'p',
            b'f' => 'f',
            _ => return None,
        };
        let digest = Digest::new(array(record, 56)?);
        let version = u32::from_le_bytes(array(record, 92)?);
        Some(Self {
            sequence,
            evicted: Evicted {
                key: KeyId::from(Digest::new(array(record, 24)?)),
                object: format!("{digest}-{form}{version}").parse().ok()?,
                bytes: u64::from_le_bytes(array(record, 16)?),
                at: u64::from_le_bytes(array(record, 8)?),
            },
        })
    }
}

fn array<const N: usize>(record: &[u8], at: usize) -> Option<[u8; N]> {
    record.get(at..at + N)?.try_into().ok()
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// What the file holds of a key; none when the file is missing or does not know it.
pub(super) fn find(path: &Path, key: &KeyId) -> Result<Option<Ghost>, SysError> {
    let Some(file) = Ledger::read(path)? else {
        return Ok(None);
    };
    let mut found: Option<Record> = None;
    scan(&file, |_, record| {
        if record.evicted.key == *key && found.is_none_or(|old| old.sequence < record.sequence) {
            found = Some(record);
        }
    })?;
    let Some(found) = found else {
        return Ok(None);
    };
    // An object that several keys led to was there once.
    let mut behind = 0u64;
    let mut seen = HashSet::from([found.evicted.object]);
    scan(&file, |_, record| {
        if record.sequence > found.sequence && seen.insert(record.evicted.object) {
            behind = behind.saturating_add(record.evicted.bytes);
        }
    })?;
    Ok(Some(found.evicted.ghost(behind)))
}

impl Evicted {
    pub(super) const fn ghost(&self, behind: u64) -> Ghost {
        Ghost {
            object: self.object,
            bytes: self.bytes,
            at: self.at,
            behind,
        }
    }
}

/// How many ghosts the file holds.
pub(super) fn count(path: &Path) -> Result<u64, SysError> {
    let mut count = 0u64;
    if let Some(file) = Ledger::read(path)? {
        scan(&file, |_, _| count += 1)?;
    }
    Ok(count)
}

/// Carries out `changes` in their order, for a store of `entries`. The caller holds the lock of the statistics.
pub(super) fn apply(path: &Path, changes: &[Change], entries: u64) -> Result<(), SysError> {
    let evicts = changes.iter().any(|change| matches!(change, Change::Evicted(_)));
    if evicts {
        fit(path, entries)?;
    }
    let Some(file) = Ledger::update(path)? else {
        return Ok(());
    };
    let ring = Ring::open(&file, &named(changes))?;
    ring.apply(&file, changes)
}

/// The keys that may have to be taken out.
fn named(changes: &[Change]) -> HashSet<KeyId> {
    let keys = changes.iter().map(|change| match change {
        Change::Evicted(evicted) => evicted.key,
        Change::Returned(key) => *key,
    });
    keys.collect()
}

/// A ring under the lock: its length, its newest number, and where the keys of interest stand.
struct Ring {
    places: u64,
    newest: u64,
    standing: Vec<(KeyId, u64)>,
}

impl Ring {
    fn open(file: &Ledger, keys: &HashSet<KeyId>) -> Result<Self, SysError> {
        let mut ring = Self {
            places: file.size()? / RECORD as u64,
            newest: 0,
            standing: Vec::new(),
        };
        scan(file, |place, record| {
            ring.newest = ring.newest.max(record.sequence);
            if keys.contains(&record.evicted.key) {
                ring.standing.push((record.evicted.key, place));
            }
        })?;
        Ok(ring)
    }

    fn apply(mut self, file: &Ledger, changes: &[Change]) -> Result<(), SysError> {
        for change in changes {
            match change {
                Change::Returned(key) => self.take_out(file, key)?,
                Change::Evicted(evicted) => {
                    self.take_out(file, &evicted.key)?;
                    self.put_in(file, *evicted)?;
                }
            }
        }
        Ok(())
    }

    fn take_out(&mut self, file: &Ledger, key: &KeyId) -> Result<(), SysError> {
        let (gone, kept) = self.standing.drain(..).partition(|(known, _)| known == key);
        self.standing = kept;
        let gone: Vec<(KeyId, u64)> = gone;
        gone.iter()
            .try_for_each(|(_, place)| file.write_at(&[0; RECORD], place * RECORD as u64))
    }

    fn put_in(&mut self, file: &Ledger, evicted: Evicted) -> Result<(), SysError> {
        let sequence = self.newest.saturating_add(1);
        let Some(place) = sequence.checked_rem(self.places) else {
            return Ok(());
        };
        file.write_at(&Record { sequence, evicted }.encode(), place * RECORD as u64)?;
        self.newest = sequence;
        self.standing.retain(|(_, old)| *old != place);
        self.standing.push((evicted.key, place));
        Ok(())
    }
}

/// What [`apply`] takes on disk, at most, in bytes of blocks: a ring that is made longer or shorter is there twice for a
/// moment, and one that stays is written in place. The caller holds the lock of the statistics.
pub(super) fn growth(path: &Path, changes: &[Change], entries: u64) -> u64 {
    const BLOCK: u64 = 4096;
    let evicts = changes.iter().any(|change| matches!(change, Change::Evicted(_)));
    let places = Ledger::read(path)
        .ok()
        .flatten()
        .and_then(|file| file.size().ok());
    let wanted = evicts.then(|| new_length(places.map(|size| size / RECORD as u64), entries));
    wanted.flatten().map_or(0, |places| {
        places.saturating_mul(RECORD as u64).next_multiple_of(BLOCK)
    })
}

/// The length that a ring of `places` is to have instead, if it is missing or far from what the entries ask for.
fn new_length(places: Option<u64>, entries: u64) -> Option<u64> {
    let wanted = entries
        .saturating_mul(PER_ENTRY)
        .clamp(*PLACES.start(), *PLACES.end());
    let is_near = |places: u64| wanted <= places + places / 4 && wanted >= places / 2;
    let stays = places.is_some_and(|places| is_near(places) || places == wanted);
    (!stays).then_some(wanted)
}

/// Makes the ring, or makes it longer or shorter when it is far from what the entries ask for.
fn fit(path: &Path, entries: u64) -> Result<(), SysError> {
    let file = Ledger::read(path)?;
    let places = match &file {
        Some(file) => Some(file.size()? / RECORD as u64),
        None => None,
    };
    let Some(wanted) = new_length(places, entries) else {
        return Ok(());
    };
    let mut records = Vec::new();
    if let Some(file) = file {
        scan(&file, |_, record| records.push(record))?;
    }
    replace(path, &lay(records, wanted), Durability::Process)
}

/// The bytes of a ring of `places` with the newest of the records that fit.
fn lay(mut records: Vec<Record>, places: u64) -> Vec<u8> {
    records.sort_unstable_by_key(|record| record.sequence);
    let length = usize::try_from(places).unwrap_or(0);
    let mut bytes = vec![0; length.saturating_mul(RECORD)];
    for record in records {
        // Older ones that share the place go first and are overwritten.
        let place = usize::try_from(record.sequence.checked_rem(places).unwrap_or(0)).unwrap_or(0);
        if let Some(room) = bytes.chunks_exact_mut(RECORD).nth(place) {
            room.copy_from_slice(&record.encode());
        }
    }
    bytes
}

/// Visits every record with its place.
fn scan(file: &Ledger, mut visit: impl FnMut(u64, Record)) -> Result<(), SysError> {
    let mut buffer = vec![0; BATCH * RECORD];
    let mut place = 0;
    // Whatever the file's length, no more than the longest ring is read.
    while place < *PLACES.end() {
        let length = file.read_at(&mut buffer, place * RECORD as u64)?;
        for record in buffer[..length].chunks_exact(RECORD) {
            if let Some(record) = Record::decode(record) {
                visit(place, record);
            }
            place += 1;
        }
        if length < buffer.len() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
