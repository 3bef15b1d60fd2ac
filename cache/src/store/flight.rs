//! One fetch per key at a time, whichever process it is in (C-50).

use std::time::Duration;

use super::error::StoreError;
use super::{Store, layout};
use crate::model::key::KeyId;
use crate::sys::lock::ByteLock;

/// The longest time between two looks: an answer to a cancel comes within 50 ms.
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// The right to fetch one key, held until dropped; the kernel takes it back from the dead.
#[derive(Debug)]
#[must_use = "others fetch the same key as soon as this is dropped"]
pub struct FlightLock {
    _byte: ByteLock,
}

impl Store {
    /// Waits until nobody else, in any process, fetches `key`. Two keys rarely, and harmlessly, exclude each other.
    pub fn flight(&self, key: KeyId, cancelled: &dyn Fn() -> bool) -> Result<FlightLock, StoreError> {
        let mut pause = Duration::from_micros(500);
        loop {
            if let Some(flight) = self.try_flight(key)? {
                return Ok(flight);
            }
            if cancelled() {
                return Err(StoreError::Cancelled);
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Takes the right to fetch `key`; nothing when somebody has it.
    pub fn try_flight(&self, key: KeyId) -> Result<Option<FlightLock>, StoreError> {
        self.inner.writer()?;
        let file = self.inner.anchor.open_or_make(layout::FLIGHTS)?;
        let path = self.inner.anchor.path(layout::FLIGHTS);
        let taken = ByteLock::try_take(file, &path, offset(key))?;
        Ok(taken.ok().map(|byte| FlightLock { _byte: byte }))
    }
}

/// A byte for each key; the kernel's offsets have 63 bits.
fn offset(key: KeyId) -> u64 {
    let first = key.digest().as_bytes().first_chunk().copied().unwrap_or_default();
    u64::from_le_bytes(first) >> 2
}
