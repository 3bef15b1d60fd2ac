//! Putting a mount into a container that runs already.

use std::path::Path;
use std::thread;

use nix::sched::{CloneFlags, unshare};
use rustix::fs::{CWD, Mode, OFlags};
use rustix::io::Errno;
use rustix::thread::LinkNameSpaceType;

use super::super::SysError;
use super::Detached;

/// Puts `mount` on `place`, a directory or file as the process `pid` sees it.
///
/// Enters the process's table of mounts in a thread of its own, which ends with that: no other thread is moved.
pub fn attach_within(mount: Detached, pid: u32, place: &Path) -> Result<(), SysError> {
    let at = |name: &str| format!("/proc/{pid}/{name}");
    let open = |name: &str, flags: OFlags| {
        rustix::fs::openat(CWD, at(name), flags | OFlags::CLOEXEC, Mode::empty())
            .map_err(|errno| SysError::new("open", at(name), errno))
    };
    let (namespace, root) = (
        open("ns/mnt", OFlags::RDONLY)?,
        open("root", OFlags::PATH | OFlags::DIRECTORY)?,
    );
    let within = move || -> Result<(), SysError> {
        let refused = |verb| move |errno: Errno| SysError::new(verb, place, errno);
        // A thread that shares its root with others may not change its mounts.
        unshare(CloneFlags::CLONE_FS).map_err(|errno| SysError::new("unshare", place, errno))?;
        rustix::thread::move_into_link_name_space(
            std::os::fd::AsFd::as_fd(&namespace),
            Some(LinkNameSpaceType::Mount),
        )
        .map_err(refused("setns"))?;
        rustix::process::fchdir(&root).map_err(refused("chdir"))?;
        rustix::process::chroot(".").map_err(refused("chroot"))?;
        mount.attach_at(place).map_err(refused("move_mount"))
    };
    thread::scope(|scope| {
        let thread = thread::Builder::new()
            .spawn_scoped(scope, within)
            .map_err(|error| SysError::new("clone", place, error))?;
        thread
            .join()
            .unwrap_or_else(|_| Err(SysError::new("clone", place, Errno::CANCELED)))
    })
}
