//! Adds to a view that is there, also while a container sees it.
//!
//! What is linked or copied is made in staging and moved into the view's directory, where the container sees it at once.
//! A slot gets its place in that directory, and a mount on this machine; a container that runs already gets a mount of
//! its own there, when its process is named.

use std::path::{Path, PathBuf};

use super::bring::{self, Brought};
use super::farm::{self, Foreman, Make};
use super::plan::{self, Mount};
use super::shape::{self, show};
use super::{Absent, Showing, ViewItem, ViewRecord, ViewRequest, WantedWay, Way};
use super::{manifest, names, trial};
use crate::cache::Cache;
use crate::error::CacheError;
use crate::ingest::download::Cancel;
use crate::model::lease::LeaseTerms;
use crate::model::object::Form;
use crate::model::object_record::Extent;
use crate::model::view::{ViewEntry, ViewId};
use crate::store::{Added, Addition, Staging};
use crate::sys::SysError;
use crate::sys::farm::{Farm, FarmError};
use crate::sys::mount::{self, Detached, IdMap};

/// What a view is to show besides.
#[derive(Clone)]
pub struct ViewAddition {
    /// The view.
    pub view: ViewId,
    /// What it is to show.
    pub items: Vec<ViewItem>,
    /// A process of the container that sees the view already: it gets the mounts that it lacks.
    pub within: Option<u32>,
}

/// A view to which something was added.
#[must_use]
#[derive(Debug, Clone)]
pub struct AddedTo {
    /// What is on disk about it.
    pub record: ViewRecord,
    /// All mounts that show it to a container, in this order.
    pub mounts: Vec<Mount>,
    /// What was to be added, and may be done without.
    pub absent: Vec<Absent>,
}

impl Cache {
    /// Fetches more and shows it in a view: all of it or nothing. What the view shows already does not change.
    ///
    /// The new leases are the view's, and end with it. When only the mounts within the container fail, the view has
    /// what was added all the same.
    pub fn view_add(&self, addition: &ViewAddition, cancel: &Cancel) -> Result<AddedTo, CacheError> {
        let added = self.add(addition, cancel);
        added.map_err(|fault| self.inner.told_apart(fault))
    }

    fn add(&self, addition: &ViewAddition, cancel: &Cancel) -> Result<AddedTo, CacheError> {
        let store = &self.inner.store;
        let gone = || CacheError::NoSuchView(addition.view.to_string());
        let view = store.view(&addition.view)?.ok_or_else(gone)?;
        let request = request(&view, addition);
        let checked = names::check_addition(&request, &view)?;
        let staging = store.stage_view()?;
        let brought = bring::all(self, &checked, cancel)?;
        let map = self.map_of(&view)?;
        let made = Made::new(self, &view, &brought, map.as_deref());
        let foreman = Foreman::new(&staging, cancel);
        let content = made
            .stage(&staging, &foreman)
            .map_err(|fault| foreman.explain(self, &checked, fault))?;
        let listed = made.listed()?;
        let added = staging.publish_addition(&Addition {
            id: view.id,
            entries: made.entries(),
            content,
            is_staged: view.way != Way::Plan,
            manifest: &|old| longer_list(old, &listed),
            expose: &|entry| made.expose(&store.view_mounts(&view.id), entry),
        })?;
        let record = match added {
            Added::Done(record) => *record,
            Added::NoView => return Err(gone()),
            Added::Taken(name) => return Err(CacheError::SameName(name.escape_debug().to_string())),
        };
        if let Some(pid) = addition.within {
            made.show_within(pid).map_err(CacheError::View)?;
        }
        let added = AddedTo {
            mounts: plan::of_view(store, &record)?,
            absent: made.absent(),
            record,
        };
        brought.hand_over();
        Ok(added)
    }

    /// The ID map of a view whose mounts have one.
    fn map_of(&self, view: &ViewRecord) -> Result<Option<std::sync::Arc<trial::Trial>>, CacheError> {
        let showing = Showing {
            way: WantedWay::Auto,
            owner: view.owner,
            privileged: false,
        };
        match view.owner.filter(|_| view.way.has_slots()) {
            Some(_) => Ok(Some(trial::decide(self, &showing)?.1)),
            None => Ok(None),
        }
    }
}

