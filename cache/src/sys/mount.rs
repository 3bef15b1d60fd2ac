//! Mounts of single trees, with the calls that take handles: a copy of the tree is taken, gets its flags while nobody
//! can see it, and is put in its place.
//!
//! A mount never spreads to other namespaces: what is put below [`isolate`] has a private parent.

#![expect(
    unsafe_code,
    reason = "`mount_setattr` is in none of the libraries, and an ID map needs a process in a namespace of its own"
)]

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, StatVfsMountFlags, StatxAttributes, StatxFlags};
use rustix::io::Errno;
use rustix::mount::{MountPropagationFlags, MoveMountFlags, OpenTreeFlags, UnmountFlags};

use super::SysError;

pub use apart::{apart, try_out};
pub use enter::attach_within;
pub use idmap::IdMap;
pub use table::{Mounted, every_table, own_table, place_in_file_system};

mod apart;
mod enter;
mod idmap;
mod table;

/// Most mounts that may lie on one directory of ours: one that isolates, and one that shows.
const DEEPEST: u32 = 8;

/// A copy of a tree as a mount that has no place yet. Gone when it is dropped.
#[derive(Debug)]
pub struct Detached {
    handle: OwnedFd,
    shown: PathBuf,
}

impl Detached {
    /// Takes the directory or file at `source`, not what is mounted below it. A link is not followed.
    pub fn of(source: &Path) -> Result<Self, SysError> {
        let flags = OpenTreeFlags::OPEN_TREE_CLONE
            | OpenTreeFlags::OPEN_TREE_CLOEXEC
            | OpenTreeFlags::AT_SYMLINK_NOFOLLOW;
        let handle = rustix::mount::open_tree(CWD, source, flags)
            .map_err(|errno| SysError::new("open_tree", source, errno))?;
        Ok(Self {
            handle,
            shown: source.to_owned(),
        })
    }

    /// Makes it read-only, without set-id programs and devices; programs in it can be run. Shows its owner by `map`.
    pub fn protect(&self, map: Option<&IdMap>) -> Result<(), SysError> {
        let mut wanted = libc::mount_attr {
            attr_set: libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NOSUID | libc::MOUNT_ATTR_NODEV,
            attr_clr: libc::MOUNT_ATTR_NOEXEC,
            propagation: libc::MS_PRIVATE,
            userns_fd: 0,
        };
        if let Some(map) = map {
            wanted.attr_set |= libc::MOUNT_ATTR_IDMAP;
            wanted.userns_fd = u64::try_from(map.handle().as_raw_fd()).unwrap_or(u64::MAX);
        }
        set_attributes(self.handle.as_fd(), &wanted)
            .map_err(|errno| SysError::new("mount_setattr", &self.shown, errno))
    }

    /// Puts it on the directory or file at `place`.
    pub fn attach(self, place: &Path) -> Result<(), SysError> {
        self.attach_at(place)
            .map_err(|errno| SysError::new("move_mount", place, errno))
    }

    fn attach_at(&self, place: &Path) -> Result<(), Errno> {
        let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
        rustix::mount::move_mount(&self.handle, c"", CWD, place, flags)
    }

    /// The handle: a place from which what it shows can be read, whatever is mounted over the original.
    #[must_use]
    pub fn into_handle(self) -> OwnedFd {
        self.handle
    }
}

fn set_attributes(mount: BorrowedFd<'_>, wanted: &libc::mount_attr) -> Result<(), Errno> {
    // SAFETY: the call only reads: an empty text that ends, and a structure of the length that is told.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_raw_fd(),
            c"".as_ptr(),
            libc::AT_EMPTY_PATH,
            std::ptr::from_ref(wanted),
            size_of::<libc::mount_attr>(),
        )
    };
    if done == 0 {
        return Ok(());
    }
    let error = std::io::Error::last_os_error();
    Err(Errno::from_io_error(&error).unwrap_or(Errno::INVAL))
}

/// Makes the directory `path` a mount of itself from which nothing spreads, so that others can be put below it.
pub fn isolate(path: &Path) -> Result<(), SysError> {
    Detached::of(path)?.attach(path)?;
    rustix::mount::mount_change(path, MountPropagationFlags::PRIVATE)
        .map_err(|errno| SysError::new("mount", path, errno))
}

/// Makes an empty directory, of mode 0755, or an empty file, of mode 0644, on which something can be mounted.
pub fn make_place(path: &Path, is_directory: bool) -> Result<(), SysError> {
    let refused = |verb| move |errno: Errno| SysError::new(verb, path, errno);
    if is_directory {
        rustix::fs::mkdir(path, Mode::RWXU).map_err(refused("mkdir"))?;
    } else {
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        rustix::fs::openat(CWD, path, flags, Mode::RUSR).map_err(refused("open"))?;
    }
    let mode = if is_directory { 0o755 } else { 0o644 };
    // The umask took bits away (P-07).
    rustix::fs::chmod(path, Mode::from_bits_truncate(mode)).map_err(refused("chmod"))
}

/// Takes away what is mounted on `path`, all that lies below included; yields whether there was anything.
///
/// Whoever is in it stays there; containers keep their own mounts of it.
pub fn detach(path: &Path) -> Result<bool, SysError> {
    let mut was_mounted = false;
    for _ in 0..DEEPEST {
        if !is_mount(path)? {
            break;
        }
        match rustix::mount::unmount(path, UnmountFlags::DETACH | UnmountFlags::NOFOLLOW) {
            Ok(()) => was_mounted = true,
            // Somebody else took it away meanwhile.
            Err(Errno::INVAL | Errno::NOENT) => break,
            Err(errno) => return Err(SysError::new("umount", path, errno)),
        }
    }
    Ok(was_mounted)
}

/// Whether something is mounted on `path`, as this process sees it; a link is not followed.
pub fn is_mount(path: &Path) -> Result<bool, SysError> {
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::NO_AUTOMOUNT;
    match rustix::fs::statx(CWD, path, flags, StatxFlags::empty()) {
        Ok(found) => Ok(found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT)),
        Err(Errno::NOENT | Errno::NOTDIR) => Ok(false),
        Err(errno) => Err(SysError::new("stat", path, errno)),
    }
}

/// What a mount lets be done through it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the system's own")]
pub struct Flags {
    /// Nothing can be written.
    pub read_only: bool,
    /// Set-id bits have no effect.
    pub nosuid: bool,
    /// Devices have no effect.
    pub nodev: bool,
    /// No program can be run.
    pub noexec: bool,
}

/// The flags of the mount that `path` is on.
pub fn flags(path: &Path) -> Result<Flags, SysError> {
    let found = rustix::fs::statvfs(path).map_err(|errno| SysError::new("statvfs", path, errno))?;
    let has = |flag| found.f_flag.contains(flag);
    Ok(Flags {
        read_only: has(StatVfsMountFlags::RDONLY),
        nosuid: has(StatVfsMountFlags::NOSUID),
        nodev: has(StatVfsMountFlags::NODEV),
        noexec: has(StatVfsMountFlags::NOEXEC),
    })
}

/// The user and the group that own `path`, as this process sees it.
pub fn owner(path: &Path) -> Result<(u32, u32), SysError> {
    let found = rustix::fs::statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW)
        .map_err(|errno| SysError::new("stat", path, errno))?;
    Ok((found.st_uid, found.st_gid))
}

#[cfg(test)]
mod tests;
