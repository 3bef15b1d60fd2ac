//! From an origin to the disk.

pub mod download;
pub(crate) mod job;
pub(crate) mod keep;
pub(crate) mod packed;
pub(crate) mod receive;
pub mod remote_url;
mod spool;
pub mod tls;
mod told;
pub(crate) mod verify;
