//! Verdicts: pure functions from values to decisions. The clock is a value.

pub mod admission;
pub mod curve;
pub mod eviction;
pub mod freshness;
pub mod prune;
pub mod suggest;
pub mod verdict;
pub mod way;
