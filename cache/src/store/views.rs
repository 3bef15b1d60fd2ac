//! Views: directories that show what is leased, and go with their leases.
//!
//! A view is there when its directory has its name. Its leases are the maker's until then, so that they are dropped
//! when the maker dies, and the view's from then on; whoever finds the index dirty in between finishes that.

use std::path::PathBuf;

use super::draft::rounded;
use super::entries::spell;
use super::error::StoreError;
use super::layout::{self, Budget};
use super::leases::{Lease, ends};
use super::listing::is_content_fault;
use super::locked::Locked;
use super::staging::Staging;
use super::step::Step;
use super::{Inner, Store};
use crate::model::entry::RECORD_VERSION;
use crate::model::lease::LeaseTerms;
use crate::model::lease_record::{LeaseId, LeaseRecord};
use crate::model::object_record::Extent;
use crate::model::view::{MappedOwner, ViewEntry, ViewId, ViewRecord, Way};
use crate::sys::{SysError, clock, links, random, space};

/// Longest record of a view that is read, in bytes: a thousand entries with the longest names, all escaped.
const LONGEST: usize = 4 << 20;

/// What is known of a view that is to be published.
#[derive(Debug, Clone)]
pub struct NewView {
    /// Its name.
    pub id: ViewId,
    /// What its owner calls it.
    pub name: String,
    /// How its content came to be there.
    pub way: Way,
    /// Why it is not a better way.
    pub reason: Option<String>,
    /// Whom its mounts show as the owner.
    pub owner: Option<MappedOwner>,
    /// Where a container is to see it.
    pub destination: String,
    /// A link to it that will be made.
    pub link: Option<String>,
    /// What it shows.
    pub entries: Vec<ViewEntry>,
    /// Optional names that are not there.
    pub absent: Vec<String>,
    /// What was made takes.
    pub content: Extent,
}

/// What came of releasing a view: every lease was tried (C-08).
#[derive(Debug, Default)]
pub struct ReleasedView {
    /// Leases that were dropped.
    pub dropped: Vec<LeaseRecord>,
    /// Leases that could not be dropped, and why.
    pub failed: Vec<(LeaseId, StoreError)>,
}

impl Store {
    /// Names a view that is to be made.
    pub fn name_view(&self) -> Result<ViewId, StoreError> {
        Ok(ViewId::new(self.inner.secret.name(random::bytes()?)))
    }

    /// Tells whether this store gave out the name, now or earlier.
    #[must_use]
    pub fn has_named_view(&self, id: &ViewId) -> bool {
        self.inner.secret.has_named(id.as_lease())
    }

    /// A view's record; nothing when it was released, or never made.
    pub fn view(&self, id: &ViewId) -> Result<Option<ViewRecord>, StoreError> {
        Ok(self.inner.read_view(id)?)
    }

    /// Every view, in no order.
    pub fn views(&self) -> Result<Vec<ViewRecord>, StoreError> {
        let mut records = Vec::new();
        for id in self.inner.view_ids()? {
            // One that was released meanwhile is none any more.
            records.extend(self.inner.read_view(&id)?);
        }
        Ok(records)
    }

    /// The views whose record cannot be read: nobody can list them, but they are released by their ids as others are.
    pub fn damaged_views(&self) -> Result<Vec<ViewId>, StoreError> {
        let mut damaged = Vec::new();
        for id in self.inner.view_ids()? {
            // One that was released meanwhile is none any more.
            if self.inner.read_view(&id)?.is_none() && self.inner.has_view(&id) {
                damaged.push(id);
            }
        }
        Ok(damaged)
    }

    /// Tells whether a view has ended by itself.
    #[must_use]
    pub fn is_void(&self, view: &ViewRecord) -> bool {
        view.is_void(self.inner.boot, clock::uptime_seconds())
    }

    /// The directory of a view that a container is shown.
    #[must_use]
    pub fn view_root(&self, id: &ViewId) -> PathBuf {
        let path = layout::inside(&layout::view(id), layout::ROOT);
        self.inner.anchor.path(&path)
    }

