//! Trials whose mounts nobody else sees.

use std::path::Path;
use std::thread;

use nix::sched::{CloneFlags, unshare};
use rustix::mount::MountPropagationFlags;

use super::super::SysError;
use super::{Detached, Flags, IdMap, flags, owner};

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

/// Puts a protected mount of `from` on `place`, and looks whether it is what was asked for; `map` is an ID map, and the
/// owner that it should show.
pub fn try_out(from: &Path, place: &Path, map: Option<(&IdMap, (u32, u32))>) -> Result<(), SysError> {
    let mount = Detached::of(from)?;
    mount.protect(map.map(|(map, _)| map))?;
    mount.attach(place)?;
    let wanted = Flags {
        read_only: true,
        nosuid: true,
        nodev: true,
        noexec: false,
    };
    let is_shown = match map {
        Some((_, to)) => owner(place)? == to,
        None => true,
    };
    if is_shown && flags(place)? == wanted {
        return Ok(());
    }
    Err(SysError::new("mount_setattr", place, rustix::io::Errno::INVAL))
}
