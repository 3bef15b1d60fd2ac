//! Files and directories of a staging, on the host's side.
//!
//! What a container has written is not trusted: it is opened without following a link and only if it is a plain file.

#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use cache::sys::SysError;
use cache::sys::fs::make_temp_dir;
use cache::sys::lock::FileLock;
use cache::sys::out_file::OutFile;
use cache::sys::remove::remove_tree;
use cache::sys::tree::{Selection, Walk};
use rustix::fs::{Access, AtFlags, CWD, Gid, SeekFrom, Uid};
use sha2::{Digest, Sha256};

/// Bytes copied at once.
const PIECE: usize = 256 * 1024;

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// Its length in bytes.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: [u8; 32],
}

/// Has new directories in this one laid apart from each other, where the file system can.
pub fn lay_apart(path: &Path) {
    if let Ok(directory) = File::open(path) {
        cache::sys::apart::lay_apart(directory);
    }
}

/// Makes a directory with exactly this mode; it must not be there.
///
/// ext4 chooses where a directory lies by its name: under the same one, what is made now would be laid where what was
/// removed a moment ago lay. So it gets its name afterwards.
pub fn make_apart(path: &Path, mode: u32) -> Result<(), SysError> {
    let parent = path.parent().unwrap_or(Path::new("."));
    let fresh = make_temp_dir(parent, "new")?;
    fs::set_permissions(&fresh, Permissions::from_mode(mode))
        .map_err(|error| SysError::new("chmod", &fresh, error))?;
    rename(&fresh, path)
}

/// Makes a directory with exactly this mode; it must not be there.
pub fn make_dir(path: &Path, mode: u32) -> Result<(), SysError> {
    let created = DirBuilder::new().mode(mode).create(path);
    created
        .and_then(|()| fs::set_permissions(path, Permissions::from_mode(mode)))
        .map_err(|error| SysError::new("mkdir", path, error))
}

/// Makes an empty file with exactly this mode; it must not be there.
pub fn make_file(path: &Path, mode: u32) -> Result<File, SysError> {
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(path);
    opened.map_err(|error| SysError::new("open", path, error))
}

/// Writes a new file.
pub fn write_new(path: &Path, mode: u32, text: &[u8]) -> Result<(), SysError> {
    let mut file = make_file(path, mode)?;
    let written = file.write_all(text);
    written
        .and_then(|()| fs::set_permissions(path, Permissions::from_mode(mode)))
        .map_err(|error| SysError::new("write", path, error))
}

/// Puts a symbolic link to `target` in the place of the file at `path`.
pub fn point(path: &Path, target: &Path) -> Result<(), SysError> {
    remove_tree(path)?;
    std::os::unix::fs::symlink(target, path).map_err(|error| SysError::new("symlink", path, error))
}

/// Asks whether this process may make files in a directory.
pub fn may_fill(path: &Path) -> Result<(), SysError> {
    rustix::fs::access(path, Access::WRITE_OK | Access::EXEC_OK)
        .map_err(|error| SysError::new("access", path, error))
}

/// Whether a directory has nothing in it.
pub fn is_empty(path: &Path) -> Result<bool, SysError> {
    let refused = |error| SysError::new("open", path, error);
    Ok(fs::read_dir(path).map_err(refused)?.next().is_none())
}

/// The path without links and dots.
pub fn real(path: &Path) -> Result<PathBuf, SysError> {
    fs::canonicalize(path).map_err(|error| SysError::new("open", path, error))
}

/// The user that this process acts for.
#[must_use]
pub fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// The group that this process acts for.
#[must_use]
pub fn group() -> u32 {
    rustix::process::getegid().as_raw()
}

/// Gives a tree to a user and group; links are given, not followed. Nothing happens where it is theirs already.
pub fn give_tree(root: &Path, uid: u32, gid: u32) -> Result<(), SysError> {
    let mut walk = Walk::new(root, Selection::Unsorted)?;
    while walk.step()?.is_some() {
        if walk.facts()?.owner == (uid, gid) {
            continue;
        }
        let below = std::ffi::OsStr::from_bytes(walk.path());
        let path = if below.is_empty() {
            root.to_owned()
        } else {
            root.join(below)
        };
        give(&path, uid, gid)?;
    }
    Ok(())
}

