//! Room that one work has reserved: taken from in small amounts, grown in the index in larger ones.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Inner;
use super::error::StoreError;
use super::layout::{Budget, StagingName};
use super::room::Ask;
use super::slot::Reservation;

/// The numbers of one reservation. The index has at least `granted`.
#[derive(Debug, Clone, Copy)]
struct Numbers {
    budget: Budget,
    granted: u64,
    used: u64,
    inodes: u64,
}

/// Room that one work has reserved. Shared by the threads that work at it.
#[derive(Debug)]
pub(super) struct Grant {
    name: StagingName,
    /// By how much it grows at least, in bytes; less than that only when there is no more.
    step: u64,
    /// Whether it may take what is kept for records.
    is_for_records: bool,
    numbers: Mutex<Numbers>,
}

impl Grant {
    pub(super) const fn new(name: StagingName, step: u64, is_for_records: bool) -> Self {
        Self {
            name,
            step,
            is_for_records,
            numbers: Mutex::new(Numbers {
                budget: Budget::Quota,
                granted: 0,
                used: 0,
                inodes: 0,
            }),
        }
    }

    pub(super) const fn name(&self) -> StagingName {
        self.name
    }

    /// Takes room, growing the reservation when it is short; yields whether there was room (C-96).
    pub(super) fn take(&self, inner: &Inner, bytes: u64, inodes: u64) -> Result<bool, StoreError> {
        loop {
            let (missing, numbers) = {
                let mut numbers = self.numbers();
                let used = numbers.used.saturating_add(bytes);
                if used <= numbers.granted {
                    numbers.used = used;
                    numbers.inodes = numbers.inodes.saturating_add(inodes);
                    return Ok(true);
                }
                (used - numbers.granted, *numbers)
            };
            // In steps while there is room; to the byte when there is not.
            let wanted = missing.max(self.step);
            if !self.grow(inner, wanted, inodes, numbers)? && !self.grow(inner, missing, inodes, numbers)? {
                return Ok(false);
            }
        }
    }

    /// Takes room without asking for more; yields whether there was enough.
    pub(super) fn take_if_granted(&self, bytes: u64) -> bool {
        let mut numbers = self.numbers();
        let used = numbers.used.saturating_add(bytes);
        if used > numbers.granted {
            return false;
        }
        numbers.used = used;
        numbers.inodes = numbers.inodes.saturating_add(1);
        true
    }

    /// Gives room back to this work.
    pub(super) fn give(&self, bytes: u64, inodes: u64) {
        let mut numbers = self.numbers();
        numbers.used = numbers.used.saturating_sub(bytes);
        numbers.inodes = numbers.inodes.saturating_sub(inodes);
    }

    /// Forgets what was used: everything that this work wrote is gone.
    pub(super) fn reset(&self, kept: u64) {
        let mut numbers = self.numbers();
        numbers.used = kept.min(numbers.granted);
        numbers.inodes = 0;
    }

    /// What is reserved, in bytes, and against what.
    pub(super) fn granted(&self) -> (u64, Budget) {
        let numbers = self.numbers();
        (numbers.granted, numbers.budget)
    }

    /// What was taken of it, in bytes.
    pub(super) fn used(&self) -> u64 {
        self.numbers().used
    }

    /// Moves the whole reservation to another budget; yields whether there was room there.
    pub(super) fn move_to(&self, inner: &Inner, budget: Budget) -> Result<bool, StoreError> {
        let numbers = *self.numbers();
        if numbers.budget == budget {
            return Ok(true);
        }
        let ask = Ask {
            budget,
            bytes: numbers.granted,
            inodes: 0,
            is_for_records: false,
            is_on_disk: true,
            in_all: numbers.granted,
            keep: None,
        };
        let moved = Reservation {
            name: self.name,
            bytes: numbers.granted,
            budget,
        };
        let done = inner.find_room(&ask, |locked| locked.set_reservation(self.name, Some(moved)))?;
        if done {
            self.numbers().budget = budget;
        }
        Ok(done)
    }

    fn grow(&self, inner: &Inner, more: u64, inodes: u64, numbers: Numbers) -> Result<bool, StoreError> {
        let ask = Ask {
            budget: numbers.budget,
            bytes: more,
            inodes,
            is_for_records: self.is_for_records,
            is_on_disk: false,
            in_all: numbers.granted.saturating_add(more),
            keep: None,
        };
        let grown = inner.find_room(&ask, |locked| {
            let before = locked.reservation(self.name)?.map_or(0, |(_, found)| found.bytes);
            let grown = Reservation {
                name: self.name,
                bytes: before.saturating_add(more),
                budget: numbers.budget,
            };
            locked.set_reservation(self.name, Some(grown))
        })?;
        if grown {
            let mut numbers = self.numbers();
            numbers.granted = numbers.granted.saturating_add(more);
        }
        Ok(grown)
    }

    fn numbers(&self) -> MutexGuard<'_, Numbers> {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
