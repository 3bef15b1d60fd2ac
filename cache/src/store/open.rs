//! Opening a store, after trying out what it rests on (S-18).

use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use serde::{Deserialize, Serialize};

use super::entries::spell;
use super::error::StoreError;
use super::grant::Grant;
use super::layout::{self, Owner, StagingName};
use super::step::Step;
use super::trash::Janitor;
use super::turn::Turns;
use super::{Inner, Limits, Store, Writer};
use crate::model::lease_record::{BootId, LeaseSecret};
use crate::sys::anchor::Anchor;
use crate::sys::lock::{ByteLock, FileLock, is_taken};
use crate::sys::{SysError, clock, durable, fs, random};

/// The one format that this program reads and writes.
const FORMAT_VERSION: u64 = 1;

/// Room for records that have no name yet, in bytes: one each for a few threads at once; grows when there are more.
const OWN_STEP: u64 = 4096;

/// What `format` says.
#[derive(Serialize, Deserialize)]
pub(super) struct Format {
    v: u64,
    secret: BootId,
}

impl Format {
    /// The format that this program writes, with the secret that lease names follow from.
    pub(super) const fn of(secret: BootId) -> Self {
        Self {
            v: FORMAT_VERSION,
            secret,
        }
    }
}

/// What every format, also of a later program, says.
#[derive(Deserialize)]
struct AnyFormat {
    v: u64,
}

impl Store {
    /// Opens the store in `root`, which is made if it is missing. Clears away what dead processes have left; disturbs
    /// nobody (C-54).
    pub fn open(root: &Path, limits: Limits) -> Result<Self, StoreError> {
        if !fs::exists(root) {
            fs::make_dir_all(root, 0o700)?;
        }
        let anchor = Anchor::open(root)?;
        if read_format(&anchor)?.is_none() {
            make(&anchor)?;
        }
        let store = Self::open_for_changes(anchor, limits)?;
        // The limits may be lower than they were (C-97).
        store.inner.make_room(0, 0)?;
        Ok(store)
    }

    /// Opens the store in `root`, which must be there. Evicts nothing, whatever the limits: to look at a store with other
    /// limits than those it is kept with must not empty it.
    pub fn open_existing(root: &Path, limits: Limits) -> Result<Self, StoreError> {
        let anchor = found(root)?;
        Self::open_for_changes(anchor, limits)
    }

    /// Opens the store in `root` only to look at it: nothing in it is changed, nothing is cleared away.
    pub fn open_read_only(root: &Path, limits: Limits) -> Result<Self, StoreError> {
        let anchor = found(root)?;
        let lock = anchor.open_to_read(layout::LOCK)?;
        Self::with(anchor, lock, limits, None)
    }

    fn open_for_changes(anchor: Anchor, limits: Limits) -> Result<Self, StoreError> {
        let lock = anchor.open_or_make(layout::LOCK)?;
        try_lock(&anchor, &lock)?;
        let owner = become_owner(&anchor)?;
        let own = StagingName {
            owner: Owner(owner.at()),
            number: 0,
        };
        let writer = Writer {
            owner,
            next_work: AtomicU64::new(1),
            own: Grant::new(own, OWN_STEP, true),
            spares: Mutex::default(),
        };
        let store = Self::with(anchor, lock, limits, Some(writer))?;
        if store.inner.sweep()? {
            store.inner.reclaim_dead()?;
        }
        store.inner.count_sides()?;
        store.clean_up_if_needed();
        Ok(store)
    }

    fn with(anchor: Anchor, lock: File, limits: Limits, writer: Option<Writer>) -> Result<Self, StoreError> {
        let format = read_format(&anchor)?.ok_or_else(|| StoreError::Absent(anchor.path("")))?;
        let boot = clock::boot_id().map_err(StoreError::Boot)?;
        Ok(Self {
            inner: Arc::new(Inner {
                lock,
                turns: Turns::default(),
                index: Mutex::new(None),
                limits: RwLock::new(limits),
                secret: LeaseSecret::new(format.secret.0),
                boot: BootId(boot),
                has_trash: AtomicBool::new(true),
                writer,
                observer: OnceLock::new(),
                swept: Mutex::default(),
                damages: super::damaged::Damages::default(),
                anchor,
            }),
            janitor: Janitor::default(),
        })
    }
}

impl Inner {
    /// Counts what others have written beside the store since it was looked at last.
    fn count_sides(&self) -> Result<(), StoreError> {
        let mut locked = self.lock_to_change()?;
        if locked.remeasure_sides()? {
            locked.begin()?;
            locked.commit()?;
        }
        Ok(())
    }

    /// Gives back what was reserved for own records, for a store that is being closed.
    pub(super) fn leave(&self) {
        let Some(writer) = &self.writer else {
            return;
        };
        let done = self.lock_to_change().and_then(|mut locked| {
            locked.begin()?;
            locked.set_reservation(writer.own.name(), None)?;
            locked.commit()
        });
        // Otherwise it is given back when somebody finds that we are gone.
        let _ = done;
    }
}

