//! What the library tells, as lines for people and as values for programs. Pure.
//!
//! Bytes are whole numbers in JSON and [`crate::model::size::Size`] in lines; moments are RFC 3339 in UTC.

pub(super) mod detail;
pub(super) mod entries;
pub(super) mod explanation;
pub(super) mod fetched;
pub(super) mod finding;
pub(super) mod lease;
pub(super) mod prune;
pub(super) mod usage;
pub(super) mod view;
