//! Changes of objects and leases under the lock. Each is part of a change that its caller begins and commits.

use std::sync::atomic::Ordering;

use super::error::StoreError;
use super::layout::{self, Budget, TrashName};
use super::locked::Locked;
use super::slot::Slot;
use super::step::Step;
use crate::model::key::KeyId;
use crate::model::lease_record::{LeaseId, LeaseRecord, Share};
use crate::model::object::ObjectId;
use crate::sys::SysError;
use crate::sys::clock;

impl Locked<'_> {
    /// Tells whether `bytes` more fit into the quota.
    pub(super) fn has_room(&self, bytes: u64) -> bool {
        let limits = self.inner.limits();
        limits.overcommit || self.header.used(Budget::Quota).saturating_add(bytes) <= limits.quota
    }

    /// Gives a written lease its name and counts it.
    pub(super) fn hold(
        &mut self,
        object: (u64, Slot),
        draft: &super::draft::Draft<'_>,
        id: &LeaseId,
    ) -> Result<(), StoreError> {
        let path = layout::lease(id);
        let shown = self.inner.anchor.path(&path);
        self.first(|inner| {
            Step::LeaseBegun.pass(&shown)?;
            inner.anchor.rename(draft.name(), &path)
        })?;
        Step::LeaseNamed.pass(&shown)?;
        let (place, mut slot) = object;
        slot.leases = slot.leases.saturating_add(1);
        self.use_now(&mut slot);
        self.put(place, slot)?;
        Step::LeaseSlot.pass(&shown)?;
        self.count_lease(draft.blocks())
    }

    /// Counts a lease whose record has just got its name.
    pub(super) fn count_lease(&mut self, blocks: u64) -> Result<(), StoreError> {
        self.header.leases += 1;
        self.count_metadata(0, blocks);
        Ok(self.remeasure(layout::LEASES)?)
    }

    /// Notes that a lease of an object begins or ends now (C-90).
    pub(super) const fn mark_use(&mut self, slot: &mut Slot, wall: u64) {
        slot.last_use = self.header.next_use();
        slot.last_used_at = wall;
    }

    pub(super) fn use_now(&mut self, slot: &mut Slot) {
        self.mark_use(slot, clock::wall_seconds());
    }

    /// Removes a lease that nobody was told of, after a change that failed: the index is made anew, without it.
    pub(super) fn forget_lease(&mut self, id: &LeaseId) {
        // If it stays, its holder's end ends it.
        let _ = self.inner.anchor.unlink(&layout::lease(id));
    }

    /// Moves a damaged record of a lease out of the way. Nobody can tell what it was a lease of, but the directories
    /// can, by what is left: the index is made anew.
    pub(super) fn abandon_lease(&mut self, id: &LeaseId) -> Result<(), StoreError> {
        self.begin()?;
        self.set_record_aside(layout::LEASES, &format!("{id}.json"), 0)
    }

    /// Removes a lease's record; yields whether it was there.
    pub(super) fn unlink_lease(&mut self, id: &LeaseId) -> Result<bool, StoreError> {
        let path = layout::lease(id);
        let shown = self.inner.anchor.path(&path);
        let Some(facts) = self.inner.anchor.facts_if_any(&path)? else {
            return Ok(false);
        };
        let writer = self.inner.writer()?;
        let spare = writer.new_spare(facts.blocks);
        let removed = self.first(|inner| {
            Step::ReleaseBegun.pass(&shown)?;
            match &spare {
                Some(spare) if inner.anchor.rename(&path, spare).is_ok() => Ok(true),
                _ => inner.anchor.unlink(&path).map(|_| false),
            }
        });
        if let Some(spare) = spare {
            writer.keep_spare(spare, matches!(removed, Ok(true)));
        }
        removed?;
        Step::ReleaseUnlinked.pass(&shown)?;
        self.header.leases = self.header.leases.saturating_sub(1);
        self.count_metadata(facts.blocks, 0);
        self.remeasure(layout::LEASES)?;
        Ok(true)
    }

    /// Removes a lease and what goes with it; yields whether it was there.
    pub(super) fn drop_lease(&mut self, lease: &LeaseRecord) -> Result<bool, StoreError> {
        if !self.unlink_lease(&lease.id)? {
            return Ok(false);
        }
        match lease.share {
            Share::Shared => self.unhold(&lease.object)?,
            Share::Private => {
                let blocks = self.inner.private_blocks(&lease.id)?;
                self.discard_private(&lease.id, blocks)?;
            }
        }
        Ok(true)
    }

    /// Counts one lease of `object` less; the object goes with the last one when it is only waiting for that (Q4).
    pub(super) fn unhold(&mut self, object: &ObjectId) -> Result<(), StoreError> {
        let Some((place, mut slot)) = self.find(object)? else {
            return Ok(());
        };
        slot.leases = slot.leases.saturating_sub(1);
        self.use_now(&mut slot);
        self.put(place, slot)?;
        Step::ReleaseSlot.pass(&self.inner.anchor.path(&layout::object(object)))?;
        if slot.leases == 0 && slot.is_doomed() {
            // No key stands for it.
            self.discard(place, &slot, &[])?;
        }
        Ok(())
    }

    /// Removes an object that nobody holds: its directory goes to the trash, its pin and its place are freed, and the
    /// entries of `keys`, which are all that stand for it. Needs no new space on disk (S-05).
    pub(super) fn discard(&mut self, place: u64, slot: &Slot, keys: &[KeyId]) -> Result<(), StoreError> {
        let path = layout::object(&slot.id);
        let shown = self.inner.anchor.path(&path);
        self.begin()?;
        Step::EvictBegun.pass(&shown)?;
        self.trash(&path, slot.blocks, Budget::Quota)?;
        Step::EvictMoved.pass(&shown)?;
        if !keys.is_empty() {
            self.unlink_entries(keys)?;
            Step::EvictUnlinked.pass(&shown)?;
        }
        if slot.is_pinned {
            self.inner.anchor.unlink(&layout::pin(&slot.id))?;
        }
        self.bury(place, slot)?;
        Ok(Step::EvictSlot.pass(&shown)?)
    }

    /// Removes a private copy whose lease has ended.
    pub(super) fn discard_private(&mut self, id: &LeaseId, blocks: u64) -> Result<(), StoreError> {
        self.begin()?;
        self.trash(&layout::private(id), blocks, Budget::Scratch)?;
        self.header.private = self.header.private.saturating_sub(1);
        self.header.private_blocks = self.header.private_blocks.saturating_sub(blocks);
        Ok(self.remeasure(layout::PRIVATE)?)
    }

    /// Moves a directory to the trash, where it counts `blocks` until it is deleted; nothing for one that is missing.
    pub(super) fn trash(&mut self, path: &str, blocks: u64, budget: Budget) -> Result<(), StoreError> {
        self.begin()?;
        self.inner.unmount_if_possible(path);
        self.inner.has_trash.store(true, Ordering::Relaxed);
        loop {
            let name = TrashName {
                number: self.header.next_use(),
                blocks,
                budget,
            };
            match self.inner.anchor.rename_to_free(path, &name.path()) {
                Ok(true) => break,
                // A number that was used before the index was lost.
                Ok(false) => {}
                Err(error) if error.is_absent() => return Ok(()),
                Err(error) if is_full(&error) => return self.delete_in_place(path),
                Err(error) => return Err(error.into()),
            }
        }
        let sum = self.header.trash_mut(budget);
        *sum = sum.saturating_add(blocks);
        Ok(self.remeasure(layout::TRASH)?)
    }

    /// Deletes a directory where it is: the last resort when the disk has no room for its name in the trash (S-05).
    fn delete_in_place(&mut self, path: &str) -> Result<(), StoreError> {
        self.inner.anchor.unlink(&layout::inside(path, layout::RECORD))?;
        Ok(crate::sys::remove::remove_tree_at(
            self.inner.anchor.handle(),
            path.as_ref(),
            &self.inner.anchor.path(path),
        )?)
    }
}

/// Tells whether a change failed for want of room.
pub(super) const fn is_full(error: &SysError) -> bool {
    matches!(error.errno(), libc::ENOSPC | libc::EDQUOT)
}
