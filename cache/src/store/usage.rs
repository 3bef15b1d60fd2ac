//! What the store takes, by the index and by the disk.

use super::error::StoreError;
use super::layout::{self, Budget, TrashName};
use super::slot::{Reservation, Slot};
use super::{Inner, Store};
use crate::model::lease_record::LeaseId;
use crate::model::usage::{FreeSpace, Share, Usage};
use crate::sys::{SysError, space};

impl Store {
    /// What the store takes, by its index. Where there is none to be trusted, as in a store that may only be read, by
    /// the disk.
    pub fn usage(&self) -> Result<Usage, StoreError> {
        let Some(locked) = self.inner.lock_to_read()? else {
            return self.recount();
        };
        let header = locked.header;
        let reservations: Vec<Reservation> = locked.index()?.reservations(&header)?.into_values().collect();
        let reader = locked.index()?.reader()?;
        drop(locked);
        let slots = reader.scan(&header)?;
        let mut usage = of_slots(&slots);
        let work = reservations
            .iter()
            .filter(|reservation| reservation.name.is_work());
        let beside = work
            .clone()
            .filter(|reservation| reservation.budget == Budget::Scratch);
        usage.scratch = beside.map(|reservation| reservation.bytes).sum();
        usage.scratch = usage.scratch.saturating_add(header.trash_scratch);
        usage.staging = Share {
            count: work.clone().count() as u64,
            bytes: work.map(|reservation| reservation.bytes).sum(),
        };
        usage.private = Share {
            count: header.private,
            bytes: header.private_blocks,
        };
        usage.views = Share {
            count: header.views,
            bytes: header.view_blocks,
        };
        usage.trash.bytes = header.trash.saturating_add(header.trash_scratch);
        usage.leases = header.leases;
        usage.entries = header.entries;
        usage.set_aside = header.set_aside;
        self.inner.complete(usage)
    }

    /// What the store takes, by walking through all of it. What work is for cannot be seen there: all of it counts
    /// against the quota. Equals [`Store::usage`] while nobody changes anything.
    pub fn recount(&self) -> Result<Usage, StoreError> {
        let inner = &self.inner;
        let mut slots = inner.slots()?;
        for slot in &mut slots {
            slot.blocks = space::measure(&inner.anchor, &layout::object(&slot.id))?.blocks;
        }
        let mut usage = of_slots(&slots);
        let on_disk = inner.object_ids()?;
        usage.objects = inner.measure_all(on_disk.iter().map(layout::object))?;
        let staging = inner.anchor.list(layout::STAGING)?;
        let work = staging.iter().filter_map(|name| name.to_str());
        let work = work.filter(|name| !layout::is_record(name));
        usage.staging = inner.measure_all(work.map(|name| layout::inside(layout::STAGING, name)))?;
        let private = inner.anchor.list(layout::PRIVATE)?;
        let private = private
            .iter()
            .filter_map(|name| name.to_str()?.parse::<LeaseId>().ok());
        usage.private = inner.measure_all(private.map(|id| layout::private(&id)))?;
        for id in inner.view_ids()? {
            let found = inner.measure_view(&id)?;
            usage.views.count += u64::from(found.inodes > 0);
            usage.views.bytes = usage.views.bytes.saturating_add(found.blocks);
        }
        let trash = inner.anchor.list(layout::TRASH)?;
        let trash = trash.iter().filter_map(|name| name.to_str());
        let beside = trash
            .clone()
            .filter(|name| TrashName::parse(name).is_some_and(|name| name.budget == Budget::Scratch));
        let beside = beside.map(|name| layout::inside(layout::TRASH, name));
        usage.scratch = inner.measure_all(beside)?.bytes;
        usage.trash = inner.measure_all(trash.map(|name| layout::inside(layout::TRASH, name)))?;
        usage.leases = inner.lease_ids()?.len() as u64;
        usage.entries = inner.entry_records()?.len() as u64;
        usage.set_aside = inner.anchor.list(layout::QUARANTINE)?.len() as u64;
        inner.complete(usage)
    }

    /// What the file system has left for this user.
    pub fn free(&self) -> Result<FreeSpace, StoreError> {
        let free = space::free(&self.inner.anchor)?;
        Ok(FreeSpace {
            bytes: free.bytes,
            inodes: free.inodes,
        })
    }

    /// What the running count of everything but content says, to be compared with [`Usage::metadata`].
    pub fn counted_metadata(&self) -> Result<Option<u64>, StoreError> {
        Ok(self.inner.lock_to_read()?.map(|locked| locked.header.metadata))
    }

