//! Changes of entries under the lock. Each is part of a change that its caller begins and commits.

use super::entries::parse_record;
use super::error::StoreError;
use super::layout;
use super::locked::Locked;
use super::step::Step;
use crate::model::entry::EntryRecord;
use crate::model::key::KeyId;
use crate::model::object::ObjectId;

impl Locked<'_> {
    /// Gives the written record at `from` its name. What the key stood for before is replaced, and goes at once when
    /// nobody holds it and no other key stands for it (Q4).
    pub(super) fn name_entry(&mut self, from: &str, record: &EntryRecord) -> Result<(), StoreError> {
        let path = layout::entry(&record.id);
        let shown = self.inner.anchor.path(&path);
        let shard = layout::entry_shard(&record.id);
        self.ensure_directory(&shard, 0o700)?;
        let before = self.entry_object(&record.id)?;
        let old = self.inner.anchor.facts_if_any(&path)?;
        let shard_before = self.inner.anchor.facts(&shard)?.blocks;
        let new = self.inner.anchor.facts(from)?;
        self.first(|inner| {
            Step::EntryBegun.pass(&shown)?;
            inner.anchor.rename(from, &path)
        })?;
        Step::EntryNamed.pass(&shown)?;
        let shard_after = self.inner.anchor.facts(&shard)?.blocks;
        self.count_metadata(old.map_or(0, |facts| facts.blocks), new.blocks);
        self.count_metadata(shard_before, shard_after);
        self.header.entries += u64::from(old.is_none());
        if before != Some(record.object) {
            self.point(&record.id, &record.object)?;
            if let Some(before) = before {
                self.unpoint(&record.id, &before)?;
            }
        }
        Ok(())
    }

    /// Removes an entry; yields whether it was there. What it stood for goes as in [`Locked::name_entry`].
    pub(super) fn unlink_entry(&mut self, key: &KeyId) -> Result<bool, StoreError> {
        let object = self.entry_object(key)?;
        let was_there = self.unlink_entry_file(key)?;
        if let (true, Some(object)) = (was_there, object) {
            self.unpoint(key, &object)?;
        }
        Ok(was_there)
    }

    /// Removes the entries of an object that is going, which are known to be its.
    pub(super) fn unlink_entries(&mut self, keys: &[KeyId]) -> Result<(), StoreError> {
        for key in keys {
            self.unlink_entry_file(key)?;
        }
        Ok(())
    }

    fn unlink_entry_file(&mut self, key: &KeyId) -> Result<bool, StoreError> {
        let path = layout::entry(key);
        let shown = self.inner.anchor.path(&path);
        let Some(facts) = self.inner.anchor.facts_if_any(&path)? else {
            return Ok(false);
        };
        self.first(|inner| {
            Step::RetireBegun.pass(&shown)?;
            inner.anchor.unlink(&path)
        })?;
        Step::RetireUnlinked.pass(&shown)?;
        self.count_metadata(facts.blocks, 0);
        self.header.entries = self.header.entries.saturating_sub(1);
        Ok(true)
    }

    /// The object that a key stands for; nothing for a missing or damaged record.
    pub(super) fn entry_object(&self, key: &KeyId) -> Result<Option<ObjectId>, StoreError> {
        match self
            .inner
            .anchor
            .read(&layout::entry(key), super::entries::LONGEST)
        {
            Ok((content, _)) => Ok(parse_record(key, &content).map(|record| record.object)),
            Err(error) if error.is_absent() => Ok(None),
            Err(error) if matches!(error.errno(), libc::EINVAL | libc::EFBIG | libc::ELOOP) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Counts one key more for an object.
    fn point(&mut self, key: &KeyId, object: &ObjectId) -> Result<(), StoreError> {
        let Some((place, mut slot)) = self.find(object)? else {
            return Ok(());
        };
        slot.entries = slot.entries.saturating_add(1);
        slot.key = slot.key.or(Some(*key));
        slot.is_replaced = false;
        self.put(place, slot)
    }

    /// Counts one key less for an object.
    pub(super) fn unpoint(&mut self, key: &KeyId, object: &ObjectId) -> Result<(), StoreError> {
        let Some((place, mut slot)) = self.find(object)? else {
            return Ok(());
        };
        slot.entries = slot.entries.saturating_sub(1);
        if slot.key == Some(*key) {
            slot.key = None;
        }
        slot.is_replaced = slot.entries == 0;
        self.put(place, slot)?;
        if slot.leases == 0 && slot.is_doomed() {
            self.discard(place, &slot, &[])?;
        }
        Ok(())
    }
}