fn unfit(anchor: &Anchor, what: &'static str, source: Option<SysError>) -> StoreError {
    StoreError::Unfit {
        path: anchor.path(""),
        what,
        source,
    }
}

/// The directory of a store that is there.
fn found(root: &Path) -> Result<Anchor, StoreError> {
    let anchor = match Anchor::open(root) {
        Ok(anchor) => anchor,
        Err(error) if error.is_absent() => return Err(StoreError::Absent(root.to_owned())),
        Err(error) => return Err(error.into()),
    };
    match read_format(&anchor)? {
        Some(_) => Ok(anchor),
        None => Err(StoreError::Absent(root.to_owned())),
    }
}

/// Refuses a store that another program has made its own since it was opened (S-13).
pub(super) fn check_format(anchor: &Anchor) -> Result<(), StoreError> {
    match read_format(anchor)? {
        Some(_) => Ok(()),
        None => Err(StoreError::Absent(anchor.path(""))),
    }
}

/// Reads what the store is; nothing for a directory that is none. Before anything is written (S-13).
pub(super) fn read_format(anchor: &Anchor) -> Result<Option<Format>, StoreError> {
    let content = match anchor.read(layout::FORMAT, super::entries::LONGEST) {
        Ok((content, _)) => content,
        Err(error) if error.is_absent() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let damaged = || StoreError::Damaged {
        path: anchor.path(layout::FORMAT),
        what: "it does not say which format the store has",
    };
    let any: AnyFormat = serde_json::from_slice(&content).map_err(|_| damaged())?;
    if any.v != FORMAT_VERSION {
        return Err(StoreError::ForeignVersion {
            path: anchor.path(""),
            found: any.v,
            known: FORMAT_VERSION,
        });
    }
    serde_json::from_slice(&content).map(Some).map_err(|_| damaged())
}

/// Makes a store in a directory, whatever else is in it (C-06), unless another process has just done so.
fn make(anchor: &Anchor) -> Result<(), StoreError> {
    let lock = anchor.open_or_make(layout::LOCK)?;
    let _held = FileLock::wait(&lock, &anchor.path(layout::LOCK))?;
    if read_format(anchor)?.is_some() {
        return Ok(());
    }
    for (name, mode) in layout::DIRECTORIES {
        anchor.make_directory(name, mode)?;
    }
    anchor.lay_apart(layout::STAGING);
    for name in [layout::FLIGHTS, layout::OWNERS] {
        anchor.open_or_make(name)?;
    }
    Step::OpenNew.pass(&anchor.path(layout::FORMAT))?;
    write_format(anchor, &Format::of(BootId(random::bytes()?)))?;
    Ok(Step::OpenFormatted.pass(&anchor.path(layout::FORMAT))?)
}

/// Gives a whole and synced format its name. Under the lock.
pub(super) fn write_format(anchor: &Anchor, format: &Format) -> Result<(), StoreError> {
    let draft = layout::inside(layout::STAGING, layout::FORMAT);
    anchor.unlink(&draft)?;
    let file = anchor.write_new(&draft, &spell(format))?;
    durable::sync_file(anchor, &file, &draft)?;
    anchor
        .rename(&draft, layout::FORMAT)
        .map_err(|error| unfit(anchor, "rename", Some(error)))?;
    Ok(durable::sync_directory(anchor, "")?)
}

/// Tells by trial whether a lock on a whole file keeps others out.
fn try_lock(anchor: &Anchor, lock: &File) -> Result<(), StoreError> {
    let path = anchor.path(layout::LOCK);
    let refused = |error| unfit(anchor, "flock", Some(error));
    let held = FileLock::wait(lock, &path).map_err(refused)?;
    let other = anchor.open_to_write(layout::LOCK)?;
    let is_let_in = FileLock::try_take(&other, &path).map_err(refused)?.is_some();
    drop(held);
    if is_let_in {
        return Err(unfit(anchor, "flock", None));
    }
    Ok(())
}

/// Locks a byte that nobody else has, and tells by trial whether others see that.
fn become_owner(anchor: &Anchor) -> Result<ByteLock, StoreError> {
    let path = anchor.path(layout::OWNERS);
    let refused = |error| unfit(anchor, "locking a byte of a file", Some(error));
    let mut file = anchor.open_or_make(layout::OWNERS)?;
    loop {
        let owner = Owner::new(u64::from_le_bytes(random::bytes()?));
        match ByteLock::try_take(file, &path, owner.0).map_err(refused)? {
            Ok(byte) => {
                let other = anchor.open_to_write(layout::OWNERS)?;
                if is_taken(&other, &path, owner.0).map_err(refused)? {
                    return Ok(byte);
                }
                return Err(unfit(anchor, "locking a byte of a file", None));
            }
            Err(back) => file = back,
        }
    }
}
