//! Making the index anew from the directories, after an unclean stop or a new start of the machine.
//!
//! Runs under the lock, so nothing changes but the content of living works. What is neither ours nor whole is cleared
//! away here, so that afterwards everything that is there is counted.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use super::Inner;
use super::entries::parse_record;
use super::error::StoreError;
use super::header::Header;
use super::index::IndexFile;
use super::layout::{self, Budget, StagingName, TrashName};
use super::locked::Locked;
use super::rebuild_views::Views;
use super::slot::{Reservation, Slot};
use super::step::Step;
use crate::model::lease_record::{LeaseId, LeaseRecord, Share};
use crate::model::object::ObjectId;
use crate::sys::anchor::Kind;
use crate::sys::{clock, space};

/// Larger numbers in a damaged index are not believed: no store is used that often.
const MOST_USES: u64 = 1 << 60;

/// An object that was found.
struct Known {
    slot: Slot,
    keyed: bool,
    written: SystemTime,
}

/// What the directories tell.
#[derive(Default)]
struct Census {
    objects: BTreeMap<ObjectId, Known>,
    /// Blocks of the private copies that there should be.
    private: BTreeMap<LeaseId, u64>,
    views: Views,
    reservations: Vec<Reservation>,
    leases: u64,
    entries: u64,
}

/// What the old index said, as far as it can be believed.
struct Memory {
    slots: BTreeMap<ObjectId, Slot>,
    reservations: Vec<Reservation>,
    /// Its pages, and those of its reservations; none when it could not be read.
    shape: (u32, u32),
}

