//! What a folder takes on the disk, counted anew.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use nix::mount::{MntFlags, MsFlags, mount, umount2};

/// Allocated space.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of allocated blocks, each inode once.
    pub bytes: u64,
    /// Inodes.
    pub inodes: u64,
}

/// Counts a folder and all below it, without following links, and without what is mounted below it. What vanishes
/// meanwhile is not counted.
#[must_use]
pub fn recount(folder: &Path) -> Usage {
    match Bare::of(folder) {
        Some(bare) => count(bare.0.path()),
        None => count(folder),
    }
}

/// A second sight of a folder, without what is mounted below it. Gone when dropped.
struct Bare(tempfile::TempDir);

impl Bare {
    /// None where nothing is mounted there.
    fn of(folder: &Path) -> Option<Self> {
        let table = fs::read_to_string("/proc/self/mountinfo").ok()?;
        let mut places = table.lines().filter_map(|line| line.split(' ').nth(4));
        places.find(|place| Path::new(place).starts_with(folder))?;
        let none: Option<&str> = None;
        let bare = Self(tempfile::tempdir().expect("a folder"));
        mount(Some(folder), bare.0.path(), none, MsFlags::MS_BIND, none).expect("mounted");
        Some(bare)
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _gone = umount2(self.0.path(), MntFlags::MNT_DETACH);
    }
}

fn count(folder: &Path) -> Usage {
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
