//! What files take on disk, and what the file system has left.

use std::collections::{HashMap, HashSet};
use std::ffi::CString;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

use super::SysError;
use super::anchor::Anchor;

const DIRECTORY: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

/// What a tree takes; hard links count once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Measure {
    /// Allocated blocks, in bytes.
    pub blocks: u64,
    /// Files, directories and links.
    pub inodes: u64,
    /// Lengths of the regular files, in bytes.
    pub bytes: u64,
}

/// What the file system has left for this user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Free {
    /// Bytes.
    pub bytes: u64,
    /// Inodes; the largest number where there is no limit.
    pub inodes: u64,
}

/// Tells what the file system of `anchor` has left.
pub fn free(anchor: &Anchor) -> Result<Free, SysError> {
    let found = rustix::fs::fstatvfs(anchor.handle())
        .map_err(|errno| SysError::new("statvfs", anchor.path(""), errno))?;
    let no_limit = found.f_files == 0;
    Ok(Free {
        bytes: found.f_bavail.saturating_mul(found.f_frsize),
        inodes: if no_limit { u64::MAX } else { found.f_favail },
    })
}

/// Measures what lies under `name`, of any depth, without following links; nothing for a name that is missing.
///
/// What vanishes meanwhile is not counted. Other file systems mounted inside are.
pub fn measure(anchor: &Anchor, name: &str) -> Result<Measure, SysError> {
    measure_with(Walk::default(), anchor, name)
}

/// The same without the files that also have a name elsewhere.
pub fn measure_own(anchor: &Anchor, name: &str) -> Result<Measure, SysError> {
    let walk = Walk {
        names: Some(HashMap::new()),
        ..Walk::default()
    };
    measure_with(walk, anchor, name)
}

fn measure_with(mut walk: Walk, anchor: &Anchor, name: &str) -> Result<Measure, SysError> {
    let refused = |errno| SysError::new("measure", anchor.path(name), errno);
    let at = if name.is_empty() { "." } else { name };
    match rustix::fs::statat(anchor.handle(), at, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) if walk.count(&stat) => {}
        Ok(_) | Err(Errno::NOENT) => return Ok(walk.sum),
        Err(errno) => return Err(refused(errno)),
    }
    match rustix::fs::openat(anchor.handle(), at, DIRECTORY, Mode::empty()) {
        Ok(root) => walk.run(root, anchor.path(name)),
        Err(Errno::NOENT) => Ok(walk.sum),
        Err(errno) => Err(refused(errno)),
    }
}

/// A directory on the way down, and what is still to be entered in it.
struct Level {
    identity: (u64, u64),
    pending: Vec<CString>,
}

#[derive(Default)]
struct Walk {
    sum: Measure,
    linked: HashSet<(u64, u64)>,
    /// How many names of each file were met, where only files without a name elsewhere count.
    names: Option<HashMap<(u64, u64), u64>>,
    levels: Vec<Level>,
}

impl Walk {
    /// Goes through the tree below `here`, with one directory open at a time.
    fn run(mut self, root: OwnedFd, path: PathBuf) -> Result<Measure, SysError> {
        let refused = |errno| SysError::new("measure", &path, errno);
        self.enter(root.as_fd()).map_err(refused)?;
        let mut here = root;
        while let Some(level) = self.levels.last_mut() {
            if let Some(name) = level.pending.pop() {
                match rustix::fs::openat(&here, &name, DIRECTORY, Mode::empty()) {
                    Ok(below) => {
                        self.enter(below.as_fd()).map_err(refused)?;
                        here = below;
                    }
                    Err(Errno::NOENT | Errno::NOTDIR) => {}
                    Err(errno) => return Err(refused(errno)),
                }
                continue;
            }
            self.levels.pop();
            let Some(above) = self.levels.last() else { break };
            here = rustix::fs::openat(&here, c"..", DIRECTORY, Mode::empty()).map_err(refused)?;
            let stat = rustix::fs::fstat(&here).map_err(refused)?;
            if (stat.st_dev, stat.st_ino) != above.identity {
                // Somebody moved directories about: what was noted of the way back holds no more.
                return Err(refused(Errno::STALE));
            }
        }
        Ok(self.sum)
    }

    /// Counts what is in a directory and notes the directories among it.
    fn enter(&mut self, here: BorrowedFd<'_>) -> Result<(), Errno> {
        let stat = rustix::fs::fstat(here)?;
        let mut pending = Vec::new();
        for entry in Dir::read_from(here)? {
            let entry = entry?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            match rustix::fs::statat(here, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(found) => {
                    if self.count(&found) {
                        pending.push(name.to_owned());
                    }
                }
                Err(Errno::NOENT) => {}
                Err(errno) => return Err(errno),
            }
        }
        self.levels.push(Level {
            identity: (stat.st_dev, stat.st_ino),
            pending,
        });
        Ok(())
    }

    /// Tells whether a file with several names counts with this one of them.
    fn is_due(&mut self, stat: &Stat) -> bool {
        let identity = (stat.st_dev, stat.st_ino);
        let Some(names) = &mut self.names else {
            return self.linked.insert(identity);
        };
        let met = names.entry(identity).or_default();
        *met += 1;
        *met == stat.st_nlink
    }

    /// Counts one name; yields whether it is a directory.
    fn count(&mut self, stat: &Stat) -> bool {
        let kind = FileType::from_raw_mode(stat.st_mode);
        let is_directory = kind == FileType::Directory;
        if !is_directory && stat.st_nlink > 1 && !self.is_due(stat) {
            return false;
        }
        let blocks = u64::try_from(stat.st_blocks).unwrap_or(0).saturating_mul(512);
        self.sum.blocks = self.sum.blocks.saturating_add(blocks);
        self.sum.inodes = self.sum.inodes.saturating_add(1);
        if kind == FileType::RegularFile {
            let bytes = u64::try_from(stat.st_size).unwrap_or(0);
            self.sum.bytes = self.sum.bytes.saturating_add(bytes);
        }
        is_directory
    }
}

#[cfg(test)]
mod tests;