impl Locked<'_> {
    /// Makes the index anew.
    pub(super) fn rebuild(&mut self) -> Result<(), StoreError> {
        let shown = self.inner.anchor.path(layout::INDEX);
        super::open::check_format(&self.inner.anchor)?;
        Step::RebuildBegun.pass(&shown)?;
        let memory = self.remember()?;
        self.start_over();
        let mut census = Census::default();
        self.count_objects(&mut census)?;
        census.views = self.count_views()?;
        self.count_leases(&mut census)?;
        self.count_private(&mut census)?;
        self.count_entries(&mut census)?;
        self.count_pins(&mut census)?;
        self.count_work(&mut census, memory.reservations)?;
        self.drop_replaced(&mut census)?;
        self.order(&mut census, &memory.slots);
        self.write_anew(&census, memory.shape)?;
        Ok(Step::RebuildDone.pass(&shown)?)
    }

    fn remember(&self) -> Result<Memory, StoreError> {
        let is_readable = self.header.pages > 0;
        let (slots, reservations) = match self.index() {
            Ok(index) if is_readable => (index.scan(&self.header)?, index.reservations(&self.header)?),
            _ => (Vec::new(), BTreeMap::new()),
        };
        Ok(Memory {
            slots: slots.into_iter().map(|slot| (slot.id, slot)).collect(),
            reservations: reservations.into_values().collect(),
            shape: (self.header.pages, self.header.reservation_pages),
        })
    }

    /// Forgets all sums. What is on disk stays marked as it is: dirty, of another boot, or no index at all.
    fn start_over(&mut self) {
        let uses = self.header.uses;
        self.header = Header {
            boot: self.inner.boot,
            uses: if uses < MOST_USES { uses } else { 0 },
            ..Header::default()
        };
        self.assume_begun();
    }

    fn count_objects(&mut self, census: &mut Census) -> Result<(), StoreError> {
        let inner = self.inner;
        for shard in self.shards_cleared(layout::OBJECTS)? {
            for name in inner.anchor.list(&shard)? {
                let id: Option<ObjectId> = name.to_str().and_then(|name| name.parse().ok());
                let Some(id) = id.filter(|id| layout::object_shard(id) == shard) else {
                    self.set_aside(&shard, &name, 0)?;
                    continue;
                };
                let path = layout::object(&id);
                let known = inner.known_object(&path, id)?;
                census.objects.insert(id, known);
            }
        }
        Ok(())
    }

    /// Names the shards below `above`; what else lies there is set aside.
    fn shards_cleared(&mut self, above: &str) -> Result<Vec<String>, StoreError> {
        let mut shards = Vec::new();
        for name in self.inner.anchor.list(above)? {
            let shard = name.to_str().filter(|name| layout::is_shard(name));
            match shard.map(|name| layout::inside(above, name)) {
                Some(shard) if self.inner.is_directory(&shard)? => shards.push(shard),
                _ => self.set_aside(above, &name, 0)?,
            }
        }
        Ok(shards)
    }

    fn count_leases(&mut self, census: &mut Census) -> Result<(), StoreError> {
        let inner = self.inner;
        let uptime = clock::uptime_seconds();
        for name in inner.anchor.list(layout::LEASES)? {
            let Some(id) = name.to_str().and_then(layout::parse_lease) else {
                self.set_aside(layout::LEASES, &name, 0)?;
                continue;
            };
            let record = match inner.read_lease(&id) {
                Ok(record) => record,
                // Cut by the power, or foreign: void in any case (S-07, S-19).
                Err(StoreError::Damaged { .. }) => {
                    self.set_record_aside(layout::LEASES, &name.to_string_lossy(), 0)?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let is_kept = match &record {
                Some(record) if record.is_void(inner.boot, uptime) => false,
                Some(record) if record.view.is_some_and(|view| !census.views.has(&view, &id)) => false,
                Some(record) => census.keep(&id, record),
                None => false,
            };
            if is_kept {
                census.leases += 1;
                if let Some(record) = record
                    && let Some(view) = census.views.expecting(&record)
                {
                    self.hand_over(record, view)?;
                }
            } else {
                inner.anchor.unlink(&layout::lease(&id))?;
            }
        }
        Ok(())
    }

    /// Measures the private copies that are leased, and clears away the others.
    fn count_private(&mut self, census: &mut Census) -> Result<(), StoreError> {
        let inner = self.inner;
        let mut found = BTreeMap::new();
        for name in inner.anchor.list(layout::PRIVATE)? {
            let id: Option<LeaseId> = name.to_str().and_then(|name| name.parse().ok());
            let Some(id) = id else {
                self.set_aside(layout::PRIVATE, &name, 0)?;
                continue;
            };
            let path = layout::private(&id);
            if census.private.contains_key(&id) {
                found.insert(id, inner.private_blocks(&id)?);
            } else {
                let taken = space::measure(&inner.anchor, &path)?;
                self.trash(&path, taken.blocks, Budget::Scratch)?;
            }
        }
        for id in census.private.keys().filter(|id| !found.contains_key(id)) {
            inner.anchor.unlink(&layout::lease(id))?;
            census.leases = census.leases.saturating_sub(1);
        }
        census.private = found;
        Ok(())
    }

    fn count_entries(&mut self, census: &mut Census) -> Result<(), StoreError> {
        let inner = self.inner;
        for shard in self.shards_cleared(layout::ENTRIES)? {
            for name in inner.anchor.list(&shard)? {
                let key = name.to_str().and_then(layout::parse_entry);
                let Some(key) = key.filter(|key| layout::entry_shard(key) == shard) else {
                    self.set_aside(&shard, &name, 0)?;
                    continue;
                };
                let path = layout::entry(&key);
                let record = match inner.anchor.read(&path, super::entries::LONGEST) {
                    Ok((content, _)) => parse_record(&key, &content),
                    Err(error) if super::listing::is_content_fault(&error) => None,
                    Err(error) => return Err(error.into()),
                };
                let Some(record) = record else {
                    self.set_record_aside(&shard, &name.to_string_lossy(), 0)?;
                    continue;
                };
                let object = census.objects.get_mut(&record.object);
                let Some(known) = object.filter(|known| !known.slot.is_condemned) else {
                    // Somebody was killed who evicted its object, or set it aside.
                    inner.anchor.unlink(&path)?;
                    continue;
                };
                known.slot.entries = known.slot.entries.saturating_add(1);
                known.slot.key = known.slot.key.or(Some(key));
                census.entries += 1;
            }
        }
        Ok(())
    }

    fn count_pins(&mut self, census: &mut Census) -> Result<(), StoreError> {
        for name in self.inner.anchor.list(layout::PINS)? {
            let id: Option<ObjectId> = name.to_str().and_then(|name| name.parse().ok());
            let facts = id
                .map(|id| self.inner.anchor.facts(&layout::pin(&id)))
                .transpose()?;
            match id.filter(|_| facts.is_some_and(|facts| facts.kind == Kind::File)) {
                None => self.set_aside(layout::PINS, &name, 0)?,
                Some(id) => match census.objects.get_mut(&id) {
                    Some(known) => known.slot.is_pinned = true,
                    None => {
                        self.inner.anchor.unlink(&layout::pin(&id))?;
                    }
                },
            }
        }
        Ok(())
    }

    /// Keeps what the living have reserved, and clears away the work of the dead.
    fn count_work(&mut self, census: &mut Census, reservations: Vec<Reservation>) -> Result<(), StoreError> {
        let inner = self.inner;
        let mut has_room: BTreeSet<StagingName> = BTreeSet::new();
        for reservation in &reservations {
            if inner.is_alive(reservation.name.owner)? && has_room.insert(reservation.name) {
                census.reservations.push(*reservation);
            }
        }
        for name in inner.anchor.list(layout::STAGING)? {
            let Some(work) = name.to_str().and_then(StagingName::parse) else {
                self.set_aside(layout::STAGING, &name, 0)?;
                continue;
            };
            let path = layout::inside(layout::STAGING, &name.to_string_lossy());
            let is_alive = inner.is_alive(work.owner)?;
            if is_alive && (has_room.contains(&work) || path == work.record()) {
                continue;
            }
            if !is_alive {
                inner.unmount_if_possible(&path);
            }
            let taken = space::measure(&inner.anchor, &path)?;
            if is_alive {
                // Its reservation is lost with the index: what it has written so far counts again.
                census.reservations.push(Reservation {
                    name: work,
                    bytes: taken.blocks,
                    budget: Budget::Quota,
                });
            } else {
                self.clear(&path, work, taken.blocks, &reservations)?;
            }
        }
        Ok(())
    }

    /// Deletes objects that were only waiting for their last lease.
    fn drop_replaced(&mut self, census: &mut Census) -> Result<(), StoreError> {
        for known in census.objects.values_mut() {
            known.slot.is_replaced = known.keyed && known.slot.entries == 0;
        }
        let doomed: Vec<Slot> = census
            .objects
            .values()
            .map(|known| known.slot)
            .filter(|slot| slot.leases == 0 && slot.is_doomed())
            .collect();
        for slot in doomed {
            self.trash(&layout::object(&slot.id), slot.blocks, Budget::Quota)?;
            if slot.is_pinned {
                self.inner.anchor.unlink(&layout::pin(&slot.id))?;
            }
            census.objects.remove(&slot.id);
        }
        Ok(())
    }

    /// Keeps the order of use as it was. What the old index did not know was stored last; so was what it never saw used,
    /// as its publisher was killed.
    fn order(&mut self, census: &mut Census, memory: &BTreeMap<ObjectId, Slot>) {
        let mut unknown: Vec<&mut Known> = Vec::new();
        for (id, known) in &mut census.objects {
            match memory
                .get(id)
                .filter(|old| (1..MOST_USES).contains(&old.last_use))
            {
                Some(old) => {
                    known.slot.last_use = old.last_use;
                    known.slot.last_used_at = old.last_used_at;
                    self.header.uses = self.header.uses.max(old.last_use);
                }
                None => unknown.push(known),
            }
        }
        unknown.sort_by_key(|known| known.written);
        for known in unknown {
            known.slot.last_use = self.header.next_use();
            known.slot.last_used_at = known
                .written
                .duration_since(SystemTime::UNIX_EPOCH)
                .map_or(0, |since| since.as_secs());
        }
    }

    fn write_anew(&mut self, census: &Census, shape: (u32, u32)) -> Result<(), StoreError> {
        let inner = self.inner;
        let anchor = &inner.anchor;
        let slots: Vec<Slot> = census.objects.values().map(|known| known.slot).collect();
        let mut header = self.header;
        header.is_dirty = false;
        header.object_blocks = slots.iter().map(|slot| slot.blocks).sum();
        header.private = census.private.len() as u64;
        header.private_blocks = census.private.values().sum();
        (header.views, header.view_blocks) = census.views.sums();
        header.leases = census.leases;
        header.entries = census.entries;
        header.set_aside = anchor.list(layout::QUARANTINE)?.len() as u64;
        (header.reserved, header.reserved_scratch) = (0, 0);
        for reservation in &census.reservations {
            *header.reserved_mut(reservation.budget) += reservation.bytes;
        }
        (header.trash, header.trash_scratch) = (0, 0);
        for name in anchor.list(layout::TRASH)? {
            if let Some(piece) = name.to_str().and_then(TrashName::parse) {
                *header.trash_mut(piece.budget) += piece.blocks;
            }
        }
        for (directory, sum) in layout::GROWING.iter().zip(&mut header.directories) {
            *sum = anchor.facts_if_any(directory)?.map_or(0, |facts| facts.blocks);
        }
        for (name, sum) in layout::SIDES.iter().zip(&mut header.sides) {
            *sum = self.side_blocks(name)?;
        }
        // The old index goes, and its blocks with it.
        let old = anchor
            .facts_if_any(layout::INDEX)?
            .map_or(0, |facts| facts.blocks);
        anchor.unlink(layout::NEXT_INDEX)?;
        header.metadata = self.inner.measure_metadata()?.saturating_sub(old);
        // Records without a name count as what their owners have reserved.
        for name in anchor.list(layout::STAGING)? {
            if let Some(name) = name.to_str().filter(|name| layout::is_record(name)) {
                let facts = anchor.facts_if_any(&layout::inside(layout::STAGING, name))?;
                let blocks = facts.map_or(0, |facts| facts.blocks);
                header.metadata = header.metadata.saturating_sub(blocks);
            }
        }
        let shown = anchor.path(layout::INDEX);
        let written = Step::RebuildWrite
            .pass(&shown)
            .and_then(|()| IndexFile::write_next(anchor, &mut header, &slots, &census.reservations));
        match written {
            Ok(index) => {
                // What the index itself takes is known once it is written; the header is written again with it.
                let taken = anchor.facts(layout::NEXT_INDEX)?.blocks;
                header.metadata = header.metadata.saturating_add(taken);
                index.write_header(&header)?;
                Step::RebuildWritten.pass(&shown)?;
                anchor.rename(layout::NEXT_INDEX, layout::INDEX)?;
                self.adopt(index, header);
                Ok(())
            }
            Err(error) => {
                let error = StoreError::from(error);
                if !error.is_no_room() {
                    return Err(error);
                }
                // A full disk: the old file has blocks enough, and nobody believes it before it is whole (S-05).
                header.metadata = header.metadata.saturating_add(old);
                (header.pages, header.reservation_pages) = shape;
                let is_done = self
                    .index()?
                    .overwrite(anchor, &mut header, &slots, &census.reservations)?;
                self.header = header;
                if is_done { self.commit() } else { Err(error) }
            }
        }
    }
}

impl Inner {
    /// What the directory of an object tells. One without a record was set aside, or is half deleted, or is damaged: it
    /// is no object any more but for those who hold it (S-07).
    fn known_object(&self, path: &str, id: ObjectId) -> Result<Known, StoreError> {
        let record = self.object_record(path, &id)?;
        let (blocks, inodes) = if let Some(record) = &record {
            self.extent_of(path, record)?
        } else {
            let taken = space::measure(&self.anchor, path)?;
            (taken.blocks, taken.inodes)
        };
        let mut slot = Slot::new(id, blocks, inodes);
        slot.is_unchecked = true;
        slot.is_condemned = record.is_none();
        let dated = record.as_ref().map(|_| layout::inside(path, layout::RECORD));
        let written = self.anchor.facts(dated.as_deref().unwrap_or(path))?.modified;
        Ok(Known {
            slot,
            keyed: record.is_some_and(|record| record.keyed),
            written,
        })
    }
}

impl Census {
    /// Counts a lease for what it is of; yields whether that is here.
    fn keep(&mut self, id: &LeaseId, record: &LeaseRecord) -> bool {
        match record.share {
            Share::Private => {
                self.private.insert(*id, 0);
                true
            }
            Share::Shared => self.objects.get_mut(&record.object).is_some_and(|known| {
                known.slot.leases = known.slot.leases.saturating_add(1);
                true
            }),
        }
    }
}
