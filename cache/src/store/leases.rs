//! Handing out objects, and taking them back.

use std::path::PathBuf;
use std::sync::PoisonError;

use super::draft::Draft;
use super::entries::spell;
use super::error::StoreError;
use super::slot::Slot;
use super::step::Step;
use super::{Inner, Store, layout};
use crate::model::entry::RECORD_VERSION;
use crate::model::key::Key;
use crate::model::lease::LeaseTerms;
use crate::model::lease_record::{LeaseId, LeaseRecord, Share};
use crate::model::object::ObjectId;
use crate::model::view::{ViewId, ViewRecord};
use crate::sys::{SysError, clock, random};

/// How often room for a lease may be lost to others before this gives up.
const TRIES: u32 = 8;

/// One holder's right to use one object. Lasts, on disk, until it is released: dropping this value does nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a lease that nobody releases keeps its object for ever"]
pub struct Lease {
    /// What is on disk about it.
    pub record: LeaseRecord,
    /// Blocks of what is leased, in bytes; 0 for a lease that was looked up by its name.
    pub blocks: u64,
    /// Its place in the order of use (C-90); likewise.
    pub sequence: u64,
    directory: PathBuf,
}

/// What came of asking for an object.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every one is a lease, and none is kept"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It is here, and stays until the lease is released.
    Held(Lease),
    /// It is not here.
    Absent,
    /// It was here, and is not what was published; it will not be handed out again (S-07).
    Damaged,
}

/// What came of releasing a lease.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every one is a lease, and none is kept"
)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Released {
    /// It was dropped.
    Dropped(LeaseRecord),
    /// It was dropped before, and nothing changed (C-84).
    AlreadyReleased,
}

/// What was taken back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reclaimed {
    /// Leases, those of views among them.
    pub leases: Vec<LeaseRecord>,
    /// Views that had no lease.
    pub views: Vec<ViewId>,
    /// Mounts on this machine of views that are gone.
    pub mounts: Vec<PathBuf>,
}

impl Reclaimed {
    /// Whether there was nothing to take back.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.leases.is_empty() && self.views.is_empty() && self.mounts.is_empty()
    }
}

impl Lease {
    /// Its name.
    #[must_use]
    pub const fn id(&self) -> LeaseId {
        self.record.id
    }

    /// The directory that holds the content and what is known of it.
    #[must_use]
    pub fn directory(&self) -> &std::path::Path {
        &self.directory
    }

    /// The unpacked tree, of an object of that form.
    #[must_use]
    pub fn tree(&self) -> PathBuf {
        self.directory.join(layout::TREE)
    }

    /// The body as it came, of an object of that form.
    #[must_use]
    pub fn file(&self) -> PathBuf {
        self.directory.join(layout::FILE)
    }

    /// What the tree consists of.
    #[must_use]
    pub fn manifest(&self) -> PathBuf {
        self.directory.join(layout::MANIFEST)
    }
}

/// When a lease ends, in seconds since the machine started: no step of the wall clock moves it (S-14).
pub(super) fn ends(terms: &LeaseTerms, wall: u64, uptime: u64) -> Option<u64> {
    let left = terms.expires?.saturating_sub(wall);
    Some(uptime.saturating_add(left))
}

impl Store {
    /// Hands out an object, for as long as the lease lasts.
    ///
    /// An object that was not looked at since an unclean stop is looked at first (C-106).
    pub fn lease(
        &self,
        object: ObjectId,
        key: Option<&Key>,
        terms: &LeaseTerms,
    ) -> Result<Found, StoreError> {
        let record = self.inner.lease_record(object, key, terms, Share::Shared)?;
        let Some(slot) = self.inner.take_lease(&record)? else {
            return Ok(Found::Absent);
        };
        let checked = if slot.is_unchecked {
            self.look_at(object)
        } else {
            self.has_content(object)
        };
        if !matches!(checked, Ok(true)) {
            self.release(record.id)?;
            return checked.map(|_| Found::Damaged);
        }
        Ok(Found::Held(self.inner.lease_of(
            record,
            slot.blocks,
            slot.last_use,
        )))
    }

