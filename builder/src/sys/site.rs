//! What stands at a path that a buildpack may be found at, and the few changes that placing one takes.

#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use cache::sys::SysError;
use cache::sys::tree::{Selection, Visit, Walk};
use rustix::fs::{Mode, OFlags, StatVfsMountFlags};

/// Set-user-id and set-group-id.
const SET_ID: u32 = 0o6000;

/// What stands at a path, links followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A directory.
    Directory,
    /// A regular file.
    File,
    /// A device, fifo or socket.
    Special,
}

/// What is known of an inode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Device and inode.
    pub identity: (u64, u64),
    /// How many names it has; none once it is deleted.
    pub links: u64,
    /// Type and permission bits.
    pub mode: u32,
    /// Whose it is.
    pub uid: u32,
}

/// What the mount allows that a path is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MountFlags {
    /// Nothing can be written.
    pub read_only: bool,
    /// No program can be started.
    pub noexec: bool,
    /// Set-id bits have no effect.
    pub nosuid: bool,
}

/// Tells what stands at `path`, links followed; nothing if nothing does, also behind a link.
pub fn standing(path: &Path) -> Result<Option<Standing>, SysError> {
    match std::fs::metadata(path) {
        Ok(found) if found.is_dir() => Ok(Some(Standing::Directory)),
        Ok(found) if found.is_file() => Ok(Some(Standing::File)),
        Ok(_) => Ok(Some(Standing::Special)),
        Err(e) if is_absence(&e) => Ok(None),
        Err(e) => Err(SysError::new("stat", path, e)),
    }
}

/// Describes what stands at `path`, links followed; nothing if nothing does.
pub fn facts(path: &Path) -> Result<Option<Facts>, SysError> {
    match std::fs::metadata(path) {
        Ok(found) => Ok(Some(Facts {
            identity: (found.dev(), found.ino()),
            links: found.nlink(),
            mode: found.mode(),
            uid: found.uid(),
        })),
        Err(e) if is_absence(&e) => Ok(None),
        Err(e) => Err(SysError::new("stat", path, e)),
    }
}

impl Facts {
    /// Whether somebody else than the owner may write to it.
    #[must_use]
    pub const fn is_writable_by_others(&self) -> bool {
        self.mode & 0o022 != 0
    }

    /// Whether it would be run with the rights of its owner or group.
    #[must_use]
    pub const fn has_set_id(&self) -> bool {
        self.mode & SET_ID != 0
    }
}

/// Tells what the mount allows that `path` is of.
pub fn mount_flags(path: &Path) -> Result<MountFlags, SysError> {
    let found = rustix::fs::statvfs(path).map_err(|errno| SysError::new("statvfs", path, errno))?;
    Ok(MountFlags {
        read_only: found.f_flag.contains(StatVfsMountFlags::RDONLY),
        noexec: found.f_flag.contains(StatVfsMountFlags::NOEXEC),
        nosuid: found.f_flag.contains(StatVfsMountFlags::NOSUID),
    })
}

/// The one path of what stands at `path`: absolute, and without links.
pub fn canonical(path: &Path) -> Result<PathBuf, SysError> {
    std::fs::canonicalize(path).map_err(|e| SysError::new("open", path, e))
}

/// Tells whether a tree has at most so many bytes of content and so many entries; stops counting where it has not.
pub fn is_within(tree: &Path, bytes: u64, entries: u64) -> Result<bool, SysError> {
    let mut walk = Walk::new(tree, Selection::Unsorted)?;
    let (mut total, mut count) = (0_u64, 0_u64);
    while let Some(visit) = walk.step()? {
        // The tree itself is none of its entries.
        if visit == Visit::Leave || walk.path().is_empty() {
            continue;
        }
        count += 1;
        if visit == Visit::File {
            total = total.saturating_add(walk.facts()?.size);
        }
        if total > bytes || count > entries {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Finds a file of a tree that would be run with the rights of its owner or group.
pub fn find_set_id(tree: &Path) -> Result<Option<PathBuf>, SysError> {
    let mut walk = Walk::new(tree, Selection::Unsorted)?;
    while let Some(visit) = walk.step()? {
        if visit == Visit::File && walk.facts()?.mode & SET_ID != 0 {
            let below: &std::ffi::OsStr = std::os::unix::ffi::OsStrExt::from_bytes(walk.path());
            return Ok(Some(tree.join(below)));
        }
    }
    Ok(None)
}

/// Lets everybody who may read the file at `path` execute it, if it is no link.
pub fn make_executable(path: &Path) -> Result<(), SysError> {
    let refused = |errno| SysError::new("chmod", path, errno);
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::open(path, flags, Mode::empty()).map_err(refused)?;
    let found = rustix::fs::fstat(&file).map_err(refused)?;
    let mode = Mode::from_raw_mode(found.st_mode & 0o777 | 0o111);
    rustix::fs::fchmod(&file, mode).map_err(refused)
}

/// Makes a link at `path` that leads to `target`; one that stands there already is replaced, nothing else is.
pub fn point(path: &Path, target: &Path) -> Result<(), SysError> {
    let is_link = std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    if is_link {
        std::fs::remove_file(path).map_err(|e| SysError::new("unlink", path, e))?;
    }
    symlink(target, path).map_err(|e| SysError::new("symlink", path, e))
}

/// Puts a finished directory under its final name, where nothing stands; everybody may enter it.
pub fn publish(made: &Path, path: &Path) -> Result<(), SysError> {
    std::fs::set_permissions(made, std::fs::Permissions::from_mode(0o755))
        .map_err(|e| SysError::new("chmod", made, e))?;
    std::fs::rename(made, path).map_err(|e| SysError::new("rename", path, e))
}

/// Opens an archive for reading; nothing waits.
pub fn open_archive(path: &Path) -> Result<std::fs::File, SysError> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty())
        .map(Into::into)
        .map_err(|errno| SysError::new("open", path, errno))
}

/// A name that no file can have is that of none.
fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::ENOENT | libc::ENOTDIR | libc::ENAMETOOLONG)
    )
}