    /// Starts making a view. Counts against the scratch quota (Q9).
    pub fn stage_view(&self) -> Result<Staging<'_>, StoreError> {
        let staging = self.stage()?;
        if !staging.switch_to_scratch()? {
            let wanted = staging.reserved();
            return Err(StoreError::NoRoom { wanted });
        }
        Step::ViewStaged.pass(&staging.root())?;
        Ok(staging)
    }

    /// Length of what is leased, in bytes; nothing when its record cannot be read.
    pub fn content_bytes(&self, lease: LeaseId) -> Result<Option<u64>, StoreError> {
        let Some(Lease { record, .. }) = self.held(lease)? else {
            return Ok(None);
        };
        let directory = layout::leased(&record.object, &record.id, record.share);
        let Some(object) = self.inner.object_record(&directory, &record.object)? else {
            return Ok(None);
        };
        let manifest = layout::inside(&directory, layout::MANIFEST);
        let list = self.inner.anchor.facts_if_any(&manifest)?;
        let list = list.map_or(0, |facts| facts.bytes);
        Ok(Some(object.content.bytes.saturating_sub(list)))
    }

    /// Removes a view and drops its leases; nothing to do for one that is gone. Needs no new space on disk (S-05).
    ///
    /// A link to it that was made outside of the store goes too.
    pub fn release_view(&self, id: &ViewId) -> Result<ReleasedView, StoreError> {
        let released = self.inner.release_view(id);
        self.tell_damage();
        self.clean_up_if_needed();
        released
    }

    /// Makes the link to a view outside of the store, in place of one to a view that is gone.
    pub fn link_view(&self, record: &ViewRecord) -> Result<(), StoreError> {
        let Some(link) = &record.link else {
            return Ok(());
        };
        let target = self.view_seen(record);
        if self.is_left_over(link.as_ref())? {
            links::unlink(link.as_ref())?;
        }
        links::make(link.as_ref(), &target)?;
        Ok(Step::ViewLinked.pass(link.as_ref())?)
    }

    /// Tells whether nothing is at `path`, or only a link to a view that is gone.
    pub fn may_link(&self, path: &std::path::Path) -> Result<bool, StoreError> {
        Ok(!links::is_taken(path)? || self.is_left_over(path)?)
    }

    fn is_left_over(&self, path: &std::path::Path) -> Result<bool, StoreError> {
        let Some(target) = links::read(path)? else {
            return Ok(false);
        };
        let views = self.inner.anchor.path(layout::VIEWS);
        let below = target.strip_prefix(&views).ok();
        let id = below.and_then(|below| below.iter().next()?.to_str()?.parse().ok());
        let is_of = |id| self.view_root(&id) == target || self.view_mounts(&id) == target;
        Ok(id.is_some_and(|id| is_of(id) && !self.inner.has_view(&id)))
    }
}

