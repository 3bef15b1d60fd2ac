//! Looking at everything that is here. Takes the lock, if at all, only to find the index.

use super::error::StoreError;
use super::index::State;
use super::slot::Slot;
use super::{Inner, Store, layout};
use crate::model::entry::{EntryRecord, RECORD_VERSION};
use crate::model::lease_record::{LeaseId, LeaseRecord};
use crate::model::object::ObjectId;
use crate::model::object_record::ObjectRecord;
use crate::sys::SysError;
use crate::sys::anchor::Kind;

impl Store {
    /// What the index knows of every object, in no order.
    pub fn objects(&self) -> Result<Vec<Slot>, StoreError> {
        self.inner.slots()
    }

    /// What the index knows of one object.
    pub fn slot(&self, id: ObjectId) -> Result<Option<Slot>, StoreError> {
        if let Some(locked) = self.inner.lock_to_read()? {
            return Ok(locked.find(&id)?.map(|(_, slot)| slot));
        }
        let slots = self.inner.slots()?;
        Ok(slots.into_iter().find(|slot| slot.id == id))
    }

    /// Tells whether an object may be handed out, as far as can be told without waiting for anybody: it may be evicted by
    /// now. [`Store::lease`] tells for certain.
    pub fn has(&self, id: ObjectId) -> Result<bool, StoreError> {
        let slot = match self.inner.slot_at_a_glance(&id)? {
            None => self.slot(id)?,
            slot => slot,
        };
        Ok(slot.is_some_and(|slot| !slot.is_condemned))
    }

    /// The record of an object; nothing when it is not here or its record is damaged.
    pub fn object(&self, id: ObjectId) -> Result<Option<ObjectRecord>, StoreError> {
        Ok(self.inner.object_record(&layout::object(&id), &id)?)
    }

    /// Every entry that can be read.
    pub fn entries(&self) -> Result<Vec<EntryRecord>, StoreError> {
        self.inner.entry_records()
    }

    /// Every lease, one after the other. A damaged record is none, and is set aside where that may be done (S-07).
    pub fn leases(&self) -> Result<impl Iterator<Item = Result<LeaseRecord, StoreError>>, StoreError> {
        let ids: Vec<LeaseId> = self.inner.lease_ids()?;
        // One that was released meanwhile is none any more.
        Ok(ids
            .into_iter()
            .filter_map(|id| self.inner.sound_lease(&id).transpose()))
    }
}

impl Inner {
    /// What the index knows of an object, read without the lock; nothing when somebody is changing it just now.
    fn slot_at_a_glance(&self, id: &ObjectId) -> Result<Option<Slot>, StoreError> {
        // Who holds this may be waiting for another process.
        let Ok(index) = self.index.try_lock() else {
            return Ok(None);
        };
        let Some(file) = index.as_ref() else {
            return Ok(None);
        };
        match file.state(&self.anchor)? {
            State::Current(header) if !header.is_dirty && header.boot == self.boot => {
                Ok(file.search(&header, id)?.found.map(|(_, slot)| slot))
            }
            _ => Ok(None),
        }
    }

    /// What the index knows of every object; what the directories tell, where there is no index to trust.
    pub(super) fn slots(&self) -> Result<Vec<Slot>, StoreError> {
        let Some(locked) = self.lock_to_read()? else {
            return Ok(self.slots_on_disk()?);
        };
        let (reader, header) = (locked.index()?.reader()?, locked.header);
        drop(locked);
        Ok(reader.scan(&header)?)
    }

    fn slots_on_disk(&self) -> Result<Vec<Slot>, SysError> {
        let mut slots = Vec::new();
        for id in self.object_ids()? {
            let path = layout::object(&id);
            if let Some(record) = self.object_record(&path, &id)? {
                let taken = crate::sys::space::measure(&self.anchor, &path)?;
                slots.push(Slot {
                    // As far as anybody knows.
                    last_used_at: record.stored_at,
                    ..Slot::new(id, taken.blocks, taken.inodes)
                });
            }
        }
        Ok(slots)
    }

    /// The names of the objects that have a directory.
    pub(super) fn object_ids(&self) -> Result<Vec<ObjectId>, SysError> {
        let mut ids = Vec::new();
        for shard in self.shards(layout::OBJECTS)? {
            let names = self.anchor.list(&shard)?;
            ids.extend(
                names
                    .iter()
                    .filter_map(|name| name.to_str()?.parse().ok())
                    .filter(|id| layout::object_shard(id) == shard),
            );
        }
        Ok(ids)
    }

    pub(super) fn entry_records(&self) -> Result<Vec<EntryRecord>, StoreError> {
        let mut records = Vec::new();
        for shard in self.shards(layout::ENTRIES)? {
            for name in self.anchor.list(&shard)? {
                let Some(key) = name.to_str().and_then(layout::parse_entry) else {
                    continue;
                };
                match self.anchor.read(&layout::entry(&key), super::entries::LONGEST) {
                    Ok((content, _)) => records.extend(super::entries::parse_record(&key, &content)),
                    Err(error) if error.is_absent() => {}
                    Err(error) if matches!(error.errno(), libc::EINVAL | libc::EFBIG | libc::ELOOP) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        Ok(records)
    }

    /// The directories that objects or entries are spread over.
    pub(super) fn shards(&self, above: &str) -> Result<Vec<String>, SysError> {
        let names = self.anchor.list(above)?;
        let names = names.iter().filter_map(|name| name.to_str());
        let mut shards = Vec::new();
        for name in names.filter(|name| layout::is_shard(name)) {
            let shard = layout::inside(above, name);
            if self.is_directory(&shard)? {
                shards.push(shard);
            }
        }
        Ok(shards)
    }

    /// Tells whether a name is there and a directory's: one file of a shard's name costs only itself (S-19).
    pub(super) fn is_directory(&self, path: &str) -> Result<bool, SysError> {
        let facts = self.anchor.facts_if_any(path)?;
        Ok(facts.is_some_and(|facts| facts.kind == Kind::Directory))
    }

    /// Reads the record in the directory of an object; nothing unless it is whole, of this version and of this object.
    pub(super) fn object_record(
        &self,
        directory: &str,
        id: &ObjectId,
    ) -> Result<Option<ObjectRecord>, SysError> {
        let path = layout::inside(directory, layout::RECORD);
        let content = match self.anchor.read(&path, super::entries::LONGEST) {
            Ok((content, _)) => content,
            Err(error) if is_content_fault(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let record: Option<ObjectRecord> = serde_json::from_slice(&content).ok();
        Ok(record.filter(|record| record.v == RECORD_VERSION && record.id == *id))
    }
}

/// Tells whether a file could not be read because of what it is, not because of the system.
pub(super) fn is_content_fault(error: &SysError) -> bool {
    matches!(
        error.errno(),
        libc::ENOENT | libc::ENOTDIR | libc::EINVAL | libc::EFBIG | libc::ELOOP | libc::ENXIO
    )
}
