//! Telling a slow body from one that drips for ever (N-06).

use std::time::Instant;

use super::policy::RateFloor;

/// Measures a body against a least rate, window by window.
#[derive(Debug)]
pub(super) struct Meter {
    floor: RateFloor,
    since: Instant,
    bytes: u64,
}

impl Meter {
    pub(super) const fn start(floor: RateFloor, now: Instant) -> Self {
        Self {
            floor,
            since: now,
            bytes: 0,
        }
    }

    /// Counts `bytes` that came until `now`; tells whether a window ended below the floor.
    pub(super) fn is_too_slow(&mut self, bytes: u64, now: Instant) -> bool {
        self.bytes = self.bytes.saturating_add(bytes);
        let passed = now.saturating_duration_since(self.since);
        if passed < self.floor.window {
            return false;
        }
        let wanted = u128::from(self.floor.bytes_per_second) * passed.as_millis() / 1000;
        let is_slow = u128::from(self.bytes) < wanted;
        self.since = now;
        self.bytes = 0;
        is_slow
    }
}

#[cfg(test)]
mod tests;
