//! The store while nobody else changes it.

use std::sync::{MutexGuard, PoisonError};

use super::error::StoreError;
use super::header::Header;
use super::index::{IndexFile, State};
use super::slot::{Place, Reservation, Slot};
use super::turn::Turn;
use super::{Inner, index, layout};
use crate::model::object::ObjectId;
use crate::sys::SysError;
use crate::sys::anchor::Kind;
use crate::sys::lock::FileLock;

/// The store's lock, held until dropped, and the sums as they are.
///
/// A change is `begin`, renames and writes, `commit`. When it is dropped in between, because a step failed, the index
/// stays dirty, and whoever locks next rebuilds it from what is really there.
pub(super) struct Locked<'s> {
    // Let go before the mutex: the next thread of this process then waits for the mutex only.
    _lock: FileLock<'s>,
    index: MutexGuard<'s, Option<IndexFile>>,
    // Let go last: whoever is next finds the others free.
    _turn: Turn<'s>,
    pub(super) inner: &'s Inner,
    pub(super) header: Header,
    is_begun: bool,
}

type Taken<'s> = (Turn<'s>, MutexGuard<'s, Option<IndexFile>>, FileLock<'s>);

impl Inner {
    /// Takes the lock of a store that may be changed; rebuilds the index first when it cannot be trusted.
    pub(super) fn lock_to_change(&self) -> Result<Locked<'_>, StoreError> {
        self.writer()?;
        let (turn, index, lock) = self.take_lock()?;
        let mut locked = Locked {
            _lock: lock,
            index,
            _turn: turn,
            inner: self,
            header: Header::default(),
            is_begun: false,
        };
        if !locked.refresh()? {
            locked.rebuild()?;
        }
        Ok(locked)
    }

    /// Takes the lock only to look; nothing when the index cannot be trusted.
    pub(super) fn lock_to_read(&self) -> Result<Option<Locked<'_>>, StoreError> {
        if self.writer.is_some() {
            return self.lock_to_change().map(Some);
        }
        let (turn, index, lock) = self.take_lock()?;
        let mut locked = Locked {
            _lock: lock,
            index,
            _turn: turn,
            inner: self,
            header: Header::default(),
            is_begun: false,
        };
        Ok(locked.refresh()?.then_some(locked))
    }

    fn take_lock(&self) -> Result<Taken<'_>, StoreError> {
        let turn = self.turns.wait();
        let index = self.index.lock().unwrap_or_else(PoisonError::into_inner);
        let lock = FileLock::wait(&self.lock, &self.anchor.path(layout::LOCK))?;
        if self.anchor.facts_of(&self.lock, layout::LOCK)?.links == 0 {
            // Others may hold a new file of this name: nothing would keep us apart.
            return Err(StoreError::Damaged {
                path: self.anchor.path(layout::LOCK),
                what: "it was deleted while the store was open",
            });
        }
        Ok((turn, index, lock))
    }
}

