//! What containers have mounted of this store, as the tables of all namespaces tell: what outlives its maker.
//!
//! A lease whose object is mounted somewhere is living, whoever its holder was. In a namespace that has a view's own
//! directory mounted, all other mounts of this store are that view's; elsewhere they count for every lease of the object.
//! A view's mounts on this machine are nobody's life: they are known by their place.

use std::collections::HashSet;
use std::path::{Component, Path, PathBuf};

use super::layout;
use super::{Inner, Store};
use crate::model::lease::Holder;
use crate::model::lease_record::{LeaseId, LeaseRecord};
use crate::model::object::ObjectId;
use crate::model::view::{ViewId, ViewRecord, Way};
use crate::store::StoreError;
use crate::sys::mount::{self, Mounted};
use crate::sys::{SysError, links};

/// What is mounted, and where from.
#[derive(Debug, Default)]
pub(super) struct InUse {
    /// Views whose directory some container sees.
    views: HashSet<ViewId>,
    /// Views that still have mounts on this machine.
    kept: HashSet<ViewId>,
    objects: HashSet<ObjectId>,
    /// Objects that are mounted where no view is.
    strays: HashSet<ObjectId>,
    private: HashSet<LeaseId>,
    /// The tables could not be read: nobody can tell what is stranded.
    is_unknown: bool,
}

/// What is mounted of one line.
enum Part {
    /// One of the mounts on this machine of a view.
    Ours(ViewId),
    /// The same of one that is being made.
    Making,
    View(ViewId),
    Object(ObjectId),
    Private(LeaseId),
}

/// Mounts without anybody whose they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leftovers {
    /// Places on this machine at which a view that is gone, or was never made, has a mount.
    pub mounts: Vec<PathBuf>,
    /// Views of mounts that nobody has mounted any more, and that can never be shown again.
    pub stranded: Vec<ViewId>,
    /// Objects that some container has mounted, and nobody leases.
    pub unleased: Vec<ObjectId>,
}

impl Store {
    /// Looks for mounts that were left over. Changes nothing.
    pub fn leftovers(&self) -> Result<Leftovers, StoreError> {
        let inner = &self.inner;
        let in_use = inner.in_use();
        let mut stranded = Vec::new();
        for id in inner.view_ids()? {
            if inner.is_stranded(&in_use, &id)? {
                stranded.push(id);
            }
        }
        let mut leased = HashSet::new();
        for lease in self.leases()? {
            leased.insert(lease?.object);
        }
        Ok(Leftovers {
            mounts: inner.abandoned_mounts()?,
            stranded,
            unleased: in_use.objects.difference(&leased).copied().collect(),
        })
    }

