//! Making staged content visible: all of it, or nothing (I-2).

use super::draft::rounded;
use super::entries::spell;
use super::error::StoreError;
use super::layout::{self, Budget};
use super::leases::{Found, Lease};
use super::locked::Locked;
use super::slot::Slot;
use super::staging::{BASE, Staging};
use super::step::Step;
use crate::model::entry::{EntryRecord, RECORD_VERSION};
use crate::model::key::Key;
use crate::model::lease::LeaseTerms;
use crate::model::lease_record::{LeaseRecord, Share};
use crate::model::object::Form;
use crate::model::object_record::{Extent, NewObject, ObjectRecord};
use crate::sys::anchor::Kind;
use crate::sys::{clock, durable, space};

/// How often others may change what stands in the way before this gives up.
const TRIES: u32 = 8;

/// What became of staged content. Each way the caller holds a lease of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Published {
    /// It is an object now.
    Stored(Lease),
    /// It was one before; what was staged is deleted (C-11).
    AlreadyHere(Lease),
    /// The object of this name is damaged and still held by others, so this is a private copy (S-07).
    Private(Lease),
}

/// What is known of content that is ready to be moved.
struct Ready {
    record: ObjectRecord,
    /// Blocks of the whole directory, in bytes.
    blocks: u64,
    inodes: u64,
}

/// What an attempt came to.
enum Attempt {
    Done(u64),
    /// An object of this name is here.
    Here,
    /// A damaged one is.
    Occupied,
}

impl Published {
    /// The lease.
    pub const fn lease(&self) -> &Lease {
        match self {
            Self::Stored(lease) | Self::AlreadyHere(lease) | Self::Private(lease) => lease,
        }
    }
}

