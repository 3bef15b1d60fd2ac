//! Verdicts: pure functions from values to decisions. The clock is a value.

pub mod curve;
pub mod freshness;
pub mod prune;
pub mod suggest;
pub mod verdict;
