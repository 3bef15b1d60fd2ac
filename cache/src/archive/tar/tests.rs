//! Chapter 1 of the threats, for what only a tar can do.

pub(crate) mod raw;