impl Staging<'_> {
    /// Makes what was staged a view with these terms, and its leases the view's.
    ///
    /// Appears by one rename (Q16). Not durable: it must outlive every process, not the machine (design §2).
    pub fn publish_view(mut self, new: NewView, terms: &LeaseTerms) -> Result<ViewRecord, StoreError> {
        if !self.switch_to_scratch()? {
            return Err(StoreError::NoRoom {
                wanted: self.reserved(),
            });
        }
        let view = self.inner().view_record(new, terms);
        let blocks = self.write_view(&view)?;
        self.write_leases(&view, &view.entries)?;
        Step::ViewReady.pass(&self.root())?;
        let inner = &self.store.inner;
        let moved = inner
            .lock_to_change()
            .and_then(|mut locked| self.move_view(&mut locked, &view, blocks));
        if let Err(error) = moved {
            // It may have its name already; nobody was told of it.
            inner.release_view(&view.id)?;
            return Err(error);
        }
        self.is_finished = true;
        let shown = self.store.view_root(&view.id);
        if let Err(error) = Step::ViewCommitted.pass(&shown) {
            self.store.release_view(&view.id)?;
            return Err(error.into());
        }
        Ok(view)
    }

    /// Writes the record; yields the blocks of the whole directory.
    fn write_view(&self, view: &ViewRecord) -> Result<u64, StoreError> {
        let content = spell(view);
        self.top_up(view.content.blocks.saturating_add(rounded(content.len() as u64)))?;
        let path = self.content(layout::RECORD);
        self.inner().anchor.write_new(&path, &content)?;
        Step::ViewRecord.pass(&self.root())?;
        self.inner()
            .view_blocks(&self.inside(layout::CONTENT), view)
            .map_err(Into::into)
    }

    /// Writes the leases anew, as the view's, to be renamed over what they are.
    pub(super) fn write_leases(&self, view: &ViewRecord, entries: &[ViewEntry]) -> Result<(), StoreError> {
        let anchor = &self.inner().anchor;
        for entry in entries {
            let lease = self.inner().read_lease(&entry.lease)?;
            let lease = lease.ok_or(StoreError::UnknownLease(entry.lease))?;
            let content = spell(&Inner::handed_over(lease, view));
            let wanted = rounded(content.len() as u64);
            if !self.reserve(wanted, 1)? {
                return Err(StoreError::NoRoom { wanted });
            }
            anchor.write_new(&self.inside(&entry.lease.to_string()), &content)?;
        }
        Ok(())
    }

    fn move_view(&self, locked: &mut Locked<'_>, view: &ViewRecord, blocks: u64) -> Result<(), StoreError> {
        let path = layout::view(&view.id);
        let shown = self.inner().anchor.path(&path);
        for entry in &view.entries {
            // Somebody took it away while the view was made.
            if self
                .inner()
                .anchor
                .facts_if_any(&layout::lease(&entry.lease))?
                .is_none()
            {
                return Err(StoreError::UnknownLease(entry.lease));
            }
        }
        locked.ensure_directory(layout::VIEWS, layout::WAY_MODE)?;
        locked.first(|inner| {
            Step::ViewBegun.pass(&shown)?;
            inner.anchor.rename(&self.inside(layout::CONTENT), &path)
        })?;
        Step::ViewMoved.pass(&shown)?;
        locked.header.views += 1;
        locked.header.view_blocks = locked.header.view_blocks.saturating_add(blocks);
        locked.remeasure(layout::VIEWS)?;
        for entry in &view.entries {
            locked.replace_lease(&self.inside(&entry.lease.to_string()), &entry.lease)?;
            Step::ViewLease.pass(&shown)?;
        }
        self.leave(locked)
    }
}

impl Locked<'_> {
    /// Gives the written record at `from` the name of a lease that is there. Part of a change.
    pub(super) fn replace_lease(&mut self, from: &str, id: &LeaseId) -> Result<(), StoreError> {
        let (anchor, path) = (&self.inner.anchor, layout::lease(id));
        let (old, new) = (anchor.facts(&path)?.blocks, anchor.facts(from)?.blocks);
        anchor.rename(from, &path)?;
        self.count_metadata(old, new);
        Ok(())
    }

    /// Moves a view's directory to the trash. The first step of a change.
    fn trash_view(&mut self, view: &ViewRecord) -> Result<(), StoreError> {
        let path = layout::view(&view.id);
        let blocks = self.inner.view_blocks(&path, view)?;
        let shown = self.inner.anchor.path(&path);
        Step::ViewReleaseBegun.pass(&shown)?;
        self.trash(&path, blocks, Budget::Scratch)?;
        Step::ViewReleaseMoved.pass(&shown)?;
        self.header.views = self.header.views.saturating_sub(1);
        self.header.view_blocks = self.header.view_blocks.saturating_sub(blocks);
        Ok(self.remeasure(layout::VIEWS)?)
    }
}

impl Inner {
    fn view_record(&self, new: NewView, terms: &LeaseTerms) -> ViewRecord {
        let (wall, uptime) = (clock::wall_seconds(), clock::uptime_seconds());
        ViewRecord {
            v: RECORD_VERSION,
            id: new.id,
            name: new.name,
            way: new.way,
            reason: new.reason,
            owner: new.owner,
            destination: new.destination,
            link: new.link,
            entries: new.entries,
            absent: new.absent,
            content: new.content,
            holder: terms.holder.clone(),
            label: terms.label.clone(),
            made_at: wall,
            expires: terms.expires,
            ends: ends(terms, wall, uptime),
            boot: self.boot,
        }
    }

    /// The names of all views.
    pub(super) fn view_ids(&self) -> Result<Vec<ViewId>, SysError> {
        let names = self.anchor.list(layout::VIEWS)?;
        let ids = names.iter().filter_map(|name| name.to_str()?.parse().ok());
        Ok(ids.collect())
    }