    /// Drops a lease. Needs no new space on disk (S-05).
    ///
    /// A private copy is deleted, as is an object that was replaced, with its last lease.
    pub fn release(&self, id: LeaseId) -> Result<Released, StoreError> {
        let released = self.inner.release(&id)?;
        self.clean_up_if_needed();
        Ok(released)
    }

    /// Makes a lease another holder's, with what he asks of it: what was taken for him is his from now on.
    pub fn hand_over(&self, id: LeaseId, terms: &LeaseTerms) -> Result<(), StoreError> {
        self.inner.hand_lease_over(&id, terms)
    }

    /// Drops the leases for which `gone` says so and whose objects no container has mounted, and those that have ended by
    /// themselves: their time is over, or the machine was started anew since. Views go with their leases, and those that
    /// nobody can see any more; mounts that were left over are taken away. Yields what was dropped.
    ///
    /// What opening the store took back already is yielded once, too.
    pub fn reclaim(&self, gone: &dyn Fn(&LeaseRecord) -> bool) -> Result<Reclaimed, StoreError> {
        let mounts = self.clear_mounts()?;
        let mut leases = self.inner.take_swept();
        leases.extend(self.inner.reclaim(gone)?);
        leases.extend(self.inner.reclaim_stranded()?);
        self.tell_damage();
        self.clean_up_if_needed();
        Ok(Reclaimed {
            leases,
            views: Vec::new(),
            mounts,
        })
    }

    /// Drops the leases that have ended by themselves, and releases the views that have. Changes nothing else.
    pub fn end_expired(&self) -> Result<(), StoreError> {
        self.inner.reclaim_void()?;
        // A view that shows nothing has no lease to be found by.
        for view in self.views()?.iter().filter(|view| self.is_void(view)) {
            self.inner.release_view(&view.id)?;
        }
        self.clean_up_if_needed();
        Ok(())
    }

    /// Tells whether a lease has ended by itself.
    #[must_use]
    pub fn is_over(&self, lease: &LeaseRecord) -> bool {
        lease.is_void(self.inner.boot, clock::uptime_seconds())
    }

    /// A lease by its name; nothing when it was released.
    pub fn held(&self, id: LeaseId) -> Result<Option<Lease>, StoreError> {
        if !self.inner.secret.has_named(&id) {
            return Err(StoreError::UnknownLease(id));
        }
        Ok(self
            .inner
            .read_lease(&id)?
            .map(|record| self.inner.lease_of(record, 0, 0)))
    }
}

impl Inner {
    pub(super) fn lease_record(
        &self,
        object: ObjectId,
        key: Option<&Key>,
        terms: &LeaseTerms,
        share: Share,
    ) -> Result<LeaseRecord, StoreError> {
        let (wall, uptime) = (clock::wall_seconds(), clock::uptime_seconds());
        Ok(LeaseRecord {
            v: RECORD_VERSION,
            id: self.secret.name(random::bytes()?),
            object,
            share,
            key: key.map(ToString::to_string),
            holder: terms.holder.clone(),
            label: terms.label.clone(),
            made_at: wall,
            expires: terms.expires,
            ends: ends(terms, wall, uptime),
            boot: self.boot,
            view: None,
        })
    }

    fn hand_lease_over(&self, id: &LeaseId, terms: &LeaseTerms) -> Result<(), StoreError> {
        if !self.secret.has_named(id) {
            return Err(StoreError::UnknownLease(*id));
        }
        let shown = self.anchor.path(&layout::lease(id));
        let record = self.read_lease(id)?.ok_or(StoreError::UnknownLease(*id))?;
        let object = record.object;
        let record = LeaseRecord {
            holder: terms.holder.clone(),
            label: terms.label.clone(),
            expires: terms.expires,
            ends: ends(terms, clock::wall_seconds(), clock::uptime_seconds()),
            ..record
        };
        let draft = self.lease_draft_for(&spell_padded(&record), object)?;
        let mut locked = self.lock_to_change()?;
        // Somebody took it away meanwhile.
        if self.anchor.facts_if_any(&layout::lease(id))?.is_none() {
            return Err(StoreError::UnknownLease(*id));
        }
        locked.begin()?;
        Step::HandOverBegun.pass(&shown)?;
        locked.replace_lease(draft.name(), id)?;
        Step::HandOverNamed.pass(&shown)?;
        locked.commit()?;
        drop(locked);
        draft.into_named();
        Ok(Step::HandOverCommitted.pass(&shown)?)
    }

