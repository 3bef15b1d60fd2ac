//! Finding every key that stands for an object that is going: no entry outlives its object (I-3).
//!
//! The index names one key of an object and counts them all. The others are found by looking through all entries, which
//! takes time, so without the lock; under it they are looked at again, and counted.

use std::collections::BTreeSet;

use super::Inner;
use super::error::StoreError;
use super::locked::Locked;
use super::slot::Slot;
use crate::model::key::KeyId;
use crate::model::object::ObjectId;

/// How often all entries are looked through. Keys may come meanwhile, each time; and one whose record is damaged is
/// counted and never found.
const SCANS: u32 = 3;

/// The search for the keys of one object.
#[derive(Debug, Default)]
pub(super) struct KeySearch {
    candidates: BTreeSet<KeyId>,
    scans: u32,
}

/// What was found, under the lock.
#[derive(Debug)]
pub(super) struct ObjectKeys {
    /// Keys that stand for the object.
    pub(super) keys: Vec<KeyId>,
    /// Whether there are no more. Otherwise the index has to be made anew, as that clears away the rest.
    pub(super) is_complete: bool,
}

impl KeySearch {
    /// Looks through all entries.
    pub(super) fn scan(&mut self, inner: &Inner, id: &ObjectId) -> Result<(), StoreError> {
        let records = inner.entry_records()?.into_iter();
        let ours = records.filter(|record| record.object == *id);
        self.candidates.extend(ours.map(|record| record.id));
        self.scans += 1;
        Ok(())
    }

    /// The keys of the object that the index says this of; nothing when [`KeySearch::scan`] must look for more.
    pub(super) fn settle(
        &mut self,
        locked: &Locked<'_>,
        slot: &Slot,
    ) -> Result<Option<ObjectKeys>, StoreError> {
        self.candidates.extend(slot.key);
        let mut keys = Vec::new();
        for key in &self.candidates {
            if locked.entry_object(key)? == Some(slot.id) {
                keys.push(*key);
            }
        }
        let is_complete = keys.len() as u64 >= u64::from(slot.entries);
        let is_settled = is_complete || self.scans >= SCANS;
        Ok(is_settled.then_some(ObjectKeys { keys, is_complete }))
    }
}
