//! The only place of the crate that calls the system.

pub(crate) mod cgroup;
pub mod disk;
pub mod elf;
pub(crate) mod files;
pub(crate) mod host;
pub(crate) mod ids;
pub(crate) mod line;
pub(crate) mod mounts;
pub mod net;
pub(crate) mod process;
pub mod relay;
pub mod role;
pub(crate) mod spawn;
