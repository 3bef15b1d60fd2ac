//! Symbolic links of our own making, by path.

use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD};
use rustix::io::Errno;

use super::SysError;

/// Makes the link `path`, which must be missing, to `target`.
pub fn make(path: &Path, target: &Path) -> Result<(), SysError> {
    rustix::fs::symlink(target, path).map_err(|errno| SysError::new("symlink", path, errno))
}

/// Gives the file `original` the further name `path`, which must be missing.
pub fn add(original: &Path, path: &Path) -> Result<(), SysError> {
    rustix::fs::link(original, path).map_err(|errno| SysError::new("link", original, errno))
}

/// Where the link `path` leads; nothing for a name that is missing or no link.
pub fn read(path: &Path) -> Result<Option<PathBuf>, SysError> {
    match rustix::fs::readlink(path, Vec::new()) {
        Ok(target) => {
            use std::os::unix::ffi::OsStringExt as _;
            let target = std::ffi::OsString::from_vec(target.into_bytes());
            Ok(Some(target.into()))
        }
        Err(Errno::NOENT | Errno::INVAL | Errno::NOTDIR) => Ok(None),
        Err(errno) => Err(SysError::new("readlink", path, errno)),
    }
}

/// Whether anything has the name `path`, a link that leads nowhere included.
pub fn is_taken(path: &Path) -> Result<bool, SysError> {
    match rustix::fs::statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(_) => Ok(true),
        Err(Errno::NOENT) => Ok(false),
        Err(errno) => Err(SysError::new("stat", path, errno)),
    }
}

/// Removes the file or link `path`; one that is missing is fine.
pub fn unlink(path: &Path) -> Result<(), SysError> {
    match rustix::fs::unlink(path) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(SysError::new("unlink", path, errno)),
    }
}

/// Removes the link `path` if it leads to `target`.
pub fn unlink_if_to(path: &Path, target: &Path) -> Result<(), SysError> {
    if read(path)?.as_deref() == Some(target) {
        return unlink(path);
    }
    Ok(())
}
