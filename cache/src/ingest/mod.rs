//! From an origin to the disk.

pub mod download;
pub mod tls;
