//! Removing objects, and keeping them from being removed.

use super::error::StoreError;
use super::keys::{KeySearch, ObjectKeys};
use super::locked::Locked;
use super::locked_objects::is_full;
use super::slot::Slot;
use super::step::Step;
use super::{Inner, Store, layout};
use crate::model::key::KeyId;
use crate::model::object::ObjectId;
use crate::policy::eviction::Candidate;
use crate::sys::{clock, durable};

/// An object that was removed to make room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvictedObject {
    /// The object.
    pub id: ObjectId,
    /// The keys that stood for it.
    pub keys: Vec<KeyId>,
    /// Its blocks, in bytes.
    pub blocks: u64,
    /// When it was last used, in seconds since 1970.
    pub last_used_at: u64,
    /// What counted against the quota just before, in bytes.
    pub used_before: u64,
    /// When it went, in seconds since 1970.
    pub at: u64,
    /// Keys that are left in the store.
    pub entries_left: u64,
}

/// What came of removing an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evicted {
    /// It is gone, with the keys that stood for it.
    Gone(EvictedObject),
    /// So many leases keep it (C-91).
    InUse(u32),
    /// It is pinned.
    Pinned,
    /// It was not here.
    Absent,
}

/// What came of setting a damaged object aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quarantined {
    /// It is gone, with the keys that stood for it.
    Gone,
    /// Somebody holds it: it is handed out no more, no key stands for it, and it goes with its last lease.
    Held,
    /// It was not here.
    Absent,
}

impl Store {
    /// Removes an object that nobody holds, whatever the room. It is deleted from the disk in the background.
    pub fn evict(&self, id: ObjectId) -> Result<Evicted, StoreError> {
        let evicted = self.inner.evict(&id, |_| true)?;
        self.clean_up_if_needed();
        Ok(evicted)
    }

    /// Keeps an object from being evicted, or ends that, durably; yields whether the object is here.
    pub fn pin(&self, id: ObjectId, pinned: bool) -> Result<bool, StoreError> {
        let Some(was_removed) = self.inner.pin(&id, pinned)? else {
            return Ok(false);
        };
        if was_removed {
            self.clean_up_if_needed();
        }
        self.inner.sync_pins()?;
        Ok(true)
    }

    /// Removes a damaged object: it is never handed out again, not after a power cut either; holders keep it until they
    /// release it (S-07).
    pub fn quarantine(&self, id: ObjectId) -> Result<Quarantined, StoreError> {
        let quarantined = self.inner.condemn(&id)?;
        self.clean_up_if_needed();
        Ok(quarantined)
    }
}

impl Inner {
    /// Removes an object to make room, unless it was used since it was chosen.
    pub(super) fn evict_unused(&self, chosen: &Candidate) -> Result<Option<EvictedObject>, StoreError> {
        let evicted = self.evict(&chosen.id, |slot| slot.last_use == chosen.last_use)?;
        Ok(match evicted {
            Evicted::Gone(object) => Some(object),
            Evicted::InUse(_) | Evicted::Pinned | Evicted::Absent => None,
        })
    }

    /// Removes the longest unused object but `kept`, and deletes it from the disk; yields whether there was one.
    pub(super) fn evict_one_but(&self, kept: ObjectId) -> Result<bool, StoreError> {
        let mut slots = self.slots()?;
        slots.retain(|slot| slot.is_evictable() && slot.id != kept);
        let Some(oldest) = slots.iter().min_by_key(|slot| slot.last_use) else {
            return Ok(false);
        };
        let evicted = self.evict(&oldest.id, |_| true)?;
        // As in `evict_for`.
        let _ = self.purge();
        let Evicted::Gone(gone) = evicted else {
            return Ok(false);
        };
        self.tell(&[gone]);
        Ok(true)
    }

    fn evict(&self, id: &ObjectId, is_meant: impl Fn(&Slot) -> bool) -> Result<Evicted, StoreError> {
        let mut search = KeySearch::default();
        loop {
            let mut locked = self.lock_to_change()?;
            let Some((place, slot)) = locked.find(id)?.filter(|(_, slot)| is_meant(slot)) else {
                return Ok(Evicted::Absent);
            };
            if slot.is_pinned {
                return Ok(Evicted::Pinned);
            }
            if slot.leases > 0 {
                return Ok(Evicted::InUse(slot.leases));
            }
            let Some(found) = search.settle(&locked, &slot)? else {
                drop(locked);
                search.scan(self, id)?;
                continue;
            };
            let used_before = locked.header.used(layout::Budget::Quota);
            locked.discard(place, &slot, &found.keys)?;
            locked.commit_without(&found)?;
            let entries_left = locked.header.entries;
            drop(locked);
            Step::EvictCommitted.pass(&self.anchor.path(&layout::object(id)))?;
            return Ok(Evicted::Gone(EvictedObject {
                id: *id,
                keys: found.keys,
                blocks: slot.blocks,
                last_used_at: slot.last_used_at,
                used_before,
                at: clock::wall_seconds(),
                entries_left,
            }));
        }
    }

