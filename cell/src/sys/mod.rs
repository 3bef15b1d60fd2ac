//! The only place of the crate that calls the system.

pub(crate) mod cgroup;
pub(crate) mod files;
pub(crate) mod host;
pub(crate) mod ids;
pub(crate) mod line;
pub(crate) mod mounts;
pub(crate) mod process;
pub(crate) mod spawn;
