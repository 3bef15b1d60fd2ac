//! What the keys stand for.

use std::time::SystemTime;

use super::damaged::DamagedEntry;
use super::error::StoreError;
use super::step::Step;
use super::{Inner, Store, layout};
use crate::model::entry::{EntryRecord, RECORD_VERSION};
use crate::model::key::KeyId;
use crate::sys::durable;

/// Longest record that is read, in bytes: validators of the greatest length, every byte escaped, and the rest.
pub(super) const LONGEST: usize = 128 << 10;

/// What a key stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What the record says.
    pub record: EntryRecord,
    /// When the origin last said that this is its content, by the wall clock.
    pub validated_at: SystemTime,
    /// Tells this record from a later one of the same name.
    identity: (u64, u64),
}

impl Store {
    /// What `key` stands for. A damaged record is set aside and counted, and is no entry (C-102).
    ///
    /// Takes no lock.
    pub fn entry(&self, key: KeyId) -> Result<Option<Entry>, StoreError> {
        let (content, facts) = match self.inner.anchor.read(&layout::entry(&key), LONGEST) {
            Ok(read) => read,
            Err(error) if error.is_absent() => return Ok(None),
            Err(error) if matches!(error.errno(), libc::EINVAL | libc::EFBIG | libc::ELOOP) => {
                self.inner.set_entry_aside(&key)?;
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        let Some(record) = parse_record(&key, &content) else {
            self.inner.set_entry_aside(&key)?;
            return Ok(None);
        };
        Ok(Some(Entry {
            record,
            validated_at: facts.modified,
            identity: facts.identity,
        }))
    }

    /// Notes that the origin just said that `entry` is its content (C-21). One that was replaced meanwhile stays.
    pub fn touch_validated(&self, entry: &Entry) -> Result<(), StoreError> {
        self.inner.writer()?;
        let path = layout::entry(&entry.record.id);
        match self.inner.anchor.facts_if_any(&path)? {
            Some(facts) if facts.identity == entry.identity => match self.inner.anchor.touch(&path) {
                Err(error) if !error.is_absent() => Err(error.into()),
                _ => Ok(()),
            },
            _ => Ok(()),
        }
    }

    /// Makes a key stand for an object, durably. The object it stood for before is replaced: it is deleted at once, or
    /// with its last lease, unless another key stands for it (Q4).
    ///
    /// Yields false, and changes nothing, when the object is not here any more.
    pub fn put_entry(&self, record: &EntryRecord) -> Result<bool, StoreError> {
        let content = spell(record);
        let draft = loop {
            let draft = self.inner.draft(&content, true)?;
            let mut locked = self.inner.lock_to_change()?;
            let found = locked.find(&record.object)?;
            if found.is_none_or(|(_, slot)| slot.is_condemned) {
                return Ok(false);
            }
            if !locked.has_room(draft.blocks()) {
                drop(locked);
                let blocks = draft.blocks();
                drop(draft);
                if !self.inner.make_room_for_record(blocks, record.object)? {
                    return Err(StoreError::NoRoom { wanted: blocks });
                }
                continue;
            }
            locked.name_entry(draft.name(), record)?;
            locked.commit()?;
            break draft;
        };
        draft.into_named();
        self.clean_up_if_needed();
        let shard = layout::entry_shard(&record.id);
        Step::EntryCommitted.pass(&self.inner.anchor.path(&shard))?;
        durable::sync_directory(&self.inner.anchor, layout::ENTRIES)?;
        durable::sync_directory(&self.inner.anchor, &shard)?;
        Ok(true)
    }

    /// Makes a key stand for nothing (C-23); yields whether it stood for something. The object goes as in
    /// [`Store::put_entry`].
    pub fn retire(&self, key: KeyId) -> Result<bool, StoreError> {
        let mut locked = self.inner.lock_to_change()?;
        let was_there = locked.unlink_entry(&key)?;
        if was_there {
            locked.commit()?;
        }
        drop(locked);
        self.clean_up_if_needed();
        Ok(was_there)
    }
}

impl Inner {
    /// Moves a damaged entry out of the way.
    fn set_entry_aside(&self, key: &KeyId) -> Result<(), StoreError> {
        let shard = layout::entry_shard(key);
        let name = format!("{key}.json");
        // Somebody who stood for it in the index does so no more.
        let users: Vec<_> = self
            .slots()?
            .into_iter()
            .filter(|slot| slot.key == Some(*key))
            .collect();
        let mut locked = self.lock_to_change()?;
        let path = layout::entry(key);
        // It may have been mended while nobody held the lock.
        if locked.entry_object(key)?.is_some() || self.anchor.facts_if_any(&path)?.is_none() {
            return Ok(());
        }
        let blocks = self.anchor.facts(&path)?.blocks;
        locked.set_aside(&shard, name.as_ref(), blocks)?;
        locked.count_metadata(blocks, 0);
        locked.header.entries = locked.header.entries.saturating_sub(1);
        for user in &users {
            locked.unpoint(key, &user.id)?;
        }
        locked.commit()?;
        let entry = users.first().map(|user| DamagedEntry {
            key: *key,
            object: user.id,
            entries_left: locked.header.entries,
        });
        locked.note_damage(path, entry);
        drop(locked);
        self.tell_damage();
        Ok(())
    }
}

/// Reads a record; nothing unless it is whole, of this version and of this key.
pub(super) fn parse_record(key: &KeyId, content: &[u8]) -> Option<EntryRecord> {
    let record: EntryRecord = serde_json::from_slice(content).ok()?;
    (record.v == RECORD_VERSION && record.id == *key).then_some(record)
}

/// Spells a record as one line.
pub(super) fn spell(record: &impl serde::Serialize) -> Vec<u8> {
    // Fails only for maps with keys that are not text, and no record has any.
    let mut content = serde_json::to_vec(record).unwrap_or_default();
    content.push(b'\n');
    content
}
