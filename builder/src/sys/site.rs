//! What stands at a path that a buildpack may be found at.

#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use cache::sys::SysError;

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

/// The one path of what stands at `path`: absolute, and without links.
pub fn canonical(path: &Path) -> Result<PathBuf, SysError> {
    std::fs::canonicalize(path).map_err(|e| SysError::new("open", path, e))
}

/// Makes a link at `path` that leads to `target`; one that stands there already is replaced, nothing else is.
pub fn point(path: &Path, target: &Path) -> Result<(), SysError> {
    let is_link = std::fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    if is_link {
        std::fs::remove_file(path).map_err(|e| SysError::new("unlink", path, e))?;
    }
    symlink(target, path).map_err(|e| SysError::new("symlink", path, e))
}

/// A name that no file can have is that of none.
fn is_absence(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(libc::ENOENT | libc::ENOTDIR | libc::ENAMETOOLONG)
    )
}