impl Locked<'_> {
    /// Reads the header of the file that is the index now; yields whether it can be trusted.
    fn refresh(&mut self) -> Result<bool, StoreError> {
        for _ in 0..2 {
            if self.index.is_none() {
                *self.index = IndexFile::open(&self.inner.anchor, self.inner.writer.is_some())?;
            }
            let Some(file) = self.index.as_ref() else {
                return Ok(false);
            };
            match file.state(&self.inner.anchor)? {
                State::Current(header) => {
                    self.header = header;
                    return Ok(!header.is_dirty && header.boot == self.inner.boot);
                }
                State::Unreadable => return Ok(false),
                State::Superseded => *self.index = None,
            }
        }
        Ok(false)
    }

    /// The index as it was found, trusted or not.
    pub(super) fn index(&self) -> Result<&IndexFile, SysError> {
        self.index.as_ref().ok_or_else(|| {
            let missing = std::io::Error::from_raw_os_error(libc::ENOENT);
            SysError::new("open", self.inner.anchor.path(layout::INDEX), missing)
        })
    }

    /// Takes a file that was just written and renamed as the index.
    pub(super) fn adopt(&mut self, index: IndexFile, header: Header) {
        *self.index = Some(index);
        self.header = header;
        self.is_begun = false;
    }

    /// Takes for granted that the index is not trusted until it is written anew.
    pub(super) const fn assume_begun(&mut self) {
        self.is_begun = true;
    }

    /// Marks that a change is under way; nothing for the second time.
    pub(super) fn begin(&mut self) -> Result<(), StoreError> {
        if !self.is_begun {
            self.index()?.mark_dirty()?;
            self.is_begun = true;
        }
        Ok(())
    }

    /// Writes the sums and marks that the change is done.
    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        self.header.is_dirty = false;
        self.index()?.write_header(&self.header)?;
        self.is_begun = false;
        Ok(())
    }

    /// Runs the first step of a change; when that fails nothing has happened, and the index is as clean as before.
    pub(super) fn first<T>(
        &mut self,
        step: impl FnOnce(&Inner) -> Result<T, SysError>,
    ) -> Result<T, StoreError> {
        let was_begun = self.is_begun;
        self.begin()?;
        match step(self.inner) {
            Ok(done) => Ok(done),
            Err(error) => {
                if !was_begun {
                    self.commit()?;
                }
                Err(error.into())
            }
        }
    }

    /// Looks for an object.
    pub(super) fn find(&self, id: &ObjectId) -> Result<Option<(u64, Slot)>, StoreError> {
        Ok(self.index()?.search(&self.header, id)?.found)
    }

    /// Writes what is known of an object at its place.
    pub(super) fn put(&self, place: u64, slot: Slot) -> Result<(), StoreError> {
        Ok(self.index()?.put(&self.header, place, Place::Taken(slot))?)
    }

    /// Writes a new object into the index; the sums follow.
    pub(super) fn insert(&mut self, slot: Slot) -> Result<(), StoreError> {
        if index::is_crowded(&self.header) {
            // When there is no room for a larger one, this one serves until it is really full.
            match self.grow_index() {
                Err(error) if error.is_no_room() => {}
                other => other?,
            }
        }
        let search = self.index()?.search(&self.header, &slot.id)?;
        let Some((place, was_buried)) = search.vacant else {
            self.grow_index()?;
            return self.insert(slot);
        };
        self.put(place, slot)?;
        self.header.objects += 1;
        self.header.buried = self.header.buried.saturating_sub(u64::from(was_buried));
        self.header.object_blocks = self.header.object_blocks.saturating_add(slot.blocks);
        Ok(())
    }

    /// Takes an object out of the index; the sums follow.
    pub(super) fn bury(&mut self, place: u64, slot: &Slot) -> Result<(), StoreError> {
        self.index()?.put(&self.header, place, Place::Buried)?;
        self.header.objects = self.header.objects.saturating_sub(1);
        self.header.buried += 1;
        self.header.object_blocks = self.header.object_blocks.saturating_sub(slot.blocks);
        Ok(())
    }

    /// Finds a reservation and its place.
    pub(super) fn reservation(
        &self,
        name: layout::StagingName,
    ) -> Result<Option<(u64, Reservation)>, StoreError> {
        let all = self.index()?.reservations(&self.header)?;
        Ok(all.into_iter().find(|(_, found)| found.name == name))
    }

    /// Sets how much is reserved for one work, none to free it; the sums follow.
    pub(super) fn set_reservation(
        &mut self,
        name: layout::StagingName,
        wanted: Option<Reservation>,
    ) -> Result<(), StoreError> {
        let all = self.index()?.reservations(&self.header)?;
        let found = all.iter().find(|(_, found)| found.name == name);
        let places = 0..index::reservation_places(&self.header);
        let free = || places.into_iter().find(|place| !all.contains_key(place));
        let place = found.map(|(place, _)| *place);
        if place.is_none() && wanted.is_none() {
            return Ok(());
        }
        let Some(place) = place.or_else(free) else {
            self.grow_index()?;
            return self.set_reservation(name, wanted);
        };
        self.index()?.put_reservation(place, wanted.as_ref())?;
        super::step::Step::ReserveSlot.pass(&self.inner.anchor.path(layout::INDEX))?;
        if let Some((_, old)) = found {
            let sum = self.header.reserved_mut(old.budget);
            *sum = sum.saturating_sub(old.bytes);
        }
        if let Some(new) = wanted {
            let sum = self.header.reserved_mut(new.budget);
            *sum = sum.saturating_add(new.bytes);
        }
        Ok(())
    }

    /// Replaces the index by one with more room. A change may be under way: the new file is dirty as well.
    fn grow_index(&mut self) -> Result<(), StoreError> {
        let anchor = &self.inner.anchor;
        let path = anchor.path(layout::INDEX);
        super::step::Step::GrowBegun.pass(&path)?;
        let slots = self.index()?.scan(&self.header)?;
        let reservations: Vec<_> = self.index()?.reservations(&self.header)?.into_values().collect();
        let before = anchor.facts(layout::INDEX)?.blocks;
        let mut header = self.header;
        header.is_dirty = true;
        // For a moment both are there.
        if !self.has_room(before.saturating_mul(2)) {
            return Err(StoreError::NoRoom {
                wanted: before.saturating_mul(2),
            });
        }
        let file = IndexFile::write_next(anchor, &mut header, &slots, &reservations)?;
        super::step::Step::GrowWritten.pass(&path)?;
        let after = anchor.facts(layout::NEXT_INDEX)?.blocks;
        anchor.rename(layout::NEXT_INDEX, layout::INDEX)?;
        header.metadata = header.metadata.saturating_add(after).saturating_sub(before);
        self.adopt(file, header);
        self.is_begun = true;
        Ok(super::step::Step::GrowDone.pass(&path)?)
    }

    /// Counts what a directory that grows, or whose files others write, takes now instead of what it took when it was last looked at.
    pub(super) fn remeasure(&mut self, directory: &str) -> Result<(), SysError> {
        if let Some(which) = layout::SIDES.iter().position(|name| *name == directory) {
            let now = self.side_blocks(directory)?;
            let before = std::mem::replace(&mut self.header.sides[which], now);
            self.count_metadata(before, now);
            return Ok(());
        }
        let Some(which) = layout::GROWING.iter().position(|name| *name == directory) else {
            return Ok(());
        };
        let facts = self.inner.anchor.facts_if_any(directory)?;
        let now = facts.map_or(0, |facts| facts.blocks);
        let before = std::mem::replace(&mut self.header.directories[which], now);
        self.count_metadata(before, now);
        Ok(())
    }

    /// Counts metadata that took `before` bytes and takes `now`.
    pub(super) const fn count_metadata(&mut self, before: u64, now: u64) {
        self.header.metadata = self.header.metadata.saturating_add(now).saturating_sub(before);
    }

    /// Makes a directory below the root if it is missing, and counts it.
    pub(super) fn ensure_directory(&mut self, name: &str, mode: u32) -> Result<(), StoreError> {
        let is_alone = !self.is_begun;
        if let Some(facts) = self.inner.anchor.facts_if_any(name)? {
            let place = name.rsplit_once('/').filter(|_| facts.kind != Kind::Directory);
            let Some((above, last)) = place else {
                return Ok(());
            };
            // A file where a shard belongs (S-19).
            self.set_aside(above, last.as_ref(), facts.blocks)?;
        }
        self.first(|inner| inner.anchor.make_directory(name, mode))?;
        if layout::GROWING.contains(&name) || layout::SIDES.contains(&name) {
            self.remeasure(name)?;
        } else {
            let blocks = self.inner.anchor.facts(name)?.blocks;
            self.count_metadata(0, blocks);
        }
        if let Some((above, _)) = name.rsplit_once('/') {
            self.remeasure(above)?;
        }
        if is_alone {
            self.commit()?;
        }
        Ok(())
    }
}
