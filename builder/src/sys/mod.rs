//! The only place of this crate that calls the operating system. Knows no domain type; the rest is the cache's `sys`.

pub mod identity;
pub mod output;
pub mod tree;
