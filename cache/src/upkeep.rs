//! What operators look at and change: listings, space, leases, eviction, pins, verification, statistics.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::path::Path;

use crate::archive::{self, ArchiveError};
use crate::cache::Cache;
use crate::error::CacheError;
use crate::fetched::Fetched;
use crate::ingest::download::Cancel;
use crate::model::entry::EntryRecord;
use crate::model::event::Event;
use crate::model::key::{Key, KeyId};
use crate::model::lease::{Holder, Label, LeaseTerms};
use crate::model::lease_record::{LeaseId, LeaseRecord};
use crate::model::object::ObjectId;
use crate::model::object_record::ObjectRecord;
use crate::model::stats;
use crate::stats::StatsReport;
use crate::store::holder;
use crate::store::slot::Slot;
use crate::store::{Depth, Evicted, FreeSpace, Quarantined, Reclaimed, Released, Store, Usage, Verdict};
use crate::sys::source::{self, Source};
use crate::sys::{SysError, clock};

impl Cache {
    /// Drops a lease; dropping it again changes nothing (C-84).
    pub fn release(&self, id: LeaseId) -> Result<Released, CacheError> {
        let released = self.inner.store.release(id)?;
        self.inner.observer.event(&Event::Released {
            lease: &id.to_string(),
        });
        Ok(released)
    }

    /// Makes a lease another holder's: what this process took for him, and gives him now.
    pub fn hand_over(&self, id: LeaseId, terms: &LeaseTerms) -> Result<(), CacheError> {
        let handed_over = self.inner.store.hand_over(id, terms);
        handed_over.map_err(|fault| self.inner.told_apart(fault.into()))
    }

    /// Every lease.
    pub fn leases(&self) -> Result<Vec<LeaseRecord>, CacheError> {
        Ok(self.inner.store.leases()?.collect::<Result<_, _>>()?)
    }

    /// Drops the leases that nobody can hold any more: of processes that are gone, of an earlier start of the machine,
    /// past their time; and, where `live` lists the holders that are alive, of every other label (C-86).
    /// A lease without a label is nobody's to be listed, and stays.
    pub fn reclaim(&self, live: Option<&BTreeSet<Label>>) -> Result<Reclaimed, CacheError> {
        let is_dead = holder::watch();
        let is_gone = |holder: &Holder, label: &Label| match (holder, live) {
            (Holder::Process { .. }, _) => is_dead(holder),
            // Who has no name is on no list.
            (Holder::External, Some(live)) => !label.as_str().is_empty() && !live.contains(label),
            (Holder::External, None) => false,
        };
        let store = &self.inner.store;
        let mut views = Vec::new();
        // A view that shows nothing has no lease to be found by.
        for view in store.views()?.iter().filter(|view| view.entries.is_empty()) {
            if store.is_void(view) || is_gone(&view.holder, &view.label) {
                store.release_view(&view.id)?;
                views.push(view.id);
            }
        }
        let taken = store.reclaim(&|lease| is_gone(&lease.holder, &lease.label))?;
        Ok(Reclaimed { views, ..taken })
    }

    /// Tells whether a lease has ended by itself, and only waits to be let go of.
    #[must_use]
    pub fn is_over(&self, lease: &LeaseRecord) -> bool {
        self.inner.store.is_over(lease)
    }

    /// Lets go of the leases and views whose time is over, so that what they held is free (C-81). Reads every lease:
    /// for whoever looks at the store or makes room in it, and not on the way to a hit.
    pub fn end_expired(&self) -> Result<(), CacheError> {
        Ok(self.inner.store.end_expired()?)
    }

    /// Every key's entry, in no order.
    pub fn entries(&self) -> Result<Vec<EntryRecord>, CacheError> {
        Ok(self.inner.store.entries()?)
    }

    /// What a key leads to.
    pub fn entry(&self, key: &Key) -> Result<Option<EntryRecord>, CacheError> {
        Ok(self.inner.store.entry(key.id())?.map(|entry| entry.record))
    }

    /// Every object, as the index knows it.
    pub fn objects(&self) -> Result<Vec<Slot>, CacheError> {
        Ok(self.inner.store.objects()?)
    }

    /// One object's record.
    pub fn object(&self, id: ObjectId) -> Result<Option<ObjectRecord>, CacheError> {
        Ok(self.inner.store.object(id)?)
    }

    /// What the store takes on disk, by the index.
    pub fn usage(&self) -> Result<Usage, CacheError> {
        Ok(self.inner.store.usage()?)
    }

    /// The same, counted on disk.
    pub fn recount(&self) -> Result<Usage, CacheError> {
        // What is being deleted just now is counted in one moment and gone in the next.
        self.inner.store.settle();
        Ok(self.inner.store.recount()?)
    }

