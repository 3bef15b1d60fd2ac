//! Gives a view its shape, in staging: slots with mounts, hard links, symbolic links or copies.

use std::path::Path;

use super::bring::Brought;
use super::farm::{self, Filled, Foreman, Make, Unmade};
use super::names::Checked;
use super::{MANIFEST_NAME, OBJECTS_NAME, Way, trial};
use crate::cache::Cache;
use crate::error::CacheError;
use crate::ingest::download::Cancel;
use crate::model::object::Form;
use crate::model::object_record::Extent;
use crate::policy::way::{Choice, Tried, WayRefused, choose};
use crate::store::{Staging, Step};
use crate::sys::SysError;
use crate::sys::farm::{Farm, FarmError, Made};
use crate::sys::mount::{self, Detached, IdMap};

/// What a view is made for.
pub(super) struct Task<'t> {
    pub(super) cache: &'t Cache,
    pub(super) brought: &'t Brought<'t>,
    pub(super) checked: &'t Checked<'t>,
    pub(super) cancel: &'t Cancel,
}

/// Makes the view in the chosen way; where that turns out not to be possible, and others will do, in the next one.
pub(super) fn make(
    task: &Task<'_>,
    staging: &mut Staging<'_>,
    choice: &Choice,
    map: Option<&IdMap>,
) -> Result<Filled, CacheError> {
    let made = attempt(task, staging, choice, map.filter(|_| choice.is_mapped));
    let refused = match made {
        Err(CacheError::View(error)) if choice.is_open && trial::is_refusal(&error) => error,
        made => return made,
    };
    // Tried and found possible, and refused all the same: this view is made without mounts, the next one tries anew.
    task.cache.inner.trials.forget();
    mount::detach(&staging.mounts()).map_err(CacheError::View)?;
    staging.reset()?;
    let tried = Tried {
        slots: Some(trial::words(&refused)),
        map: task.checked.request.showing.owner.map(|_| trial::words(&refused)),
    };
    let next = choose(&task.checked.request.showing, &tried).map_err(CacheError::Way)?;
    attempt(task, staging, &next, None)
}

fn attempt(
    task: &Task<'_>,
    staging: &Staging<'_>,
    choice: &Choice,
    map: Option<&IdMap>,
) -> Result<Filled, CacheError> {
    let make = Make {
        way: choice.way,
        is_open: choice.is_open,
        reason: choice.reason.clone(),
        owner: map.and(task.checked.request.showing.owner),
    };
    let foreman = Foreman::new(staging, task.cancel);
    let filled = match choice.way {
        Way::Slots | Way::PlainSlots => slots(task, staging, &foreman, make, map),
        Way::Symlinks => symlinks(task, staging, &foreman, make),
        Way::Farm | Way::Copy | Way::Plan => whole(task, staging, &foreman, make, map),
    };
    filled.map_err(|unmade| match unmade {
        Unmade::Store(fault) => fault.into(),
        Unmade::Farm(FarmError::System(error)) if !choice.is_open && trial::is_refusal(&error) => {
            CacheError::Way(WayRefused {
                way: task.checked.request.showing.way,
                reason: trial::words(&error),
                is_contradiction: false,
            })
        }
        Unmade::Farm(fault) => foreman.explain(task.cache, task.checked, fault),
    })
}

/// A mount for each entry, on places that the container's directory has too.
fn slots(
    task: &Task<'_>,
    staging: &Staging<'_>,
    foreman: &Foreman<'_>,
    make: Make,
    map: Option<&IdMap>,
) -> Result<Filled, Unmade> {
    let (root, mounts) = (
        Farm::new(&staging.root(), foreman)?,
        Farm::new(&staging.mounts(), foreman)?,
    );
    for (item, fetched) in task.brought.present() {
        let is_directory = fetched.object.form() == Form::Tree;
        root.slot(&item.name, is_directory)?;
        mounts.slot(&item.name, is_directory)?;
    }
    let manifest = farm::write_manifest(task, staging, &root, make)?;
    mounts.symlink(MANIFEST_NAME, &Path::new("../root").join(MANIFEST_NAME))?;
    Step::ViewPlaces.pass(&staging.root())?;
    mount::isolate(&staging.mounts())?;
    Step::ViewIsolated.pass(&staging.mounts())?;
    for (item, fetched) in task.brought.present() {
        if task.cancel.is_cancelled() {
            return Err(FarmError::Stopped.into());
        }
        show(&fetched.path, &staging.mounts().join(&item.name), map)?;
    }
    Ok(Filled {
        manifest,
        content: sum([root.finish()?, mounts.finish()?]),
    })
}

/// Hard links or copies; one mount of all of it when the owner is to be seen as another.
fn whole(
    task: &Task<'_>,
    staging: &Staging<'_>,
    foreman: &Foreman<'_>,
    make: Make,
    map: Option<&IdMap>,
) -> Result<Filled, Unmade> {
    let root = farm::plant(staging, task.brought, foreman, &make)?;
    let manifest = farm::write_manifest(task, staging, &root, make)?;
    let mut parts = vec![root.finish()?];
    if let Some(map) = map {
        let mounts = Farm::new(&staging.mounts(), foreman)?;
        Step::ViewPlaces.pass(&staging.root())?;
        parts.push(mounts.finish()?);
        mount::isolate(&staging.mounts())?;
        Step::ViewIsolated.pass(&staging.mounts())?;
        show(&staging.root(), &staging.mounts(), Some(map))?;
    }
    Ok(Filled {
        manifest,
        content: sum(parts),
    })
}

/// Symbolic links into one mount of all objects, which the runtime makes.
fn symlinks(
    task: &Task<'_>,
    staging: &Staging<'_>,
    foreman: &Foreman<'_>,
    make: Make,
) -> Result<Filled, Unmade> {
    let root = Farm::new(&staging.root(), foreman)?;
    root.slot(OBJECTS_NAME, true)?;
    link_symbolically(task.cache, task.brought, &root)?;
    Ok(Filled {
        manifest: farm::write_manifest(task, staging, &root, make)?,
        content: sum([root.finish()?]),
    })
}

/// Makes a symbolic link for each entry.
pub(super) fn link_symbolically(
    cache: &Cache,
    brought: &Brought<'_>,
    root: &Farm<'_>,
) -> Result<(), FarmError> {
    let objects = cache.inner.store.objects_directory();
    for (item, fetched) in brought.present() {
        match (fetched.path.strip_prefix(&objects), fetched.object.form()) {
            (Ok(below), _) => root.symlink(&item.name, &Path::new(OBJECTS_NAME).join(below))?,
            // A private copy is no object: it is nobody else's, and may be linked.
            (Err(_), Form::Tree) => root.tree(&item.name, &fetched.path)?,
            (Err(_), Form::File) => root.file(&item.name, &fetched.path)?,
        }
    }
    Ok(())
}

/// Mounts what is at `source`, protected, on `place`.
pub(super) fn show(source: &Path, place: &Path, map: Option<&IdMap>) -> Result<(), SysError> {
    let mount = Detached::of(source)?;
    mount.protect(map)?;
    mount.attach(place)?;
    Step::ViewMounted.pass(place)
}

pub(super) fn sum(made: impl IntoIterator<Item = Made>) -> Extent {
    made.into_iter().fold(Extent::default(), |sum, made| Extent {
        blocks: sum.blocks.saturating_add(made.blocks),
        inodes: sum.inodes.saturating_add(made.inodes),
        bytes: sum.bytes.saturating_add(made.bytes),
    })
}