    /// The record of a lease after it was handed over to a view.
    pub(super) fn handed_over(lease: LeaseRecord, view: &ViewRecord) -> LeaseRecord {
        LeaseRecord {
            holder: view.holder.clone(),
            label: view.label.clone(),
            expires: view.expires,
            ends: view.ends,
            view: Some(view.id),
            ..lease
        }
    }

    pub(super) fn lease_of(&self, record: LeaseRecord, blocks: u64, sequence: u64) -> Lease {
        let directory = layout::leased(&record.object, &record.id, record.share);
        Lease {
            directory: self.anchor.path(&directory),
            blocks,
            sequence,
            record,
        }
    }

    /// Makes a lease of an object; yields what the index says of the object, nothing when it is not here.
    fn take_lease(&self, record: &LeaseRecord) -> Result<Option<Slot>, StoreError> {
        let shown = self.anchor.path(&layout::lease(&record.id));
        Step::LeaseWrite.pass(&shown)?;
        let content = spell_padded(record);
        for _ in 0..TRIES {
            let draft = self.lease_draft_for(&content, record.object)?;
            Step::LeaseWritten.pass(&shown)?;
            let mut locked = self.lock_to_change()?;
            let Some((place, slot)) = locked
                .find(&record.object)?
                .filter(|(_, slot)| !slot.is_condemned)
            else {
                return Ok(None);
            };
            if !locked.has_room(draft.blocks()) {
                drop(locked);
                let blocks = draft.blocks();
                drop(draft);
                if !self.make_room_for_record(blocks, record.object)? {
                    return Err(StoreError::NoRoom { wanted: blocks });
                }
                continue;
            }
            let held = locked.hold((place, slot), &draft, &record.id);
            let last_use = locked.header.uses;
            if let Err(error) = held.and_then(|()| locked.commit()) {
                locked.forget_lease(&record.id);
                return Err(error);
            }
            drop(locked);
            draft.into_named();
            if let Err(error) = Step::LeaseCommitted.pass(&shown) {
                self.release(&record.id)?;
                return Err(error.into());
            }
            return Ok(Some(Slot { last_use, ..slot }));
        }
        Err(StoreError::NoRoom {
            wanted: content.len() as u64,
        })
    }

