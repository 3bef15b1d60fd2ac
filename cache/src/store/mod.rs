//! The store: one directory of immutable objects, shared by any number of processes.
//!
//! # What is true
//!
//! An object is there when its directory has its name below `objects/`, a view below `views/`; a lease, an entry, a pin
//! when its file has its name. The `index` only knows the same faster, with sums and the order of use. Whoever changes
//! something marks the index dirty before the first rename and clean after the last; who finds it dirty under the lock
//! (somebody was killed), or from an earlier start of the machine, rebuilds it from the directories.
//!
//! # Order of locks
//!
//! 1. a byte of `flights`, for as long as one key is fetched; never two at once by one thread;
//! 2. the numbers of one reservation (a mutex), for a few instructions;
//! 3. the turn, the mutex around the index, then `flock` of `lock`, all for microseconds and all by
//!    `locked::Locked` only.
//!
//! Nothing is taken while 3 is held, and 2 is let go before 3 is taken; so there is no circle. No file of unbounded
//! length is read, written, synced or deleted under 3, with one exception: rebuilding reads every record, once after
//! an unclean stop. The locked byte of `owners` is never waited for.
//!
//! # What is counted
//!
//! Blocks, before they are written: a reservation stands for them until the real ones are known. So blocks on disk
//! never exceed what the index counts, and that never exceeds the quota (C-92, C-96).

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, OnceLock, RwLock};

use crate::model::lease_record::{BootId, LeaseRecord, LeaseSecret};
use crate::sys::anchor::Anchor;
use crate::sys::lock::ByteLock;

pub use damaged::{DamageObserver, DamagedEntry, DamagedRecord};
pub use entries::Entry;
pub use error::StoreError;
pub use evict::{Evicted, EvictedObject, Quarantined};
pub use flight::FlightLock;
pub use leases::{Found, Lease, Reclaimed, Released};
pub use mounted::Leftovers;
pub use publish::Published;
pub use side::SideDirectory;
pub use staging::{ManifestWriter, Staging};
pub use step::Step;
pub use verify::{Damage, Depth, Verdict};
pub use view_add::{Added, Addition};
pub use views::{NewView, ReleasedView};

pub use crate::model::usage::{FreeSpace, Limits, Usage};

pub mod header;
pub mod layout;
pub mod slot;

mod damaged;
mod draft;
mod entries;
mod error;
mod evict;
mod flight;
mod grant;
pub mod holder;
mod index;
mod keys;
mod leases;
mod listing;
mod locked;
mod locked_entries;
mod locked_objects;
mod mend;
mod mounted;
mod mounts;
mod open;
mod publish;
mod rebuild;
mod rebuild_views;
mod room;
mod side;
mod staging;
mod step;
mod sweep;
mod trash;
mod turn;
mod usage;
mod verify;
mod view_add;
mod views;

/// Is told of each object that goes to make room, once it is gone.
pub type Observer = Box<dyn Fn(&EvictedObject) + Send + Sync>;

/// An open store. Shared by the threads of a process; any number of processes may have it open (C-54).
///
/// Dropping it waits until what it deleted is gone from the disk.
pub struct Store {
    inner: Arc<Inner>,
    janitor: trash::Janitor,
}

/// What the threads of an open store share.
struct Inner {
    anchor: Anchor,
    lock: std::fs::File,
    turns: turn::Turns,
    index: Mutex<Option<index::IndexFile>>,
    limits: RwLock<Limits>,
    secret: LeaseSecret,
    boot: BootId,
    /// Whether something may be in the trash that nobody deletes yet.
    has_trash: AtomicBool,
    /// Our byte of `owners`, and the records that we write; none when nothing may be changed.
    writer: Option<Writer>,
    observer: OnceLock<Observer>,
    damages: damaged::Damages,
    /// Leases that were taken back when the store was opened.
    swept: Mutex<Vec<LeaseRecord>>,
}

/// What only a store that may be changed has.
struct Writer {
    owner: ByteLock,
    /// Numbers our works.
    next_work: AtomicU64,
    /// Room for records that have no name yet.
    own: grant::Grant,
    /// Files for the next leases, within that room.
    spares: Mutex<Vec<String>>,
}

impl Store {
    /// Where the store is.
    #[must_use]
    pub fn root(&self) -> PathBuf {
        self.inner.anchor.path("")
    }

    /// Runs `work`, which must be short, while no other thread or process changes the store.
    pub fn locked<T>(&self, work: impl FnOnce() -> T) -> Result<T, StoreError> {
        let _locked = self.inner.lock_to_change()?;
        Ok(work())
    }

    /// Changes the limits that this process keeps to, and evicts what is above them (C-97).
    pub fn set_limits(&self, limits: Limits) -> Result<(), StoreError> {
        *self.inner.limits_mut() = limits;
        self.inner.make_room(0, 0)?;
        Ok(())
    }

    /// The limits that this process keeps to.
    #[must_use]
    pub fn limits(&self) -> Limits {
        self.inner.limits()
    }

    /// Sets who is told of evicted objects; yields whether nobody was set before.
    pub fn observe(&self, observer: Observer) -> bool {
        self.inner.observer.set(observer).is_ok()
    }
}

impl Inner {
    fn limits(&self) -> Limits {
        *self
            .limits
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn limits_mut(&self) -> std::sync::RwLockWriteGuard<'_, Limits> {
        self.limits
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// What a store that may be changed has; an error for one that may not.
    fn writer(&self) -> Result<&Writer, StoreError> {
        self.writer.as_ref().ok_or_else(|| {
            let errno = std::io::Error::from_raw_os_error(libc::EROFS);
            StoreError::ReadOnly(crate::sys::SysError::new("open", self.anchor.path(""), errno))
        })
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("root", &self.root())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
