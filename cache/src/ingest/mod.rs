//! From an origin to the disk.

pub mod download;
pub mod remote_url;
pub mod tls;
