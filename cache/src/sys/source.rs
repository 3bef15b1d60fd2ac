//! Local files and directories that content is taken from.
#![expect(clippy::disallowed_methods, reason = "this is the fence")]

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use super::SysError;

/// What a path leads to.
#[derive(Debug)]
pub enum Source {
    /// A regular file, open.
    File(File),
    /// A directory.
    Directory,
}

/// What tells one state of a file from another: device, inode, length, times of content and of status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    inode: (u64, u64),
    length: u64,
    times: [(i64, i64); 2],
}

/// Opens what `path` leads to; links are followed, a fifo or device is an error and is never waited for.
pub fn open(path: &Path) -> Result<Source, SysError> {
    let refused = |error| SysError::new("open", path, error);
    let flags = libc::O_NONBLOCK | libc::O_NOCTTY | libc::O_CLOEXEC;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)
        .map_err(refused)?;
    let kind = file.metadata().map_err(refused)?.file_type();
    if kind.is_file() {
        Ok(Source::File(file))
    } else if kind.is_dir() {
        Ok(Source::Directory)
    } else {
        Err(refused(std::io::Error::from_raw_os_error(libc::EINVAL)))
    }
}

/// The state of an open file.
pub fn stamp(file: &File, path: &Path) -> Result<Stamp, SysError> {
    let facts = file
        .metadata()
        .map_err(|error| SysError::new("stat", path, error))?;
    Ok(Stamp {
        inode: (facts.dev(), facts.ino()),
        length: facts.len(),
        times: [
            (facts.mtime(), facts.mtime_nsec()),
            (facts.ctime(), facts.ctime_nsec()),
        ],
    })
}

/// The first four bytes, without moving the file's position; none when it is shorter.
#[must_use]
pub fn magic(file: &File) -> Option<[u8; 4]> {
    let mut magic = [0; 4];
    file.read_exact_at(&mut magic, 0).ok()?;
    Some(magic)
}
