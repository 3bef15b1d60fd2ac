//! Files and folders by path, for the places where the path is our own or the platform's.
//!
//! Nothing here follows a name that came out of an archive; that is what [`super::dir`] is for.

#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use super::SysError;

/// What a `stat` told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stat {
    /// Type and permission bits, as in `inode(7)`.
    pub mode: u32,
}

impl Stat {
    /// Tells whether all three execute bits are set.
    #[must_use]
    pub const fn is_executable_by_all(&self) -> bool {
        self.mode & 0o111 == 0o111
    }
}

/// Why a small file could not be read whole.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system refused.
    #[error(transparent)]
    Sys(#[from] SysError),
    /// The path is a fifo, a device or a socket: reading it could block or never end (B-06).
    #[error("read {}: not a regular file", .0.display())]
    NotRegular(PathBuf),
    /// The file has more than `limit` bytes.
    #[error("read {}: file is larger than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most that is read of such a file, in bytes.
        limit: u64,
    },
}

impl ReadError {
    /// Tells whether the file, or a folder on the way to it, does not exist.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Sys(error) if error.is_absent())
    }
}

/// Tells kind and mode of `path`, links followed.
pub fn stat(path: &Path) -> Result<Stat, SysError> {
    let found = fs::metadata(path).map_err(|e| SysError::new("stat", path, e))?;
    Ok(Stat { mode: found.mode() })
}

/// Tells whether a `stat` of `path` succeeds, links followed.
#[must_use]
pub fn exists(path: &Path) -> bool {
    stat(path).is_ok()
}

/// Tells whether `path` itself, no link followed, is a regular file.
#[must_use]
pub fn is_plain_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|found| found.is_file())
}

/// Tells whether `path` is a folder, links followed.
#[must_use]
pub fn is_folder(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_dir())
}

/// Names the entries of a folder, hidden ones included, in the order of the file system.
pub fn list(path: &Path) -> Result<Vec<OsString>, SysError> {
    let refused = |e| SysError::new("open", path, e);
    fs::read_dir(path)
        .map_err(refused)?
        .map(|entry| entry.map(|e| e.file_name()).map_err(refused))
        .collect()
}

/// Names the first entry of a folder, in the order of the file system, that `is_wanted`.
pub fn find(path: &Path, is_wanted: impl Fn(&OsStr) -> bool) -> Result<Option<OsString>, SysError> {
    let refused = |e| SysError::new("open", path, e);
    for entry in fs::read_dir(path).map_err(refused)? {
        let name = entry.map_err(refused)?.file_name();
        if is_wanted(&name) {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

/// Makes a folder and its missing parents with `mode` less the umask; an existing folder is fine.
pub fn make_dir_all(path: &Path, mode: u32) -> Result<(), SysError> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(path)
        .map_err(|e| match fs::metadata(path) {
            // The plain text for a file in the way, where the system says "exists".
            Ok(found) if !found.is_dir() => {
                SysError::new("mkdir", path, std::io::Error::from_raw_os_error(libc::ENOTDIR))
            }
            _ => SysError::new("mkdir", path, e),
        })
}

/// Makes a new folder of mode 0700 in `parent`, named `prefix` and a random decimal number.
pub fn make_temp_dir(parent: &Path, prefix: &str) -> Result<PathBuf, SysError> {
    // A parent that is not there is named itself, not a folder that nobody asked for.
    stat(parent)?;
    loop {
        let path = parent.join(format!("{prefix}{}", random_number()?));
        match fs::DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(path),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(SysError::new("mkdir", path, e)),
        }
    }
}

/// Makes a new, empty file of `mode` less the umask in `parent`, named `prefix` and a random decimal number.
pub fn make_temp_file(parent: &Path, prefix: &OsStr, mode: u32) -> Result<(PathBuf, File), SysError> {
    loop {
        let path = temp_name(parent, prefix)?;
        match OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(&path)
        {
            Ok(file) => return Ok((path, file)),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(SysError::new("open", path, e)),
        }
    }
}

/// Makes a new, empty file of `mode` less the umask beside `target`, under a name that nobody else uses.
pub fn make_file_beside(target: &Path, mode: u32) -> Result<(PathBuf, File), SysError> {
    make_temp_file(folder_of(target), &prefix_beside(target), mode)
}

/// A path beside `target` that is likely free.
pub(super) fn name_beside(target: &Path) -> Result<PathBuf, SysError> {
    temp_name(folder_of(target), &prefix_beside(target))
}

/// The folder that `target` is in, or is to be in.
pub(super) fn folder_of(target: &Path) -> &Path {
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn prefix_beside(target: &Path) -> OsString {
    let mut prefix = OsString::from(".");
    // Half of the longest name leaves room for the dots and the number.
    prefix.push(
        target
            .file_name()
            .filter(|name| name.len() < 128)
            .unwrap_or_default(),
    );
    prefix.push(".");
    prefix
}

/// A path in `parent` that is likely free: `prefix` and a random decimal number.
fn temp_name(parent: &Path, prefix: &OsStr) -> Result<PathBuf, SysError> {
    let mut name = prefix.to_owned();
    name.push(random_number()?.to_string());
    Ok(parent.join(name))
}

fn random_number() -> Result<u32, SysError> {
    let mut bytes = [0; 4];
    let got = rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty())
        .map_err(|e| SysError::new("getrandom", "", e))?;
    debug_assert_eq!(got, bytes.len(), "a request this small is never cut");
    Ok(u32::from_ne_bytes(bytes))
}

/// Reads a whole regular file of at most `limit` bytes, links followed.
///
/// Never blocks: a fifo, device or socket is refused after it was opened without waiting (B-06).
pub fn read_bounded(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY)
        .open(path)
        .map_err(|e| SysError::new("open", path, e))?;
    let found = file.metadata().map_err(|e| SysError::new("stat", path, e))?;
    if !found.is_file() && !found.is_dir() {
        return Err(ReadError::NotRegular(path.to_owned()));
    }
    let mut bytes = Vec::new();
    // The length in the inode may lie (for instance in /proc); one byte more tells "too large" from "just fits".
    // A folder is refused here by the system, in its own words.
    let mut bounded = file.take(limit.saturating_add(1));
    bounded
        .read_to_end(&mut bytes)
        .map_err(|e| SysError::new("read", path, e))?;
    if u64::try_from(bytes.len()).is_ok_and(|read| read > limit) {
        return Err(ReadError::TooLarge {
            path: path.to_owned(),
            limit,
        });
    }
    Ok(bytes)
}

/// Reads a file of at most `limit` bytes that the caller named, of whatever kind: waits for whoever writes a fifo, as in
/// `<(command)` of a shell.
pub fn read_waiting(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|e| SysError::new("open", path, e))?;
    let mut bounded = file.take(limit.saturating_add(1));
    bounded
        .read_to_end(&mut bytes)
        .map_err(|e| SysError::new("read", path, e))?;
    if u64::try_from(bytes.len()).is_ok_and(|read| read > limit) {
        return Err(ReadError::TooLarge {
            path: path.to_owned(),
            limit,
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
