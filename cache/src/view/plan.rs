//! Mounts that show what is leased, for a runtime that takes a list of them (Q5, P1 of the spike).

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::bring::Brought;
use super::farm::Make;
use super::manifest::Manifest;
use super::names::Checked;
use super::{OBJECTS_NAME, ViewRecord, Way};
use crate::cache::Cache;
use crate::error::CacheError;
use crate::model::object::Form;
use crate::model::view::ViewEntry;
use crate::store::{Store, StoreError};

/// What would show a view, without a directory of its own.
#[must_use = "a plan that nobody releases keeps its objects in the store"]
#[derive(Debug, Clone)]
pub struct Plan {
    /// What is on disk about it.
    pub record: ViewRecord,
    /// One per entry.
    pub mounts: Vec<Mount>,
    /// What the view would say of itself.
    pub manifest: Manifest,
}

/// One bind mount: read-only, without set-id programs and devices. Programs in it can be run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mount {
    /// What is mounted: a directory or file of this machine.
    pub source: PathBuf,
    /// Where, as the container sees it.
    pub destination: PathBuf,
    /// Nobody can write through it.
    pub read_only: bool,
    /// Set-id bits have no effect.
    pub nosuid: bool,
    /// Devices have no effect.
    pub nodev: bool,
}

/// A mount as the `mounts` of an OCI runtime configuration have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OciMount {
    destination: PathBuf,
    #[serde(rename = "type")]
    kind: &'static str,
    source: PathBuf,
    options: Vec<&'static str>,
}

impl Mount {
    /// A mount of `source` at `destination`.
    #[must_use]
    pub const fn read_only(source: PathBuf, destination: PathBuf) -> Self {
        Self {
            source,
            destination,
            read_only: true,
            nosuid: true,
            nodev: true,
        }
    }

    /// The options as the system's `mount` takes them. Plain `bind`: what is mounted below the source stays out.
    #[must_use]
    pub fn options(&self) -> Vec<&'static str> {
        let flags = [
            (self.read_only, "ro"),
            (self.nosuid, "nosuid"),
            (self.nodev, "nodev"),
        ];
        let set = flags.into_iter().filter(|(is_set, _)| *is_set);
        std::iter::once("bind").chain(set.map(|(_, word)| word)).collect()
    }

    /// The same for an OCI runtime.
    #[must_use]
    pub fn oci(&self) -> OciMount {
        OciMount {
            destination: self.destination.clone(),
            kind: "bind",
            source: self.source.clone(),
            options: self.options(),
        }
    }
}

/// Lists the mounts that show a view, in the order in which they are made.
pub(super) fn of_view(store: &Store, view: &ViewRecord) -> Result<Vec<Mount>, StoreError> {
    let at = PathBuf::from(&view.destination);
    if view.way == Way::Plan {
        return of_leases(store, view, &at);
    }
    let (root, mounts) = (store.view_root(&view.id), store.view_mounts(&view.id));
    let first = if view.way.has_slots() || view.way == Way::Symlinks {
        root
    } else {
        store.view_seen(view)
    };
    let mut list = vec![Mount::read_only(first, at.clone())];
    if view.way.has_slots() {
        let slot = |entry: &ViewEntry| Mount::read_only(mounts.join(&entry.name), at.join(&entry.name));
        list.extend(view.entries.iter().map(slot));
    } else if view.way == Way::Symlinks {
        list.push(Mount::read_only(store.objects_directory(), at.join(OBJECTS_NAME)));
    }
    Ok(list)
}

/// One mount for each lease of a view that has no directory.
fn of_leases(store: &Store, view: &ViewRecord, at: &Path) -> Result<Vec<Mount>, StoreError> {
    let mut list = Vec::new();
    for entry in &view.entries {
        let Some(lease) = store.held(entry.lease)? else {
            continue;
        };
        let source = match entry.object.form() {
            Form::Tree => lease.tree(),
            Form::File => lease.file(),
        };
        list.push(Mount::read_only(source, at.join(&entry.name)));
    }
    Ok(list)
}

/// Lists the mounts that show what was brought.
pub(super) fn make(
    cache: &Cache,
    brought: &Brought<'_>,
    checked: &Checked<'_>,
) -> Result<(Manifest, Vec<Mount>), CacheError> {
    let make = Make {
        way: Way::Plan,
        is_open: false,
        reason: None,
        owner: None,
    };
    let manifest = Manifest::of(cache, brought, make)?;
    let above = &checked.request.destination;
    let mounts = brought
        .present()
        .map(|(item, fetched)| Mount::read_only(fetched.path.clone(), above.join(&item.name)));
    Ok((manifest, mounts.collect()))
}

#[cfg(test)]
mod tests;