    /// What the file system has left.
    pub fn free(&self) -> Result<FreeSpace, CacheError> {
        Ok(self.inner.store.free()?)
    }

    /// Removes an object that nobody holds.
    pub fn evict(&self, id: ObjectId) -> Result<Evicted, CacheError> {
        Ok(self.inner.store.evict(id)?)
    }

    /// Keeps an object whatever the room, or ends that; yields whether it is here.
    pub fn pin(&self, id: ObjectId, pinned: bool) -> Result<bool, CacheError> {
        Ok(self.inner.store.pin(id, pinned)?)
    }

    /// Compares an object with what was published, to the last byte (C-106).
    pub fn verify(&self, id: ObjectId) -> Result<Verdict, CacheError> {
        Ok(self.inner.store.verify(id, Depth::Full)?)
    }

    /// Replaces the file that says what the store in `root` is, if it is damaged; yields whether it was. Before opening:
    /// a store with such a file cannot be opened.
    pub fn mend_format(root: &Path) -> Result<bool, CacheError> {
        Ok(Store::mend_format(root)?)
    }

    /// Removes a damaged object: it is never handed out again, and its holders keep it until they release it (S-07).
    pub fn quarantine(&self, id: ObjectId) -> Result<Quarantined, CacheError> {
        let keys = self.keys_of(id)?;
        let quarantined = self.inner.store.quarantine(id)?;
        if quarantined != Quarantined::Absent {
            let entries = self.inner.store.usage()?.entries;
            self.inner
                .stats
                .damaged(id, &keys, clock::wall_seconds(), entries);
        }
        Ok(quarantined)
    }

    fn keys_of(&self, id: ObjectId) -> Result<Vec<KeyId>, CacheError> {
        let mut entries = self.entries()?;
        entries.retain(|entry| entry.object == id);
        Ok(entries.into_iter().map(|entry| entry.id).collect())
    }

    /// Writes down what was counted so far; for a program that is about to end.
    pub fn flush(&self) {
        self.inner.store.tell_damage();
        self.inner.stats.flush();
    }

    /// The statistics (Q12).
    pub fn report(&self) -> Result<StatsReport, CacheError> {
        let (usage, free) = (self.usage()?, self.free()?);
        let figures = stats::Usage {
            quota: self.inner.store.limits().quota,
            used: usage.used(),
            leased: usage.leased.bytes,
            reclaimable: usage.reclaimable,
            scratch: usage.scratch,
            staging: usage.staging.bytes,
            trash: usage.trash.bytes,
            metadata: usage.metadata,
            free_bytes: free.bytes,
            free_inodes: free.inodes,
            objects: usage.objects.count,
            entries: usage.entries,
            leases: usage.leases,
        };
        let report = self.inner.stats.report(&figures, clock::wall_seconds());
        report.map_err(CacheError::Statistics)
    }

    /// Writes what was handed out as a tar stream, made on the fly (C-01, C-80, Q13); yields its length in bytes.
    pub fn write_tar(
        &self,
        fetched: &Fetched,
        out: &mut dyn Write,
        cancel: &Cancel,
    ) -> Result<u64, CacheError> {
        let written = archive::write_tar(&fetched.path, out, &|| cancel.is_cancelled());
        written.map_err(|fault| CacheError::Archive {
            asset: fetched.object.to_string(),
            fault,
        })
    }

    /// Writes what was handed out as a file, byte for byte; yields its length in bytes.
    pub fn write_file(
        &self,
        fetched: &Fetched,
        out: &mut dyn Write,
        cancel: &Cancel,
    ) -> Result<u64, CacheError> {
        let refused = |fault| CacheError::Archive {
            asset: fetched.object.to_string(),
            fault,
        };
        let path = &fetched.path;
        let Source::File(mut file) = source::open(path).map_err(CacheError::Source)? else {
            let errno = io::Error::from_raw_os_error(libc::EISDIR);
            return Err(CacheError::Source(SysError::new("read", path, errno)));
        };
        let mut buffer = vec![0; 256 << 10];
        let mut bytes = 0_u64;
        loop {
            if cancel.is_cancelled() {
                return Err(refused(ArchiveError::Interrupted));
            }
            let length = io::Read::read(&mut file, &mut buffer)
                .map_err(|error| CacheError::Source(SysError::new("read", path, error)))?;
            if length == 0 {
                return Ok(bytes);
            }
            let piece = buffer.get(..length).unwrap_or_default();
            out.write_all(piece)
                .map_err(|error| refused(ArchiveError::Output(error)))?;
            bytes = bytes.saturating_add(length as u64);
        }
    }
}