impl Staging<'_> {
    /// Makes the content an object, and `entry` what its key stands for, and leases it: durable before this returns.
    pub fn publish(
        mut self,
        object: &NewObject,
        key: Option<&Key>,
        entry: Option<&EntryRecord>,
        terms: &LeaseTerms,
    ) -> Result<Published, StoreError> {
        if !self.grant.move_to(self.inner(), Budget::Quota)? {
            return Err(StoreError::NoRoom {
                wanted: self.grant.granted().0,
            });
        }
        let ready = self.prepare(object, entry.is_some(), true)?;
        if let Some(entry) = entry {
            self.write_durably(layout::ENTRY, &spell(entry))?;
        }
        let lease = self.inner().lease_record(object.id, key, terms, Share::Shared)?;
        let content = spell(&lease);
        self.inner()
            .anchor
            .write_new(&self.inside(layout::LEASE), &content)?;
        Step::PublishReady.pass(&self.tree())?;
        for _ in 0..TRIES {
            match self.attempt(&ready, entry, &lease)? {
                Attempt::Done(sequence) => {
                    let facts = (ready.blocks, sequence);
                    return self.confirm(entry, lease, facts).map(Published::Stored);
                }
                Attempt::Occupied => return self.keep_private(object, key, terms).map(Published::Private),
                Attempt::Here => {
                    if let Some(lease) = self.join(object, key, entry, terms)? {
                        return Ok(Published::AlreadyHere(lease));
                    }
                }
            }
        }
        Err(StoreError::NoRoom { wanted: ready.blocks })
    }

    /// Makes the content a private copy of a new lease, deleted with it (Q8). Not durable: the lease is not either.
    pub fn keep_private(
        mut self,
        object: &NewObject,
        key: Option<&Key>,
        terms: &LeaseTerms,
    ) -> Result<Lease, StoreError> {
        if !self.switch_to_scratch()? {
            return Err(StoreError::NoRoom {
                wanted: self.grant.granted().0,
            });
        }
        let ready = self.prepare(object, false, false)?;
        let lease = self.inner().lease_record(object.id, key, terms, Share::Private)?;
        let from = self.inside(layout::LEASE);
        self.inner().anchor.unlink(&from)?;
        self.inner().anchor.write_new(&from, &spell(&lease))?;
        let inner = self.inner();
        let blocks = inner.anchor.facts(&from)?.blocks;
        let mut locked = inner.lock_to_change()?;
        if !locked.has_room(blocks) {
            drop(locked);
            if !inner.make_room(blocks, 1)? {
                return Err(StoreError::NoRoom { wanted: blocks });
            }
            locked = inner.lock_to_change()?;
        }
        if let Err(error) = self.move_private(&mut locked, &ready, &lease) {
            locked.forget_lease(&lease.id);
            return Err(error);
        }
        drop(locked);
        self.is_finished = true;
        if let Err(error) = Step::PrivateCommitted.pass(&self.tree()) {
            self.inner().release(&lease.id)?;
            return Err(error.into());
        }
        Ok(self.inner().lease_of(lease, ready.blocks, 0))
    }

    fn move_private(
        &self,
        locked: &mut Locked<'_>,
        ready: &Ready,
        lease: &LeaseRecord,
    ) -> Result<(), StoreError> {
        let content = self.inside(layout::CONTENT);
        let path = layout::private(&lease.id);
        let shown = self.inner().anchor.path(&path);
        locked.ensure_directory(layout::PRIVATE, layout::WAY_MODE)?;
        locked.first(|inner| {
            Step::PrivateBegun.pass(&shown)?;
            inner.anchor.rename(&content, &path)
        })?;
        Step::PrivateMoved.pass(&shown)?;
        self.name_lease(locked, lease)?;
        Step::PrivateLease.pass(&shown)?;
        locked.header.private += 1;
        locked.header.private_blocks = locked.header.private_blocks.saturating_add(ready.blocks);
        locked.remeasure(layout::PRIVATE)?;
        self.leave(locked)
    }

    /// Checks what was made, syncs it if it is to be an object, measures it and writes its record.
    fn prepare(&self, object: &NewObject, keyed: bool, is_durable: bool) -> Result<Ready, StoreError> {
        let inner = self.inner();
        let (name, kind) = match object.id.form() {
            Form::Tree => (layout::TREE, Kind::Directory),
            Form::File => (layout::FILE, Kind::File),
        };
        let made = inner.anchor.facts_if_any(&self.content(name))?;
        if made.is_none_or(|facts| facts.kind != kind) {
            return Err(StoreError::NothingStaged(inner.anchor.path(&self.content(name))));
        }
        inner.anchor.unlink(&self.inside(layout::SPOOL))?;
        if is_durable {
            Step::PublishSync.pass(&self.tree())?;
            // Before it is measured: only then has the file system decided where everything lies.
            durable::sync_file_system(&inner.anchor)?;
            Step::PublishSynced.pass(&self.tree())?;
        }
        let record = ObjectRecord {
            v: RECORD_VERSION,
            id: object.id,
            packed_bytes: object.packed_bytes,
            digests: object.digests.clone(),
            content: self.extent(name)?,
            stored_at: clock::wall_seconds(),
            keyed,
        };
        let path = self.content(layout::RECORD);
        inner.anchor.unlink(&path)?;
        let file = inner.anchor.write_new(&path, &spell(&record))?;
        Step::PublishRecord.pass(&self.tree())?;
        if is_durable {
            durable::sync_file(&inner.anchor, &file, &path)?;
            durable::sync_directory(&inner.anchor, &self.inside(layout::CONTENT))?;
        }
        let (blocks, inodes) = inner.extent_of(&self.inside(layout::CONTENT), &record)?;
        self.top_up(blocks)?;
        Ok(Ready {
            record,
            blocks,
            inodes,
        })
    }

    fn extent(&self, name: &str) -> Result<Extent, StoreError> {
        let mut sum = Extent::default();
        for name in [name, layout::MANIFEST] {
            let found = space::measure(&self.inner().anchor, &self.content(name))?;
            sum = sum
                + Extent {
                    blocks: found.blocks,
                    inodes: found.inodes,
                    bytes: found.bytes,
                };
        }
        Ok(sum)
    }

    /// Sees to it that no less is reserved than what is really there, whatever the caller reserved.
    pub(super) fn top_up(&self, blocks: u64) -> Result<(), StoreError> {
        let wanted = blocks.saturating_add(BASE);
        let (granted, _) = self.grant.granted();
        self.grant.reset(granted);
        if wanted > granted && !self.reserve(wanted - granted, 0)? {
            return Err(StoreError::NoRoom { wanted });
        }
        Ok(())
    }

    fn write_durably(&self, name: &str, content: &[u8]) -> Result<(), StoreError> {
        let inner = self.inner();
        // One block of it is part of what every work has.
        let more = rounded(content.len() as u64).saturating_sub(4096);
        if !self.reserve(more, 0)? {
            return Err(StoreError::NoRoom { wanted: more });
        }
        let path = self.inside(name);
        let file = inner.anchor.write_new(&path, content)?;
        Ok(durable::sync_file(&inner.anchor, &file, &path)?)
    }

    /// Moves everything into place under one lock, unless an object of this name is there.
    fn attempt(
        &mut self,
        ready: &Ready,
        entry: Option<&EntryRecord>,
        lease: &LeaseRecord,
    ) -> Result<Attempt, StoreError> {
        let id = ready.record.id;
        let inner = &self.store.inner;
        let mut locked = inner.lock_to_change()?;
        match locked.find(&id)? {
            Some((_, slot)) if slot.is_condemned => return Ok(Attempt::Occupied),
            Some(_) => return Ok(Attempt::Here),
            None => {}
        }
        match self.move_all(&mut locked, ready, entry, lease) {
            Ok(sequence) => {
                self.is_finished = true;
                Ok(Attempt::Done(sequence))
            }
            Err(error) => {
                locked.forget_lease(&lease.id);
                Err(error)
            }
        }
    }

    fn move_all(
        &self,
        locked: &mut Locked<'_>,
        ready: &Ready,
        entry: Option<&EntryRecord>,
        lease: &LeaseRecord,
    ) -> Result<u64, StoreError> {
        let id = ready.record.id;
        self.move_object(locked, ready)?;
        let shown = self.inner().anchor.path(&layout::object(&id));
        if let Some(entry) = entry {
            locked.name_entry(&self.inside(layout::ENTRY), entry)?;
            Step::PublishEntry.pass(&shown)?;
        }
        self.name_lease(locked, lease)?;
        Step::PublishLease.pass(&shown)?;
        if let Some((place, mut slot)) = locked.find(&id)? {
            slot.leases = 1;
            locked.use_now(&mut slot);
            locked.put(place, slot)?;
        }
        Step::PublishSlot.pass(&shown)?;
        let sequence = locked.header.uses;
        self.leave(locked)?;
        Ok(sequence)
    }

    fn move_object(&self, locked: &mut Locked<'_>, ready: &Ready) -> Result<(), StoreError> {
        let id = ready.record.id;
        let (shard, path) = (layout::object_shard(&id), layout::object(&id));
        let shown = self.inner().anchor.path(&path);
        let content = self.inside(layout::CONTENT);
        locked.ensure_directory(&shard, layout::WAY_MODE)?;
        let before = self.inner().anchor.facts(&shard)?.blocks;
        let is_free = locked.first(|inner| {
            Step::PublishBegun.pass(&shown)?;
            inner.anchor.rename_to_free(&content, &path)
        })?;
        if !is_free {
            // A directory that the index does not know was put there by hand.
            locked.set_aside(&shard, id.to_string().as_ref(), 0)?;
            self.inner().anchor.rename(&content, &path)?;
        }
        Step::PublishObject.pass(&shown)?;
        let after = self.inner().anchor.facts(&shard)?.blocks;
        locked.count_metadata(before, after);
        locked.insert(Slot::new(id, ready.blocks, ready.inodes))
    }

    fn name_lease(&self, locked: &mut Locked<'_>, lease: &LeaseRecord) -> Result<(), StoreError> {
        let from = self.inside(layout::LEASE);
        let anchor = &self.inner().anchor;
        let blocks = anchor.facts(&from)?.blocks;
        anchor.rename(&from, &layout::lease(&lease.id))?;
        locked.count_lease(blocks)
    }

    /// Removes what is left of this work: its directory, and its reservation.
    pub(super) fn leave(&self, locked: &mut Locked<'_>) -> Result<(), StoreError> {
        let anchor = &self.inner().anchor;
        for name in [layout::ENTRY, layout::SPOOL] {
            anchor.unlink(&self.inside(name))?;
        }
        anchor.remove_directory(&self.grant.name().path())?;
        locked.remeasure(layout::STAGING)?;
        locked.set_reservation(self.grant.name(), None)?;
        locked.commit()
    }

    /// Makes the names durable. When that fails, the object is taken back: nobody was told of it yet.
    fn confirm(
        &self,
        entry: Option<&EntryRecord>,
        lease: LeaseRecord,
        (blocks, sequence): (u64, u64),
    ) -> Result<Lease, StoreError> {
        let synced = self.sync_names(entry, &lease);
        self.store.clean_up_if_needed();
        if let Err(error) = synced {
            let inner = self.inner();
            inner.condemn(&lease.object)?;
            inner.release(&lease.id)?;
            return Err(error);
        }
        Ok(self.inner().lease_of(lease, blocks, sequence))
    }

    fn sync_names(&self, entry: Option<&EntryRecord>, lease: &LeaseRecord) -> Result<(), StoreError> {
        let anchor = &self.inner().anchor;
        let shown = anchor.path(&layout::object(&lease.object));
        Step::PublishCommitted.pass(&shown)?;
        durable::sync_directory(anchor, &layout::object_shard(&lease.object))?;
        durable::sync_directory(anchor, layout::OBJECTS)?;
        if let Some(entry) = entry {
            durable::sync_directory(anchor, &layout::entry_shard(&entry.id))?;
            durable::sync_directory(anchor, layout::ENTRIES)?;
        }
        Ok(Step::PublishDone.pass(&shown)?)
    }

    /// Leases the object that is here already; nothing when it is gone, or damaged, by now.
    fn join(
        &self,
        object: &NewObject,
        key: Option<&Key>,
        entry: Option<&EntryRecord>,
        terms: &LeaseTerms,
    ) -> Result<Option<Lease>, StoreError> {
        let Found::Held(lease) = self.store.lease(object.id, key, terms)? else {
            return Ok(None);
        };
        if let Some(entry) = entry
            && let Err(error) = self.store.put_entry(entry)
        {
            self.store.release(lease.id())?;
            return Err(error);
        }
        Ok(Some(lease))
    }
}