/// Gives one file, link or directory to a user and group.
pub fn give(path: &Path, uid: u32, gid: u32) -> Result<(), SysError> {
    let (uid, gid) = (Uid::from_raw(uid), Gid::from_raw(gid));
    rustix::fs::chownat(CWD, path, Some(uid), Some(gid), AtFlags::SYMLINK_NOFOLLOW)
        .map_err(|errno| SysError::new("chown", path, errno))
}

/// Opens a plain file that somebody else has written; never a link, a fifo or a device.
pub fn open_plain(path: &Path) -> Result<File, SysError> {
    let refused = |error| SysError::new("open", path, error);
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)
        .map_err(refused)?;
    if !file.metadata().map_err(refused)?.is_file() {
        return Err(refused(std::io::Error::from_raw_os_error(libc::EINVAL)));
    }
    Ok(file)
}

/// Whether a file has holes: it may be longer than anything that was written.
fn has_holes(file: &File, path: &Path) -> Result<bool, SysError> {
    let refused = |error| SysError::new("lseek", path, error);
    let length = file
        .metadata()
        .map_err(|error| SysError::new("stat", path, error))?
        .len();
    let hole = match rustix::fs::seek(file, SeekFrom::Hole(0)) {
        Ok(hole) => hole,
        // Empty, or a file system that does not tell.
        Err(rustix::io::Errno::NXIO | rustix::io::Errno::INVAL) => length,
        Err(errno) => return Err(refused(errno)),
    };
    rustix::fs::seek(file, SeekFrom::Start(0)).map_err(refused)?;
    Ok(hole < length)
}

/// Opens a plain file that somebody else has written; one that is longer than what is in it, or than `limit`, is
/// refused: a copy of it would fill the disk.
pub fn open_result(path: &Path, limit: u64) -> Result<File, SysError> {
    let file = open_plain(path)?;
    if length(path)? > limit || has_holes(&file, path)? {
        let too_large = std::io::Error::from_raw_os_error(libc::EFBIG);
        return Err(SysError::new("read", path, too_large));
    }
    Ok(file)
}

/// Copies an open file, called `from`, to a name under which it appears only whole.
pub fn copy_out(
    mut source: File,
    from: &Path,
    to: &Path,
    stopped: &dyn Fn() -> bool,
) -> Result<(Copied, OutFile), SysError> {
    let mut out = OutFile::create(to)?;
    let mut buffer = vec![0; PIECE];
    let mut digest = Sha256::new();
    let mut bytes = 0_u64;
    loop {
        let length = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(SysError::new("read", from, error)),
        };
        if stopped() {
            return Err(SysError::new(
                "read",
                from,
                std::io::Error::from_raw_os_error(libc::EINTR),
            ));
        }
        let piece = buffer.get(..length).unwrap_or_default();
        digest.update(piece);
        out.write_all(piece)
            .map_err(|error| SysError::new("write", to, error))?;
        bytes = bytes.saturating_add(length as u64);
    }
    out.sync()?;
    let copied = Copied {
        bytes,
        sha256: digest.finalize().into(),
    };
    Ok((copied, out))
}

/// Writes a file that appears under its name only whole.
pub fn write_whole(path: &Path, text: &[u8]) -> Result<(), SysError> {
    let mut out = OutFile::create(path)?;
    out.write_all(text)
        .map_err(|error| SysError::new("write", path, error))?;
    out.commit()
}

/// Somebody else holds it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken;

/// Keeps others who ask by this from a directory, for as long as what it gives is kept.
///
/// Where a directory cannot be locked, nobody is kept from it.
pub fn hold(path: &Path) -> Result<Option<File>, Taken> {
    let Ok(directory) = File::open(path) else {
        return Ok(None);
    };
    match lock(&directory, path) {
        Ok(false) => Err(Taken),
        Ok(true) | Err(_) => Ok(Some(directory)),
    }
}

