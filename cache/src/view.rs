//! What a container is shown of the cache: what it asked for, nothing else, and unchanged for as long as it is held.
//!
//! names -> staging -> bring -> farm and manifest -> publish. Names are checked before anything is asked (Q18).
//! Everything is fetched at once, and leased to this process, so that its death takes all back; the view is made in
//! staging and appears with one rename (Q16), which makes the leases its own (C-85). A plan is the same without the
//! farm.

use std::path::PathBuf;

use crate::cache::Cache;
use crate::error::CacheError;
use crate::ingest::download::Cancel;
use crate::model::lease::LeaseTerms;
use crate::model::lease_record::LeaseId;
use crate::model::object_record::Extent;
use crate::model::request::Request;
use crate::model::view::ViewId;
use crate::store::{Leftovers, Step};

pub use crate::model::view::{
    MANIFEST_NAME, MappedOwner, OBJECTS_NAME, Placement, Showing, ViewRecord, WantedWay, Way,
};
pub use add::{AddedTo, ViewAddition};
pub use manifest::{Absent, InvalidManifest, Manifest, Shown};
pub use names::is_plain;
pub use plan::{Mount, OciMount, Plan};
pub use trial::Ways;

use names::Checked;
use shape::Task;

pub(crate) use trial::Trials;

mod add;
mod bring;
mod farm;
mod manifest;
mod names;
mod plan;
mod release;
mod shape;
mod trial;

/// Where a container sees its view, unless it is told otherwise.
pub const DESTINATION: &str = "/cached-downloads";

/// Most entries of one view: each takes a moment under the store's lock, and no container asks for as many.
pub const MOST_ENTRIES: usize = 1024;

/// What one container is to be shown.
#[derive(Clone)]
pub struct ViewRequest {
    /// What its owner calls it, for instance the container's name: one plain file name. Views may share one.
    pub name: String,
    /// What it shows.
    pub items: Vec<ViewItem>,
    /// Who holds it.
    pub terms: LeaseTerms,
    /// Where the container sees it; absolute, in UTF-8.
    pub destination: PathBuf,
    /// A link to it that is to be made outside of the store; absolute, in UTF-8.
    pub link: Option<PathBuf>,
    /// How it shows it.
    pub showing: Showing,
}

/// One asset of a view.
#[derive(Clone)]
pub struct ViewItem {
    /// What it is called there: one plain file name.
    pub name: String,
    /// What is asked for. Who holds its lease is said by the view's terms.
    pub request: Request,
    /// The view goes on without it (Q17).
    pub optional: bool,
    /// How the builder is to place it, where the caller knows.
    pub placement: Option<Placement>,
}

/// A view that was made.
#[must_use = "a view that nobody releases keeps its objects in the store"]
#[derive(Debug, Clone)]
pub struct View {
    /// What is on disk about it.
    pub record: ViewRecord,
    /// The directory that a container is to see.
    pub directory: PathBuf,
    /// What it says of itself.
    pub manifest: Manifest,
    /// The mounts that show it to a container, in this order.
    pub mounts: Vec<Mount>,
}

impl Cache {
    /// Fetches everything and shows it in one new directory: all of it or nothing (C-07, C-85, Q16, Q17).
    ///
    /// A container sees it by the mounts that it lists. The directory has mode 0755 and is only to be mounted
    /// read-only: its files may be the objects' own (Q5). It does
    /// not change, since a new version of a key is another object (Q3, Q4), and is there until it is released. After
    /// an error nothing is leased and nothing is left behind. Ends within 100 ms of `cancel`.
    pub fn view_create(&self, request: &ViewRequest, cancel: &Cancel) -> Result<View, CacheError> {
        let made = self.create(request, cancel);
        made.map_err(|fault| self.inner.told_apart(fault))
    }

    fn create(&self, request: &ViewRequest, cancel: &Cancel) -> Result<View, CacheError> {
        let checked = self.check_view(request)?;
        let (choice, trial) = trial::decide(self, &request.showing)?;
        let store = &self.inner.store;
        let mut staging = store.stage_view()?;
        let brought = bring::all(self, &checked, cancel)?;
        Step::ViewLeased.pass(&staging.root()).map_err(CacheError::View)?;
        let task = Task {
            cache: self,
            brought: &brought,
            checked: &checked,
            cancel,
        };
        let filled = shape::make(&task, &mut staging, &choice, trial.map.as_ref())?;
        let new = filled
            .manifest
            .view(store.name_view()?, &checked, &brought, filled.content);
        let record = staging.publish_view(new, &request.terms)?;
        brought.hand_over();
        if let Err(refused) = store.link_view(&record) {
            store.release_view(&record.id)?;
            return Err(refused.into());
        }
        Ok(View {
            directory: store.view_root(&record.id),
            mounts: plan::of_view(store, &record)?,
            record,
            manifest: filled.manifest,
        })
    }