    /// How often objects were used so far: the order of the access log (C-90).
    pub fn uses(&self) -> Result<u64, StoreError> {
        Ok(self.inner.lock_to_read()?.map_or(0, |locked| locked.header.uses))
    }
}

/// What can be summed over the objects.
fn of_slots(slots: &[Slot]) -> Usage {
    let sum = |is_meant: &dyn Fn(&Slot) -> bool| {
        slots
            .iter()
            .filter(|slot| is_meant(slot))
            .fold(Share::default(), |Share { count, bytes }, slot| Share {
                count: count + 1,
                bytes: bytes.saturating_add(slot.blocks),
            })
    };
    Usage {
        objects: sum(&|_| true),
        leased: sum(&|slot| slot.leases > 0),
        replaced: sum(&|slot| slot.is_replaced || slot.is_condemned),
        reclaimable: sum(&Slot::is_evictable).bytes,
        ..Usage::default()
    }
}

impl Inner {
    /// Adds what is the same by index and by disk, and the totals.
    fn complete(&self, mut usage: Usage) -> Result<Usage, StoreError> {
        usage.metadata = self.measure_metadata()?;
        let trash = self.anchor.list(layout::TRASH)?;
        usage.trash.count = trash
            .iter()
            .filter_map(|name| name.to_str().and_then(TrashName::parse))
            .count() as u64;
        usage.reclaimable = usage.reclaimable.saturating_add(usage.trash.bytes);
        usage.scratch = [usage.private.bytes, usage.views.bytes]
            .into_iter()
            .fold(usage.scratch, u64::saturating_add);
        usage.total = [
            usage.objects.bytes,
            usage.private.bytes,
            usage.views.bytes,
            usage.staging.bytes,
            usage.trash.bytes,
            usage.metadata,
        ]
        .into_iter()
        .fold(0, u64::saturating_add);
        Ok(usage)
    }

    fn measure_all(&self, paths: impl Iterator<Item = String>) -> Result<Share, SysError> {
        let mut share = Share::default();
        for path in paths {
            let found = space::measure(&self.anchor, &path)?;
            share.count += u64::from(found.inodes > 0);
            share.bytes = share.bytes.saturating_add(found.blocks);
        }
        Ok(share)
    }

    /// Blocks of everything of ours but content: objects, private copies, views, work and trash count
    /// elsewhere.
    pub(super) fn measure_metadata(&self) -> Result<u64, SysError> {
        let mut sum = self.anchor.facts("")?.blocks;
        let files = [
            layout::FORMAT,
            layout::LOCK,
            layout::INDEX,
            layout::FLIGHTS,
            layout::OWNERS,
        ];
        let directories = [
            layout::OBJECTS,
            layout::PRIVATE,
            layout::VIEWS,
            layout::STAGING,
            layout::TRASH,
        ];
        let shards = self.shards(layout::OBJECTS)?;
        let records = self.anchor.list(layout::STAGING)?;
        let records = records.iter().filter_map(|name| name.to_str());
        let records = records.filter(|name| layout::is_record(name));
        let records = records.map(|name| layout::inside(layout::STAGING, name));
        let single = files
            .iter()
            .chain(&directories)
            .map(|name| (*name).to_owned())
            .chain(shards)
            .chain(records);
        for path in single {
            let facts = self.anchor.facts_if_any(&path)?;
            sum = sum.saturating_add(facts.map_or(0, |facts| facts.blocks));
        }
        for whole in [
            layout::ENTRIES,
            layout::LEASES,
            layout::PINS,
            layout::QUARANTINE,
            layout::DECLARATIONS,
            layout::STATS,
        ] {
            sum = sum.saturating_add(space::measure(&self.anchor, whole)?.blocks);
        }
        Ok(sum)
    }

    /// Blocks of a private copy, by its record.
    pub(super) fn private_blocks(&self, id: &LeaseId) -> Result<u64, SysError> {
        let path = layout::private(id);
        let content = self
            .anchor
            .read(&layout::inside(&path, layout::RECORD), super::entries::LONGEST);
        let record = content
            .ok()
            .and_then(|(content, _)| serde_json::from_slice(&content).ok());
        match record {
            Some(record) => Ok(self.extent_of(&path, &record)?.0),
            None => Ok(space::measure(&self.anchor, &path)?.blocks),
        }
    }
}
