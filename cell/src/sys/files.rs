//! Small files and directories of our own.

#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::fs::{self, File, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use cache::sys::SysError;

/// Makes a directory with exactly this mode; one that is there is taken as it is.
pub(crate) fn make_dir(path: &Path, mode: u32) -> Result<(), SysError> {
    match fs::DirBuilder::new().mode(mode).create(path) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Ok(()),
        done => done.map_err(|e| SysError::new("mkdir", path, e))?,
    }
    fs::set_permissions(path, Permissions::from_mode(mode)).map_err(|e| SysError::new("chmod", path, e))
}

/// Writes a new file whole; the name must be free.
pub(crate) fn write_new(path: &Path, bytes: &[u8], mode: u32) -> Result<(), SysError> {
    let fail = |e| SysError::new("write", path, e);
    let options = File::options().write(true).create_new(true).mode(mode).open(path);
    let mut file = options.map_err(fail)?;
    file.write_all(bytes).map_err(fail)?;
    file.set_permissions(Permissions::from_mode(mode)).map_err(fail)
}

/// Writes to a control file of the kernel in one call.
pub(crate) fn poke(path: &Path, text: &str) -> Result<(), SysError> {
    let fail = |e| SysError::new("write", path, e);
    let mut file = File::options().write(true).open(path).map_err(fail)?;
    file.write_all(text.as_bytes()).map_err(fail)
}

/// Reads at most `limit` bytes of a file, as text; what is not UTF-8 is replaced.
pub(crate) fn peek(path: &Path, limit: u64) -> Result<String, SysError> {
    let fail = |e| SysError::new("read", path, e);
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(fail)?;
    file.take(limit).read_to_end(&mut bytes).map_err(fail)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Makes a symbolic link; one that is there is an error.
pub(crate) fn make_link(target: &Path, at: &Path) -> Result<(), SysError> {
    std::os::unix::fs::symlink(target, at).map_err(|e| SysError::new("symlink", at, e))
}

/// Gives a path, not what it links to, to a user.
pub(crate) fn give(path: &Path, uid: u32, gid: u32) -> Result<(), SysError> {
    std::os::unix::fs::lchown(path, Some(uid), Some(gid)).map_err(|e| SysError::new("chown", path, e))
}

/// Removes an empty directory; gone is fine.
pub(crate) fn drop_dir(path: &Path) -> Result<(), SysError> {
    gone_is_fine(fs::remove_dir(path)).map_err(|e| SysError::new("rmdir", path, e))
}

/// Removes a file; gone is fine.
pub(crate) fn drop_file(path: &Path) -> Result<(), SysError> {
    gone_is_fine(fs::remove_file(path)).map_err(|e| SysError::new("unlink", path, e))
}

/// Tells whether there is something at `path`, links followed.
pub(crate) fn is_there(path: &Path) -> bool {
    fs::metadata(path).is_ok()
}

/// Tells whether `path` is a directory, links followed.
pub(crate) fn is_dir(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_dir())
}

fn gone_is_fine(result: std::io::Result<()>) -> std::io::Result<()> {
    match result {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// Makes `path` the working directory of this process, which has one thread.
pub(crate) fn go_to(path: &Path) -> Result<(), SysError> {
    rustix::process::chdir(path).map_err(|e| SysError::new("chdir", path, e))
}
