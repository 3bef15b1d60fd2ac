//! Trials whose mounts nobody else sees.

use std::thread;

use nix::sched::{CloneFlags, unshare};
use rustix::mount::MountPropagationFlags;

use super::super::SysError;

/// Runs `work` in a thread of its own that has its own table of mounts: what it mounts is gone when it ends.
pub fn apart<T: Send>(work: impl FnOnce() -> Result<T, SysError> + Send) -> Result<T, SysError> {
    thread::scope(|scope| {
        let alone = move || {
            unshare(CloneFlags::CLONE_NEWNS).map_err(|errno| SysError::new("unshare", "/", errno))?;
            let all = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
            rustix::mount::mount_change("/", all).map_err(|errno| SysError::new("mount", "/", errno))?;
            work()
        };
        let thread = thread::Builder::new()
            .spawn_scoped(scope, alone)
            .map_err(|error| SysError::new("clone", "/", error))?;
        // A thread that panicked says nothing of the system.
        thread
            .join()
            .unwrap_or_else(|_| Err(SysError::new("clone", "/", rustix::io::Errno::CANCELED)))
    })
}
