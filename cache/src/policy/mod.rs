//! Verdicts, pure: no input or output, the clock is a value.

pub mod eviction;