/// Locks a file of ours for as long as it is open.
pub fn lock(file: &File, path: &Path) -> Result<bool, SysError> {
    match FileLock::try_take(file, path)? {
        // The lock goes with the last descriptor of the file, however the process ends.
        Some(lock) => {
            std::mem::forget(lock);
            Ok(true)
        }
        None => Ok(false),
    }
}

/// Waits for the lock on a file of ours, which is held for as long as it is open.
pub fn lock_waiting(file: &File, path: &Path) -> Result<(), SysError> {
    std::mem::forget(FileLock::wait(file, path)?);
    Ok(())
}

/// Writes to an open file.
pub fn write_to(file: &mut File, path: &Path, text: &[u8]) -> Result<(), SysError> {
    file.write_all(text)
        .map_err(|error| SysError::new("write", path, error))
}

/// Whether a file begins with these bytes.
pub fn starts_with(file: &File, bytes: &[u8]) -> std::io::Result<bool> {
    let mut begin = Vec::new();
    file.take(bytes.len() as u64).read_to_end(&mut begin)?;
    Ok(begin == bytes)
}

/// Whether a directory holds this name and no other.
#[must_use]
pub fn only_holds(path: &Path, name: &str) -> bool {
    let entries: Result<Vec<_>, _> = fs::read_dir(path).into_iter().flatten().collect();
    entries.is_ok_and(|entries| entries.iter().all(|entry| entry.file_name() == name))
}

/// Removes everything in a directory but the entry of this name.
pub fn remove_all_but(path: &Path, name: &str) -> Result<(), SysError> {
    let refused = |error| SysError::new("read", path, error);
    for entry in fs::read_dir(path).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        if entry.file_name() != name {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// Removes a directory in which there is nothing.
pub fn remove_empty(path: &Path) -> Result<(), SysError> {
    fs::remove_dir(path).map_err(|error| SysError::new("rmdir", path, error))
}

/// The directories of ours in `parent` that nobody else may look into, named as temporary ones with this prefix are: a
/// number follows it, and perhaps this suffix.
#[must_use]
pub fn ours(parent: &Path, prefix: &str, suffix: &str) -> Vec<PathBuf> {
    let me = user();
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let is_named = |name: &[u8]| {
        let number = name.strip_prefix(prefix.as_bytes()).unwrap_or_default();
        let number = number.strip_suffix(suffix.as_bytes()).unwrap_or(number);
        !number.is_empty() && number.iter().all(u8::is_ascii_digit)
    };
    let named = entries.filter(|entry| is_named(entry.file_name().as_bytes()));
    let is_ours = |path: &PathBuf| {
        let found = fs::symlink_metadata(path);
        found.is_ok_and(|found| found.is_dir() && found.uid() == me && found.mode().trailing_zeros() >= 6)
    };
    named.map(|entry| entry.path()).filter(is_ours).collect()
}

/// The bytes that the disk of `path` has left for this user; all there could be where it does not tell.
#[must_use]
pub fn free(path: &Path) -> u64 {
    let found = rustix::fs::statvfs(path);
    found.map_or(u64::MAX, |found| found.f_bavail.saturating_mul(found.f_frsize))
}

/// The length of a file in bytes.
pub fn length(path: &Path) -> Result<u64, SysError> {
    let found = fs::symlink_metadata(path).map_err(|error| SysError::new("stat", path, error))?;
    Ok(found.len())
}

/// How long ago something was changed, by the wall clock.
#[must_use]
pub fn age(path: &Path) -> Option<std::time::Duration> {
    fs::symlink_metadata(path).ok()?.modified().ok()?.elapsed().ok()
}

/// Opens a file of ours to lock it, if it is there.
#[must_use]
pub fn open_lock(path: &Path) -> Option<File> {
    let opened = OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(libc::O_NOFOLLOW)
        .open(path);
    opened.ok()
}

/// Gives a directory another name in the same one.
pub fn rename(from: &Path, to: &Path) -> Result<(), SysError> {
    fs::rename(from, to).map_err(|error| SysError::new("rename", from, error))
}

/// Removes a tree; what is not there is fine.
pub fn remove(path: &Path) -> Result<(), SysError> {
    remove_tree(path)
}

#[cfg(test)]
mod tests;
