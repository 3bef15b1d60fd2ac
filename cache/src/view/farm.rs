//! The directory of a view, filled with hard links to what is leased, or copies where the system refuses links (Q5).

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::time::Instant;

use super::bring::Brought;
use super::manifest::Manifest;
use super::names::Checked;
use super::shape::Task;
use super::{MANIFEST_NAME, MappedOwner, Way};
use crate::cache::Cache;
use crate::error::CacheError;
use crate::ingest::download::Cancel;
use crate::ingest::receive::{Fault, explain};
use crate::model::object::Form;
use crate::model::object_record::Extent;
use crate::store::{Staging, Step, StoreError};
use crate::sys::farm::{Farm, FarmError, Overseer};
use crate::sys::{SysError, reason};

/// A filled directory, in staging.
pub(super) struct Filled {
    pub(super) manifest: Manifest,
    pub(super) content: Extent,
}

/// How a view is to be made.
#[derive(Debug, Clone)]
pub(super) struct Make {
    pub(super) way: Way,
    /// Copies will do where links are refused.
    pub(super) is_open: bool,
    /// Why it is not a better way.
    pub(super) reason: Option<String>,
    /// Whom its mounts show as the owner.
    pub(super) owner: Option<MappedOwner>,
}

/// Why a view was not made.
#[derive(Debug)]
pub(super) enum Unmade {
    Farm(FarmError),
    Store(StoreError),
}

impl From<FarmError> for Unmade {
    fn from(fault: FarmError) -> Self {
        Self::Farm(fault)
    }
}

impl From<SysError> for Unmade {
    fn from(fault: SysError) -> Self {
        Self::Farm(fault.into())
    }
}

impl From<StoreError> for Unmade {
    fn from(fault: StoreError) -> Self {
        Self::Store(fault)
    }
}

/// Writes a view's list of itself.
pub(super) fn write_manifest(
    task: &Task<'_>,
    staging: &Staging<'_>,
    farm: &Farm<'_>,
    make: Make,
) -> Result<Manifest, Unmade> {
    Step::ViewFilled.pass(&staging.root())?;
    let make = match farm.refusal().map(|error| reason(error.errno())) {
        None => make,
        Some(refusal) => Make {
            way: Way::Copy,
            reason: Some(match make.reason {
                Some(before) => format!("{before}; no links: {refusal}"),
                None => refusal,
            }),
            ..make
        },
    };
    let manifest = Manifest::of(task.cache, task.brought, make)?;
    farm.write(MANIFEST_NAME, &manifest.to_json())?;
    Ok(manifest)
}

/// Fills the directory of a view in `staging` with links, or copies.
pub(super) fn plant<'f>(
    staging: &Staging<'_>,
    brought: &Brought<'_>,
    foreman: &'f Foreman<'_>,
    make: &Make,
) -> Result<Farm<'f>, FarmError> {
    let farm = Farm::new(&staging.root(), foreman)?;
    let farm = match make.way {
        Way::Copy => farm.copying(),
        _ if !make.is_open => farm.linking(),
        _ => farm,
    };
    for (item, fetched) in brought.present() {
        match fetched.object.form() {
            Form::Tree => farm.tree(&item.name, &fetched.path)?,
            Form::File => farm.file(&item.name, &fetched.path)?,
        }
    }
    Ok(farm)
}

/// Says whether to go on and whether there is room (C-96).
pub(super) struct Foreman<'s> {
    staging: &'s Staging<'s>,
    cancel: &'s Cancel,
    begun: Instant,
    reserved: Cell<u64>,
    fault: RefCell<Option<StoreError>>,
}

impl<'s> Foreman<'s> {
    pub(super) fn new(staging: &'s Staging<'s>, cancel: &'s Cancel) -> Self {
        Self {
            staging,
            cancel,
            begun: Instant::now(),
            reserved: Cell::new(0),
            fault: RefCell::new(None),
        }
    }

    /// Exchanges the farm's word for what stands behind it.
    pub(super) fn explain(&self, cache: &Cache, checked: &Checked<'_>, fault: FarmError) -> CacheError {
        match fault {
            FarmError::Stopped => CacheError::Cancelled {
                place: "view",
                elapsed: self.begun.elapsed(),
                bytes: 0,
            },
            FarmError::System(error) => CacheError::View(error),
            FarmError::NoRoom => {
                let kept = self.fault.take();
                let fault = kept.map_or_else(|| Fault::NoRoom(self.reserved.get()), Fault::Store);
                explain(&cache.inner, checked.request.name.clone(), fault)
            }
        }
    }
}

impl Overseer for Foreman<'_> {
    fn is_stopped(&self) -> bool {
        self.cancel.is_cancelled()
    }

    fn has_room(&self, bytes: u64, inodes: u64) -> bool {
        match self.staging.reserve(bytes, inodes) {
            Ok(is_there) => {
                self.reserved.set(self.reserved.get().saturating_add(bytes));
                is_there
            }
            Err(fault) => {
                self.fault.replace(Some(fault));
                false
            }
        }
    }

    fn linking(&self, path: &Path) -> Result<(), SysError> {
        Step::ViewLink.pass(path)
    }
}
