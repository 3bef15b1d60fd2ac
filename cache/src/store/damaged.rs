//! Records that were found damaged: who is told of them, and when.
//!
//! They are found under the lock, and told once it is let go, as whoever is told may want the store.

use std::sync::{Mutex, OnceLock, PoisonError};

use super::error::StoreError;
use super::locked::Locked;
use super::{Inner, Store, layout};
use crate::model::key::KeyId;
use crate::model::object::ObjectId;
use crate::sys::clock;

/// Most records that wait to be told of: as many as are set aside (C-102).
const MOST_WAITING: usize = 1024;

/// A record that could not be read, and was moved out of the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DamagedRecord {
    /// Its name below the store.
    pub name: String,
    /// Of an entry: what it led to, as far as the index knew.
    pub entry: Option<DamagedEntry>,
    /// When it was found, in seconds since 1970.
    pub at: u64,
}

/// What is known of an entry whose record was damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DamagedEntry {
    /// Its key.
    pub key: KeyId,
    /// What it led to.
    pub object: ObjectId,
    /// Keys that are left in the store.
    pub entries_left: u64,
}

/// Is told of each damaged record, once it is out of the way.
pub type DamageObserver = Box<dyn Fn(&DamagedRecord) + Send + Sync>;

/// What was found and not told yet, and whom to tell.
#[derive(Default)]
pub(super) struct Damages {
    waiting: Mutex<Vec<DamagedRecord>>,
    observer: OnceLock<DamageObserver>,
}

impl Damages {
    fn push(&self, record: DamagedRecord) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST_WAITING {
            waiting.push(record);
        }
    }

    fn take(&self) -> Vec<DamagedRecord> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store {
    /// Sets who is told of damaged records, those that opening found too; yields whether nobody was set before.
    pub fn observe_damage(&self, observer: DamageObserver) -> bool {
        let is_first = self.inner.damages.observer.set(observer).is_ok();
        self.tell_damage();
        is_first
    }

    /// Tells of what was found meanwhile, perhaps by another operation.
    pub fn tell_damage(&self) {
        self.inner.tell_damage();
    }
}

impl Inner {
    /// Tells of what was found. Without the lock.
    pub(super) fn tell_damage(&self) {
        if let Some(observer) = self.damages.observer.get() {
            self.damages.take().iter().for_each(observer);
        }
    }
}

impl Locked<'_> {
    /// Moves a damaged record, of `blocks` bytes, to the quarantine, to be counted. Part of a change.
    pub(super) fn set_record_aside(
        &mut self,
        directory: &str,
        name: &str,
        blocks: u64,
    ) -> Result<(), StoreError> {
        self.set_aside(directory, name.as_ref(), blocks)?;
        self.note_damage(layout::inside(directory, name), None);
        Ok(())
    }

    /// Notes that a damaged record went, to be told of when the lock is let go.
    pub(super) fn note_damage(&self, name: String, entry: Option<DamagedEntry>) {
        self.inner.damages.push(DamagedRecord {
            name,
            entry,
            at: clock::wall_seconds(),
        });
    }
}