    /// Fetches everything, and yields the mounts that would show it, for a runtime that mounts (Q5).
    ///
    /// Makes no directory, but is a view like others otherwise: it holds its leases until it is released.
    pub fn view_plan(&self, request: &ViewRequest, cancel: &Cancel) -> Result<Plan, CacheError> {
        let made = self.plan(request, cancel);
        made.map_err(|fault| self.inner.told_apart(fault))
    }

    fn plan(&self, request: &ViewRequest, cancel: &Cancel) -> Result<Plan, CacheError> {
        let checked = self.check_view(request)?;
        let store = &self.inner.store;
        let staging = store.stage_view()?;
        let brought = bring::all(self, &checked, cancel)?;
        Step::ViewLeased.pass(&staging.root()).map_err(CacheError::View)?;
        let (manifest, mounts) = plan::make(self, &brought, &checked)?;
        let new = manifest.view(store.name_view()?, &checked, &brought, Extent::default());
        let record = staging.publish_view(new, &request.terms)?;
        brought.hand_over();
        Ok(Plan {
            record,
            mounts,
            manifest,
        })
    }

    /// Removes a view, or all that have this name, and drops the leases; yields those (C-08).
    ///
    /// Every lease is tried, and what failed is reported together. A view that was released before is fine.
    pub fn view_release(&self, name_or_id: &str) -> Result<Vec<LeaseId>, CacheError> {
        let store = &self.inner.store;
        let ids = release::meant(store, name_or_id)?;
        release::all(store, &ids)
    }

    /// The mounts that show a view to a container, in this order.
    pub fn view_mounts(&self, view: &ViewRecord) -> Result<Vec<Mount>, CacheError> {
        Ok(plan::of_view(&self.inner.store, view)?)
    }

    /// Takes a view's mounts away from this machine, once its container has its own: it keeps those. The view stays
    /// until it is released, and while it is mounted somewhere it is living. Yields whether there were any.
    pub fn view_detach(&self, name_or_id: &str) -> Result<bool, CacheError> {
        let store = &self.inner.store;
        let mut had_some = false;
        for id in release::meant(store, name_or_id)? {
            had_some |= store.detach_view(&id).map_err(CacheError::View)?;
        }
        Ok(had_some)
    }

    /// Every view, in no order.
    pub fn views(&self) -> Result<Vec<ViewRecord>, CacheError> {
        Ok(self.inner.store.views()?)
    }

    /// The views whose record cannot be read. They are in no list; [`Cache::view_release`] takes their ids.
    pub fn damaged_views(&self) -> Result<Vec<ViewId>, CacheError> {
        Ok(self.inner.store.damaged_views()?)
    }

    /// Tells whether some container may have mounted such a view; in doubt it has.
    pub fn view_may_be_mounted(&self, id: &ViewId) -> Result<bool, CacheError> {
        Ok(self.inner.store.may_be_mounted(id)?)
    }

    /// The directory in which people on this machine see what a view shows; a plan has none.
    #[must_use]
    pub fn view_seen(&self, view: &ViewRecord) -> Option<PathBuf> {
        (view.way != Way::Plan).then(|| self.inner.store.view_seen(view))
    }

    /// Mounts that were left over, and views that nobody can see any more. `reclaim` takes them away.
    pub fn leftovers(&self) -> Result<Leftovers, CacheError> {
        Ok(self.inner.store.leftovers()?)
    }

    /// The directory of a view that was made; a plan has none.
    #[must_use]
    pub fn view_directory(&self, view: &ViewRecord) -> Option<PathBuf> {
        (view.way != Way::Plan).then(|| self.inner.store.view_root(&view.id))
    }

    /// Reads what is asked for, and refuses what cannot be made before anything is asked of anybody.
    fn check_view<'r>(&self, request: &'r ViewRequest) -> Result<Checked<'r>, CacheError> {
        let checked = names::check(request)?;
        match &request.link {
            Some(link) if !self.inner.store.may_link(link)? => Err(CacheError::Taken(link.clone())),
            _ => Ok(checked),
        }
    }
}

impl View {
    /// The first mount that a container needs: the view's own directory. All that it needs are in `mounts`.
    #[must_use]
    pub fn mount(&self) -> Mount {
        let own = || Mount::read_only(self.directory.clone(), PathBuf::from(&self.record.destination));
        self.mounts.first().cloned().unwrap_or_else(own)
    }
}

#[cfg(test)]
mod tests;
