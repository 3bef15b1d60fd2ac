//! Removing objects, and keeping them from being removed.

use super::error::StoreError;
use super::locked::Locked;
use super::slot::Slot;
use super::step::Step;
use super::{Inner, Store, layout};
use crate::model::key::KeyId;
use crate::model::object::ObjectId;
use crate::policy::eviction::Candidate;
use crate::sys::clock;

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

impl Store {
    /// Removes an object that nobody holds, whatever the room. It is deleted from the disk in the background.
    pub fn evict(&self, id: ObjectId) -> Result<Evicted, StoreError> {
        let evicted = self.inner.evict(&id, |_| true)?;
        self.clean_up_if_needed();
        Ok(evicted)
    }

    /// Keeps an object from being evicted, or ends that; yields whether the object is here.
    pub fn pin(&self, id: ObjectId, pinned: bool) -> Result<bool, StoreError> {
        self.inner.pin(&id, pinned)?.map_or(Ok(false), |doomed| {
            if doomed {
                self.clean_up_if_needed();
            }
            Ok(true)
        })
    }

    /// Removes a damaged object: it is never handed out again, holders keep it until they release it (S-07). Yields
    /// whether it was here.
    pub fn quarantine(&self, id: ObjectId) -> Result<bool, StoreError> {
        let was_here = self.inner.condemn(&id)?;
        self.clean_up_if_needed();
        Ok(was_here)
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
        Ok(matches!(evicted, Evicted::Gone(_)))
    }

    fn evict(&self, id: &ObjectId, is_meant: impl Fn(&Slot) -> bool) -> Result<Evicted, StoreError> {
        let mut more_keys = Vec::new();
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
            if slot.entries > u32::from(slot.key.is_some()) && more_keys.is_empty() {
                // The index names one key only; the others are found by looking at all, which takes time.
                drop(locked);
                more_keys = self.keys_of(id)?;
                if !more_keys.is_empty() {
                    continue;
                }
                locked = self.lock_to_change()?;
                if locked.find(id)? != Some((place, slot)) {
                    continue;
                }
            }
            let used_before = locked.header.used(layout::Budget::Quota);
            let keys = locked.remove(place, &slot, &more_keys)?;
            let entries_left = locked.header.entries;
            locked.commit()?;
            drop(locked);
            Step::EvictCommitted.pass(&self.anchor.path(&layout::object(id)))?;
            return Ok(Evicted::Gone(EvictedObject {
                id: *id,
                keys,
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
        if pinned {
            locked.ensure_directory(layout::PINS, 0o700)?;
            locked.first(|inner| match inner.anchor.make_file(&path) {
                Err(error) if error.errno() != libc::EEXIST => Err(error),
                _ => Ok(()),
            })?;
        } else {
            locked.first(|inner| inner.anchor.unlink(&path))?;
        }
        slot.is_pinned = pinned;
        locked.put(place, slot)?;
        let is_doomed = slot.leases == 0 && slot.is_doomed();
        if is_doomed {
            locked.discard(place, &slot)?;
        }
        locked.remeasure(layout::PINS)?;
        locked.commit()?;
        Ok(Some(is_doomed))
    }

    pub(super) fn condemn(&self, id: &ObjectId) -> Result<bool, StoreError> {
        let mut locked = self.lock_to_change()?;
        let Some((place, mut slot)) = locked.find(id)? else {
            return Ok(false);
        };
        locked.begin()?;
        slot.is_condemned = true;
        locked.put(place, slot)?;
        if slot.leases == 0 {
            locked.discard(place, &slot)?;
        }
        locked.commit()?;
        Ok(true)
    }

    /// Every key that stands for an object.
    fn keys_of(&self, id: &ObjectId) -> Result<Vec<KeyId>, StoreError> {
        let records = self.entry_records()?;
        Ok(records
            .into_iter()
            .filter(|record| record.object == *id)
            .map(|record| record.id)
            .collect())
    }
}

impl Locked<'_> {
    /// Removes an object and the entries of it; yields their keys.
    fn remove(&mut self, place: u64, slot: &Slot, keys: &[KeyId]) -> Result<Vec<KeyId>, StoreError> {
        let mut gone: Vec<KeyId> = slot.key.into_iter().collect();
        self.discard(place, slot)?;
        for key in keys {
            if self.unlink_entry_of(key, &slot.id)? {
                gone.push(*key);
            }
        }
        Ok(gone)
    }
}