    /// Tells whether a view is there; in doubt it is.
    pub(super) fn has_view(&self, id: &ViewId) -> bool {
        !matches!(self.anchor.facts_if_any(&layout::view(id)), Ok(None))
    }

    /// Reads a view's record; nothing unless it is whole, of this version and of this view.
    pub(super) fn read_view(&self, id: &ViewId) -> Result<Option<ViewRecord>, SysError> {
        let path = layout::inside(&layout::view(id), layout::RECORD);
        let content = match self.anchor.read(&path, LONGEST) {
            Ok((content, _)) => content,
            Err(error) if is_content_fault(&error) => return Ok(None),
            Err(error) => return Err(error),
        };
        let record: Option<ViewRecord> = serde_json::from_slice(&content).ok();
        Ok(record.filter(|record| record.v == RECORD_VERSION && record.id == *id))
    }

    /// Blocks of a view's directory, by its record.
    pub(super) fn view_blocks(&self, directory: &str, view: &ViewRecord) -> Result<u64, SysError> {
        let record = self
            .anchor
            .facts(&layout::inside(directory, layout::RECORD))?
            .blocks;
        let own = self.anchor.facts(directory)?.blocks;
        Ok(own.saturating_add(record).saturating_add(view.content.blocks))
    }

    pub(super) fn release_view(&self, id: &ViewId) -> Result<ReleasedView, StoreError> {
        let view = self.read_view(id)?;
        let directory = layout::view(id);
        Step::ViewReleaseMounts.pass(&self.anchor.path(&directory))?;
        self.unmount(&directory)?;
        let Some(view) = view else {
            return self.discard_damaged_view(id);
        };
        let mut locked = self.lock_to_change()?;
        if !self.has_view(id) {
            return Ok(ReleasedView::default());
        }
        locked.trash_view(&view)?;
        let mut released = ReleasedView::default();
        for entry in &view.entries {
            match self.drop_of_view(&mut locked, &entry.lease) {
                Ok(dropped) => released.dropped.extend(dropped),
                Err(error) => released.failed.push((entry.lease, error)),
            }
        }
        if released.failed.is_empty() {
            locked.commit()?;
        }
        // Otherwise the index stays dirty, and who rebuilds it finds leases of a view that is gone.
        drop(locked);
        let shown = self.anchor.path(&layout::view(id));
        Step::ViewReleaseCommitted.pass(&shown)?;
        if let Some(link) = &view.link {
            let place = if view.is_seen_by_mounts() {
                layout::MOUNTS
            } else {
                layout::ROOT
            };
            links::unlink_if_to(link.as_ref(), &shown.join(place))?;
        }
        Ok(released)
    }

    fn drop_of_view(&self, locked: &mut Locked<'_>, id: &LeaseId) -> Result<Option<LeaseRecord>, StoreError> {
        let lease = self.read_lease(id)?;
        let dropped = match &lease {
            Some(lease) => locked.drop_lease(lease)?,
            None => false,
        };
        Step::ViewReleaseLease.pass(&self.anchor.path(&layout::lease(id)))?;
        Ok(lease.filter(|_| dropped))
    }

    /// Removes a view whose record cannot be read, and drops its leases, which know whose they are.
    fn discard_damaged_view(&self, id: &ViewId) -> Result<ReleasedView, StoreError> {
        let dropped = self.leases_of_view(id)?;
        let path = layout::view(id);
        let mut locked = self.lock_to_change()?;
        if !self.has_view(id) {
            return Ok(ReleasedView::default());
        }
        self.unmount_if_possible(&path);
        let taken = space::measure_own(&self.anchor, &path)?.blocks;
        // Not committed: only the directories can tell what counts now.
        locked.trash(&path, taken, Budget::Scratch)?;
        locked.note_damage(layout::inside(&path, layout::RECORD), None);
        drop(locked);
        // The index is made anew, and the leases of a view that is gone go.
        drop(self.lock_to_change()?);
        Ok(ReleasedView {
            dropped,
            failed: Vec::new(),
        })
    }

    /// The leases that say that they are a view's.
    pub(super) fn leases_of_view(&self, id: &ViewId) -> Result<Vec<LeaseRecord>, StoreError> {
        let mut found = Vec::new();
        for lease in self.lease_ids()? {
            found.extend(self.sound_lease(&lease)?.filter(|lease| lease.view == Some(*id)));
        }
        Ok(found)
    }
}
