//! What a folder takes on the disk, counted anew.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Allocated space.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of allocated blocks, each inode once.
    pub bytes: u64,
    /// Inodes.
    pub inodes: u64,
}

/// Counts a folder and all below it, without following links. What vanishes meanwhile is not counted.
#[must_use]
pub fn recount(folder: &Path) -> Usage {
    let mut usage = Usage::default();
    let mut seen = HashSet::new();
    let mut open = vec![folder.to_owned()];
    while let Some(path) = open.pop() {
        let Ok(found) = fs::symlink_metadata(&path) else {
            continue;
        };
        if !seen.insert((found.dev(), found.ino())) {
            continue;
        }
        usage.bytes += found.blocks() * 512;
        usage.inodes += 1;
        if found.is_dir()
            && let Ok(entries) = fs::read_dir(&path)
        {
            open.extend(entries.flatten().map(|entry| entry.path()));
        }
    }
    usage
}