    /// Yields whether it was removed, as nothing but the pin kept it; nothing when it is not here.
    fn pin(&self, id: &ObjectId, pinned: bool) -> Result<Option<bool>, StoreError> {
        let mut locked = self.lock_to_change()?;
        let Some((place, mut slot)) = locked.find(id)? else {
            return Ok(None);
        };
        if slot.is_pinned == pinned {
            return Ok(Some(false));
        }
        let path = layout::pin(id);
        let shown = self.anchor.path(&path);
        if pinned {
            locked.ensure_directory(layout::PINS, 0o700)?;
        }
        locked.first(|inner| {
            Step::PinBegun.pass(&shown)?;
            let changed = if pinned {
                inner.anchor.make_file(&path).map(|_| ())
            } else {
                inner.anchor.unlink(&path).map(|_| ())
            };
            changed.or_else(|error| match error.errno() {
                libc::EEXIST => Ok(()),
                _ => Err(error),
            })
        })?;
        slot.is_pinned = pinned;
        locked.put(place, slot)?;
        let is_doomed = slot.leases == 0 && slot.is_doomed();
        if is_doomed {
            locked.discard(place, &slot, &[])?;
        }
        locked.remeasure(layout::PINS)?;
        locked.commit()?;
        Ok(Some(is_doomed))
    }

    fn sync_pins(&self) -> Result<(), StoreError> {
        Step::PinCommitted.pass(&self.anchor.path(layout::PINS))?;
        match durable::sync_directory(&self.anchor, layout::PINS) {
            // Nothing was ever pinned.
            Err(error) if error.is_absent() => return Ok(()),
            synced => synced?,
        }
        Ok(durable::sync_directory(&self.anchor, "")?)
    }

    /// Marks an object as damaged, durably, and takes its keys from it; removes it, unless somebody holds it.
    pub(super) fn condemn(&self, id: &ObjectId) -> Result<Quarantined, StoreError> {
        let quarantined = self.set_object_aside(id)?;
        let changed = match quarantined {
            Quarantined::Gone => layout::object_shard(id),
            Quarantined::Held => layout::object(id),
            Quarantined::Absent => return Ok(quarantined),
        };
        Step::CondemnCommitted.pass(&self.anchor.path(&changed))?;
        match durable::sync_directory(&self.anchor, &changed) {
            // Released meanwhile.
            Err(error) if error.is_absent() => {}
            synced => synced?,
        }
        Ok(quarantined)
    }

    fn set_object_aside(&self, id: &ObjectId) -> Result<Quarantined, StoreError> {
        let mut search = KeySearch::default();
        loop {
            let mut locked = self.lock_to_change()?;
            let Some((place, slot)) = locked.find(id)? else {
                return Ok(Quarantined::Absent);
            };
            let Some(found) = search.settle(&locked, &slot)? else {
                drop(locked);
                search.scan(self, id)?;
                continue;
            };
            let quarantined = if slot.leases == 0 {
                locked.discard(place, &slot, &found.keys)?;
                Quarantined::Gone
            } else {
                locked.condemn(place, slot, &found.keys)?;
                Quarantined::Held
            };
            locked.commit_without(&found)?;
            return Ok(quarantined);
        }
    }
}

impl Locked<'_> {
    /// Marks an object that somebody holds as damaged: no key stands for it any more. The mark on disk is that its record
    /// has lost its name, which needs no new space (S-05).
    fn condemn(&mut self, place: u64, slot: Slot, keys: &[KeyId]) -> Result<(), StoreError> {
        let path = layout::object(&slot.id);
        let shown = self.inner.anchor.path(&path);
        self.first(|inner| {
            Step::CondemnBegun.pass(&shown)?;
            let record = layout::inside(&path, layout::RECORD);
            match inner
                .anchor
                .rename(&record, &layout::inside(&path, layout::CONDEMNED))
            {
                // Its record is what is damaged; or the index alone has to remember.
                Err(error) if error.is_absent() || is_full(&error) => Ok(()),
                renamed => renamed,
            }
        })?;
        Step::CondemnMarked.pass(&shown)?;
        self.unlink_entries(keys)?;
        let condemned = Slot {
            is_condemned: true,
            entries: 0,
            key: None,
            ..slot
        };
        self.put(place, condemned)
    }

    /// Ends a change that took an object's keys away, all but those that could not be found: making the index anew
    /// finds them.
    fn commit_without(&mut self, found: &ObjectKeys) -> Result<(), StoreError> {
        if found.is_complete {
            self.commit()
        } else {
            self.rebuild()
        }
    }
}