/// What is added, as a request for a view of its own.
fn request(view: &ViewRecord, addition: &ViewAddition) -> ViewRequest {
    ViewRequest {
        name: view.name.clone(),
        items: addition.items.clone(),
        terms: LeaseTerms {
            holder: view.holder.clone(),
            label: view.label.clone(),
            expires: view.expires,
        },
        destination: PathBuf::from(&view.destination),
        link: None,
        showing: Showing::default(),
    }
}

/// What is made for a view.
struct Made<'m> {
    cache: &'m Cache,
    view: &'m ViewRecord,
    brought: &'m Brought<'m>,
    map: Option<&'m IdMap>,
}

impl<'m> Made<'m> {
    fn new(
        cache: &'m Cache,
        view: &'m ViewRecord,
        brought: &'m Brought<'m>,
        trial: Option<&'m trial::Trial>,
    ) -> Self {
        Self {
            cache,
            view,
            brought,
            map: trial.and_then(|trial| trial.map.as_ref()),
        }
    }

    /// Makes what is to be moved into the view; yields what it takes there.
    fn stage(&self, staging: &Staging<'_>, foreman: &Foreman<'_>) -> Result<Extent, FarmError> {
        let make = Make {
            way: self.view.way,
            is_open: true,
            reason: None,
            owner: None,
        };
        let inside = match self.view.way {
            Way::Plan => return Ok(Extent::default()),
            Way::Farm | Way::Copy => farm::plant(staging, self.brought, foreman, &make)?.finish_inside(),
            Way::Slots | Way::PlainSlots => {
                let farm = Farm::new(&staging.root(), foreman)?;
                for (item, fetched) in self.brought.present() {
                    farm.slot(&item.name, fetched.object.form() == Form::Tree)?;
                }
                let places = farm.finish_inside();
                // The same again among the mounts of this machine.
                return Ok(shape::sum([places.clone(), places]));
            }
            Way::Symlinks => {
                let farm = Farm::new(&staging.root(), foreman)?;
                shape::link_symbolically(self.cache, self.brought, &farm)?;
                farm.finish_inside()
            }
        };
        Ok(shape::sum([inside]))
    }

    fn absent(&self) -> Vec<Absent> {
        let absent = self.brought.absent();
        absent
            .map(|(item, fault)| manifest::absent(item, fault))
            .collect()
    }

    fn entries(&self) -> Vec<ViewEntry> {
        let present = self.brought.present();
        present
            .map(|(item, fetched)| manifest::entry(item, fetched))
            .collect()
    }

    /// The new lines of the view's list of itself.
    fn listed(&self) -> Result<Vec<serde_json::Value>, CacheError> {
        let mut lines = Vec::new();
        for (item, fetched) in self.brought.present() {
            let shown = manifest::shown(self.cache, item, fetched)?;
            lines.extend(serde_json::to_value(&shown));
        }
        Ok(lines)
    }

    /// Mounts what an entry shows on this machine, where the view is made of mounts.
    fn expose(&self, mounts: &Path, entry: &ViewEntry) -> Result<(), SysError> {
        let found = self.brought.present().find(|(item, _)| item.name == entry.name);
        let Some((_, fetched)) = found.filter(|_| self.view.way.has_slots()) else {
            return Ok(());
        };
        if !mount::is_mount(mounts)? {
            mount::isolate(mounts)?;
        }
        let place = mounts.join(&entry.name);
        mount::make_place(&place, fetched.object.form() == Form::Tree)?;
        show(&fetched.path, &place, self.map)
    }

    /// Mounts everything in a container that runs.
    fn show_within(&self, pid: u32) -> Result<(), SysError> {
        if !self.view.way.has_slots() {
            return Ok(());
        }
        for (item, fetched) in self.brought.present() {
            let mount = Detached::of(&fetched.path)?;
            mount.protect(self.map)?;
            let place = Path::new(&self.view.destination).join(&item.name);
            mount::attach_within(mount, pid, &place)?;
        }
        Ok(())
    }
}

/// A view's list of itself with further entries; nothing when it is none.
fn longer_list(old: &[u8], more: &[serde_json::Value]) -> Option<Vec<u8>> {
    let mut list: serde_json::Value = serde_json::from_slice(old).ok()?;
    list.get_mut("entries")?.as_array_mut()?.extend_from_slice(more);
    let mut text = serde_json::to_vec(&list).ok()?;
    text.push(b'\n');
    Some(text)
}
