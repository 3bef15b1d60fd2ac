//! From an origin to the disk.

pub mod download;
pub(crate) mod job;
pub(crate) mod keep;
pub(crate) mod packed;
pub(crate) mod receive;
mod spool;
pub(crate) mod verify;
pub mod remote_url;
pub mod tls;