    /// Tells whether some container may have mounted what a view whose record cannot be read shows; in doubt it has.
    pub fn may_be_mounted(&self, id: &ViewId) -> Result<bool, StoreError> {
        let in_use = self.inner.in_use();
        if in_use.is_unknown || in_use.views.contains(id) {
            return Ok(true);
        }
        for lease in self.inner.leases_of_view(id)? {
            if self.inner.is_mounted(&in_use, &lease)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes away the mounts on this machine of views that are gone; yields their places.
    pub fn clear_mounts(&self) -> Result<Vec<PathBuf>, StoreError> {
        let abandoned = self.inner.abandoned_mounts()?;
        for place in &abandoned {
            mount::detach(place)?;
        }
        Ok(abandoned)
    }
}

impl Inner {
    /// Reads all tables of mounts. Where they cannot be read, nothing is known to be mounted.
    pub(super) fn in_use(&self) -> InUse {
        let unknown = |_| InUse {
            is_unknown: true,
            ..InUse::default()
        };
        self.read_in_use().unwrap_or_else(unknown)
    }

    fn read_in_use(&self) -> Result<InUse, SysError> {
        let Some((device, root)) = mount::place_in_file_system(&self.real_path()?)? else {
            return Ok(InUse {
                is_unknown: true,
                ..InUse::default()
            });
        };
        let mut in_use = InUse::default();
        for table in mount::every_table()? {
            in_use.add(&table, &device, &root);
        }
        Ok(in_use)
    }

    /// Where the store is, without links on the way.
    fn real_path(&self) -> Result<PathBuf, SysError> {
        let handle = std::os::fd::AsRawFd::as_raw_fd(&self.anchor.handle());
        let link = PathBuf::from(format!("/proc/self/fd/{handle}"));
        Ok(links::read(&link)?.unwrap_or_else(|| self.anchor.path("")))
    }

    /// Tells whether some container has mounted what a lease is of.
    pub(super) fn is_mounted(&self, in_use: &InUse, lease: &LeaseRecord) -> Result<bool, SysError> {
        let view = match lease.view {
            Some(id) => self.read_view(&id)?.filter(|view| view.way != Way::Plan),
            None => None,
        };
        let objects = match view {
            Some(view) if in_use.views.contains(&view.id) => return Ok(true),
            Some(_) => &in_use.strays,
            // Nobody else says of whom its mounts are.
            None => &in_use.objects,
        };
        Ok(objects.contains(&lease.object) || in_use.private.contains(&lease.id))
    }

    /// Tells whether a view can never be shown any more, and is shown to nobody: it needs mounts, those on this
    /// machine are gone, and no container has it. One that a living process holds is not.
    pub(super) fn is_stranded(&self, in_use: &InUse, id: &ViewId) -> Result<bool, SysError> {
        if in_use.is_unknown || in_use.kept.contains(id) || in_use.views.contains(id) {
            return Ok(false);
        }
        let Some(view) = self.read_view(id)?.filter(ViewRecord::has_mounts) else {
            return Ok(false);
        };
        let has_stray = |object| in_use.strays.contains(object);
        Ok(view.holder == Holder::External
            && !view.entries.is_empty()
            && !view.entries.iter().any(|entry| has_stray(&entry.object)))
    }

    /// Releases the views that are stranded; yields their leases.
    pub(super) fn reclaim_stranded(&self) -> Result<Vec<LeaseRecord>, StoreError> {
        let ids = self.view_ids()?;
        let mut dropped = Vec::new();
        if ids.is_empty() {
            return Ok(dropped);
        }
        let in_use = self.in_use();
        for id in ids {
            if self.is_stranded(&in_use, &id)? {
                dropped.extend(self.release_view(&id)?.dropped);
            }
        }
        Ok(dropped)
    }

    /// Places of mounts on this machine whose view, or work, is gone.
    fn abandoned_mounts(&self) -> Result<Vec<PathBuf>, StoreError> {
        let root = self.real_path()?;
        let mut abandoned = Vec::new();
        for line in mount::own_table()? {
            let Ok(below) = line.place.strip_prefix(&root) else {
                continue;
            };
            let names: Vec<&str> = below.iter().filter_map(|name| name.to_str()).collect();
            let is_abandoned = match names[..] {
                [layout::VIEWS, id, layout::MOUNTS] => id.parse().is_ok_and(|id| !self.has_view(&id)),
                [layout::STAGING, work, layout::CONTENT, layout::MOUNTS] => {
                    let work = layout::StagingName::parse(work);
                    work.is_some_and(|work| matches!(self.is_alive(work.owner), Ok(false)))
                }
                [layout::TRASH, .., layout::MOUNTS] => true,
                _ => false,
            };
            if is_abandoned && !abandoned.contains(&line.place) {
                abandoned.push(line.place);
            }
        }
        Ok(abandoned)
    }
}

impl InUse {
    /// Adds one namespace's table.
    fn add(&mut self, table: &[Mounted], device: &str, root: &Path) {
        let (mut objects, mut has_view) = (Vec::new(), false);
        for line in table {
            let Some(below) = line.below(device, root) else {
                continue;
            };
            match whose(&line.place).or_else(|| part(below)) {
                Some(Part::Ours(id)) => {
                    self.kept.insert(id);
                }
                Some(Part::View(id)) => {
                    has_view = true;
                    self.views.insert(id);
                }
                Some(Part::Object(id)) => objects.push(id),
                Some(Part::Private(id)) => {
                    self.private.insert(id);
                }
                Some(Part::Making) | None => {}
            }
        }
        if !has_view {
            self.strays.extend(&objects);
        }
        self.objects.extend(objects);
    }
}

/// Tells whether a place is one of our own mounts, which are there for the maker of a view only.
fn whose(place: &Path) -> Option<Part> {
    let names: Vec<&str> = place.iter().filter_map(|name| name.to_str()).collect();
    let at = names.iter().rposition(|name| *name == layout::MOUNTS)?;
    let [.., kind, above] = names.get(..at)? else {
        return None;
    };
    match *kind {
        _ if *above == layout::CONTENT => Some(Part::Making),
        layout::VIEWS => above.parse().ok().map(Part::Ours),
        _ => None,
    }
}

/// What a path below the store's root is of.
fn part(below: &Path) -> Option<Part> {
    let mut names = below.components().map(|part| match part {
        Component::Normal(name) => name.to_str().unwrap_or_default(),
        _ => "",
    });
    match names.next()? {
        layout::VIEWS => names.next()?.parse().ok().map(Part::View),
        layout::OBJECTS => names.nth(1)?.parse().ok().map(Part::Object),
        layout::PRIVATE => names.next()?.parse().ok().map(Part::Private),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
