//! The quota that would have spared the misses for room (Q12), and the cause of a miss.

use crate::model::object::ObjectId;
use crate::model::outcome::{Cause, Outcome};
use crate::model::stats::{Ghost, Logged};

/// Of the misses for room, the part that a suggested quota would have turned into hits, in percent.
pub const SHARE: u64 = 90;

/// Tells why a key without an object was a miss, given what the origin sent and what was evicted under that key.
///
/// Only the very object that was evicted would have been a hit in a larger store.
#[must_use]
pub fn cause_of_absence(ghost: Option<&Ghost>, fetched: &ObjectId) -> Cause {
    match ghost {
        Some(ghost) if ghost.is_damaged() => Cause::Corrupt,
        Some(ghost) if ghost.object == *fetched => Cause::Capacity,
        Some(_) => Cause::Changed,
        None => Cause::Cold,
    }
}

/// The smallest quota at which [`SHARE`] percent of the misses for room in `log` would have been hits; none without
/// such misses.
#[must_use]
pub fn suggested_quota(log: &[Logged]) -> Option<u64> {
    let mut needs: Vec<u64> = log
        .iter()
        .filter(|line| line.outcome == Outcome::Miss(Cause::Capacity))
        .filter_map(|line| line.need)
        .collect();
    needs.sort_unstable();
    let spared = (needs.len() as u64).saturating_mul(SHARE).div_ceil(100);
    let last = usize::try_from(spared.checked_sub(1)?).ok()?;
    needs.get(last).copied()
}

#[cfg(test)]
mod tests;
