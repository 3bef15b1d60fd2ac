//! Making what was written survive a power cut.
//!
//! A sync that failed may have dropped what it could not write, and the next one would succeed without it: whoever
//! gets an error from here throws the files away and never syncs them again (S-03).

use std::fs::File;

use rustix::fs::{Mode, OFlags};

use super::SysError;
use super::anchor::Anchor;

/// Writes the whole file system of `anchor` to the disk: every file of a tree in one go (C-105).
pub fn sync_file_system(anchor: &Anchor) -> Result<(), SysError> {
    rustix::fs::syncfs(anchor.handle()).map_err(|errno| SysError::new("syncfs", anchor.path(""), errno))
}

/// Writes the open file `name` to the disk.
pub fn sync_file(anchor: &Anchor, file: &File, name: &str) -> Result<(), SysError> {
    rustix::fs::fsync(file).map_err(|errno| SysError::new("fsync", anchor.path(name), errno))
}

/// Writes the names in the directory `name` to the disk.
pub fn sync_directory(anchor: &Anchor, name: &str) -> Result<(), SysError> {
    let at = if name.is_empty() { "." } else { name };
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let refused = |verb| move |errno| SysError::new(verb, anchor.path(name), errno);
    let directory = rustix::fs::openat(anchor.handle(), at, flags, Mode::empty()).map_err(refused("open"))?;
    rustix::fs::fsync(directory).map_err(refused("fsync"))
}