    /// Writes a lease's record; when the disk is full something is evicted for it, once.
    fn lease_draft_for(&self, content: &[u8], object: ObjectId) -> Result<Draft<'_>, StoreError> {
        match self.lease_draft(content) {
            Err(error) if error.is_no_room() => {
                let wanted = super::draft::rounded(content.len() as u64);
                if self.evict_one_but(object)? || self.make_room_for_record(wanted, object)? {
                    return self.lease_draft(content);
                }
                Err(error)
            }
            done => done,
        }
    }

    pub(super) fn release(&self, id: &LeaseId) -> Result<Released, StoreError> {
        if !self.secret.has_named(id) {
            return Err(StoreError::UnknownLease(*id));
        }
        let mut locked = self.lock_to_change()?;
        let path = layout::lease(id);
        let record = match self.read_lease(id) {
            Ok(Some(record)) => record,
            Ok(None) => return Ok(Released::AlreadyReleased),
            Err(error) => {
                if matches!(error, StoreError::Damaged { .. }) {
                    // Nobody can tell what it was a lease of, but the directories can, by what is left.
                    locked.abandon_lease(id)?;
                    drop(locked);
                    self.tell_damage();
                }
                return Err(error);
            }
        };
        if let Some(view) = record.view.filter(|view| self.has_view(view)) {
            return Err(StoreError::InView { lease: *id, view });
        }
        if !locked.drop_lease(&record)? {
            return Ok(Released::AlreadyReleased);
        }
        locked.commit()?;
        drop(locked);
        Step::ReleaseCommitted.pass(&self.anchor.path(&path))?;
        Ok(Released::Dropped(record))
    }

    pub(super) fn reclaim(
        &self,
        gone: &dyn Fn(&LeaseRecord) -> bool,
    ) -> Result<Vec<LeaseRecord>, StoreError> {
        let uptime = clock::uptime_seconds();
        let mut dropped = Vec::new();
        // Looked up when the first one seems to be gone: mostly none is.
        let in_use = std::cell::LazyCell::new(|| self.in_use());
        for id in self.lease_ids()? {
            let Some(record) = self.sound_lease(&id)? else {
                continue;
            };
            let is_void = record.is_void(self.boot, uptime);
            if !is_void && (!gone(&record) || self.is_mounted(&in_use, &record)?) {
                continue;
            }
            if let Some(view) = record.view.filter(|view| self.has_view(view)) {
                // All of it or nothing: what remained would show what nobody holds.
                dropped.extend(self.release_view(&view)?.dropped);
            } else {
                match self.release(&id) {
                    Ok(Released::Dropped(record)) => dropped.push(record),
                    Ok(Released::AlreadyReleased) | Err(StoreError::Damaged { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(dropped)
    }

    /// Drops the leases of processes that are gone: what somebody held who was killed (C-85).
    pub(super) fn reclaim_dead(&self) -> Result<(), StoreError> {
        let is_gone = super::holder::watch();
        let dropped = self.reclaim(&|lease| is_gone(&lease.holder))?;
        *self.swept.lock().unwrap_or_else(PoisonError::into_inner) = dropped;
        Ok(())
    }

    /// What was taken back when the store was opened, for who asks first.
    fn take_swept(&self) -> Vec<LeaseRecord> {
        std::mem::take(&mut *self.swept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Drops the leases that have ended by themselves.
    pub(super) fn reclaim_void(&self) -> Result<(), StoreError> {
        self.reclaim(&|_| false).map(|_| ())
    }

    /// The names of all leases.
    pub(super) fn lease_ids(&self) -> Result<Vec<LeaseId>, SysError> {
        let names = self.anchor.list(layout::LEASES)?;
        Ok(names
            .iter()
            .filter_map(|name| name.to_str().and_then(layout::parse_lease))
            .collect())
    }

    /// Reads a lease's record; nothing when there is none.
    pub(super) fn read_lease(&self, id: &LeaseId) -> Result<Option<LeaseRecord>, StoreError> {
        let path = layout::lease(id);
        let (content, facts) = match self.anchor.read(&path, super::entries::LONGEST) {
            Ok(read) => read,
            Err(error) if error.is_absent() => return Ok(None),
            Err(error) if super::listing::is_content_fault(&error) => return Err(self.no_lease(&path)),
            Err(error) => return Err(error.into()),
        };
        let record: Option<LeaseRecord> = serde_json::from_slice(&content).ok();
        let record = record
            .filter(|record| record.v == RECORD_VERSION && record.id == *id)
            .filter(|record| self.secret.has_named(&record.id));
        // Released while it was read: the file may be another lease's by now.
        let now = self.anchor.facts_if_any(&path)?;
        match record {
            _ if now.is_none_or(|now| now.identity != facts.identity) => Ok(None),
            Some(record) => Ok(Some(record)),
            None => Err(self.no_lease(&path)),
        }
    }

    fn no_lease(&self, path: &str) -> StoreError {
        StoreError::Damaged {
            path: self.anchor.path(path),
            what: "it is no record of this lease",
        }
    }

    /// Reads a lease's record; a damaged one is none, and is moved out of the way where that may be done (S-07).
    pub(super) fn sound_lease(&self, id: &LeaseId) -> Result<Option<LeaseRecord>, StoreError> {
        match self.read_lease(id) {
            Err(StoreError::Damaged { .. }) if self.writer.is_none() => Ok(None),
            Err(StoreError::Damaged { .. }) => {
                let mut locked = self.lock_to_change()?;
                // Under the lock nobody is just writing it anew.
                let read = match self.read_lease(id) {
                    Err(StoreError::Damaged { .. }) => locked.abandon_lease(id).map(|()| None),
                    read => read,
                };
                drop(locked);
                self.tell_damage();
                read
            }
            read => read,
        }
    }
}

/// Spells a lease so that nearly all are equally long, and a file that is used again keeps its length.
fn spell_padded(record: &LeaseRecord) -> Vec<u8> {
    const LENGTH: usize = 512;
    let mut content = spell(record);
    content.pop();
    let padded = (content.len() + 1).next_multiple_of(LENGTH) - 1;
    content.resize(padded, b' ');
    content.push(b'\n');
    content
}
