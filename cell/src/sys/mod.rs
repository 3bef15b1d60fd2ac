//! What this crate asks of the operating system beyond what the cache's `sys` has. Knows no domain type.

pub mod disk;
pub mod elf;
pub mod net;
pub mod pair;
pub mod role;
