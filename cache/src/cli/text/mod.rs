//! What people type and read: durations, times, counts, lists. Pure.

pub(super) mod count;
pub(super) mod duration;
pub(super) mod list;
pub(super) mod size;
pub(super) mod table;
pub(super) mod time;
