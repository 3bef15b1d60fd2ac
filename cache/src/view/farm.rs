//! The directory of a view, filled with hard links to what is leased, or copies where the system refuses links (Q5).

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::time::Instant;

use super::bring::Brought;
use super::manifest::Manifest;
use super::names::Checked;
use super::{MANIFEST_NAME, Way};
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

/// Fills the directory of a view in `staging`, its list of itself included.
pub(super) fn make(
    cache: &Cache,
    staging: &Staging<'_>,
    brought: &Brought<'_>,
    checked: &Checked<'_>,
    cancel: &Cancel,
) -> Result<Filled, CacheError> {
    let foreman = Foreman::new(staging, cancel);
    let refused = |fault| foreman.explain(cache, checked, fault);
    let farm = plant(staging, brought, &foreman).map_err(refused)?;
    Step::ViewFilled.pass(&staging.root()).map_err(CacheError::View)?;
    let refusal = farm.refusal().map(|error| reason(error.errno()));
    let way = if refusal.is_some() { Way::Copy } else { Way::Farm };
    let manifest = Manifest::of(cache, brought, way, refusal)?;
    farm.write(MANIFEST_NAME, &manifest.to_json()).map_err(refused)?;
    let made = farm.finish().map_err(refused)?;
    Ok(Filled {
        manifest,
        content: Extent {
            blocks: made.blocks,
            inodes: made.inodes,
            bytes: made.bytes,
        },
    })
}

fn plant<'f>(
    staging: &Staging<'_>,
    brought: &Brought<'_>,
    foreman: &'f Foreman<'_>,
) -> Result<Farm<'f>, FarmError> {
    let farm = Farm::new(&staging.root(), foreman)?;
    for (item, fetched) in brought.present() {
        match fetched.object.form() {
            Form::Tree => farm.tree(&item.name, &fetched.path)?,
            Form::File => farm.file(&item.name, &fetched.path)?,
        }
    }
    Ok(farm)
}

/// Says whether to go on and whether there is room (C-96).
struct Foreman<'s> {
    staging: &'s Staging<'s>,
    cancel: &'s Cancel,
    begun: Instant,
    reserved: Cell<u64>,
    fault: RefCell<Option<StoreError>>,
}

impl<'s> Foreman<'s> {
    fn new(staging: &'s Staging<'s>, cancel: &'s Cancel) -> Self {
        Self {
            staging,
            cancel,
            begun: Instant::now(),
            reserved: Cell::new(0),
            fault: RefCell::new(None),
        }
    }

    /// Exchanges the farm's word for what stands behind it.
    fn explain(&self, cache: &Cache, checked: &Checked<'_>, fault: FarmError) -> CacheError {
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
