//! The command line: what was typed, what it means.

pub mod argv;
pub mod options;
pub mod raw;
pub mod usage;
