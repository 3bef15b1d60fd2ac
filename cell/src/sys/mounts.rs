//! The mounts of a container's room, made in a mount namespace of their own.

use std::ffi::CStr;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;

use cache::sys::SysError;
use rustix::fs::{Mode, OFlags};
use rustix::mount::{MountFlags, MountPropagationFlags, UnmountFlags};

/// Lets nothing that is mounted here reach the namespace it was copied from, while what is unmounted there goes here.
pub(crate) fn follow_only() -> Result<(), SysError> {
    let flags = MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC;
    rustix::mount::mount_change("/", flags).map_err(|e| SysError::new("mount slave", "/", e))
}

/// Cuts every tie to other namespaces.
pub(crate) fn make_private() -> Result<(), SysError> {
    let flags = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    rustix::mount::mount_change("/", flags).map_err(|e| SysError::new("mount private", "/", e))
}

/// Mounts an empty file system in memory.
pub(crate) fn memory(at: &Path) -> Result<(), SysError> {
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    rustix::mount::mount("cell", at, "tmpfs", flags, c"mode=0755,size=64m")
        .map_err(|e| SysError::new("mount tmpfs", at, e))
}

/// Binds a directory or a file with everything that is mounted below it.
pub(crate) fn bind(source: &Path, at: &Path) -> Result<(), SysError> {
    rustix::mount::mount_bind_recursive(source, at).map_err(|e| SysError::new("bind", source, e))
}

/// Makes a bind and what is below it read-only, without set-id bits and devices.
///
/// Where the kernel has no `mount_setattr` (before 5.12), the top mount alone is changed.
pub(crate) fn restrict(at: &Path, read_only: bool) -> Result<(), SysError> {
    let mut attributes = libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV;
    if read_only {
        attributes |= libc::MOUNT_ATTR_RDONLY;
    }
    let opened = rustix::fs::open(at, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
        .map_err(|e| SysError::new("open", at, e))?;
    match set_attributes(&opened, attributes) {
        Err(error) if error.raw_os_error() == Some(libc::ENOSYS) => remount(at, read_only),
        done => done.map_err(|e| SysError::new("mount_setattr", at, e)),
    }
}

fn set_attributes(mount: &OwnedFd, attributes: u64) -> std::io::Result<()> {
    let wanted = libc::mount_attr {
        attr_set: attributes,
        attr_clr: 0,
        propagation: 0,
        userns_fd: 0,
    };
    let empty: &CStr = c"";
    // SAFETY: the descriptor is open, the path is a C string, and the structure lives for the call with its own size.
    #[expect(unsafe_code, reason = "neither rustix nor nix wraps mount_setattr")]
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            empty.as_ptr(),
            libc::AT_EMPTY_PATH | libc::AT_RECURSIVE,
            &raw const wanted,
            size_of::<libc::mount_attr>(),
        )
    };
    if done == 0 {
        Ok(())
    } else {
        Err(std::io::Error::last_os_error())
    }
}

fn remount(at: &Path, read_only: bool) -> Result<(), SysError> {
    let mut flags = MountFlags::BIND | MountFlags::NOSUID | MountFlags::NODEV;
    if read_only {
        flags |= MountFlags::RDONLY;
    }
    if super::host::mount_options(at).contains(&"noexec") {
        flags |= MountFlags::NOEXEC;
    }
    rustix::mount::mount_remount(at, flags, c"").map_err(|e| SysError::new("remount", at, e))
}

/// Shows `upper` over `lower`, read-only, without writing into either.
pub(crate) fn stack(upper: &Path, lower: &Path, at: &Path) -> Result<(), SysError> {
    let fail = |e| SysError::new("mount overlay", lower, e);
    let context =
        rustix::mount::fsopen("overlay", rustix::mount::FsOpenFlags::FSOPEN_CLOEXEC).map_err(fail)?;
    // The colon separates layers and the backslash quotes it.
    let layers =
        [upper, lower].map(|layer| layer.to_string_lossy().replace('\\', "\\\\").replace(':', "\\:"));
    rustix::mount::fsconfig_set_string(&context, "lowerdir", layers.join(":")).map_err(fail)?;
    rustix::mount::fsconfig_create(&context).map_err(fail)?;
    let made = rustix::mount::fsmount(
        &context,
        rustix::mount::FsMountFlags::FSMOUNT_CLOEXEC,
        rustix::mount::MountAttrFlags::MOUNT_ATTR_NODEV | rustix::mount::MountAttrFlags::MOUNT_ATTR_NOSUID,
    )
    .map_err(fail)?;
    rustix::mount::move_mount(
        &made,
        "",
        rustix::fs::CWD,
        at,
        rustix::mount::MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH,
    )
    .map_err(fail)
}

/// Makes `room` the root of this mount namespace and forgets the old one.
pub(crate) fn move_into(room: &Path) -> Result<(), SysError> {
    let fail = |e| SysError::new("pivot_root", room, e);
    rustix::process::chdir(room).map_err(fail)?;
    rustix::process::pivot_root(".", ".").map_err(fail)?;
    rustix::mount::unmount(".", UnmountFlags::DETACH).map_err(fail)?;
    rustix::process::chdir("/").map_err(fail)
}

/// Mounts the process file system of this process namespace.
pub(crate) fn processes() -> Result<(), SysError> {
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    rustix::mount::mount("proc", "/proc", "proc", flags, None::<&CStr>)
        .map_err(|e| SysError::new("mount proc", "/proc", e))
}

/// Mounts control groups, version 2, so that nothing in them can be changed.
pub(crate) fn read_only_cgroups(at: &Path) -> Result<(), SysError> {
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC | MountFlags::RDONLY;
    rustix::mount::mount("cgroup2", at, "cgroup2", flags, None::<&CStr>)
        .map_err(|e| SysError::new("mount cgroup2", at, e))
}
