//! Counts of this process that are not in the file yet. Counting touches memory only.

use std::sync::atomic::{AtomicU64, Ordering};

use super::counter::{Counter, Merge, SLOTS, merge};

/// One number per slot of the file, in the form of the file ([`Merge`]).
pub(super) type Values = [u64; SLOTS];

/// No order among counters is promised, so `Relaxed` is enough; each number alone is exact.
#[derive(Debug)]
pub(super) struct Tally {
    values: [AtomicU64; SLOTS],
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            values: std::array::from_fn(|_| AtomicU64::new(0)),
        }
    }

    /// Counts `amount`, or for marks such as the last and the least takes it as the mark.
    pub(super) fn add(&self, counter: Counter, amount: u64) {
        let slot = counter.slot();
        let value = match merge(slot) {
            Merge::Sum => amount,
            Merge::Last | Merge::Least => amount.saturating_add(1),
        };
        self.merge_slot(slot, value);
    }

    /// Takes everything out.
    pub(super) fn take(&self) -> Values {
        std::array::from_fn(|slot| self.values[slot].swap(0, Ordering::Relaxed))
    }

    /// Puts back what could not be written; what was counted since is the newer.
    pub(super) fn put_back(&self, values: &Values) {
        for (slot, value) in values.iter().enumerate() {
            if merge(slot) == Merge::Last {
                let _ = self.values[slot].compare_exchange(0, *value, Ordering::Relaxed, Ordering::Relaxed);
            } else {
                self.merge_slot(slot, *value);
            }
        }
    }

    /// What was counted and not taken.
    pub(super) fn peek(&self) -> Values {
        std::array::from_fn(|slot| self.values[slot].load(Ordering::Relaxed))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.peek().iter().all(|number| *number == 0)
    }

    fn merge_slot(&self, slot: usize, value: u64) {
        if value == 0 {
            return;
        }
        let joined = |old| Some(join(slot, old, value));
        match merge(slot) {
            // One instruction; 64 bits of anything counted here outlast the machine.
            Merge::Sum => {
                self.values[slot].fetch_add(value, Ordering::Relaxed);
            }
            Merge::Last | Merge::Least => {
                let _ = self.values[slot].fetch_update(Ordering::Relaxed, Ordering::Relaxed, joined);
            }
        }
    }
}

/// Joins an older and a newer number of one slot.
pub(super) const fn join(slot: usize, old: u64, new: u64) -> u64 {
    match merge(slot) {
        Merge::Sum => old.saturating_add(new),
        Merge::Last | Merge::Least if new == 0 => old,
        Merge::Least if old > 0 && old < new => old,
        Merge::Last | Merge::Least => new,
    }
}

#[cfg(test)]
mod tests;
